//! Comments of a table: what they say of the recording, ours and others'.

use jiff::civil::DateTime;

use crate::{
    ecg::Sex,
    formats::{
        ReadOptions,
        contents::{Contents, Note},
    },
};

/// First line of every file.
pub(in crate::formats) const TITLE: &str =
    "electrocardiogram; columns in mV, empty cells were not recorded";

/// What stands before a remark that would otherwise be understood.
pub(super) const REMARK: &str = "note";

/// Whether a comment would be understood as something else than a remark.
pub(super) fn says_more_than_a_remark(comment: &str) -> bool {
    let mut about = About::default();
    about.take(comment);
    about.contents.notes != [comment]
}

/// What the comments say.
#[derive(Default)]
pub(super) struct About {
    pub contents: Contents,
    /// Written by us: column names are lead names and nothing else.
    pub is_ours: bool,
    pub rate_hz: Option<f64>,
    pub unit: String,
    pub origins: Vec<(String, String)>,
}

impl About {
    pub fn take_comments(&mut self, text: &str, options: &ReadOptions) {
        let comments = text
            .lines()
            .map(str::trim_start)
            .filter_map(|line| line.strip_prefix('#'));
        for comment in comments.take(options.limits.notes) {
            self.take(comment.trim());
        }
    }

    /// What the comments and the head say together.
    pub fn merged(&mut self, head: Contents) -> Contents {
        let mut contents = std::mem::take(&mut self.contents);
        contents.start = contents.start.or(head.start);
        contents.device = contents.device.or(head.device);
        if contents.patient.is_anonymous() {
            contents.patient = head.patient;
        }
        contents.notes.extend(head.notes);
        contents.warnings.extend(head.warnings);
        contents
    }

    /// `key: value`; anything else is a remark.
    fn take(&mut self, comment: &str) {
        if comment.is_empty() || comment == TITLE {
            self.is_ours |= !comment.is_empty();
            return;
        }
        let understood = comment
            .split_once(':')
            .is_some_and(|(key, value)| self.take_pair(key.trim(), value.trim()).is_some());
        if !understood {
            self.contents.notes.push(comment.to_owned());
        }
    }

    fn take_pair(&mut self, key: &str, value: &str) -> Option<()> {
        let number = || {
            value
                .parse()
                .ok()
                .filter(|it: &f64| it.is_finite() && 0.0 <= *it)
        };
        let text = || Some(value.to_owned()).filter(|it| !it.is_empty());
        let (patient, filters) = (&mut self.contents.patient, &mut self.contents.filters);
        match key.to_lowercase().as_str() {
            "rate_hz" | "sampling_rate" | "sampling rate" | "sample rate" | "fs" => {
                self.rate_hz = Some(number().filter(|it| 0.0 < *it)?)
            }
            REMARK => self.contents.notes.push(text()?),
            "unit" | "units" => self.unit = text()?,
            "start" => self.contents.start = Some(value.parse::<DateTime>().ok()?),
            "patient name" => patient.name = Some(text()?),
            "patient id" => patient.id = Some(text()?),
            "sex" => {
                patient.sex = Some(match value.to_lowercase().as_str() {
                    "female" | "f" => Sex::Female,
                    "male" | "m" => Sex::Male,
                    _ => return None,
                });
            }
            "birth date" => patient.birth_date = Some(value.parse().ok()?),
            "age" => patient.age_years = Some(number()?),
            "device" => self.contents.device = Some(text()?),
            "high-pass hz" => filters.high_pass_hz = Some(number()?),
            "low-pass hz" => filters.low_pass_hz = Some(number()?),
            "notch hz" => filters.notch_hz = Some(number()?),
            _ => return self.take_marked(key, value),
        }
        Some(())
    }

    /// `origin LABEL: …` and `at 1.5 s: …`.
    fn take_marked(&mut self, key: &str, value: &str) -> Option<()> {
        if let Some(label) = key.strip_prefix("origin ") {
            self.origins.push((label.to_owned(), value.to_owned()));
            return Some(());
        }
        let onset_s = key
            .strip_prefix("at ")?
            .strip_suffix(" s")?
            .parse()
            .ok()
            .filter(|it: &f64| it.is_finite())?;
        self.contents.timed_notes.push(Note {
            onset_s,
            duration_s: None,
            text: value.to_owned(),
        });
        Some(())
    }
}
