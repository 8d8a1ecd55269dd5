//! The recording device and what it picks up besides the heart.

use std::f64::consts::{SQRT_2, TAU};

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{
    body::hash,
    draw::{between, normal},
    rhythm::Breathing,
};

/// A device and the quality of its electrodes.
#[derive(Clone, Debug, PartialEq)]
pub struct Device {
    /// Corner of its high-pass, Hz.
    pub high_pass_hz: Option<f64>,
    /// Corner of its low-pass, Hz; left out where the rate is too low for it.
    pub low_pass_hz: Option<f64>,
    /// One step of its converter, mV. 0 for none.
    pub step_mv: f64,
    /// Mains, Hz, and its amplitude, mV.
    pub mains: (f64, f64),
    /// Wander of the baseline, mV.
    pub wander_mv: f64,
    /// Noise of skeletal muscle at the left arm, mV (root mean square); less elsewhere.
    pub muscle_mv: f64,
}

impl Device {
    /// No noise, no filter, no steps: the truth.
    pub fn ideal() -> Self {
        Self { high_pass_hz: None, low_pass_hz: None, step_mv: 0.0, mains: (50.0, 0.0), wander_mv: 0.0, muscle_mv: 0.0 }
    }

    /// A good exam on a resting 12-lead device.
    pub fn clinical() -> Self {
        Self {
            high_pass_hz: Some(0.05),
            low_pass_hz: Some(150.0),
            step_mv: 0.001,
            mains: (50.0, 0.001),
            wander_mv: 0.025,
            muscle_mv: 0.005,
        }
    }

    /// A device drawn at random around the clinical one: some exams are noisier, as in life.
    pub fn drawn(seed: u64) -> Self {
        let mut chance = ChaCha8Rng::seed_from_u64(seed ^ hash("device"));
        let mut harsh = |sd: f64| (sd * normal(&mut chance)).clamp(-1.5, 1.5).exp();
        let (mains, wander, muscle) = (harsh(0.8), harsh(0.6), harsh(0.45));
        let hz = if chance.random::<f64>() < 0.7 { 50.0 } else { 60.0 };
        let clinical = Self::clinical();
        Self {
            step_mv: if chance.random::<f64>() < 0.5 { 0.001 } else { 0.005 },
            mains: (hz, clinical.mains.1 * mains),
            wander_mv: clinical.wander_mv * wander,
            muscle_mv: clinical.muscle_mv * muscle,
            ..clinical
        }
    }

    /// Adds what one electrode picks up besides the heart.
    pub(super) fn disturb(&self, site: &str, seed: u64, breathing: Breathing, rate_hz: f64, samples: &mut [f64]) {
        let mut chance = ChaCha8Rng::seed_from_u64(seed ^ hash(site).rotate_left(17));
        self.add_wander(breathing, rate_hz, &mut chance, samples);
        self.add_mains(rate_hz, &mut chance, samples);
        self.add_muscle(tension(site), rate_hz, &mut chance, samples);
    }

    fn add_wander(&self, breathing: Breathing, rate_hz: f64, chance: &mut impl Rng, samples: &mut [f64]) {
        if self.wander_mv == 0.0 {
            return;
        }
        let breath = 0.6 * self.wander_mv * normal(chance);
        let drifts: Vec<[f64; 3]> = (0..4)
            .map(|it| {
                [
                    self.wander_mv * normal(chance) / f64::from(it + 1),
                    between(chance, 0.02, 0.09) * f64::from(it + 1),
                    TAU * chance.random::<f64>(),
                ]
            })
            .collect();
        for (idx, sample) in samples.iter_mut().enumerate() {
            let t = idx as f64 / rate_hz;
            *sample += breath * breathing.at(t) + drifts.iter().map(|[size, hz, phase]| size * (TAU * hz * t + phase).sin()).sum::<f64>();
        }
    }

    fn add_mains(&self, rate_hz: f64, chance: &mut impl Rng, samples: &mut [f64]) {
        let (hz, size) = self.mains;
        if size == 0.0 || rate_hz < 2.0 * hz {
            return;
        }
        let (size, phase) = (size * normal(chance), TAU * chance.random::<f64>());
        samples.iter_mut().enumerate().for_each(|(idx, it)| *it += size * (TAU * hz * idx as f64 / rate_hz + phase).sin());
    }

    /// White noise between about 10 and 100 Hz, waxing and waning.
    fn add_muscle(&self, tension: f64, rate_hz: f64, chance: &mut impl Rng, samples: &mut [f64]) {
        if self.muscle_mv == 0.0 {
            return;
        }
        let mut low = LowPass::new(100.0f64.min(0.4 * rate_hz), rate_hz);
        let mut high = HighPass::new(10.0, rate_hz, 0.0);
        let (hz, phase) = (between(chance, 0.1, 0.4), TAU * chance.random::<f64>());
        let loudness = (0.25 * normal(chance)).exp();
        // Skin and cable: slow restlessness that leaves no stretch of the baseline quite straight.
        let mut drift = 0.0;
        // Filtering leaves this share of the noise's deviation.
        let kept = (90.0f64.min(0.4 * rate_hz) * SQRT_2 / (rate_hz / 2.0)).sqrt().min(1.0);
        for (idx, sample) in samples.iter_mut().enumerate() {
            let swell = (0.7 * (TAU * hz * idx as f64 / rate_hz + phase).sin()).exp();
            drift += (-drift * 12.0 + 5.0 * self.muscle_mv * normal(chance) * rate_hz.sqrt()) / rate_hz;
            *sample += tension.max(0.4) * drift;
            *sample += self.muscle_mv * tension * loudness * swell / kept * high.next(low.next(normal(chance)));
        }
    }

    /// Filters and converter.
    pub(super) fn convert(&self, rate_hz: f64, samples: &[f64]) -> Vec<f32> {
        let start = samples.first().copied().unwrap_or(0.0);
        let mut high = self.high_pass_hz.map(|it| HighPass::new(it, rate_hz, start));
        let mut low = self.low_pass_hz.filter(|it| *it < 0.45 * rate_hz).map(|it| LowPass::new(it, rate_hz));
        let step = |it: f64| if 0.0 < self.step_mv { (it / self.step_mv).round() * self.step_mv } else { it };
        let mut one = |it: f64| {
            let passed = high.as_mut().map_or(it, |filter| filter.next(it));
            low.as_mut().map_or(passed, |filter| filter.next(passed))
        };
        samples.iter().map(|it| step(one(*it)) as f32).collect()
    }
}

/// How much of the muscles' noise reaches a site. Arms are seldom quite at rest; in healthy people's recordings
/// (PTB-XL, between T and P) the arm leads carry two to three times the noise of the chest leads.
fn tension(site: &str) -> f64 {
    match site {
        "LA" => 1.0,
        "RA" => 0.5,
        "LL" => 0.3,
        _ => 0.18,
    }
}

/// One pole, started at rest at `start`.
struct HighPass {
    keep: f64,
    input: f64,
    output: f64,
}

impl HighPass {
    fn new(hz: f64, rate_hz: f64, start: f64) -> Self {
        Self { keep: (-TAU * hz / rate_hz).exp(), input: start, output: 0.0 }
    }

    fn next(&mut self, input: f64) -> f64 {
        self.output = self.keep * (self.output + input - self.input);
        self.input = input;
        self.output
    }
}

/// Butterworth of second order (bilinear).
struct LowPass {
    b: f64,
    a: [f64; 2],
    inputs: [f64; 2],
    outputs: [f64; 2],
}

impl LowPass {
    fn new(hz: f64, rate_hz: f64) -> Self {
        let k = (std::f64::consts::PI * hz / rate_hz).tan();
        let norm = 1.0 / (1.0 + SQRT_2 * k + k * k);
        Self { b: k * k * norm, a: [2.0 * (k * k - 1.0) * norm, (1.0 - SQRT_2 * k + k * k) * norm], inputs: [0.0; 2], outputs: [0.0; 2] }
    }

    fn next(&mut self, input: f64) -> f64 {
        let output = self.b * (input + 2.0 * self.inputs[0] + self.inputs[1]) - self.a[0] * self.outputs[0] - self.a[1] * self.outputs[1];
        self.inputs = [input, self.inputs[0]];
        self.outputs = [output, self.outputs[0]];
        output
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_pass_and_stop() {
        let clinical = Device { step_mv: 0.0, ..Device::clinical() };
        let tone = |hz: f64| (0..2000).map(|it| (TAU * hz * f64::from(it) / 500.0).sin()).collect::<Vec<f64>>();
        let size = |hz: f64| clinical.convert(500.0, &tone(hz))[1000..].iter().fold(0.0f32, |acc, it| acc.max(it.abs()));
        assert!((size(10.0) - 1.0).abs() < 0.01, "10 Hz passes: {}", size(10.0));
        assert!(size(220.0) < 0.3, "220 Hz is stopped: {}", size(220.0));
    }

    #[test]
    fn muscle_noise_has_the_stated_size() {
        let device = Device { muscle_mv: 0.01, ..Device::ideal() };
        let mut samples = vec![0.0; 20_000];
        device.disturb("LA", 3, Breathing { hz: 0.2, phase: 0.0 }, 500.0, &mut samples);
        let rms = (samples.iter().map(|it| it * it).sum::<f64>() / samples.len() as f64).sqrt();
        assert!(0.005 < rms && rms < 0.03, "rms {rms}");
    }
}
