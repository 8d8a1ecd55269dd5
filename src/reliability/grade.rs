//! A grade says how near a synthesised trace is likely to be, and nothing about the patient.

use serde::{Deserialize, Serialize};

/// How far a synthesised lead can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Grade {
    /// Likely within half a small square, near recorded electrodes.
    A,
    /// Likely within one small square.
    B,
    /// Shape only: amplitudes may be wrong by more than a small square.
    C,
    /// Nothing supports it.
    #[serde(rename = "not supported")]
    NotSupported,
}

impl std::fmt::Display for Grade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::NotSupported => "not supported",
        })
    }
}
