//! When the places told for the chest electrodes may be wrong by tens of degrees: the posterior
//! over where they all sit, too.
//!
//! The electrodes share one unknown shift of direction, as a device that holds a wrong table of
//! angles makes it. Every member is asked with every shift of a lattice, none likelier than another
//! beforehand; the recording says which it believes, as it says which members it believes.

use faer::Mat;

use super::{FieldPrior, Posterior, member};
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

/// The ensemble with every shift around what was told, for one set of recorded leads.
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
    log_weight: f64,
    /// RᵀR of what it cannot explain, row-major.
    unexplained: Vec<f64>,
}

impl FieldPrior {
    /// For leads whose exploring electrodes were told to be `told` beside their sites.
    pub fn shifted(&self, known: &[&Montage], told: Shift) -> ShiftedEnsemble<'_> {
        let around = || -REACH..=REACH;
        let shifts = around().flat_map(|down| {
            around().map(move |left| (f64::from(down * STEP_DEG), f64::from(left * STEP_DEG)))
        });
        let placed = shifts.map(|(down_deg, left_deg)| {
            (
                Shift { down_deg, left_deg },
                self.readings(known, told, down_deg, left_deg),
            )
        });
        let lattice: Vec<(Shift, Mat<f64>)> = placed.collect();
        let mut choices = Vec::new();
        for (at, (_, readings)) in lattice.iter().enumerate() {
            for (idx, it) in self.members.iter().enumerate() {
                let Some((_, residual)) =
                    member::inverse((readings * &it.rows).as_ref(), self.inversion.ridge)
                else {
                    continue;
                };
                let gram = residual.transpose() * &residual;
                let unexplained = (0..known.len() * known.len())
                    .map(|it| gram[(it / known.len(), it % known.len())])
                    .collect();
                choices.push(Choice {
                    at,
                    member: idx,
                    log_weight: it.log_weight,
                    unexplained,
                });
            }
        }
        ShiftedEnsemble {
            prior: self,
            n_known: known.len(),
            lattice,
            choices,
        }
    }

    /// The posterior of leads whose exploring electrodes are `told` beside their sites, taken at
    /// its word.
    pub fn posterior_at(
        &self,
        known: &[&Montage],
        told: Shift,
        covariance: &[f64],
    ) -> Posterior<'_> {
        Posterior::with_readings(self, self.readings(known, told, 0.0, 0.0), covariance)
    }

    fn readings(&self, known: &[&Montage], told: Shift, down_deg: f64, left_deg: f64) -> Mat<f64> {
        let moved = (
            (told.down_deg + down_deg).to_radians(),
            (told.left_deg + left_deg).to_radians(),
        );
        let rows: Vec<_> = known
            .iter()
            .map(|it| self.montage_row_moved(it, moved))
            .collect();
        Mat::from_fn(known.len(), rows.first().map_or(0, Vec::len), |lead, it| {
            rows[lead][it]
        })
    }
}

impl<'a> ShiftedEnsemble<'a> {
    /// The posterior of a patient with this covariance of the recorded leads (row-major, mV²), and
    /// how far beside what was told the electrodes are believed to sit.
    pub fn posterior(&self, covariance: &[f64]) -> (Posterior<'a>, Shift) {
        /// Less likely choices move no weight that could be seen.
        const LEAST: f64 = 1e-4;
        let n = self.n_known;
        let power: f64 = (0..n)
            .map(|it| covariance[it * n + it])
            .sum::<f64>()
            .max(f64::MIN_POSITIVE);
        let misfit = |it: &Choice| {
            it.unexplained
                .iter()
                .zip(covariance)
                .map(|(a, b)| a * b)
                .sum::<f64>()
                / power
        };
        let log: Vec<f64> = self
            .choices
            .iter()
            .map(|it| it.log_weight - misfit(it) / self.prior.inversion.temperature)
            .collect();
        let top = log.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let total: f64 = log.iter().map(|it| (it - top).exp()).sum();
        let (mut members, mut found) = (Vec::new(), Shift::default());
        for (choice, log) in self.choices.iter().zip(&log) {
            let share = (log - top).exp() / total;
            let (shift, readings) = &self.lattice[choice.at];
            found.down_deg += share * shift.down_deg;
            found.left_deg += share * shift.left_deg;
            let rows = &self.prior.members[choice.member].rows;
            if LEAST < share
                && let Some((sources, _)) =
                    member::inverse((readings * rows).as_ref(), self.prior.inversion.ridge)
            {
                let map = rows * &sources;
                members.push((
                    share,
                    (0..map.nrows() * n)
                        .map(|it| map[(it / n, it % n)])
                        .collect(),
                ));
            }
        }
        let kept: f64 = members.iter().map(|it: &(f64, Vec<f64>)| it.0).sum();
        members.iter_mut().for_each(|it| it.0 /= kept);
        (Posterior::of_members(self.prior, n, members), found)
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
    fn covariance(prior: &FieldPrior) -> Vec<f64> {
        let readings = prior.readings(&known(), Shift::default(), 0.0, 0.0);
        let leads = &readings * &prior.members[prior.members.len() / 2].rows;
        let gram = &leads * leads.transpose();
        (0..36).map(|it| gram[(it / 6, it % 6)]).collect()
    }

    #[test]
    fn told_right_is_the_plain_posterior() {
        let prior = FieldPrior::unweighted();
        let v2 = montage(&LeadName::V2).unwrap();
        let covariance = covariance(prior);
        let plain = prior.posterior(&known(), &covariance).montage(v2);
        assert_eq!(
            prior
                .posterior_at(&known(), Shift::default(), &covariance)
                .montage(v2),
            plain
        );
    }

    #[test]
    fn a_table_that_is_off_is_found_out() {
        let prior = FieldPrior::unweighted();
        let told = Shift {
            down_deg: 30.0,
            left_deg: 30.0,
        };
        let covariance = covariance(prior);
        let (posterior, found) = prior.shifted(&known(), told).posterior(&covariance);
        assert!(
            found.down_deg < -10.0 && found.left_deg < -10.0,
            "{found:?}"
        );
        for target in [LeadName::V2, LeadName::V6] {
            let target = montage(&target).unwrap();
            let right = prior
                .posterior(&known(), &covariance)
                .montage(target)
                .weights;
            let off = |weights: Vec<f64>| -> f64 {
                let d: Vec<f64> = weights.iter().zip(&right).map(|(a, b)| a - b).collect();
                (0..36)
                    .map(|it| d[it / 6] * covariance[it] * d[it % 6])
                    .sum()
            };
            let (before, after) = (
                off(prior
                    .posterior_at(&known(), told, &covariance)
                    .montage(target)
                    .weights),
                off(posterior.montage(target).weights),
            );
            assert!(
                after < 0.5 * before,
                "{}: {after} against {before}",
                target.name
            );
        }
    }
}
