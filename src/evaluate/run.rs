//! Runs a protocol over exams, records in parallel.

use std::{borrow::Cow, collections::BTreeMap};

use faer::{Mat, Scale};
use rayon::prelude::*;

use super::{
    EvaluateError, LabelledExam, Method, Noise, Protocol, Report, Task, disease,
    method::{Aids, METHODS, Parts, Population, estimate, scored_range},
    moments,
    offset::Tables,
    score::{RecordScores, Results, Score, Spread},
    virtual_exams,
};
use crate::{
    ecg::{LeadName, LeadSet, LimbElectrodes},
    signal::{FilterSettings, metrics::ValueRange},
};

/// One exam's scores by method, or why there are none.
type Scored = Result<BTreeMap<&'static str, RecordScores>, String>;

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
    /// Where the limb electrodes of the exams sat; the model is told.
    pub limbs: LimbElectrodes,
}

impl Evaluation {
    /// Scores `exams`. The population's linear map is fitted on `population`, or, if that is empty,
    /// on the other exams. The report is for a 0.5 Hz high-pass; the unfiltered one is inside.
    pub fn run(
        &self,
        exams: &[LabelledExam],
        population: &[LabelledExam],
    ) -> Result<Report, EvaluateError> {
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
        let (high_pass, none) = (FilterSettings::high_pass(0.5), FilterSettings::default());
        let mut report = self.one(exams, population, &high_pass, Gain::of(self.protocol))?;
        let raw = self.one(exams, population, &none, Gain::of(self.protocol))?;
        report.raw = Some(Box::new(raw));
        if self.protocol == Protocol::Frank {
            let as_it_is = self.one(exams, population, &high_pass, Gain::AsItIs)?;
            report.without_gain = Some(Box::new(as_it_is));
        }
        Ok(report)
    }

    fn one(
        &self,
        exams: &[LabelledExam],
        population: &[LabelledExam],
        filter: &FilterSettings,
        gain: Gain,
    ) -> Result<Report, EvaluateError> {
        let extra = self.extra();
        let tasks = self.protocol.tasks(&extra);
        let names: Vec<LeadName> = LeadName::EIGHT.into_iter().chain(extra).collect();
        let scored: Vec<LeadSet> = exams.par_iter().map(|it| filter.apply(&it.leads)).collect();
        let noisy: Option<Vec<LeadSet>> = self.noise.map(|noise| {
            let recorded = exams.par_iter();
            recorded
                .map(|it| filter.apply(&noise.on(&it.leads)))
                .collect()
        });
        let leave_out = population.is_empty();
        let others = match leave_out {
            true => Pool::of(scored.par_iter().map(Cow::Borrowed), &names),
            false => {
                let others = population.par_iter();
                Pool::of(others.map(|it| Cow::Owned(filter.apply(&it.leads))), &names)
            }
        };
        let tables = tasks
            .first()
            .filter(|_| self.protocol == Protocol::Offset)
            .and_then(Tables::new);
        let one = |(idx, leads): (usize, &LeadSet)| {
            let population = others.mean(&names, leave_out.then_some(idx));
            let aids = Aids {
                population: population.as_ref(),
                tables: tables.as_ref(),
                limbs: self.limbs,
            };
            let recorded = noisy.as_ref().map_or(leads, |it| &it[idx]);
            self.exam((leads, recorded), &tasks, aids, gain)
                .map_err(|it| format!("{}: {it}", exams[idx].name))
        };
        let done: Vec<Scored> = scored.par_iter().enumerate().map(one).collect();
        let report = Report {
            protocol: self.protocol.name(),
            filter: filter.label(),
            noise: self.noise.map(Noise::words),
            n_records: 0,
            n_population: others.len() - usize::from(leave_out),
            methods: BTreeMap::new(),
            diseases: by_group(exams, &done, |exam| disease::groups(&exam.labels)),
            sources: by_group(exams, &done, |exam| {
                (!exam.source.is_empty()).then(|| exam.source.clone())
            }),
            skipped: Vec::new(),
            raw: None,
            without_gain: None,
        };
        self.gathered(report, done)
    }

    /// The report with the results of every method.
    fn gathered(&self, report: Report, done: Vec<Scored>) -> Result<Report, EvaluateError> {
        let (mut by_method, mut skipped) = (BTreeMap::<_, Vec<RecordScores>>::new(), Vec::new());
        let mut n_records = 0;
        for exam in done {
            match exam {
                Ok(scores) => {
                    n_records += 1;
                    for (key, scores) in scores {
                        by_method.entry(key).or_default().push(scores);
                    }
                }
                Err(why) => skipped.push(why),
            }
        }
        if n_records == 0 {
            let why = skipped.first().map_or("no exam given", String::as_str);
            return Err(EvaluateError::Nothing(format!(
                "{}: no exam could be scored ({why})",
                self.protocol.name()
            )));
        }
        let group = |name: &LeadName| match self.protocol {
            Protocol::Phantom => virtual_exams::group(name),
            _ => None,
        };
        let results = by_method.into_iter().map(|(key, scores)| {
            let exact = self.protocol.exact_leads();
            (key, Results::of(&scores, group).counting(&scores, exact))
        });
        Ok(Report {
            n_records,
            methods: results.collect(),
            skipped,
            ..report
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
        gain: Gain,
    ) -> Scored {
        let range = scored_range(leads).ok_or("no signal")?;
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
                        let estimate = match gain {
                            Gain::Fitted => with_gain(&truth.samples_mv, estimate),
                            Gain::AsItIs => estimate.to_vec(),
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
        use Method::{
            FieldDrawn, FieldPrior, InverseDower, Kors, Model, Nearest, ShiftSearch, Shifted,
        };
        let fits = |it: &Method| match self.protocol {
            Protocol::Offset => !matches!(
                it,
                Model | FieldPrior | FieldDrawn | Nearest | Kors | InverseDower
            ),
            Protocol::Frank => !matches!(it, Nearest | Shifted(_) | ShiftSearch(_)),
            Protocol::Phantom => !matches!(it, Kors | InverseDower | Shifted(_) | ShiftSearch(_)),
            _ => !matches!(
                it,
                Kors | InverseDower | Nearest | Shifted(_) | ShiftSearch(_)
            ),
        };
        METHODS
            .into_iter()
            .filter(fits)
            .filter(|it| self.methods.is_empty() || self.methods.contains(it))
            .collect()
    }
}

/// Whether an estimate may be scaled to the truth before it is scored: Frank's leads have a scale of
/// their own.
#[derive(Clone, Copy, PartialEq)]
enum Gain {
    AsItIs,
    Fitted,
}

impl Gain {
    fn of(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Frank => Self::Fitted,
            _ => Self::AsItIs,
        }
    }
}

/// Mean PSNR by group of exams and method; groups of fewer exams than three say nothing.
fn by_group<K: Ord, G: IntoIterator<Item = K>>(
    exams: &[LabelledExam],
    done: &[Scored],
    groups: impl Fn(&LabelledExam) -> G,
) -> BTreeMap<K, BTreeMap<&'static str, Spread>> {
    const FEWEST: usize = 3;
    let mut values: BTreeMap<K, BTreeMap<_, Vec<f64>>> = BTreeMap::new();
    for (exam, scores) in exams.iter().zip(done) {
        for group in groups(exam) {
            let by_method = values.entry(group).or_default();
            for (method, of_leads) in scores.iter().flatten() {
                let mean = Spread::of(of_leads.iter().map(|it| it.1.psnr_db)).mean;
                by_method.entry(*method).or_default().extend(mean);
            }
        }
    }
    values.retain(|_, it| it.values().any(|it| FEWEST <= it.len()));
    let spreads = |by_method: BTreeMap<_, Vec<f64>>| {
        let each = by_method.into_iter();
        each.map(|(method, it)| (method, Spread::of(it))).collect()
    };
    let groups = values.into_iter();
    groups.map(|(group, it)| (group, spreads(it))).collect()
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

/// The estimate under the gain that fits the truth best.
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
    each: Vec<Option<Mat<f64>>>,
}

impl Pool {
    fn of<'a>(exams: impl ParallelIterator<Item = Cow<'a, LeadSet>>, names: &[LeadName]) -> Self {
        let one = |leads: Cow<LeadSet>| {
            let span = ValueRange::of(&leads)?.span_mv();
            Some(moments(&leads, names, true)? * Scale(1.0 / (span * span)))
        };
        Self {
            each: exams.map(one).collect(),
        }
    }

    fn len(&self) -> usize {
        self.each.iter().flatten().count()
    }

    fn mean(&self, names: &[LeadName], leave_out: Option<usize>) -> Option<Population> {
        let others = self.each.iter().enumerate();
        let others = others.filter(|(idx, _)| leave_out != Some(*idx));
        let (mut sum, mut n) = (Mat::zeros(names.len(), names.len()), 0usize);
        for own in others.filter_map(|(_, own)| own.as_ref()) {
            sum += own;
            n += 1;
        }
        (0 < n).then(|| Population {
            names: names.to_vec(),
            moments: sum * Scale(1.0 / n as f64),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{Lead, SampleRate};

    fn leads(gain: f32) -> LeadSet {
        let lead = |(k, name): (usize, LeadName)| {
            let sample = |t: usize| gain * (t as f32 * (0.02 + 0.01 * k as f32)).sin();
            Lead::measured(name, (0..1000).map(sample).collect::<Vec<f32>>())
        };
        let leads = LeadName::EIGHT.into_iter().enumerate().map(lead).collect();
        LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads).unwrap()
    }

    #[test]
    fn a_scale_of_their_own_is_forgiven_and_nothing_else() {
        let truth = [1.0, -2.0, 3.0];
        assert_eq!(with_gain(&truth, &[0.5, -1.0, 1.5]), truth);
        assert_eq!(with_gain(&truth, &[0.0; 3]), [0.0; 3]);
        let off = with_gain(&truth, &[2.0, 1.0, 0.0]);
        assert!(
            off.iter().all(|it| it.abs() < 1e-6),
            "nothing in common: {off:?}"
        );
    }

    #[test]
    fn a_patient_is_left_out_of_his_own_population_and_loudness_does_not_count() {
        let pool = |all: Vec<LeadSet>| {
            let all = all.into_par_iter().map(Cow::Owned);
            Pool::of(all, &LeadName::EIGHT)
        };
        let three = pool(vec![leads(1.0), leads(5.0), leads(0.2)]);
        let all = three.mean(&LeadName::EIGHT, None).unwrap();
        for idx in 0..3 {
            let others = three.mean(&LeadName::EIGHT, Some(idx)).unwrap();
            assert!((&others.moments - &all.moments).norm_max() < 1e-5);
        }
        assert_eq!(three.len(), 3);
        let alone = pool(vec![leads(1.0)]);
        assert!(alone.mean(&LeadName::EIGHT, Some(0)).is_none());
    }

    /// Nothing asked for, everything named.
    #[test]
    fn exams_that_lack_a_lead_are_named() {
        let evaluation = Evaluation {
            protocol: Protocol::App,
            methods: vec![Method::Zero],
            virtual_patients: 0,
            noise: None,
            limbs: LimbElectrodes::Standard,
        };
        let exam = |name: &str, leads: LeadSet| LabelledExam {
            name: name.into(),
            source: String::new(),
            patient: String::new(),
            split: String::new(),
            labels: "NORM".into(),
            leads,
        };
        let few = leads(1.0).leads()[..4].to_vec();
        let few = LeadSet::new(SampleRate::from_hz(500.0).unwrap(), few).unwrap();
        let exams = [exam("whole", leads(1.0)), exam("few", few.clone())];
        let report = evaluation.run(&exams, &[]).unwrap();
        assert_eq!((report.n_records, report.skipped.len()), (1, 1));
        assert!(report.skipped[0].starts_with("few: "));
        assert!(
            report.diseases.is_empty(),
            "one exam says nothing of a disease"
        );
        let nothing = evaluation.run(&[exam("few", few)], &[]);
        assert!(matches!(nothing, Err(EvaluateError::Nothing(_))));
    }
}
