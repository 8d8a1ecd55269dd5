//! A patient's posterior over the ensemble: how to mix the recorded leads for any electrode on the skin.

use faer::{Mat, Side, linalg::solvers::Solve};

use super::{FieldPrior, SkinPoint, prior::Member};
use crate::ecg::{HEART_CENTRE_MM, Montage, ViewAngle};

/// Ridge of a member's inverse, as a share of its mean lead power.
const RIDGE: f64 = 3e-3;
/// How sharply misfit tells members apart.
const TEMPERATURE: f64 = 2e-3;

/// One lead as a signed mix of the recorded ones.
#[derive(Clone, Debug, PartialEq)]
pub struct Mix {
    /// Weight of each recorded lead, in the order that the posterior was made with.
    pub weights: Vec<f64>,
    /// Covariance of these weights over the members, row-major.
    pub spread: Vec<f64>,
}

/// How this patient's recorded leads make any other.
pub struct Posterior<'a> {
    prior: &'a FieldPrior,
    n_known: usize,
    /// Per member: its share, and vertex potentials from the recorded leads.
    members: Vec<(f64, Mat<f64>)>,
}

impl<'a> Posterior<'a> {
    pub(super) fn new(prior: &'a FieldPrior, known: &[&Montage], covariance: &[f64]) -> Self {
        let n = known.len();
        let points: Vec<_> = known.iter().map(|it| prior.montage_points(it)).collect();
        let usable = covariance.len() == n * n && covariance.iter().all(|it| it.is_finite());
        let covariance = Mat::from_fn(n, n, |i, j| if usable { covariance[i * n + j] } else { 0.0 });
        let power: f64 = (0..n).map(|it| covariance[(it, it)]).sum();
        let fits: Vec<_> = prior.members.iter().map(|it| fit(prior, it, &points, &covariance)).collect();
        let log: Vec<f64> = fits
            .iter()
            .zip(&prior.members)
            .map(|(it, member)| member.log_weight - if 0.0 < power { it.0 / power / TEMPERATURE } else { 0.0 })
            .collect();
        let top = log.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let total: f64 = log.iter().map(|it| (it - top).exp()).sum();
        let members = fits.into_iter().zip(log).map(|((_, map), it)| ((it - top).exp() / total, map)).collect();
        Self { prior, n_known: n, members }
    }

    /// An electrode in direction `view` against Wilson's terminal.
    pub fn electrode(&self, view: ViewAngle) -> Mix {
        self.mix(&self.prior.view_points(view))
    }

    /// A lead of the catalogue.
    pub fn montage(&self, montage: &Montage) -> Mix {
        self.mix(&self.prior.montage_points(montage))
    }

    /// Where the skin of the reference torso lies in direction `view`, mm.
    pub fn skin_point(&self, view: ViewAngle) -> [f64; 3] {
        let hit = self.prior.mesh.outermost(HEART_CENTRE_MM, view.unit());
        hit.map_or(HEART_CENTRE_MM, |(triangle, weights)| self.prior.mesh.point(triangle, weights))
    }

    fn mix(&self, points: &[(SkinPoint, f64)]) -> Mix {
        let n = self.n_known;
        let per_member: Vec<(f64, Vec<f64>)> =
            self.members.iter().map(|(share, map)| (*share, (0..n).map(|lead| read(self.prior, map, points, lead)).collect())).collect();
        let mut weights = vec![0.0; n];
        for (share, row) in &per_member {
            weights.iter_mut().zip(row).for_each(|(it, value)| *it += share * value);
        }
        let mut spread = vec![0.0; n * n];
        for (share, row) in &per_member {
            for i in 0..n {
                for j in 0..n {
                    spread[i * n + j] += share * (row[i] - weights[i]) * (row[j] - weights[j]);
                }
            }
        }
        Mix { weights, spread }
    }
}

/// Misfit of a member to the covariance (in its units), and its vertex potentials as a mix of the recorded leads.
fn fit(prior: &FieldPrior, member: &Member, known: &[Vec<(SkinPoint, f64)>], covariance: &Mat<f64>) -> (f64, Mat<f64>) {
    let n = known.len();
    let leads = Mat::from_fn(n, member.potentials.ncols(), |lead, column| read(prior, &member.potentials, &known[lead], column));
    let mut gram = &leads * leads.transpose();
    let ridge = RIDGE * (0..n).map(|it| gram[(it, it)]).sum::<f64>() / n.max(1) as f64;
    (0..n).for_each(|it| gram[(it, it)] += ridge);
    let Ok(solver) = gram.llt(Side::Lower) else { return (f64::INFINITY, Mat::zeros(member.potentials.nrows(), n)) };
    let sources = solver.solve(&leads).transpose().to_owned();
    let residual = Mat::<f64>::identity(n, n) - &leads * &sources;
    let misfit = &residual * covariance * residual.transpose();
    ((0..n).map(|it| misfit[(it, it)]).sum(), &member.potentials * &sources)
}

/// Value of column `column` of vertex potentials at weighted skin points.
fn read(prior: &FieldPrior, at_vertices: &Mat<f64>, points: &[(SkinPoint, f64)], column: usize) -> f64 {
    let at = |point: &SkinPoint| -> f64 {
        let corners = prior.mesh.triangles[point.triangle];
        (0..3).map(|k| point.weights[k] * at_vertices[(corners[k], column)]).sum()
    };
    points.iter().map(|(point, weight)| weight * at(point)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{LeadName, montage};

    const KNOWN: [LeadName; 7] = [LeadName::I, LeadName::II, LeadName::V1, LeadName::V2, LeadName::V4, LeadName::V5, LeadName::V6];

    fn known() -> Vec<&'static Montage> {
        KNOWN.iter().filter_map(montage).collect()
    }

    #[test]
    fn v3_lies_between_its_neighbours() {
        let posterior = FieldPrior::embedded().posterior(&known(), &[0.0; 49]);
        let mix = posterior.montage(montage(&LeadName::V3).unwrap());
        assert!(0.2 < mix.weights[3] && 0.2 < mix.weights[4], "{:?}", mix.weights);
        assert!((0..7).all(|it| 0.0 <= mix.spread[8 * it]));
    }

    #[test]
    fn poor_evidence_falls_back_to_the_prior() {
        let prior = FieldPrior::embedded();
        let v9 = montage(&LeadName::parse("V9")).unwrap();
        let expected = prior.posterior(&known(), &[0.0; 49]).montage(v9);
        for evidence in [vec![f64::NAN; 49], vec![]] {
            assert_eq!(prior.posterior(&known(), &evidence).montage(v9), expected);
        }
    }
}
