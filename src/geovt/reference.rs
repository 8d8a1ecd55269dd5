//! The network against numbers computed without Burn: `scripts/geovt_reference.py` writes the
//! formulas out in PyTorch.

use burn::{
    module::{Module, ModuleMapper, ModuleVisitor, Param},
    tensor::{Device, Gradients, Tensor, TensorData},
};

use super::{
    GeoVtConfig, Instants, MixNetworkConfig, N_EDGES, N_FEATURES, N_LAGS, ResidualNetwork,
    ResidualNetworkConfig,
};

/// Sets parameter `i`, flat index `k`, to 0.25 · sin(0.9 · (i + 1) · (k + 1)), plus 0.5 for
/// vectors.
struct Formula(usize);

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

fn wave<const D: usize>(
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

fn check(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    assert!(
        found
            .iter()
            .zip(expected)
            .all(|(a, b)| (a - b).abs() < 1e-4),
        "found {found:?}, expected {expected:?}"
    );
}

/// Both rows at four instants.
fn whole_forward(config: GeoVtConfig, expected: [f32; 8]) {
    let device = Device::flex();
    let net = config
        .with_channels(6)
        .with_width(5)
        .init(&device)
        .map(&mut Formula(0));
    let samples = wave(0.37, 0.1, (1.0, 0.0), [2, 3, 37]);
    let angles = wave(1.1, 0.2, (0.8, 1.2), [2, 3, 2]);
    let encoded = net.encode(samples, angles, Tensor::ones([2, 3], &device));
    let all: Vec<f32> = net
        .residual(&encoded, wave(0.7, 0.4, (0.5, 1.0), [2, 1, 2]))
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
fn whole_forward_of_every_form() {
    whole_forward(GeoVtConfig::ours(), SIGNED);
    whole_forward(GeoVtConfig::paper(), SOFTMAX);
    whole_forward(GeoVtConfig::nef_net(), AVERAGE);
}

#[test]
fn lead_field_path() {
    let device = Device::flex();
    let net = MixNetworkConfig::new()
        .with_width(8)
        .with_rounds(2)
        .init(&device)
        .map(&mut Formula(0));
    let features = wave(0.23, 0.3, (1.0, 0.0), [2, 4, N_FEATURES]);
    let edges = wave(0.41, 0.7, (0.5, 0.0), [2, N_EDGES, 4, 4]);
    let found: Vec<f32> = net
        .forward(features, edges, Tensor::ones([2, 4], &device))
        .into_data()
        .try_to_vec()
        .unwrap();
    check(&found, &MIX);
}

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
fn check_gradients<M: Module>(net: &M, answer: Tensor<2>, expected: &[f32]) {
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

fn residual_answer(device: &Device, leads: usize) -> (ResidualNetwork, Tensor<2>) {
    let config = ResidualNetworkConfig::new()
        .with_width(8)
        .with_channels(6)
        .with_hidden(5)
        .with_dropout(0.0);
    let net = config.init(device).map(&mut Formula(0));
    let mut shown = vec![1f32; 8];
    shown[7] = 0.0;
    let present = Tensor::<2>::from_data(TensorData::new(shown, [2, 4]), device);
    let both = present.clone().reshape([2, 1, 1, 4]) * present.clone().reshape([2, 1, 4, 1]);
    let place = |it: Tensor<3>| on(it, device);
    let instants = Instants {
        taps: place(wave(0.31, 0.2, (1.0, 0.0), [2, 5, 4 * N_LAGS])),
        mixed: place(wave(0.53, 0.9, (1.0, 0.0), [2, 5, N_LAGS])),
    };
    let edges = on(wave(0.41, 0.7, (0.5, 0.0), [2, N_EDGES, 4, 4]), device) * both;
    let features = place(wave(0.23, 0.3, (1.0, 0.0), [2, 4, N_FEATURES]));
    let cut = Instants {
        taps: instants.taps.narrow(2, 0, leads * N_LAGS),
        mixed: instants.mixed,
    };
    let answer = net.forward(
        features.narrow(1, 0, leads),
        edges.narrow(2, 0, leads).narrow(3, 0, leads),
        present.narrow(1, 0, leads),
        cut,
    );
    (net, answer)
}

fn on<const D: usize>(it: Tensor<D>, device: &Device) -> Tensor<D> {
    Tensor::from_data(it.into_data(), device)
}

#[test]
fn residual_path() {
    let found: Vec<f32> = residual_answer(&Device::flex(), 4)
        .1
        .into_data()
        .try_to_vec()
        .unwrap();
    let largest = RESIDUAL.iter().fold(0f32, |it, x| it.max(x.abs()));
    assert!(
        found
            .iter()
            .zip(&RESIDUAL)
            .all(|(a, b)| (a - b).abs() < 1e-4 * largest),
        "{found:?}"
    );
    // The second row has three leads: the fourth may as well not be there.
    let few: Vec<f32> = residual_answer(&Device::flex(), 3)
        .1
        .into_data()
        .try_to_vec()
        .unwrap();
    assert!(
        few[5..]
            .iter()
            .zip(&found[5..])
            .all(|(a, b)| (a - b).abs() < 1e-5 * largest),
        "{few:?}"
    );
}

#[test]
fn gradients() {
    let device = Device::flex().autodiff();
    let (net, answer) = residual_answer(&device, 4);
    check_gradients(&net, answer, &RESIDUAL_GRADIENT);

    let net = MixNetworkConfig::new()
        .with_width(8)
        .with_rounds(2)
        .init(&device)
        .map(&mut Formula(0));
    let features = on(wave(0.23, 0.3, (1.0, 0.0), [2, 4, N_FEATURES]), &device);
    let edges = on(wave(0.41, 0.7, (0.5, 0.0), [2, N_EDGES, 4, 4]), &device);
    check_gradients(
        &net,
        net.forward(features, edges, Tensor::ones([2, 4], &device)),
        &MIX_GRADIENT,
    );

    let forms = [
        (GeoVtConfig::ours(), &SIGNED_GRADIENT),
        (GeoVtConfig::paper(), &SOFTMAX_GRADIENT),
        (GeoVtConfig::nef_net(), &AVERAGE_GRADIENT),
    ];
    for (config, expected) in forms {
        let net = config
            .with_channels(6)
            .with_width(5)
            .with_blocks(1)
            .init(&device)
            .map(&mut Formula(0));
        let samples = on(wave(0.37, 0.1, (1.0, 0.0), [2, 3, 37]), &device);
        let angles = on(wave(1.1, 0.2, (0.8, 1.2), [2, 3, 2]), &device);
        let encoded = net.encode(samples, angles, Tensor::ones([2, 3], &device));
        check_gradients(
            &net,
            net.residual(&encoded, on(wave(0.7, 0.4, (0.5, 1.0), [2, 1, 2]), &device)),
            expected,
        );
    }
}

#[rustfmt::skip]
const SIGNED: [f32; 8] = [0.204233, 0.085663, 0.085552, 0.422742, 0.204069, 0.085521, 0.085586, 0.422666];
#[rustfmt::skip]
const SOFTMAX: [f32; 8] = [0.205286, 0.086442, 0.085627, 0.419402, 0.204303, 0.085469, 0.086027, 0.418470];
#[rustfmt::skip]
const AVERAGE: [f32; 8] = [1.027508, 0.933996, 0.941606, 0.523904, 1.044332, 0.945355, 0.937812, 0.527464];
#[rustfmt::skip]
const MIX: [f32; 8] = [0.190288, -0.150575, -0.211910, 0.141823, -0.034685, -0.255834, 0.022525, 0.220659];
#[rustfmt::skip]
const RESIDUAL: [f32; 10] = [0.893574, 0.894198, 0.89174, 0.89088, 0.893051, 0.892209, 0.888834, 0.887666, 0.889888, 0.892096];
#[rustfmt::skip]
const RESIDUAL_GRADIENT: [f32; 22] = [-0.000719851, 0.0396885, -0.00407449, 0.00220697, 0.00553782, 0.0435757, -5.00289e-05, -6.84457e-05, -0.00206547, 0.0398645, 0.00174909, 0.0422557, -0.00222815, -0.000185689, 0.303658, 0.0643784, -0.0200583, -0.246153, -0.202929, -0.0774956, -0.0755122, 1.78283];
#[rustfmt::skip]
const MIX_GRADIENT: [f32; 14] = [-0.0157988, -0.0384387, 0.000671761, -0.000997707, -0.00624196, -0.0435484, 0.000570963, 0.000163384, 0.0039441, -0.0359858, 0.227898, -0.0194272, 0.148491, 0.132129];
#[rustfmt::skip]
const SIGNED_GRADIENT: [f32; 35] = [0.000805045, -0.00685649, -0.000754878, 0.00647906, -0.00152879, -0.00256211, -0.00212797, -0.000398102, 0.00977672, -0.00399662, 0.000764283, -0.00229682, -0.000227076, 0.00981579, 0.00043241, 0.0047924, -0.00324348, 0.00465593, -0.00799418, -0.00725249, -0.00123336, -0.000942907, -0.00781817, 0.0218389, -0.00011816, -0.000889184, 0.00283025, 0.00487172, 0.000716126, 0.548923, -1.30172, -0.516682, -0.923991, 1.25974, 1.81151];
#[rustfmt::skip]
const SOFTMAX_GRADIENT: [f32; 35] = [0.00295562, 0.00148695, -0.0305047, 0.0482217, -0.0051642, -0.0242919, -0.0164658, -0.00407249, 0.0711707, -0.0293219, 0.00681274, -0.0166737, -0.00238369, 0.0736767, 0.000356034, 0.0344008, -0.0226106, 0.0328028, 1.10334e-05, 7.33347e-05, -0.0187627, -0.00302598, -0.0628095, 0.0272426, -0.00124809, -0.000736635, 0.00738708, 0.0132809, -0.01427, 3.20105, -1.0297, -0.489889, -0.927406, 1.39441, 1.85834];
#[rustfmt::skip]
const AVERAGE_GRADIENT: [f32; 35] = [0.002952, 0.00148327, -0.0301429, 0.0482025, -0.0051693, -0.0243197, -0.0164695, -0.00407812, 0.0711096, -0.0293024, 0.00681137, -0.0166638, -0.0023986, 0.0736807, 0.000354862, 0.0343922, -0.0225963, 0.0328064, 0.0, 0.0, -0.0187618, -0.00302654, -0.062804, 0.02724, -0.00124809, -0.000736635, 0.00738658, 0.01328, -0.01428, 3.20138, -1.02961, -0.489876, -0.927402, 1.39446, 1.85836];
