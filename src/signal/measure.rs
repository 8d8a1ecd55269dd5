//! Where the waves of the median beat begin and end, over all leads together, and the intervals
//! that follow. Meant for display with the word *measured*; a reader checks them by eye.

use std::ops::Range;

use super::{filter::Section, gaps, median::MedianBeat};
use crate::ecg::{Lead, LeadName, SampleRate};

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
    /// End of T, where its steepest tangent meets the baseline.
    pub t_end: Option<usize>,
}

impl MedianBeat {
    /// Value of a lead `after_j_s` after the J point, above its level just before QRS, mV.
    pub fn st_mv(&self, intervals: &Intervals, name: &LeadName, after_j_s: f64) -> Option<f64> {
        let samples = &self.leads.get(name)?.samples_mv;
        let at = intervals.j_point? + self.leads.rate().samples_in(after_j_s);
        let value = f64::from(*samples.get(at)?)
            - level_before(samples, intervals.qrs_onset?, self.leads.rate())?;
        value.is_finite().then_some(value)
    }
}

/// Median of the 16 ms that end 4 ms before `onset`.
fn level_before(samples: &[f32], onset: usize, rate: SampleRate) -> Option<f64> {
    let range = onset.saturating_sub(rate.samples_in(0.02))
        ..(onset + 1).saturating_sub(rate.samples_in(0.004)).max(1);
    let values = samples
        .get(range)?
        .iter()
        .filter(|it| it.is_finite())
        .map(|it| f64::from(*it));
    gaps::median(&mut values.collect::<Vec<_>>())
}

/// Finds the landmarks of a median beat.
pub fn measure(beat: &MedianBeat) -> Intervals {
    let rate = beat.leads.rate();
    let mut found = Intervals {
        heart_rate_bpm: beat.rr_s.map(|it| 60.0 / it),
        rr_ms: beat.rr_s.map(|it| 1000.0 * it),
        ..Intervals::default()
    };
    let Some(waves) = Waves::new(beat) else {
        return found;
    };
    let Some(qrs) = waves.qrs() else { return found };
    let ms = |from: usize, to: usize| Some(1000.0 * rate.seconds_at(to.saturating_sub(from)));
    (found.qrs_onset, found.j_point) = (Some(qrs.start), Some(qrs.end));
    found.qrs_ms = ms(qrs.start, qrs.end);
    let height = waves.height_above(qrs.start);
    if let Some(p) = waves.p_wave(qrs.start, least_p_mv(beat)) {
        (found.p_onset, found.p_end) = (Some(p.start), Some(p.end));
        (found.p_ms, found.pr_ms) = (ms(p.start, p.end), ms(p.start, qrs.start));
    }
    if let Some((peak, end)) = waves.t_wave(&height, qrs.end, beat.rr_s) {
        (found.t_peak, found.t_end) = (Some(peak), Some(end));
        found.qt_ms = ms(qrs.start, end);
    }
    found
}

/// Root mean square over leads that a P wave must reach: more where the rhythm is so irregular that
/// what is left of fibrillation waves in the median could pass for P.
fn least_p_mv(beat: &MedianBeat) -> f64 {
    if 0.12 < beat.irregularity {
        0.06
    } else {
        0.018
    }
}

/// The smoothed leads of a beat and their common speed.
struct Waves {
    rate: SampleRate,
    r_index: usize,
    leads: Vec<Vec<f64>>,
    /// Root mean square over leads of the slope, mV per ms.
    speed: Vec<f64>,
}

impl Waves {
    fn new(beat: &MedianBeat) -> Option<Self> {
        let rate = beat.leads.rate();
        let usable = |it: &&Lead| {
            !it.origin.is_synthesised() && it.samples_mv.iter().all(|it| it.is_finite())
        };
        let smooth = |it: &Lead| {
            let raw: Vec<f64> = it.samples_mv.iter().map(|it| f64::from(*it)).collect();
            if 90.0 < rate.hz() {
                Section::low_pass(40.0, rate).zero_phase(&raw)
            } else {
                raw
            }
        };
        let leads: Vec<Vec<f64>> = beat
            .leads
            .leads()
            .iter()
            .filter(usable)
            .map(smooth)
            .collect();
        let n = leads.first()?.len();
        if n < 8 {
            return None;
        }
        let step = rate.samples_in(0.004).max(1);
        let span_ms = 2000.0 * rate.seconds_at(step);
        let slope = |it: &Vec<f64>, at: usize| {
            (it[(at + step).min(n - 1)] - it[at.saturating_sub(step)]) / span_ms
        };
        let speed = (0..n)
            .map(|at| root_mean_square(leads.iter().map(|it| slope(it, at))))
            .collect();
        Some(Self {
            rate,
            r_index: beat.r_index,
            leads,
            speed,
        })
    }

    fn len(&self) -> usize {
        self.speed.len()
    }

    /// From the fastest point outwards until the speed stays low.
    fn qrs(&self) -> Option<Range<usize>> {
        let near = self.r_index.saturating_sub(self.rate.samples_in(0.08))
            ..(self.r_index + self.rate.samples_in(0.08)).min(self.len());
        let fastest = near.max_by(|a, b| self.speed[*a].total_cmp(&self.speed[*b]))?;
        let before = self.r_index.saturating_sub(self.rate.samples_in(0.14));
        let quiet = gaps::quantile(&mut self.speed[..before.max(1)].to_vec(), 0.3)?;
        let top = self.speed[fastest];
        let onset_below = (0.045 * top).max(2.5 * quiet).min(0.3 * top);
        let end_below = (0.065 * top).max(3.0 * quiet).min(0.3 * top);
        let (hold_before, hold_after) = (
            self.rate.samples_in(0.012).max(1),
            self.rate.samples_in(0.014).max(1),
        );
        let reach = self.rate.samples_in(0.14);
        let onset = (fastest.saturating_sub(reach)..fastest).rev().find(|it| {
            let held = it.saturating_sub(hold_before)..=*it;
            self.speed[held].iter().all(|it| *it <= onset_below)
        });
        let end = (fastest..(fastest + reach + reach / 2).min(self.len() - 1)).find(|it| {
            let held = *it..=(it + hold_after).min(self.len() - 1);
            self.speed[held].iter().all(|it| *it <= end_below)
        });
        Some(onset?..end?)
    }

    /// Root mean square over leads of the distance from each lead's level just before QRS.
    fn height_above(&self, onset: usize) -> Vec<f64> {
        let from = onset.saturating_sub(self.rate.samples_in(0.016));
        let level =
            |it: &Vec<f64>| it[from..=onset].iter().sum::<f64>() / (onset - from + 1) as f64;
        let levels: Vec<f64> = self.leads.iter().map(level).collect();
        (0..self.len())
            .map(|at| {
                root_mean_square(
                    self.leads
                        .iter()
                        .zip(&levels)
                        .map(|(it, level)| it[at] - level),
                )
            })
            .collect()
    }

    /// The bump before QRS, where it stands out of the line from the end of the T before it to QRS.
    fn p_wave(&self, onset: usize, least_mv: f64) -> Option<Range<usize>> {
        let first = onset.saturating_sub(self.rate.samples_in(0.27)).max(1);
        let last = onset
            .checked_sub(self.rate.samples_in(0.03))
            .filter(|it| first + 8 < *it)?;
        let height = self.bulge(first, onset);
        let peak = (first..last).max_by(|a, b| height[*a].total_cmp(&height[*b]))?;
        let guard = self.rate.samples_in(0.025);
        if peak < first + guard || height[peak] < least_mv {
            return None;
        }
        let window = self.rate.samples_in(0.09);
        let side = |from: usize, to: usize| {
            height[from..to]
                .iter()
                .copied()
                .fold(f64::INFINITY, f64::min)
        };
        let (before, after) = (
            side(peak.saturating_sub(window).max(first), peak),
            side(peak, (peak + window).min(onset)),
        );
        if height[peak] < 2.0 * before.max(after) {
            return None;
        }
        let start = tangent_foot(
            &height,
            peak,
            peak.saturating_sub(window).max(first),
            before,
        )?;
        let end = tangent_foot(&height, peak, (peak + window).min(onset), after)?;
        (start < end).then_some(start..end.min(onset))
    }

    /// Root mean square over leads of the distance from the straight line between two places; 0
    /// outside them.
    fn bulge(&self, from: usize, to: usize) -> Vec<f64> {
        let line = |it: &Vec<f64>, at: usize| {
            it[from] + (it[to] - it[from]) * (at - from) as f64 / (to - from) as f64
        };
        let at = |at: usize| root_mean_square(self.leads.iter().map(|it| it[at] - line(it, at)));
        (0..self.len())
            .map(|it| {
                if (from..=to).contains(&it) {
                    at(it)
                } else {
                    0.0
                }
            })
            .collect()
    }

    /// Peak and end of T.
    fn t_wave(&self, height: &[f64], j_point: usize, rr_s: Option<f64>) -> Option<(usize, usize)> {
        let first = j_point + self.rate.samples_in(0.08);
        let reach = self
            .rate
            .samples_in(0.62 * rr_s.unwrap_or(1.0).min(1.0))
            .max(self.rate.samples_in(0.25));
        let last = (j_point + reach).min(self.len() - 1);
        let peak = (first..last).max_by(|a, b| height[*a].total_cmp(&height[*b]))?;
        let floor = height[peak..].iter().copied().fold(f64::INFINITY, f64::min);
        if height[peak] - floor < 0.03 {
            return None;
        }
        let end = tangent_foot(
            height,
            peak,
            (peak + self.rate.samples_in(0.2)).min(self.len() - 1),
            floor,
        )?;
        Some((peak, end))
    }
}

/// Where the steepest tangent between `peak` and `limit` (on either side) comes down to `floor`.
fn tangent_foot(height: &[f64], peak: usize, limit: usize, floor: f64) -> Option<usize> {
    let (from, to) = (peak.min(limit), peak.max(limit));
    let slope =
        |at: usize| (height[(at + 1).min(height.len() - 1)] - height[at.saturating_sub(1)]) / 2.0;
    let steepest = (from..=to).max_by(|a, b| {
        let downhill = |at: usize| if limit < peak { slope(at) } else { -slope(at) };
        downhill(*a).total_cmp(&downhill(*b))
    })?;
    let foot = steepest as f64 - (height[steepest] - floor) / slope(steepest);
    (foot.is_finite() && 0.0 <= foot && foot < height.len() as f64).then_some(foot.round() as usize)
}

fn root_mean_square(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = values.fold((0.0, 0.0), |(sum, n), it| (sum + it * it, n + 1.0));
    f64::sqrt(sum / f64::max(n, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ecg::LeadSet,
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
        let intervals = measure(&median);
        (median, intervals)
    }

    /// The test beat is made of Gaussian bumps: P at −160 ± 2·20 ms, Q from −25 − 2.5·8 ms, S to 28
    /// + 2.5·10 ms, T at 270 with σ 45 ms. A Gaussian's steepest tangent meets zero 2 σ from its
    /// peak.
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
            close(found.qrs_ms, 45.0 + 53.0, slack);
            close(found.pr_ms, 200.0 - 45.0, slack);
            close(found.p_ms, 80.0, slack + 4.0);
            close(found.qt_ms, 45.0 + 270.0 + 90.0, slack);
            close(found.qtc_bazett_ms(), 405.0 / 0.8f64.sqrt(), slack + 2.0);
        }
    }

    #[test]
    fn st_is_measured_from_the_level_before_qrs() {
        let (median, found) = measured(500.0, 0.0);
        let st = median.st_mv(&found, &LeadName::V5, 0.06).unwrap();
        let at = found.j_point.unwrap() + 30 - median.r_index;
        let expected = 1.4 * testing::beat(at as f64 / 500.0);
        assert!((st - expected).abs() < 0.02, "{st}, expected {expected}");
        assert_eq!(median.st_mv(&found, &LeadName::V1, 0.06), None);
    }
}
