//! Where the beats are.

use super::{SampleRate, statistics::median};

/// Parts of a beat whose sources lie apart: QRS, ST, T, and the rest (P, baseline).
pub const N_PHASES: usize = 4;

/// R peaks (or the fiducial point of each QRS complex) of a recording, strictly increasing.
#[derive(Clone, Debug, PartialEq)]
pub struct BeatGrid {
    rate: SampleRate,
    peaks: Vec<usize>,
}

impl BeatGrid {
    /// Sorts and removes repeats; `peaks` are sample indices at `rate`.
    pub fn new(rate: SampleRate, mut peaks: Vec<usize>) -> Self {
        peaks.sort_unstable();
        peaks.dedup();
        Self { rate, peaks }
    }

    /// Sample indices of the peaks.
    pub fn peaks(&self) -> &[usize] {
        &self.peaks
    }

    /// The rate that the indices count at.
    pub fn rate(&self) -> SampleRate {
        self.rate
    }

    /// Intervals between successive peaks, seconds.
    pub fn rr_s(&self) -> Vec<f64> {
        self.peaks
            .windows(2)
            .map(|it| (it[1] - it[0]) as f64 / self.rate.hz())
            .collect()
    }

    /// How much each of `n_samples` instants belongs to QRS, ST, T and the rest. The shares of an
    /// instant sum to one and change without a step.
    pub fn phases(&self, n_samples: usize) -> Vec<[f64; N_PHASES]> {
        let rate_hz = self.rate.hz();
        let rr_s = median(&mut self.rr_s()).unwrap_or(0.9);
        let t_end_s = (0.62 * rr_s + 0.02).clamp(0.24, 0.48);
        let at = |sample: usize| {
            let now_s = sample as f64 / rate_hz;
            let begun = |peak: &usize| *peak as f64 / rate_hz - ONSET_S <= now_s;
            let beats = self.peaks.partition_point(begun);
            let Some(peak) = beats.checked_sub(1).and_then(|it| self.peaks.get(it)) else {
                return [0.0, 0.0, 0.0, 1.0];
            };
            phases_after(now_s - *peak as f64 / rate_hz, t_end_s)
        };
        (0..n_samples).map(at).collect()
    }

    /// Beats per minute from the median interval; `None` with fewer than two beats.
    pub fn heart_rate_bpm(&self) -> Option<f64> {
        median(&mut self.rr_s()).map(|rr_s| 60.0 / rr_s)
    }
}

/// Before its peak a QRS complex begins, seconds.
const ONSET_S: f64 = 0.07;

/// The shares of an instant so long after a peak, where T ends at `t_end_s`.
fn phases_after(since_s: f64, t_end_s: f64) -> [f64; N_PHASES] {
    let past = |from: f64, to: f64| ((since_s - from) / (to - from)).clamp(0.0, 1.0);
    let begun = past(-ONSET_S, -0.04);
    let [st, t, rest] = [
        past(0.05, 0.08),
        past(0.13, 0.17),
        past(t_end_s - 0.06, t_end_s),
    ];
    let [qrs, st, t] = [begun * (1.0 - st), st * (1.0 - t), t * (1.0 - rest)];
    [qrs, st, t, 1.0 - (qrs + st + t)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(peaks: &[usize]) -> BeatGrid {
        BeatGrid::new(SampleRate::from_hz(500.0).unwrap(), peaks.to_vec())
    }

    #[test]
    fn peaks_are_strictly_increasing() {
        assert_eq!(grid(&[900, 100, 500, 100]).peaks(), [100, 500, 900]);
        assert_eq!(grid(&[]).peaks(), [0; 0]);
        assert_eq!(grid(&[7]).rate().hz(), 500.0);
    }

    #[test]
    fn phases_follow_the_peak_and_change_without_a_step() {
        let phases = grid(&[400, 800]).phases(1200);
        let main =
            |at: usize| (0..N_PHASES).max_by(|a, b| phases[at][*a].total_cmp(&phases[at][*b]));
        assert_eq!(
            [400, 450, 540, 760, 790, 1190].map(|it| main(it).unwrap()),
            [0, 1, 2, 3, 0, 3]
        );
        assert_eq!(phases[100], [0.0, 0.0, 0.0, 1.0]);
        for pair in phases.windows(2) {
            assert!((pair[0].iter().sum::<f64>() - 1.0).abs() < 1e-12);
            assert!((0..N_PHASES).all(|it| (pair[1][it] - pair[0][it]).abs() < 0.1));
        }
    }

    #[test]
    fn the_rate_is_that_of_the_middle_interval() {
        assert_eq!(grid(&[0, 400, 900]).rr_s(), [0.8, 1.0]);
        // Intervals of 0.8, 0.3 and 0.8 s: an early beat does not change the rate.
        let early = grid(&[0, 400, 550, 950]);
        assert!((early.heart_rate_bpm().unwrap() - 75.0).abs() < 1e-9);
        assert_eq!(grid(&[40]).heart_rate_bpm(), None);
    }
}
