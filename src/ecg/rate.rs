//! Samples per second, checked once.

/// Samples per second: finite and positive.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct SampleRate(f64);

impl SampleRate {
    /// `None` unless `hz` is finite and positive.
    pub fn from_hz(hz: f64) -> Option<Self> {
        (hz.is_finite() && 0.0 < hz).then_some(Self(hz))
    }

    /// Samples per second.
    pub fn hz(self) -> f64 {
        self.0
    }

    /// Whole samples in `seconds`, rounded to the nearest.
    pub fn samples_in(self, seconds: f64) -> usize {
        (seconds * self.0).round().max(0.0) as usize
    }

    /// Time of sample `index` in seconds after the first.
    pub fn seconds_at(self, index: usize) -> f64 {
        index as f64 / self.0
    }
}
