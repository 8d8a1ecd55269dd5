//! Scores on left-out exams at 125 Hz, from the same examples: P-app, P-reconstruct and P-unseen.

use std::collections::BTreeSet;

use burn::tensor::Device;

use super::{
    dense_views::numbered,
    examples::{Plan, SLOTS, TrainingExample, ask, halves},
    exams::{Exam, Split},
    residual::residual_db,
    signals::{MixedExample, Signals},
};
use crate::geovt::{Ensemble, LeadGraph, MixNetwork, ResidualNetwork, ResidualQuery};

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
    /// From the target and figures of every example.
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

/// Answers of a network to examples.
pub(super) fn answers(
    network: &Ensemble<MixNetwork>,
    examples: &[TrainingExample],
    device: &Device,
) -> Vec<Vec<f64>> {
    let mut out = Vec::with_capacity(examples.len());
    for chunk in examples.chunks(256) {
        let features: Vec<_> = chunk.iter().map(|it| &it.features).collect();
        let answer = network.forward(&LeadGraph::new(&features, SLOTS, device));
        let values: Vec<f32> = answer.into_data().try_to_vec().unwrap_or_default();
        for (example, row) in chunk.iter().zip(values.chunks_exact(SLOTS)) {
            let own = &row[..example.basis_leads.len()];
            out.push(own.iter().copied().map(f64::from).collect());
        }
    }
    out
}

/// The prior's answers: none.
fn silent(examples: &[TrainingExample]) -> Vec<Vec<f64>> {
    let none = |it: &TrainingExample| vec![0.0; it.basis_leads.len()];
    examples.iter().map(none).collect()
}

/// PSNR of each answer, dB.
fn db(examples: &[TrainingExample], answers: &[Vec<f64>]) -> Vec<f64> {
    let pairs = examples.iter().zip(answers);
    pairs
        .map(|(example, answer)| -10.0 * example.error(answer).log10())
        .collect()
}

/// Mean over examples of the PSNR of given answers.
pub(super) fn mean_db(examples: &[TrainingExample], answers: &[Vec<f64>]) -> f64 {
    db(examples, answers).iter().sum::<f64>() / examples.len().max(1) as f64
}

/// Examples with the mix that a network makes of them; without one, with the prior's.
pub(super) fn mixed<'a>(
    examples: &'a [TrainingExample],
    network: Option<&Ensemble<MixNetwork>>,
) -> Vec<MixedExample<'a>> {
    let found = network.map_or_else(
        || silent(examples),
        |it| answers(it, examples, &Device::flex()),
    );
    let mix = |(example, answer): (&'a TrainingExample, Vec<f64>)| MixedExample {
        example,
        query: ResidualQuery {
            features: example.features.clone(),
            weights: example.corrected(&answer),
            departures: example.departures.clone(),
            gate: 1.0,
        },
    };
    examples.iter().zip(found).map(mix).collect()
}

/// Examples of a protocol for exams of a split and `source`: recorded leads and the lead to find, per
/// question.
pub(super) fn protocol_examples(
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
pub(super) type AskedFor = (Vec<usize>, usize);

/// Questions of P-app (every other lead of `leads` given) and of P-reconstruct (I, II, V3 given).
pub(super) fn questions(leads: &[usize]) -> (Vec<AskedFor>, Vec<AskedFor>) {
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

/// Table of a protocol from its examples: the prior alone, then a network's answers at full weight.
pub(super) fn validate(
    protocol: &str,
    examples: &[TrainingExample],
    answers: &[Vec<f64>],
) -> Table {
    let pairs = db(examples, &silent(examples))
        .into_iter()
        .zip(db(examples, answers));
    let figures =
        |(example, (prior, mix)): (&TrainingExample, _)| (example.target, vec![prior, mix]);
    let all: Vec<_> = examples.iter().zip(pairs).map(figures).collect();
    Table::new(protocol, &["prior alone", "corrected mix"], &all)
}

/// Table of a protocol: the prior alone, its corrected mix, and the residual on top.
pub(super) fn validate_whole(
    protocol: &str,
    signals: &Signals,
    examples: &[TrainingExample],
    mix: Option<&Ensemble<MixNetwork>>,
    residual: Option<&Ensemble<ResidualNetwork>>,
) -> Table {
    let asked = mixed(examples, mix);
    let nobody = Ensemble::new(Vec::new());
    let with = residual_db(residual.unwrap_or(&nobody), signals, &asked);
    let prior = db(examples, &silent(examples));
    let figures = |((example, prior), (mix, whole)): ((&TrainingExample, f64), _)| {
        (example.target, vec![prior, mix, whole])
    };
    let all: Vec<_> = examples.iter().zip(prior).zip(with).map(figures).collect();
    Table::new(
        protocol,
        &["prior alone", "corrected mix", "with residual"],
        &all,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::examples::tests::exam;

    #[test]
    fn a_table_is_the_mean_by_target_then_over_targets() {
        let figures = [
            (3, vec![10.0, 20.0]),
            (3, vec![20.0, 30.0]),
            (7, vec![40.0, 50.0]),
        ];
        let table = Table::new("P", &["a", "b"], &figures);
        assert_eq!(table.rows[0], ("V2".into(), vec![15.0, 25.0]));
        assert_eq!((table.mean(0), table.mean(-1)), (27.5, 37.5));
        assert_eq!(table.line(), "P: a 27.50, b 37.50");
    }

    #[test]
    fn every_question_is_asked_of_every_exam() {
        let plan = Plan::shipped();
        let (app, few) = questions(&plan.leads);
        assert_eq!((app.len(), few.len()), (6, 5));
        assert!(
            app.iter()
                .all(|(known, target)| known.len() == 7 && !known.contains(target))
        );
        let exams = [exam(), exam()];
        let examples = protocol_examples(&exams, &plan, (Split::Train, "ptb"), &few);
        assert_eq!(examples.len(), 10);
        let none = protocol_examples(&exams, &plan, (Split::Valid, ""), &few);
        assert!(none.is_empty());
        let table = validate("P", &examples, &silent(&examples));
        assert!(table.rows.len() == 5 && table.mean(0) == table.mean(1));
    }
}
