//! Training of the lead-field path: mean log squared error over cases, AdamW, cosine rate, early
//! stopping.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use burn::{
    module::Module,
    optim::{AdamWConfig, GradientsParams, ModuleOptimizer},
    tensor::{Device, Tensor, TensorData},
};

use super::{
    TrainingError,
    checkpoint::{Checkpoint, CheckpointDir},
    examples::TrainingExample,
    learning_rate,
    random::Random,
    validate::{answers, mean_db},
};
use crate::geovt::{MixEnsemble, MixNetwork, MixNetworkConfig, N_EDGES, N_FEATURES};

/// Leads of the largest case; smaller ones are padded with absent leads.
pub(super) const SLOTS: usize = 8;
/// Errors below this share of the target's power are noise: no credit for going lower.
const NOISE: f64 = 3e-5;

/// One run.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct MixSettings {
    /// The network.
    pub network: MixNetworkConfig,
    /// Seed of weights, batches and augmentation.
    pub seed: u64,
    /// Steps of the cosine schedule.
    pub steps: u64,
    /// Cases per step.
    pub batch: usize,
    /// Share of a batch drawn from real exams.
    pub real: f64,
    /// Highest learning rate.
    pub rate: f64,
    /// Steps between validations.
    pub every: u64,
    /// Validations without a better score before the run stops.
    pub patience: u64,
}

impl MixSettings {
    /// Settings of the shipped weights.
    pub fn new(seed: u64, steps: u64) -> Self {
        let network = MixNetworkConfig::new();
        Self {
            network,
            seed,
            steps,
            batch: 64,
            real: 0.6,
            rate: 2e-3,
            every: 500,
            patience: 8,
        }
    }
}

/// Trains from `train` and picks the network that is best on `valid`. Goes on where a run in
/// `folder` stopped; stops for a while after `pause`, to be called again (`None`: never).
pub fn train_mix(
    settings: &MixSettings,
    cases: (&[TrainingExample], &[TrainingExample]),
    valid: &[TrainingExample],
    folder: &Path,
    pause: Option<Duration>,
) -> Result<Option<(MixNetwork, Checkpoint)>, TrainingError> {
    train_from(settings, None, cases, valid, folder, pause)
}

/// The same from given weights.
pub(super) fn train_from(
    settings: &MixSettings,
    start: Option<MixNetwork>,
    (real, made): (&[TrainingExample], &[TrainingExample]),
    valid: &[TrainingExample],
    folder: &Path,
    pause: Option<Duration>,
) -> Result<Option<(MixNetwork, Checkpoint)>, TrainingError> {
    if real.is_empty() {
        return Err(TrainingError::Empty("no real case to train on"));
    }
    let began = Instant::now();
    let device = Device::flex();
    let learning = device.clone().autodiff();
    learning.seed(settings.seed);
    let place = CheckpointDir(folder.to_owned());
    let optimiser = AdamWConfig::new()
        .with_beta_2(0.99)
        .with_weight_decay(1e-2)
        .init();
    let (mut network, mut optimiser, mut progress) = place.resume(
        start.map_or_else(|| settings.network.init(&learning), |it| it.train()),
        optimiser,
    )?;
    let spent = progress.seconds;
    let (mut loss_sum, mut loss_n) = (0.0, 0u64);
    while progress.step < settings.steps {
        let mut rng = Random::at(settings.seed, progress.step);
        let cases: Vec<&TrainingExample> = (0..settings.batch)
            .map(|_| {
                let from = if made.is_empty() || rng.uniform() < settings.real {
                    real
                } else {
                    made
                };
                &from[rng.below(from.len())]
            })
            .collect();
        let (next, loss) = step(
            network,
            &mut optimiser,
            &cases,
            learning_rate(settings.rate, progress.step, settings.steps),
            &mut rng,
            &learning,
        );
        network = next;
        progress.step += 1;
        (loss_sum, loss_n) = (loss_sum + loss, loss_n + 1);
        if progress.step % settings.every == 0 || progress.step == settings.steps {
            let now = MixEnsemble::new(vec![network.valid()]);
            let score = mean_db(valid, &answers(&now, valid, &device));
            progress.seconds = spent + began.elapsed().as_secs_f64();
            progress
                .history
                .push((progress.step, loss_sum / loss_n as f64, score));
            eprintln!(
                "step {:5}  loss {:6.2} dB  valid {score:6.2} dB  {:5.0} s",
                progress.step,
                loss_sum / loss_n as f64,
                progress.seconds
            );
            (loss_sum, loss_n) = (0.0, 0);
            if progress.best_db < score {
                (progress.best_db, progress.best_step) = (score, progress.step);
                place.save_best(&network)?;
            }
            place.save(&network, &optimiser, &progress)?;
            if settings.patience * settings.every <= progress.step - progress.best_step {
                break;
            }
            if pause.is_some_and(|it| it < began.elapsed()) && progress.step < settings.steps {
                return Ok(None);
            }
        }
    }
    Ok(Some((
        place.best(settings.network.init(&device))?,
        progress,
    )))
}

fn step(
    network: MixNetwork,
    optimiser: &mut ModuleOptimizer,
    cases: &[&TrainingExample],
    rate: f64,
    rng: &mut Random,
    device: &Device,
) -> (MixNetwork, f64) {
    let batch = cases.len();
    let packed = Packed::new(cases, device);
    // Noise on what the network is told, so that it does not lean on the last digit of a
    // covariance.
    let jitter: Vec<f32> = (0..batch * SLOTS * N_FEATURES)
        .map(|_| (0.02 * rng.normal()) as f32)
        .collect();
    let features = packed.features
        + Tensor::from_data(TensorData::new(jitter, [batch, SLOTS, N_FEATURES]), device);
    let answer = network
        .forward(features, packed.edges, packed.present)
        .reshape([batch, SLOTS, 1]);
    let linear = (answer.clone() * packed.slope).sum_dim(1).reshape([batch]);
    let form = (answer.clone() * packed.curvature.matmul(answer))
        .sum_dim(1)
        .reshape([batch]);
    let error = (packed.base + linear * 2.0 + form).clamp_min(0.0);
    let loss = (error + NOISE).log().mean();
    let value = 10.0 * loss.clone().into_scalar::<f32>() as f64 / std::f64::consts::LN_10;
    let gradients = GradientsParams::from_grads(loss.backward(), &network);
    (optimiser.step(rate, network, gradients), value)
}

/// Cases as tensors, padded to [`SLOTS`] leads.
pub(super) struct Packed {
    pub(super) features: Tensor<3>,
    pub(super) edges: Tensor<4>,
    pub(super) present: Tensor<2>,
    base: Tensor<1>,
    slope: Tensor<3>,
    curvature: Tensor<3>,
}

impl Packed {
    pub(super) fn new(cases: &[&TrainingExample], device: &Device) -> Self {
        let batch = cases.len();
        let mut features = vec![0f32; batch * SLOTS * N_FEATURES];
        let mut edges = vec![0f32; batch * N_EDGES * SLOTS * SLOTS];
        let mut present = vec![0f32; batch * SLOTS];
        let mut slope = vec![0f32; batch * SLOTS];
        let mut curvature = vec![0f32; batch * SLOTS * SLOTS];
        for (idx, case) in cases.iter().enumerate() {
            let n = case.known.len();
            let at = idx * SLOTS * N_FEATURES;
            features[at..at + n * N_FEATURES].copy_from_slice(&case.evidence.features);
            for row in 0..n {
                present[idx * SLOTS + row] = 1.0;
                slope[idx * SLOTS + row] = case.slope[row] as f32;
                for column in 0..n {
                    curvature[(idx * SLOTS + row) * SLOTS + column] =
                        case.curvature[row * n + column] as f32;
                    for edge in 0..N_EDGES {
                        let to = ((idx * N_EDGES + edge) * SLOTS + row) * SLOTS + column;
                        edges[to] = case.evidence.edges[(edge * n + row) * n + column];
                    }
                }
            }
        }
        let base: Vec<f32> = cases.iter().map(|it| it.base as f32).collect();
        Self {
            features: Tensor::from_data(
                TensorData::new(features, [batch, SLOTS, N_FEATURES]),
                device,
            ),
            edges: Tensor::from_data(
                TensorData::new(edges, [batch, N_EDGES, SLOTS, SLOTS]),
                device,
            ),
            present: Tensor::from_data(TensorData::new(present, [batch, SLOTS]), device),
            base: Tensor::from_data(TensorData::new(base, [batch]), device),
            slope: Tensor::from_data(TensorData::new(slope, [batch, SLOTS, 1]), device),
            curvature: Tensor::from_data(TensorData::new(curvature, [batch, SLOTS, SLOTS]), device),
        }
    }
}
