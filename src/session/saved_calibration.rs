//! What a session holds of its leads: how they were made, enough to show them again without
//! computing anything.

use super::{query::CalibrationSummary, synthesised_lead::SynthesisedLead};
use crate::{
    ecg::{Lead, LeadSet, Target},
    reliability::{Grade, Reason, Reliability, Warning},
    synth::Mixing,
};

/// What calibration found, and the leads that were on screen.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SavedCalibration {
    /// Method, device, places of the electrodes.
    #[serde(alias = "learned")]
    pub summary: CalibrationSummary,
    /// The lead at the point and those of the list.
    pub leads: Vec<SavedLead>,
    /// What was said of the lead at the point.
    #[serde(alias = "trust")]
    pub reliability: Option<SavedReliability>,
}

/// What the reliability report said.
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

impl SavedReliability {
    /// What `report` says of `target`.
    pub fn new(target: &Target, report: &Reliability) -> Self {
        Self {
            target: target.clone(),
            grade: report.grade,
            expected_rmse_uv: report.expected_rmse_uv,
            reasons: report.reasons.clone(),
            warnings: report.warnings.clone(),
        }
    }
}

/// One lead and how it was mixed from the recorded ones.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SavedLead {
    /// What it is.
    pub target: Target,
    /// Weights and error.
    #[serde(alias = "recipe")]
    pub mixing: Mixing,
    /// What the network added to the mix, sample by sample, nV; empty where it added nothing.
    pub added_nv: Vec<i32>,
}

/// Nanovolts in a millivolt.
const NV: f32 = 1e6;

impl SavedLead {
    /// How `lead` was made from `recorded`.
    pub fn new(lead: &SynthesisedLead, recorded: &LeadSet) -> Self {
        // The mixing as it will be read: the network is not in the file.
        let read = serde_json::to_value(&lead.mixing)
            .ok()
            .and_then(|value| serde_json::from_value::<Mixing>(value).ok());
        let plain = read
            .and_then(|mixing| mixing.samples_mv(recorded).ok())
            .unwrap_or_default();
        let nanovolts = |(shown, plain): (&f32, &f32)| match NV * (shown - plain) {
            added if added.is_finite() => added.round() as i32,
            _ => 0,
        };
        let shown = lead.unfiltered.lead.samples_mv.iter();
        let mut added_nv: Vec<i32> = shown.zip(&plain).map(nanovolts).collect();
        if added_nv.iter().all(|nv| nv.abs() < 2) {
            added_nv.clear();
        }
        Self {
            target: lead.target.clone(),
            mixing: lead.mixing.clone(),
            added_nv,
        }
    }

    /// The lead as it was seen; `None` where `recorded` lacks one of its parts.
    pub fn synthesised(&self, recorded: &LeadSet) -> Option<SynthesisedLead> {
        let mut synthesis = self.mixing.apply(recorded).ok()?;
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
        Some(SynthesisedLead::new(
            self.target.clone(),
            synthesis,
            self.mixing.clone(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{LeadName, SampleRate, ViewAngle};

    #[test]
    fn a_lead_comes_back_with_what_the_network_added() {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let samples: Vec<f32> = (0..50).map(|k| 0.01 * k as f32).collect();
        let recorded = LeadSet::new(rate, vec![Lead::measured(LeadName::V2, samples)]).unwrap();
        let mixing: Mixing = serde_json::from_value(serde_json::json!({
            "name": "V7", "view": ViewAngle::ANTERIOR, "inputs": ["V2"], "weights": [0.5],
            "exact": false, "by": "test",
            "error": {"quadratic": [0.004], "constant": 0.0004, "baseline_mv": [0.0],
                "mean": 0.0016, "half_width": [1.64, 1.64, 1.64, 1.64],
                "by_wave": {"qrs_uv": 80.0, "st_uv": 20.0, "t_uv": 30.0, "rest_uv": 10.0}},
        }))
        .unwrap();
        let target: Target = "V7".parse().unwrap();
        let plain = mixing.apply(&recorded).unwrap();
        let seen = |added_mv: f32| {
            let mut synthesis = plain.clone();
            let samples = synthesis.lead.samples_mv.iter();
            synthesis.lead.samples_mv = samples.map(|mv| mv + added_mv).collect();
            SynthesisedLead::new(target.clone(), synthesis, mixing.clone())
        };
        let mixed = SavedLead::new(&seen(0.0), &recorded);
        assert!(mixed.added_nv.is_empty());
        assert_eq!(mixed.synthesised(&recorded), Some(seen(0.0)));
        let corrected = SavedLead::new(&seen(0.125), &recorded);
        assert_eq!(corrected.added_nv, [125_000; 50]);
        let back = corrected.synthesised(&recorded).unwrap();
        let apart = back.synthesis.lead.samples_mv.iter();
        let apart = apart.zip(seen(0.125).synthesis.lead.samples_mv.to_vec());
        assert!(apart.fold(0.0, |worst, (a, b)| (a - b).abs().max(worst)) < 1e-6);
    }
}
