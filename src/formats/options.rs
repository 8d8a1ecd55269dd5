//! What a reader may take for granted: every lenience has a name, and the strict value is not
//! always the default.

use super::Unit;

/// How to read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadOptions {
    /// Where reading stops with an error.
    pub limits: Limits,
    /// Numbers for which the file states no unit.
    pub missing_unit: MissingUnit,
    /// Numbers of a converter for which the file states neither gain nor unit.
    pub converter: Option<Converter>,
    /// Samples per second of a table without a time column and without `# rate_hz:`.
    pub missing_rate_hz: Option<f64>,
    /// Signals of another rate than the main one.
    pub other_rates: OtherRates,
    /// Reads the signals of this rate; otherwise the rate that most leads share.
    pub main_rate_hz: Option<f64>,
    /// Which exam of a file that holds several, from 0; otherwise the first that shows rhythm.
    pub exam: Option<usize>,
    /// Files shorter than their header says.
    pub truncated: Truncated,
    /// III, aVR, aVL, aVF where I and II are there and they are not.
    pub limb_leads: LimbLeads,
}

/// Numbers without a unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingUnit {
    /// Leaves the signal out, and says so.
    #[default]
    Refuse,
    /// Takes the numbers to be in this unit, and says so.
    Take(Unit),
}

/// How a converter's numbers become millivolts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Converter {
    /// Steps of one millivolt.
    pub steps_per_mv: f64,
    /// The number that stands for 0 mV.
    pub zero: f64,
}

/// Signals of another rate than the main one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OtherRates {
    /// Leaves them out, and says so.
    #[default]
    LeaveOut,
    /// Straight lines between their samples, said so; a faster signal is not decimated this way but
    /// left out.
    UpsampleLinearly,
}

/// Files shorter than their header says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Truncated {
    /// Reads what is there, with a warning.
    #[default]
    Keep,
    /// Gives an error.
    Refuse,
}

/// Limb leads that follow from I and II.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LimbLeads {
    /// Adds them as derived leads.
    #[default]
    Derive,
    /// Only what the file holds.
    AsRecorded,
}

/// Sizes beyond which reading gives an error instead of taking memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a table of text, which is read whole.
    pub text_bytes: u64,
    /// Bytes of an exam in XML, JSON or another form that is read whole and taken apart.
    pub document_bytes: u64,
    /// Signals of one file.
    pub signals: usize,
    /// Samples of one window, over all of its signals.
    pub samples: u64,
    /// Segments of one record.
    pub segments: usize,
    /// Comments and annotations.
    pub notes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            text_bytes: 192 << 20,
            document_bytes: 64 << 20,
            signals: 512,
            samples: 64 << 20,
            segments: 100_000,
            notes: 100_000,
        }
    }
}
