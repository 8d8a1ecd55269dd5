//! Fits the error model on leads whose truth is known: chest leads of recordings withheld in turn,
//! and leads off the chest of virtual patients.
//!
//! The calibration sees the first five seconds; errors are taken from the last five, with the
//! network where it has a say. Of PTB-XL only those train patients count that the network was not
//! trained on, since its errors on the others flatter; of the other sources, which are small, all
//! train patients. Reported beside, and never fitted on: other train patients at 100 Hz, Frank's
//! leads, other virtual patients. The valid split is for `evaluate --protocol p-error` alone: what
//! is printed here has a say while the fit is made.

mod cases;
mod fit;
mod report;

use std::{collections::BTreeSet, path::Path};

use super::exams::Split;
use crate::{
    ecg::{LeadName, LeadSet},
    evaluate::{
        EvaluateError, LabelledExam, StatedError, TruthOfErrors, read_exams, truth_of_errors,
    },
    signal::FilterSettings,
    synth::FittedConstants,
};
use cases::{Source, frank, of_virtual_patients, withheld};

/// Seeds of virtual patients to fit on and to report on; training uses neither.
const SEEDS: [u64; 2] = [930_000, 940_000];

/// Sources of a few recordings each, taken together.
const SMALL: &str = "small sources";

/// What to fit on.
#[derive(Clone, Copy, Debug)]
pub struct ErrorModelSize {
    /// Recordings of each source at most.
    pub recordings: usize,
    /// Virtual patients of each condition.
    pub patients: usize,
}

/// Fits on `data`, the folder of `recorded`, `ptbxl_100hz` and `frank`, and says how true the errors
/// are that the constants state: on what was fitted, then on what was not.
pub fn fit_error_model(
    data: &Path,
    size: ErrorModelSize,
) -> Result<(FittedConstants, Vec<TruthOfErrors>), EvaluateError> {
    let (recorded, _) = read_exams(&[data.join("recorded")])?;
    let (slow, _) = read_exams(&[data.join("ptbxl_100hz/leads8_100hz_uv_0.npy.gz")])?;
    let fitted = fitted_sources(&recorded, &slow, size);
    let errors = fit::fit(&fitted);
    let (with_frank, _) = read_exams(&[data.join("frank")])?;
    let held_out = held_out_sources(&slow, &with_frank, size);
    let stated = |source: &Source| report::stated(source, &errors);
    let of_fitted: Vec<StatedError> = fitted.iter().flat_map(stated).collect();
    let of_held_out: Vec<StatedError> = held_out.iter().flat_map(stated).collect();
    let held_out = truth_of_errors(&of_held_out);
    let inside: Vec<[f64; 4]> = held_out.iter().map(|it| it.inside).collect();
    let reports = truth_of_errors(&of_fitted).into_iter().chain(held_out);
    let mean = |wave: usize| inside.iter().map(|it| it[wave]).sum::<f64>() / inside.len() as f64;
    let coverage_by_wave: [f64; 4] = std::array::from_fn(|wave| rounded(mean(wave)));
    let met = of(&recorded, usize::MAX, |it| {
        it.split == "train" && !is_set_apart(it)
    });
    let high_pass = FilterSettings::high_pass(0.5);
    let met: Vec<LeadSet> = met.iter().map(|it| high_pass.apply(&it.leads)).collect();
    let names: Vec<String> = fitted
        .iter()
        .map(|it| format!("{} ({})", it.name, it.cases.len()))
        .collect();
    let constants = FittedConstants {
        made: format!("train fit-error-model on leads of: {}", names.join(", ")),
        errors,
        coverage: rounded(coverage_by_wave.iter().sum::<f64>() / 4.0),
        coverage_by_wave,
        population_mv2: population(&met),
    };
    Ok((constants, reports.collect()))
}

/// What an exam of another source than PTB-XL is counted with.
fn others(source: &str) -> Option<&str> {
    match source {
        "ningbo" | "cpsc2018" | "cpsc2018extra" => Some(source),
        _ => (!source.starts_with("ptbxl")).then_some(SMALL),
    }
}

fn fitted_sources(
    recorded: &[LabelledExam],
    slow: &[LabelledExam],
    size: ErrorModelSize,
) -> Vec<Source> {
    let high_pass = FilterSettings::high_pass(0.5);
    let is_train = |it: &LabelledExam| it.split == "train";
    let ptbxl = of(recorded, size.recordings, |it| {
        is_train(it) && is_set_apart(it) && it.source == "ptbxl"
    });
    let slow = slow_fitted(slow, size);
    let mut sources = vec![
        withheld("ptbxl", &ptbxl, &high_pass),
        withheld("ptbxl, raw", &ptbxl, &FilterSettings::default()),
        withheld("ptbxl at 100 Hz", &slow, &high_pass),
    ];
    sources.extend(of_virtual_patients(
        "virtual patients",
        SEEDS[0],
        size.patients,
    ));
    for name in ["ningbo", "cpsc2018", "cpsc2018extra", SMALL] {
        let exams = of(recorded, size.recordings, |it| {
            is_train(it) && others(&it.source) == Some(name)
        });
        sources.push(withheld(name, &exams, &high_pass));
    }
    sources
}

fn held_out_sources(
    slow: &[LabelledExam],
    with_frank: &[LabelledExam],
    size: ErrorModelSize,
) -> Vec<Source> {
    let fitted = slow_fitted(slow, size);
    let fitted: BTreeSet<&str> = fitted.iter().map(|it| it.patient.as_str()).collect();
    let others = of(slow, size.recordings, |it| {
        it.split == "train" && is_set_apart(it) && !fitted.contains(it.patient.as_str())
    });
    let patients = size.patients.div_ceil(2);
    let [named, views] = of_virtual_patients("other virtual patients", SEEDS[1], patients);
    let high_pass = FilterSettings::high_pass(0.5);
    let raw = FilterSettings::default();
    vec![
        withheld("others at 100 Hz", &others, &high_pass),
        withheld("others at 100 Hz, raw", &others, &raw),
        frank("frank", with_frank),
        named,
        views,
    ]
}

fn slow_fitted(slow: &[LabelledExam], size: ErrorModelSize) -> Vec<&LabelledExam> {
    let unmet = |it: &LabelledExam| it.split == "train" && is_set_apart(it);
    of(slow, size.recordings, unmet)
}

/// Whether the network was not trained on this patient.
fn is_set_apart(exam: &LabelledExam) -> bool {
    Split::of_patient(&exam.patient) == Split::Dev
}

/// At most `most` of those chosen, spread over all of them.
fn of(
    exams: &[LabelledExam],
    most: usize,
    is_chosen: impl Fn(&LabelledExam) -> bool,
) -> Vec<&LabelledExam> {
    let chosen: Vec<&LabelledExam> = exams.iter().filter(|it| is_chosen(it)).collect();
    let stride = chosen.len().div_ceil(most.max(1)).max(1);
    chosen.into_iter().step_by(stride).collect()
}

fn rounded(it: f64) -> f64 {
    (1000.0 * it).round() / 1000.0
}

/// Mean covariance of the eight leads.
fn population(recordings: &[LeadSet]) -> Vec<f64> {
    let mut sum = vec![0.0; 64];
    for leads in recordings {
        let rows: Vec<&[f32]> = LeadName::EIGHT
            .iter()
            .filter_map(|it| leads.get(it))
            .map(|it| &*it.samples_mv)
            .collect();
        let mean = |i: usize, j: usize| {
            rows[i]
                .iter()
                .zip(rows[j])
                .map(|(a, b)| f64::from(*a) * f64::from(*b))
                .sum::<f64>()
                / rows[i].len() as f64
        };
        sum.iter_mut()
            .enumerate()
            .for_each(|(at, it)| *it += mean(at / 8, at % 8) / recordings.len() as f64);
    }
    sum
}
