//! How many leads are recorded, and how many more are shown in the first seconds: virtual patients,
//! as in the paper's Table 3.

use rayon::prelude::*;
use serde::Serialize;

use super::{
    LabelledExam, Method, Task,
    method::{Aids, Parts, estimate, scored_range, view},
    virtual_exams,
};
use crate::{
    ecg::LeadName,
    signal::{FilterSettings, metrics},
};

/// Leads recorded throughout, as published.
const INPUTS: [&[&str]; 3] = [
    &["I", "II", "view-18"],
    &["I", "II", "view-18", "view-24", "view-31"],
    &[
        "I", "II", "view-18", "view-24", "view-31", "view-37", "view-40",
    ],
];
/// Views shown in the first seconds only.
const SUPERVISED: [usize; 4] = [3, 6, 9, 12];

/// One cell of the table: PSNR in dB, mean over views and patients, of the field prior's posterior
/// and of 0 mV.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ViewsRow {
    /// Leads recorded throughout.
    pub inputs: Vec<String>,
    /// Views shown in the first seconds.
    pub supervised: usize,
    /// Those views in the last seconds: ours, 0 mV.
    pub reconstructed_db: (f64, f64),
    /// Views that were never shown: ours, 0 mV.
    pub synthesised_db: (f64, f64),
}

/// The whole table over `n` virtual patients.
pub fn views_table(n: usize) -> Vec<ViewsRow> {
    let exams = virtual_exams::exams(n);
    let steady: Vec<LabelledExam> = exams
        .into_par_iter()
        .map(|it| LabelledExam {
            leads: FilterSettings::high_pass(0.5).apply(&it.leads),
            ..it
        })
        .collect();
    INPUTS
        .iter()
        .flat_map(|inputs| SUPERVISED.map(|supervised| row(&steady, inputs, supervised)))
        .collect()
}

fn row(exams: &[LabelledExam], inputs: &[&str], supervised: usize) -> ViewsRow {
    let inputs: Vec<LeadName> = inputs.iter().map(|it| LeadName::parse(it)).collect();
    let order = spread_out(&inputs);
    let (shown, unseen) = order.split_at(supervised);
    let known: Vec<LeadName> = inputs.iter().chain(shown).cloned().collect();
    let of = |targets: &[LeadName]| {
        let task = Task {
            known: known.clone(),
            inputs: inputs.clone(),
            targets: targets.to_vec(),
        };
        let both = |method: Method| {
            let scores: Vec<f64> = exams
                .par_iter()
                .flat_map_iter(|it| scores(it, &task, method))
                .collect();
            scores.iter().sum::<f64>() / scores.len().max(1) as f64
        };
        (both(Method::FieldPrior), both(Method::Zero))
    };
    let words = inputs.iter().map(ToString::to_string).collect();
    ViewsRow {
        inputs: words,
        supervised,
        reconstructed_db: of(shown),
        synthesised_db: of(unseen),
    }
}

/// PSNR of each target of one exam.
fn scores(exam: &LabelledExam, task: &Task, method: Method) -> Vec<f64> {
    let Some(range) = scored_range(&exam.leads) else {
        return Vec::new();
    };
    let Some(parts) = Parts::new(&exam.leads, &exam.leads, task) else {
        return Vec::new();
    };
    let Ok(found) = estimate(method, &parts, task, Aids::default()) else {
        return Vec::new();
    };
    parts
        .truth
        .leads()
        .iter()
        .zip(found)
        .map(|(truth, it)| metrics::psnr_db(&truth.samples_mv, &it, &range))
        .collect()
}

/// The other positions of the panorama, each as far as possible from the inputs and from those
/// before it.
fn spread_out(inputs: &[LeadName]) -> Vec<LeadName> {
    let positions = virtual_exams::extra_leads()
        .into_iter()
        .map(|it| it.name)
        .filter(|it| it.to_string().starts_with("view-"));
    let mut left: Vec<LeadName> = positions.filter(|it| !inputs.contains(it)).collect();
    let mut taken: Vec<LeadName> = inputs.iter().skip(2).cloned().collect();
    let first = taken.len();
    while !left.is_empty() {
        let gap = |it: &LeadName| {
            let apart = taken
                .iter()
                .filter_map(|other| Some(view(other)?.angle_to(view(it)?)));
            apart.fold(f64::INFINITY, f64::min)
        };
        let at = (0..left.len())
            .max_by(|a, b| gap(&left[*a]).total_cmp(&gap(&left[*b])))
            .unwrap_or(0);
        taken.push(left.swap_remove(at));
    }
    taken.split_off(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_views_are_spread_and_more_of_them_help() {
        let inputs: Vec<LeadName> = INPUTS[0].iter().map(|it| LeadName::parse(it)).collect();
        let order = spread_out(&inputs);
        assert_eq!(order.len(), 38, "42 less the limbs' three and the input");
        let exams = virtual_exams::exams(2);
        let (few, many) = (row(&exams, INPUTS[0], 3), row(&exams, INPUTS[2], 12));
        assert!(
            few.synthesised_db.0 < many.synthesised_db.0
                && few.synthesised_db.1 + 3.0 < few.synthesised_db.0,
            "{few:?} {many:?}"
        );
    }
}
