//! What the residual path is asked: one patient and one direction, and the instants of a recording in
//! the scales that the network knows.

use burn::tensor::{Device, Tensor, TensorData};

use super::{ContextSamples, Features, Instants};

/// One patient and one direction, as the residual path needs them.
#[derive(Clone, Debug, PartialEq)]
pub struct ResidualQuery {
    /// What the lead-field path was told.
    pub features: Features,
    /// The corrected mix.
    pub weights: Vec<f64>,
    /// How far the residual is let in.
    pub gate: f64,
}

impl ResidualQuery {
    /// What turns neighbours of an instant into rows of [`Instants`].
    pub fn scales(&self) -> Scales {
        Scales {
            mix: self
                .weights
                .iter()
                .map(|weight| (weight / self.features.trace) as f32)
                .collect(),
            level: (1.0 / self.features.level) as f32,
        }
    }

    /// All instants of a recording.
    pub(super) fn instants(&self, samples: &ContextSamples, device: &Device) -> Instants {
        const N_LAGS: usize = ContextSamples::N_LAGS;
        let (leads, time) = (self.weights.len(), samples.time());
        let scales = self.scales();
        let mut near = vec![0f32; time * leads * N_LAGS];
        let mut mixed = vec![0f32; time * N_LAGS];
        let rows = near
            .chunks_exact_mut(leads * N_LAGS)
            .zip(mixed.chunks_exact_mut(N_LAGS));
        for (at, (near, mixed)) in rows.enumerate() {
            for (lead, to) in near.chunks_exact_mut(N_LAGS).enumerate() {
                samples.neighbours(lead, at, to);
            }
            scales.apply(near, mixed);
        }
        Instants {
            near: Tensor::from_data(TensorData::new(near, [1, time, leads * N_LAGS]), device),
            mixed: Tensor::from_data(TensorData::new(mixed, [1, time, N_LAGS]), device),
        }
    }
}

/// Of one [`ResidualQuery`]: brings samples to the scales of [`Instants`].
pub struct Scales {
    /// Weights of the corrected mix, in multiples of the RMS of the prior's trace.
    mix: Vec<f32>,
    level: f32,
}

impl Scales {
    /// Scales `near` (each lead's neighbours of one instant) and gives those of the mix.
    pub fn apply(&self, near: &mut [f32], mixed: &mut [f32]) {
        mixed.fill(0.0);
        for (lead, weight) in near.chunks_exact(ContextSamples::N_LAGS).zip(&self.mix) {
            mixed
                .iter_mut()
                .zip(lead)
                .for_each(|(to, sample)| *to += weight * sample);
        }
        near.iter_mut().for_each(|sample| *sample *= self.level);
    }
}
