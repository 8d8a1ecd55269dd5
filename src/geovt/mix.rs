//! Lead-field path: a correction of the mixing weights, from covariances.
//!
//! Each recorded lead is a node. Leads exchange messages along what they share (their correlations,
//! the prior's joint doubt) rather than along learned attention scores: few parameters, any number
//! of leads, no order. The answer is one number per lead in the whitened coordinates of
//! [`super::Features`]; fresh weights answer zero, which is the prior.

use burn::{
    config::Config,
    module::{Initializer, Module},
    nn::{Linear, LinearConfig},
    tensor::{Device, Tensor, activation::gelu},
};

use super::{
    Ensemble, LeadGraph,
    features::{N_EDGES, N_FEATURES},
    harmonics::N_HARMONICS,
};

/// Configuration of [`MixNetwork`].
#[derive(Config, Debug)]
pub struct MixNetworkConfig {
    /// Width of a node.
    #[config(default = 48)]
    pub width: usize,
    /// Rounds of messages.
    #[config(default = 2)]
    pub rounds: usize,
    /// Whether absolute directions are among the inputs. Without them a correction can only depend
    /// on how a view relates to the recorded leads, which is what travels to views that were never
    /// trained.
    #[config(default = true)]
    pub directions: bool,
}

/// Corrects the prior's mix for one patient and direction.
#[derive(Module, Debug)]
pub struct MixNetwork {
    input: Linear,
    rounds: Vec<Round>,
    own: Linear,
    shared: Linear,
    n_features: usize,
}

impl Ensemble<MixNetwork> {
    /// Mean answer; shape as in [`MixNetwork::forward`].
    pub fn forward(&self, graph: &LeadGraph) -> Tensor<2> {
        self.mean(Tensor::zeros_like(&graph.present), |member| {
            member.forward(graph)
        })
    }
}

/// The nodes alone: what the leads of a patient know of a query after they have talked, without an
/// answer.
#[derive(Module, Debug)]
pub struct MixTrunk {
    input: Linear,
    rounds: Vec<Round>,
}

impl MixNetwork {
    /// Its nodes alone, as trained: where a residual path starts from.
    pub(super) fn trunk(&self) -> MixTrunk {
        MixTrunk {
            input: self.input.clone(),
            rounds: self.rounds.clone(),
        }
    }
}

impl MixTrunk {
    /// Fresh weights of so many rounds.
    pub(super) fn new(width: usize, rounds: usize, device: &Device) -> Self {
        Self {
            input: LinearConfig::new(N_FEATURES, width).init(device),
            rounds: (0..rounds).map(|_| Round::new(width, device)).collect(),
        }
    }

    /// # Shapes
    /// - output: `[batch, leads, width]`, zero for absent leads
    pub(super) fn forward(&self, graph: &LeadGraph) -> Tensor<3> {
        nodes(
            self.input.forward(graph.features.clone()),
            &self.rounds,
            graph,
        )
    }
}

/// One round of messages.
#[derive(Module, Debug)]
struct Round {
    gather: Linear,
    update: Linear,
}

impl MixNetworkConfig {
    /// Fresh weights, which answer zero.
    pub fn init(&self, device: &Device) -> MixNetwork {
        let d = self.width;
        let n_features = if self.directions {
            N_FEATURES
        } else {
            N_FEATURES - 2 * N_HARMONICS
        };
        let rounds = (0..self.rounds).map(|_| Round::new(d, device));
        let silent = |n| {
            LinearConfig::new(n, 1)
                .with_initializer(Initializer::Zeros)
                .init(device)
        };
        MixNetwork {
            input: LinearConfig::new(n_features, d).init(device),
            rounds: rounds.collect(),
            own: silent(d),
            shared: silent(d),
            n_features,
        }
    }
}

impl MixNetwork {
    /// Answers in whitened coordinates.
    ///
    /// # Shapes
    /// - output: `[batch, leads]`, zero for absent leads
    pub fn forward(&self, graph: &LeadGraph) -> Tensor<2> {
        let [batch, leads] = graph.dims();
        let mask = graph.present.clone().unsqueeze_dim::<3>(2);
        let features = graph.features.clone().narrow(2, 0, self.n_features);
        let nodes = nodes(self.input.forward(features), &self.rounds, graph);
        let own = self.own.forward(nodes.clone()).reshape([batch, leads]);
        let shared = self.shared.forward(nodes) * mask;
        let doubt = graph
            .edges
            .clone()
            .narrow(1, N_EDGES - 1, 1)
            .reshape([batch, leads, leads]);
        (own + doubt.matmul(shared).reshape([batch, leads]) * 0.3) * graph.present.clone()
    }
}

/// Rounds of messages among leads that have been told their own.
fn nodes(told: Tensor<3>, rounds: &[Round], graph: &LeadGraph) -> Tensor<3> {
    let [batch, _] = graph.dims();
    let present = graph.present.clone();
    let share = present
        .clone()
        .sum_dim(1)
        .clamp_min(1.0)
        .recip()
        .reshape([batch, 1, 1]);
    let mask = present.unsqueeze_dim::<3>(2);
    rounds
        .iter()
        .fold(gelu(told) * mask.clone(), |nodes, round| {
            round.forward(nodes, &graph.edges, &share) * mask.clone()
        })
}

impl Round {
    fn new(width: usize, device: &Device) -> Self {
        Self {
            gather: LinearConfig::new(width * (N_EDGES + 2), width).init(device),
            update: LinearConfig::new(width, width).init(device),
        }
    }

    fn forward(&self, nodes: Tensor<3>, edges: &Tensor<4>, share: &Tensor<3>) -> Tensor<3> {
        let [batch, leads, width] = nodes.dims();
        let along = edges
            .clone()
            .reshape([batch, N_EDGES * leads, leads])
            .matmul(nodes.clone());
        let along = along
            .reshape([batch, N_EDGES, leads, width])
            .swap_dims(1, 2)
            .reshape([batch, leads, N_EDGES * width]);
        let pooled = (nodes.clone().sum_dim(1) * share.clone()).expand([batch, leads, width]);
        let heard = Tensor::cat(vec![along * share.clone(), pooled, nodes.clone()], 2);
        let next = nodes + self.update.forward(gelu(self.gather.forward(heard)));
        let power = next.clone().square().mean_dim(2);
        next / (power + 1e-6).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Distribution;

    use super::*;

    fn network(device: &Device) -> MixNetwork {
        device.seed(3);
        let mut net = MixNetworkConfig::new().with_width(12).init(device);
        net.own = LinearConfig::new(12, 1).init(device);
        net.shared = LinearConfig::new(12, 1).init(device);
        net
    }

    fn input(leads: usize, device: &Device) -> LeadGraph {
        let normal = |std| Distribution::Normal(0.0, std);
        LeadGraph {
            features: Tensor::random([2, leads, N_FEATURES], normal(1.0), device),
            edges: Tensor::random([2, N_EDGES, leads, leads], normal(0.5), device),
            present: Tensor::ones([2, leads], device),
        }
    }

    fn values<const D: usize>(it: Tensor<D>) -> Vec<f32> {
        it.into_data().try_to_vec().unwrap()
    }

    #[test]
    fn fresh_weights_answer_zero() {
        let device = Device::flex();
        let net = MixNetworkConfig::new().init(&device);
        assert_eq!(values(net.forward(&input(5, &device))), vec![0.0; 10]);
    }

    #[test]
    fn order_of_leads_does_not_matter() {
        let device = Device::flex();
        let (net, graph) = (network(&device), input(3, &device));
        let flipped = LeadGraph {
            features: graph.features.clone().flip([1]),
            edges: graph.edges.clone().flip([2, 3]),
            present: graph.present.clone(),
        };
        let (expected, found) = (net.forward(&graph), net.forward(&flipped).flip([1]));
        let pairs = values(found).into_iter().zip(values(expected));
        assert!(pairs.into_iter().all(|(x, y)| (x - y).abs() < 1e-5));
    }
}
