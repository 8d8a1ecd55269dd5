//! The recording device: what its electrodes pick up besides the heart, its filters and its
//! converter.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{
    body::hash,
    draw::{between, normal},
    noise::{self, HighPass, LowPass},
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
    /// Wander of the baseline at a usual electrode, mV.
    pub wander_mv: f64,
    /// Restlessness of skin and electrode, mV (root mean square): what lies between wander and
    /// muscle.
    pub restless_mv: f64,
    /// Noise of skeletal muscle at the left arm, mV (root mean square); less elsewhere.
    pub muscle_mv: f64,
    /// How unlike one another the electrodes are: deviation of the logarithm of their restlessness;
    /// thrice that for wander.
    pub uneven: f64,
    /// Share of electrodes whose contact gives now and then.
    pub loose_share: f64,
}

impl Device {
    /// No noise, no filter, no steps: the truth.
    pub fn ideal() -> Self {
        Self {
            high_pass_hz: None,
            low_pass_hz: None,
            step_mv: 0.0,
            mains: (50.0, 0.0),
            wander_mv: 0.0,
            restless_mv: 0.0,
            muscle_mv: 0.0,
            uneven: 0.0,
            loose_share: 0.0,
        }
    }

    /// The same with all disturbances this many times as large.
    pub(super) fn noisier(&self, factor: f64) -> Self {
        Self {
            mains: (self.mains.0, factor * self.mains.1),
            wander_mv: factor * self.wander_mv,
            restless_mv: factor * self.restless_mv,
            muscle_mv: factor * self.muscle_mv,
            ..self.clone()
        }
    }

    /// A good exam on a resting 12-lead device.
    pub fn clinical() -> Self {
        Self {
            high_pass_hz: Some(0.05),
            low_pass_hz: Some(150.0),
            step_mv: 0.001,
            mains: (50.0, 0.001),
            wander_mv: 0.018,
            restless_mv: 0.006,
            muscle_mv: 0.002,
            uneven: 0.15,
            loose_share: 0.0,
        }
    }

    /// A device drawn at random: some exams are noisier than others, and so are single electrodes.
    /// Sizes and their spread follow what is left of healthy people's recordings (PTB-XL, train
    /// split) when their median beat is taken away.
    pub fn drawn(seed: u64) -> Self {
        let mut chance = ChaCha8Rng::seed_from_u64(seed ^ hash("device"));
        let mut harsh = |sd: f64| (sd * normal(&mut chance)).clamp(-1.5, 1.5).exp();
        let (mains, wander, restless, muscle) = (harsh(0.8), harsh(0.5), harsh(0.3), harsh(0.6));
        let hz = if chance.random::<f64>() < 0.7 {
            50.0
        } else {
            60.0
        };
        let clinical = Self::clinical();
        Self {
            step_mv: if chance.random::<f64>() < 0.5 {
                0.001
            } else {
                0.005
            },
            mains: (hz, clinical.mains.1 * mains),
            wander_mv: 0.025 * wander,
            restless_mv: 0.0065 * restless,
            muscle_mv: 0.002 * muscle,
            uneven: 0.36,
            loose_share: 0.03,
            ..clinical
        }
    }

    /// Adds what one electrode picks up besides the heart. `breaths` is the depth of inspiration at
    /// every sample.
    pub(super) fn disturb(
        &self,
        site: &str,
        seed: u64,
        breaths: &[f64],
        rate_hz: f64,
        samples: &mut [f64],
    ) {
        let mut chance = ChaCha8Rng::seed_from_u64(seed ^ hash(site).rotate_left(17));
        let mut unlike = |sd: f64| {
            (sd * self.uneven * normal(&mut chance))
                .clamp(-2.0, 2.0)
                .exp()
        };
        let (wander, restless) = (
            self.wander_mv * slack(site) * unlike(3.0),
            self.restless_mv * unlike(1.0),
        );
        if 0.0 < wander {
            noise::add_wander(wander, breaths, rate_hz, &mut chance, samples);
        }
        if 0.0 < self.mains.1 && 2.0 * self.mains.0 <= rate_hz {
            noise::add_tone(
                self.mains.0,
                self.mains.1 * normal(&mut chance),
                rate_hz,
                &mut chance,
                samples,
            );
        }
        if 0.0 < restless {
            noise::add_restlessness(restless, rate_hz, &mut chance, samples);
        }
        if 0.0 < self.muscle_mv {
            noise::add_muscle(
                self.muscle_mv * tension(site),
                rate_hz,
                &mut chance,
                samples,
            );
        }
        if chance.random::<f64>() < self.loose_share {
            let size_mv = 0.12 * (0.6 * normal(&mut chance)).exp();
            noise::add_slips(
                size_mv,
                between(&mut chance, 0.2, 0.9),
                rate_hz,
                &mut chance,
                samples,
            );
        }
    }

    /// Filters and converter.
    pub(super) fn convert(&self, rate_hz: f64, samples: &[f64]) -> Vec<f32> {
        let start = samples.first().copied().unwrap_or(0.0);
        let mut high = self
            .high_pass_hz
            .map(|it| HighPass::new(it, rate_hz, start));
        let mut low = self
            .low_pass_hz
            .filter(|it| *it < 0.45 * rate_hz)
            .map(|it| LowPass::new(it, rate_hz));
        let step = |it: f64| {
            if 0.0 < self.step_mv {
                (it / self.step_mv).round() * self.step_mv
            } else {
                it
            }
        };
        let mut one = |it: f64| {
            let passed = high.as_mut().map_or(it, |filter| filter.next(it));
            low.as_mut().map_or(passed, |filter| filter.next(passed))
        };
        samples.iter().map(|it| step(one(*it)) as f32).collect()
    }
}

/// How far an electrode's baseline wanders against a chest electrode's.
fn slack(site: &str) -> f64 {
    match site {
        "LA" | "RA" => 0.5,
        "LL" => 0.7,
        _ => 1.0,
    }
}

/// How much of the muscles' noise reaches a site: arms are seldom quite at rest.
fn tension(site: &str) -> f64 {
    match site {
        "LA" | "RA" => 1.0,
        "LL" => 0.6,
        _ => 0.5,
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    #[test]
    fn filters_pass_and_stop() {
        let clinical = Device {
            step_mv: 0.0,
            ..Device::clinical()
        };
        let tone = |hz: f64| {
            (0..2000)
                .map(|it| (TAU * hz * f64::from(it) / 500.0).sin())
                .collect::<Vec<f64>>()
        };
        let size = |hz: f64| {
            clinical.convert(500.0, &tone(hz))[1000..]
                .iter()
                .fold(0.0f32, |acc, it| acc.max(it.abs()))
        };
        assert!(
            (size(10.0) - 1.0).abs() < 0.01,
            "10 Hz passes: {}",
            size(10.0)
        );
        assert!(size(220.0) < 0.3, "220 Hz is stopped: {}", size(220.0));
    }

    #[test]
    fn noise_has_the_stated_size() {
        let rms = |device: Device| {
            let mut samples = vec![0.0; 20_000];
            device.disturb("LA", 3, &[0.0; 20_000], 500.0, &mut samples);
            (samples.iter().map(|it| it * it).sum::<f64>() / samples.len() as f64).sqrt()
        };
        let muscle = rms(Device {
            muscle_mv: 0.01,
            ..Device::ideal()
        });
        assert!(0.005 < muscle && muscle < 0.02, "muscle {muscle}");
        let restless = rms(Device {
            restless_mv: 0.01,
            ..Device::ideal()
        });
        assert!(0.008 < restless && restless < 0.02, "skin {restless}");
        assert!(rms(Device::ideal()) == 0.0, "an ideal device adds nothing");
    }

    #[test]
    fn the_converter_has_steps() {
        let device = Device {
            step_mv: 0.005,
            ..Device::ideal()
        };
        let ramp: Vec<f64> = (0..100).map(|it| 0.0013 * f64::from(it)).collect();
        for (read, given) in device.convert(500.0, &ramp).iter().zip(&ramp) {
            let steps = f64::from(*read) / 0.005;
            assert!((steps - steps.round()).abs() < 1e-4, "{read}");
            assert!((f64::from(*read) - given).abs() <= 0.0025 + 1e-6);
        }
        let exact = Device::ideal().convert(500.0, &ramp);
        assert!(
            exact
                .iter()
                .zip(&ramp)
                .all(|(read, given)| *read == *given as f32)
        );
    }

    #[test]
    fn a_low_pass_beyond_the_rate_is_left_out() {
        let device = Device {
            low_pass_hz: Some(150.0),
            ..Device::ideal()
        };
        let jagged = [0.0, 1.0, 0.0, 1.0];
        assert_eq!(device.convert(250.0, &jagged), jagged.map(|mv| mv as f32));
        assert_ne!(device.convert(1000.0, &jagged), jagged.map(|mv| mv as f32));
    }

    #[test]
    fn devices_differ_within_reason() {
        assert_eq!(Device::drawn(4), Device::drawn(4));
        let drawn: Vec<Device> = (0..300).map(Device::drawn).collect();
        let share =
            |is: fn(&Device) -> bool| drawn.iter().filter(|it| is(it)).count() as f64 / 300.0;
        assert!((share(|it| it.mains.0 == 50.0) - 0.7).abs() < 0.08);
        assert!((share(|it| it.step_mv == 0.001) - 0.5).abs() < 0.08);
        for device in drawn {
            assert!((0.005..0.12).contains(&device.wander_mv), "{device:?}");
            assert!((0.0..0.01).contains(&device.muscle_mv), "{device:?}");
        }
    }

    #[test]
    fn each_electrode_has_its_own_noise() {
        let noise = |site: &str, seed: u64| {
            let mut samples = vec![0.0; 1000];
            Device::clinical().disturb(site, seed, &[0.0; 1000], 500.0, &mut samples);
            samples
        };
        assert_eq!(noise("V1", 1), noise("V1", 1));
        assert_ne!(noise("V1", 1), noise("V2", 1));
        assert_ne!(noise("V1", 1), noise("V1", 2));
    }
}
