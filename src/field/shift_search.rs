//! When the places believed of the chest electrodes may be wrong by tens of degrees: the posterior
//! over where they all sit, too.
//!
//! The electrodes share one unknown shift of direction, as a device that holds a wrong table of
//! angles makes it. Every member is asked with every shift of a lattice, none likelier than another
//! beforehand; the recording says which it believes, as it says which members it believes.

use faer::{Mat, MatRef};

use super::{
    FieldPrior, Posterior,
    member::{Inverse, misfit, softmax},
};
use crate::ecg::Montage;

/// How far the exploring electrodes are from their sites, seen from the heart.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shift {
    /// Degrees downwards.
    pub down_deg: f64,
    /// Degrees towards the patient's left, around the body.
    pub left_deg: f64,
}

/// Steps of the lattice, degrees.
const STEP_DEG: i32 = 10;
/// Steps from the middle to the lattice's edge, each way.
const REACH: i32 = 4;

/// The ensemble with every shift around what is believed, for one set of recorded leads.
pub struct ShiftedEnsemble<'a> {
    prior: &'a FieldPrior,
    n_known: usize,
    lattice: Vec<(Shift, Mat<f64>)>,
    choices: Vec<Choice>,
}

/// A member with a shift.
struct Choice {
    at: usize,
    member: usize,
    /// As in [`Inverse`].
    unexplained: Mat<f64>,
}

impl FieldPrior {
    /// For leads whose exploring electrodes are believed to be so far beside their sites.
    pub fn shifted(&self, known: &[&Montage], believed: Shift) -> ShiftedEnsemble<'_> {
        let steps = || (-REACH..=REACH).map(|it| f64::from(it * STEP_DEG));
        let shifts =
            steps().flat_map(|down_deg| steps().map(move |left_deg| Shift { down_deg, left_deg }));
        let lattice: Vec<(Shift, Mat<f64>)> = shifts
            .map(|shift| (shift, self.shifted_readings(known, believed, shift)))
            .collect();
        let mut choices = Vec::new();
        for (at, (_, readings)) in lattice.iter().enumerate() {
            for (member, it) in self.members.iter().enumerate() {
                let leads = readings * &it.rows;
                if let Some(inverse) = Inverse::new(leads.as_ref(), self.inversion.ridge) {
                    choices.push(Choice {
                        at,
                        member,
                        unexplained: inverse.unexplained,
                    });
                }
            }
        }
        ShiftedEnsemble {
            prior: self,
            n_known: known.len(),
            lattice,
            choices,
        }
    }

    /// The posterior of leads whose exploring electrodes are `believed` beside their sites, taken at
    /// its word.
    pub fn posterior_at(
        &self,
        known: &[&Montage],
        believed: Shift,
        covariance: MatRef<'_, f64>,
    ) -> Posterior<'_> {
        let readings = self.shifted_readings(known, believed, Shift::default());
        self.inverted_of(&readings).posterior(covariance)
    }

    fn shifted_readings(&self, known: &[&Montage], believed: Shift, by: Shift) -> Mat<f64> {
        let moved = (
            (believed.down_deg + by.down_deg).to_radians(),
            (believed.left_deg + by.left_deg).to_radians(),
        );
        let rows: Vec<Vec<f64>> = known
            .iter()
            .map(|montage| self.skin.montage_row_moved(montage, moved))
            .collect();
        self.skin.readings(&rows)
    }
}

impl<'a> ShiftedEnsemble<'a> {
    /// The posterior of a patient with this covariance of the recorded leads (leads × leads, mV²),
    /// and how far beside what is believed the electrodes seem to sit.
    pub fn posterior(&self, covariance: MatRef<'_, f64>) -> (Posterior<'a>, Shift) {
        /// Less likely choices, of tens of thousands, move no weight that could be seen.
        const LEAST: f64 = 1e-4;
        let log: Vec<f64> = self
            .choices
            .iter()
            .map(|it| {
                self.prior.members[it.member].log_weight
                    - misfit(it.unexplained.as_ref(), covariance) / self.prior.inversion.temperature
            })
            .collect();
        let (mut kept, mut found) = (Vec::new(), Shift::default());
        for (choice, share) in self.choices.iter().zip(softmax(&log)) {
            let (shift, readings) = &self.lattice[choice.at];
            found.down_deg += share * shift.down_deg;
            found.left_deg += share * shift.left_deg;
            if LEAST < share {
                let leads = readings * &self.prior.members[choice.member].rows;
                let inverse = Inverse::new(leads.as_ref(), self.prior.inversion.ridge);
                kept.extend(inverse.map(|it| (share, choice.member, it.sources)));
            }
        }
        let total: f64 = kept.iter().map(|it| it.0).sum();
        let kept = kept
            .iter()
            .map(|(share, member, sources)| (share / total, *member, sources));
        (Posterior::of_members(self.prior, self.n_known, kept), found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{LeadName, montage};

    const KNOWN: [LeadName; 6] = [
        LeadName::I,
        LeadName::II,
        LeadName::V1,
        LeadName::V3,
        LeadName::V4,
        LeadName::V5,
    ];

    fn known() -> Vec<&'static Montage> {
        KNOWN.iter().filter_map(montage).collect()
    }

    /// Covariance that the shipped ensemble's own middle member expects of the leads.
    fn covariance(prior: &FieldPrior) -> Mat<f64> {
        let readings = prior.shifted_readings(&known(), Shift::default(), Shift::default());
        let leads = &readings * &prior.members[prior.members.len() / 2].rows;
        &leads * leads.transpose()
    }

    #[test]
    fn believed_rightly_is_the_plain_posterior() {
        let prior = FieldPrior::unweighted();
        let v2 = montage(&LeadName::V2).unwrap();
        let covariance = covariance(prior);
        let plain = prior.posterior(&known(), covariance.as_ref()).montage(v2);
        let believed = prior.posterior_at(&known(), Shift::default(), covariance.as_ref());
        assert_eq!(believed.montage(v2), plain);
    }

    #[test]
    fn a_table_that_is_off_is_found_out() {
        let prior = FieldPrior::unweighted();
        let believed = Shift {
            down_deg: 30.0,
            left_deg: 30.0,
        };
        let covariance = covariance(prior);
        let covariance = covariance.as_ref();
        let right = prior.posterior(&known(), covariance);
        let wrong = prior.posterior_at(&known(), believed, covariance);
        let (searched, found) = prior.shifted(&known(), believed).posterior(covariance);
        assert!(
            found.down_deg < -10.0 && found.left_deg < -10.0,
            "{found:?}"
        );
        for target in [LeadName::V2, LeadName::V6] {
            let target = montage(&target).unwrap();
            let off = |posterior: &Posterior| -> f64 {
                let [a, b] = [posterior, &right].map(|it| it.montage(target).weights);
                let apart: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a - b).collect();
                let apart = faer::ColRef::from_slice(&apart);
                apart.transpose() * covariance * apart
            };
            let (before, after) = (off(&wrong), off(&searched));
            assert!(
                after < 0.5 * before,
                "{}: {after} against {before}",
                target.name
            );
        }
    }
}
