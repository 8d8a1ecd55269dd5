//! The ensemble inverted for one set of recorded leads: what many patients with the same leads
//! share.

use faer::{Mat, MatRef};

use super::{
    FieldPrior, Posterior,
    member::{Inverse, softmax},
};
use crate::ecg::{Montage, ViewAngle};

/// Members below this share move no weight that could be seen.
const LEAST: f64 = 1e-6;

/// Every member's inverse for one set of leads. Patients differ only in the members' shares.
pub struct Inverted<'a> {
    prior: &'a FieldPrior,
    n_known: usize,
    /// Of each member that reads anything, by index.
    members: Vec<(usize, Inverse)>,
}

impl FieldPrior {
    /// Inverts the ensemble for some recorded leads.
    pub fn inverted(&self, known: &[&Montage]) -> Inverted<'_> {
        self.inverted_relocated(known, &vec![None; known.len()])
    }

    /// The same where some leads' exploring electrodes sit elsewhere than their names say.
    pub fn inverted_relocated(
        &self,
        known: &[&Montage],
        electrodes: &[Option<ViewAngle>],
    ) -> Inverted<'_> {
        let row = |(montage, electrode): (&&Montage, &Option<ViewAngle>)| {
            electrode.map_or_else(
                || self.skin.montage_row(montage),
                |view| self.skin.view_row(view),
            )
        };
        let rows: Vec<Vec<f64>> = known.iter().zip(electrodes).map(row).collect();
        self.inverted_of(&self.skin.readings(&rows))
    }

    /// For leads that read a member's rows as `readings` says, leads × rows.
    pub(super) fn inverted_of(&self, readings: &Mat<f64>) -> Inverted<'_> {
        let inverse = |(idx, member): (usize, &super::member::Member)| {
            let leads = readings * &member.rows;
            Some((idx, Inverse::new(leads.as_ref(), self.inversion.ridge)?))
        };
        Inverted {
            prior: self,
            n_known: readings.nrows(),
            members: self
                .members
                .iter()
                .enumerate()
                .filter_map(inverse)
                .collect(),
        }
    }

    /// The patient's posterior from the leads in `known` and their covariance, leads × leads, mV².
    /// Without usable evidence it is the prior itself.
    pub fn posterior(&self, known: &[&Montage], covariance: MatRef<'_, f64>) -> Posterior<'_> {
        self.inverted(known).posterior(covariance)
    }
}

impl<'a> Inverted<'a> {
    /// The posterior of a patient with this covariance of the recorded leads; one of another size or
    /// with gaps says nothing.
    pub fn posterior(&self, covariance: MatRef<'_, f64>) -> Posterior<'a> {
        let n = self.n_known;
        let usable = covariance.shape() == (n, n) && !covariance.has_nan();
        let log: Vec<f64> = self
            .members
            .iter()
            .map(|(idx, inverse)| {
                let misfit = if usable {
                    inverse.misfit(covariance)
                } else {
                    0.0
                };
                self.prior.members[*idx].log_weight - misfit / self.prior.inversion.temperature
            })
            .collect();
        let kept = softmax(&log)
            .into_iter()
            .zip(&self.members)
            .filter(|it| LEAST < it.0)
            .map(|(share, (idx, inverse))| (share, *idx, &inverse.sources));
        Posterior::of_members(self.prior, n, kept)
    }
}

#[cfg(test)]
mod tests {
    use faer::mat;

    use super::*;
    use crate::ecg::{LeadName, montage};

    /// An electrode that sits where its name says changes nothing, elsewhere it does.
    #[test]
    fn a_relocated_electrode_reads_there() {
        let prior = FieldPrior::embedded();
        let known: Vec<_> = [LeadName::I, LeadName::II, LeadName::V3]
            .iter()
            .filter_map(montage)
            .collect();
        let covariance = mat![[0.02, 0.01, 0.015], [0.01, 0.03, 0.02], [0.015, 0.02, 0.09]];
        let v5 = montage(&LeadName::V5).unwrap();
        let weights = |electrode: Option<ViewAngle>| {
            prior
                .inverted_relocated(&known, &[None, None, electrode])
                .posterior(covariance.as_ref())
                .montage(v5)
                .weights
        };
        let apart =
            |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(x, y)| (x - y).abs()).sum() };
        let site = crate::ecg::site("V3").unwrap().view;
        let plain = weights(None);
        assert!(apart(&plain, &weights(Some(site))) < 1e-9);
        assert!(1e-2 < apart(&plain, &weights(Some(site.moved(0.4, 0.0)))));
    }
}
