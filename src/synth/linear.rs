//! Small systems and products over a dozen leads.

use faer::{ColRef, Mat, MatRef, RowRef, Side, linalg::solvers::Solve};

/// Weights of the leads `inputs` that estimate the leads `wanted`, inputs × wanted, by second moments
/// among all leads; `ridge` is a share of the inputs' mean power. `None` if the inputs are silent or
/// cannot be told apart.
pub(crate) fn regression(
    moments: MatRef<'_, f64>,
    inputs: &[usize],
    wanted: &[usize],
    ridge: f64,
) -> Option<Mat<f64>> {
    let n = inputs.len();
    let power = inputs.iter().map(|it| moments[(*it, *it)]).sum::<f64>() / n as f64;
    regression_held(moments, inputs, wanted, &vec![ridge * power; n])
}

/// The same with a ridge of its own for each input, in the moments' unit.
pub(crate) fn regression_held(
    moments: MatRef<'_, f64>,
    inputs: &[usize],
    wanted: &[usize],
    ridges: &[f64],
) -> Option<Mat<f64>> {
    let n = inputs.len();
    let power = inputs.iter().map(|it| moments[(*it, *it)]).sum::<f64>();
    if !(power.is_finite() && 0.0 < power) {
        return None;
    }
    let gram = Mat::from_fn(n, n, |i, j| {
        moments[(inputs[i], inputs[j])] + if i == j { ridges[i] } else { 0.0 }
    });
    let side = Mat::from_fn(n, wanted.len(), |i, j| moments[(inputs[i], wanted[j])]);
    Some(gram.llt(Side::Lower).ok()?.solve(side))
}

/// `xᵀ` times `a`.
pub(crate) fn times(x: &[f64], a: MatRef<'_, f64>) -> Vec<f64> {
    (RowRef::from_slice(x) * a).iter().copied().collect()
}

/// `xᵀ a x`.
pub(crate) fn form(x: &[f64], a: MatRef<'_, f64>) -> f64 {
    RowRef::from_slice(x) * a * ColRef::from_slice(x)
}

/// `x · y`.
pub(crate) fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(a, b)| a * b).sum()
}

/// Sum of the products of entries.
pub(crate) fn inner(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> f64 {
    let columns = a.col_iter().zip(b.col_iter());
    columns.map(|(a, b)| a.transpose() * b).sum()
}

/// `x xᵀ`.
pub(crate) fn outer(x: &[f64]) -> Mat<f64> {
    ColRef::from_slice(x) * RowRef::from_slice(x)
}

#[cfg(test)]
mod tests {
    use faer::mat;

    use super::*;

    #[test]
    fn a_regression_finds_what_was_mixed() {
        // Moments of (a, b, 2a − b) for independent a, b of power 4 and 9.
        let moments = mat![[4.0, 0.0, 8.0], [0.0, 9.0, -9.0], [8.0, -9.0, 25.0]];
        let found = regression(moments.as_ref(), &[0, 1], &[2, 0], 0.0).unwrap();
        assert!((found - mat![[2.0, 1.0], [-1.0, 0.0]]).norm_max() < 1e-12);
        let held = regression(moments.as_ref(), &[0, 1], &[2], 1.0).unwrap();
        assert!(held[(0, 0)] < 2.0 && -1.0 < held[(1, 0)], "a ridge shrinks");
        let twins = mat![[1.0, 1.0], [1.0, 1.0]];
        for silent in [twins.as_ref(), Mat::zeros(2, 2).as_ref()] {
            assert_eq!(regression(silent, &[0, 1], &[0], 0.0), None);
        }
    }

    #[test]
    fn products_agree() {
        let (x, a) = ([1.0, -2.0], mat![[2.0, 1.0], [1.0, 3.0]]);
        assert_eq!(times(&x, a.as_ref()), [0.0, -5.0]);
        assert_eq!(form(&x, a.as_ref()), 10.0);
        assert_eq!(inner(outer(&x).as_ref(), a.as_ref()), 10.0);
        assert_eq!(dot(&x, &x), 5.0);
    }
}
