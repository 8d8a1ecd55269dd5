//! Weighs the drawn members by how well they predict chest leads of real recordings: each from all
//! others, and from I, II, V3 alone.
//!
//! A member's log weight is linear in a few features of it (heart, build, placement), so some
//! thirty numbers are fitted, not one per member.

use faer::Mat;
use rayon::prelude::*;

use crate::{
    ecg::{LeadName, LeadSet},
    evaluate::moments,
    field::inverse,
    signal::metrics::ValueRange,
};

/// Independent leads: I, II, V1 to V6.
pub(super) const LEADS: usize = 8;
/// Second moments of the eight leads: over the seconds that calibrate, and over those that judge.
pub type Moments = [f64; LEADS * LEADS];

/// One recording as the fit sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Patient {
    /// Covariance over the first seconds.
    pub calibration: Moments,
    /// Second moments over the last seconds, divided by the square of the recording's range.
    pub judgement: Moments,
}

impl Patient {
    /// First half and last half of `leads` (filtered already). `None` if a lead is missing or flat.
    pub fn of(leads: &LeadSet) -> Option<Self> {
        let n = leads.n_samples();
        let span = ValueRange::of(leads)?.span_mv();
        let calibration = moments(&leads.slice(0..n / 2)?, &LeadName::EIGHT, true)?;
        let judgement = moments(&leads.slice(n / 2..n)?, &LeadName::EIGHT, false)?;
        let fixed = |it: Vec<f64>, scale: f64| -> Option<Moments> {
            let scaled: Vec<f64> = it.iter().map(|value| value * scale).collect();
            let trace: f64 = (0..8).map(|lead| scaled[9 * lead]).sum();
            (trace.is_finite() && 0.0 < trace)
                .then(|| scaled.try_into().ok())
                .flatten()
        };
        Some(Self {
            calibration: fixed(calibration, 1.0)?,
            judgement: fixed(judgement, 1.0 / (span * span))?,
        })
    }
}

/// Leads of an exam that has no other: P-reconstruct.
const FEW: [usize; 3] = [0, 1, 4];

/// One chest lead asked for: misfit of every member to every patient, and each member's error as a
/// mix of the eight leads.
struct LeftOut {
    /// `[patient][member]`.
    misfits: Vec<Vec<f32>>,
    errors: Vec<[f64; LEADS]>,
}

pub(super) struct Fit {
    pub(super) log_weights: Vec<f64>,
    pub(super) temperature: f64,
    /// Mean error over left-out leads and patients, dB, before and after.
    pub(super) loss_db: (f64, f64),
    /// How much of the real patients each member carries.
    pub(super) carried: Vec<f64>,
}

/// Fits the log weights and the temperature. `fields`: eight leads × sources of each member.
pub(super) fn fit(
    fields: &[Mat<f64>],
    features: &[Vec<f64>],
    patients: &[Patient],
    ridge: f64,
) -> Fit {
    const START: f64 = 2e-3;
    const STEPS: usize = 150;
    let others = (2..LEADS).map(|target| ((0..LEADS).filter(|it| *it != target).collect(), target));
    let few = (2..LEADS)
        .filter(|it| !FEW.contains(it))
        .map(|target| (FEW.to_vec(), target));
    let questions: Vec<(Vec<usize>, usize)> = others.chain(few).collect();
    let sets: Vec<LeftOut> = questions
        .iter()
        .map(|(known, target)| left_out(fields, patients, ridge, known, *target))
        .collect();
    let n = features[0].len();
    let mut adam = Adam::new(n + 1);
    let mut at = vec![0.0; n + 1];
    let before = slope(&at, START, &sets, features, patients).0;
    for _ in 0..STEPS {
        let (_, slope) = slope(&at, START, &sets, features, patients);
        adam.step(&mut at, &slope);
    }
    let after = slope(&at, START, &sets, features, patients).0;
    let temperature = START * at[n].exp();
    let log_weights: Vec<f64> = features
        .iter()
        .map(|it| it.iter().zip(&at).map(|(a, b)| a * b).sum())
        .collect();
    let mut carried = vec![0.0; fields.len()];
    for set in &sets[..LEADS - 2] {
        for misfits in &set.misfits {
            carried
                .iter_mut()
                .zip(softmax(&log_weights, misfits, temperature))
                .for_each(|(it, share)| *it += share);
        }
    }
    Fit {
        log_weights,
        temperature,
        loss_db: (before, after),
        carried,
    }
}

fn left_out(
    fields: &[Mat<f64>],
    patients: &[Patient],
    ridge: f64,
    known: &[usize],
    target: usize,
) -> LeftOut {
    let n = known.len();
    let of_member = |field: &Mat<f64>| {
        let leads = Mat::from_fn(n, field.ncols(), |i, j| field[(known[i], j)]);
        let Some((sources, residual)) = inverse(leads.as_ref(), ridge) else {
            return ([0.0; LEADS], Mat::identity(n, n));
        };
        let mut error = [0.0; LEADS];
        error[target] = -1.0;
        for (k, lead) in known.iter().enumerate() {
            error[*lead] = (0..field.ncols())
                .map(|it| field[(target, it)] * sources[(it, k)])
                .sum();
        }
        (error, residual.transpose() * &residual)
    };
    let (errors, quadratics): (Vec<_>, Vec<_>) = fields.par_iter().map(of_member).unzip();
    LeftOut {
        misfits: misfits(&quadratics, patients, known),
        errors,
    }
}

/// How badly each member explains each patient: the share of the power of the known leads that its
/// sources leave over.
fn misfits(quadratics: &[Mat<f64>], patients: &[Patient], known: &[usize]) -> Vec<Vec<f32>> {
    let n = known.len();
    let of_patient = |it: &Patient| {
        let cov = |i: usize, j: usize| it.calibration[LEADS * known[i] + known[j]];
        let power: f64 = (0..n).map(|i| cov(i, i)).sum();
        let among = Mat::from_fn(n, n, |i, j| cov(i, j) / power);
        let misfit = |quadratic: &Mat<f64>| -> f32 {
            (0..n)
                .map(|j| {
                    (0..n)
                        .map(|i| quadratic[(i, j)] * among[(i, j)])
                        .sum::<f64>()
                })
                .sum::<f64>() as f32
        };
        quadratics.iter().map(misfit).collect()
    };
    patients.par_iter().map(of_patient).collect()
}

fn softmax(log_weights: &[f64], misfits: &[f32], temperature: f64) -> Vec<f64> {
    let log: Vec<f64> = log_weights
        .iter()
        .zip(misfits)
        .map(|(it, misfit)| it - f64::from(*misfit) / temperature)
        .collect();
    let top = log.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut shares: Vec<f64> = log.iter().map(|it| (it - top).exp()).collect();
    let total: f64 = shares.iter().sum();
    shares.iter_mut().for_each(|it| *it /= total);
    shares
}

/// Mean squared error in dB (with a penalty) and its slope by the coefficients and, last, the log
/// temperature over `start`.
fn slope(
    at: &[f64],
    start: f64,
    sets: &[LeftOut],
    features: &[Vec<f64>],
    patients: &[Patient],
) -> (f64, Vec<f64>) {
    /// Cost of a squared coefficient, dB.
    const PENALTY: f64 = 1e-2;
    let n = features[0].len();
    let temperature = start * at[n].exp();
    let log_weights: Vec<f64> = features
        .iter()
        .map(|it| it.iter().zip(at).map(|(a, b)| a * b).sum())
        .collect();
    let cases: Vec<_> = sets
        .iter()
        .flat_map(|set| {
            set.misfits
                .iter()
                .zip(patients)
                .map(move |it| (set, it.0, it.1))
        })
        .collect();
    let share = 1.0 / cases.len() as f64;
    let zero = || (0.0, vec![0.0; features.len()], 0.0);
    let summed = cases.par_chunks(64).map(|chunk| {
        chunk.iter().fold(
            zero(),
            |(mut loss, mut by_member, mut by_heat), (set, misfits, patient)| {
                let shares = softmax(&log_weights, misfits, temperature);
                let (error, toward) = judged(&shares, &set.errors, &patient.judgement);
                loss += share * 10.0 * error.log10();
                let scale = 20.0 / std::f64::consts::LN_10 / error * share;
                let gain: Vec<f64> = set
                    .errors
                    .iter()
                    .map(|it| scale * it.iter().zip(&toward).map(|(a, b)| a * b).sum::<f64>())
                    .collect();
                let mean: f64 = shares.iter().zip(&gain).map(|(a, b)| a * b).sum();
                for (member, (weight, gain)) in shares.iter().zip(&gain).enumerate() {
                    let slope = weight * (gain - mean);
                    by_member[member] += slope;
                    by_heat += slope * f64::from(misfits[member]) / temperature;
                }
                (loss, by_member, by_heat)
            },
        )
    });
    // Collected in order, so that the sum does not depend on the number of threads.
    let parts: Vec<_> = summed.collect();
    let mut out = vec![0.0; n + 1];
    let mut loss = PENALTY * at[..n].iter().map(|it| it * it).sum::<f64>();
    for (part, by_member, by_heat) in parts {
        loss += part;
        out[n] += by_heat;
        for (slope, own) in by_member.iter().zip(features) {
            out.iter_mut()
                .zip(own)
                .for_each(|(it, feature)| *it += slope * feature);
        }
    }
    out.iter_mut()
        .zip(&at[..n])
        .for_each(|(it, value)| *it += 2.0 * PENALTY * value);
    (loss, out)
}

/// Mean squared error of the mixed prediction, and its half slope by the mix of the eight leads.
fn judged(shares: &[f64], errors: &[[f64; LEADS]], judgement: &Moments) -> (f64, [f64; LEADS]) {
    let mut mixed = [0.0; LEADS];
    for (share, error) in shares.iter().zip(errors) {
        mixed
            .iter_mut()
            .zip(error)
            .for_each(|(it, value)| *it += share * value);
    }
    let toward: [f64; LEADS] = std::array::from_fn(|i| {
        (0..LEADS)
            .map(|j| judgement[LEADS * i + j] * mixed[j])
            .sum()
    });
    (
        mixed
            .iter()
            .zip(&toward)
            .map(|(a, b)| a * b)
            .sum::<f64>()
            .max(1e-12),
        toward,
    )
}

/// Kingma & Ba 2015.
struct Adam {
    mean: Vec<f64>,
    square: Vec<f64>,
    steps: i32,
}

impl Adam {
    fn new(n: usize) -> Self {
        Self {
            mean: vec![0.0; n],
            square: vec![0.0; n],
            steps: 0,
        }
    }

    fn step(&mut self, at: &mut [f64], slope: &[f64]) {
        const RATE: f64 = 0.04;
        self.steps += 1;
        let (fix_mean, fix_square) = (
            1.0 - 0.9f64.powi(self.steps),
            1.0 - 0.99f64.powi(self.steps),
        );
        for (idx, g) in slope.iter().enumerate() {
            self.mean[idx] = 0.9 * self.mean[idx] + 0.1 * g;
            self.square[idx] = 0.99 * self.square[idx] + 0.01 * g * g;
            at[idx] -= RATE * (self.mean[idx] / fix_mean)
                / ((self.square[idx] / fix_square).sqrt() + 1e-9);
        }
    }
}
