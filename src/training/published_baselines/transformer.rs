//! Geometric view transformer: recorded features to features of the queried view, through gated
//! blocks that share one geometric angular attention map.
//!
//! The paper's block is F ← F ⊙ (1 − G) + Ext(Linear(F) × A) ⊙ G with a gate G that is the same for
//! every lead, and the head reads F × A. Both sides are linear in F but for Ext, so the fused m = F
//! × A obeys m ← m ⊙ (1 − G) + Ext(Linear(m)) ⊙ G (up to the sum of the map in the last term), and
//! only m is computed.

use burn::{
    config::Config,
    module::{Initializer, Module, Param},
    nn::{
        Linear, LinearConfig, PaddingConfig1d,
        conv::{Conv1d, Conv1dConfig},
        pool::{AvgPool1d, AvgPool1dConfig},
    },
    tensor::{
        Device, Tensor,
        activation::{gelu, sigmoid},
    },
};

/// Frames on either side over which a block squeezes; a quarter of a second.
const SQUEEZE: usize = 16;
/// Frames that a block's convolution sees.
const KERNEL: usize = 3;

/// Configuration of [`GeometricViewTransformer`].
#[derive(Config, Debug)]
pub struct GeometricViewTransformerConfig {
    /// Channels of a frame.
    pub channels: usize,
    /// Blocks.
    #[config(default = 4)]
    pub blocks: usize,
}

/// Gated blocks over fused features.
#[derive(Module, Debug)]
pub struct GeometricViewTransformer {
    blocks: Vec<Block>,
}

/// One view-transformation block.
#[derive(Module, Debug)]
struct Block {
    project: Conv1d,
    extract: Conv1d,
    squeeze: AvgPool1d,
    reduce: Linear,
    excite: Linear,
    gate: Param<Tensor<1>>,
}

impl GeometricViewTransformerConfig {
    /// Fresh weights; gates start half open.
    pub fn init(&self, device: &Device) -> GeometricViewTransformer {
        let c = self.channels;
        let around = |frames: usize| PaddingConfig1d::Explicit(frames, frames);
        let block = |_| Block {
            project: Conv1dConfig::new(c, c, 1).init(device),
            extract: Conv1dConfig::new(c, c, KERNEL)
                .with_padding(around(KERNEL / 2))
                .init(device),
            squeeze: AvgPool1dConfig::new(2 * SQUEEZE + 1)
                .with_stride(1)
                .with_padding(around(SQUEEZE))
                .with_count_include_pad(true)
                .init(),
            reduce: LinearConfig::new(c, c.div_ceil(4)).init(device),
            excite: LinearConfig::new(c.div_ceil(4), c).init(device),
            gate: Initializer::Zeros.init([c], device),
        };
        GeometricViewTransformer {
            blocks: (0..self.blocks).map(block).collect(),
        }
    }
}

impl GeometricViewTransformer {
    /// Fuses modulated lead features by the map, per channel, without materialising the modulated
    /// features.
    ///
    /// # Shapes
    /// - features: `[batch, leads, channels, frames]`
    /// - map: `[batch, leads]`
    /// - gain, shift: `[batch, leads, channels]`
    /// - output: `[batch, channels, frames]`
    pub fn fuse(
        features: Tensor<4>,
        map: Tensor<2>,
        gain: Tensor<3>,
        shift: Tensor<3>,
    ) -> Tensor<3> {
        let [batch, leads, channels, frames] = features.dims();
        let weight = map.reshape([batch, leads, 1]);
        let offset = (shift * weight.clone())
            .sum_dim(1)
            .reshape([batch, channels, 1]);
        // One matrix product per channel: [1, leads] × [leads, frames].
        let per_channel = (gain * weight)
            .swap_dims(1, 2)
            .reshape([batch, channels, 1, leads]);
        per_channel
            .matmul(features.swap_dims(1, 2))
            .reshape([batch, channels, frames])
            + offset
    }

    /// # Shapes
    /// - input and output: `[batch, channels, frames]`
    pub fn forward(&self, fused: Tensor<3>) -> Tensor<3> {
        self.blocks
            .iter()
            .fold(fused, |features, block| block.forward(features))
    }
}

impl Block {
    fn forward(&self, fused: Tensor<3>) -> Tensor<3> {
        let channels = fused.dims()[1];
        let found = gelu(
            self.extract
                .forward(gelu(self.project.forward(fused.clone()))),
        );
        let around = self.squeeze.forward(found.clone()).swap_dims(1, 2);
        let weight =
            sigmoid(self.excite.forward(gelu(self.reduce.forward(around)))).swap_dims(1, 2);
        let gate = sigmoid(self.gate.val()).reshape([1, channels, 1]);
        fused * (gate.clone().neg() + 1.0) + found * weight * gate
    }
}
