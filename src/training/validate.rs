//! Scores of the lead-field path on left-out exams, from the same cases: P-app, P-reconstruct and P-unseen at 125 Hz.

use burn::tensor::Device;

use super::{
    Case, Exam, Plan,
    cases::{ask, halves},
    mix::Packed,
};
use crate::geovt::MixEnsemble;

/// Mean PSNR of one protocol, per target and over them.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Table {
    /// Name of the protocol.
    pub protocol: String,
    /// Target, prior alone, with the network: dB.
    pub rows: Vec<(String, f64, f64)>,
    /// Means of the rows: prior alone, with the network.
    pub mean: (f64, f64),
}

/// Answers of a network to cases.
pub(super) fn answers(network: &MixEnsemble, cases: &[Case], device: &Device) -> Vec<Vec<f64>> {
    let mut out = Vec::with_capacity(cases.len());
    for chunk in cases.chunks(256) {
        let packed = Packed::new(&chunk.iter().collect::<Vec<_>>(), device);
        let answer = network.forward(packed.features, packed.edges, packed.present);
        let values: Vec<f32> = answer.into_data().try_to_vec().unwrap_or_default();
        for (case, row) in chunk.iter().zip(values.chunks_exact(super::mix::SLOTS)) {
            out.push(row[..case.known.len()].iter().map(|it| f64::from(*it)).collect());
        }
    }
    out
}

/// Mean over cases of the PSNR of given answers.
pub(super) fn mean_db(cases: &[Case], answers: &[Vec<f64>]) -> f64 {
    let total: f64 = cases.iter().zip(answers).map(|(case, answer)| -10.0 * case.error(answer).log10()).sum();
    total / cases.len().max(1) as f64
}

/// Cases of a protocol for validation exams of `source`: recorded leads and the lead to find, per question.
pub fn protocol_cases(exams: &[Exam], plan: &Plan, source: &str, questions: &[Question]) -> Vec<Case> {
    use rayon::prelude::*;
    let picked: Vec<usize> = (0..exams.len()).filter(|it| exams[*it].valid && exams[*it].source.starts_with(source)).collect();
    let of_exam = |exam: usize| {
        let halves = halves(&exams[exam], plan, 0, None);
        questions.iter().flat_map(|(known, target)| ask(exam, &halves, plan, known, &[*target])).collect::<Vec<Case>>()
    };
    picked.into_par_iter().flat_map_iter(of_exam).collect()
}

/// Recorded leads and the lead to find, by index.
pub type Question = (Vec<usize>, usize);

/// Questions of P-app (every other lead of `leads` given) and of P-reconstruct (I, II, V3 given).
pub fn questions(leads: &[usize]) -> (Vec<Question>, Vec<Question>) {
    let chest = || leads.iter().copied().filter(|it| 2 <= *it);
    let app = chest().map(|target| (leads.iter().copied().filter(|it| *it != target).collect(), target)).collect();
    let few = chest().filter(|it| *it != 4).map(|target| (vec![0, 1, 4], target)).collect();
    (app, few)
}

/// Table of a protocol from its cases and a network's answers, each scaled by `gate` of its target.
pub fn validate(protocol: &str, cases: &[Case], answers: &[Vec<f64>], gate: &dyn Fn(usize) -> f64) -> Table {
    let mut rows = Vec::new();
    for target in 0..8 {
        let own: Vec<usize> = (0..cases.len()).filter(|it| cases[*it].target == target).collect();
        if own.is_empty() {
            continue;
        }
        let score = |gate: f64| {
            let of = |it: &usize| -10.0 * cases[*it].error(&answers[*it].iter().map(|z| gate * z).collect::<Vec<_>>()).log10();
            own.iter().map(of).sum::<f64>() / own.len() as f64
        };
        rows.push((crate::ecg::LeadName::EIGHT[target].to_string(), score(0.0), score(gate(target))));
    }
    let n = rows.len().max(1) as f64;
    let mean = (rows.iter().map(|it| it.1).sum::<f64>() / n, rows.iter().map(|it| it.2).sum::<f64>() / n);
    Table { protocol: protocol.into(), rows, mean }
}
