//! Change of rate by any ratio, with anti-alias: a Kaiser-windowed sinc, read from a fine table.

use std::{f64::consts::PI, sync::LazyLock};

use super::gaps::finite_runs;
use rayon::prelude::*;

use crate::ecg::{Lead, LeadSet, SampleRate};

/// Zero crossings of the sinc on each side.
const CROSSINGS: usize = 24;
/// Table entries per zero crossing; linear interpolation between them is good to 1e-6.
const PER_CROSSING: usize = 1024;
/// Kaiser window for about −90 dB.
const BETA: f64 = 9.0;
/// New samples after which they may fall alike; with more, each is worked out by itself.
const MOST_REPEATING: usize = 128;
/// Corner as a share of the lower Nyquist frequency: the transition ends at that frequency.
const CORNER: f64 = 0.92;

/// The leads at another rate. The duration is kept to the nearest sample, the first sample keeps
/// its time, gaps stay gaps.
pub fn resample(leads: &LeadSet, rate: SampleRate) -> LeadSet {
    if rate == leads.rate() {
        return leads.clone();
    }
    let kernel = Kernel::new(leads.rate().hz() / rate.hz());
    let changed = leads.leads().par_iter().map(|it| Lead {
        samples_mv: kernel.run(&it.samples_mv).into(),
        ..it.clone()
    });
    LeadSet::new(rate, changed.collect()).unwrap_or_else(|_| leads.clone())
}

/// What one new sample is made of: weights of old samples, the first of which lies that far from
/// the old sample at or before the new one.
struct Taps {
    first: i64,
    weights: Vec<f64>,
    total: f64,
}

/// Half of the kernel, from its middle to its end; weighted means need no scale.
static KERNEL: LazyLock<Vec<f64>> = LazyLock::new(|| {
    let n = CROSSINGS * PER_CROSSING;
    let value = |idx: usize| {
        let share = idx as f64 / n as f64;
        let x = PI * CROSSINGS as f64 * share;
        let sinc = if idx == 0 { 1.0 } else { x.sin() / x };
        sinc * bessel_i0(BETA * (1.0 - share * share).max(0.0).sqrt()) / bessel_i0(BETA)
    };
    (0..=n).map(value).collect()
});

struct Kernel {
    /// Old samples per new sample.
    step: f64,
    /// Old samples on each side that count.
    half_width: f64,
    /// Where the new samples fall alike after a few of them: the old samples until then, and what
    /// each of the few is made of.
    repeating: Option<(usize, Vec<Taps>)>,
}

impl Kernel {
    fn new(step: f64) -> Self {
        let mut kernel = Self {
            step,
            half_width: CROSSINGS as f64 / CORNER * step.max(1.0),
            repeating: None,
        };
        let is_whole = |count: &usize| {
            let old = *count as f64 * step;
            (old - old.round()).abs() < 1e-9
        };
        kernel.repeating = (1..=MOST_REPEATING).find(is_whole).map(|count| {
            let taps = (0..count).map(|at| kernel.taps((at as f64 * step).fract()));
            ((count as f64 * step).round() as usize, taps.collect())
        });
        kernel
    }

    fn at(&self, distance: f64) -> f64 {
        let place = distance.abs() / self.half_width * (KERNEL.len() - 1) as f64;
        let idx = place as usize;
        let Some(pair) = KERNEL.get(idx..idx + 2) else {
            return 0.0;
        };
        pair[0] + (place - idx as f64) * (pair[1] - pair[0])
    }

    /// Of a new sample that lies that share of an old one behind an old one.
    fn taps(&self, behind: f64) -> Taps {
        let first = (behind - self.half_width).ceil() as i64;
        let last = (behind + self.half_width).floor() as i64;
        let weights: Vec<f64> = (first..=last)
            .map(|it| self.at(it as f64 - behind))
            .collect();
        Taps {
            first,
            total: weights.iter().sum(),
            weights,
        }
    }

    fn run(&self, samples: &[f32]) -> Vec<f32> {
        let n = ((samples.len() as f64 / self.step).round() as usize).max(1);
        let mut out = vec![f32::NAN; n];
        for run in finite_runs(samples) {
            let first = ((run.start as f64 - 0.5) / self.step).ceil().max(0.0) as usize;
            let last = (((run.end as f64 - 0.5) / self.step).ceil() as usize).min(n);
            for (idx, value) in out.iter_mut().enumerate().take(last).skip(first) {
                *value = self.value(&samples[run.clone()], run.start, idx);
            }
        }
        out
    }

    /// The new sample `idx` from old ones that begin at `start`.
    fn value(&self, samples: &[f32], start: usize, idx: usize) -> f32 {
        let before = |old: f64| old.floor() as i64 - start as i64;
        let Some((old, repeating)) = &self.repeating else {
            let centre = idx as f64 * self.step;
            return self.taps(centre.fract()).mean(samples, before(centre));
        };
        let (times, at) = (idx / repeating.len(), idx % repeating.len());
        let centre = before(at as f64 * self.step) + (times * old) as i64;
        repeating[at].mean(samples, centre)
    }
}

impl Taps {
    /// Weighted mean around an old sample; beyond the ends the samples are mirrored.
    fn mean(&self, samples: &[f32], centre: i64) -> f32 {
        let from = centre + self.first;
        let inside = usize::try_from(from).ok();
        let inside = inside.and_then(|it| samples.get(it..it + self.weights.len()));
        let sum: f64 = match inside {
            Some(row) => product(&self.weights, row),
            None => self
                .weights
                .iter()
                .zip(from..)
                .map(|(it, at)| it * f64::from(samples[mirrored(at, samples.len())]))
                .sum(),
        };
        (sum / self.total) as f32
    }
}

/// Sum of the products, in sums abreast that stay in registers.
fn product(weights: &[f64], samples: &[f32]) -> f64 {
    const ABREAST: usize = 8;
    let (weights, last_weights) = weights.as_chunks::<ABREAST>();
    let (samples, last_samples) = samples.as_chunks::<ABREAST>();
    let mut sums = [0.0; ABREAST];
    for (weights, samples) in weights.iter().zip(samples) {
        for ((sum, weight), mv) in sums.iter_mut().zip(weights).zip(samples) {
            *sum += weight * f64::from(*mv);
        }
    }
    let last = last_weights.iter().zip(last_samples);
    sums.iter().sum::<f64>() + last.map(|(it, mv)| it * f64::from(*mv)).sum::<f64>()
}

/// Index into `0..len` of a signal continued by mirroring at both end samples.
fn mirrored(idx: i64, len: usize) -> usize {
    let period = 2 * (len as i64 - 1);
    if period == 0 {
        return 0;
    }
    let folded = idx.rem_euclid(period);
    folded.min(period - folded) as usize
}

/// Modified Bessel function of the first kind, order zero, by its series.
fn bessel_i0(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 1..60 {
        term *= quarter / f64::from(k * k);
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::LeadName;

    fn at_rate(from_hz: f64, to_hz: f64, seconds: f64, signal: impl Fn(f64) -> f64) -> Vec<f32> {
        let rate = SampleRate::from_hz(from_hz).unwrap();
        let samples: Vec<f32> = (0..rate.samples_in(seconds))
            .map(|it| signal(it as f64 / from_hz) as f32)
            .collect();
        let set = LeadSet::new(rate, vec![Lead::measured(LeadName::V2, samples)]).unwrap();
        resample(&set, SampleRate::from_hz(to_hz).unwrap()).leads()[0]
            .samples_mv
            .to_vec()
    }

    #[test]
    fn sines_keep_their_shape_and_time_at_every_ratio() {
        let wave = |t: f64| (2.0 * PI * 7.0 * t).sin() + 0.3 * (2.0 * PI * 31.0 * t).cos();
        for (from, to) in [
            (500.0, 250.0),
            (250.0, 500.0),
            (360.0, 500.0),
            (1000.0, 500.0),
            (257.0, 128.0),
            (500.0, 499.9),
        ] {
            let found = at_rate(from, to, 4.0, wave);
            assert_eq!(found.len(), (4.0 * to).round() as usize, "{from} to {to}");
            let worst = (found.len() / 5..found.len() * 4 / 5)
                .map(|it| (f64::from(found[it]) - wave(it as f64 / to)).abs())
                .fold(0.0, f64::max);
            assert!(worst < 3e-5, "{from} to {to} Hz: off by {worst}");
        }
    }

    #[test]
    fn what_the_new_rate_cannot_hold_is_removed() {
        let found = at_rate(500.0, 100.0, 4.0, |t| (2.0 * PI * 80.0 * t).sin());
        let worst = found[50..350]
            .iter()
            .fold(0.0f32, |worst, it| worst.max(it.abs()));
        assert!(worst < 2e-4, "alias of {worst}");
    }

    #[test]
    fn constants_and_gaps_survive() {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let mut samples = vec![1.25f32; 1000];
        samples[400..500].fill(f32::NAN);
        let set = LeadSet::new(rate, vec![Lead::measured(LeadName::V2, samples)]).unwrap();
        let half = resample(&set, SampleRate::from_hz(250.0).unwrap());
        for (idx, value) in half.leads()[0].samples_mv.iter().enumerate() {
            assert_eq!(value.is_nan(), (200..250).contains(&idx), "sample {idx}");
            assert!(value.is_nan() || (value - 1.25).abs() < 1e-6);
        }
    }
}
