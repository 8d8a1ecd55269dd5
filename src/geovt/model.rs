//! The whole network: NEF-NET v2 in the paper's form, in Nef-Net's form of averaged fields, and in
//! ours.
//!
//! Ours adds the lead-field path: the view is a signed mix of the recorded leads, handed in as
//! weights, and the network gives what is left. Length is free. A sample depends on what lies
//! within [`GeoVt::reach_samples`] of it, so the middle of a long recording comes out as it does in
//! a short one that starts at an even sample.

use burn::{
    config::Config,
    module::Module,
    tensor::{Device, Tensor},
};

use super::{
    AngleEmbedding, AngleEmbeddingConfig, AngularAttention, AngularAttentionConfig, AttentionKind,
    GeometricViewTransformer, GeometricViewTransformerConfig, ReconstructionHead,
    ReconstructionHeadConfig, ViewEncoder, ViewEncoderConfig, encoder, head,
};

/// Configuration of [`GeoVt`].
#[derive(Config, Debug)]
pub struct GeoVtConfig {
    /// Channels of a frame.
    #[config(default = 24)]
    pub channels: usize,
    /// Width of the angle embedding.
    #[config(default = 24)]
    pub width: usize,
    /// View-transformation blocks.
    #[config(default = 4)]
    pub blocks: usize,
    /// How views are weighed.
    #[config(default = "AttentionKind::Signed")]
    pub attention: AttentionKind,
    /// Whether the view starts from a signed mix of the recorded leads.
    #[config(default = true)]
    pub lead_field: bool,
}

impl GeoVtConfig {
    /// Ours: signed attention, lead-field path.
    pub fn ours() -> Self {
        Self::new()
    }

    /// As published: softmax attention, no lead-field path.
    pub fn paper() -> Self {
        Self::new()
            .with_attention(AttentionKind::Softmax)
            .with_lead_field(false)
    }

    /// Nef-Net: features of all leads averaged to one field.
    pub fn nef_net() -> Self {
        Self::new()
            .with_attention(AttentionKind::Average)
            .with_lead_field(false)
            .with_blocks(1)
    }

    /// Fresh weights. With the lead-field path the residual starts at zero.
    pub fn init(&self, device: &Device) -> GeoVt {
        GeoVt {
            embedding: AngleEmbeddingConfig::new(self.width).init(device),
            encoder: ViewEncoderConfig::new(self.channels, self.width).init(device),
            attention: AngularAttentionConfig::new(self.width, self.attention).init(device),
            transformer: GeometricViewTransformerConfig::new(self.channels)
                .with_blocks(self.blocks)
                .init(device),
            head: ReconstructionHeadConfig::new(self.channels)
                .with_silent(self.lead_field)
                .init(device),
            lead_field: self.lead_field,
        }
    }
}

/// Recorded leads and a direction to the lead there.
#[derive(Module, Debug)]
pub struct GeoVt {
    embedding: AngleEmbedding,
    encoder: ViewEncoder,
    attention: AngularAttention,
    transformer: GeometricViewTransformer,
    head: ReconstructionHead,
    lead_field: bool,
}

/// What of a recording no query changes.
#[derive(Clone, Debug)]
pub struct Encoded {
    /// `[batch, leads, time]`
    samples: Tensor<3>,
    /// `[batch, leads, channels, frames]`
    features: Tensor<4>,
    /// `[batch, leads, width]`
    own: Tensor<3>,
    /// `[batch, leads]`
    present: Tensor<2>,
}

impl GeoVt {
    /// The part that is done once per recording.
    ///
    /// # Shapes
    /// - samples: `[batch, leads, time]`, in multiples of the patient's RMS,
    ///   [`super::INTERNAL_RATE_HZ`]
    /// - angles: `[batch, leads, 2]`, theta and phi in radians
    /// - present: `[batch, leads]`, one or zero
    pub fn encode(&self, samples: Tensor<3>, angles: Tensor<3>, present: Tensor<2>) -> Encoded {
        let features = self.encoder.encode(samples.clone());
        Encoded {
            features,
            own: self.embedding.forward(angles),
            samples,
            present,
        }
    }

    /// One view.
    ///
    /// # Shapes
    /// - query: `[batch, 1, 2]`, theta and phi in radians
    /// - mix: `[batch, leads]`, mixing weights; without the lead-field path they are not looked at
    /// - output: `[batch, time]`, in the unit of the samples
    pub fn decode(&self, encoded: &Encoded, query: Tensor<3>, mix: Tensor<2>) -> Tensor<2> {
        let residual = self.residual(encoded, query);
        if !self.lead_field {
            return residual;
        }
        let [batch, leads, time] = encoded.samples.dims();
        let mixed = mix
            .reshape([batch, 1, leads])
            .matmul(encoded.samples.clone());
        mixed.reshape([batch, time]) + residual
    }

    /// What the network adds to the mix.
    ///
    /// # Shapes
    /// - query: `[batch, 1, 2]`
    /// - output: `[batch, time]`
    pub fn residual(&self, encoded: &Encoded, query: Tensor<3>) -> Tensor<2> {
        let asked = self.embedding.forward(query);
        let map =
            self.attention
                .forward(asked.clone(), encoded.own.clone(), encoded.present.clone());
        let (gain, shift) = self.encoder.modulation(asked, encoded.own.clone());
        let fused = GeometricViewTransformer::fuse(encoded.features.clone(), map, gain, shift);
        self.head
            .forward(self.transformer.forward(fused), encoded.samples.dims()[2])
    }

    /// How far a sample sees, in samples on either side.
    pub fn reach_samples(&self) -> usize {
        encoder::REACH + self.transformer.reach() * encoder::STRIDE + head::REACH + encoder::STRIDE
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Distribution;

    use super::*;
    use crate::geovt::AngularOffsets;

    fn values<const D: usize>(it: Tensor<D>) -> Vec<f32> {
        it.into_data().try_to_vec().unwrap()
    }

    fn input(leads: usize, time: usize, device: &Device) -> (Tensor<3>, Tensor<3>, Tensor<3>) {
        let samples = Tensor::random([2, leads, time], Distribution::Normal(0.0, 1.0), device);
        let angles = Tensor::random([2, leads, 2], Distribution::Uniform(0.3, 2.0), device);
        (
            samples,
            angles,
            Tensor::random([2, 1, 2], Distribution::Uniform(0.3, 2.0), device),
        )
    }

    #[test]
    fn any_length_and_any_number_of_leads() {
        let device = Device::flex();
        for config in [
            GeoVtConfig::ours(),
            GeoVtConfig::paper(),
            GeoVtConfig::nef_net(),
        ] {
            let net = config.with_channels(8).init(&device);
            for (leads, time) in [(1, 40), (3, 333), (12, 128)] {
                let (samples, angles, query) = input(leads, time, &device);
                let encoded = net.encode(samples, angles, Tensor::ones([2, leads], &device));
                assert_eq!(
                    net.decode(&encoded, query, Tensor::zeros([2, leads], &device))
                        .dims(),
                    [2, time]
                );
            }
        }
    }

    #[test]
    fn fresh_weights_give_the_mix() {
        let device = Device::flex();
        let (samples, angles, query) = input(2, 100, &device);
        let net = GeoVtConfig::ours().init(&device);
        let encoded = net.encode(samples.clone(), angles, Tensor::ones([2, 2], &device));
        let found = values(net.decode(
            &encoded,
            query,
            Tensor::from_floats([[0.5, -2.0], [1.0, 0.0]], &device),
        ));
        let samples = values(samples);
        assert!(
            (0..100).all(|t| (found[t] - 0.5 * samples[t] + 2.0 * samples[100 + t]).abs() < 1e-4)
        );
    }

    #[test]
    fn the_middle_of_a_long_recording_is_as_in_a_short_one() {
        let device = Device::flex();
        device.seed(2);
        let net = GeoVtConfig::paper().with_channels(8).init(&device);
        let reach = net.reach_samples();
        let (samples, angles, query) = input(3, 1600, &device);
        let run = |samples: Tensor<3>| {
            let encoded = net.encode(samples, angles.clone(), Tensor::ones([2, 3], &device));
            net.residual(&encoded, query.clone())
        };
        let (start, length) = (200, 1000);
        let long = values(run(samples.clone()).narrow(1, start + reach, length - 2 * reach));
        let short = values(run(samples.clone().narrow(2, start, length)).narrow(
            1,
            reach,
            length - 2 * reach,
        ));
        assert!(long.iter().zip(&short).all(|(a, b)| (a - b).abs() < 1e-5));
        // The reach is no larger than it has to be by much: an instant within it does matter.
        let far = samples.clone().slice_fill([0..2, 0..3, 800..801], 50.0);
        let moved = values((run(samples) - run(far)).abs().max_dim(0).narrow(0, 0, 1));
        let touched: Vec<usize> = (0..1600).filter(|it| 1e-6 < moved[*it]).collect();
        assert!(
            touched.first().is_some_and(|it| 800 - reach <= *it)
                && touched.last().is_some_and(|it| *it <= 800 + reach)
        );
        assert!(reach / 2 < touched.len(), "{} of {reach}", touched.len());
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let plain = Device::flex();
        let device = plain.clone().autodiff();
        device.seed(4);
        let net = GeoVtConfig::paper()
            .with_channels(6)
            .with_width(6)
            .init(&device);
        let (samples, angles, query) = input(3, 60, &plain);
        let (samples, query) = (Tensor::from_inner(samples), Tensor::from_inner(query));
        let raw = values(angles);
        let loss = |angles: Tensor<3>| {
            let encoded = net.encode(samples.clone(), angles, Tensor::ones([2, 3], &device));
            net.residual(&encoded, query.clone()).square().mean()
        };
        let at = |raw: &[f32]| {
            Tensor::<3>::from_data(
                burn::tensor::TensorData::new(raw.to_vec(), [2, 3, 2]),
                &device,
            )
        };
        let angles = at(&raw).require_grad();
        let gradient = values(angles.grad(&loss(angles.clone()).backward()).unwrap());
        const STEP: f32 = 2e-2;
        for it in 0..raw.len() {
            let moved = |by: f32| {
                let mut raw = raw.clone();
                raw[it] += by;
                loss(at(&raw)).into_scalar::<f32>()
            };
            let expected = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
            let tolerance = 0.03 * expected.abs() + 2e-4;
            assert!(
                (gradient[it] - expected).abs() < tolerance,
                "angle {it}: {} against {expected}",
                gradient[it]
            );
        }
    }

    #[test]
    fn offsets_are_trained_and_bounded() {
        let device = Device::flex().autodiff();
        device.seed(6);
        let net = GeoVtConfig::paper().with_channels(6).init(&device);
        let (samples, angles, query) = input(3, 80, &device);
        let offsets = AngularOffsets::new(3, &device);
        let encoded = net.encode(
            samples,
            offsets.forward(angles),
            Tensor::ones([2, 3], &device),
        );
        let gradients = net.residual(&encoded, query).square().mean().backward();
        let found = burn::optim::GradientsParams::from_grads(gradients, &offsets);
        assert_eq!(found.len(), 1, "the offsets have a gradient");
        let offsets = offsets.map(&mut Far);
        assert!(
            values(offsets.radians())
                .iter()
                .all(|it| (it.to_degrees() - 20.0).abs() < 1e-3)
        );
    }

    /// Sets every parameter far out.
    struct Far;

    impl burn::module::ModuleMapper for Far {
        fn map_float<const D: usize>(
            &mut self,
            param: burn::module::Param<Tensor<D>>,
        ) -> burn::module::Param<Tensor<D>> {
            param.map(|it| it + 1e3)
        }
    }
}
