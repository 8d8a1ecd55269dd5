//! The residual path: what the mix leaves over, instant by instant.
//!
//! A view encoder reads the neighbours of each instant of each recorded lead through one bank of
//! filters. A signed, gated attention, one number per lead and channel, fuses the leads; it comes
//! from a trunk that has read this patient's covariances, the prior's mix and doubt, and where
//! leads and query look from. A small head, modulated by the same trunk (FiLM), answers with the
//! residual. Any number of leads in any order; a fresh network answers zero.

use burn::{
    config::Config,
    module::{Initializer, Module, Param},
    nn::{Linear, LinearConfig},
    tensor::{
        Device, Tensor,
        activation::{relu, softmax},
    },
};

use super::{ContextSamples, Ensemble, LeadGraph, MixNetwork, mix::MixTrunk};

const N_LAGS: usize = ContextSamples::N_LAGS;

/// Configuration of [`ResidualNetwork`].
#[derive(Config, Debug)]
pub struct ResidualNetworkConfig {
    /// Width of a node of the trunk.
    #[config(default = 48)]
    pub width: usize,
    /// Rounds of messages in the trunk.
    #[config(default = 2)]
    pub rounds: usize,
    /// Channels of the view encoder.
    #[config(default = 128)]
    pub channels: usize,
    /// Width of the head.
    #[config(default = 128)]
    pub hidden: usize,
    /// Further layers of the head.
    #[config(default = 1)]
    pub layers: usize,
    /// Share of channels silenced at random while training.
    #[config(default = 0.0)]
    pub dropout: f64,
    /// Whether leads are weighed by a softmax, as published, instead of with their sign.
    #[config(default = false)]
    pub softmax: bool,
}

/// What is left over by the mix.
#[derive(Module, Debug)]
pub struct ResidualNetwork {
    trunk: MixTrunk,
    /// Filters over the neighbours of an instant: `[N_LAGS, channels]`.
    bank: Param<Tensor<2>>,
    /// The same for the trace of the mix.
    prior_bank: Param<Tensor<2>>,
    attention: Linear,
    shift: Linear,
    fuse: Linear,
    film: Linear,
    deep: Vec<Linear>,
    read: Linear,
    dropout: burn::nn::Dropout,
    softmax: bool,
}

/// Samples around some instants, in the scales that the network knows.
#[derive(Clone, Debug)]
pub struct Instants {
    /// `[batch, time, leads · N_LAGS]`: neighbours, in multiples of the patient's RMS.
    pub near: Tensor<3>,
    /// `[batch, time, N_LAGS]`: neighbours of the mix, in multiples of its RMS.
    pub mixed: Tensor<3>,
}

impl ResidualNetworkConfig {
    /// Fresh weights, which answer zero.
    pub fn init(&self, device: &Device) -> ResidualNetwork {
        let (d, c, h) = (self.width, self.channels, self.hidden);
        let bank = |std: f64| Initializer::Normal { mean: 0.0, std }.init([N_LAGS, c], device);
        let zeros = |from, to| {
            LinearConfig::new(from, to)
                .with_initializer(Initializer::Zeros)
                .init(device)
        };
        ResidualNetwork {
            trunk: MixTrunk::new(d, self.rounds, device),
            bank: bank(0.5),
            prior_bank: bank(0.3),
            attention: LinearConfig::new(d, c).init(device),
            shift: LinearConfig::new(d, c).init(device),
            fuse: LinearConfig::new(c, h).init(device),
            film: zeros(d, 2 * h),
            deep: (0..self.layers)
                .map(|_| LinearConfig::new(h, h).init(device))
                .collect(),
            read: zeros(h, 1),
            dropout: burn::nn::DropoutConfig::new(self.dropout).init(),
            softmax: self.softmax,
        }
    }
}

impl ResidualNetwork {
    /// The same with the trunk of a network of the lead-field path that has learned already, of the
    /// same width.
    pub fn with_trunk_of(self, mix: &MixNetwork) -> Self {
        Self {
            trunk: mix.trunk(),
            ..self
        }
    }

    /// The residual in multiples of the RMS of the prior's trace.
    ///
    /// # Shapes
    /// - output: `[batch, time]`
    pub fn forward(&self, graph: &LeadGraph, instants: Instants) -> Tensor<2> {
        let [batch, leads] = graph.dims();
        let [_, time, _] = instants.near.dims();
        let present = graph.present.clone();
        let mask = present.clone().unsqueeze_dim::<3>(2);
        let nodes = self.trunk.forward(graph);
        let patient =
            nodes.clone().sum_dim(1) / present.sum_dim(1).clamp_min(1.0).reshape([batch, 1, 1]);
        let map = self.map(nodes, mask);
        let channels = map.dims()[2];
        // Attention times bank: the filters of every lead for this query, [batch, leads · lags,
        // channels].
        let filters = map.unsqueeze_dim::<4>(2) * self.bank.val().reshape([1, 1, N_LAGS, channels]);
        let fused = instants
            .near
            .matmul(filters.reshape([batch, leads * N_LAGS, channels]));
        let mixed = instants.mixed.matmul(
            self.prior_bank
                .val()
                .unsqueeze::<3>()
                .expand([batch, N_LAGS, channels]),
        );
        let first = self
            .dropout
            .forward(relu(fused + mixed + self.shift.forward(patient.clone())));
        let film = self.film.forward(patient);
        let hidden = film.dims()[2] / 2;
        let (gain, shift) = (
            film.clone().narrow(2, 0, hidden) + 1.0,
            film.narrow(2, hidden, hidden),
        );
        let second = self
            .dropout
            .forward(relu(self.fuse.forward(first) * gain + shift));
        let deep = |above: Tensor<3>, layer: &Linear| above.clone() + relu(layer.forward(above));
        let last = self.deep.iter().fold(second, deep);
        self.read.forward(last).reshape([batch, time])
    }

    /// Geometric attention, one signed number per lead and channel; zero for absent leads.
    fn map(&self, nodes: Tensor<3>, mask: Tensor<3>) -> Tensor<3> {
        let scores = self.attention.forward(nodes);
        if self.softmax {
            softmax(scores + (mask.clone() - 1.0) * 1e4, 1) * mask
        } else {
            scores * mask
        }
    }
}

impl Ensemble<ResidualNetwork> {
    /// Mean answer; shape as in [`ResidualNetwork::forward`].
    pub fn forward(&self, graph: &LeadGraph, instants: &Instants) -> Tensor<2> {
        let [batch, time, _] = instants.near.dims();
        let silent = Tensor::zeros([batch, time], &graph.present.device());
        self.mean(silent, |member| member.forward(graph, instants.clone()))
    }
}
