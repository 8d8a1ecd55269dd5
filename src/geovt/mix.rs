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

use super::{N_EDGES, N_FEATURES};

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

/// Corrects the field prior's mix for one patient and direction.
#[derive(Module, Debug)]
pub struct MixNetwork {
    input: Linear,
    rounds: Vec<Round>,
    own: Linear,
    shared: Linear,
    n_features: usize,
}

/// Several networks whose answers are averaged: each errs in its own way.
#[derive(Module, Debug)]
pub struct MixEnsemble {
    members: Vec<MixNetwork>,
}

impl MixEnsemble {
    /// Of trained members.
    pub fn new(members: Vec<MixNetwork>) -> Self {
        Self { members }
    }

    /// The members again.
    pub fn into_members(self) -> Vec<MixNetwork> {
        self.members
    }

    /// Mean answer; shapes as in [`MixNetwork::forward`].
    pub fn forward(&self, features: Tensor<3>, edges: Tensor<4>, present: Tensor<2>) -> Tensor<2> {
        let silent = Tensor::zeros_like(&present);
        let answers = self
            .members
            .iter()
            .map(|it| it.forward(features.clone(), edges.clone(), present.clone()));
        answers.fold(silent, |sum, it| sum + it) / self.members.len().max(1) as f64
    }
}

/// Configuration of [`MixTrunk`].
#[derive(Config, Debug)]
pub struct MixTrunkConfig {
    /// Width of a node.
    pub width: usize,
    /// Rounds of messages.
    pub rounds: usize,
}

/// The nodes alone: what the leads of a patient know of a query after they have talked, without an
/// answer.
#[derive(Module, Debug)]
pub struct MixTrunk {
    input: Linear,
    rounds: Vec<Round>,
}

impl MixTrunkConfig {
    /// Fresh weights.
    pub fn init(&self, device: &Device) -> MixTrunk {
        let input = LinearConfig::new(N_FEATURES, self.width).init(device);
        MixTrunk {
            input,
            rounds: (0..self.rounds)
                .map(|_| Round::new(self.width, device))
                .collect(),
        }
    }
}

impl MixNetwork {
    /// Its nodes alone, as trained: where a residual path starts from.
    pub fn trunk(&self) -> MixTrunk {
        MixTrunk {
            input: self.input.clone(),
            rounds: self.rounds.clone(),
        }
    }
}

impl MixTrunk {
    /// # Shapes
    /// - features, edges, present: as in [`MixNetwork::forward`]
    /// - output: `[batch, leads, width]`, zero for absent leads
    pub fn forward(&self, features: Tensor<3>, edges: Tensor<4>, present: Tensor<2>) -> Tensor<3> {
        nodes(self.input.forward(features), &self.rounds, edges, present)
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
            N_FEATURES - 2 * super::N_HARMONICS
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
    /// - features: `[batch, leads, N_FEATURES]`
    /// - edges: `[batch, N_EDGES, leads, leads]`, zero for absent leads
    /// - present: `[batch, leads]`, one or zero
    /// - output: `[batch, leads]`, zero for absent leads
    pub fn forward(&self, features: Tensor<3>, edges: Tensor<4>, present: Tensor<2>) -> Tensor<2> {
        let [batch, leads, _] = features.dims();
        let mask = present.clone().unsqueeze_dim::<3>(2);
        let told = self.input.forward(features.narrow(2, 0, self.n_features));
        let nodes = nodes(told, &self.rounds, edges.clone(), present.clone());
        let own = self.own.forward(nodes.clone()).reshape([batch, leads]);
        let shared = self.shared.forward(nodes) * mask;
        let doubt = edges
            .narrow(1, N_EDGES - 1, 1)
            .reshape([batch, leads, leads]);
        (own + doubt.matmul(shared).reshape([batch, leads]) * 0.3) * present
    }
}

/// Rounds of messages among leads that have been told their own.
fn nodes(told: Tensor<3>, rounds: &[Round], edges: Tensor<4>, present: Tensor<2>) -> Tensor<3> {
    let batch = told.dims()[0];
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
            round.forward(nodes, &edges, &share) * mask.clone()
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

    fn input(leads: usize, device: &Device) -> (Tensor<3>, Tensor<4>, Tensor<2>) {
        let random =
            |shape: [usize; 3]| Tensor::<3>::random(shape, Distribution::Normal(0.0, 1.0), device);
        let edges = Tensor::<4>::random(
            [2, N_EDGES, leads, leads],
            Distribution::Normal(0.0, 0.5),
            device,
        );
        (
            random([2, leads, N_FEATURES]),
            edges,
            Tensor::ones([2, leads], device),
        )
    }

    fn values<const D: usize>(it: Tensor<D>) -> Vec<f32> {
        it.into_data().try_to_vec().unwrap()
    }

    #[test]
    fn fresh_weights_answer_zero() {
        let device = Device::flex();
        let (features, edges, present) = input(5, &device);
        let found = values(
            MixNetworkConfig::new()
                .init(&device)
                .forward(features, edges, present),
        );
        assert_eq!(found, vec![0.0; 10]);
    }

    #[test]
    fn absent_leads_change_nothing() {
        let device = Device::flex();
        let net = network(&device);
        let (features, edges, present) = input(4, &device);
        let expected = values(net.forward(features.clone(), edges.clone(), present));
        let pad =
            |it: Tensor<3>| Tensor::cat(vec![it, Tensor::zeros([2, 2, N_FEATURES], &device)], 1);
        let wide = Tensor::<4>::zeros([2, N_EDGES, 6, 6], &device)
            .slice_assign([0..2, 0..N_EDGES, 0..4, 0..4], edges);
        let present = Tensor::from_floats(
            [
                [1.0, 1.0, 1.0, 1.0, 0.0, 0.0],
                [1.0, 1.0, 1.0, 1.0, 0.0, 0.0],
            ],
            &device,
        );
        let found = net.forward(pad(features), wide, present);
        assert_eq!(found.dims(), [2, 6]);
        let found = values(found);
        for row in 0..2 {
            assert!((0..4).all(|it| (found[row * 6 + it] - expected[row * 4 + it]).abs() < 1e-5));
            assert!((4..6).all(|it| found[row * 6 + it] == 0.0));
        }
    }

    #[test]
    fn order_of_leads_does_not_matter() {
        let device = Device::flex();
        let net = network(&device);
        let (features, edges, present) = input(3, &device);
        let expected = values(net.forward(features.clone(), edges.clone(), present.clone()));
        let found = net
            .forward(features.flip([1]), edges.flip([2, 3]), present)
            .flip([1]);
        assert!(
            values(found)
                .iter()
                .zip(expected)
                .all(|(x, y)| (x - y).abs() < 1e-5)
        );
    }
}
