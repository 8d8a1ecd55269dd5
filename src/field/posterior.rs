//! A patient's posterior over the ensemble: how to mix the recorded leads for any electrode on the
//! skin.

use faer::Mat;

use super::{FieldPrior, member, prior::on_skin};
use crate::ecg::{HEART_CENTRE_MM, Montage, ViewAngle};

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
    pub(super) prior: &'a FieldPrior,
    pub(super) n_known: usize,
    /// Members that matter: share, and their rows from the recorded leads, row after row.
    pub(super) members: Vec<(f64, Vec<f64>)>,
    /// Their mean.
    mean: Vec<f64>,
}

impl FieldPrior {
    /// The patient's posterior from the leads in `known` and their covariance (row-major, mV²).
    /// Without usable evidence it is the prior itself.
    pub fn posterior(&self, known: &[&Montage], covariance: &[f64]) -> Posterior<'_> {
        Posterior::new(self, known, covariance)
    }

    /// The same where some leads' exploring electrodes sit elsewhere than their names say.
    pub fn posterior_seated(
        &self,
        known: &[&Montage],
        seats: &[Option<ViewAngle>],
        covariance: &[f64],
    ) -> Posterior<'_> {
        let row = |(montage, seat): (&&Montage, &Option<ViewAngle>)| {
            seat.map_or_else(|| self.montage_row(montage), |it| self.view_row(it))
        };
        let rows: Vec<Vec<f64>> = known.iter().zip(seats).map(row).collect();
        let readings = Mat::from_fn(rows.len(), rows.first().map_or(0, Vec::len), |lead, it| {
            rows[lead][it]
        });
        Posterior::with_readings(self, readings, covariance)
    }
}

impl<'a> Posterior<'a> {
    pub(super) fn new(prior: &'a FieldPrior, known: &[&Montage], covariance: &[f64]) -> Self {
        let rows: Vec<_> = known.iter().map(|it| prior.montage_row(it)).collect();
        let readings = Mat::from_fn(known.len(), rows.first().map_or(0, Vec::len), |lead, it| {
            rows[lead][it]
        });
        Self::with_readings(prior, readings, covariance)
    }

    /// The same for leads that read a member's rows as `readings` says.
    pub(super) fn with_readings(
        prior: &'a FieldPrior,
        readings: Mat<f64>,
        covariance: &[f64],
    ) -> Self {
        /// Members below this share move no weight that could be seen.
        const LEAST: f64 = 1e-6;
        let n = readings.nrows();
        let usable = covariance.len() == n * n && covariance.iter().all(|it| it.is_finite());
        let covariance = Mat::from_fn(
            n,
            n,
            |i, j| if usable { covariance[i * n + j] } else { 0.0 },
        );
        let leads: Vec<_> = prior
            .members
            .iter()
            .map(|it| &readings * &it.rows)
            .collect();
        let log_weights: Vec<f64> = prior.members.iter().map(|it| it.log_weight).collect();
        let shares = member::shares(&leads, &log_weights, covariance.as_ref(), prior.inversion);
        let map = |rows: &Mat<f64>, sources: &Mat<f64>| {
            let map = rows * sources;
            (0..map.nrows())
                .flat_map(|row| (0..n).map(move |lead| (row, lead)))
                .map(|it| map[it])
                .collect::<Vec<f64>>()
        };
        let both = shares
            .iter()
            .zip(&prior.members)
            .filter(|it| LEAST < it.0.0);
        let members: Vec<(f64, Vec<f64>)> = both
            .map(|((share, sources), it)| (*share, map(&it.rows, sources)))
            .collect();
        Self::of_members(prior, n, members)
    }

    /// From the members' shares and rows.
    pub(super) fn of_members(
        prior: &'a FieldPrior,
        n_known: usize,
        members: Vec<(f64, Vec<f64>)>,
    ) -> Self {
        let mut mean = vec![0.0; members.first().map_or(0, |it| it.1.len())];
        for (share, map) in &members {
            mean.iter_mut()
                .zip(map)
                .for_each(|(to, it)| *to += share * it);
        }
        Self {
            prior,
            n_known,
            members,
            mean,
        }
    }

    /// An electrode in direction `view` against Wilson's terminal.
    pub fn electrode(&self, view: ViewAngle) -> Mix {
        self.mix(&self.prior.view_row(view))
    }

    /// The weights alone of [`Posterior::electrode`]: one product instead of one per member.
    pub fn electrode_weights(&self, view: ViewAngle) -> Vec<f64> {
        let n = self.n_known;
        let mut weights = vec![0.0; n];
        for (reading, from_leads) in self
            .prior
            .view_row(view)
            .iter()
            .zip(self.mean.chunks_exact(n.max(1)))
        {
            weights
                .iter_mut()
                .zip(from_leads)
                .for_each(|(it, value)| *it += reading * value);
        }
        weights
    }

    /// A lead of the catalogue.
    pub fn montage(&self, montage: &Montage) -> Mix {
        self.mix(&self.prior.montage_row(montage))
    }

    /// Where the skin of the reference torso lies in direction `view`, mm.
    pub fn skin_point(&self, view: ViewAngle) -> [f64; 3] {
        let mesh = &self.prior.mesh;
        on_skin(mesh, view).map_or(HEART_CENTRE_MM, |it| mesh.point(it.triangle, it.weights))
    }

    fn mix(&self, row: &[f64]) -> Mix {
        let n = self.n_known;
        let of_member = |map: &[f64]| {
            let mut weights = vec![0.0; n];
            for (reading, from_leads) in row.iter().zip(map.chunks_exact(n.max(1))) {
                weights
                    .iter_mut()
                    .zip(from_leads)
                    .for_each(|(it, value)| *it += reading * value);
            }
            weights
        };
        let each: Vec<_> = self
            .members
            .iter()
            .map(|(share, map)| (*share, of_member(map)))
            .collect();
        let mut weights = vec![0.0; n];
        for (share, own) in &each {
            weights
                .iter_mut()
                .zip(own)
                .for_each(|(it, value)| *it += share * value);
        }
        let mut spread = vec![0.0; n * n];
        for (share, own) in &each {
            for (it, (i, j)) in spread
                .iter_mut()
                .zip((0..n).flat_map(|i| (0..n).map(move |j| (i, j))))
            {
                *it += share * (own[i] - weights[i]) * (own[j] - weights[j]);
            }
        }
        Mix { weights, spread }
    }
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
        let posterior = FieldPrior::embedded().posterior(&known(), &[0.0; 49]);
        let mix = posterior.montage(montage(&LeadName::V3).unwrap());
        assert!(
            0.2 < mix.weights[3] && 0.2 < mix.weights[4],
            "{:?}",
            mix.weights
        );
        assert!((0..7).all(|it| 0.0 <= mix.spread[8 * it]));
    }

    #[test]
    fn weights_alone_are_those_of_the_mix() {
        let posterior = FieldPrior::embedded().posterior(&known(), &[0.0; 49]);
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
        let expected = prior.posterior(&known(), &[0.0; 49]).montage(v9);
        for evidence in [vec![f64::NAN; 49], vec![]] {
            assert_eq!(prior.posterior(&known(), &evidence).montage(v9), expected);
        }
    }
}
