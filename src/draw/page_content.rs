//! What a printed ECG says.

use super::{BeatsContent, Others};
use crate::ecg::{LeadName, LeadSet, Recording};

/// Everything a page says.
#[derive(Clone, Debug)]
pub struct PageContent<'a> {
    /// Patient, start and device.
    pub recording: &'a Recording,
    /// The traces as they are to be drawn: filtered if filters are on, with synthesised leads if
    /// there are any.
    pub leads: &'a LeadSet,
    /// Recorded leads beyond the twelve.
    pub others: Others,
    /// Filters that this program applied: `filters off` or what is on.
    pub filters: String,
    /// Time of the first sample of `leads` in the whole recording, where they are a window of a
    /// longer one.
    pub offset_s: f64,
    /// Length of the whole recording, seconds.
    pub whole_s: f64,
    /// Start of the page, seconds after the first sample of `leads`.
    pub start_s: f64,
    /// Seconds to show at most.
    pub seconds: f64,
    /// Half-widths of the uncertainty band, mV, per synthesised lead.
    pub bands: Vec<(LeadName, Vec<f32>)>,
    /// What stands beside the names of synthesised leads, where it is not only place and maker.
    pub notes: Vec<(LeadName, String)>,
    /// Median beats on a sheet of their own.
    pub beats: Option<BeatsContent>,
    /// What goes on sheets of words: the report, all warnings.
    pub sections: Vec<Section>,
    /// Measured values with their names: `("PR", "160 ms")`.
    pub measurements: Vec<(String, String)>,
    /// How they were measured, or why they are missing.
    pub measured_on: String,
    /// File name and what the import found, most important first.
    pub facts: Vec<String>,
    /// Warnings, most important first.
    pub warnings: Vec<Remark>,
}

impl<'a> PageContent<'a> {
    /// A page of the recording as it is, from its start.
    pub fn of(recording: &'a Recording) -> Self {
        Self {
            recording,
            leads: &recording.leads,
            others: Others::Named,
            filters: "filters off".into(),
            offset_s: 0.0,
            whole_s: recording.leads.duration_s(),
            start_s: 0.0,
            seconds: f64::INFINITY,
            bands: Vec::new(),
            notes: Vec::new(),
            beats: None,
            sections: Vec::new(),
            measurements: Vec::new(),
            measured_on: String::new(),
            facts: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// What the page is for and, of a virtual patient, that it is none of a person.
    pub(super) fn purpose(&self) -> String {
        if self.recording.is_simulated() {
            format!("{SIMULATED} · {PURPOSE}")
        } else {
            PURPOSE.to_owned()
        }
    }
}

/// Something that must be said on a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Remark {
    /// The sentence.
    pub text: String,
    /// Leads that it is about: it stands on their sheets, behind their labels. Empty: on every sheet.
    pub of: Vec<LeadName>,
}

impl From<String> for Remark {
    /// About the recording as a whole.
    fn from(text: String) -> Self {
        Self {
            text,
            of: Vec::new(),
        }
    }
}

/// A title and what is said under it.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// The title.
    pub title: String,
    /// Lines, wrapped where they are too long.
    pub lines: Vec<String>,
}

/// What stands on every page.
pub(super) const PURPOSE: &str = "For research and teaching, not for diagnosis";
/// What is said of a recording that this program made up.
pub(super) const SIMULATED: &str = "SIMULATED, not a patient";
/// What is said of every lead that no electrode recorded.
pub(super) const SYNTHESISED: &str = "synthesised, not recorded";
