//! The published networks against numbers computed without Burn, as in `geovt::reference`.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use super::{GeoVt, GeoVtConfig};
use crate::geovt::reference::{Formula, check, check_gradients, on, wave};

/// The network and its answer of `[2, 37]` to the input of the script.
fn answer(config: GeoVtConfig, device: &Device) -> (GeoVt, Tensor<2>) {
    let net = config
        .with_channels(6)
        .with_width(5)
        .init(device)
        .map(&mut Formula(0));
    let found = net.forward(
        on(wave(0.37, 0.1, (1.0, 0.0), [2, 3, 37]), device),
        on(wave(1.1, 0.2, (0.8, 1.2), [2, 3, 2]), device),
        Tensor::ones([2, 3], device),
        on(wave(0.7, 0.4, (0.5, 1.0), [2, 1, 2]), device),
    );
    (net, found)
}

/// Both rows at four instants.
fn check_answer(config: GeoVtConfig, expected: [f32; 8]) {
    let all: Vec<f32> = answer(config, &Device::flex())
        .1
        .into_data()
        .try_to_vec()
        .unwrap();
    let found: Vec<f32> = [0, 37]
        .into_iter()
        .flat_map(|row| [0, 9, 18, 36].map(|t| all[row + t]))
        .collect();
    check(&found, &expected);
}

#[test]
fn answers() {
    check_answer(GeoVtConfig::paper(), SOFTMAX);
    check_answer(GeoVtConfig::nef_net(), AVERAGE);
}

#[test]
fn gradients() {
    let device = Device::flex().autodiff();
    let forms = [
        (GeoVtConfig::paper(), SOFTMAX_GRADIENT),
        (GeoVtConfig::nef_net(), AVERAGE_GRADIENT),
    ];
    for (config, expected) in forms {
        let (net, found) = answer(config.with_blocks(1), &device);
        check_gradients(&net, found, &expected);
    }
}

#[rustfmt::skip]
const SOFTMAX: [f32; 8] = [0.205286, 0.086442, 0.085627, 0.419402, 0.204303, 0.085469, 0.086027, 0.418470];
#[rustfmt::skip]
const AVERAGE: [f32; 8] = [1.027508, 0.933996, 0.941606, 0.523904, 1.044332, 0.945355, 0.937812, 0.527464];
#[rustfmt::skip]
const SOFTMAX_GRADIENT: [f32; 35] = [0.00295562, 0.00148695, -0.0305047, 0.0482217, -0.0051642, -0.0242919, -0.0164658, -0.00407249, 0.0711707, -0.0293219, 0.00681274, -0.0166737, -0.00238369, 0.0736767, 0.000356034, 0.0344008, -0.0226106, 0.0328028, 1.10334e-05, 7.33347e-05, -0.0187627, -0.00302598, -0.0628095, 0.0272426, -0.00124809, -0.000736635, 0.00738708, 0.0132809, -0.01427, 3.20105, -1.0297, -0.489889, -0.927406, 1.39441, 1.85834];
#[rustfmt::skip]
const AVERAGE_GRADIENT: [f32; 35] = [0.002952, 0.00148327, -0.0301429, 0.0482025, -0.0051693, -0.0243197, -0.0164695, -0.00407812, 0.0711096, -0.0293024, 0.00681137, -0.0166638, -0.0023986, 0.0736807, 0.000354862, 0.0343922, -0.0225963, 0.0328064, 0.0, 0.0, -0.0187618, -0.00302654, -0.062804, 0.02724, -0.00124809, -0.000736635, 0.00738658, 0.01328, -0.01428, 3.20138, -1.02961, -0.489876, -0.927402, 1.39446, 1.85836];
