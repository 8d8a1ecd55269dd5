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
    fn the_rate_is_that_of_the_middle_interval() {
        assert_eq!(grid(&[0, 400, 900]).rr_s(), [0.8, 1.0]);
        // Intervals of 0.8, 0.3 and 0.8 s: an early beat does not change the rate.
        let early = grid(&[0, 400, 550, 950]);
        assert!((early.heart_rate_bpm().unwrap() - 75.0).abs() < 1e-9);
        assert_eq!(grid(&[40]).heart_rate_bpm(), None);
    }
}
