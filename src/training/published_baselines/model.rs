//! The whole network as published: NEF-NET v2 in the paper's form, and in Nef-Net's form of averaged
//! fields. Length is free.

use burn::{
    config::Config,
    module::Module,
    tensor::{Device, Tensor},
};

use super::{
    angle::{AngleEmbedding, AngleEmbeddingConfig},
    attention::{AngularAttention, AngularAttentionConfig, AttentionKind},
    encoder::{ViewEncoder, ViewEncoderConfig},
    head::{ReconstructionHead, ReconstructionHeadConfig},
    transformer::{GeometricViewTransformer, GeometricViewTransformerConfig},
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
    #[config(default = "AttentionKind::Softmax")]
    pub attention: AttentionKind,
}

impl GeoVtConfig {
    /// As published: softmax attention.
    pub fn paper() -> Self {
        Self::new()
    }

    /// Nef-Net: features of all leads averaged to one field.
    pub fn nef_net() -> Self {
        Self::new()
            .with_attention(AttentionKind::Average)
            .with_blocks(1)
    }

    /// Fresh weights.
    pub fn init(&self, device: &Device) -> GeoVt {
        GeoVt {
            embedding: AngleEmbeddingConfig::new(self.width).init(device),
            encoder: ViewEncoderConfig::new(self.channels, self.width).init(device),
            attention: AngularAttentionConfig::new(self.width, self.attention).init(device),
            transformer: GeometricViewTransformerConfig::new(self.channels)
                .with_blocks(self.blocks)
                .init(device),
            head: ReconstructionHeadConfig::new(self.channels).init(device),
        }
    }
}

/// The Geometric View Transformer: recorded leads and a direction to the lead there.
#[derive(Module, Debug)]
pub struct GeoVt {
    embedding: AngleEmbedding,
    encoder: ViewEncoder,
    attention: AngularAttention,
    transformer: GeometricViewTransformer,
    head: ReconstructionHead,
}

impl GeoVt {
    /// One view of one stretch of leads.
    ///
    /// # Shapes
    /// - samples: `[batch, leads, time]`, in multiples of the patient's RMS,
    ///   [`crate::geovt::INTERNAL_RATE_HZ`]
    /// - angles: `[batch, leads, 2]`, theta and phi in radians
    /// - present: `[batch, leads]`, one or zero
    /// - query: `[batch, 1, 2]`, theta and phi in radians
    /// - output: `[batch, time]`, in the unit of the samples
    pub fn forward(
        &self,
        samples: Tensor<3>,
        angles: Tensor<3>,
        present: Tensor<2>,
        query: Tensor<3>,
    ) -> Tensor<2> {
        let time = samples.dims()[2];
        let features = self.encoder.encode(samples);
        let (own, asked) = (
            self.embedding.forward(angles),
            self.embedding.forward(query),
        );
        let map = self.attention.forward(asked.clone(), own.clone(), present);
        let (gain, shift) = self.encoder.modulation(asked, own);
        let fused = GeometricViewTransformer::fuse(features, map, gain, shift);
        self.head.forward(self.transformer.forward(fused), time)
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Distribution;

    use super::*;

    fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().try_to_vec().unwrap()
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
        for config in [GeoVtConfig::paper(), GeoVtConfig::nef_net()] {
            let net = config.with_channels(8).init(&device);
            for (leads, time) in [(1, 40), (3, 333), (12, 128)] {
                let (samples, angles, query) = input(leads, time, &device);
                let found = net.forward(samples, angles, Tensor::ones([2, leads], &device), query);
                assert_eq!(found.dims(), [2, time]);
            }
        }
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
            let present = Tensor::ones([2, 3], &device);
            net.forward(samples.clone(), angles, present, query.clone())
                .square()
                .mean()
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
}
