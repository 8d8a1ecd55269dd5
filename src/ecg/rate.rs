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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_finite_and_positive() {
        for bad in [0.0, -500.0, f64::NAN, f64::INFINITY] {
            assert_eq!(SampleRate::from_hz(bad), None, "{bad}");
        }
        assert_eq!(SampleRate::from_hz(360.0).map(SampleRate::hz), Some(360.0));
    }

    #[test]
    fn samples_and_seconds_go_back_and_forth() {
        for hz in [100.0, 250.0, 257.0, 500.0, 1000.0] {
            let rate = SampleRate::from_hz(hz).unwrap();
            for sample in [0, 1, 499, 12_345, 86_400_000] {
                assert_eq!(rate.samples_in(rate.seconds_at(sample)), sample, "{hz}");
            }
            assert_eq!(rate.samples_in(-3.0), 0);
        }
    }
}
