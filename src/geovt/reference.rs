//! The network against numbers computed without Burn: `scripts/geovt_reference.py` writes the formulas out in NumPy.

use burn::{
    module::{Module, ModuleMapper, Param},
    tensor::{Device, Tensor, TensorData},
};

use super::{GeoVtConfig, MixNetworkConfig, N_EDGES, N_FEATURES};

/// Sets parameter `i`, flat index `k`, to 0.25 · sin(0.9 · (i + 1) · (k + 1)), plus 0.5 for vectors.
struct Formula(usize);

impl ModuleMapper for Formula {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        self.0 += 1;
        let (i, offset) = (self.0 as f64, if D == 1 { 0.5 } else { 0.0 });
        param.map(|it| {
            let shape = it.shape();
            let values: Vec<f32> = (0..shape.num_elements()).map(|k| (0.25 * (0.9 * i * (k + 1) as f64).sin() + offset) as f32).collect();
            Tensor::from_data(TensorData::new(values, shape), &it.device())
        })
    }
}

fn wave<const D: usize>(a: f64, b: f64, (scale, offset): (f64, f64), shape: [usize; D]) -> Tensor<D> {
    let values: Vec<f32> = (0..shape.iter().product()).map(|k: usize| (scale * (a * k as f64 + b).sin() + offset) as f32).collect();
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

fn check(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-4), "found {found:?}, expected {expected:?}");
}

/// Both rows at four instants.
fn whole_forward(config: GeoVtConfig, expected: [f32; 8]) {
    let device = Device::flex();
    let net = config.with_channels(6).with_width(5).init(&device).map(&mut Formula(0));
    let samples = wave(0.37, 0.1, (1.0, 0.0), [2, 3, 37]);
    let angles = wave(1.1, 0.2, (0.8, 1.2), [2, 3, 2]);
    let encoded = net.encode(samples, angles, Tensor::ones([2, 3], &device));
    let all: Vec<f32> = net.residual(&encoded, wave(0.7, 0.4, (0.5, 1.0), [2, 1, 2])).into_data().try_to_vec().unwrap();
    let found: Vec<f32> = [0, 37].into_iter().flat_map(|row| [0, 9, 18, 36].map(|t| all[row + t])).collect();
    check(&found, &expected);
}

#[test]
fn whole_forward_of_every_form() {
    whole_forward(GeoVtConfig::ours(), SIGNED);
    whole_forward(GeoVtConfig::paper(), SOFTMAX);
    whole_forward(GeoVtConfig::nef_net(), AVERAGE);
}

#[test]
fn lead_field_path() {
    let device = Device::flex();
    let net = MixNetworkConfig::new().with_width(8).with_rounds(2).init(&device).map(&mut Formula(0));
    let features = wave(0.23, 0.3, (1.0, 0.0), [2, 4, N_FEATURES]);
    let edges = wave(0.41, 0.7, (0.5, 0.0), [2, N_EDGES, 4, 4]);
    let found: Vec<f32> = net.forward(features, edges, Tensor::ones([2, 4], &device)).into_data().try_to_vec().unwrap();
    check(&found, &MIX);
}

#[rustfmt::skip]
const SIGNED: [f32; 8] = [0.204233, 0.085663, 0.085552, 0.422742, 0.204069, 0.085521, 0.085586, 0.422666];
#[rustfmt::skip]
const SOFTMAX: [f32; 8] = [0.205286, 0.086442, 0.085627, 0.419402, 0.204303, 0.085469, 0.086027, 0.418470];
#[rustfmt::skip]
const AVERAGE: [f32; 8] = [1.027508, 0.933996, 0.941606, 0.523904, 1.044332, 0.945355, 0.937812, 0.527464];
#[rustfmt::skip]
const MIX: [f32; 8] = [0.190288, -0.150575, -0.211910, 0.141823, -0.034685, -0.255834, 0.022525, 0.220659];
