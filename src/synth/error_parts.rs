//! Where the error of a mix comes from, as far as it is known before it is made.

use serde::{Deserialize, Serialize};

/// Where the error of a lead comes from: mean variances over the calibration window, mV².
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ErrorParts {
    /// Disagreement among the lead fields that explain this patient.
    pub spread: f64,
    /// What a centimetre of electrode displacement would change.
    pub slope: f64,
    /// Power of the lead itself, times the variance that the recorded electrodes leave open on the
    /// skin and the nearness of the heart.
    pub own: f64,
    /// Power of the recorded leads, times that same variance.
    pub open: f64,
    /// Noise and wander of the recorded leads.
    pub noise: f64,
}
