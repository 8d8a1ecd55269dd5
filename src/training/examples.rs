//! Exams to examples: one patient, some recorded leads, one lead to find, and what the prior makes of
//! it.
//!
//! The prior and the statistics come from one half of an exam, the error from the other. The error
//! of an answer z is the quadratic form m₀ + 2 g·z + z·Hz, so a training step never sees a sample.

use std::sync::Arc;

use faer::{Col, ColRef, Mat, Scale};
use rayon::prelude::*;

use super::{dense_views::numbered, exams::Exam, random::Random};
use crate::{
    ecg::{Montage, N_PHASES, Target},
    geovt::{Features, PatientContext, Statistics},
    synth::{Estimate, Model, WeightSet},
};

/// Source of the many exams at 100 Hz.
const MANY: &str = "ptbxl_lr";

/// Leads of the largest example; smaller ones are filled up with absent leads.
pub(super) const SLOTS: usize = 8;

/// Which leads may be met, and how many questions each exam is asked.
#[derive(Clone)]
pub struct Plan {
    /// Indices into [`crate::ecg::LeadName::EIGHT`] that may be input or target; limb leads first.
    pub leads: Vec<usize>,
    /// Whose base to start from.
    weights: WeightSet,
    /// Random subsets of inputs per half exam, beside those of the protocols.
    pub n_random: usize,
    /// Size of random electrode displacement: share of the neighbouring lead that enters a
    /// displaced one.
    pub displacement: f64,
}

impl Plan {
    /// For the shipped weights: all leads.
    pub fn shipped() -> Self {
        Self {
            leads: (0..8).collect(),
            weights: WeightSet::Shipped,
            n_random: 1,
            displacement: 0.05,
        }
    }

    /// For unseen views: V2 and V6 do not exist, and the lead fields have not met them either.
    pub fn unseen() -> Self {
        Self {
            leads: vec![0, 1, 2, 4, 5, 6],
            weights: WeightSet::Unseen,
            n_random: 1,
            displacement: 0.05,
        }
    }
}

/// One question to the lead-field path, with its answer's error.
#[derive(Clone, Debug)]
pub struct TrainingExample {
    /// Which exam.
    pub exam: usize,
    /// Which half of it was looked at; the other is judged.
    pub half: usize,
    /// Lead to find: index into [`crate::ecg::LeadName::EIGHT`], then into the dense views.
    pub target: usize,
    /// Recorded leads, likewise.
    pub basis_leads: Vec<usize>,
    /// Input of the network.
    pub features: Features,
    /// The prior's mean squared error over the target's power.
    pub base: f64,
    /// Slope of the error at the prior.
    pub slope: Vec<f64>,
    /// Curvature, leads × leads.
    pub curvature: Mat<f64>,
    /// Mean square of the target over the square of the exam's range.
    pub power: f64,
    /// The prior's mix over the whole beat, and how it departs from it by phase.
    pub prior: Vec<f64>,
    /// What is added to the mix in QRS, ST, T and the rest.
    pub departures: [Vec<f64>; N_PHASES],
    /// What displaced electrodes make of the eight leads, 8 × 8; `None` where they are as recorded.
    pub displacement: Option<Arc<Mat<f64>>>,
}

impl TrainingExample {
    /// Mean squared error of an answer, over the square of the exam's range.
    pub fn error(&self, answer: &[f64]) -> f64 {
        let answer = ColRef::from_slice(answer);
        let linear = answer.transpose() * ColRef::from_slice(&self.slope);
        let form = answer.transpose() * &self.curvature * answer;
        self.power * (self.base + 2.0 * linear + form).max(1e-9)
    }

    /// The prior's mix corrected by an answer.
    pub(super) fn corrected(&self, answer: &[f64]) -> Vec<f64> {
        let pairs = self.prior.iter().zip(self.features.weights(answer));
        pairs.map(|(weight, by)| weight + by).collect()
    }
}

/// Statistics of one half of an exam over [`crate::ecg::LeadName::EIGHT`], and second moments of
/// the other.
pub(super) struct Halves {
    half: usize,
    statistics: Statistics,
    /// Covariance of the eight by phase of the beat; leads that are not in play are zero.
    waves: [Mat<f64>; N_PHASES],
    /// All leads of the other half × the eight, by phase of the beat.
    moments: [Mat<f64>; N_PHASES],
    /// Mean square of each lead, in the unit of the moments.
    powers: Vec<f64>,
    displacement: Option<Arc<Mat<f64>>>,
}

/// Examples of all exams that `keep` picks, in both directions of time and with displaced electrodes
/// for real exams.
pub fn build_examples(
    exams: &[Exam],
    plan: &Plan,
    seed: u64,
    keep: impl Fn(&Exam) -> bool + Sync,
) -> Vec<TrainingExample> {
    let picked: Vec<usize> = (0..exams.len()).filter(|it| keep(&exams[*it])).collect();
    let of_exam = |exam: usize| {
        let mut rng = Random::at(seed, exam as u64);
        // Electrodes of virtual patients are misplaced already; where there are many exams, one look
        // at each is enough.
        let turns = match exams[exam].source.as_str() {
            MANY => vec![(rng.below(2), rng.below(3) == 0)],
            "virtual" => vec![(0, false)],
            _ => vec![(0, false), (1, false), (0, true)],
        };
        turns
            .into_iter()
            .flat_map(|(half, moved)| examples_of(exam, &exams[exam], plan, half, moved, &mut rng))
            .collect::<Vec<TrainingExample>>()
    };
    picked.into_par_iter().flat_map_iter(of_exam).collect()
}

fn examples_of(
    exam: usize,
    it: &Exam,
    plan: &Plan,
    half: usize,
    moved: bool,
    rng: &mut Random,
) -> Vec<TrainingExample> {
    let halves = halves(it, plan, half, moved.then_some(&mut *rng));
    let (limbs, chest): (Vec<usize>, Vec<usize>) =
        plan.leads.iter().copied().partition(|it| *it < 2);
    let without = |target: usize| {
        plan.leads
            .iter()
            .copied()
            .filter(move |it| *it != target)
            .collect::<Vec<usize>>()
    };
    let mut questions: Vec<(Vec<usize>, Vec<usize>)> = chest
        .iter()
        .map(|target| (without(*target), vec![*target]))
        .collect();
    let few: Vec<usize> = limbs
        .iter()
        .copied()
        .chain([4])
        .filter(|it| plan.leads.contains(it))
        .collect();
    questions.push((few, chest.iter().copied().filter(|it| *it != 4).collect()));
    if it.source == MANY {
        let kept = |_: &(Vec<usize>, Vec<usize>)| rng.below(2) == 0;
        questions.retain(kept);
    }
    for _ in 0..plan.n_random {
        let target = chest[rng.below(chest.len())];
        let given: Vec<usize> = chest
            .iter()
            .copied()
            .filter(|it| *it != target && rng.uniform() < 0.55)
            .collect();
        if !given.is_empty() {
            questions.push((limbs.iter().copied().chain(given).collect(), vec![target]));
        }
    }
    if 8 < it.leads_mv.len() && plan.leads.len() == 8 {
        questions.extend(dense_questions(it.leads_mv.len(), plan, rng));
    }
    questions
        .into_iter()
        .flat_map(|(known, targets)| ask(exam, &halves, plan, &known, &targets))
        .collect()
}

/// Some of the dense views, asked for when all eight leads are recorded, and fewer when only I, II
/// and V3 are.
fn dense_questions(n_leads: usize, plan: &Plan, rng: &mut Random) -> [(Vec<usize>, Vec<usize>); 2] {
    const ASKED: (usize, usize) = (8, 3);
    let mut views: Vec<usize> = (8..n_leads).collect();
    let mut some = |n: usize| {
        (0..n.min(views.len()))
            .map(|_| views.swap_remove(rng.below(views.len())))
            .collect::<Vec<usize>>()
    };
    [
        (plan.leads.clone(), some(ASKED.0)),
        (vec![0, 1, 4], some(ASKED.1)),
    ]
}

/// Statistics and moments of an exam; with `rng`, of one whose electrodes sit a little elsewhere.
pub(super) fn halves(exam: &Exam, plan: &Plan, half: usize, rng: Option<&mut Random>) -> Halves {
    let seen = exam.half(half);
    let allowed: Vec<&[f32]> = plan.leads.iter().map(|it| seen[*it]).collect();
    let inner = Statistics::from_samples(&allowed);
    let other = exam.half(1 - half);
    let scale = exam.range_mv.powi(2) * other[0].len() as f64;
    let middle = exam.leads_mv[0].len() / 2;
    let phases = exam.phases(&plan.leads);
    let (first, last) = phases.split_at(middle);
    let (known, judged) = if half == 0 {
        (first, last)
    } else {
        (last, first)
    };
    let moment = |phase: usize, i: usize, j: usize| {
        let pairs = other[i].iter().zip(other[j]).zip(judged);
        let sum: f64 = pairs
            .map(|((x, y), shares)| shares[phase] * f64::from(*x) * f64::from(*y))
            .sum();
        sum / scale
    };
    // Every answer is a mix of the eight.
    let moments: [Mat<f64>; N_PHASES] =
        std::array::from_fn(|phase| Mat::from_fn(other.len(), 8, |i, j| moment(phase, i, j)));
    let power = |lead: usize| {
        other[lead]
            .iter()
            .map(|it| f64::from(*it).powi(2))
            .sum::<f64>()
            / scale
    };
    let statistics = widened(&inner, &plan.leads);
    let waves = waves(&seen, known, &plan.leads);
    let Some(rng) = rng else {
        return Halves {
            half,
            statistics,
            waves,
            moments,
            powers: (0..other.len()).map(power).collect(),
            displacement: None,
        };
    };
    let displacement = displacement(plan, rng);
    let moments = moments.map(|it| &displacement * it.subrows(0, 8) * displacement.transpose());
    Halves {
        half,
        statistics: statistics.transformed(&displacement),
        waves: waves.map(|it| &displacement * it * displacement.transpose()),
        powers: (0..8)
            .map(|it| moments.iter().map(|part| part[(it, it)]).sum())
            .collect(),
        moments,
        displacement: Some(Arc::new(displacement)),
    }
}

/// Covariance of the eight by phase, of leads in play; the others are zero.
fn waves(
    leads_mv: &[&[f32]],
    phases: &[[f64; N_PHASES]],
    in_play: &[usize],
) -> [Mat<f64>; N_PHASES] {
    let plays = |lead: usize| in_play.contains(&lead);
    let moment = |phase: usize, i: usize, j: usize| {
        let pairs = leads_mv[i].iter().zip(leads_mv[j]).zip(phases);
        let sum: f64 = pairs
            .map(|((x, y), shares)| shares[phase] * f64::from(*x) * f64::from(*y))
            .sum();
        sum / phases.len() as f64
    };
    std::array::from_fn(|phase| {
        Mat::from_fn(8, 8, |i, j| match plays(i) && plays(j) {
            true => moment(phase, i, j),
            false => 0.0,
        })
    })
}

/// Statistics of some leads as statistics of all eight; the others are zero.
fn widened(inner: &Statistics, leads: &[usize]) -> Statistics {
    let at = |lead: usize| leads.iter().position(|it| *it == lead);
    let parts = inner.parts().each_ref().map(|part| {
        Mat::from_fn(8, 8, |i, j| match (at(i), at(j)) {
            (Some(i), Some(j)) => part[(i, j)],
            _ => 0.0,
        })
    });
    #[allow(clippy::expect_used)] // Statistics are finite and the size is right.
    Statistics::from_parts(parts).expect("finite")
}

/// A matrix that mixes chest leads a little with their neighbours among the leads in play, and
/// changes their gain.
fn displacement(plan: &Plan, rng: &mut Random) -> Mat<f64> {
    let mut out = Mat::identity(8, 8);
    for i in plan.leads.iter().filter(|it| 2 <= **it) {
        for j in &plan.leads {
            let near = (-(*i as f64 - *j as f64).abs()).exp() * if *j < 2 { 0.3 } else { 1.0 };
            out[(*i, *j)] += plan.displacement * near * rng.normal();
        }
    }
    out
}

/// Asks for `targets` given `known`.
pub(super) fn ask(
    exam: usize,
    halves: &Halves,
    plan: &Plan,
    known: &[usize],
    targets: &[usize],
) -> Vec<TrainingExample> {
    let montages: Vec<&'static Montage> = known.iter().filter_map(|it| numbered(*it)).collect();
    let directions: Vec<[f64; 3]> = montages.iter().map(|it| it.view().unit()).collect();
    let statistics = halves.statistics.pick(known);
    let n = known.len();
    let of_known = |it: &Mat<f64>| Mat::from_fn(n, n, |i, j| it[(known[i], known[j])]);
    let waves = halves.waves.each_ref().map(of_known);
    let Ok(model) = Model::of(plan.weights, montages, &waves) else {
        return Vec::new();
    };
    let context = PatientContext::new(directions, statistics);
    let of_target = |target: &usize| {
        let place = Target::Lead(numbered(*target)?);
        let prior = model.bare(&place);
        let (query, spread) = (place.view().unit(), prior.spread.as_ref());
        let features = Features::new(&context, query, &prior.weights, spread);
        if !features.is_finite() {
            return None;
        }
        example((exam, halves), *target, known, prior, features)
    };
    targets.iter().filter_map(of_target).collect()
}

fn example(
    (exam, halves): (usize, &Halves),
    target: usize,
    known: &[usize],
    prior: Estimate,
    features: Features,
) -> Option<TrainingExample> {
    let (n, power) = (known.len(), halves.powers[target]);
    let mut all = Mat::<f64>::zeros(n, n);
    // Error of the prior's mix, as seen by each recorded lead.
    let (mut missed, mut base) = (Col::<f64>::zeros(n), power);
    for (moments, departure) in halves.moments.iter().zip(&prior.departures) {
        let among = Mat::from_fn(n, n, |i, j| moments[(known[i], known[j])]);
        let side = Col::<f64>::from_fn(n, |i| moments[(target, known[i])]);
        let mix = Col::<f64>::from_fn(n, |i| prior.weights[i] + departure[i]);
        let own = &among * &mix - &side;
        base += mix.transpose() * (&own - &side);
        missed += own;
        all += among;
    }
    let turn = &features.answer_to_weights;
    let slope = turn.transpose() * &missed * Scale(1.0 / power);
    let curvature = turn.transpose() * &all * turn * Scale(1.0 / power);
    let sound = 1e-7 < power && base.is_finite();
    sound.then(|| TrainingExample {
        exam,
        half: halves.half,
        target,
        basis_leads: known.to_vec(),
        base: (base / power).max(1e-9),
        slope: slope.iter().copied().collect(),
        curvature,
        power,
        prior: prior.weights,
        departures: prior.departures,
        displacement: halves.displacement.clone(),
        features,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Ten seconds of beats with some wander in the eight leads.
    pub(crate) fn exam() -> Exam {
        let lead = |k: usize| -> Vec<f32> {
            let of = |t: usize| {
                let beat = ((t % 100) as f32 - 30.0) / 4.0;
                (-beat * beat).exp() * (1.0 + 0.3 * k as f32)
                    + 0.2 * (t as f32 * 0.06 + k as f32).sin()
            };
            (0..1250).map(of).collect()
        };
        Exam {
            source: "ptbxl".into(),
            split: crate::training::exams::Split::Train,
            leads_mv: (0..8).map(lead).collect(),
            range_mv: 2.0,
        }
    }

    #[test]
    fn the_quadratic_form_is_the_error_on_samples() {
        let exam = exam();
        let plan = Plan::shipped();
        let halves = halves(&exam, &plan, 0, None);
        let example = ask(0, &halves, &plan, &[0, 1, 4], &[3]).pop().unwrap();
        let answer = [0.1, -0.2, 0.05];
        let weights = example.corrected(&answer);
        let (last, phases) = (exam.half(1), exam.phases(&plan.leads));
        let n = last[0].len();
        let squares = (0..n).map(|t| {
            let found = |weights: &[f64]| -> f64 {
                let pairs = example.basis_leads.iter().zip(weights);
                pairs.map(|(lead, it)| it * f64::from(last[*lead][t])).sum()
            };
            // Between phases the form counts the errors of both, the trace blends them.
            let off = found(&weights) - f64::from(last[3][t]);
            let by_phase = phases[n + t].iter().zip(&example.departures);
            by_phase
                .map(|(share, it)| share * (off + found(it)).powi(2))
                .sum::<f64>()
        });
        let expected = squares.sum::<f64>() / n as f64 / 4.0;
        let found = example.error(&answer);
        assert!((found / expected - 1.0).abs() < 1e-4, "{found} {expected}");
    }

    #[test]
    fn unseen_leads_are_nowhere() {
        let mut poisoned = exam();
        poisoned.leads_mv[3] = (0..1250).map(|t| ((t * 7919) % 101) as f32).collect();
        poisoned.leads_mv[7] = poisoned.leads_mv[3].clone();
        let examples = |it: Exam| build_examples(&[it], &Plan::unseen(), 1, |_| true);
        let (clean, poisoned) = (examples(exam()), examples(poisoned));
        assert!(!clean.is_empty() && clean.len() == poisoned.len());
        for (a, b) in clean.iter().zip(&poisoned) {
            assert!(
                !a.basis_leads.contains(&3)
                    && !a.basis_leads.contains(&7)
                    && a.target != 3
                    && a.target != 7
            );
            assert!(a.features == b.features && a.slope == b.slope && a.curvature == b.curvature);
        }
    }
}
