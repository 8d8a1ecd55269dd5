//! Comments of text formats (headers of WFDB, tables): `key: value` for what has no field of its
//! own, anything else a remark. What is written here is read here.

use super::{
    contents::{Contents, Note},
    provenance,
};
use crate::ecg::{Lead, Origin, Recording, Sex};

/// What comments say.
#[derive(Default)]
pub(super) struct Comments {
    /// Patient, device, filters, remarks and annotations.
    pub contents: Contents,
    /// `LABEL: words` on where a lead comes from.
    origins: Vec<String>,
    /// What the file calls its leads. Words under a label that none of them has any more are those
    /// of the lead that it means.
    pub labels: Vec<String>,
}

/// Keys that mean something in a table alone.
pub(super) const RATE_KEYS: [&str; 5] = [
    "rate_hz",
    "sampling_rate",
    "sampling rate",
    "sample rate",
    "fs",
];
pub(super) const UNIT_KEYS: [&str; 2] = ["unit", "units"];
pub(super) const START_KEY: &str = "start";
/// What stands before a remark that would otherwise be understood as more.
const REMARK: &str = "note";
const ORIGIN: &str = "origin ";

impl Comments {
    /// Takes one comment in; what is not understood is a remark.
    pub fn take(&mut self, comment: &str) {
        let pair = comment.split_once(':');
        if pair.is_none_or(|(key, value)| self.take_pair(key.trim(), value.trim()).is_none()) {
            self.contents.notes.push(comment.to_owned());
        }
    }

    /// Keys as we write them, as the PhysioNet challenges (`Age`) and as PTB (`<age>`).
    fn take_pair(&mut self, key: &str, value: &str) -> Option<()> {
        let text = || Some(value.to_owned()).filter(|it| !it.is_empty());
        let number = || {
            value
                .parse()
                .ok()
                .filter(|it: &f64| it.is_finite() && 0.0 < *it)
        };
        let contents = &mut self.contents;
        let (patient, filters) = (&mut contents.patient, &mut contents.filters);
        match key.trim_matches(['<', '>']).to_lowercase().as_str() {
            REMARK => contents.notes.push(text()?),
            "patient name" => patient.name = Some(text()?),
            "patient id" => patient.id = Some(text()?),
            "sex" | "gender" => {
                patient.sex = Some(match value.to_lowercase().as_str() {
                    "f" | "female" => Sex::Female,
                    "m" | "male" => Sex::Male,
                    _ => return None,
                });
            }
            "birth date" => patient.birth_date = Some(value.parse().ok()?),
            "age" => {
                let years = value.parse().ok();
                patient.age_years = Some(years.filter(|it| (0.0..150.0).contains(it))?);
            }
            "device" => contents.device = Some(text()?),
            "high-pass hz" => filters.high_pass_hz = Some(number()?),
            "low-pass hz" => filters.low_pass_hz = Some(number()?),
            "notch hz" => filters.notch_hz = Some(number()?),
            other => match other
                .starts_with(ORIGIN)
                .then(|| key[ORIGIN.len()..].trim())
            {
                Some(label) => self.origins.push(format!("{label}: {value}")),
                None => contents.timed_notes.push(timed(key, value)?),
            },
        }
        Some(())
    }

    /// The name and the origin of the lead that the file calls `label`.
    pub fn lead(&self, label: &str) -> (String, Origin) {
        let told = |words: &&str| provenance::origin_of(label, words) != Origin::Measured;
        let origins = || self.origins.iter();
        let own = origins().filter_map(|it| it.strip_prefix(label)?.strip_prefix(": "));
        let meant = origins().filter_map(|it| {
            let (other, words) = it.split_once(": ")?;
            let is_free = self.labels.iter().all(|label| label != other);
            (is_free && provenance::is_same_lead(other, label)).then_some(words)
        });
        let words = own.chain(meant).find(told).unwrap_or_default();
        (
            provenance::name_of(label, words),
            provenance::origin_of(label, words),
        )
    }
}

/// `at 1.5 s: …`.
fn timed(key: &str, value: &str) -> Option<Note> {
    let onset = key.strip_prefix("at ")?.strip_suffix(" s")?.parse().ok();
    Some(Note {
        onset_s: onset.filter(|it: &f64| it.is_finite())?,
        duration_s: None,
        text: value.to_owned(),
    })
}

/// Where a lead that was not recorded comes from.
fn origin(lead: &Lead) -> Option<String> {
    let words = provenance::origin_text(lead);
    (!words.is_empty()).then(|| format!("{ORIGIN}{}: {words}", provenance::label(lead)))
}

/// The comments of a recording, a line each.
pub(super) fn of(recording: &Recording) -> Vec<String> {
    let (patient, filters) = (&recording.patient, &recording.filters);
    let text = |key: &str, value: Option<String>| value.map(|it| format!("{key}: {it}"));
    let hz = |key: &str, value: Option<f64>| text(key, value.map(|it| it.to_string()));
    let sex = patient.sex.map(|it| match it {
        Sex::Female => "Female".to_owned(),
        Sex::Male => "Male".to_owned(),
    });
    let facts = [
        text("Age", patient.age_years.map(|it| it.to_string())),
        text("Sex", sex),
        text("Patient name", patient.name.clone()),
        text("Patient ID", patient.id.clone()),
        text("Birth date", patient.birth_date.map(|it| it.to_string())),
        text("Device", recording.device.clone()),
        hz("High-pass Hz", filters.high_pass_hz),
        hz("Low-pass Hz", filters.low_pass_hz),
        hz("Notch Hz", filters.notch_hz),
    ];
    let origins = recording.leads.leads().iter().filter_map(origin);
    let notes = recording.notes.iter().map(|(onset, text)| match onset {
        Some(at) => format!("at {at} s: {text}"),
        None => remark(text),
    });
    let all = facts.into_iter().flatten().chain(origins).chain(notes);
    all.map(|it| provenance::one_line(&it)).collect()
}

/// A remark such as "Age: 99" is read back as no more than a remark.
fn remark(text: &str) -> String {
    let text = provenance::one_line(text);
    let mut read = Comments::default();
    read.take(&text);
    let key = text.split(':').next().unwrap_or_default().to_lowercase();
    let is_key = |it: &&str| *it == key.trim();
    let mut keys = RATE_KEYS.iter().chain(&UNIT_KEYS).chain([&START_KEY]);
    if read.contents.notes == [text.as_str()] && keys.all(|it| !is_key(it)) {
        text
    } else {
        format!("{REMARK}: {text}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{Filters, Lead, LeadName, LeadSet, Patient, SampleRate, ViewAngle};

    fn recording() -> Recording {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let leads = vec![Lead {
            name: LeadName::parse("V7"),
            origin: Origin::Synthesised {
                view: ViewAngle::from_degrees(96.0, 120.0).unwrap(),
                by: "a model".into(),
            },
            samples_mv: vec![0.0].into(),
        }];
        Recording::from_leads(LeadSet::new(rate, leads).unwrap())
    }

    fn read(lines: &[String]) -> Comments {
        let mut out = Comments::default();
        lines.iter().for_each(|it| out.take(it));
        out
    }

    #[test]
    fn what_is_written_is_read() {
        let wrote = Recording {
            patient: Patient {
                name: Some("O'Neill, Zoë".into()),
                id: Some("7: 8".into()),
                sex: Some(Sex::Female),
                birth_date: Some(jiff::civil::date(1950, 2, 3)),
                age_years: Some(70.0),
            },
            device: Some("ABC 12".into()),
            filters: Filters {
                high_pass_hz: Some(0.05),
                low_pass_hz: Some(150.0),
                notch_hz: Some(50.0),
            },
            ..recording()
        };
        let found = read(&of(&wrote));
        assert_eq!(found.contents.patient, wrote.patient);
        assert_eq!(found.contents.device, wrote.device);
        assert_eq!(found.contents.filters, wrote.filters);
        let (name, origin) = found.lead("dV7");
        assert!(name == "V7" && origin.is_synthesised());
        assert_eq!(found.lead("V1").1, Origin::Measured);
    }

    #[test]
    fn words_find_their_lead_under_another_label() {
        let said = "synthesised, not recorded; theta 96 phi 120 by a model";
        for comment in ["origin dV7", "Origin  v7 ", "ORIGIN dV7", "origin Lead V7"] {
            let mut found = read(&[format!("{comment}: {said}")]);
            found.labels = vec!["V1".into(), "V7".into()];
            assert!(found.lead("V7").1.is_synthesised(), "{comment}");
            assert_eq!(found.lead("V1").1, Origin::Measured, "{comment}");
        }
        // Where the labelled lead itself is there, the recorded one beside it stays recorded.
        let mut found = read(&[format!("origin dV7: {said}")]);
        found.labels = vec!["V7".into(), "dV7".into()];
        assert_eq!(found.lead("V7").1, Origin::Measured);
        assert!(found.lead("dV7").1.is_synthesised());
    }

    #[test]
    fn remarks_stay_remarks() {
        let remarks = [
            "Age: 99",
            "<sex>: male",
            "Patient name: X",
            "Low-pass Hz: 40",
            "origin V2: derived from I II",
            "at 3 s: beat",
            "note: again",
            "unit: uV",
            "FS: 250",
            "Start: 2020-01-01T00:00:00",
            "plain: words",
        ];
        let notes = remarks.map(|it| (None, it.to_owned())).to_vec();
        let found = read(&of(&Recording {
            notes,
            ..recording()
        }))
        .contents;
        assert_eq!(found.notes, remarks);
        assert!(found.patient.is_anonymous() && found.timed_notes.is_empty());
        assert_eq!(found.filters, Filters::default());
    }
}
