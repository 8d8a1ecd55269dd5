//! Intervals beat by beat: the bounds of every beat of the dominant shape by itself, found as those
//! of the median beat are.

use serde::Serialize;

use super::{Analysis, Intervals, delineation::delineate, median::resampled_beat, pacing};
use crate::ecg::LeadSet;

/// One beat. What could not be found is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct BeatIntervals {
    /// Its fiducial point, seconds from the start.
    pub at_s: f64,
    /// Interval from the beat before, of whatever shape.
    pub rr_ms: Option<f64>,
    /// Length of P.
    pub p_ms: Option<f64>,
    /// Onset of P to onset of QRS; only where the rhythm has a P before each QRS.
    pub pr_ms: Option<f64>,
    /// Length of QRS.
    pub qrs_ms: Option<f64>,
    /// Onset of QRS to end of T.
    pub qt_ms: Option<f64>,
}

impl BeatIntervals {
    /// The whole beats of the dominant shape that were `found` in `leads`, in order of time.
    pub fn of_each(leads: &LeadSet, found: &Analysis) -> Vec<Self> {
        let Some(median) = &found.median else {
            return Vec::new();
        };
        let bridged = pacing::bridged(leads, &found.spikes);
        let has_p = found.rhythm.is_some_and(|rhythm| rhythm.has_p());
        let rate = leads.rate();
        let of = |at: &usize| {
            let before = found.beats.peaks().iter().rev().find(|peak| {
                // The median beat's fiducial points are shifted by a few samples.
                **peak + rate.samples_in(0.1) < *at
            });
            let beat = resampled_beat(&bridged, *at, median)?;
            let mut waves = delineate(&beat);
            if let Some(waves) = waves.as_mut().filter(|_| !has_p) {
                waves.forget_p();
            }
            let intervals = Intervals::between(&beat, waves.as_ref());
            Some(Self {
                at_s: rate.seconds_at(*at),
                rr_ms: before.map(|before| 1000.0 * rate.seconds_at(at - before)),
                p_ms: intervals.p_ms,
                pr_ms: intervals.pr_ms,
                qrs_ms: intervals.qrs_ms,
                qt_ms: intervals.qt_ms,
            })
        };
        median.beats.iter().filter_map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ecg::{Lead, LeadName, SampleRate},
        signal::{analyse, testing},
    };

    #[test]
    fn every_beat_has_the_intervals_of_the_median_beat() {
        let lead = |name: LeadName, gain: f64, seed: usize| {
            let noise = |n: usize| 0.004 * testing::noise(n + seed);
            Lead::measured(name, testing::ecg(500.0, 10.0, gain, noise))
        };
        let leads = vec![
            lead(LeadName::I, 0.6, 0),
            lead(LeadName::II, 1.0, 50_000),
            lead(LeadName::V5, 1.4, 90_000),
        ];
        let leads = LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads).unwrap();
        let found = analyse(&leads);
        let each = BeatIntervals::of_each(&leads, &found);
        assert!(10 <= each.len(), "{}", each.len());
        let all = &found.intervals;
        for beat in &each {
            for (own, median) in [
                (beat.qrs_ms, all.qrs_ms),
                (beat.qt_ms, all.qt_ms),
                (beat.pr_ms, all.pr_ms),
            ] {
                assert!((own.unwrap() - median.unwrap()).abs() <= 20.0, "{beat:?}");
            }
            assert!(
                beat.rr_ms.is_none_or(|ms| (ms - 800.0).abs() < 10.0),
                "{beat:?}"
            );
        }
    }
}
