//! Recorded leads that take no part in a calibration, and why.

use crate::ecg::LeadName;

/// Why a recorded lead takes no part.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, thiserror::Error,
)]
#[serde(rename_all = "snake_case")]
pub enum WhyUnused {
    /// The user withheld it.
    #[error("withheld as asked")]
    Withheld,
    /// It is an exact sum of leads that are used.
    #[error("follows exactly from leads in use")]
    Follows,
    /// Its name has no place on the skin here.
    #[error("no place on the skin known for this name")]
    NoPlace,
    /// It was estimated by a program, not recorded.
    #[error("estimated, not recorded")]
    Synthesised,
    /// No signal: electrode off, or not connected.
    #[error("flat: electrode off?")]
    Flat,
    /// More gaps than signal in the first seconds.
    #[error("gaps")]
    Gaps,
}

/// A recorded lead that takes no part.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Unused {
    /// The lead.
    pub lead: LeadName,
    /// Why.
    pub why: WhyUnused,
}
