//! View encoder: one residual block of convolutions, shared by all leads, and a modulation by query
//! and own direction.
//!
//! The block does not know any angle, so it runs once per recording; the modulation (FiLM) is all
//! that a new view costs here.

use burn::{
    config::Config,
    module::{Initializer, Module, Param},
    nn::{
        Linear, LinearConfig, PaddingConfig1d,
        conv::{Conv1d, Conv1dConfig},
    },
    tensor::{Device, Tensor, activation::gelu},
};

/// Samples per frame.
const STRIDE: usize = 2;
/// Samples that the first convolution sees.
const STEM: usize = 9;
/// Frames that each convolution of the block sees.
const KERNEL: usize = 5;

/// Configuration of [`ViewEncoder`].
#[derive(Config, Debug)]
pub struct ViewEncoderConfig {
    /// Channels of a frame.
    pub channels: usize,
    /// Width of the angle embedding.
    pub width: usize,
}

/// Samples of one lead to frames of features.
#[derive(Module, Debug)]
pub struct ViewEncoder {
    stem: Conv1d,
    stem_norm: ChannelNorm,
    first: Conv1d,
    first_norm: ChannelNorm,
    second: Conv1d,
    second_norm: ChannelNorm,
    film: Linear,
}

impl ViewEncoderConfig {
    /// Fresh weights; the modulation starts at doing nothing.
    pub fn init(&self, device: &Device) -> ViewEncoder {
        let c = self.channels;
        let same = |kernel: usize| PaddingConfig1d::Explicit(kernel / 2, kernel / 2);
        let inner = || {
            Conv1dConfig::new(c, c, KERNEL)
                .with_padding(same(KERNEL))
                .init(device)
        };
        ViewEncoder {
            stem: Conv1dConfig::new(1, c, STEM)
                .with_stride(STRIDE)
                .with_padding(same(STEM))
                .init(device),
            stem_norm: ChannelNorm::new(c, device),
            first: inner(),
            first_norm: ChannelNorm::new(c, device),
            second: inner(),
            second_norm: ChannelNorm::new(c, device),
            film: LinearConfig::new(2 * self.width, 2 * c)
                .with_initializer(Initializer::Zeros)
                .init(device),
        }
    }
}

impl ViewEncoder {
    /// Features that no angle has entered.
    ///
    /// # Shapes
    /// - samples: `[batch, leads, time]`
    /// - output: `[batch, leads, channels, frames]`, `frames` = half of `time`, rounded up
    pub fn encode(&self, samples: Tensor<3>) -> Tensor<4> {
        let [batch, leads, time] = samples.dims();
        let x = samples.reshape([batch * leads, 1, time]);
        let x = gelu(self.stem_norm.forward(self.stem.forward(x)));
        let inner = gelu(self.first_norm.forward(self.first.forward(x.clone())));
        let x = gelu(x + self.second_norm.forward(self.second.forward(inner)));
        let [_, channels, frames] = x.dims();
        x.reshape([batch, leads, channels, frames])
    }

    /// Gain and shift of every channel of every lead for one query.
    ///
    /// # Shapes
    /// - query: `[batch, 1, width]`
    /// - own: `[batch, leads, width]`
    /// - output: two of `[batch, leads, channels]`; the gain is around one
    pub fn modulation(&self, query: Tensor<3>, own: Tensor<3>) -> (Tensor<3>, Tensor<3>) {
        let [batch, leads, width] = own.dims();
        let both = Tensor::cat(vec![query.expand([batch, leads, width]), own], 2);
        let film = self.film.forward(both);
        let channels = film.dims()[2] / 2;
        (
            film.clone().narrow(2, 0, channels) + 1.0,
            film.narrow(2, channels, channels),
        )
    }
}

/// Layer norm over the channels of each frame: nothing of other instants enters, so length does not
/// matter.
#[derive(Module, Debug)]
pub struct ChannelNorm {
    gain: Param<Tensor<1>>,
    shift: Param<Tensor<1>>,
}

impl ChannelNorm {
    /// For so many channels.
    pub fn new(channels: usize, device: &Device) -> Self {
        Self {
            gain: Initializer::Ones.init([channels], device),
            shift: Initializer::Zeros.init([channels], device),
        }
    }

    /// # Shapes
    /// - input and output: `[rows, channels, frames]`
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let channels = x.dims()[1];
        let centred = x.clone() - x.mean_dim(1);
        let scale = (centred.clone().square().mean_dim(1) + 1e-5).sqrt();
        let per_channel = |weight: &Param<Tensor<1>>| weight.val().reshape([1, channels, 1]);
        centred / scale * per_channel(&self.gain) + per_channel(&self.shift)
    }
}
