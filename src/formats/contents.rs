//! What a file's header says, in one shape for all formats, and the samples behind it.

use std::ops::Range;

use jiff::civil::DateTime;

use super::{
    FormatError, MissingUnit, ReadOptions, Unit,
    cart::Measurement,
    exam::{Exam, ExamKind},
};
use crate::ecg::{Filters, Origin, Patient, Study};

/// A file that has been looked into: its description, and its samples on demand.
pub(super) trait Container: Send {
    fn contents(&self) -> &Contents;

    /// Millivolts of `signals` (indices that share one rate) for samples `range` at that rate; each
    /// of them exactly `range.len()` long, `NaN` where nothing was recorded.
    fn read(&self, signals: &[usize], range: Range<u64>) -> Result<Chunk, FormatError>;
}

/// The description of a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Contents {
    /// Format and version, such as "EDF+C".
    pub format: String,
    pub signals: Vec<Signal>,
    /// Local time of the first sample.
    pub start: Option<DateTime>,
    pub patient: Patient,
    pub study: Option<Study>,
    pub device: Option<String>,
    /// Filters stated for the whole file.
    pub filters: Filters,
    /// What the header itself remarks.
    pub notes: Vec<String>,
    /// Annotations that the header itself holds.
    pub timed_notes: Vec<Note>,
    /// Repairs made while reading the header.
    pub warnings: Vec<String>,
    /// What this exam shows.
    pub kind: ExamKind,
    /// All exams of the file; empty where the format holds one.
    pub exams: Vec<Exam>,
    /// The one that was opened, of those.
    pub exam: usize,
    /// What the device itself measured.
    pub cart: Vec<Measurement>,
    /// Limb electrodes on the trunk, as the file says or as its kind of recording has it.
    pub limbs_on_trunk: bool,
}

/// One signal as the header declares it.
#[derive(Clone, Debug)]
pub(super) struct Signal {
    pub name: String,
    pub rate_hz: f64,
    pub n_samples: u64,
    pub scale: Result<Scale, String>,
    /// The file's words on filtering.
    pub prefilter: String,
    pub origin: Origin,
}

/// How numbers become millivolts.
#[derive(Clone, Debug)]
pub(super) struct Scale {
    /// Millivolts per unit of the file.
    pub mv: f64,
    /// The unit as reported.
    pub unit: String,
    /// Size of one step, in the file's unit, where numbers are integers.
    pub step: Option<f64>,
    /// Lowest and highest value the file can express, in its unit.
    pub rails: Option<(f64, f64)>,
}

/// Samples of a window, and what lay beside them.
#[derive(Clone, Debug, Default)]
pub(super) struct Chunk {
    pub samples_mv: Vec<Vec<f32>>,
    pub notes: Vec<Note>,
    pub warnings: Vec<String>,
}

impl Chunk {
    /// Of signals of which nothing was recorded, each `len` samples long.
    pub fn unrecorded(n_signals: usize, len: usize) -> Self {
        Self {
            samples_mv: vec![vec![f32::NAN; len]; n_signals],
            ..Self::default()
        }
    }
}

/// An annotation.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Note {
    /// Seconds from the first sample of the whole recording.
    pub onset_s: f64,
    pub duration_s: Option<f64>,
    pub text: String,
}

/// Millivolts as samples hold them. What would not add up in single precision was never recorded.
pub(super) fn sample_mv(mv: f64) -> f32 {
    if mv.abs() < 1e30 { mv as f32 } else { f32::NAN }
}

/// Millivolts per stated unit, and how to call it; or why the signal cannot be taken.
pub(super) fn voltage(stated: &str, options: &ReadOptions) -> Result<(f64, String), String> {
    let stated = stated.trim();
    match (Unit::parse(stated), options.missing_unit) {
        (Some(unit), _) => Ok((unit.mv(), unit.symbol().to_owned())),
        (None, MissingUnit::Take(unit)) if stated.is_empty() => Ok((
            unit.mv(),
            format!("{} (assumed: none stated)", unit.symbol()),
        )),
        (None, _) if stated.is_empty() => Err("no unit stated; name one to read it".to_owned()),
        (None, _) => Err(format!(
            "unit {} is no voltage",
            super::error::quoted(stated)
        )),
    }
}
