//! What the residual path is asked: one patient and one direction, and the instants of a recording in
//! the scales that the network knows.

use burn::tensor::{Device, Tensor, TensorData};

use super::{ContextSamples, Features, Instants, context_samples::neighbours};

const N_LAGS: usize = ContextSamples::N_LAGS;
const N_PHASES: usize = ContextSamples::N_PHASES;

/// One patient and one direction, as the residual path needs them.
#[derive(Clone, Debug, PartialEq)]
pub struct ResidualQuery {
    /// What the lead-field path was told.
    pub features: Features,
    /// The corrected mix over the whole beat.
    pub weights: Vec<f64>,
    /// What is added to it by phase of the beat.
    pub departures: [Vec<f64>; N_PHASES],
    /// How far the residual is let in.
    pub gate: f64,
}

impl ResidualQuery {
    /// What the mix makes of the leads' values at an instant of these phases.
    pub fn mixed(&self, values: impl Fn(usize) -> f32, phases: &[f64; N_PHASES]) -> f32 {
        let of = |weights: &[f64]| -> f64 {
            let all = weights.iter().enumerate();
            all.map(|(lead, weight)| weight * f64::from(values(lead)))
                .sum()
        };
        let departing = phases.iter().zip(&self.departures);
        let departing = departing.filter(|it| 0.0 < *it.0);
        (of(&self.weights) + departing.map(|(share, it)| share * of(it)).sum::<f64>()) as f32
    }

    /// What brings leads and mix to the scales of [`Instants`].
    pub fn scales(&self) -> [f32; 2] {
        [self.features.level, self.features.trace].map(|it| (1.0 / it) as f32)
    }

    /// All instants of a recording.
    pub(super) fn instants(&self, samples: &ContextSamples, device: &Device) -> Instants {
        let (leads, time) = (self.weights.len(), samples.time());
        let [level, trace] = self.scales();
        let value =
            |at: usize| trace * self.mixed(|lead| samples.leads()[lead][at], &samples.phases()[at]);
        let mix: Vec<f32> = (0..time).map(value).collect();
        let mut near = vec![0f32; time * leads * N_LAGS];
        let mut mixed = vec![0f32; time * N_LAGS];
        let rows = near
            .chunks_exact_mut(leads * N_LAGS)
            .zip(mixed.chunks_exact_mut(N_LAGS));
        for (at, (near, mixed)) in rows.enumerate() {
            for (lead, to) in near.chunks_exact_mut(N_LAGS).enumerate() {
                samples.neighbours(lead, at, to);
            }
            near.iter_mut().for_each(|sample| *sample *= level);
            neighbours(&mix, at, mixed);
        }
        Instants {
            near: Tensor::from_data(TensorData::new(near, [1, time, leads * N_LAGS]), device),
            mixed: Tensor::from_data(TensorData::new(mixed, [1, time, N_LAGS]), device),
        }
    }
}
