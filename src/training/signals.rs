//! The samples behind the examples of the residual path.

use std::ops::Range;

use rayon::prelude::*;

use super::{examples::TrainingExample, exams::Exam, random::Random};
use crate::geovt::{ContextSamples, ResidualQuery};

/// Share of instants drawn where the heart is active.
const ACTIVE: f64 = 0.6;

/// An example with the mix that the residual is added to.
#[derive(Clone, Debug)]
pub struct MixedExample<'a> {
    /// The example.
    pub example: &'a TrainingExample,
    /// Features and corrected mix, the gate open.
    pub query: ResidualQuery,
}

/// An instant drawn for training, and what it counts: one over how much likelier than others it was
/// drawn.
pub(super) type Drawn = (usize, f32);

/// The eight leads of the exams without baseline: what the network reads.
pub struct Signals<'a> {
    exams: &'a [Exam],
    samples: Vec<ContextSamples>,
    /// Sums over time of the square of all leads.
    activity: Vec<Vec<f64>>,
}

impl<'a> Signals<'a> {
    /// Of these exams, whose beats are seen in the `seen` of the eight leads.
    pub fn new(exams: &'a [Exam], seen: &[usize]) -> Self {
        let samples: Vec<ContextSamples> = exams
            .par_iter()
            .map(|exam| {
                let eight: Vec<&[f32]> = exam.leads_mv.iter().take(8).map(|it| &**it).collect();
                ContextSamples::new(&eight, exam.phases(seen))
            })
            .collect();
        Self {
            exams,
            activity: samples.iter().map(|it| activity(it.leads())).collect(),
            samples,
        }
    }

    /// An instant of the half that the prior did not see: some of them anywhere, [`ACTIVE`] of them
    /// where the heart is active, because that is where errors are.
    pub(super) fn draw(&self, it: &MixedExample, rng: &mut Random) -> Drawn {
        let (judged, sums) = (self.judged(it), &self.activity[it.example.exam]);
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

    /// The exam of an example.
    pub(super) fn exam(&self, it: &MixedExample) -> &Exam {
        &self.exams[it.example.exam]
    }

    /// Leads by number over some instants, as recorded or displaced, high-passed, mV.
    pub(super) fn leads(
        &self,
        it: &MixedExample,
        which: &[usize],
        range: Range<usize>,
    ) -> Vec<Vec<f32>> {
        let leads = &self.exam(it).leads_mv;
        let mixed = |lead: &usize| {
            let Some(displacement) = &it.example.displacement else {
                return leads[*lead][range.clone()].to_vec();
            };
            let mut out = vec![0f32; range.len()];
            for (from, share) in leads.iter().zip(displacement.row(*lead).iter()) {
                let pairs = out.iter_mut().zip(&from[range.clone()]);
                pairs.for_each(|(to, sample)| *to += *share as f32 * sample);
            }
            out
        };
        which.iter().map(mixed).collect()
    }

    /// Instants of the half that the prior did not see.
    pub(super) fn judged(&self, it: &MixedExample) -> Range<usize> {
        let length = self.exam(it).leads_mv[0].len();
        if it.example.half == 0 {
            length / 2..length
        } else {
            0..length / 2
        }
    }

    /// Length of the shortest judged half: exams differ by a sample at most.
    pub(super) fn shortest(&self, all: &[&MixedExample]) -> usize {
        let lengths = all.iter().map(|it| self.judged(it).len());
        lengths.min().unwrap_or(0)
    }

    /// Neighbours of an instant in each recorded lead, displaced where its electrodes were.
    pub(super) fn neighbours(&self, it: &MixedExample, at: usize, out: &mut [f32]) {
        const N_LAGS: usize = ContextSamples::N_LAGS;
        let (example, samples) = (it.example, &self.samples[it.example.exam]);
        let rows = example.basis_leads.iter().zip(out.chunks_exact_mut(N_LAGS));
        let Some(displacement) = &example.displacement else {
            rows.for_each(|(lead, to)| samples.neighbours(*lead, at, to));
            return;
        };
        let mut all = [[0f32; N_LAGS]; 8];
        all.iter_mut()
            .enumerate()
            .for_each(|(lead, to)| samples.neighbours(lead, at, to));
        for (lead, to) in rows {
            to.fill(0.0);
            for (share, from) in displacement.row(*lead).iter().zip(&all) {
                to.iter_mut()
                    .zip(from)
                    .for_each(|(to, sample)| *to += *share as f32 * sample);
            }
        }
    }

    /// What the mix makes of an instant and of its neighbours, whose leads are in `near`.
    pub(super) fn mixed(&self, it: &MixedExample, at: usize, near: &[f32], out: &mut [f32]) {
        const N_LAGS: usize = ContextSamples::N_LAGS;
        let samples = &self.samples[it.example.exam];
        for (lag, (to, at)) in out.iter_mut().zip(samples.around(at)).enumerate() {
            let value = |lead: usize| near[lead * N_LAGS + lag];
            *to = at.map_or(0.0, |at| it.query.mixed(value, &samples.phases()[at]));
        }
    }

    /// What the mix misses of the lead asked for at an instant, mV.
    pub(super) fn missing(&self, it: &MixedExample, at: usize) -> f64 {
        let (example, leads) = (it.example, &self.exam(it).leads_mv);
        let value = |lead: usize| match &example.displacement {
            None => f64::from(leads[lead][at]),
            Some(displacement) => {
                let pairs = displacement.row(lead).iter().zip(leads);
                pairs.map(|(share, lead)| share * f64::from(lead[at])).sum()
            }
        };
        let recorded: Vec<f64> = example.basis_leads.iter().map(|it| value(*it)).collect();
        let mixed = |weights: &[f64]| -> f64 {
            recorded
                .iter()
                .zip(weights)
                .map(|(lead, weight)| weight * lead)
                .sum()
        };
        let shares = self.samples[example.exam].phases()[at].iter();
        let departures = shares.zip(&example.departures);
        value(example.target)
            - mixed(&it.query.weights)
            - departures.map(|(share, it)| share * mixed(it)).sum::<f64>()
    }
}

/// Running sums of the square of all leads, from zero.
fn activity(leads: &[Vec<f32>]) -> Vec<f64> {
    let mut sums = vec![0.0];
    for at in 0..leads[0].len() {
        let power: f64 = leads.iter().map(|it| f64::from(it[at]).powi(2)).sum();
        sums.push(sums[at] + power);
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::{
        examples::{Plan, build_examples, tests::exam},
        validate::mixed,
    };

    const ALL: [usize; 8] = [0, 1, 2, 3, 4, 5, 6, 7];

    #[test]
    fn instants_are_drawn_where_the_heart_is_active_and_count_less_there() {
        let exams = [exam()];
        let examples = build_examples(&exams, &Plan::shipped(), 1, |_| true);
        let (asked, signals) = (mixed(&examples, None), Signals::new(&exams, &ALL));
        let (it, mut rng) = (&asked[0], Random::at(1, 1));
        let drawn: Vec<Drawn> = (0..20_000).map(|_| signals.draw(it, &mut rng)).collect();
        let judged = signals.judged(it);
        assert!(drawn.iter().all(|it| judged.contains(&it.0)));
        let mean = drawn.iter().map(|it| f64::from(it.1)).sum::<f64>() / drawn.len() as f64;
        assert!((mean - 1.0).abs() < 0.03, "{mean}");
        let near_beat = |it: &&Drawn| (it.0 % 100).abs_diff(30) < 6;
        let share = drawn.iter().filter(near_beat).count() as f64 / drawn.len() as f64;
        assert!(0.3 < share, "{share} where 0.11 would be even");
    }

    /// Whole leads and single instants tell of the same misplaced electrodes.
    #[test]
    fn displacement_is_one_everywhere() {
        let exams = [exam()];
        let examples = build_examples(&exams, &Plan::shipped(), 1, |_| true);
        let (asked, signals) = (mixed(&examples, None), Signals::new(&exams, &ALL));
        let moved = |it: &&MixedExample| it.example.displacement.is_some();
        let (it, phases) = (asked.iter().find(moved).unwrap(), exams[0].phases(&ALL));
        let range = signals.judged(it);
        let known = signals.leads(it, &it.example.basis_leads, range.clone());
        let target = &signals.leads(it, &[it.example.target], range.clone())[0];
        for at in [0, 100, 300] {
            let mix: f64 = known
                .iter()
                .enumerate()
                .map(|(idx, lead)| {
                    let shares = phases[range.start + at].iter().zip(&it.example.departures);
                    let by: f64 = shares.map(|(share, by)| share * by[idx]).sum();
                    (it.query.weights[idx] + by) * f64::from(lead[at])
                })
                .sum();
            let expected = f64::from(target[at]) - mix;
            assert!((signals.missing(it, range.start + at) - expected).abs() < 1e-5);
        }
    }
}
