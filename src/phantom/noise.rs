//! Disturbances of one electrode, sample by sample, and the filters that shape them.

use std::f64::consts::{SQRT_2, TAU};

use rand::{Rng, RngExt};

use super::draw::{between, normal};

/// A sine by turning a pointer: no call of a sine per sample.
struct Oscillator {
    at: [f64; 2],
    turn: [f64; 2],
}

impl Oscillator {
    fn new(hz: f64, phase: f64, rate_hz: f64) -> Self {
        let (sin, cos) = (TAU * hz / rate_hz).sin_cos();
        Self {
            at: [phase.sin(), phase.cos()],
            turn: [sin, cos],
        }
    }

    fn next(&mut self) -> f64 {
        let [y, x] = self.at;
        let [sin, cos] = self.turn;
        self.at = [y * cos + x * sin, x * cos - y * sin];
        y
    }
}

/// Nearly normal, of deviation one, at a fraction of the cost: four even draws added.
fn rough(chance: &mut impl Rng) -> f64 {
    const DEVIATION: f64 = 37_836.9;
    let bits: u64 = chance.random();
    let sum: u64 = (0..4).map(|it| bits >> (16 * it) & 0xFFFF).sum();
    (sum as f64 - 131_070.0) / DEVIATION
}

/// Wander below half a hertz: breathing, and slow drifts of the electrode's own.
pub(super) fn add_wander(
    size_mv: f64,
    breaths: &[f64],
    rate_hz: f64,
    chance: &mut impl Rng,
    samples: &mut [f64],
) {
    let breath = 0.8 * size_mv * normal(chance);
    let mut drifts: [(f64, Oscillator); 4] = std::array::from_fn(|it| {
        let nth = it as f64 + 1.0;
        let hz = between(chance, 0.02, 0.09) * nth;
        (
            1.4 * size_mv * normal(chance) / nth,
            Oscillator::new(hz, TAU * chance.random::<f64>(), rate_hz),
        )
    });
    for (sample, depth) in samples.iter_mut().zip(breaths) {
        *sample += breath * depth
            + drifts
                .iter_mut()
                .map(|(size, it)| *size * it.next())
                .sum::<f64>();
    }
}

/// A steady tone: mains.
pub(super) fn add_tone(
    hz: f64,
    size_mv: f64,
    rate_hz: f64,
    chance: &mut impl Rng,
    samples: &mut [f64],
) {
    let mut tone = Oscillator::new(hz, TAU * chance.random::<f64>(), rate_hz);
    samples
        .iter_mut()
        .for_each(|it| *it += size_mv * tone.next());
}

/// Corners of skin's and electrode's relaxations, Hz, and their sizes: together they fall like the
/// noise of real electrodes, by ten from 1 to 8 Hz and by the square of frequency above.
const RELAXATIONS: [(f64, f64); 2] = [(0.8, 0.8), (6.0, 1.0)];

/// Restlessness of skin, electrode and cable: relaxations driven at random, of `size_mv` root mean
/// square above the wander.
pub(super) fn add_restlessness(
    size_mv: f64,
    rate_hz: f64,
    chance: &mut impl Rng,
    samples: &mut [f64],
) {
    let mut states = RELAXATIONS.map(|(hz, share)| {
        let keep = (-TAU * hz / rate_hz).exp();
        let push = share * size_mv * (1.0 - keep * keep).sqrt();
        (share * size_mv * normal(chance), keep, push)
    });
    for sample in samples {
        for (state, keep, push) in &mut states {
            *state = *keep * *state + *push * rough(chance);
            *sample += *state;
        }
    }
}

/// Band of the noise of skeletal muscle, Hz.
const MUSCLE_HZ: [f64; 2] = [12.0, 60.0];

/// Skeletal muscle, waxing and waning.
pub(super) fn add_muscle(size_mv: f64, rate_hz: f64, chance: &mut impl Rng, samples: &mut [f64]) {
    let top_hz = MUSCLE_HZ[1].min(0.4 * rate_hz);
    let (mut low, mut high) = (
        LowPass::new(top_hz, rate_hz),
        HighPass::new(MUSCLE_HZ[0], rate_hz, 0.0),
    );
    let mut swell = Oscillator::new(
        between(chance, 0.1, 0.4),
        TAU * chance.random::<f64>(),
        rate_hz,
    );
    let loudness = (0.35 * normal(chance)).exp();
    // Filtering leaves this share of the noise's deviation.
    let kept = ((top_hz - MUSCLE_HZ[0]).max(1.0) / (rate_hz / 2.0))
        .sqrt()
        .min(1.0);
    for sample in samples {
        *sample += size_mv * loudness * (1.0 + 0.6 * swell.next()) / kept
            * high.next(low.next(rough(chance)));
    }
}

/// A contact that gives now and then: the level steps aside and comes back.
pub(super) fn add_slips(
    size_mv: f64,
    per_s: f64,
    rate_hz: f64,
    chance: &mut impl Rng,
    samples: &mut [f64],
) {
    let (mut level, mut goal) = (0.0, 0.0);
    let (slow, quick) = (
        1.0 - (-TAU * 0.25 / rate_hz).exp(),
        1.0 - (-TAU * 4.0 / rate_hz).exp(),
    );
    for sample in samples {
        if chance.random::<f64>() < per_s / rate_hz {
            goal += size_mv * normal(chance);
        }
        goal -= slow * goal;
        level += quick * (goal - level);
        *sample += level;
    }
}

/// One pole, started at rest at `start`.
pub(super) struct HighPass {
    keep: f64,
    input: f64,
    output: f64,
}

impl HighPass {
    pub(super) fn new(hz: f64, rate_hz: f64, start: f64) -> Self {
        Self {
            keep: (-TAU * hz / rate_hz).exp(),
            input: start,
            output: 0.0,
        }
    }

    pub(super) fn next(&mut self, input: f64) -> f64 {
        self.output = self.keep * (self.output + input - self.input);
        self.input = input;
        self.output
    }
}

/// Butterworth of second order (bilinear).
pub(super) struct LowPass {
    b: f64,
    a: [f64; 2],
    inputs: [f64; 2],
    outputs: [f64; 2],
}

impl LowPass {
    pub(super) fn new(hz: f64, rate_hz: f64) -> Self {
        let k = (std::f64::consts::PI * hz / rate_hz).tan();
        let norm = 1.0 / (1.0 + SQRT_2 * k + k * k);
        Self {
            b: k * k * norm,
            a: [
                2.0 * (k * k - 1.0) * norm,
                (1.0 - SQRT_2 * k + k * k) * norm,
            ],
            inputs: [0.0; 2],
            outputs: [0.0; 2],
        }
    }

    pub(super) fn next(&mut self, input: f64) -> f64 {
        let output = self.b * (input + 2.0 * self.inputs[0] + self.inputs[1])
            - self.a[0] * self.outputs[0]
            - self.a[1] * self.outputs[1];
        self.inputs = [input, self.inputs[0]];
        self.outputs = [output, self.outputs[0]];
        output
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn rough_draws_are_of_mean_nought_and_deviation_one() {
        let mut chance = ChaCha8Rng::seed_from_u64(1);
        let draws: Vec<f64> = (0..50_000).map(|_| rough(&mut chance)).collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        let variance = draws.iter().map(|it| it * it).sum::<f64>() / draws.len() as f64;
        assert!(
            mean.abs() < 0.02 && (variance - 1.0).abs() < 0.03,
            "mean {mean}, variance {variance}"
        );
    }

    #[test]
    fn a_pointer_turns_as_the_sine_runs() {
        let mut it = Oscillator::new(7.3, 0.4, 500.0);
        let worst = (0..20_000)
            .map(|k| (it.next() - (TAU * 7.3 * f64::from(k) / 500.0 + 0.4).sin()).abs())
            .fold(0.0, f64::max);
        assert!(worst < 1e-9, "{worst}");
    }

    const RATE_HZ: f64 = 500.0;

    fn chance() -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(5)
    }

    fn largest(samples: &[f64]) -> f64 {
        samples.iter().fold(0.0, |acc, it| acc.max(it.abs()))
    }

    #[test]
    fn a_tone_has_its_size_and_its_frequency() {
        let mut samples = vec![0.0; 5000];
        add_tone(50.0, 0.2, RATE_HZ, &mut chance(), &mut samples);
        assert!(
            (largest(&samples) - 0.2).abs() < 0.011,
            "{}",
            largest(&samples)
        );
        // Ten samples are one turn.
        let worst = samples
            .iter()
            .zip(&samples[10..])
            .map(|(a, b)| (a - b).abs());
        assert!(worst.fold(0.0, f64::max) < 1e-9);
    }

    #[test]
    fn wander_is_slow_and_follows_the_breath() {
        let breaths: Vec<f64> = (0..10_000)
            .map(|it| (TAU * 0.25 * f64::from(it) / RATE_HZ).sin())
            .collect();
        let mut samples = vec![0.0; breaths.len()];
        add_wander(0.1, &breaths, RATE_HZ, &mut chance(), &mut samples);
        let steepest = samples
            .windows(2)
            .map(|it| (it[1] - it[0]).abs())
            .fold(0.0, f64::max);
        // Below half a hertz a sine of 0.5 mV climbs no faster than 1.6 mV/s.
        assert!(0.02 < largest(&samples) && largest(&samples) < 1.0);
        assert!(steepest * RATE_HZ < 1.6, "{} mV/s", steepest * RATE_HZ);
    }

    #[test]
    fn muscle_lies_in_its_band() {
        let mut samples = vec![0.0; 50_000];
        add_muscle(0.01, RATE_HZ, &mut chance(), &mut samples);
        let power = |samples: &[f64]| samples.iter().map(|it| it * it).sum::<f64>();
        let mut slow = LowPass::new(5.0, RATE_HZ);
        let mut fast = HighPass::new(120.0, RATE_HZ, 0.0);
        let below: Vec<f64> = samples.iter().map(|it| slow.next(*it)).collect();
        let above: Vec<f64> = samples.iter().map(|it| fast.next(*it)).collect();
        assert!(power(&below) < 0.05 * power(&samples));
        assert!(power(&above) < 0.3 * power(&samples));
    }

    #[test]
    fn a_slipping_contact_comes_back() {
        let mut samples = vec![0.0; 5000];
        add_slips(0.2, 0.0, RATE_HZ, &mut chance(), &mut samples);
        assert_eq!(largest(&samples), 0.0, "no slips, no steps");
        add_slips(0.2, 0.5, RATE_HZ, &mut chance(), &mut samples);
        assert!(0.02 < largest(&samples));
        // Never a jump: the level moves with a corner of 4 Hz.
        let steepest = samples
            .windows(2)
            .map(|it| (it[1] - it[0]).abs())
            .fold(0.0, f64::max);
        assert!(steepest < 0.1 * largest(&samples), "{steepest}");
    }

    #[test]
    fn filters_answer_a_step_as_their_corners_say() {
        // One pole of 1 Hz: after 1/(2π) s the step has fallen to 1/e.
        let mut high = HighPass::new(1.0, RATE_HZ, 0.0);
        let fallen: Vec<f64> = (0..=80).map(|_| high.next(1.0)).collect();
        assert!(
            (fallen[79] - (-1.0f64).exp()).abs() < 0.01,
            "{}",
            fallen[79]
        );
        let mut rested = HighPass::new(1.0, RATE_HZ, 1.0);
        assert_eq!(rested.next(1.0), 0.0, "started at rest");
        // Second order: no gain at the end, a gain of −3 dB at the corner.
        let mut low = LowPass::new(40.0, RATE_HZ);
        let step: Vec<f64> = (0..500).map(|_| low.next(1.0)).collect();
        assert!((step[499] - 1.0).abs() < 1e-9);
        let mut low = LowPass::new(40.0, RATE_HZ);
        let tone = (0..2000).map(|it| low.next((TAU * 40.0 * f64::from(it) / RATE_HZ).sin()));
        let settled = largest(&tone.collect::<Vec<f64>>()[1000..]);
        assert!((settled - 0.5f64.sqrt()).abs() < 0.03, "{settled}");
    }
}
