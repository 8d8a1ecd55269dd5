//! What a lesson says of its patient, as figures that can be held against him.

use serde::Deserialize;

use super::super::other_exam::Figure;
use crate::{ecg::LeadName, signal::Measurements};

/// A bound on one figure.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Of which lead; none for a figure of the whole exam.
    pub lead: Option<LeadName>,
    /// Which figure: µV, ms, degrees or per minute.
    pub figure: Figure,
    /// At least so much.
    pub least: Option<f64>,
    /// At most so much.
    pub most: Option<f64>,
    /// Of the lead as it is synthesised, not as it was recorded.
    #[serde(default)]
    pub synthesised: bool,
    /// Of the page with electrodes elsewhere.
    #[serde(default)]
    pub misplaced: bool,
}

impl Claim {
    /// The figure, and whether it is within the bounds; `None` where it was not measured.
    pub fn held_against(&self, measured: &Measurements) -> Option<(f64, bool)> {
        let value = self.figure.of(measured, self.lead.as_ref())?;
        let holds = self.least.is_none_or(|least| least <= value)
            && self.most.is_none_or(|most| value <= most);
        Some((value, holds))
    }
}
