//! Reconstruction head: frames back to samples, by linear upsampling and a spectrally normalised
//! convolution.
//!
//! Upsampling is slices and averages: Burn's own interpolation has no backward pass on graphics
//! cards.

use burn::{
    config::Config,
    module::{Initializer, Module, Param},
    nn::{
        PaddingConfig1d,
        conv::{Conv1d, Conv1dConfig},
    },
    tensor::{Device, Tensor, activation::gelu, module::conv1d, ops::ConvOptions},
};

use super::encoder::ChannelNorm;

/// Samples that each convolution sees.
const KERNEL: usize = 5;
/// Rounds of the power method, from a fixed start: same weights, same norm.
const POWER_ROUNDS: usize = 6;

/// Configuration of [`ReconstructionHead`].
#[derive(Config, Debug)]
pub struct ReconstructionHeadConfig {
    /// Channels of a frame.
    pub channels: usize,
}

/// Frames of the queried view to its samples.
#[derive(Module, Debug)]
pub struct ReconstructionHead {
    smooth: SpectralConv,
    norm: ChannelNorm,
    read: Conv1d,
}

impl ReconstructionHeadConfig {
    /// Fresh weights.
    pub fn init(&self, device: &Device) -> ReconstructionHead {
        let half = self.channels.div_ceil(2);
        ReconstructionHead {
            smooth: SpectralConv::new(self.channels, half, device),
            norm: ChannelNorm::new(half, device),
            read: Conv1dConfig::new(half, 1, KERNEL)
                .with_padding(PaddingConfig1d::Explicit(KERNEL / 2, KERNEL / 2))
                .init(device),
        }
    }
}

impl ReconstructionHead {
    /// # Shapes
    /// - frames: `[batch, channels, frames]`
    /// - output: `[batch, time]`
    pub fn forward(&self, frames: Tensor<3>, time: usize) -> Tensor<2> {
        let wide = upsample(frames).narrow(2, 0, time);
        let x = gelu(self.norm.forward(self.smooth.forward(wide)));
        self.read.forward(x).squeeze_dim(1)
    }
}

/// Twice as many instants: each frame, then the mean of it and the next; the last one is repeated.
///
/// # Shapes
/// - input: `[batch, channels, frames]`
/// - output: `[batch, channels, 2 · frames]`
pub fn upsample(x: Tensor<3>) -> Tensor<3> {
    let [batch, channels, frames] = x.dims();
    let last = x.clone().narrow(2, frames - 1, 1);
    let next = Tensor::cat(vec![x.clone().narrow(2, 1, frames - 1), last], 2);
    let between = (x.clone() + next) / 2.0;
    Tensor::stack::<4>(vec![x, between], 3).reshape([batch, channels, 2 * frames])
}

/// A convolution whose weight, as a matrix, has largest singular value one (Miyato 2018).
#[derive(Module, Debug)]
struct SpectralConv {
    weight: Param<Tensor<3>>,
    bias: Param<Tensor<1>>,
}

impl SpectralConv {
    fn new(channels_in: usize, channels_out: usize, device: &Device) -> Self {
        let uniform = Initializer::KaimingUniform {
            gain: 1.0,
            fan_out_only: false,
        };
        let fan_in = Some(channels_in * KERNEL);
        let weight = uniform.init_with([channels_out, channels_in, KERNEL], fan_in, None, device);
        Self {
            weight,
            bias: Initializer::Zeros.init([channels_out], device),
        }
    }

    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let weight = self.weight.val();
        let norm = largest_singular_value(weight.clone().flatten(1, 2));
        let options = ConvOptions::new([1], [KERNEL / 2], [1], 1);
        conv1d(
            x,
            weight / norm.reshape([1, 1, 1]),
            Some(self.bias.val()),
            options,
        )
    }
}

/// By the power method; the vectors are constants for the gradient, as in the paper.
fn largest_singular_value(matrix: Tensor<2>) -> Tensor<1> {
    let fixed = matrix.clone().detach();
    let unit = |it: Tensor<2>| it.clone() / (it.square().sum() + 1e-12).sqrt().reshape([1, 1]);
    let rows = matrix.dims()[0];
    let mut left = unit(Tensor::ones([1, rows], &fixed.device()));
    let mut right = unit(left.clone().matmul(fixed.clone()));
    for _ in 0..POWER_ROUNDS {
        left = unit(right.matmul(fixed.clone().transpose()));
        right = unit(left.clone().matmul(fixed.clone()));
    }
    left.matmul(matrix).matmul(right.transpose()).reshape([1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upsampling_is_linear_between_frames() {
        let device = Device::flex();
        let x = Tensor::<3>::from_floats([[[0.0, 2.0, -1.0]]], &device);
        let found: Vec<f32> = upsample(x).into_data().try_to_vec().unwrap();
        assert_eq!(found, [0.0, 1.0, 2.0, 0.5, -1.0, -1.0]);
    }

    #[test]
    fn largest_singular_value_of_a_known_matrix() {
        // diag(3, 1) turned by 30° from the left: singular values stay.
        let (c, s) = (0.866_025_4f32, 0.5f32);
        let matrix = Tensor::<2>::from_floats([[3.0 * c, -s], [3.0 * s, c]], &Device::flex());
        let found: f32 = largest_singular_value(matrix).into_scalar();
        assert!((found - 3.0).abs() < 1e-3, "{found}");
    }
}
