//! Takes out of a recording what says who was recorded, and says what it could not look into.

use std::sync::Arc;

use serde::Serialize;

use crate::ecg::{Lead, LeadName, LeadSet, Origin, Patient, Recording};

/// What was done: for the person who has to answer for the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Deidentification {
    /// What was in the recording and is no longer.
    pub removed: Vec<String>,
    /// What stays in.
    pub kept: Vec<String>,
    /// What no program can vouch for.
    pub unchecked: Vec<String>,
}

/// Ages above this are rare enough to point at a person.
const AGE_LIMIT: f64 = 89.0;

/// Removes name, identifier, birth date, start date and time, device, every comment and annotation,
/// names of signals that are no lead's, and ages over 89. Sex, age, filters and the signals stay.
pub fn deidentify(recording: &Recording) -> (Recording, Deidentification) {
    let mut log = Deidentification::default();
    let patient = &recording.patient;
    let mut remove = |was: bool, what: &str| {
        if was {
            log.removed.push(what.to_owned());
        }
    };
    remove(patient.name.is_some(), "patient name");
    remove(
        patient.id.is_some(),
        "patient identifier, with any free text in its field",
    );
    remove(patient.birth_date.is_some(), "birth date");
    let is_old = patient.age_years.is_some_and(|it| AGE_LIMIT < it);
    remove(is_old, "age over 89");
    remove(recording.start.is_some(), "start date and time");
    remove(recording.device.is_some(), "recording device");
    let (timed, remarks): (Vec<_>, Vec<_>) = recording.notes.iter().partition(|it| it.0.is_some());
    remove(!remarks.is_empty(), &format!("{} comments", remarks.len()));
    remove(!timed.is_empty(), &format!("{} annotations", timed.len()));
    let strange = |it: &Lead| !it.name.is_known();
    let n_strange = recording
        .leads
        .leads()
        .iter()
        .filter(|it| strange(it))
        .count();
    remove(
        0 < n_strange,
        &format!("names of {n_strange} signals that are no known leads"),
    );
    remove(
        true,
        "transducer, prefilter and reserved texts of the source file, as far as it had them",
    );

    let leads = recording
        .leads
        .leads()
        .iter()
        .enumerate()
        .map(|(idx, it)| anonymous(it, idx))
        .collect();
    let leads =
        LeadSet::new(recording.leads.rate(), leads).unwrap_or_else(|_| recording.leads.clone());
    let mut clean = Recording::from_leads(leads);
    clean.patient = Patient {
        sex: patient.sex,
        age_years: patient.age_years.filter(|_| !is_old),
        ..Patient::default()
    };
    clean.filters = recording.filters.clone();

    log.kept.extend(patient.sex.map(|_| "sex".to_owned()));
    log.kept
        .extend(clean.patient.age_years.map(|_| "age in years".to_owned()));
    log.kept
        .push("filters, rate, lead names and the signals".to_owned());
    log.unchecked = [
        "the signals themselves: an electrocardiogram can be matched with another of the same person",
        "the name of the output file and of its folder",
        "rare findings that the signals show",
    ]
    .map(str::to_owned)
    .to_vec();
    (clean, log)
}

/// Known leads keep their names; what estimated a lead is kept as a kind only.
fn anonymous(lead: &Lead, idx: usize) -> Lead {
    let known = |it: &LeadName| it.is_known();
    let name = if known(&lead.name) {
        lead.name.clone()
    } else {
        LeadName::Named(format!("signal {}", idx + 1).into())
    };
    let origin = match &lead.origin {
        Origin::Synthesised { view, .. } => Origin::Synthesised {
            view: *view,
            by: Arc::from("a model"),
        },
        Origin::Derived { from } => Origin::Derived {
            from: from.iter().filter(|it| known(it)).cloned().collect(),
        },
        Origin::Measured => Origin::Measured,
    };
    Lead {
        name,
        origin,
        samples_mv: lead.samples_mv.clone(),
    }
}
