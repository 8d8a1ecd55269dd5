//! Displaced electrodes: how often one is told of people without a finding, and of virtual patients
//! whose electrodes all sit where they belong, and of virtual patients with one moved.

use std::{ops::ControlFlow, path::Path};

use rayon::prelude::*;

use super::{
    super::{EvaluateError, virtual_exams::ordinary_exam},
    data::{Record, records},
};
use crate::{
    ecg::{LeadName, LeadSet},
    signal::quality,
    synth::{CalibrationOptions, learn},
};

/// Virtual patients of every kind.
const PATIENTS: u64 = 60;
/// Where an electrode of V1 to V3 is put instead: one or two spaces up, or one down.
const MISPLACED: [(&str, &str); 4] = [
    ("V2", "V2@2ICS"),
    ("V2", "V2@5ICS"),
    ("V3", "V3@3ICS"),
    ("V1", "V1@2ICS"),
];

/// The table, over every `stride`-th record of the split whose only finding is a sinus rhythm.
pub(super) fn table(folder: &Path, split: &str, stride: usize) -> Result<String, EvaluateError> {
    let records = records(folder)?;
    let is_wanted = |it: &&Record| it.column("split") == split && it.has_label("NORM");
    let normals: Vec<&Record> = records
        .iter()
        .filter(is_wanted)
        .step_by(stride.max(1))
        .collect();
    let mut text = String::from("exams | n | electrode told displaced, % | the right one, %\n");
    let told_of: Vec<_> = normals.par_iter().map(|it| told(&it.leads)).collect();
    text += &line("real, normal", &told_of, None);
    let virtual_told = |misplaced: Option<(LeadName, LeadName)>| -> Vec<Vec<LeadName>> {
        let seeds = (0..PATIENTS).into_par_iter();
        let exams = seeds.filter_map(|seed| ordinary_exam(seed, misplaced.as_ref()));
        exams.map(|leads| told(&leads)).collect()
    };
    text += &line("virtual, placed right", &virtual_told(None), None);
    for (lead, place) in MISPLACED {
        let [name, really] = [lead, place].map(LeadName::parse);
        let told_of = virtual_told(Some((name.clone(), really)));
        text += &line(
            &format!("virtual, {lead} at {place}"),
            &told_of,
            Some(&name),
        );
    }
    Ok(text)
}

fn line(name: &str, told: &[Vec<LeadName>], right: Option<&LeadName>) -> String {
    let share = |of: &dyn Fn(&Vec<LeadName>) -> bool| {
        100.0 * told.iter().filter(|it| of(it)).count() as f64 / told.len().max(1) as f64
    };
    let any = share(&|it| !it.is_empty());
    let right = share(&|it| right.is_some_and(|lead| it.contains(lead)));
    format!("{name} | {} | {any:.1} | {right:.1}\n", told.len())
}

/// Leads whose electrode the program says to be displaced.
fn told(leads: &LeadSet) -> Vec<LeadName> {
    let options = CalibrationOptions::closed_form();
    let seek = true;
    let Ok(calibration) = learn(leads, &options, seek, &mut |_| ControlFlow::Continue(())) else {
        return Vec::new();
    };
    let quality = quality(leads);
    let moved = calibration.displaced(&quality.outstanding);
    moved.map(|offset| offset.lead.clone()).collect()
}
