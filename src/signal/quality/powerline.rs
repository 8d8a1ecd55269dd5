//! The hum of the mains at 50 or 60 Hz.

use std::f64::consts::PI;

use crate::ecg::{SampleRate, statistics};

/// Frequencies of the mains, Hz.
const MAINS_HZ: [f64; 2] = [50.0, 60.0];
/// How far to either side the neighbourhood lies that a hum stands out of, Hz.
const BESIDE_HZ: f64 = 6.0;

/// Waves to compare one second of a lead with, made once for all leads.
pub(super) struct Powerline {
    second: usize,
    /// For either frequency: below it, at it, above it.
    probes: [[Probe; 3]; 2],
}

impl Powerline {
    /// `None` where the rate is too low or less than a second was recorded.
    pub(super) fn new(rate: SampleRate, n_samples: usize) -> Option<Self> {
        let second = rate.samples_in(1.0);
        let around = |hz: f64| [hz - BESIDE_HZ, hz, hz + BESIDE_HZ];
        (130.0 <= rate.hz() && second <= n_samples).then(|| Self {
            second,
            probes: MAINS_HZ.map(|hz| around(hz).map(|hz| Probe::new(hz, second, rate))),
        })
    }

    /// Amplitude of the stronger hum above its neighbourhood, µV, and its frequency, Hz.
    pub(super) fn stronger(&self, samples_mv: &[f64]) -> Option<(f64, f64)> {
        let hum = |[below, at, above]: &[Probe; 3]| {
            let of_second = |values: &[f64]| {
                at.amplitude(values) - 0.5 * (below.amplitude(values) + above.amplitude(values))
            };
            let mut each: Vec<f64> = samples_mv
                .chunks_exact(self.second)
                .map(of_second)
                .collect();
            1000.0 * statistics::median(&mut each).unwrap_or(0.0).max(0.0)
        };
        let hums = self.probes.iter().zip(MAINS_HZ);
        hums.map(|(probes, hz)| (hum(probes), hz))
            .max_by(|a, b| a.0.total_cmp(&b.0))
    }
}

/// A wave of one frequency under a Hann window, over the window's area.
struct Probe(Vec<[f64; 2]>);

impl Probe {
    fn new(hz: f64, n: usize, rate: SampleRate) -> Self {
        let window = |at: usize| (PI * (at as f64 + 0.5) / n as f64).sin().powi(2);
        let area: f64 = (0..n).map(window).sum();
        let wave = |at: usize| {
            let (sin, cos) = (2.0 * PI * hz * at as f64 / rate.hz()).sin_cos();
            [cos, sin].map(|it| 2.0 * window(at) * it / area)
        };
        Self((0..n).map(wave).collect())
    }

    fn amplitude(&self, values: &[f64]) -> f64 {
        let pairs = values.iter().zip(&self.0);
        let (re, im) = pairs.fold((0.0, 0.0), |sums, (value, [cos, sin])| {
            (sums.0 + value * cos, sums.1 + value * sin)
        });
        f64::hypot(re, im)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(hz: f64, amplitude_mv: f64, expected_uv: f64) {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let value = |n: usize| amplitude_mv * (2.0 * PI * hz * n as f64 / 500.0).cos();
        let samples: Vec<f64> = (0..5000).map(value).collect();
        let found = Powerline::new(rate, 5000).unwrap().stronger(&samples);
        let found = found.unwrap();
        assert!((found.0 - expected_uv).abs() < 1.0, "{hz} Hz: {found:?}");
        assert!(expected_uv == 0.0 || found.1 == hz, "{hz} Hz: {found:?}");
    }

    #[test]
    fn hum_is_measured_and_its_neighbours_are_not() {
        check(50.0, 0.05, 50.0);
        check(60.0, 0.02, 20.0);
        check(30.0, 1.0, 0.0);
    }

    #[test]
    fn too_slow_or_too_short_is_not_looked_at() {
        let rate = |hz: f64| SampleRate::from_hz(hz).unwrap();
        assert!(Powerline::new(rate(100.0), 1000).is_none());
        assert!(Powerline::new(rate(500.0), 499).is_none());
    }
}
