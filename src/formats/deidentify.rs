//! Takes out of a recording what says who was recorded, and says what it could not look into.

use std::sync::Arc;

use serde::Serialize;

use super::{Exam, Gap, ImportReport, LeadReport, LeftOut};
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
/// names of signals that are no lead's, and ages over 89. Sex, age, filters and the signals stay,
/// and that a recording is simulated.
pub fn deidentify(recording: &Recording) -> (Recording, Deidentification) {
    let patient = &recording.patient;
    let is_old = patient.age_years.is_some_and(|it| AGE_LIMIT < it);
    let leads = recording.leads.leads().iter().enumerate();
    let leads = leads.map(|(at, lead)| anonymous(lead, at)).collect();
    let leads =
        LeadSet::new(recording.leads.rate(), leads).unwrap_or_else(|_| recording.leads.clone());
    let mut clean = Recording::from_leads(leads);
    clean.patient = Patient {
        sex: patient.sex,
        age_years: patient.age_years.filter(|_| !is_old),
        ..Patient::default()
    };
    clean.filters = recording.filters.clone();
    if recording.is_simulated() {
        clean.device = Some(Recording::SIMULATOR.to_owned());
        clean.notes = vec![(None, "SIMULATED, not a patient".to_owned())];
    }
    let log = Deidentification {
        removed: removed(recording, &clean),
        kept: kept(&clean),
        unchecked: UNCHECKED.map(str::to_owned).to_vec(),
    };
    (clean, log)
}

fn removed(recording: &Recording, clean: &Recording) -> Vec<String> {
    let patient = &recording.patient;
    let (timed, remarks): (Vec<_>, Vec<_>) = recording.notes.iter().partition(|it| it.0.is_some());
    let leads = recording.leads.leads().iter().zip(clean.leads.leads());
    let n_renamed = leads.filter(|(old, new)| old.name != new.name).count();
    let counted = |n: usize, what: &str| (0 < n, what.replace('N', &n.to_string()));
    let named = |was: bool, what: &str| (was, what.to_owned());
    let all = [
        named(patient.name.is_some(), "patient name"),
        named(
            patient.id.is_some(),
            "patient identifier, with any free text in its field",
        ),
        named(patient.birth_date.is_some(), "birth date"),
        named(patient.age_years != clean.patient.age_years, "age over 89"),
        named(recording.start.is_some(), "start date and time"),
        named(recording.study.is_some(), "study and order numbers"),
        named(recording.device != clean.device, "recording device"),
        counted(remarks.len(), "N comments"),
        counted(timed.len(), "N annotations"),
        counted(n_renamed, "names of N signals that are no known leads"),
        named(
            true,
            "transducer, prefilter and reserved texts of the source file, as far as it had them",
        ),
    ];
    all.into_iter().filter(|it| it.0).map(|it| it.1).collect()
}

fn kept(clean: &Recording) -> Vec<String> {
    let all = [
        (clean.patient.sex.is_some(), "sex"),
        (clean.patient.age_years.is_some(), "age in years"),
        (clean.is_simulated(), "that the recording is simulated"),
        (true, "filters, rate, lead names and the signals"),
    ];
    let kept = all.into_iter().filter(|it| it.0);
    kept.map(|it| it.1.to_owned()).collect()
}

const UNCHECKED: [&str; 3] = [
    "the signals themselves: an electrocardiogram can be matched with another of the same person",
    "the name of the output file and of its folder",
    "rare findings that the signals show",
];

/// What a known lead is called, and what the signal at place `at` is called that is none.
fn anonymous_name(name: &LeadName, at: usize) -> LeadName {
    if name.is_known() {
        name.clone()
    } else {
        LeadName::Named(format!("signal {}", at + 1).into())
    }
}

/// What estimated a lead is kept as a kind only.
fn anonymous(lead: &Lead, at: usize) -> Lead {
    let origin = match &lead.origin {
        Origin::Synthesised { view, .. } => Origin::Synthesised {
            view: *view,
            by: Arc::from("a model"),
        },
        Origin::Derived { from } => Origin::Derived {
            from: from.iter().filter(|it| it.is_known()).cloned().collect(),
        },
        Origin::Measured => Origin::Measured,
    };
    Lead {
        name: anonymous_name(&lead.name, at),
        origin,
        samples_mv: lead.samples_mv.clone(),
    }
}

impl ImportReport {
    /// The report of the recording that [`deidentify`] gives: leads under the names they have
    /// there, and no words of the file. Warnings may quote the file, so only their number stays.
    pub fn deidentified(&self) -> Self {
        let clean = |name: &LeadName| {
            let at = self.leads.iter().position(|it| it.name == *name);
            anonymous_name(name, at.unwrap_or(self.leads.len()))
        };
        let lead = |it: &LeadReport| LeadReport {
            name: clean(&it.name),
            found_as: clean(&it.name).to_string(),
            prefilter: String::new(),
            ..it.clone()
        };
        let gap = |it: &Gap| Gap {
            lead: it.lead.as_ref().map(clean),
            ..it.clone()
        };
        let left_out = |_: &LeftOut| LeftOut {
            name: "a signal".to_owned(),
            reason: "not read as a lead".to_owned(),
        };
        let exam = |it: &Exam| Exam {
            name: String::new(),
            start: None,
            ..it.clone()
        };
        let n = self.warnings.len();
        Self {
            file: String::new(),
            start: None,
            leads: self.leads.iter().map(lead).collect(),
            left_out: self.left_out.iter().map(left_out).collect(),
            gaps: self.gaps.iter().map(gap).collect(),
            notes: 0,
            device: None,
            exams: self.exams.iter().map(exam).collect(),
            warnings: (0 < n)
                .then(|| format!("{n} warnings of the reader, not shown: they may quote the file"))
                .into_iter()
                .collect(),
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::SampleRate;

    fn recording() -> Recording {
        let lead = |name: &str| Lead::measured(LeadName::parse(name), vec![0.0; 4]);
        let leads = vec![lead("II"), lead("PLANT"), lead("V7")];
        let mut out = Recording::from_leads(
            LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads).unwrap(),
        );
        out.patient.name = Some("PLANT".into());
        out.patient.age_years = Some(93.0);
        out.device = Some("PLANT".into());
        out.notes = vec![(None, "PLANT".into()), (Some(1.0), "PLANT".into())];
        out
    }

    #[test]
    fn nothing_of_the_person_stays_and_all_is_told() {
        let (clean, log) = deidentify(&recording());
        assert!(!format!("{clean:?}").contains("PLANT"));
        assert_eq!(clean.leads.leads()[1].name.to_string(), "signal 2");
        for expected in [
            "patient name",
            "age over 89",
            "recording device",
            "1 comments",
            "1 annotations",
            "names of 1 signals that are no known leads",
        ] {
            assert!(log.removed.iter().any(|it| it == expected), "{expected}");
        }
    }

    #[test]
    fn a_simulated_recording_still_says_so() {
        let mut simulated = recording();
        simulated.device = Some(Recording::SIMULATOR.into());
        let (clean, _) = deidentify(&simulated);
        assert!(clean.is_simulated() && clean.notes[0].1.starts_with("SIMULATED"));
        assert!(!format!("{clean:?}").contains("PLANT"));
    }

    #[test]
    fn a_report_goes_by_the_same_names() {
        let lead = |name: &str| LeadReport {
            name: LeadName::parse(name),
            found_as: "PLANT".into(),
            prefilter: "PLANT".into(),
            origin: "measured",
            unit: "mV".into(),
            step_uv: None,
            min_mv: None,
            max_mv: None,
            mean_mv: None,
            missing_samples: 0,
            clipped_samples: 0,
            flat_s: Some(3.0),
        };
        let report = ImportReport {
            file: "PLANT.edf".into(),
            leads: vec![lead("II"), lead("PLANT")],
            left_out: vec![LeftOut {
                name: "PLANT".into(),
                reason: "unit \"PLANT\" is no voltage".into(),
            }],
            gaps: vec![Gap {
                lead: Some(LeadName::parse("PLANT")),
                start_s: 0.0,
                seconds: 1.0,
            }],
            warnings: vec!["two signals are called PLANT".into()],
            ..ImportReport::default()
        };
        let clean = report.deidentified();
        assert!(!format!("{clean:?}").contains("PLANT"));
        assert_eq!(clean.leads[1].name, clean.gaps[0].lead.clone().unwrap());
        assert_eq!(clean.leads[1].name.to_string(), "signal 2");
    }
}
