//! Leads as weighted places on the skin, and what follows from that alone: which leads are sums of
//! others.

use faer::{ColRef, Mat, Side, linalg::solvers::Solve};

use crate::ecg::Montage;

use super::linear;

/// Product of two leads over the electrodes that they share.
fn shared(a: &[(&str, f64)], b: &[(&str, f64)]) -> f64 {
    a.iter()
        .map(|(site, weight)| {
            b.iter()
                .filter(|it| it.0 == *site)
                .map(|it| it.1 * weight)
                .sum::<f64>()
        })
        .sum()
}

/// Coefficients with which `wanted` is exactly a sum of `known` (Einthoven, Goldberger, any bipolar
/// lead of recorded electrodes). `None` where it is not. `known` must be independent.
pub(crate) fn exact_sum(known: &[&Montage], wanted: &Montage) -> Option<Vec<f64>> {
    let rows: Vec<_> = known.iter().map(|it| it.sites()).collect();
    let target = wanted.sites();
    let side: Vec<f64> = rows.iter().map(|row| shared(row, &target)).collect();
    let n = known.len();
    let gram = Mat::from_fn(n, n, |i, j| shared(&rows[i], &rows[j]));
    let raw = gram.llt(Side::Lower).ok()?.solve(ColRef::from_slice(&side));
    let raw: Vec<f64> = raw.iter().copied().collect();
    let left = shared(&target, &target) - linear::dot(&raw, &side);
    // Coefficients of electrode algebra are small fractions: rounding the last digits away makes
    // Einthoven exact.
    (left.abs() < 1e-9).then(|| raw.iter().map(|it| (it * 1e9).round() / 1e9).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{LeadName, montage};

    fn check(known: &[LeadName], wanted: &LeadName, expected: Option<&[f64]>) {
        let known: Vec<_> = known.iter().map(|it| montage(it).unwrap()).collect();
        let found = exact_sum(&known, montage(wanted).unwrap());
        assert_eq!(found.as_deref(), expected, "{wanted}");
    }

    #[test]
    fn electrode_algebra() {
        use LeadName::{AVF, AVL, AVR, I, II, III, V1, V5};
        check(&[I, II], &III, Some(&[-1.0, 1.0]));
        check(&[I, II], &AVR, Some(&[-0.5, -0.5]));
        check(
            &[AVL, AVF],
            &I,
            Some(&[4.0 / 3.0, 2.0 / 3.0].map(|it: f64| (it * 1e9).round() / 1e9)),
        );
        check(&[I, II, V1], &V1, Some(&[0.0, 0.0, 1.0]));
        check(&[I, II, V1], &V5, None);
        check(
            &[V5, LeadName::parse("V5R")],
            &LeadName::parse("CC5"),
            Some(&[1.0, -1.0]),
        );
        check(&[], &V5, None);
    }
}
