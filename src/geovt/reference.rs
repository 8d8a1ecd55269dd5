//! The network against numbers computed without Burn: `scripts/geovt_reference.py` writes the
//! formulas out in PyTorch.

use burn::{
    module::{Module, ModuleMapper, Param},
    tensor::{Device, Tensor, TensorData},
};

#[cfg(feature = "train")]
pub(crate) use self::gradients::check_gradients;

use super::{
    ContextSamples, Instants, LeadGraph, MixNetwork, MixNetworkConfig, ResidualNetwork,
    ResidualNetworkConfig,
    features::{N_EDGES, N_FEATURES},
};

const N_LAGS: usize = ContextSamples::N_LAGS;

/// Sets parameter `i`, flat index `k`, to 0.25 · sin(0.9 · (i + 1) · (k + 1)), plus 0.5 for
/// vectors.
pub(crate) struct Formula(pub usize);

impl ModuleMapper for Formula {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        self.0 += 1;
        let (i, offset) = (self.0 as f64, if D == 1 { 0.5 } else { 0.0 });
        param.map(|it| {
            let shape = it.shape();
            let values: Vec<f32> = (0..shape.num_elements())
                .map(|k| (0.25 * (0.9 * i * (k + 1) as f64).sin() + offset) as f32)
                .collect();
            let found = Tensor::from_data(TensorData::new(values, shape), &it.device());
            if it.device().is_autodiff() {
                found.require_grad()
            } else {
                found
            }
        })
    }
}

pub(crate) fn wave<const D: usize>(
    a: f64,
    b: f64,
    (scale, offset): (f64, f64),
    shape: [usize; D],
) -> Tensor<D> {
    let values: Vec<f32> = (0..shape.iter().product())
        .map(|k: usize| (scale * (a * k as f64 + b).sin() + offset) as f32)
        .collect();
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

pub(crate) fn check(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    assert!(
        found
            .iter()
            .zip(expected)
            .all(|(a, b)| (a - b).abs() < 1e-4),
        "found {found:?}, expected {expected:?}"
    );
}

fn values(tensor: Tensor<2>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

/// The input of the script: two queries of four leads, shown where `present` says.
fn graph(present: [[f32; 4]; 2], device: &Device) -> LeadGraph {
    let present = Tensor::<2>::from_floats(present, device);
    let both = present.clone().reshape([2, 1, 1, 4]) * present.clone().reshape([2, 1, 4, 1]);
    LeadGraph {
        features: on(wave(0.23, 0.3, (1.0, 0.0), [2, 4, N_FEATURES]), device),
        edges: on(wave(0.41, 0.7, (0.5, 0.0), [2, N_EDGES, 4, 4]), device) * both,
        present,
    }
}

fn mix_answer(device: &Device) -> (MixNetwork, Tensor<2>) {
    let net = MixNetworkConfig::new()
        .with_width(8)
        .with_rounds(2)
        .init(device)
        .map(&mut Formula(0));
    let answer = net.forward(&graph([[1.0; 4]; 2], device));
    (net, answer)
}

#[test]
fn lead_field_path() {
    check(&values(mix_answer(&Device::flex()).1), &MIX);
}

fn residual_answer(device: &Device, leads: usize) -> (ResidualNetwork, Tensor<2>) {
    let config = ResidualNetworkConfig::new()
        .with_width(8)
        .with_channels(6)
        .with_hidden(5)
        .with_layers(1)
        .with_dropout(0.0);
    let net = config.init(device).map(&mut Formula(0));
    let whole = graph([[1.0; 4], [1.0, 1.0, 1.0, 0.0]], device);
    let near = on(wave(0.31, 0.2, (1.0, 0.0), [2, 5, 4 * N_LAGS]), device);
    let instants = Instants {
        near: near.narrow(2, 0, leads * N_LAGS),
        mixed: on(wave(0.53, 0.9, (1.0, 0.0), [2, 5, N_LAGS]), device),
    };
    let cut = LeadGraph {
        features: whole.features.narrow(1, 0, leads),
        edges: whole.edges.narrow(2, 0, leads).narrow(3, 0, leads),
        present: whole.present.narrow(1, 0, leads),
    };
    let answer = net.forward(&cut, instants);
    (net, answer)
}

pub(crate) fn on<const D: usize>(it: Tensor<D>, device: &Device) -> Tensor<D> {
    Tensor::from_data(it.into_data(), device)
}

#[test]
fn residual_path() {
    let found = values(residual_answer(&Device::flex(), 4).1);
    check(&found, &RESIDUAL);
    // The second row has three leads: the fourth may as well not be there.
    let few = values(residual_answer(&Device::flex(), 3).1);
    check(&few[5..], &found[5..]);
}

#[rustfmt::skip]
const MIX: [f32; 8] = [0.190288, -0.150575, -0.211910, 0.141823, -0.034685, -0.255834, 0.022525, 0.220659];
#[rustfmt::skip]
const RESIDUAL: [f32; 10] = [1.22197, 1.20069, 1.21092, 1.23366, 1.22149, 1.23671, 1.25724, 1.26524, 1.25008, 1.23702];

/// Only what trains has gradients.
#[cfg(feature = "train")]
mod gradients {
    use burn::{module::ModuleVisitor, tensor::Gradients};

    use super::*;

    /// Per parameter: its gradient's products with cos(k), summed.
    struct Digest {
        gradients: Gradients,
        found: Vec<f32>,
    }

    impl ModuleVisitor for Digest {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let gradient: Vec<f32> = match param.val().grad(&self.gradients) {
                Some(it) => it.into_data().try_to_vec().unwrap(),
                None => Vec::new(),
            };
            self.found.push(
                gradient
                    .iter()
                    .enumerate()
                    .map(|(k, it)| it * (k as f32).cos())
                    .sum(),
            );
        }
    }

    /// The gradient of the mean square of `answer`, against PyTorch's, relative to the largest.
    pub(crate) fn check_gradients<M: Module>(net: &M, answer: Tensor<2>, expected: &[f32]) {
        let mut digest = Digest {
            gradients: answer.square().mean().backward(),
            found: Vec::new(),
        };
        net.visit(&mut digest);
        let largest = expected.iter().fold(0f32, |it, x| it.max(x.abs()));
        assert_eq!(digest.found.len(), expected.len());
        let close = digest
            .found
            .iter()
            .zip(expected)
            .all(|(a, b)| (a - b).abs() < 1e-4 * largest);
        assert!(close, "found {:?}, expected {expected:?}", digest.found);
    }

    #[test]
    fn gradients() {
        let device = Device::flex().autodiff();
        let (net, answer) = residual_answer(&device, 4);
        check_gradients(&net, answer, &RESIDUAL_GRADIENT);
        let (net, answer) = mix_answer(&device);
        check_gradients(&net, answer, &MIX_GRADIENT);
    }

    #[rustfmt::skip]
    const RESIDUAL_GRADIENT: [f32; 24] = [-0.00339995, -0.495025, -0.0172288, 0.010892, -0.0731851, -0.546745, -0.000263123, -0.000335214, 0.0329761, -0.49868, 0.774366, 0.368213, -0.0356806, 0.00243885, -3.39762, -0.563376, 0.935054, -0.494082, -0.656406, -1.06709, -0.172848, -0.0309315, -0.824978, 2.467];
    #[rustfmt::skip]
    const MIX_GRADIENT: [f32; 14] = [-0.0157988, -0.0384387, 0.000671761, -0.000997707, -0.00624196, -0.0435484, 0.000570963, 0.000163384, 0.0039441, -0.0359858, 0.227898, -0.0194272, 0.148491, 0.132129];
}
