//! Training of the lead-field path: mean log squared error over examples.

use std::{path::Path, time::Duration};

use burn::{
    module::Module,
    tensor::{Device, Tensor, TensorData},
};

use super::{
    TrainingError,
    checkpoint::Checkpoint,
    descent::{Schedule, Task, descend, jittered},
    examples::{SLOTS, TrainingExample},
    random::Random,
    validate::{answers, mean_db},
};
use crate::geovt::{Ensemble, LeadGraph, MixNetwork, MixNetworkConfig};

/// Errors below this share of the target's power are noise: no credit for going lower.
const NOISE: f64 = 3e-5;
/// Noise on what the network is told.
const JITTER: f64 = 0.02;

/// One run.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct MixSettings {
    /// The network.
    pub network: MixNetworkConfig,
    /// Its steps.
    #[serde(flatten)]
    pub schedule: Schedule,
}

impl MixSettings {
    /// Settings of the shipped weights.
    pub fn new(seed: u64, steps: u64) -> Self {
        Self {
            network: MixNetworkConfig::new(),
            schedule: Schedule::new(seed, steps),
        }
    }
}

/// Trains on recorded and made examples, from weights at hand or from fresh ones, and keeps the
/// network that is best on `dev`; as [`descend`].
pub(super) fn train_mix(
    settings: &MixSettings,
    start: Option<MixNetwork>,
    examples: (&[TrainingExample], &[TrainingExample]),
    dev: &[TrainingExample],
    folder: &Path,
    pause: Option<Duration>,
) -> Result<Option<(MixNetwork, Checkpoint)>, TrainingError> {
    let device = Device::flex();
    let learning = device.clone().autodiff();
    learning.seed(settings.schedule.seed);
    let start = start.map_or_else(|| settings.network.init(&learning), |it| it.train());
    let networks = (start, settings.network.init(&device));
    let task = MixTask { dev, learning };
    descend(&settings.schedule, &task, examples, networks, folder, pause)
}

struct MixTask<'a> {
    dev: &'a [TrainingExample],
    learning: Device,
}

impl Task<MixNetwork, TrainingExample> for MixTask<'_> {
    fn loss(
        &self,
        network: &MixNetwork,
        batch: &[&TrainingExample],
        _: u64,
        rng: &mut Random,
    ) -> Tensor<1> {
        let features: Vec<_> = batch.iter().map(|it| &it.features).collect();
        let graph = LeadGraph::new(&features, SLOTS, &self.learning);
        let graph = LeadGraph {
            features: jittered(graph.features, JITTER, rng),
            ..graph
        };
        let errors = Errors::new(batch, &self.learning);
        (errors.of(network.forward(&graph)) + NOISE).log().mean()
    }

    fn score(&self, network: MixNetwork) -> f64 {
        let answers = answers(&Ensemble::new(vec![network]), self.dev, &Device::flex());
        mean_db(self.dev, &answers)
    }
}

/// The quadratic forms of some examples' errors, filled up to [`SLOTS`] leads.
struct Errors {
    base: Tensor<1>,
    slope: Tensor<3>,
    curvature: Tensor<3>,
}

impl Errors {
    fn new(examples: &[&TrainingExample], device: &Device) -> Self {
        let batch = examples.len();
        let mut slope = vec![0f32; batch * SLOTS];
        let mut curvature = vec![0f32; batch * SLOTS * SLOTS];
        for (idx, example) in examples.iter().enumerate() {
            for (row, value) in example.slope.iter().enumerate() {
                slope[idx * SLOTS + row] = *value as f32;
                let to = &mut curvature[(idx * SLOTS + row) * SLOTS..];
                let pairs = to.iter_mut().zip(example.curvature.row(row).iter());
                pairs.for_each(|(to, value)| *to = *value as f32);
            }
        }
        let base: Vec<f32> = examples.iter().map(|it| it.base as f32).collect();
        Self {
            base: Tensor::from_data(TensorData::new(base, [batch]), device),
            slope: Tensor::from_data(TensorData::new(slope, [batch, SLOTS, 1]), device),
            curvature: Tensor::from_data(TensorData::new(curvature, [batch, SLOTS, SLOTS]), device),
        }
    }

    /// Squared error of each answer, as a share of the target's power.
    fn of(self, answer: Tensor<2>) -> Tensor<1> {
        let [batch, slots] = answer.dims();
        let answer = answer.reshape([batch, slots, 1]);
        let linear = (answer.clone() * self.slope).sum_dim(1).reshape([batch]);
        let form = (answer.clone() * self.curvature.matmul(answer))
            .sum_dim(1)
            .reshape([batch]);
        (self.base + linear * 2.0 + form).clamp_min(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::examples::{Plan, build_examples, tests::exam};

    /// On tensors as on numbers.
    #[test]
    fn errors_of_a_batch_are_those_of_its_examples() {
        let examples = build_examples(&[exam()], &Plan::shipped(), 1, |_| true);
        let batch: Vec<&TrainingExample> = examples.iter().take(5).collect();
        let answer = |lead: usize| 0.1 - 0.03 * lead as f64;
        let row = |it: &&TrainingExample| {
            let n = it.basis_leads.len();
            (0..SLOTS).map(move |lead| if lead < n { answer(lead) as f32 } else { 0.0 })
        };
        let rows: Vec<f32> = batch.iter().flat_map(row).collect();
        let answers = Tensor::from_data(TensorData::new(rows, [5, SLOTS]), &Device::flex());
        let found: Vec<f32> = Errors::new(&batch, &Device::flex())
            .of(answers)
            .into_data()
            .try_to_vec()
            .unwrap();
        for (example, found) in batch.iter().zip(found) {
            let alone: Vec<f64> = (0..example.basis_leads.len()).map(answer).collect();
            let expected = example.error(&alone) / example.power;
            assert!((f64::from(found) / expected - 1.0).abs() < 1e-3);
        }
    }

    #[test]
    fn a_few_steps_improve_on_the_prior_and_are_not_repeated() {
        let examples = build_examples(&[exam()], &Plan::shipped(), 1, |_| true);
        let folder = tempfile::tempdir().unwrap();
        let mut settings = MixSettings::new(1, 30);
        settings.schedule.every = 10;
        let run = || {
            let all = (&examples[..], &[][..]);
            let found = train_mix(&settings, None, all, &examples, folder.path(), None);
            found.unwrap().unwrap()
        };
        let (network, progress) = run();
        let prior: Vec<Vec<f64>> = examples
            .iter()
            .map(|it| vec![0.0; it.basis_leads.len()])
            .collect();
        let trained = answers(&Ensemble::new(vec![network]), &examples, &Device::flex());
        assert!(mean_db(&examples, &prior) + 0.3 < mean_db(&examples, &trained));
        let again = run().1;
        assert_eq!((again.step, again.seconds), (30, progress.seconds));
    }
}
