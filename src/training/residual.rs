//! Training of the residual path on samples: mean log squared error at random instants of the half
//! that the prior did not see.

use std::{path::Path, time::Duration};

use burn::{
    module::Module,
    tensor::{Device, Tensor, TensorData},
};
use rayon::prelude::*;

use super::{
    TrainingError,
    checkpoint::Checkpoint,
    descent::{Schedule, Task, descend, jittered},
    examples::SLOTS,
    random::Random,
    signals::{Drawn, MixedExample, Signals},
};
use crate::geovt::{
    ContextSamples, Ensemble, Instants, LeadGraph, MixNetwork, ResidualNetwork,
    ResidualNetworkConfig,
};

const N_LAGS: usize = ContextSamples::N_LAGS;
/// Errors below this share of the target's power are noise.
const NOISE: f64 = 1e-4;

/// One run.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct ResidualSettings {
    /// The network.
    pub network: ResidualNetworkConfig,
    /// Its steps.
    #[serde(flatten)]
    pub schedule: Schedule,
    /// Instants per example.
    pub instants: usize,
    /// Noise on what the trunk is told.
    pub jitter: f64,
}

impl ResidualSettings {
    /// Settings of the shipped weights.
    pub fn new(seed: u64, steps: u64) -> Self {
        Self {
            network: ResidualNetworkConfig::new(),
            schedule: Schedule {
                batch: 128,
                rate: 3e-3,
                decay: 2e-2,
                every: 1000,
                ..Schedule::new(seed, steps)
            },
            instants: 16,
            jitter: 0.02,
        }
    }
}

/// Trains on recorded and made examples, from the trunk of a network of the lead-field path, and
/// keeps the network that is best on `dev`; as [`descend`].
pub(super) fn train_residual(
    settings: &ResidualSettings,
    trunk: &MixNetwork,
    signals: &Signals,
    examples: (&[MixedExample], &[MixedExample]),
    dev: &[MixedExample],
    folder: &Path,
    pause: Option<Duration>,
) -> Result<Option<(ResidualNetwork, Checkpoint)>, TrainingError> {
    let device = Device::flex();
    let learning = device.clone().autodiff();
    learning.seed(settings.schedule.seed);
    let start = settings
        .network
        .init(&learning)
        .with_trunk_of(&trunk.clone().train());
    let networks = (start, settings.network.init(&device));
    let task = ResidualTask {
        settings,
        signals,
        dev,
        learning,
    };
    descend(&settings.schedule, &task, examples, networks, folder, pause)
}

struct ResidualTask<'a> {
    settings: &'a ResidualSettings,
    signals: &'a Signals<'a>,
    dev: &'a [MixedExample<'a>],
    learning: Device,
}

impl<'e> Task<ResidualNetwork, MixedExample<'e>> for ResidualTask<'_> {
    fn loss(
        &self,
        network: &ResidualNetwork,
        examples: &[&MixedExample<'e>],
        step: u64,
        _: &mut Random,
    ) -> Tensor<1> {
        let Schedule { seed, batch, .. } = self.settings.schedule;
        let instants = |idx: usize, it: &MixedExample| {
            let mut rng = Random::at(seed ^ 0x5eed, step * batch as u64 + idx as u64);
            (0..self.settings.instants)
                .map(|_| self.signals.draw(it, &mut rng))
                .collect::<Vec<Drawn>>()
        };
        let batch = Batch::new(examples, self.signals, instants, &self.learning);
        let mut rng = Random::at(seed ^ 0xa15e, step);
        let graph = LeadGraph {
            features: jittered(batch.graph.features, self.settings.jitter, &mut rng),
            ..batch.graph
        };
        let found = network.forward(&graph, batch.instants);
        let squares = (found - batch.missing).square() * batch.counts;
        let error = squares.mean_dim(1) / batch.power.unsqueeze_dim::<2>(1);
        (error + NOISE).log().mean()
    }

    fn score(&self, network: ResidualNetwork) -> f64 {
        let scores = residual_db(&Ensemble::new(vec![network]), self.signals, self.dev);
        scores.iter().map(|it| it.1).sum::<f64>() / scores.len().max(1) as f64
    }
}

/// Some examples at some instants.
struct Batch {
    graph: LeadGraph,
    instants: Instants,
    /// What the mix misses, `[batch, time]`, in multiples of the RMS of the prior's trace.
    missing: Tensor<2>,
    /// What each instant counts, `[batch, time]`.
    counts: Tensor<2>,
    /// Power of the target in the same unit, `[batch]`.
    power: Tensor<1>,
}

impl Batch {
    fn new(
        examples: &[&MixedExample],
        signals: &Signals,
        instants: impl Fn(usize, &MixedExample) -> Vec<Drawn> + Sync,
        device: &Device,
    ) -> Self {
        let rows: Vec<Rows> = examples
            .par_iter()
            .enumerate()
            .map(|(idx, it)| Rows::new(it, signals, &instants(idx, it)))
            .collect();
        let (batch, time) = (
            examples.len(),
            rows.first().map_or(0, |it| it.missing.len()),
        );
        let join = |part: fn(&Rows) -> &Vec<f32>| -> Vec<f32> {
            rows.iter()
                .flat_map(|it| part(it).iter().copied())
                .collect()
        };
        let two = |part| Tensor::from_data(TensorData::new(join(part), [batch, time]), device);
        let three = |part, width: usize| {
            Tensor::from_data(TensorData::new(join(part), [batch, time, width]), device)
        };
        let power = |it: &&MixedExample| {
            let unit = signals.exam(it).range_mv / it.query.features.trace;
            (it.example.power * unit.powi(2)) as f32
        };
        let power: Vec<f32> = examples.iter().map(power).collect();
        let features: Vec<_> = examples.iter().map(|it| &it.query.features).collect();
        Self {
            graph: LeadGraph::new(&features, SLOTS, device),
            instants: Instants {
                near: three(|it| &it.near, SLOTS * N_LAGS),
                mixed: three(|it| &it.mixed, N_LAGS),
            },
            missing: two(|it| &it.missing),
            counts: two(|it| &it.counts),
            power: Tensor::from_data(TensorData::new(power, [batch]), device),
        }
    }
}

/// One example of a [`Batch`].
struct Rows {
    near: Vec<f32>,
    mixed: Vec<f32>,
    missing: Vec<f32>,
    counts: Vec<f32>,
}

impl Rows {
    fn new(it: &MixedExample, signals: &Signals, instants: &[Drawn]) -> Self {
        let (leads, time) = (it.example.basis_leads.len(), instants.len());
        let [level, trace] = it.query.scales();
        let (mut near, mut mixed) = (vec![0f32; time * SLOTS * N_LAGS], vec![0f32; time * N_LAGS]);
        for (row, (at, _)) in instants.iter().enumerate() {
            let near = &mut near[row * SLOTS * N_LAGS..][..leads * N_LAGS];
            let mixed = &mut mixed[row * N_LAGS..][..N_LAGS];
            signals.neighbours(it, *at, near);
            signals.mixed(it, *at, near, mixed);
            near.iter_mut().for_each(|sample| *sample *= level);
            mixed.iter_mut().for_each(|sample| *sample *= trace);
        }
        let missing = |(at, _): &Drawn| (signals.missing(it, *at) / it.query.features.trace) as f32;
        Self {
            near,
            mixed,
            missing: instants.iter().map(missing).collect(),
            counts: instants.iter().map(|it| it.1).collect(),
        }
    }
}

/// PSNR of each example over the whole of its judged half: the mix alone, and with the residual.
pub(super) fn residual_db(
    network: &Ensemble<ResidualNetwork>,
    signals: &Signals,
    asked: &[MixedExample],
) -> Vec<(f64, f64)> {
    let mut out = Vec::with_capacity(asked.len());
    for chunk in asked.chunks(32) {
        let examples: Vec<&MixedExample> = chunk.iter().collect();
        let time = signals.shortest(&examples);
        let whole = |_, it: &MixedExample| {
            let judged = signals.judged(it).take(time);
            judged.map(|at| (at, 1.0)).collect()
        };
        let batch = Batch::new(&examples, signals, whole, &Device::flex());
        let found = network.forward(&batch.graph, &batch.instants);
        let db = |error: f32, it: &MixedExample| {
            let unit = it.query.features.trace / signals.exam(it).range_mv;
            -10.0 * (f64::from(error) * unit.powi(2)).max(1e-9).log10()
        };
        let before = mean_squares(batch.missing.clone());
        let after = mean_squares(found - batch.missing);
        let pairs = before.into_iter().zip(after).zip(&examples);
        out.extend(pairs.map(|((before, after), it)| (db(before, it), db(after, it))));
    }
    out
}

/// Of each row.
pub(super) fn mean_squares(rows: Tensor<2>) -> Vec<f32> {
    let means = rows.square().mean_dim(1).into_data();
    means.try_to_vec().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        geovt::MixNetworkConfig,
        training::{
            examples::{Plan, build_examples, tests::exam},
            validate::mixed,
        },
    };

    #[test]
    fn a_fresh_network_leaves_the_mix_and_training_improves_on_it() {
        let exams = [exam()];
        let examples = build_examples(&exams, &Plan::shipped(), 1, |_| true);
        let (asked, signals) = (
            mixed(&examples, None),
            Signals::new(&exams, &Plan::shipped().leads),
        );
        let device = Device::flex();
        device.seed(1);
        let mut settings = ResidualSettings::new(1, 120);
        settings.network = ResidualNetworkConfig::new()
            .with_channels(16)
            .with_hidden(16);
        (settings.schedule.batch, settings.schedule.every) = (16, 20);
        let fresh = Ensemble::new(vec![settings.network.init(&device)]);
        let unchanged = |it: &(f64, f64)| (it.0 - it.1).abs() < 1e-9;
        assert!(residual_db(&fresh, &signals, &asked).iter().all(unchanged));
        let folder = tempfile::tempdir().unwrap();
        let trunk = MixNetworkConfig::new().init(&device);
        let run = || {
            let all = (&asked[..], &[][..]);
            train_residual(
                &settings,
                &trunk,
                &signals,
                all,
                &asked,
                folder.path(),
                None,
            )
            .unwrap()
            .unwrap()
        };
        let (network, progress) = run();
        let scores = residual_db(&Ensemble::new(vec![network]), &signals, &asked);
        let gain = scores.iter().map(|it| it.1 - it.0).sum::<f64>() / scores.len() as f64;
        assert!(0.15 < gain && progress.step == 120, "{gain} dB");
        // A run that is over is not begun again.
        assert_eq!(run().1.step, 120);
    }
}
