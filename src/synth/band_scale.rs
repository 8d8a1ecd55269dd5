//! How the error of a mix is put together from what is known before it is made.

use serde::{Deserialize, Serialize};

/// Where the error of a lead comes from: mean variances over the calibration window, mV², before
/// scaling.
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

/// Weights of those parts, fitted on held-out leads of other patients (`train fit-error-model`).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BandScale {
    /// Of the spread of the field posterior, at each sample.
    pub spread: f64,
    /// Of a centimetre of electrode displacement, at each sample.
    pub slope: f64,
    /// Of the lead itself at each sample, times the variance that the skin leaves open and the
    /// nearness of the heart.
    pub own: f64,
    /// Of the recorded signal at each sample, times the variance that the skin leaves open.
    pub moment: f64,
    /// Of the recorded signal's mean power, times the variance that the skin leaves open.
    pub power: f64,
    /// Of the noise and wander of the recorded leads.
    pub noise: f64,
    /// Half-width of the 90 % band in standard deviations.
    pub half_width: f64,
    /// Root mean square of the error in standard deviations.
    pub rmse: f64,
}

impl BandScale {
    /// Mean variance to expect, mV².
    pub fn variance(&self, parts: &ErrorParts) -> f64 {
        self.spread * parts.spread
            + self.slope * parts.slope
            + self.own * parts.own
            + (self.moment + self.power) * parts.open
            + self.noise * parts.noise
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_counts_with_its_own_weight() {
        let scale = BandScale {
            spread: 1.0,
            slope: 2.0,
            own: 3.0,
            moment: 4.0,
            power: 5.0,
            noise: 6.0,
            half_width: 1.6,
            rmse: 1.0,
        };
        let check = |parts: ErrorParts, expected: f64| {
            assert_eq!(scale.variance(&parts), expected, "{parts:?}");
        };
        let none = ErrorParts::default();
        check(none, 0.0);
        check(
            ErrorParts {
                spread: 0.5,
                ..none
            },
            0.5,
        );
        check(ErrorParts { slope: 0.5, ..none }, 1.0);
        check(ErrorParts { own: 0.5, ..none }, 1.5);
        check(ErrorParts { open: 0.5, ..none }, 4.5);
        check(ErrorParts { noise: 0.5, ..none }, 3.0);
    }
}
