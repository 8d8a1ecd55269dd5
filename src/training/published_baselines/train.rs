//! Training and scoring of a published network.

use std::time::{Duration, Instant};

use burn::{
    module::Module,
    optim::{AdamWConfig, GradientsParams},
    tensor::{Device, Tensor, TensorData},
};

use super::{GeoVt, GeoVtConfig};
use crate::training::{
    dense_views::numbered,
    descent::draw,
    examples::SLOTS,
    random::Random,
    residual::mean_squares,
    signals::{MixedExample, Signals},
    validate::Table,
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

/// Trains on real and virtual cases; returns the network, its steps and the seconds they took.
/// The rate falls with the time used.
pub fn train_baseline(
    settings: &BaselineSettings,
    signals: &Signals,
    examples: (&[MixedExample], &[MixedExample]),
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
        let picked = draw(examples, (settings.batch, 0.6), &mut rng);
        let spare = signals.shortest(&picked).saturating_sub(settings.window);
        let start = 2 * rng.below(spare / 2 + 1);
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
pub fn score_baseline(
    name: &str,
    network: &GeoVt,
    signals: &Signals,
    asked: &[MixedExample],
) -> Table {
    let device = Device::flex();
    let mut figures = Vec::new();
    for chunk in asked.chunks(16) {
        let picked: Vec<&MixedExample> = chunk.iter().collect();
        let batch = Batch::new(&picked, signals, 0, signals.shortest(&picked), &device);
        let zero = mean_squares(batch.wanted.clone());
        let error = mean_squares(batch.forward(network) - batch.wanted.clone());
        for (row, it) in picked.iter().enumerate() {
            let unit = (batch.scale[row] / signals.exam(it).range_mv).powi(2);
            let db = |it: f32| -10.0 * (f64::from(it) * unit).max(1e-9).log10();
            figures.push((it.example.target, vec![db(zero[row]), db(error[row])]));
        }
    }
    Table::new(name, &["0 mV", "the form"], &figures)
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
        picked: &[&MixedExample],
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
            let level = it.query.features.level;
            let scaled = |lead: &[f32], to: &mut [f32]| {
                to.iter_mut()
                    .zip(lead)
                    .for_each(|(to, sample)| *to = sample / level as f32)
            };
            let window = from..from + time;
            let leads = signals.leads(it, &it.example.basis_leads, window.clone());
            for (slot, lead) in leads.iter().enumerate() {
                scaled(lead, &mut samples[(row * SLOTS + slot) * time..][..time]);
                angles[(row * SLOTS + slot) * 2..][..2]
                    .copy_from_slice(&angle(it.example.basis_leads[slot]));
                present[row * SLOTS + slot] = 1.0;
            }
            let target = &signals.leads(it, &[it.example.target], window)[0];
            scaled(target, &mut wanted[row * time..][..time]);
            query.extend(angle(it.example.target));
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
