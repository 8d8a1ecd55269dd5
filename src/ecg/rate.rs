//! Samples per second, checked once.

/// Samples per second, within [`SampleRate::LIMITS_HZ`].
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct SampleRate(f64);

impl SampleRate {
    /// Lowest and highest rate: no recorder of hearts is slower or faster.
    pub const LIMITS_HZ: (f64, f64) = (0.1, 100_000.0);

    /// `None` unless `hz` is within the limits.
    pub fn from_hz(hz: f64) -> Option<Self> {
        let (least, most) = Self::LIMITS_HZ;
        (least <= hz && hz <= most).then_some(Self(hz))
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
    fn rates_of_recorders_and_no_others() {
        for hz in [0.1, 257.5, 100_000.0] {
            assert_eq!(SampleRate::from_hz(hz).map(SampleRate::hz), Some(hz));
        }
        for hz in [
            0.0,
            -500.0,
            0.0999,
            100_001.0,
            5e302,
            f64::INFINITY,
            f64::NAN,
        ] {
            assert_eq!(SampleRate::from_hz(hz), None, "{hz}");
        }
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
