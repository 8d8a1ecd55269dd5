//! What the recorded leads say of the skin, and what that leaves over of these leads themselves.

use std::sync::Arc;

use faer::{Mat, MatRef};

use crate::{
    ecg::{LimbElectrodes, Montage, N_PHASES, Target, ViewAngle},
    field::{FieldPrior, Mix, PhasedMix, Population, PopulationPosterior, Posterior},
};

use super::{WeightSet, linear};

/// What every synthesis starts from.
#[derive(Clone, Copy)]
pub(super) enum Base {
    /// Recorded people and virtual patients.
    Population(&'static Population),
    /// Lead fields as physics draws them: where a lead must count as never seen by anyone.
    Field(&'static FieldPrior),
}

impl Base {
    /// What a set of weights stands on: where V2 and V6 count as never seen, nobody's, recorded or
    /// virtual, had a say in it.
    pub(super) fn of(weights: WeightSet) -> Self {
        match weights {
            WeightSet::Shipped => Self::Population(Population::embedded()),
            WeightSet::Unseen => Self::Field(FieldPrior::unweighted()),
        }
    }
}

/// One patient's skin.
#[derive(Clone)]
pub(super) struct Skin {
    posterior: Arc<SkinPosterior>,
    /// I − M: what the posterior leaves of each known lead, as a mix of the known leads, over the
    /// whole beat; and what is added to that by phase.
    left_over: Mat<f64>,
    left_over_departures: Vec<Mat<f64>>,
}

enum SkinPosterior {
    Population(PopulationPosterior),
    Field(Posterior<'static>),
}

impl Skin {
    /// `None` if the recorded leads cannot be told apart.
    pub(super) fn new(
        base: Base,
        known: &[&'static Montage],
        (seats, limbs): (&[Option<ViewAngle>], LimbElectrodes),
        (covariance, waves): (MatRef<'_, f64>, &[Mat<f64>; N_PHASES]),
    ) -> Option<Self> {
        let posterior = match base {
            Base::Population(it) => {
                SkinPosterior::Population(it.posterior(known, (seats, limbs), waves)?)
            }
            Base::Field(it) => {
                SkinPosterior::Field(it.inverted_relocated(known, seats).posterior(covariance))
            }
        };
        // Taken where the electrodes sit, so that the direction of a recorded electrode gives that
        // very lead.
        let explained = |(it, seat): (&&'static Montage, &Option<ViewAngle>)| match seat {
            Some(view) => posterior.mix(&Target::View(*view)),
            None => posterior.mix(&Target::Lead(it)),
        };
        let explained: Vec<PhasedMix> = known.iter().zip(seats).map(explained).collect();
        let n = known.len();
        let by_phase = |phase: usize| {
            Mat::from_fn(n, n, |i, j| {
                explained[i].weights[j] - explained[i].phases[phase][j]
            })
        };
        Some(Self {
            left_over: Mat::from_fn(n, n, |i, j| {
                f64::from(u8::from(i == j)) - explained[i].weights[j]
            }),
            left_over_departures: (0..N_PHASES).map(by_phase).collect(),
            posterior: Arc::new(posterior),
        })
    }

    /// A lead over the known leads, where `carried` is the share of each one's left-over in it; and
    /// what is added to its weights by phase.
    pub(super) fn mix(&self, target: &Target, carried: &[f64]) -> (Mix, [Vec<f64>; N_PHASES]) {
        let found = self.posterior.mix(target);
        let departure = |phase: usize| {
            let carried = linear::times(carried, self.left_over_departures[phase].as_ref());
            let pairs = found.phases[phase].iter().zip(&found.weights).zip(carried);
            pairs
                .map(|((phase, whole), carried)| phase - whole + carried)
                .collect()
        };
        let departures = std::array::from_fn(departure);
        let mix = Mix {
            weights: self.with_left_over(&found.weights, carried),
            spread: found.spread,
        };
        (mix, departures)
    }

    /// The weights alone, over the whole beat.
    pub(super) fn weights(&self, view: ViewAngle, carried: &[f64]) -> Vec<f64> {
        self.with_left_over(&self.without_left_over(view), carried)
    }

    /// The same without what is left over at the electrodes.
    pub(super) fn without_left_over(&self, view: ViewAngle) -> Vec<f64> {
        match &*self.posterior {
            SkinPosterior::Population(it) => it.electrode_weights(view),
            SkinPosterior::Field(it) => it.electrode_weights(view),
        }
    }

    fn with_left_over(&self, skin: &[f64], carried: &[f64]) -> Vec<f64> {
        let left_over = linear::times(carried, self.left_over.as_ref());
        skin.iter().zip(left_over).map(|(a, b)| a + b).collect()
    }
}

impl SkinPosterior {
    fn mix(&self, target: &Target) -> PhasedMix {
        match (self, target) {
            (Self::Population(it), Target::View(view)) => it.electrode(*view),
            (Self::Population(it), Target::Lead(montage)) => it.montage(montage),
            (Self::Field(it), Target::View(view)) => alike(it.electrode(*view)),
            (Self::Field(it), Target::Lead(montage)) => alike(it.montage(montage)),
        }
    }
}

/// A mix that is the same in every phase.
fn alike(mix: Mix) -> PhasedMix {
    PhasedMix {
        phases: std::array::from_fn(|_| mix.weights.clone()),
        weights: mix.weights,
        spread: mix.spread,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ecg::site, synth::model::tests::evidence};

    const BASES: [WeightSet; 2] = [WeightSet::Shipped, WeightSet::Unseen];

    fn skin(weights: WeightSet) -> (Skin, Vec<&'static Montage>) {
        let it = evidence();
        let place = (&*it.seats, it.limbs);
        let seen = (it.covariance.as_ref(), &it.waves.parts());
        let skin = Skin::new(Base::of(weights), &it.known, place, seen);
        (skin.unwrap(), it.known)
    }

    fn largest<'a>(values: impl IntoIterator<Item = &'a f64>) -> f64 {
        values.into_iter().fold(0.0, |most, it| most.max(it.abs()))
    }

    #[test]
    fn a_recorded_lead_with_what_is_left_over_is_itself_in_every_phase() {
        for (skin, known) in BASES.map(skin) {
            for (own, montage) in known.iter().enumerate() {
                let unit = |at: usize| f64::from(u8::from(at == own));
                let carried: Vec<f64> = (0..known.len()).map(unit).collect();
                let (mix, departures) = skin.mix(&Target::Lead(montage), &carried);
                let pairs = mix.weights.iter().zip(&carried);
                let off: Vec<f64> = pairs.map(|(a, b)| a - b).collect();
                assert!(largest(&off) < 1e-9, "{}: {off:?}", montage.name);
                assert!(largest(departures.iter().flatten()) < 1e-9);
            }
        }
    }

    #[test]
    fn people_have_phases_and_lead_fields_have_none() {
        let posterior = Target::View(site("V9").unwrap().view);
        let [people, fields] = BASES.map(skin).map(|(skin, known)| {
            let (_, departures) = skin.mix(&posterior, &vec![0.0; known.len()]);
            largest(departures.iter().flatten())
        });
        assert!(0.02 < people, "{people}");
        assert_eq!(fields, 0.0);
    }

    #[test]
    fn weights_alone_are_those_of_the_mix() {
        let view = site("V8").unwrap().view.moved(0.1, 0.1);
        for (skin, known) in BASES.map(skin) {
            let carried = vec![0.3; known.len()];
            let (mix, _) = skin.mix(&Target::View(view), &carried);
            let pairs = mix.weights.iter().zip(skin.weights(view, &carried));
            let off: Vec<f64> = pairs.map(|(a, b)| a - b).collect();
            assert!(largest(&off) < 1e-9, "{off:?}");
        }
    }
}
