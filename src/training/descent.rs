//! The loop that both paths are trained by: AdamW, a cosine rate, early stopping on training patients
//! that were set apart, and going on where an interrupted run stopped.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use burn::{
    module::Module,
    optim::{AdamWConfig, GradientsParams},
    tensor::{Tensor, TensorData},
};

use super::{
    TrainingError,
    checkpoint::{Checkpoint, CheckpointDir},
    random::Random,
};

/// How long to train, in which steps.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Schedule {
    /// Seed of weights, batches and augmentation.
    pub seed: u64,
    /// Steps of the cosine schedule.
    pub steps: u64,
    /// Examples per step.
    pub batch: usize,
    /// Share of a batch drawn from real exams.
    pub real: f64,
    /// Highest learning rate.
    pub rate: f64,
    /// Weight decay.
    #[serde(default = "usual_decay")]
    pub decay: f64,
    /// Steps between looks at the exams set apart.
    pub every: u64,
    /// Looks without a better score before the run stops.
    pub patience: u64,
}

fn usual_decay() -> f64 {
    1e-2
}

impl Schedule {
    /// Of the shipped lead-field path.
    pub fn new(seed: u64, steps: u64) -> Self {
        Self {
            seed,
            steps,
            batch: 64,
            real: 0.6,
            rate: 2e-3,
            decay: usual_decay(),
            every: 500,
            patience: 8,
        }
    }

    fn is_look(&self, step: u64) -> bool {
        step.is_multiple_of(self.every) || step == self.steps
    }

    /// Learning rate of a step: warm-up to the highest, then half a cosine.
    fn learning_rate(&self, step: u64) -> f64 {
        let share = step as f64 / self.steps as f64;
        let warm = ((step + 1) as f64 / 100.0).min(1.0);
        self.rate * warm * 0.5 * (1.0 + (std::f64::consts::PI * share).cos()) + 1e-5
    }
}

/// A batch: each example with probability `real` from the recorded ones.
pub(super) fn draw<'e, E>(
    (recorded, made): (&'e [E], &'e [E]),
    (n, real): (usize, f64),
    rng: &mut Random,
) -> Vec<&'e E> {
    let mut one = || {
        let from = if made.is_empty() || rng.uniform() < real {
            recorded
        } else {
            made
        };
        &from[rng.below(from.len())]
    };
    (0..n).map(|_| one()).collect()
}

/// What is trained: how a network errs, and how good it is.
pub(super) trait Task<M, E> {
    /// Mean natural logarithm of the squared error over a batch.
    fn loss(&self, network: &M, batch: &[&E], step: u64, rng: &mut Random) -> Tensor<1>;
    /// Mean PSNR on the exams set apart, dB.
    fn score(&self, network: M) -> f64;
}

/// Trains `start` on recorded and made examples and keeps the network that is best on the exams set
/// apart, read into `fresh`. Goes on where a run in `folder` stopped; stops for a while after
/// `pause`, to be called again (`None`: never).
pub(super) fn descend<M: Module, E>(
    schedule: &Schedule,
    task: &impl Task<M, E>,
    examples: (&[E], &[E]),
    (start, fresh): (M, M),
    folder: &Path,
    pause: Option<Duration>,
) -> Result<Option<(M, Checkpoint)>, TrainingError> {
    if examples.0.is_empty() {
        return Err(TrainingError::Empty("no recorded example to train on"));
    }
    let began = Instant::now();
    let checkpoints = CheckpointDir(folder.to_owned());
    let optimiser = AdamWConfig::new()
        .with_beta_2(0.99)
        .with_weight_decay(schedule.decay as f32)
        .init();
    let (mut network, mut optimiser, mut progress) = checkpoints.resume(start, optimiser)?;
    let spent = progress.seconds;
    let mut losses_db = Vec::new();
    while progress.step < schedule.steps {
        let mut rng = Random::at(schedule.seed, progress.step);
        let batch = draw(examples, (schedule.batch, schedule.real), &mut rng);
        let loss = task.loss(&network, &batch, progress.step, &mut rng);
        let value = f64::from(loss.clone().into_scalar::<f32>());
        losses_db.push(10.0 * value / std::f64::consts::LN_10);
        let gradients = GradientsParams::from_grads(loss.backward(), &network);
        network = optimiser.step(schedule.learning_rate(progress.step), network, gradients);
        progress.step += 1;
        progress.seconds = spent + began.elapsed().as_secs_f64();
        if !schedule.is_look(progress.step) {
            continue;
        }
        let score = task.score(network.valid());
        let loss = losses_db.iter().sum::<f64>() / losses_db.len() as f64;
        losses_db.clear();
        if progress.note(loss, score) {
            checkpoints.save_best(&network)?;
        }
        checkpoints.save(&network, &optimiser, &progress)?;
        if schedule.patience * schedule.every <= progress.step - progress.best_step {
            break;
        }
        if pause.is_some_and(|it| it < began.elapsed()) && progress.step < schedule.steps {
            return Ok(None);
        }
    }
    Ok(Some((checkpoints.best(fresh)?, progress)))
}

/// Noise on what a network is told, so that it does not lean on the last digit of a covariance.
pub(super) fn jittered(features: Tensor<3>, size: f64, rng: &mut Random) -> Tensor<3> {
    let shape = features.dims();
    let noise: Vec<f32> = (0..shape.iter().product())
        .map(|_| (size * rng.normal()) as f32)
        .collect();
    let device = features.device();
    features + Tensor::from_data(TensorData::new(noise, shape), &device)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_warms_up_and_falls() {
        let schedule = Schedule::new(1, 1000);
        let rate = |step| schedule.learning_rate(step);
        assert!(rate(0) < 0.02 * schedule.rate && (rate(99) / schedule.rate - 1.0).abs() < 0.05);
        assert!((100..999).all(|step| rate(step + 1) < rate(step)));
        assert!(rate(1000) < 2e-5);
        let looks: Vec<u64> = (1..=1200).filter(|it| schedule.is_look(*it)).collect();
        assert_eq!(looks, [500, 1000]);
    }

    #[test]
    fn a_batch_holds_both_kinds_in_proportion() {
        let (recorded, made) = ([1, 2, 3], [10, 20]);
        let mut rng = Random::at(1, 0);
        let batch = draw((&recorded, &made), (4000, 0.6), &mut rng);
        let share = batch.iter().filter(|it| ***it < 10).count() as f64 / 4000.0;
        assert!((share - 0.6).abs() < 0.03, "{share}");
        assert!(
            draw((&recorded, &[]), (50, 0.0), &mut rng)
                .iter()
                .all(|it| **it < 10)
        );
    }

    /// Records of runs without a weight decay are those of the lead-field path.
    #[test]
    fn records_are_read() {
        let text = r#"{"seed":1,"steps":2,"batch":3,"real":0.5,"rate":0.1,"every":4,"patience":5}"#;
        let found: Schedule = serde_json::from_str(text).unwrap();
        assert_eq!((found.decay, found.batch), (1e-2, 3));
    }
}
