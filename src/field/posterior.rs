//! A patient's posterior over the ensemble: how to mix the recorded leads for any electrode on the
//! skin.

use faer::{Accum, ColRef, Mat, MatMut, MatRef, Par, linalg::matmul::matmul};

use super::FieldPrior;
use crate::ecg::{Montage, ViewAngle};

/// One lead as a signed mix of the recorded ones.
#[derive(Clone, Debug, PartialEq)]
pub struct Mix {
    /// Weight of each recorded lead, in the order that the posterior was made with.
    pub weights: Vec<f64>,
    /// Covariance of these weights over the members, leads × leads.
    pub spread: Mat<f64>,
}

/// How this patient's recorded leads make any other.
pub struct Posterior<'a> {
    prior: &'a FieldPrior,
    /// Of each member that matters.
    shares: Vec<f64>,
    /// A member's rows from the recorded leads, rows × leads, one member beside the other.
    maps: Mat<f64>,
    /// Their mean by share, rows × leads.
    mean: Mat<f64>,
}

impl<'a> Posterior<'a> {
    /// From the members that matter: share, index, and sources from the `n` recorded leads.
    pub(super) fn of_members<'m>(
        prior: &'a FieldPrior,
        n: usize,
        members: impl Iterator<Item = (f64, usize, &'m Mat<f64>)>,
    ) -> Self {
        let members: Vec<_> = members.collect();
        let rows = prior.skin.n_rows();
        let mut maps = Mat::zeros(rows, n * members.len());
        let mut mean = Mat::zeros(rows, n);
        for (at, (share, idx, sources)) in members.iter().enumerate() {
            let mut map = maps.as_mut().subcols_mut(at * n, n);
            product(
                map.as_mut(),
                prior.members[*idx].rows.as_ref(),
                sources.as_ref(),
            );
            add(mean.as_mut(), map.as_ref(), *share);
        }
        Self {
            prior,
            shares: members.iter().map(|it| it.0).collect(),
            maps,
            mean,
        }
    }

    /// An electrode in direction `view` against Wilson's terminal.
    pub fn electrode(&self, view: ViewAngle) -> Mix {
        self.mix(&self.prior.skin.view_row(view))
    }

    /// The weights alone of [`Posterior::electrode`]: one product instead of one per member.
    pub fn electrode_weights(&self, view: ViewAngle) -> Vec<f64> {
        let row = self.prior.skin.view_row(view);
        let weights = self.mean.transpose() * ColRef::from_slice(&row);
        weights.iter().copied().collect()
    }

    /// A lead of the catalogue.
    pub fn montage(&self, montage: &Montage) -> Mix {
        self.mix(&self.prior.skin.montage_row(montage))
    }

    fn mix(&self, row: &[f64]) -> Mix {
        let (n, members) = (self.mean.ncols(), self.shares.len());
        let mut each = vec![0.0; n * members];
        product(
            MatMut::from_column_major_slice_mut(&mut each, n * members, 1),
            self.maps.transpose(),
            ColRef::from_slice(row).as_mat(),
        );
        let each = MatRef::from_column_major_slice(&each, n, members);
        let weights = each * ColRef::from_slice(&self.shares);
        let apart = Mat::from_fn(n, members, |lead, member| {
            self.shares[member].sqrt() * (each[(lead, member)] - weights[lead])
        });
        Mix {
            weights: weights.iter().copied().collect(),
            spread: &apart * apart.transpose(),
        }
    }
}

/// Adds a share of `other`, in place: there are many of them, and all are small.
fn add(to: MatMut<'_, f64>, other: MatRef<'_, f64>, share: f64) {
    let columns = to.col_iter_mut().zip(other.col_iter());
    columns.for_each(|(to, other)| {
        let pairs = to.iter_mut().zip(other.iter());
        pairs.for_each(|(to, other)| *to += other * share);
    });
}

/// On one thread: many leads are asked for in parallel, and none of these products is large.
fn product(to: MatMut<'_, f64>, a: MatRef<'_, f64>, b: MatRef<'_, f64>) {
    matmul(to, Accum::Replace, a, b, 1.0, Par::Seq);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{LeadName, montage};

    const KNOWN: [LeadName; 7] = [
        LeadName::I,
        LeadName::II,
        LeadName::V1,
        LeadName::V2,
        LeadName::V4,
        LeadName::V5,
        LeadName::V6,
    ];

    fn known() -> Vec<&'static Montage> {
        KNOWN.iter().filter_map(montage).collect()
    }

    #[test]
    fn v3_lies_between_its_neighbours() {
        let posterior = FieldPrior::embedded().posterior(&known(), Mat::zeros(7, 7).as_ref());
        let mix = posterior.montage(montage(&LeadName::V3).unwrap());
        assert!(
            0.2 < mix.weights[3] && 0.2 < mix.weights[4],
            "{:?}",
            mix.weights
        );
        assert!((0..7).all(|it| 0.0 <= mix.spread[(it, it)]));
    }

    #[test]
    fn weights_alone_are_those_of_the_mix() {
        let posterior = FieldPrior::embedded().posterior(&known(), Mat::zeros(7, 7).as_ref());
        let view = ViewAngle::from_degrees(60.0, -20.0).unwrap();
        let (alone, mix) = (posterior.electrode_weights(view), posterior.electrode(view));
        assert!(
            alone
                .iter()
                .zip(&mix.weights)
                .all(|(a, b)| (a - b).abs() < 1e-9),
            "{alone:?} {:?}",
            mix.weights
        );
    }

    #[test]
    fn poor_evidence_falls_back_to_the_prior() {
        let prior = FieldPrior::embedded();
        let v9 = montage(&LeadName::parse("V9")).unwrap();
        let expected = prior
            .posterior(&known(), Mat::zeros(7, 7).as_ref())
            .montage(v9);
        for evidence in [Mat::full(7, 7, f64::NAN), Mat::zeros(0, 0)] {
            let found = prior.posterior(&known(), evidence.as_ref()).montage(v9);
            assert_eq!(found, expected);
        }
    }
}
