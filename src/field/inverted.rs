//! The ensemble inverted for one set of recorded leads: what many patients with the same leads
//! share.

use faer::Mat;

use super::{FieldPrior, Posterior, member};
use crate::ecg::Montage;

/// Every member's inverse for one set of leads. Patients differ only in the members' shares.
pub struct Inverted<'a> {
    prior: &'a FieldPrior,
    n_known: usize,
    members: Vec<Inverse>,
}

struct Inverse {
    log_weight: f64,
    /// RᵀR of what the member cannot explain, row-major: its misfit is the inner product with a
    /// covariance.
    unexplained: Vec<f64>,
    /// Rows of the member from the recorded leads.
    map: Vec<f64>,
}

impl FieldPrior {
    /// Inverts the ensemble for some recorded leads.
    pub fn inverted(&self, known: &[&Montage]) -> Inverted<'_> {
        let n = known.len();
        let rows: Vec<_> = known.iter().map(|it| self.montage_row(it)).collect();
        let readings = Mat::from_fn(n, rows.first().map_or(0, Vec::len), |lead, it| {
            rows[lead][it]
        });
        let invert = |it: &member::Member| {
            let leads = &readings * &it.rows;
            let (sources, residual) = member::inverse(leads.as_ref(), self.inversion.ridge)?;
            let gram = residual.transpose() * &residual;
            let map = &it.rows * &sources;
            let flat = |it: &Mat<f64>| (0..it.nrows() * n).map(|at| it[(at / n, at % n)]).collect();
            Some(Inverse {
                log_weight: it.log_weight,
                unexplained: flat(&gram),
                map: flat(&map),
            })
        };
        Inverted {
            prior: self,
            n_known: n,
            members: self.members.iter().filter_map(invert).collect(),
        }
    }
}

impl<'a> Inverted<'a> {
    /// The posterior of a patient with this covariance of the recorded leads (row-major, finite).
    pub fn posterior(&self, covariance: &[f64]) -> Posterior<'a> {
        /// As in [`Posterior::new`].
        const LEAST: f64 = 1e-6;
        let n = self.n_known;
        let power: f64 = (0..n).map(|it| covariance[it * n + it]).sum();
        let misfit = |it: &Inverse| {
            it.unexplained
                .iter()
                .zip(covariance)
                .map(|(a, b)| a * b)
                .sum::<f64>()
        };
        let evidence = |it: &Inverse| {
            if 0.0 < power {
                misfit(it) / power / self.prior.inversion.temperature
            } else {
                0.0
            }
        };
        let log: Vec<f64> = self
            .members
            .iter()
            .map(|it| it.log_weight - evidence(it))
            .collect();
        let top = log.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let total: f64 = log.iter().map(|it| (it - top).exp()).sum();
        let shares = log.iter().map(|it| (it - top).exp() / total);
        let members = shares
            .zip(&self.members)
            .filter(|it| LEAST < it.0)
            .map(|(share, it)| (share, it.map.clone()))
            .collect();
        Posterior::of_members(self.prior, n, members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{LeadName, montage};

    #[test]
    fn the_same_posterior_as_one_by_one() {
        let prior = FieldPrior::embedded();
        let known: Vec<_> = [LeadName::I, LeadName::II, LeadName::V3]
            .iter()
            .filter_map(montage)
            .collect();
        let covariance = [0.02, 0.01, 0.015, 0.01, 0.03, 0.02, 0.015, 0.02, 0.09];
        let v5 = montage(&LeadName::V5).unwrap();
        let expected = prior.posterior(&known, &covariance).montage(v5);
        let found = prior.inverted(&known).posterior(&covariance).montage(v5);
        let close = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(x, y)| (x - y).abs() < 1e-9);
        assert!(close(&found.weights, &expected.weights) && close(&found.spread, &expected.spread));
    }
}
