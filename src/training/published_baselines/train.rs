//! Training and scoring of a published network.

use std::time::{Duration, Instant};

use burn::{
    module::Module,
    optim::{AdamWConfig, GradientsParams},
    tensor::{Device, Tensor, TensorData},
};

use super::{GeoVt, GeoVtConfig};
use crate::training::{
    mix::SLOTS,
    random::Random,
    residual::{Mixed, Signals},
    validate::Table,
    virtual_exams::numbered,
};
/// One run.
#[derive(Clone, Debug)]
pub struct BaselineSettings {
    /// The form.
    pub network: GeoVtConfig,
    /// Seed of weights and batches.
    pub seed: u64,
    /// How long to train.
    pub time: Duration,
    /// Cases per step.
    pub batch: usize,
    /// Samples per case.
    pub window: usize,
    /// Highest learning rate.
    pub rate: f64,
}

impl BaselineSettings {
    /// For a form and the time it gets.
    pub fn new(network: GeoVtConfig, time: Duration) -> Self {
        Self {
            network,
            seed: 1,
            time,
            batch: 8,
            window: 250,
            rate: 2e-3,
        }
    }
}

/// Trains on real and generated cases; returns the network, its steps and the seconds they took.
/// The rate falls with the time used.
pub fn train_baseline(
    settings: &BaselineSettings,
    signals: &Signals,
    (real, made): (&[Mixed], &[Mixed]),
) -> (GeoVt, u64, f64) {
    let began = Instant::now();
    let device = Device::flex().autodiff();
    device.seed(settings.seed);
    let mut network = settings.network.init(&device);
    let mut optimiser = AdamWConfig::new()
        .with_beta_2(0.99)
        .with_weight_decay(1e-2)
        .init();
    let mut step = 0;
    while began.elapsed() < settings.time {
        let mut rng = Random::at(settings.seed, step);
        let draw = |rng: &mut Random| {
            let from = if made.is_empty() || rng.uniform() < 0.6 {
                real
            } else {
                made
            };
            &from[rng.below(from.len())]
        };
        let picked: Vec<&Mixed> = (0..settings.batch).map(|_| draw(&mut rng)).collect();
        let start =
            2 * rng.below((shortest(&picked, signals).saturating_sub(settings.window)) / 2 + 1);
        let batch = Batch::new(&picked, signals, start, settings.window, &device);
        let found = batch.forward(&network);
        // The paper's loss.
        let loss = (found - batch.wanted).abs().mean();
        let share = began.elapsed().as_secs_f64() / settings.time.as_secs_f64();
        let rate = settings.rate
            * ((step + 1) as f64 / 50.0).min(1.0)
            * 0.5
            * (1.0 + (std::f64::consts::PI * share).cos());
        let gradients = GradientsParams::from_grads(loss.backward(), &network);
        network = optimiser.step(rate + 1e-5, network, gradients);
        step += 1;
    }
    (network.valid(), step, began.elapsed().as_secs_f64())
}

/// Mean PSNR per target of whole halves: 0 mV, and the network.
pub fn score_baseline(name: &str, network: &GeoVt, signals: &Signals, asked: &[Mixed]) -> Table {
    let device = Device::flex();
    let mut figures = Vec::new();
    for chunk in asked.chunks(16) {
        let picked: Vec<&Mixed> = chunk.iter().collect();
        let batch = Batch::new(&picked, signals, 0, shortest(&picked, signals), &device);
        let power = |it: Tensor<2>| -> Vec<f32> {
            it.square()
                .mean_dim(1)
                .into_data()
                .try_to_vec()
                .unwrap_or_default()
        };
        let (zero, error) = (
            power(batch.wanted.clone()),
            power(batch.forward(network) - batch.wanted.clone()),
        );
        for (row, it) in picked.iter().enumerate() {
            let unit = (batch.scale[row] / signals.exam(it).range_mv).powi(2);
            let db = |it: f32| -10.0 * (f64::from(it) * unit).max(1e-9).log10();
            figures.push((it.case.target, vec![db(zero[row]), db(error[row])]));
        }
    }
    Table::new(name, &["0 mV", "the form"], &figures)
}

fn shortest(picked: &[&Mixed], signals: &Signals) -> usize {
    picked
        .iter()
        .map(|it| signals.judged(it).len())
        .min()
        .unwrap_or(0)
}

/// Samples of some cases, in multiples of the recorded leads' RMS.
struct Batch {
    samples: Tensor<3>,
    angles: Tensor<3>,
    query: Tensor<3>,
    present: Tensor<2>,
    wanted: Tensor<2>,
    scale: Vec<f64>,
}

impl Batch {
    fn new(
        picked: &[&Mixed],
        signals: &Signals,
        start: usize,
        time: usize,
        device: &Device,
    ) -> Self {
        let batch = picked.len();
        let (mut samples, mut wanted) =
            (vec![0f32; batch * SLOTS * time], vec![0f32; batch * time]);
        let (mut angles, mut query) =
            (vec![1f32; batch * SLOTS * 2], Vec::with_capacity(batch * 2));
        let (mut present, mut scale) = (vec![0f32; batch * SLOTS], Vec::with_capacity(batch));
        for (row, it) in picked.iter().enumerate() {
            let from = signals.judged(it).start + start;
            let level = it.question.evidence.level;
            let scaled = |lead: &[f32], to: &mut [f32]| {
                to.iter_mut()
                    .zip(lead)
                    .for_each(|(to, x)| *to = x / level as f32)
            };
            for (slot, lead) in signals.leads(it, &it.case.known).iter().enumerate() {
                scaled(
                    &lead[from..],
                    &mut samples[(row * SLOTS + slot) * time..][..time],
                );
                angles[(row * SLOTS + slot) * 2..][..2]
                    .copy_from_slice(&angle(it.case.known[slot]));
                present[row * SLOTS + slot] = 1.0;
            }
            scaled(
                &signals.leads(it, &[it.case.target])[0][from..],
                &mut wanted[row * time..][..time],
            );
            query.extend(angle(it.case.target));
            scale.push(level);
        }
        Self {
            samples: Tensor::from_data(TensorData::new(samples, [batch, SLOTS, time]), device),
            angles: Tensor::from_data(TensorData::new(angles, [batch, SLOTS, 2]), device),
            query: Tensor::from_data(TensorData::new(query, [batch, 1, 2]), device),
            present: Tensor::from_data(TensorData::new(present, [batch, SLOTS]), device),
            wanted: Tensor::from_data(TensorData::new(wanted, [batch, time]), device),
            scale,
        }
    }

    fn forward(&self, network: &GeoVt) -> Tensor<2> {
        network.forward(
            self.samples.clone(),
            self.angles.clone(),
            self.present.clone(),
            self.query.clone(),
        )
    }
}

/// Theta and phi of a lead by number, radians.
fn angle(lead: usize) -> [f32; 2] {
    numbered(lead).map_or([1.0, 0.0], |it| {
        let view = it.view();
        [view.theta_rad() as f32, view.phi_rad() as f32]
    })
}
