//! What a printed ECG says.

use crate::ecg::{LeadName, LeadSet, Recording};

/// Everything a page says.
#[derive(Clone, Debug)]
pub struct PageContent<'a> {
    /// Patient, start and device.
    pub recording: &'a Recording,
    /// The traces as they are to be drawn: filtered if filters are on, with synthesised leads if
    /// there are any.
    pub leads: &'a LeadSet,
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
    /// Measured values with their names: `("PR", "160 ms")`.
    pub measurements: Vec<(String, String)>,
    /// How they were measured, or why they are missing.
    pub measured_on: String,
    /// File name and what the import found, most important first.
    pub facts: Vec<String>,
    /// Warnings, most important first.
    pub warnings: Vec<String>,
}

impl<'a> PageContent<'a> {
    /// A page of the recording as it is, from its start.
    pub fn of(recording: &'a Recording) -> Self {
        Self {
            recording,
            leads: &recording.leads,
            filters: "filters off".into(),
            offset_s: 0.0,
            whole_s: recording.leads.duration_s(),
            start_s: 0.0,
            seconds: f64::INFINITY,
            bands: Vec::new(),
            measurements: Vec::new(),
            measured_on: String::new(),
            facts: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

/// What stands on every page.
pub(super) const PURPOSE: &str = "For research and teaching, not for diagnosis";
/// What is said of every lead that no electrode recorded.
pub(super) const SYNTHESISED: &str = "synthesised, not recorded";
