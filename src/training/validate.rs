//! Scores on left-out exams at 125 Hz, from the same cases: P-app, P-reconstruct and P-unseen.

use std::collections::BTreeSet;

use burn::tensor::Device;

use super::{
    examples::{Plan, TrainingExample, ask, halves},
    exams::{Exam, Split},
    mix::Packed,
    residual::{Mixed, Signals, residual_db},
    virtual_exams::numbered,
};
use crate::geovt::{MixEnsemble, ResidualEnsemble, ResidualQuery};

/// Mean PSNR of one protocol, per target and over them.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Table {
    /// Name of the protocol.
    pub protocol: String,
    /// What each column is.
    pub columns: Vec<String>,
    /// Target and its figures, dB, in the order of the columns.
    pub rows: Vec<(String, Vec<f64>)>,
}

impl Table {
    /// From the target and figures of every case.
    pub fn new(protocol: &str, columns: &[&str], figures: &[(usize, Vec<f64>)]) -> Self {
        let mut rows = Vec::new();
        let targets: BTreeSet<usize> = figures.iter().map(|it| it.0).collect();
        for (target, place) in targets
            .into_iter()
            .filter_map(|it| Some((it, numbered(it)?)))
        {
            let own: Vec<&Vec<f64>> = figures
                .iter()
                .filter(|it| it.0 == target)
                .map(|it| &it.1)
                .collect();
            let mean =
                |column: usize| own.iter().map(|it| it[column]).sum::<f64>() / own.len() as f64;
            rows.push((
                place.name.to_string(),
                (0..columns.len()).map(mean).collect(),
            ));
        }
        Self {
            protocol: protocol.into(),
            columns: columns.iter().map(|it| (*it).into()).collect(),
            rows,
        }
    }

    /// Mean over targets of a column; a negative number counts from the last.
    pub fn mean(&self, column: isize) -> f64 {
        let at = column.rem_euclid(self.columns.len().max(1) as isize) as usize;
        self.rows.iter().map(|it| it.1[at]).sum::<f64>() / self.rows.len().max(1) as f64
    }

    /// One line per protocol, for the log.
    pub fn line(&self) -> String {
        let column = |(at, name): (usize, &String)| format!("{name} {:.2}", self.mean(at as isize));
        format!(
            "{}: {}",
            self.protocol,
            self.columns
                .iter()
                .enumerate()
                .map(column)
                .collect::<Vec<_>>()
                .join(", ")
        )
    }
}

/// Answers of a network to cases.
pub(super) fn answers(
    network: &MixEnsemble,
    cases: &[TrainingExample],
    device: &Device,
) -> Vec<Vec<f64>> {
    let mut out = Vec::with_capacity(cases.len());
    for chunk in cases.chunks(256) {
        let packed = Packed::new(&chunk.iter().collect::<Vec<_>>(), device);
        let answer = network.forward(packed.features, packed.edges, packed.present);
        let values: Vec<f32> = answer.into_data().try_to_vec().unwrap_or_default();
        for (case, row) in chunk.iter().zip(values.chunks_exact(super::mix::SLOTS)) {
            out.push(
                row[..case.known.len()]
                    .iter()
                    .map(|it| f64::from(*it))
                    .collect(),
            );
        }
    }
    out
}

/// Mean over cases of the PSNR of given answers.
pub(super) fn mean_db(cases: &[TrainingExample], answers: &[Vec<f64>]) -> f64 {
    let total: f64 = cases
        .iter()
        .zip(answers)
        .map(|(case, answer)| -10.0 * case.error(answer).log10())
        .sum();
    total / cases.len().max(1) as f64
}

/// Cases with the mix that a network makes of them; without one, with the prior's.
pub(super) fn mixed<'a>(
    cases: &'a [TrainingExample],
    network: Option<&MixEnsemble>,
) -> Vec<Mixed<'a>> {
    let silent = || cases.iter().map(|it| vec![0.0; it.known.len()]).collect();
    let found = network.map_or_else(silent, |it| answers(it, cases, &Device::flex()));
    let mix = |(case, answer): (&'a TrainingExample, Vec<f64>)| {
        let correction = case.evidence.weights(&answer);
        let weights = case
            .prior
            .iter()
            .zip(correction)
            .map(|(a, b)| a + b)
            .collect();
        Mixed {
            case,
            question: ResidualQuery {
                evidence: case.evidence.clone(),
                weights,
                gate: 1.0,
            },
        }
    };
    cases.iter().zip(found).map(mix).collect()
}

/// Cases of a protocol for exams of a split and `source`: recorded leads and the lead to find, per
/// question.
pub fn protocol_cases(
    exams: &[Exam],
    plan: &Plan,
    (split, source): (Split, &str),
    questions: &[AskedFor],
) -> Vec<TrainingExample> {
    use rayon::prelude::*;
    let picked: Vec<usize> = (0..exams.len())
        .filter(|it| exams[*it].split == split && exams[*it].source.starts_with(source))
        .collect();
    let of_exam = |exam: usize| {
        let halves = halves(&exams[exam], plan, 0, None);
        questions
            .iter()
            .flat_map(|(known, target)| ask(exam, &halves, plan, known, &[*target]))
            .collect::<Vec<TrainingExample>>()
    };
    picked.into_par_iter().flat_map_iter(of_exam).collect()
}

/// Recorded leads and the lead to find, by index.
pub type AskedFor = (Vec<usize>, usize);

/// Questions of P-app (every other lead of `leads` given) and of P-reconstruct (I, II, V3 given).
pub fn questions(leads: &[usize]) -> (Vec<AskedFor>, Vec<AskedFor>) {
    let chest = || leads.iter().copied().filter(|it| 2 <= *it);
    let app = chest()
        .map(|target| {
            (
                leads.iter().copied().filter(|it| *it != target).collect(),
                target,
            )
        })
        .collect();
    let few = chest()
        .filter(|it| *it != 4)
        .map(|target| (vec![0, 1, 4], target))
        .collect();
    (app, few)
}

/// Table of a protocol from its cases: the prior alone, then a network's answers at full weight.
pub fn validate(protocol: &str, cases: &[TrainingExample], answers: &[Vec<f64>]) -> Table {
    let db = |it: f64| -10.0 * it.log10();
    let figures = |(case, answer): (&TrainingExample, &Vec<f64>)| {
        (
            case.target,
            vec![
                db(case.error(&vec![0.0; answer.len()])),
                db(case.error(answer)),
            ],
        )
    };
    let all: Vec<_> = cases.iter().zip(answers).map(figures).collect();
    Table::new(protocol, &["prior alone", "corrected mix"], &all)
}

/// Table of a protocol: the prior alone, its corrected mix, and the residual on top.
pub fn validate_whole(
    protocol: &str,
    signals: &Signals,
    cases: &[TrainingExample],
    mix: Option<&MixEnsemble>,
    residual: Option<&ResidualEnsemble>,
) -> Table {
    let asked = mixed(cases, mix);
    let silent = ResidualEnsemble::new(Vec::new());
    let with = residual_db(residual.unwrap_or(&silent), signals, &asked);
    let figures = |(case, (mix, whole)): (&TrainingExample, (f64, f64))| {
        let prior = -10.0 * case.error(&vec![0.0; case.known.len()]).log10();
        (case.target, vec![prior, mix, whole])
    };
    let all: Vec<_> = cases.iter().zip(with).map(figures).collect();
    Table::new(
        protocol,
        &["prior alone", "corrected mix", "with residual"],
        &all,
    )
}
