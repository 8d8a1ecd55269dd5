//! A synthesised lead beside the recorded one: the differences a reader would measure.

use serde::Serialize;

use super::window::TestWindow;
use crate::{
    ecg::{Lead, LeadName, LeadSet, Origin, Target},
    signal::{
        Intervals, detect_beats, median_beat,
        metrics::{correlation, coverage, rms_uv, rmse_uv, slope},
    },
    synth::Synthesis,
};

/// Recorded and synthesised beside each other over the tested seconds, behind a 0.5 Hz high-pass;
/// amplitudes from the median beat.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The lead.
    pub lead: LeadName,
    /// Root mean square of the error, µV.
    pub rmse_uv: f64,
    /// Root mean square of the recorded lead, µV.
    pub rms_uv: f64,
    /// Correlation.
    pub correlation: f64,
    /// Slope of the synthesised on the recorded samples.
    pub slope: f64,
    /// Share of samples inside the 90 % band.
    pub coverage: f64,
    /// What a reader would measure.
    pub table: Vec<FeaturePair>,
}

/// What a reader would measure on a median beat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// Level at the J point, µV.
    J,
    /// Level 60 ms after it, µV.
    J60,
    /// Level 80 ms after it, µV.
    J80,
    /// Highest sample of QRS above its onset, µV.
    R,
    /// Lowest sample of QRS below its onset, µV.
    QOrS,
    /// Area of QRS about its onset, µV·ms.
    QrsArea,
}

/// One feature in both leads, in its own unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FeaturePair {
    /// What.
    pub feature: Feature,
    /// As recorded.
    pub recorded: f64,
    /// As synthesised.
    pub synthesised: f64,
}

impl Comparison {
    /// `seen` says where the beats are.
    pub(super) fn new(
        seen: &LeadSet,
        recorded: &Lead,
        synthesis: &Synthesis,
        window: &TestWindow,
    ) -> Option<Self> {
        let tested = &window.tested;
        let truth = recorded.samples_mv.get(tested.clone())?;
        let estimate = synthesis.lead.samples_mv.get(tested.clone())?;
        let band = synthesis.band_mv.get(tested.clone())?;
        let seen = seen.slice(tested.clone())?;
        Some(Self {
            lead: recorded.name.clone(),
            rmse_uv: rmse_uv(truth, estimate),
            rms_uv: rms_uv(truth),
            correlation: correlation(truth, estimate),
            slope: slope(truth, estimate),
            coverage: coverage(truth, estimate, band),
            table: features(&seen, &recorded.name, truth, estimate).unwrap_or_default(),
        })
    }
}

/// Absolute difference 60 ms after the J point, µV.
pub(super) fn j60_error_uv(test: &LeadSet, name: &LeadName, estimate: &[f32]) -> Option<f64> {
    let pairs = features(test, name, &test.get(name)?.samples_mv, estimate)?;
    let pair = pairs.iter().find(|pair| pair.feature == Feature::J60)?;
    Some((pair.recorded - pair.synthesised).abs())
}

/// Features of the recorded and the estimated lead, on the median of the beats that `test` shows.
fn features(
    test: &LeadSet,
    name: &LeadName,
    truth: &[f32],
    estimate: &[f32],
) -> Option<Vec<FeaturePair>> {
    let (both, label) = beside(test, name, truth, estimate)?;
    let beat = median_beat(&both, &detect_beats(test))?;
    let found = Intervals::of(&beat);
    let level = |(feature, after_s)| {
        Some(FeaturePair {
            feature,
            recorded: 1000.0 * beat.st_mv(&found, name, after_s)?,
            synthesised: 1000.0 * beat.st_mv(&found, &label, after_s)?,
        })
    };
    let levels = [
        (Feature::J, 0.0),
        (Feature::J60, 0.06),
        (Feature::J80, 0.08),
    ];
    let mut pairs: Vec<FeaturePair> = levels.into_iter().filter_map(level).collect();
    let qrs = found.qrs_onset?..found.j_point?;
    let of = |which: &LeadName| {
        let samples = &beat.leads.get(which)?.samples_mv;
        qrs_features(samples.get(qrs.clone())?, both.rate().hz())
    };
    if let (Some(recorded), Some(synthesised)) = (of(name), of(&label)) {
        let names = [Feature::R, Feature::QOrS, Feature::QrsArea];
        let values = names.into_iter().zip(recorded).zip(synthesised);
        pairs.extend(
            values.map(|((feature, recorded), synthesised)| FeaturePair {
                feature,
                recorded,
                synthesised,
            }),
        );
    }
    Some(pairs)
}

/// R, Q or S, and area of a QRS complex about its first sample: µV, µV, µV·ms.
fn qrs_features(samples_mv: &[f32], rate_hz: f64) -> Option<[f64; 3]> {
    let level = f64::from(*samples_mv.first()?);
    let above = || {
        samples_mv
            .iter()
            .map(|mv| 1000.0 * (f64::from(*mv) - level))
    };
    let highest = above().fold(f64::NEG_INFINITY, f64::max);
    let lowest = above().fold(f64::INFINITY, f64::min);
    Some([highest, lowest, above().sum::<f64>() * 1000.0 / rate_hz])
}

/// `set` with the recorded lead, and one more: its estimate.
fn beside(
    set: &LeadSet,
    name: &LeadName,
    truth: &[f32],
    estimate: &[f32],
) -> Option<(LeadSet, LeadName)> {
    let label = LeadName::Named(format!("d{name}").into());
    let origin = Origin::Synthesised {
        view: Target::lead(name).ok()?.view(),
        by: "held out".into(),
    };
    let extra = Lead {
        name: label.clone(),
        origin,
        samples_mv: estimate.into(),
    };
    let recorded = Lead::measured(name.clone(), truth.to_vec());
    let others = set.leads().iter();
    let others = others.filter(|lead| lead.name != label && lead.name != *name);
    let all = others.cloned().chain([recorded, extra]).collect();
    Some((LeadSet::new(set.rate(), all).ok()?, label))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::SampleRate;

    /// A complex of −0.1, 0.9 and −0.4 mV about its onset at 0.1 mV, 2 ms apart.
    #[test]
    fn features_of_a_complex_are_about_its_onset() {
        let [r, s, area] = qrs_features(&[0.1, 0.0, 1.0, -0.3], 500.0).unwrap();
        assert!(
            (r - 900.0).abs() < 1e-3 && (s + 400.0).abs() < 1e-3,
            "{r} {s}"
        );
        assert!(
            (area - 800.0).abs() < 1e-3,
            "(−100 + 900 − 400) × 2 ms, not {area}"
        );
        assert_eq!(qrs_features(&[], 500.0), None);
    }

    #[test]
    fn the_estimate_stands_beside_the_recorded_lead_as_synthesised() {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let lead = |name: LeadName| Lead::measured(name, vec![0.0; 10]);
        let set = LeadSet::new(rate, vec![lead(LeadName::V1), lead(LeadName::V2)]).unwrap();
        let (both, label) = beside(&set, &LeadName::V2, &[1.0; 10], &[2.0; 10]).unwrap();
        assert_eq!(both.leads().len(), 3);
        assert_eq!(both.get(&LeadName::V2).unwrap().samples_mv[0], 1.0);
        let estimate = both.get(&label).unwrap();
        assert!(estimate.origin.is_synthesised() && estimate.samples_mv[0] == 2.0);
    }
}
