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

    /// Family name, comma, given name; whatever there is.
    pub fn full_name(family: Option<&str>, given: Option<&str>) -> Option<String> {
        match (family, given) {
            (Some(family), Some(given)) => Some(format!("{family}, {given}")),
            (one, other) => one.or(other).map(str::to_owned),
        }
    }
}

/// The study of an archive that a recording belongs to (DICOM), so that what is made of the
/// recording can be filed there. Identifying.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Study {
    /// Unique identifier of the study.
    pub uid: String,
    /// The hospital's number of the study.
    pub id: Option<String>,
    /// The number it was ordered by.
    pub accession: Option<String>,
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

impl Filters {
    /// Those that are known: `high-pass 0.05 Hz, notch 50 Hz`; empty without any.
    pub fn words(&self) -> String {
        let corners = [
            ("high-pass", self.high_pass_hz),
            ("low-pass", self.low_pass_hz),
            ("notch", self.notch_hz),
        ];
        let tidy = |hz: f64| (1e4 * hz).round() / 1e4;
        let known = corners.into_iter();
        let known = known.filter_map(|(name, hz)| Some(format!("{name} {} Hz", tidy(hz?))));
        known.collect::<Vec<_>>().join(", ")
    }
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
    /// The study that it belongs to, where the file says so.
    pub study: Option<Study>,
    /// Recording device or equipment string.
    pub device: Option<String>,
    /// Filters that the file states.
    pub filters: Filters,
    /// Comments and annotations with their onset in seconds (`None`: about the whole recording).
    pub notes: Vec<(Option<f64>, String)>,
}

impl Recording {
    /// What stands for the device in a recording of a virtual patient, in every format.
    pub const SIMULATOR: &str = "ECG Panorama, simulated";

    /// Whether this is no person but a virtual patient.
    pub fn is_simulated(&self) -> bool {
        self.device.as_deref() == Some(Self::SIMULATOR)
    }

    /// Years of the patient when recorded: as stated, or from the day of birth.
    pub fn age_years(&self) -> Option<f64> {
        let by_date = || {
            let days = self.start?.date().since(self.patient.birth_date?).ok()?;
            Some(f64::from(days.get_days()) / 365.25)
        };
        self.patient.age_years.or_else(by_date)
    }

    /// A recording of which only the signals are known.
    pub fn from_leads(leads: LeadSet) -> Self {
        Self {
            leads,
            start: None,
            patient: Patient::default(),
            study: None,
            device: None,
            filters: Filters::default(),
            notes: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{Lead, LeadName, SampleRate};

    #[test]
    fn age_is_as_stated_or_from_the_day_of_birth() {
        let lead = Lead::measured(LeadName::I, vec![0.0]);
        let leads = LeadSet::new(SampleRate::from_hz(500.0).unwrap(), vec![lead]).unwrap();
        let mut recording = Recording::from_leads(leads);
        assert_eq!(recording.age_years(), None);
        recording.patient.birth_date = Some(jiff::civil::date(2013, 3, 1));
        assert_eq!(recording.age_years(), None);
        recording.start = Some(jiff::civil::date(2024, 3, 1).at(9, 0, 0, 0));
        assert_eq!(recording.age_years().map(f64::round), Some(11.0));
        recording.patient.age_years = Some(12.0);
        assert_eq!(recording.age_years(), Some(12.0));
    }

    #[test]
    fn one_known_fact_makes_a_person() {
        assert!(Patient::default().is_anonymous());
        let aged = Patient {
            age_years: Some(61.0),
            ..Patient::default()
        };
        assert!(!aged.is_anonymous());
    }

    #[test]
    fn a_patient_survives_json() {
        let patient = Patient {
            name: Some("Doe, J".into()),
            id: Some("4711".into()),
            sex: Some(Sex::Female),
            birth_date: Some(jiff::civil::date(1959, 2, 28)),
            age_years: None,
        };
        let text = serde_json::to_string(&patient).unwrap();
        assert!(
            text.contains(r#""sex":"female""#) && text.contains("1959-02-28"),
            "{text}"
        );
        assert_eq!(serde_json::from_str::<Patient>(&text).unwrap(), patient);
    }

    #[test]
    fn from_signals_alone_nothing_else_is_known() {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let leads = LeadSet::new(rate, vec![Lead::measured(LeadName::I, vec![0.0])]).unwrap();
        let recording = Recording::from_leads(leads);
        assert!(recording.patient.is_anonymous() && recording.notes.is_empty());
        assert_eq!((recording.start, recording.device), (None, None));
        assert_eq!(recording.filters, Filters::default());
    }
}
