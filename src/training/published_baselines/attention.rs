//! Geometric angular attention: how much each recorded view has to say about the queried one, from
//! angles alone.

use burn::{
    config::Config,
    module::Module,
    nn::{Linear, LinearConfig},
    tensor::{Device, Tensor, activation::softmax},
};

/// How scores become weights.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum AttentionKind {
    /// As published: weights are positive and sum to one, so the view opposite a lead is out of
    /// reach.
    Softmax,
    /// The same weight for every lead: the field averaging of Nef-Net.
    Average,
}

/// Configuration of [`AngularAttention`].
#[derive(Config, Debug)]
pub struct AngularAttentionConfig {
    /// Width of the angle embedding.
    pub width: usize,
    /// How scores become weights.
    pub kind: AttentionKind,
}

/// One attention map, shared by all blocks.
#[derive(Module, Debug)]
pub struct AngularAttention {
    query: Linear,
    key: Linear,
    #[module(skip)]
    kind: AttentionKind,
}

impl AngularAttentionConfig {
    /// Fresh weights.
    pub fn init(&self, device: &Device) -> AngularAttention {
        let project = || {
            LinearConfig::new(self.width, self.width)
                .with_bias(false)
                .init(device)
        };
        AngularAttention {
            query: project(),
            key: project(),
            kind: self.kind,
        }
    }
}

impl AngularAttention {
    /// The map (paper, equation 1).
    ///
    /// # Shapes
    /// - query: `[batch, 1, width]`
    /// - keys: `[batch, leads, width]`
    /// - present: `[batch, leads]`, one or zero
    /// - output: `[batch, leads]`
    pub fn forward(&self, query: Tensor<3>, keys: Tensor<3>, present: Tensor<2>) -> Tensor<2> {
        let [batch, leads, width] = keys.dims();
        let score = self
            .query
            .forward(query)
            .matmul(self.key.forward(keys).swap_dims(1, 2));
        let score = score.reshape([batch, leads]) / (width as f64).sqrt();
        match self.kind {
            AttentionKind::Softmax => softmax(score + (present.clone() - 1.0) * 1e4, 1) * present,
            AttentionKind::Average => present.clone() / present.sum_dim(1).clamp_min(1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Distribution;

    use super::*;

    fn map(kind: AttentionKind) -> Vec<f32> {
        let device = Device::flex();
        device.seed(5);
        let net = AngularAttentionConfig::new(6, kind).init(&device);
        let random =
            |leads| Tensor::<3>::random([1, leads, 6], Distribution::Normal(0.0, 2.0), &device);
        let present = Tensor::from_floats([[1.0, 1.0, 1.0, 0.0]], &device);
        net.forward(random(1), random(4), present)
            .into_data()
            .try_to_vec()
            .unwrap()
    }

    #[test]
    fn kinds_of_map() {
        let soft = map(AttentionKind::Softmax);
        assert!((soft.iter().sum::<f32>() - 1.0).abs() < 1e-5 && soft.iter().all(|it| 0.0 <= *it));
        let third = 1.0 / 3.0;
        assert!(
            map(AttentionKind::Average)
                .iter()
                .zip([third, third, third, 0.0])
                .all(|(x, y)| (x - y).abs() < 1e-6)
        );
        assert_eq!(soft[3], 0.0, "an absent lead has no say");
    }
}
