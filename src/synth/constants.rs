//! What was fitted once on recordings of other patients and is shipped.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::ErrorConstants;
use crate::ecg::N_PHASES;

/// Constants of the error model and the population's covariance, made by
/// `train fit-error-model`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedConstants {
    /// How this was made.
    pub made: String,
    /// Constants of the error model.
    pub errors: ErrorConstants,
    /// Share of samples inside the 90 % band, mean over sources and groups of leads that were not
    /// fitted on: withheld chest leads, Frank's leads, leads off the chest of virtual patients.
    pub coverage: f64,
    /// The same in QRS, ST, T and between the beats.
    pub coverage_by_wave: [f64; N_PHASES],
    /// Mean covariance of I, II, V1 … V6, row-major, mV², behind a 0.5 Hz high-pass.
    pub population_mv2: Vec<f64>,
}

impl FittedConstants {
    /// The shipped ones.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<FittedConstants> = LazyLock::new(|| {
            #[allow(clippy::expect_used)] // The asset is part of the binary and a test reads it.
            serde_json::from_str(include_str!("../../assets/error_model.json"))
                .expect("embedded constants of the error model")
        });
        &SHIPPED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_constants_are_whole() {
        let shipped = FittedConstants::shipped();
        assert_eq!(shipped.population_mv2.len(), 64);
        assert!(
            0.88 <= shipped.coverage && shipped.coverage <= 0.92,
            "{}",
            shipped.coverage
        );
        assert!((0..8).all(|it| 0.0 < shipped.population_mv2[9 * it]));
    }
}
