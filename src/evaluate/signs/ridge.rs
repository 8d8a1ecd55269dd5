//! What the recorded leads' median beat tells of an amplitude off the chest at best: ridge regression
//! over virtual patients, cross-validated. A bound to hold the synthesis against, not a method.

use faer::{Mat, Side, linalg::solvers::Solve};

/// Parts of the cross-validation.
const FOLDS: usize = 10;
/// Ridge as a share of the rows' mean square length.
const RIDGE: f64 = 3e-4;

/// Each value estimated from its row by a ridge that saw the other nine tenths of the rows. `None`
/// where there are too few rows to speak of.
pub(super) fn cross_validated(rows: &[&[f64]], values: &[f64]) -> Option<Vec<f64>> {
    const FEWEST: usize = 5 * FOLDS;
    let n = rows.len();
    if n < FEWEST || values.len() != n {
        return None;
    }
    let flat = Mat::from_fn(n, rows[0].len(), |i, j| rows[i][j]);
    let products = &flat * flat.transpose();
    let mut found = vec![0.0; n];
    for fold in 0..FOLDS {
        let (out, seen): (Vec<usize>, Vec<usize>) = (0..n).partition(|it| it % FOLDS == fold);
        let mean_of = |value: &dyn Fn(usize) -> f64| {
            seen.iter().map(|it| value(*it)).sum::<f64>() / seen.len() as f64
        };
        let mean = mean_of(&|it| values[it]);
        // Products of rows about the mean of those that were seen.
        let with_mean: Vec<f64> = (0..n)
            .map(|row| mean_of(&|it| products[(row, it)]))
            .collect();
        let of_mean = mean_of(&|it| with_mean[it]);
        let gram = |i: usize, j: usize| products[(i, j)] - with_mean[i] - with_mean[j] + of_mean;
        let power = mean_of(&|it| gram(it, it));
        let among = Mat::from_fn(seen.len(), seen.len(), |i, j| {
            let ridge = if i == j { RIDGE * power } else { 0.0 };
            gram(seen[i], seen[j]) + ridge
        });
        let side = Mat::from_fn(seen.len(), 1, |i, _| values[seen[i]] - mean);
        let weights = among.llt(Side::Lower).ok()?.solve(side);
        for row in out {
            let sum = seen
                .iter()
                .enumerate()
                .map(|(at, other)| gram(row, *other) * weights[(at, 0)])
                .sum::<f64>();
            found[row] = mean + sum;
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linear_value_is_found_and_a_foreign_one_is_not() {
        let number = |it: usize| ((it * 7919) % 1009) as f64 / 504.5 - 1.0;
        let rows: Vec<Vec<f64>> = (0..80)
            .map(|row| (0..6).map(|column| number(6 * row + column)).collect())
            .collect();
        let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
        let linear: Vec<f64> = rows.iter().map(|row| 2.0 * row[1] - row[4] + 0.5).collect();
        let found = cross_validated(&rows, &linear).unwrap();
        let worst = found.iter().zip(&linear).map(|(a, b)| (a - b).abs());
        assert!(worst.fold(0.0, f64::max) < 0.02);
        let foreign: Vec<f64> = (0..80).map(|it| number(it * it + 31)).collect();
        let found = cross_validated(&rows, &foreign).unwrap();
        let error: f64 = found
            .iter()
            .zip(&foreign)
            .map(|(a, b)| (a - b).powi(2))
            .sum();
        let own: f64 = foreign.iter().map(|it| it * it).sum();
        assert!(0.8 * own < error, "{error} of {own}");
        assert_eq!(cross_validated(&rows[..20], &linear[..20]), None);
    }
}
