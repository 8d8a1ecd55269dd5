//! Training of the residual path on samples: at random instants of the half that the prior did not
//! see, mean log squared error, AdamW, cosine rate, early stopping on training patients that were
//! set apart.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use burn::{
    module::Module,
    optim::{AdamWConfig, GradientsParams, ModuleOptimizer},
    tensor::{Device, Tensor, TensorData},
};
use rayon::prelude::*;

use super::{
    TrainingError,
    checkpoint::{Checkpoint, CheckpointDir},
    examples::TrainingExample,
    exams::Exam,
    learning_rate,
    mix::SLOTS,
    random::Random,
};
use crate::geovt::{
    Instants, MixTrunk, N_EDGES, N_FEATURES, N_LAGS, ResidualEnsemble, ResidualNetwork,
    ResidualNetworkConfig, ResidualQuery, Scales, high_passed, neighbours,
};

/// Share of instants drawn where the heart is active.
const ACTIVE: f64 = 0.6;
/// Errors below this share of the target's power are noise.
const NOISE: f64 = 1e-4;

/// One run.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct ResidualSettings {
    /// The network.
    pub network: ResidualNetworkConfig,
    /// Seed of weights, batches and dropout.
    pub seed: u64,
    /// Steps of the cosine schedule.
    pub steps: u64,
    /// Cases per step.
    pub batch: usize,
    /// Instants per case.
    pub instants: usize,
    /// Share of a batch drawn from real exams.
    pub real: f64,
    /// Highest learning rate.
    pub rate: f64,
    /// Weight decay.
    pub decay: f64,
    /// Noise on what the trunk is told.
    pub jitter: f64,
    /// Steps between looks at the exams set apart.
    pub every: u64,
    /// Looks without a better score before the run stops.
    pub patience: u64,
}

impl ResidualSettings {
    /// Settings of the shipped weights.
    pub fn new(seed: u64, steps: u64) -> Self {
        Self {
            network: ResidualNetworkConfig::new(),
            seed,
            steps,
            batch: 96,
            instants: 24,
            real: 0.6,
            rate: 2e-3,
            decay: 2e-2,
            jitter: 0.02,
            every: 250,
            patience: 8,
        }
    }
}

/// A case with the mix that the residual is added to.
#[derive(Clone, Debug)]
pub struct Mixed<'a> {
    /// The case.
    pub case: &'a TrainingExample,
    /// Features and corrected mix, the gate open.
    pub question: ResidualQuery,
}

/// The eight leads of the exams without baseline: what the network reads.
pub struct Signals<'a> {
    exams: &'a [Exam],
    steady: Vec<Vec<Vec<f32>>>,
    /// Sums over time of the square of all leads.
    activity: Vec<Vec<f64>>,
}

/// An instant drawn for training, and what it counts: one over how much likelier than others it was
/// drawn.
type Drawn = (usize, f32);

impl<'a> Signals<'a> {
    /// Of these exams.
    pub fn new(exams: &'a [Exam]) -> Self {
        let steady: Vec<Vec<Vec<f32>>> = exams
            .par_iter()
            .map(|it| {
                it.leads_mv
                    .iter()
                    .take(8)
                    .map(|it| high_passed(it))
                    .collect()
            })
            .collect();
        let activity = steady.iter().map(|it| activity(it)).collect();
        Self {
            exams,
            steady,
            activity,
        }
    }

    /// An instant of the half that the prior did not see: half of them anywhere, half where the
    /// heart is active, because that is where errors are.
    fn draw(&self, it: &Mixed, rng: &mut Random) -> Drawn {
        let (judged, sums) = (self.judged(it), &self.activity[it.case.exam]);
        let (low, high) = (sums[judged.start], sums[judged.end]);
        let level = low + (high - low) * rng.uniform();
        let at = match rng.uniform() < ACTIVE && low < high {
            true => sums.partition_point(|it| *it <= level) - 1,
            false => judged.start + rng.below(judged.len()),
        };
        let at = at.clamp(judged.start, judged.end - 1);
        let active =
            (sums[at + 1] - sums[at]) * judged.len() as f64 / (high - low).max(f64::MIN_POSITIVE);
        (at, (1.0 / (1.0 - ACTIVE + ACTIVE * active)) as f32)
    }

    /// The exam of a case.
    pub(super) fn exam(&self, it: &Mixed) -> &Exam {
        &self.exams[it.case.exam]
    }

    /// Its leads as recorded or displaced, by number, high-passed.
    pub(super) fn leads(&self, it: &Mixed, which: &[usize]) -> Vec<Vec<f32>> {
        picked(&self.exam(it).leads_mv, it.case.turn.as_deref(), which)
    }

    /// Instants of the half that the prior did not see.
    pub(super) fn judged(&self, it: &Mixed) -> std::ops::Range<usize> {
        let length = self.exam(it).leads_mv[0].len();
        if it.case.half == 0 {
            length / 2..length
        } else {
            0..length / 2
        }
    }
}

/// Running sums of the square of all leads, from zero.
fn activity(leads: &[Vec<f32>]) -> Vec<f64> {
    let mut sums = vec![0.0];
    for at in 0..leads[0].len() {
        sums.push(
            sums[at]
                + leads
                    .iter()
                    .map(|it| f64::from(it[at]).powi(2))
                    .sum::<f64>(),
        );
    }
    sums
}

/// Leads of an exam by number, as its electrodes were displaced.
fn picked(leads: &[Vec<f32>], turn: Option<&[f64]>, which: &[usize]) -> Vec<Vec<f32>> {
    let turned = |row: &[f64]| {
        let mut out = vec![0f32; leads[0].len()];
        for (lead, share) in leads.iter().zip(row).filter(|it| *it.1 != 0.0) {
            out.iter_mut()
                .zip(lead)
                .for_each(|(to, it)| *to += *share as f32 * it);
        }
        out
    };
    which
        .iter()
        .map(|it| {
            turn.map_or_else(
                || leads[*it].clone(),
                |turn| turned(&turn[8 * it..8 * it + 8]),
            )
        })
        .collect()
}

/// Samples of some cases at some instants.
struct Batch {
    features: Vec<f32>,
    edges: Vec<f32>,
    present: Vec<f32>,
    near: Vec<f32>,
    mixed: Vec<f32>,
    /// What the mix misses, in multiples of the RMS of the prior's trace.
    missing: Vec<f32>,
    /// Power of the target in the same unit.
    power: Vec<f32>,
    /// What each instant counts.
    counts: Vec<f32>,
    shape: [usize; 2],
}

/// Rows of one case.
struct Rows {
    near: Vec<f32>,
    mixed: Vec<f32>,
    missing: Vec<f32>,
    counts: Vec<f32>,
}

impl Rows {
    fn new(it: &Mixed, signals: &Signals, instants: &[Drawn]) -> Self {
        let (n, time) = (it.case.known.len(), instants.len());
        let (scales, reader) = (Scales::new(&it.question), Reader { it, signals });
        let (mut near, mut mixed) = (vec![0f32; time * SLOTS * N_LAGS], vec![0f32; time * N_LAGS]);
        let mut missing = vec![0f32; time];
        for (row, (at, _)) in instants.iter().copied().enumerate() {
            let near = &mut near[row * SLOTS * N_LAGS..][..n * N_LAGS];
            reader.neighbours(at, near);
            scales.apply(near, &mut mixed[row * N_LAGS..][..N_LAGS]);
            missing[row] = (reader.missing(at) / it.question.evidence.trace) as f32;
        }
        Self {
            near,
            mixed,
            missing,
            counts: instants.iter().map(|it| it.1).collect(),
        }
    }
}

/// Reads the leads of a case, displaced where its electrodes were.
struct Reader<'a> {
    it: &'a Mixed<'a>,
    signals: &'a Signals<'a>,
}

impl Reader<'_> {
    /// Neighbours of an instant in each recorded lead.
    fn neighbours(&self, at: usize, out: &mut [f32]) {
        let (case, leads) = (self.it.case, &self.signals.steady[self.it.case.exam]);
        let rows = case.known.iter().zip(out.chunks_exact_mut(N_LAGS));
        let Some(turn) = &case.turn else {
            rows.for_each(|(lead, to)| neighbours(&leads[*lead], at, to));
            return;
        };
        let mut all = [[0f32; N_LAGS]; 8];
        all.iter_mut()
            .zip(leads)
            .for_each(|(to, lead)| neighbours(lead, at, to));
        for (lead, to) in rows {
            to.fill(0.0);
            for (share, from) in turn[8 * lead..8 * lead + 8].iter().zip(&all) {
                to.iter_mut()
                    .zip(from)
                    .for_each(|(to, it)| *to += *share as f32 * it);
            }
        }
    }

    /// What the mix misses of the lead asked for.
    fn missing(&self, at: usize) -> f64 {
        let (case, leads) = (self.it.case, &self.signals.exam(self.it).leads_mv);
        let value = |lead: usize| match &case.turn {
            None => f64::from(leads[lead][at]),
            Some(turn) => turn[8 * lead..8 * lead + 8]
                .iter()
                .zip(leads)
                .map(|(share, it)| share * f64::from(it[at]))
                .sum(),
        };
        value(case.target)
            - case
                .known
                .iter()
                .zip(&self.it.question.weights)
                .map(|(lead, weight)| weight * value(*lead))
                .sum::<f64>()
    }
}

impl Batch {
    fn new(
        picked: &[&Mixed],
        signals: &Signals,
        instants: impl Fn(usize, &Mixed) -> Vec<Drawn> + Sync,
    ) -> Self {
        let rows: Vec<Rows> = picked
            .par_iter()
            .enumerate()
            .map(|(idx, it)| Rows::new(it, signals, &instants(idx, it)))
            .collect();
        let (batch, time) = (picked.len(), rows.first().map_or(0, |it| it.missing.len()));
        let join = |part: fn(&Rows) -> &Vec<f32>| {
            rows.iter()
                .flat_map(|it| part(it).iter().copied())
                .collect::<Vec<f32>>()
        };
        let mut features = vec![0f32; batch * SLOTS * N_FEATURES];
        let mut edges = vec![0f32; batch * N_EDGES * SLOTS * SLOTS];
        let mut present = vec![0f32; batch * SLOTS];
        for (idx, it) in picked.iter().enumerate() {
            let n = it.case.known.len();
            let evidence = &it.question.evidence;
            features[idx * SLOTS * N_FEATURES..][..n * N_FEATURES]
                .copy_from_slice(&evidence.features);
            present[idx * SLOTS..][..n].fill(1.0);
            for (row, from) in evidence.edges.chunks_exact(n).enumerate() {
                edges[((idx * N_EDGES + row / n) * SLOTS + row % n) * SLOTS..][..n]
                    .copy_from_slice(from);
            }
        }
        let power = |it: &&Mixed| {
            (it.case.power * (signals.exam(it).range_mv / it.question.evidence.trace).powi(2))
                as f32
        };
        Self {
            features,
            edges,
            present,
            near: join(|it| &it.near),
            mixed: join(|it| &it.mixed),
            missing: join(|it| &it.missing),
            power: picked.iter().map(power).collect(),
            counts: join(|it| &it.counts),
            shape: [batch, time],
        }
    }

    fn missing(&self, device: &Device) -> Tensor<2> {
        Tensor::from_data(TensorData::new(self.missing.clone(), self.shape), device)
    }

    fn answer(
        &self,
        forward: impl Fn(Tensor<3>, Tensor<4>, Tensor<2>, Instants) -> Tensor<2>,
        device: &Device,
    ) -> Tensor<2> {
        let [batch, time] = self.shape;
        let three = |it: &Vec<f32>, shape: [usize; 3]| {
            Tensor::<3>::from_data(TensorData::new(it.clone(), shape), device)
        };
        let instants = Instants {
            taps: three(&self.near, [batch, time, SLOTS * N_LAGS]),
            mixed: three(&self.mixed, [batch, time, N_LAGS]),
        };
        let edges = Tensor::from_data(
            TensorData::new(self.edges.clone(), [batch, N_EDGES, SLOTS, SLOTS]),
            device,
        );
        let present = Tensor::from_data(
            TensorData::new(self.present.clone(), [batch, SLOTS]),
            device,
        );
        forward(
            three(&self.features, [batch, SLOTS, N_FEATURES]),
            edges,
            present,
            instants,
        )
    }
}

/// Trains on real and generated cases, from a `trunk` that has learned already, and keeps the
/// network that is best on `dev`. Goes on where a run in `folder` stopped; stops for a while after
/// `pause`, to be called again (`None`: never).
pub fn train_residual(
    settings: &ResidualSettings,
    trunk: MixTrunk,
    signals: &Signals,
    (real, made): (&[Mixed], &[Mixed]),
    dev: &[Mixed],
    folder: &Path,
    pause: Option<Duration>,
) -> Result<Option<(ResidualNetwork, Checkpoint)>, TrainingError> {
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
        .with_weight_decay(settings.decay as f32)
        .init();
    let (mut network, mut optimiser, mut progress) = place.resume(
        settings.network.init(&learning).with_trunk(trunk.train()),
        optimiser,
    )?;
    let spent = progress.seconds;
    let (mut loss_sum, mut loss_n) = (0.0, 0u64);
    while progress.step < settings.steps {
        let mut rng = Random::at(settings.seed, progress.step);
        let draw = |rng: &mut Random| {
            let from = if made.is_empty() || rng.uniform() < settings.real {
                real
            } else {
                made
            };
            &from[rng.below(from.len())]
        };
        let cases: Vec<&Mixed> = (0..settings.batch).map(|_| draw(&mut rng)).collect();
        let (next, loss) = step(
            network,
            &mut optimiser,
            &cases,
            signals,
            (settings, progress.step),
            &learning,
        );
        progress.seconds = spent + began.elapsed().as_secs_f64();
        network = next;
        progress.step += 1;
        (loss_sum, loss_n) = (loss_sum + loss, loss_n + 1);
        if progress.step % settings.every == 0 || progress.step == settings.steps {
            let now = ResidualEnsemble::new(vec![network.valid()]);
            let scores = residual_db(&now, signals, dev);
            let score = scores.iter().map(|it| it.1).sum::<f64>() / scores.len().max(1) as f64;
            let loss = loss_sum / loss_n as f64;
            progress.history.push((progress.step, loss, score));
            eprintln!(
                "step {:5}  loss {loss:6.2} dB  set apart {score:6.2} dB  {:5.0} s",
                progress.step, progress.seconds
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
    network: ResidualNetwork,
    optimiser: &mut ModuleOptimizer,
    cases: &[&Mixed],
    signals: &Signals,
    (settings, number): (&ResidualSettings, u64),
    device: &Device,
) -> (ResidualNetwork, f64) {
    let instants = |idx: usize, it: &Mixed| {
        let mut rng = Random::at(
            settings.seed ^ 0x5eed,
            number * settings.batch as u64 + idx as u64,
        );
        (0..settings.instants)
            .map(|_| signals.draw(it, &mut rng))
            .collect::<Vec<Drawn>>()
    };
    let mut batch = Batch::new(cases, signals, instants);
    let mut rng = Random::at(settings.seed ^ 0xa15e, number);
    batch
        .features
        .iter_mut()
        .for_each(|it| *it += (settings.jitter * rng.normal()) as f32);
    let found = batch.answer(|a, b, c, d| network.forward(a, b, c, d), device);
    let power = Tensor::<1>::from_data(TensorData::new(batch.power.clone(), [cases.len()]), device)
        .unsqueeze_dim::<2>(1);
    let counts = Tensor::<2>::from_data(TensorData::new(batch.counts.clone(), batch.shape), device);
    let error = ((found - batch.missing(device)).square() * counts).mean_dim(1) / power;
    let loss = (error + NOISE).log().mean();
    let value = 10.0 * f64::from(loss.clone().into_scalar::<f32>()) / std::f64::consts::LN_10;
    let gradients = GradientsParams::from_grads(loss.backward(), &network);
    (
        optimiser.step(
            learning_rate(settings.rate, number, settings.steps),
            network,
            gradients,
        ),
        value,
    )
}

/// PSNR of each case over the whole of its judged half: the mix alone, and with the residual.
pub fn residual_db(
    network: &ResidualEnsemble,
    signals: &Signals,
    asked: &[Mixed],
) -> Vec<(f64, f64)> {
    let device = Device::flex();
    let mut out = Vec::with_capacity(asked.len());
    for chunk in asked.chunks(32) {
        let picked: Vec<&Mixed> = chunk.iter().collect();
        // Exams differ in length by a sample at most.
        let time = picked
            .iter()
            .map(|it| signals.judged(it).len())
            .min()
            .unwrap_or(0);
        let batch = Batch::new(&picked, signals, |_, it| {
            signals.judged(it).take(time).map(|at| (at, 1.0)).collect()
        });
        let found = batch.answer(|a, b, c, d| network.forward(a, b, c, d), &device);
        let missing = batch.missing(&device);
        let mean = |it: Tensor<2>| -> Vec<f32> {
            it.square()
                .mean_dim(1)
                .into_data()
                .try_to_vec()
                .unwrap_or_default()
        };
        let db = |error: f32, it: &Mixed| {
            let share =
                f64::from(error) * (it.question.evidence.trace / signals.exam(it).range_mv).powi(2);
            -10.0 * share.max(1e-9).log10()
        };
        let pairs = mean(missing.clone()).into_iter().zip(mean(found - missing));
        out.extend(
            pairs
                .zip(&picked)
                .map(|((before, after), it)| (db(before, it), db(after, it))),
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::{
        examples::{Plan, build_examples},
        exams::Split,
        validate::mixed,
    };

    fn exam() -> Exam {
        let lead = |k: usize| -> Vec<f32> {
            let beat = |t: usize| (-(((t % 100) as f32 - 30.0) / 4.0).powi(2)).exp();
            (0..1250)
                .map(|t| {
                    beat(t) * (1.0 + 0.3 * k as f32) + 0.1 * (t as f32 * 0.06 + k as f32).sin()
                })
                .collect()
        };
        Exam {
            source: "generated".into(),
            split: Split::Train,
            leads_mv: (0..8).map(lead).collect(),
            range_mv: 3.0,
        }
    }

    #[test]
    fn instants_are_drawn_where_the_heart_is_active_and_count_less_there() {
        let exams = [exam()];
        let cases = build_examples(&exams, &Plan::shipped(), 1, |_| true);
        let (asked, signals) = (mixed(&cases, None), Signals::new(&exams));
        let (it, mut rng) = (&asked[0], Random::at(1, 1));
        let drawn: Vec<Drawn> = (0..20_000).map(|_| signals.draw(it, &mut rng)).collect();
        assert!(
            drawn
                .iter()
                .all(|it| signals.judged(&asked[0]).contains(&it.0))
        );
        let mean = drawn.iter().map(|it| f64::from(it.1)).sum::<f64>() / drawn.len() as f64;
        assert!((mean - 1.0).abs() < 0.03, "{mean}");
        let near_beat = |it: &&Drawn| (it.0 % 100).abs_diff(30) < 6;
        let share = drawn.iter().filter(near_beat).count() as f64 / drawn.len() as f64;
        assert!(0.3 < share, "{share} where 0.11 would be even");
    }

    #[test]
    fn a_fresh_network_leaves_the_mix_and_training_improves_on_it() {
        let exams = [exam()];
        let cases = build_examples(&exams, &Plan::shipped(), 1, |_| true);
        let (asked, signals) = (mixed(&cases, None), Signals::new(&exams));
        let device = Device::flex();
        device.seed(1);
        let config = ResidualNetworkConfig::new()
            .with_channels(16)
            .with_hidden(16);
        let fresh = ResidualEnsemble::new(vec![config.init(&device)]);
        assert!(
            residual_db(&fresh, &signals, &asked)
                .iter()
                .all(|it| (it.0 - it.1).abs() < 1e-9)
        );
        let folder = tempfile::tempdir().unwrap();
        let settings = ResidualSettings {
            network: config,
            batch: 16,
            every: 20,
            ..ResidualSettings::new(1, 40)
        };
        let trunk = crate::geovt::MixTrunkConfig::new(48, 2).init(&device);
        let run = |steps| {
            let settings = ResidualSettings {
                steps,
                ..settings.clone()
            };
            train_residual(
                &settings,
                trunk.clone(),
                &signals,
                (&asked, &[]),
                &asked,
                folder.path(),
                None,
            )
            .unwrap()
            .unwrap()
        };
        let (network, progress) = run(40);
        let scores = residual_db(&ResidualEnsemble::new(vec![network]), &signals, &asked);
        let gain = scores.iter().map(|it| it.1 - it.0).sum::<f64>() / scores.len() as f64;
        assert!(0.3 < gain && progress.step == 40, "{gain} dB");
        // A run that is over is not begun again.
        assert_eq!(run(40).1.step, 40);
    }
}
