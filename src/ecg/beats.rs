//! Where the beats are.

use super::SampleRate;

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

    /// Beats per minute from the median interval; `None` with fewer than two beats.
    pub fn heart_rate_bpm(&self) -> Option<f64> {
        let mut rr = self.rr_s();
        rr.sort_unstable_by(f64::total_cmp);
        rr.get(rr.len() / 2).map(|it| 60.0 / it)
    }
}
