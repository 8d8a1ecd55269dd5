//! One member of the ensemble, and what it makes of the recorded leads.

use faer::{Mat, MatRef, Side, linalg::solvers::Solve};

/// A body with a heart in it: what a lead reads of each source, as rows to be mixed. The first rows
/// belong to the shared basis of skin potentials, the last six to the placement of V1 to V6.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Member {
    pub(crate) rows: Mat<f64>,
    pub(crate) log_weight: f64,
}

/// How the ensemble is inverted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Inversion {
    /// Ridge of a member's inverse, as a share of its mean lead power.
    pub(crate) ridge: f64,
    /// How sharply misfit tells members apart.
    pub(crate) temperature: f64,
}

/// What a member makes of some leads.
pub(crate) struct Inverse {
    /// Sources from leads: Lᵀ(LLᵀ + ridge)⁻¹, sources × leads.
    pub(crate) sources: Mat<f64>,
    /// RᵀR of the residual R = I − LG: what it cannot explain of a covariance of the leads is the
    /// inner product with it.
    pub(crate) unexplained: Mat<f64>,
}

impl Inverse {
    /// Of what the leads read of each source. `None` if they read nothing.
    pub(crate) fn new(leads: MatRef<'_, f64>, ridge: f64) -> Option<Self> {
        let n = leads.nrows();
        let mut gram = leads * leads.transpose();
        let power = (0..n).map(|it| gram[(it, it)]).sum::<f64>() / n.max(1) as f64;
        (0..n).for_each(|it| gram[(it, it)] += ridge * power);
        let solved = gram.llt(Side::Lower).ok()?.solve(leads);
        let residual = Mat::<f64>::identity(n, n) - leads * solved.transpose();
        Some(Self {
            sources: solved.transpose().to_owned(),
            unexplained: residual.transpose() * &residual,
        })
    }

    /// Share of the power of a patient's leads that it leaves over; zero if they are silent.
    pub(crate) fn misfit(&self, covariance: MatRef<'_, f64>) -> f64 {
        misfit(self.unexplained.as_ref(), covariance)
    }
}

/// Share of the power in `covariance` that is `unexplained`; zero if there is none.
pub(crate) fn misfit(unexplained: MatRef<'_, f64>, covariance: MatRef<'_, f64>) -> f64 {
    let power: f64 = (0..covariance.nrows()).map(|it| covariance[(it, it)]).sum();
    let columns = unexplained.col_iter().zip(covariance.col_iter());
    let left: f64 = columns.map(|(a, b)| a.transpose() * b).sum();
    if 0.0 < power { left / power } else { 0.0 }
}

/// Shares in proportion to exponentials; they sum to one.
pub(crate) fn softmax(log: &[f64]) -> Vec<f64> {
    let top = log.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut shares: Vec<f64> = log.iter().map(|it| (it - top).exp()).collect();
    let total: f64 = shares.iter().sum();
    shares.iter_mut().for_each(|share| *share /= total);
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ecg::{LeadName, montage},
        field::{Conductor, reference_torso},
    };

    /// Made by tests/data/field_oracle.py: NumPy, another implementation of the same equations.
    #[derive(serde::Deserialize)]
    struct Oracle {
        sources_mm: Vec<Vec<[f64; 3]>>,
        fields: Vec<Vec<Vec<f64>>>,
        covariance: Vec<Vec<f64>>,
        weights: Vec<Vec<f64>>,
    }

    fn oracle() -> Oracle {
        serde_json::from_str(include_str!("../../tests/data/field_oracle.json")).unwrap()
    }

    #[test]
    fn lead_fields_agree_with_the_oracle() {
        let (oracle, torso) = (oracle(), Conductor::new(&reference_torso()).unwrap());
        let lead =
            |it: &LeadName| torso.lead_field(&torso.montage_points(montage(it).unwrap()).unwrap());
        let leads: Vec<_> = LeadName::EIGHT.iter().map(lead).collect();
        for (sources, expected) in oracle.sources_mm.iter().zip(&oracle.fields) {
            let found = torso.lead_vectors(&leads, sources);
            let largest = expected
                .iter()
                .flatten()
                .fold(0.0f64, |top, it| top.max(it.abs()));
            for (lead, row) in expected.iter().enumerate() {
                for (column, value) in row.iter().enumerate() {
                    let off = (found[lead][column / 3][column % 3] - value).abs() / largest;
                    assert!(off < 1e-4, "lead {lead}, component {column}: {off}");
                }
            }
        }
    }

    #[test]
    fn posterior_agrees_with_the_oracle() {
        let oracle = oracle();
        let (known, asked) = ([0, 1, 2, 4, 5, 6], [3, 7]);
        let pick = |field: &Vec<Vec<f64>>, rows: &[usize]| {
            Mat::from_fn(rows.len(), 12, |i, j| field[rows[i]][j])
        };
        let leads: Vec<_> = oracle.fields.iter().map(|it| pick(it, &known)).collect();
        let covariance = Mat::from_fn(6, 6, |i, j| oracle.covariance[i][j]);
        let inverses: Vec<Inverse> = leads
            .iter()
            .map(|it| Inverse::new(it.as_ref(), 3e-3).unwrap())
            .collect();
        let log: Vec<f64> = inverses
            .iter()
            .map(|it| -it.misfit(covariance.as_ref()) / 5e-2)
            .collect();
        let mut found = Mat::<f64>::zeros(2, 6);
        for ((share, inverse), field) in softmax(&log).iter().zip(&inverses).zip(&oracle.fields) {
            found += pick(field, &asked) * &inverse.sources * faer::Scale(*share);
        }
        for (i, row) in oracle.weights.iter().enumerate() {
            for (j, expected) in row.iter().enumerate() {
                assert!(
                    (found[(i, j)] - expected).abs() < 1e-4,
                    "weight {i}, {j}: {} against {expected}",
                    found[(i, j)]
                );
            }
        }
    }

    #[test]
    fn shares_follow_the_logarithms_however_large() {
        let found = softmax(&[-1e4, -1e4 - 3f64.ln(), f64::NEG_INFINITY]);
        let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
        assert!(close(found[0], 0.75) && close(found[1], 0.25) && found[2] == 0.0);
    }
}
