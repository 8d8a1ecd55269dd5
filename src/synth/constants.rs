//! What was fitted once on recordings of other patients and is shipped.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::{Deserialize, Serialize};

use super::BandScale;

/// Constants of the error model and the population's covariance, made by
/// `train fit-error-model`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedConstants {
    /// How this was made.
    pub made: String,
    /// Constants of the error model.
    pub band: BandScale,
    /// Share of samples of withheld leads inside the 90 % band, on recordings that were not fitted
    /// on.
    pub coverage: f64,
    /// What that share is of.
    #[serde(default)]
    pub coverage_means: String,
    /// The same share for each withheld lead, by filter.
    #[serde(default)]
    pub coverage_by_lead: BTreeMap<String, BTreeMap<String, f64>>,
    /// Spearman's rank correlation of expected and true error over recordings and withheld leads,
    /// by filter.
    #[serde(default)]
    pub ordering: BTreeMap<String, f64>,
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
