//! Least squares from second moments.

use faer::{Mat, Side, linalg::solvers::Solve};

use crate::ecg::LeadName;

/// Ridge as a share of the mean power: enough for leads that follow from each other.
const RIDGE: f64 = 1e-6;

/// Weights of `inputs` that estimate `target`, from second moments among `names` (row-major).
pub(super) fn fit(
    names: &[LeadName],
    moments: &[f64],
    inputs: &[LeadName],
    target: &LeadName,
) -> Option<Vec<f64>> {
    let at = |name: &LeadName| names.iter().position(|it| it == name);
    let among: Vec<usize> = inputs.iter().map(at).collect::<Option<_>>()?;
    let target = at(target)?;
    let side = |i: usize| moments[among[i] * names.len() + target];
    solve(
        |i, j| moments[among[i] * names.len() + among[j]],
        side,
        among.len(),
        RIDGE,
    )
}

/// Weights of the inputs for a mix of the known leads, by this patient's covariance of the known
/// leads.
pub(super) fn onto_inputs(
    known: &[LeadName],
    inputs: &[LeadName],
    covariance: &[f64],
    of_known: &[f64],
) -> Option<Vec<f64>> {
    if known == inputs {
        return Some(of_known.to_vec());
    }
    let n = known.len();
    let among: Vec<usize> = inputs
        .iter()
        .map(|it| known.iter().position(|name| name == it))
        .collect::<Option<_>>()?;
    let side = |i: usize| {
        (0..n)
            .map(|it| covariance[among[i] * n + it] * of_known[it])
            .sum()
    };
    solve(
        |i, j| covariance[among[i] * n + among[j]],
        side,
        among.len(),
        5e-4,
    )
}

fn solve(
    gram: impl Fn(usize, usize) -> f64,
    side: impl Fn(usize) -> f64,
    n: usize,
    ridge: f64,
) -> Option<Vec<f64>> {
    let power = (0..n).map(|it| gram(it, it)).sum::<f64>() / n as f64;
    if !(power.is_finite() && 0.0 < power) {
        return None;
    }
    let matrix = Mat::from_fn(n, n, |i, j| {
        gram(i, j) + if i == j { ridge * power } else { 0.0 }
    });
    let solved = matrix
        .llt(Side::Lower)
        .ok()?
        .solve(Mat::from_fn(n, 1, |i, _| side(i)));
    Some((0..n).map(|it| solved[(it, 0)]).collect())
}
