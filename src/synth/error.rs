//! What can go wrong between a recording and a synthesised lead.

use crate::ecg::{LeadName, UnknownLead};

/// Why a lead cannot be synthesised.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SynthError {
    /// Not enough independent leads to know anything about the heart's direction.
    #[error(
        "calibration: {found} independent recorded leads ({names}), expected at least {expected}; {why}"
    )]
    TooFewLeads {
        /// Independent leads that could be used.
        found: usize,
        /// The least that will do.
        expected: usize,
        /// Their names.
        names: String,
        /// What happened to the others.
        why: String,
    },
    /// A lead that was asked for as an input is not there or cannot be used.
    #[error("calibration: lead {name} was asked for as an input, but {why}")]
    Input {
        /// The lead.
        name: LeadName,
        /// Why it cannot serve.
        why: String,
    },
    /// A name without a known place on the skin.
    #[error(transparent)]
    UnknownLead(#[from] UnknownLead),
    /// Too short to learn from.
    #[error("calibration: {found_s:.2} s of usable signal, expected at least {expected_s:.1} s")]
    TooShort {
        /// Seconds without a gap.
        found_s: f64,
        /// The least that will do.
        expected_s: f64,
    },
    /// A window lacks a lead that the calibration uses.
    #[error(
        "synthesis: lead {0} was used in calibration but is absent from this part of the recording"
    )]
    MissingInput(LeadName),
    /// Someone asked to stop.
    #[error("calibration was cancelled")]
    Cancelled,
}
