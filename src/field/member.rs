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

/// Sources from leads: Lᵀ(LLᵀ + ridge)⁻¹, with the residual I − LG. `None` if the leads read
/// nothing.
pub(crate) fn inverse(leads: MatRef<'_, f64>, ridge: f64) -> Option<(Mat<f64>, Mat<f64>)> {
    let n = leads.nrows();
    let mut gram = leads * leads.transpose();
    let power = (0..n).map(|it| gram[(it, it)]).sum::<f64>() / n.max(1) as f64;
    (0..n).for_each(|it| gram[(it, it)] += ridge * power);
    let sources = gram
        .llt(Side::Lower)
        .ok()?
        .solve(leads)
        .transpose()
        .to_owned();
    let residual = Mat::<f64>::identity(n, n) - leads * &sources;
    Some((sources, residual))
}

/// Shares of members whose known leads are `leads`, given the patient's covariance, and each
/// member's inverse.
pub(super) fn shares(
    leads: &[Mat<f64>],
    log_weights: &[f64],
    covariance: MatRef<'_, f64>,
    inversion: Inversion,
) -> Vec<(f64, Mat<f64>)> {
    let n = covariance.nrows();
    let power: f64 = (0..n).map(|it| covariance[(it, it)]).sum();
    let fit = |member: &Mat<f64>, log_weight: f64| {
        let Some((sources, residual)) = inverse(member.as_ref(), inversion.ridge) else {
            return (f64::NEG_INFINITY, Mat::zeros(member.ncols(), n));
        };
        let left = &residual * covariance;
        let misfit: f64 = (0..n)
            .flat_map(|i| (0..n).map(move |j| (i, j)))
            .map(|(i, j)| left[(i, j)] * residual[(i, j)])
            .sum();
        let evidence = if 0.0 < power {
            misfit / power / inversion.temperature
        } else {
            0.0
        };
        (log_weight - evidence, sources)
    };
    let fits: Vec<_> = leads
        .iter()
        .zip(log_weights)
        .map(|(it, weight)| fit(it, *weight))
        .collect();
    let top = fits.iter().map(|it| it.0).fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = fits.iter().map(|it| (it.0 - top).exp()).sum();
    fits.into_iter()
        .map(|(log, sources)| ((log - top).exp() / total, sources))
        .collect()
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
        let inversion = Inversion {
            ridge: 3e-3,
            temperature: 5e-2,
        };
        let mut found = Mat::<f64>::zeros(2, 6);
        for ((share, sources), field) in shares(&leads, &[0.0; 5], covariance.as_ref(), inversion)
            .iter()
            .zip(&oracle.fields)
        {
            found += pick(field, &asked) * sources * faer::Scale(*share);
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
}
