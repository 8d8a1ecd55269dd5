//! A recording: leads with what is known about where they come from.

use jiff::civil::{Date, DateTime};

use super::LeadSet;

/// Administrative sex as files state it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

/// Who was recorded, as far as the file says. Everything here is identifying.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Patient {
    /// Name as written in the file.
    pub name: Option<String>,
    /// Identifier at the hospital or study.
    pub id: Option<String>,
    /// Administrative sex.
    pub sex: Option<Sex>,
    /// Day of birth.
    pub birth_date: Option<Date>,
    /// Years, where the file gives an age and no date.
    pub age_years: Option<f64>,
}

impl Patient {
    /// Whether nothing about the person is known.
    pub fn is_anonymous(&self) -> bool {
        *self == Self::default()
    }
}

/// What the recording device did to the signal before the file was written, as the file states it.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Filters {
    /// High-pass corner, Hz.
    pub high_pass_hz: Option<f64>,
    /// Low-pass corner, Hz.
    pub low_pass_hz: Option<f64>,
    /// Mains notch, Hz.
    pub notch_hz: Option<f64>,
}

/// One exam, or one window of a long one.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// The leads: millivolts at one rate.
    pub leads: LeadSet,
    /// Local wall-clock time of the first sample; never shifted by a time zone.
    pub start: Option<DateTime>,
    /// Who was recorded.
    pub patient: Patient,
    /// Recording device or equipment string.
    pub device: Option<String>,
    /// Filters that the file states.
    pub filters: Filters,
    /// Comments and annotations with their onset in seconds (`None`: about the whole recording).
    pub notes: Vec<(Option<f64>, String)>,
}

impl Recording {
    /// A recording of which only the signals are known.
    pub fn from_leads(leads: LeadSet) -> Self {
        Self {
            leads,
            start: None,
            patient: Patient::default(),
            device: None,
            filters: Filters::default(),
            notes: Vec::new(),
        }
    }
}
