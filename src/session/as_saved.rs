//! How the leads of a saved session were made: enough to show them again without computing
//! anything.

use super::{CalibrationSummary, Made};
use crate::{
    ecg::{Lead, LeadSet, Target},
    reliability::{Grade, Reason, Warning},
    synth::Mixing,
};

/// What calibration found, and the leads that were on screen.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SavedCalibration {
    /// Method, device, places of the electrodes.
    pub learned: CalibrationSummary,
    /// The lead at the point and those of the list.
    pub leads: Vec<SavedLead>,
    /// What was said of the lead at the point.
    pub trust: Option<SavedReliability>,
}

/// One lead and how it was mixed from the recorded ones.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SavedLead {
    /// What it is.
    pub target: Target,
    /// Weights and error.
    pub recipe: Mixing,
    /// What the network added to the mix, sample by sample, nV; empty where it added nothing.
    pub added_nv: Vec<i32>,
}

/// Nanovolts in a millivolt.
const NV: f32 = 1e6;

impl SavedLead {
    /// How `made` was made from `leads`.
    pub fn new(target: &Target, made: &Made, leads: &LeadSet) -> Self {
        // The recipe as it will be read: the network is not in the file.
        let read = serde_json::to_value(&made.recipe)
            .ok()
            .and_then(|it| serde_json::from_value::<Mixing>(it).ok());
        let plain = read
            .and_then(|it| it.samples_mv(leads).ok())
            .unwrap_or_default();
        let nanovolts = |(shown, plain): (&f32, &f32)| {
            if (shown - plain).is_finite() {
                (NV * (shown - plain)).round() as i32
            } else {
                0
            }
        };
        let mut added_nv: Vec<i32> = made
            .synthesis
            .lead
            .samples_mv
            .iter()
            .zip(&plain)
            .map(nanovolts)
            .collect();
        if added_nv.iter().all(|it| it.abs() < 2) {
            added_nv.clear();
        }
        Self {
            target: target.clone(),
            recipe: made.recipe.clone(),
            added_nv,
        }
    }

    /// The lead as it was seen.
    pub fn made(&self, leads: &LeadSet) -> Option<Made> {
        let mut synthesis = self.recipe.apply(leads).ok()?;
        if !self.added_nv.is_empty() {
            let plain = synthesis.lead.samples_mv.iter();
            let samples_mv = plain
                .zip(&self.added_nv)
                .map(|(mv, nv)| mv + *nv as f32 / NV)
                .collect();
            synthesis.lead = Lead {
                samples_mv,
                ..synthesis.lead
            };
        }
        Some(Made {
            synthesis,
            recipe: self.recipe.clone(),
        })
    }
}

/// What the trust report said.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SavedReliability {
    /// Of which lead.
    pub target: Target,
    /// Its grade.
    pub grade: Grade,
    /// Typical error, µV.
    pub expected_rmse_uv: f64,
    /// Why.
    pub reasons: Vec<Reason>,
    /// What called for caution.
    pub warnings: Vec<Warning>,
}
