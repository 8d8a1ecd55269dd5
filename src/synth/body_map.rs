//! Potentials over the skin at any instant of a recording.

use std::sync::{Arc, OnceLock};

use crate::{
    ecg::{N_PHASES, SampleRate, ViewAngle},
    geovt::INTERNAL_RATE_HZ,
};

use super::{calibration::PhasedWeights, residual::BeatContext};

/// Potentials against Wilson's terminal at many places. It holds how the places are mixed; an
/// instant is worked out when it is asked for: whole recordings over the skin are 30 MB each.
#[derive(Clone, Debug)]
pub struct BodyMap {
    /// The places.
    pub directions: Arc<[ViewAngle]>,
    /// Largest potential where one of the recorded leads is largest: that of the whole recording,
    /// nearly, since the places are mixes of these leads. mV, without its sign.
    pub largest_mv: f32,
    rate: SampleRate,
    inputs: Vec<Arc<[f32]>>,
    context: Arc<OnceLock<BeatContext>>,
    /// For each input its weight in all places, over the whole beat.
    whole: Columns,
    /// What is added to it in QRS, ST, T and the rest.
    by_phase: [Columns; N_PHASES],
}

/// `[input][place]`: the places lie beside one another in memory.
type Columns = Vec<Vec<f32>>;

impl BodyMap {
    /// The map of a recording of these inputs, which the places are mixed of by `weights`.
    pub(super) fn new(
        directions: Arc<[ViewAngle]>,
        weights: &[PhasedWeights],
        (inputs, rate): (Vec<Arc<[f32]>>, SampleRate),
        context: Arc<OnceLock<BeatContext>>,
    ) -> Self {
        let columns = |of: &dyn Fn(&PhasedWeights) -> &[f64]| -> Columns {
            let n = weights.iter().map(|it| of(it).len()).max().unwrap_or(0);
            let weight = |it: &PhasedWeights, input| of(it).get(input).map_or(0.0, |it| *it as f32);
            let column = |input| weights.iter().map(|it| weight(it, input)).collect();
            (0..n).map(column).collect()
        };
        let map = Self {
            directions,
            largest_mv: 0.0,
            rate,
            inputs,
            context,
            whole: columns(&|it| &it.weights),
            by_phase: std::array::from_fn(|phase| columns(&|it| &it.departures[phase])),
        };
        map.with_largest()
    }

    /// A map that is the same at each of `n_samples`: `potentials_mv` at `directions`.
    pub fn still(
        directions: Arc<[ViewAngle]>,
        potentials_mv: Vec<f32>,
        rate: SampleRate,
        n_samples: usize,
    ) -> Self {
        let map = Self {
            directions,
            largest_mv: 0.0,
            rate,
            inputs: vec![vec![1.0; n_samples].into()],
            context: Arc::default(),
            whole: vec![potentials_mv],
            by_phase: Default::default(),
        };
        map.with_largest()
    }

    /// One value per direction at a sample of the recording, mV; empty beyond its end.
    pub fn at(&self, sample: usize) -> Vec<f32> {
        let moment = self.inputs.iter().map(|it| it.get(sample).copied());
        let Some(moment) = moment.collect::<Option<Vec<f32>>>() else {
            return Vec::new();
        };
        let mut values_mv = vec![0.0; self.directions.len()];
        add(&mut values_mv, &self.whole, &moment);
        let place = sample as f64 * INTERNAL_RATE_HZ / self.rate.hz();
        let n = self.by_phase[0].len();
        let departing = self.context.get().map(|it| it.departing(place, n));
        for (phase, departures) in departing.into_iter().flatten() {
            add(&mut values_mv, &self.by_phase[phase], &departures);
        }
        values_mv
    }

    fn with_largest(self) -> Self {
        let size = |it: &(usize, &f32)| it.1.abs();
        let largest = |lead: &Arc<[f32]>| {
            let known = lead.iter().enumerate().filter(|it| it.1.is_finite());
            Some(known.max_by(|a, b| size(a).total_cmp(&size(b)))?.0)
        };
        let moments = self.inputs.iter().filter_map(largest);
        let potentials = moments.flat_map(|sample| self.at(sample));
        let finite = potentials.filter(|mv| mv.is_finite());
        Self {
            largest_mv: finite.fold(0.0, |most, mv| most.max(mv.abs())),
            ..self
        }
    }
}

/// Adds to each place what the inputs of one instant, mV, give there.
fn add(to: &mut [f32], columns: &Columns, inputs_mv: &[f32]) {
    for (mv, column) in inputs_mv.iter().zip(columns) {
        let places = to.iter_mut().zip(column);
        places.for_each(|(sum, weight)| *sum += weight * mv);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::site;

    #[test]
    fn a_still_map_stays() {
        let views = ["V2", "V5"].map(|name| site(name).unwrap().view);
        let rate = SampleRate::from_hz(500.0).unwrap();
        let map = BodyMap::still(views.into(), vec![0.5, -1.5], rate, 10);
        assert_eq!((map.at(0), map.at(9)), (vec![0.5, -1.5], vec![0.5, -1.5]));
        assert_eq!((map.largest_mv, map.at(10).len()), (1.5, 0));
    }
}
