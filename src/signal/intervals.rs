//! The intervals between the landmarks of a median beat. Meant for display with the word
//! *measured*; a reader checks them by eye.

use super::{
    delineation::{Delineation, delineate},
    median::MedianBeat,
};
use crate::ecg::statistics;

/// Landmarks (samples of the median beat) and the intervals between them. What could not be found
/// is `None`.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Intervals {
    /// Beats per minute, from the median interval.
    pub heart_rate_bpm: Option<f64>,
    /// Length of the P wave, ms.
    pub p_ms: Option<f64>,
    /// Onset of P to onset of QRS, ms.
    pub pr_ms: Option<f64>,
    /// Length of QRS, ms.
    pub qrs_ms: Option<f64>,
    /// Onset of QRS to end of T, ms.
    pub qt_ms: Option<f64>,
    /// Median interval between beats, ms.
    pub rr_ms: Option<f64>,
    /// Onset of P.
    pub p_onset: Option<usize>,
    /// End of P.
    pub p_end: Option<usize>,
    /// Onset of QRS.
    pub qrs_onset: Option<usize>,
    /// End of QRS: the J point.
    pub j_point: Option<usize>,
    /// Largest T.
    pub t_peak: Option<usize>,
    /// End of T.
    pub t_end: Option<usize>,
}

impl Intervals {
    /// Of a median beat by itself: whatever bump stands before QRS is taken for P.
    pub fn of(beat: &MedianBeat) -> Self {
        Self::between(beat, delineate(beat).as_ref())
    }

    /// Between the bounds of `waves`.
    pub(super) fn between(beat: &MedianBeat, waves: Option<&Delineation>) -> Self {
        let rate = beat.leads.rate();
        let ms = |from: usize, to: usize| 1000.0 * rate.seconds_at(to.saturating_sub(from));
        let qrs = waves.map(|waves| waves.qrs);
        let p = waves.and_then(|waves| waves.p);
        let t = waves.and_then(|waves| waves.t);
        Self {
            heart_rate_bpm: beat.rr_s.map(|rr| 60.0 / rr),
            rr_ms: beat.rr_s.map(|rr| 1000.0 * rr),
            p_ms: p.map(|p| p.length_ms(rate)),
            pr_ms: p.zip(qrs).map(|(p, qrs)| ms(p.onset, qrs.onset)),
            qrs_ms: qrs.map(|qrs| qrs.length_ms(rate)),
            qt_ms: t.zip(qrs).map(|(t, qrs)| ms(qrs.onset, t.end)),
            p_onset: p.map(|p| p.onset),
            p_end: p.map(|p| p.end),
            qrs_onset: qrs.map(|qrs| qrs.onset),
            j_point: qrs.map(|qrs| qrs.end),
            t_peak: t.map(|t| t.peak),
            t_end: t.map(|t| t.end),
        }
    }
}

impl MedianBeat {
    /// A lead's level before QRS: the median of the 16 ms that end 4 ms before `onset`, mV.
    pub fn level_before(&self, samples_mv: &[f32], onset: usize) -> Option<f64> {
        let before = |s: f64| onset.saturating_sub(self.leads.rate().samples_in(s));
        let range = before(0.02)..(before(0.004) + 1).max(1);
        let values = samples_mv.get(range)?.iter().filter(|mv| mv.is_finite());
        statistics::median(&mut values.map(|mv| f64::from(*mv)).collect::<Vec<_>>())
    }

    /// Value of a lead over this beat `after_j_s` after the J point, above its level just before QRS,
    /// mV.
    pub fn st_mv(&self, samples: &[f32], intervals: &Intervals, after_j_s: f64) -> Option<f64> {
        let at = intervals.j_point? + self.leads.rate().samples_in(after_j_s);
        let value =
            f64::from(*samples.get(at)?) - self.level_before(samples, intervals.qrs_onset?)?;
        value.is_finite().then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ecg::{Lead, LeadName, LeadSet, SampleRate},
        signal::{detect_beats, median_beat, testing},
    };

    fn measured(rate_hz: f64, noise_mv: f64) -> (MedianBeat, Intervals) {
        let rate = SampleRate::from_hz(rate_hz).unwrap();
        let lead = |gain: f64, seed: usize| {
            testing::ecg(rate_hz, 10.0, gain, move |n| {
                noise_mv * testing::noise(n + seed)
            })
        };
        let leads = [
            (LeadName::I, 0.6),
            (LeadName::II, 1.0),
            (LeadName::V2, -0.8),
            (LeadName::V5, 1.4),
        ];
        let leads = leads
            .into_iter()
            .enumerate()
            .map(|(k, (name, gain))| Lead::measured(name, lead(gain, 99_991 * k)));
        let set = LeadSet::new(rate, leads.collect()).unwrap();
        let median = median_beat(&set, &detect_beats(&set)).unwrap();
        let intervals = Intervals::of(&median);
        (median, intervals)
    }

    /// The test beat is made of Gaussian bumps. Their slopes fade into what a reader calls the
    /// baseline at about 3 σ for Q and S (−25 − 3·8 and 28 + 3.3·10 ms) and 2.6 to 2.7 σ for P
    /// (−160 ± 2.6·20) and T (270 + 2.7·45).
    #[test]
    fn landmarks_of_a_known_beat() {
        for (rate_hz, noise_mv, slack) in [
            (500.0, 0.0, 8.0),
            (1000.0, 0.0, 8.0),
            (250.0, 0.0, 10.0),
            (500.0, 0.03, 14.0),
        ] {
            let (_, found) = measured(rate_hz, noise_mv);
            let close = |value: Option<f64>, expected: f64, slack: f64| {
                assert!(
                    value.is_some_and(|it| (it - expected).abs() <= slack),
                    "{rate_hz} Hz, noise {noise_mv}: {value:?}, expected {expected}; {found:?}"
                );
            };
            close(found.heart_rate_bpm, 75.0, 0.5);
            close(found.qrs_ms, 49.0 + 61.0, slack);
            close(found.pr_ms, 212.0 - 49.0, slack);
            close(found.p_ms, 104.0, slack + 4.0);
            close(found.qt_ms, 49.0 + 270.0 + 121.0, slack);
            close(
                found.qtc_fridericia_ms(),
                440.0 / 0.8f64.cbrt(),
                slack + 2.0,
            );
        }
    }

    #[test]
    fn st_is_measured_from_the_level_before_qrs() {
        let (median, found) = measured(500.0, 0.0);
        let v5 = &median.leads.get(&LeadName::V5).unwrap().samples_mv;
        let st = median.st_mv(v5, &found, 0.06).unwrap();
        let at = found.j_point.unwrap() + 30 - median.r_index;
        let expected = 1.4 * testing::beat(at as f64 / 500.0);
        assert!((st - expected).abs() < 0.02, "{st}, expected {expected}");
        assert_eq!(median.st_mv(&v5[..10], &found, 0.06), None);
    }
}
