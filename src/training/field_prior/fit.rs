//! Weighs the drawn members by how well they predict chest leads of real recordings: each from all
//! others, and from I, II, V3 alone.
//!
//! A member's log weight is linear in a few features of it (heart, build, placement), so some
//! thirty numbers are fitted, not one per member.

use faer::{ColRef, Mat, Scale};
use rayon::prelude::*;

use crate::{
    ecg::{LeadName, LeadSet},
    evaluate::moments,
    field::{Inverse, softmax},
    signal::metrics::ValueRange,
};

/// Independent leads: I, II, V1 to V6.
pub(super) const LEADS: usize = 8;
/// One recording as the fit sees it: second moments of its eight leads.
#[derive(Clone, Debug, PartialEq)]
pub struct FitMoments {
    /// About the mean, over the first half.
    calibration: Mat<f64>,
    /// Over the last half, divided by the square of the recording's range.
    judgement: Mat<f64>,
}

impl FitMoments {
    /// Of `leads` (filtered already). `None` if a lead is missing or flat.
    pub fn new(leads: &LeadSet) -> Option<Self> {
        let n = leads.n_samples();
        let span = ValueRange::of(leads)?.span_mv();
        let half = |range, centred| {
            let moments = moments(&leads.slice(range)?, &LeadName::EIGHT, centred)?;
            let power: f64 = (0..LEADS).map(|it| moments[(it, it)]).sum();
            (power.is_finite() && 0.0 < power).then_some(moments)
        };
        Some(Self {
            calibration: half(0..n / 2, true)?,
            judgement: half(n / 2..n, false)? * Scale(1.0 / (span * span)),
        })
    }

    /// Covariance of some of the leads over the seconds that calibrate, scaled to unit mean power.
    pub(super) fn covariance(&self, leads: &[usize]) -> Mat<f64> {
        let n = leads.len();
        let among = Mat::from_fn(n, n, |i, j| self.calibration[(leads[i], leads[j])]);
        let power = (0..n).map(|it| among[(it, it)]).sum::<f64>() / n as f64;
        among * Scale(1.0 / power)
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
    patients: &[FitMoments],
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
                .zip(shares(&log_weights, misfits, temperature))
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
    patients: &[FitMoments],
    ridge: f64,
    known: &[usize],
    target: usize,
) -> LeftOut {
    let n = known.len();
    let of_member = |field: &Mat<f64>| {
        let leads = Mat::from_fn(n, field.ncols(), |i, j| field[(known[i], j)]);
        let Some(inverse) = Inverse::new(leads.as_ref(), ridge) else {
            return ([0.0; LEADS], None);
        };
        let mut error = [0.0; LEADS];
        error[target] = -1.0;
        for (k, lead) in known.iter().enumerate() {
            error[*lead] = (0..field.ncols())
                .map(|it| field[(target, it)] * inverse.sources[(it, k)])
                .sum();
        }
        (error, Some(inverse))
    };
    let (errors, inverses): (Vec<_>, Vec<_>) = fields.par_iter().map(of_member).unzip();
    LeftOut {
        misfits: misfits(&inverses, patients, known),
        errors,
    }
}

/// How badly each member explains each patient: the share of the power of the known leads that its
/// sources leave over.
fn misfits(
    inverses: &[Option<Inverse>],
    patients: &[FitMoments],
    known: &[usize],
) -> Vec<Vec<f32>> {
    let of_patient = |it: &FitMoments| {
        let covariance = it.covariance(known);
        let misfit = |inverse: &Option<Inverse>| {
            let found = inverse.as_ref().map(|it| it.misfit(covariance.as_ref()));
            found.unwrap_or(1.0) as f32
        };
        inverses.iter().map(misfit).collect()
    };
    patients.par_iter().map(of_patient).collect()
}

/// Shares of the members in a patient.
fn shares(log_weights: &[f64], misfits: &[f32], temperature: f64) -> Vec<f64> {
    let log: Vec<f64> = log_weights
        .iter()
        .zip(misfits)
        .map(|(weight, misfit)| weight - f64::from(*misfit) / temperature)
        .collect();
    softmax(&log)
}

/// Mean squared error in dB (with a penalty) and its slope by the coefficients and, last, the log
/// temperature over `start`.
fn slope(
    at: &[f64],
    start: f64,
    sets: &[LeftOut],
    features: &[Vec<f64>],
    patients: &[FitMoments],
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
                let shares = shares(&log_weights, misfits, temperature);
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
fn judged(shares: &[f64], errors: &[[f64; LEADS]], judgement: &Mat<f64>) -> (f64, [f64; LEADS]) {
    let mut mixed = [0.0; LEADS];
    for (share, error) in shares.iter().zip(errors) {
        mixed
            .iter_mut()
            .zip(error)
            .for_each(|(it, value)| *it += share * value);
    }
    let mixed = ColRef::from_slice(&mixed);
    let toward = judgement * mixed;
    let error: f64 = mixed.transpose() * &toward;
    (error.max(1e-12), std::array::from_fn(|it| toward[it]))
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
