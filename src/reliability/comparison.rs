//! A synthesised lead beside the recorded one: the differences a reader would measure.

use serde::Serialize;

use super::window::TestWindow;
use crate::{
    ecg::{BeatGrid, Lead, LeadName, LeadSet, SampleRate},
    signal::{
        Intervals, MedianBeat, detect_beats, median_beat,
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
            table: Beats::of(&seen)
                .features(&recorded.name, truth, estimate)
                .unwrap_or_default(),
        })
    }
}

/// Where the beats of some leads are, and their median with its bounds.
pub(super) struct Beats {
    pub grid: BeatGrid,
    rate: SampleRate,
    median: Option<(MedianBeat, Intervals)>,
}

impl Beats {
    pub(super) fn of(leads: &LeadSet) -> Self {
        let grid = detect_beats(leads);
        let bounded = |beat: MedianBeat| {
            let bounds = Intervals::of(&beat);
            (beat, bounds)
        };
        Self {
            median: median_beat(leads, &grid).map(bounded),
            rate: leads.rate(),
            grid,
        }
    }

    /// Absolute difference 60 ms after the J point between a lead's recorded and estimated samples,
    /// µV.
    pub(super) fn j60_error_uv(
        &self,
        name: &LeadName,
        truth: &[f32],
        estimate: &[f32],
    ) -> Option<f64> {
        let pairs = self.features(name, truth, estimate)?;
        let pair = pairs.iter().find(|pair| pair.feature == Feature::J60)?;
        Some((pair.recorded - pair.synthesised).abs())
    }

    /// Features of a lead's recorded and estimated samples on the median of these beats.
    fn features(
        &self,
        name: &LeadName,
        truth: &[f32],
        estimate: &[f32],
    ) -> Option<Vec<FeaturePair>> {
        let (median, bounds) = self.median.as_ref()?;
        let beat = |samples: &[f32]| {
            let lead = Lead::measured(name.clone(), samples.to_vec());
            Some(median.of_other(&lead, self.rate)?.samples_mv)
        };
        let (recorded, synthesised) = (beat(truth)?, beat(estimate)?);
        let level = |(feature, after_s)| {
            let uv = |of: &[f32]| Some(1000.0 * median.st_mv(of, bounds, after_s)?);
            Some(FeaturePair {
                feature,
                recorded: uv(&recorded)?,
                synthesised: uv(&synthesised)?,
            })
        };
        let levels = [
            (Feature::J, 0.0),
            (Feature::J60, 0.06),
            (Feature::J80, 0.08),
        ];
        let mut pairs: Vec<FeaturePair> = levels.into_iter().filter_map(level).collect();
        let qrs = bounds.qrs_onset?..bounds.j_point?;
        let rate_hz = median.leads.rate().hz();
        let of = |beat: &[f32]| qrs_features(beat.get(qrs.clone())?, rate_hz);
        if let (Some(recorded), Some(synthesised)) = (of(&recorded), of(&synthesised)) {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
