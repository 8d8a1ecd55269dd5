//! Runs a protocol over exams, records in parallel.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{
    EvaluateError, Exam, Method, Noise, Protocol, Report, Task, disease,
    method::{Aids, METHODS, Parts, Population, estimate},
    moments,
    offset::Tables,
    report::{RecordScores, Results, Score, Spread},
    virtual_exams,
};
use crate::{
    ecg::{LeadName, LeadSet},
    signal::{FilterSettings, metrics::ValueRange},
};

/// What to run.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The protocol.
    pub protocol: Protocol,
    /// Which methods; all that apply if empty.
    pub methods: Vec<Method>,
    /// Virtual patients, for protocols that need them.
    pub virtual_patients: usize,
    /// Interference on what is recorded.
    pub noise: Option<Noise>,
}

impl Evaluation {
    /// Scores `exams`. The population's linear map is fitted on `population`, or, if that is empty,
    /// on the other exams. The report is for a 0.5 Hz high-pass; the unfiltered one is inside.
    pub fn run(&self, exams: &[Exam], population: &[Exam]) -> Result<Report, EvaluateError> {
        let virtually = self.protocol == Protocol::Phantom
            || exams.is_empty() && self.protocol != Protocol::Frank;
        let drawn = if virtually {
            virtual_exams::exams(self.virtual_patients)
        } else {
            Vec::new()
        };
        let (exams, population) = if drawn.is_empty() {
            (exams, population)
        } else {
            (drawn.as_slice(), [].as_slice())
        };
        let mut report = self.one(exams, population, &FilterSettings::high_pass(0.5))?;
        report.raw = Some(Box::new(self.one(
            exams,
            population,
            &FilterSettings::default(),
        )?));
        Ok(report)
    }

    fn one(
        &self,
        exams: &[Exam],
        population: &[Exam],
        filter: &FilterSettings,
    ) -> Result<Report, EvaluateError> {
        let extra = self.extra();
        let tasks = self.protocol.tasks(&extra);
        let names: Vec<LeadName> = LeadName::EIGHT.into_iter().chain(extra).collect();
        let filtered = |all: &[Exam]| -> Vec<LeadSet> {
            all.par_iter().map(|it| filter.apply(&it.leads)).collect()
        };
        let (scored, others) = (filtered(exams), filtered(population));
        let noisy: Option<Vec<LeadSet>> = self.noise.map(|it| {
            exams
                .par_iter()
                .map(|exam| filter.apply(&it.on(&exam.leads)))
                .collect()
        });
        let others = Pool::of(
            if population.is_empty() {
                &scored
            } else {
                &others
            },
            &names,
        );
        let leave_out = population.is_empty();
        let tables = tasks
            .first()
            .filter(|_| self.protocol == Protocol::Offset)
            .and_then(Tables::new);
        let one = |(idx, leads): (usize, &LeadSet)| {
            let population = others.mean(&names, leave_out.then_some(idx));
            let aids = Aids {
                population: population.as_ref(),
                tables: tables.as_ref(),
            };
            let recorded = noisy.as_ref().map_or(leads, |it| &it[idx]);
            self.exam((leads, recorded), &tasks, aids)
                .map_err(|it| format!("{}: {it}", exams[idx].name))
        };
        let done: Vec<Result<BTreeMap<&'static str, RecordScores>, String>> =
            scored.par_iter().enumerate().map(one).collect();
        let diseases = diseases(exams, &done);
        let (mut by_method, mut skipped, mut n_records): (BTreeMap<_, Vec<RecordScores>>, _, _) =
            (BTreeMap::new(), Vec::new(), 0);
        for exam in done {
            match exam {
                Ok(scores) => {
                    n_records += 1;
                    scores
                        .into_iter()
                        .for_each(|(key, it)| by_method.entry(key).or_default().push(it));
                }
                Err(why) => skipped.push(why),
            }
        }
        if n_records == 0 {
            let why = skipped
                .first()
                .cloned()
                .unwrap_or_else(|| "no exam given".into());
            return Err(EvaluateError::Nothing(format!(
                "{}: no exam could be scored ({why})",
                self.protocol.name()
            )));
        }
        let group = |name: &LeadName| {
            (self.protocol == Protocol::Phantom)
                .then(|| virtual_exams::group(name))
                .flatten()
        };
        Ok(Report {
            protocol: self.protocol.name(),
            filter: filter.label(),
            noise: self.noise.map(Noise::words),
            n_records,
            n_population: others.len() - usize::from(leave_out),
            methods: by_method
                .into_iter()
                .map(|(key, it)| (key, Results::of(&it, group)))
                .collect(),
            diseases,
            skipped,
            raw: None,
        })
    }

    fn extra(&self) -> Vec<LeadName> {
        match self.protocol {
            Protocol::Frank => LeadName::frank().to_vec(),
            Protocol::Phantom => virtual_exams::extra_leads()
                .into_iter()
                .map(|it| it.name)
                .collect(),
            _ => Vec::new(),
        }
    }

    /// All methods' scores of one exam; methods that do not apply are absent.
    fn exam(
        &self,
        (leads, recorded): (&LeadSet, &LeadSet),
        tasks: &[Task],
        aids: Aids,
    ) -> Result<BTreeMap<&'static str, RecordScores>, String> {
        let twelve = leads
            .leads()
            .iter()
            .filter(|it| it.name.is_standard())
            .flat_map(|it| it.samples_mv.iter().copied());
        let range = ValueRange::of_samples(twelve).ok_or("no signal")?;
        let mut out: BTreeMap<&'static str, RecordScores> = BTreeMap::new();
        for task in tasks {
            let parts = Parts::new(leads, recorded, task)
                .ok_or_else(|| format!("lacks one of the leads {}", in_words(task)))?;
            for method in self.applicable() {
                let estimates = match estimate(method, &parts, task, aids) {
                    Ok(found) => found,
                    Err(why) if method == Method::Model => return Err(why),
                    Err(_) => continue,
                };
                let scores = parts
                    .truth
                    .leads()
                    .iter()
                    .zip(&estimates)
                    .map(|(truth, estimate)| {
                        let fitted = self.protocol == Protocol::Frank;
                        let estimate = if fitted {
                            with_gain(&truth.samples_mv, estimate)
                        } else {
                            estimate.to_vec()
                        };
                        (
                            truth.name.clone(),
                            Score::of(&truth.samples_mv, &estimate, &range),
                        )
                    });
                out.entry(method.key()).or_default().extend(scores);
            }
        }
        Ok(out)
    }

    fn applicable(&self) -> Vec<Method> {
        use Method::{FieldDrawn, FieldPrior, InverseDower, Kors, Model, Nearest, Sought, Told};
        let fits = |it: &Method| match self.protocol {
            Protocol::Offset => !matches!(
                it,
                Model | FieldPrior | FieldDrawn | Nearest | Kors | InverseDower
            ),
            Protocol::Frank => !matches!(it, Nearest | Told(_) | Sought(_)),
            Protocol::Phantom => !matches!(it, Kors | InverseDower | Told(_) | Sought(_)),
            _ => !matches!(it, Kors | InverseDower | Nearest | Told(_) | Sought(_)),
        };
        METHODS
            .into_iter()
            .filter(fits)
            .filter(|it| self.methods.is_empty() || self.methods.contains(it))
            .collect()
    }
}

/// Mean PSNR by group of diseases and method; groups of fewer exams than three say nothing.
fn diseases(
    exams: &[Exam],
    done: &[Result<BTreeMap<&'static str, RecordScores>, String>],
) -> BTreeMap<&'static str, BTreeMap<&'static str, Spread>> {
    const FEWEST: usize = 3;
    let mut values: BTreeMap<&'static str, BTreeMap<&'static str, Vec<f64>>> = BTreeMap::new();
    for (exam, scores) in exams.iter().zip(done) {
        let Ok(scores) = scores else { continue };
        for group in disease::groups(&exam.labels) {
            for (method, of_leads) in scores {
                let mean = Spread::of(of_leads.iter().map(|it| it.1.psnr_db)).mean;
                values
                    .entry(group)
                    .or_default()
                    .entry(method)
                    .or_default()
                    .extend(mean);
            }
        }
    }
    values.retain(|_, it| it.values().any(|it| FEWEST <= it.len()));
    values
        .into_iter()
        .map(|(group, it)| {
            (
                group,
                it.into_iter()
                    .map(|(method, it)| (method, Spread::of(it)))
                    .collect(),
            )
        })
        .collect()
}

fn in_words(task: &Task) -> String {
    let names: Vec<String> = task
        .known
        .iter()
        .chain(&task.targets)
        .map(ToString::to_string)
        .collect();
    names.join(" ")
}

/// The estimate under the gain that fits the truth best: Frank's leads have a scale of their own.
fn with_gain(truth: &[f32], estimate: &[f32]) -> Vec<f32> {
    let product = |a: &[f32], b: &[f32]| {
        a.iter()
            .zip(b)
            .map(|(x, y)| f64::from(*x) * f64::from(*y))
            .filter(|it| it.is_finite())
            .sum::<f64>()
    };
    let gain = product(truth, estimate) / product(estimate, estimate).max(f64::MIN_POSITIVE);
    estimate
        .iter()
        .map(|it| (gain * f64::from(*it)) as f32)
        .collect()
}

/// Second moments of many exams, each scaled by its range.
struct Pool {
    each: Vec<Option<Vec<f64>>>,
}

impl Pool {
    fn of(exams: &[LeadSet], names: &[LeadName]) -> Self {
        let one = |leads: &LeadSet| {
            let span = ValueRange::of(leads)?.span_mv();
            Some(
                moments(leads, names, true)?
                    .into_iter()
                    .map(|it| it / span / span)
                    .collect(),
            )
        };
        Self {
            each: exams.par_iter().map(one).collect(),
        }
    }

    fn len(&self) -> usize {
        self.each.iter().flatten().count()
    }

    fn mean(&self, names: &[LeadName], leave_out: Option<usize>) -> Option<Population> {
        let mut sum = vec![0.0; names.len() * names.len()];
        let mut n = 0usize;
        for (idx, own) in self.each.iter().enumerate() {
            if let (Some(own), true) = (own, leave_out != Some(idx)) {
                sum.iter_mut().zip(own).for_each(|(it, value)| *it += value);
                n += 1;
            }
        }
        (0 < n).then(|| Population {
            names: names.to_vec(),
            moments: sum.into_iter().map(|it| it / n as f64).collect(),
        })
    }
}
