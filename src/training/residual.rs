//! Training of the whole GeoVT on samples, in any of its forms: ours (a residual on top of the corrected mix), the
//! paper's and Nef-Net's. One data set, one number of steps, one table: the ablation.

use std::time::Instant;

use burn::{
    module::Module,
    optim::{AdamWConfig, GradientsParams},
    tensor::{Device, Tensor, TensorData},
};

use super::{Case, Exam, Random, Table, mix::SLOTS};
use crate::{
    ecg::{LeadName, montage},
    geovt::{GeoVt, GeoVtConfig},
    synth::Target,
};

/// One run.
#[derive(Clone, Debug)]
pub struct ResidualSettings {
    /// Name for the table.
    pub name: String,
    /// The form.
    pub network: GeoVtConfig,
    /// Seed of weights and batches.
    pub seed: u64,
    /// Steps.
    pub steps: u64,
    /// Cases per step.
    pub batch: usize,
    /// Samples per case.
    pub window: usize,
    /// Highest learning rate.
    pub rate: f64,
}

/// A case with the mix that the residual is added to.
#[derive(Clone, Debug)]
pub struct Mixed<'a> {
    /// The question.
    pub case: &'a Case,
    /// Mixing weights of its recorded leads.
    pub weights: Vec<f64>,
}

/// Trains on `train`; returns the network and the seconds it took.
pub fn train_residual(settings: &ResidualSettings, exams: &[Exam], train: &[Mixed]) -> (GeoVt, f64) {
    let began = Instant::now();
    let device = Device::flex().autodiff();
    device.seed(settings.seed);
    let mut network = settings.network.init(&device);
    let mut optimiser = AdamWConfig::new().with_beta_2(0.99).with_weight_decay(1e-2).init();
    for step in 0..settings.steps {
        let mut rng = Random::at(settings.seed, step);
        let picked: Vec<&Mixed> = (0..settings.batch).map(|_| &train[rng.below(train.len())]).collect();
        let length = exams[picked[0].case.exam].half(0)[0].len();
        let start = 2 * rng.below((length.saturating_sub(settings.window)) / 2 + 1);
        let batch = Batch::new(&picked, exams, start..start + settings.window.min(length), &device);
        let found = batch.forward(&network);
        let loss = if settings.network.lead_field {
            let error = (found - batch.wanted.clone()).square().mean_dim(1);
            (error / batch.wanted.square().mean_dim(1).clamp_min(1e-4) + 3e-5).log().mean()
        } else {
            (found - batch.wanted).abs().mean()
        };
        if step % 100 == 0 {
            eprintln!(
                "{} step {step}: loss {:.4}, {:.0} s",
                settings.name,
                loss.clone().into_scalar::<f32>(),
                began.elapsed().as_secs_f64()
            );
        }
        let rate = settings.rate
            * ((step + 1) as f64 / 50.0).min(1.0)
            * 0.5
            * (1.0 + (std::f64::consts::PI * step as f64 / settings.steps as f64).cos());
        let gradients = GradientsParams::from_grads(loss.backward(), &network);
        network = optimiser.step(rate + 1e-5, network, gradients);
    }
    (network.valid(), began.elapsed().as_secs_f64())
}

/// Mean PSNR per target of whole halves: the mix alone (or 0 mV where the form has none), and the network.
pub fn score_residual(name: &str, network: &GeoVt, lead_field: bool, exams: &[Exam], asked: &[Mixed]) -> Table {
    let device = Device::flex();
    let mut sums = [(0usize, 0.0, 0.0); 8];
    for chunk in asked.chunks(16) {
        let picked: Vec<&Mixed> = chunk.iter().collect();
        let length = picked.iter().map(|it| exams[it.case.exam].half(0)[0].len()).min().unwrap_or(0);
        let batch = Batch::new(&picked, exams, 0..length, &device);
        let without = if lead_field { batch.mixed() } else { Tensor::zeros_like(&batch.wanted) };
        let db = |found: Tensor<2>| -> Vec<f64> {
            let error: Vec<f32> = (found - batch.wanted.clone()).square().mean_dim(1).into_data().try_to_vec().unwrap_or_default();
            let relative = error
                .iter()
                .zip(&batch.scale)
                .zip(&picked)
                .map(|((it, scale), mixed)| f64::from(*it) * (scale / exams[mixed.case.exam].range_mv).powi(2));
            relative.map(|it| -10.0 * it.max(1e-9).log10()).collect()
        };
        for ((mixed, before), after) in picked.iter().zip(db(without)).zip(db(batch.forward(network))) {
            let sum = &mut sums[mixed.case.target];
            *sum = (sum.0 + 1, sum.1 + before, sum.2 + after);
        }
    }
    let mean = |(n, a, b): (usize, f64, f64)| (a / n as f64, b / n as f64);
    let present = sums.iter().enumerate().filter(|it| 0 < it.1.0);
    let rows: Vec<_> = present.map(|(lead, sum)| (LeadName::EIGHT[lead].to_string(), mean(*sum).0, mean(*sum).1)).collect();
    let total = rows.iter().fold((rows.len(), 0.0, 0.0), |it, row| (it.0, it.1 + row.1, it.2 + row.2));
    Table { protocol: name.into(), mean: mean(total), rows }
}

/// Samples of some cases, in multiples of the recorded leads' RMS.
struct Batch {
    samples: Tensor<3>,
    angles: Tensor<3>,
    query: Tensor<3>,
    present: Tensor<2>,
    mix: Tensor<2>,
    wanted: Tensor<2>,
    scale: Vec<f64>,
}

impl Batch {
    fn new(picked: &[&Mixed], exams: &[Exam], window: std::ops::Range<usize>, device: &Device) -> Self {
        let (batch, time) = (picked.len(), window.len());
        let (mut samples, mut wanted) = (vec![0f32; batch * SLOTS * time], vec![0f32; batch * time]);
        let (mut angles, mut query) = (vec![1f32; batch * SLOTS * 2], Vec::with_capacity(batch * 2));
        let (mut present, mut mix, mut scale) = (vec![0f32; batch * SLOTS], vec![0f32; batch * SLOTS], Vec::with_capacity(batch));
        for (row, it) in picked.iter().enumerate() {
            let half = exams[it.case.exam].half(1 - it.case.half);
            let power = |lead: &usize| half[*lead].iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / half[*lead].len() as f64;
            let rms = (it.case.known.iter().map(power).sum::<f64>() / it.case.known.len() as f64).sqrt().max(1e-3);
            for (slot, lead) in it.case.known.iter().enumerate() {
                let to = (row * SLOTS + slot) * time;
                samples[to..to + time].iter_mut().zip(&half[*lead][window.clone()]).for_each(|(to, x)| *to = x / rms as f32);
                angles[(row * SLOTS + slot) * 2..][..2].copy_from_slice(&angle(*lead));
                present[row * SLOTS + slot] = 1.0;
                mix[row * SLOTS + slot] = it.weights[slot] as f32;
            }
            wanted[row * time..][..time].iter_mut().zip(&half[it.case.target][window.clone()]).for_each(|(to, x)| *to = x / rms as f32);
            query.extend(angle(it.case.target));
            scale.push(rms);
        }
        Self {
            samples: Tensor::from_data(TensorData::new(samples, [batch, SLOTS, time]), device),
            angles: Tensor::from_data(TensorData::new(angles, [batch, SLOTS, 2]), device),
            query: Tensor::from_data(TensorData::new(query, [batch, 1, 2]), device),
            present: Tensor::from_data(TensorData::new(present, [batch, SLOTS]), device),
            mix: Tensor::from_data(TensorData::new(mix, [batch, SLOTS]), device),
            wanted: Tensor::from_data(TensorData::new(wanted, [batch, time]), device),
            scale,
        }
    }

    fn forward(&self, network: &GeoVt) -> Tensor<2> {
        let encoded = network.encode(self.samples.clone(), self.angles.clone(), self.present.clone());
        network.decode(&encoded, self.query.clone(), self.mix.clone())
    }

    fn mixed(&self) -> Tensor<2> {
        let [batch, slots, time] = self.samples.dims();
        self.mix.clone().reshape([batch, 1, slots]).matmul(self.samples.clone()).reshape([batch, time])
    }
}

/// Theta and phi of a lead of [`LeadName::EIGHT`], radians.
fn angle(lead: usize) -> [f32; 2] {
    montage(&LeadName::EIGHT[lead]).map_or([1.0, 0.0], |it| {
        let view = Target::Lead(it).view();
        [view.theta_rad() as f32, view.phi_rad() as f32]
    })
}
