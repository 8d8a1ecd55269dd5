//! Comments of a table: what they say of the recording, ours and others'.

use jiff::civil::DateTime;

use super::formulas::armed;
use crate::formats::{
    ReadOptions,
    comments::{Comments, RATE_KEYS, START_KEY, UNIT_KEYS},
    contents::Contents,
};

/// First line of every file.
pub(in crate::formats) const TITLE: &str =
    "electrocardiogram; columns in mV, empty cells were not recorded";

/// Whether a file begins with our own comments, whatever the leads in it are called.
pub(in crate::formats) fn is_ours(head: &[u8]) -> bool {
    head.strip_prefix(b"# ")
        .is_some_and(|rest| rest.starts_with(TITLE.as_bytes()))
}

/// What the comments say.
#[derive(Default)]
pub(super) struct About {
    pub comments: Comments,
    /// Written by us: column names are lead names and nothing else.
    pub is_ours: bool,
    pub rate_hz: Option<f64>,
    pub unit: String,
    /// Another unit that a later comment states for the same columns.
    pub other_unit: Option<String>,
}

impl About {
    pub fn take_comments(&mut self, text: &str, options: &ReadOptions) {
        self.is_ours = is_ours(text.as_bytes());
        let lines = text.lines().map(str::trim_start);
        let comments = lines.filter_map(|line| line.strip_prefix('#'));
        let comments = comments.map(str::trim).filter(|it| !it.is_empty());
        for comment in comments
            .skip(usize::from(self.is_ours))
            .take(options.limits.notes)
        {
            if self.is_ours {
                self.take(&armed(comment));
            } else {
                self.take(comment);
            }
        }
    }

    /// What the comments and the head say together.
    pub fn merged(&mut self, head: Contents) -> Contents {
        let mut contents = std::mem::take(&mut self.comments.contents);
        contents.start = contents.start.or(head.start);
        contents.device = contents.device.or(head.device);
        if contents.patient.is_anonymous() {
            contents.patient = head.patient;
        }
        contents.notes.extend(head.notes);
        contents.warnings.extend(head.warnings);
        contents
    }

    fn take(&mut self, comment: &str) {
        let pair = comment.split_once(':');
        if pair.is_none_or(|(key, value)| self.take_pair(key.trim(), value.trim()).is_none()) {
            self.comments.take(comment);
        }
    }

    /// What means something in a table alone.
    fn take_pair(&mut self, key: &str, value: &str) -> Option<()> {
        let key = key.to_lowercase();
        if RATE_KEYS.contains(&key.as_str()) {
            let hz = value.parse().ok();
            self.rate_hz = Some(hz.filter(|it: &f64| it.is_finite() && 0.0 < *it)?);
        } else if UNIT_KEYS.contains(&key.as_str()) && !value.is_empty() {
            if self.unit.is_empty() {
                value.clone_into(&mut self.unit);
            } else if self.unit != value {
                self.other_unit = Some(value.to_owned());
            }
        } else if key == START_KEY {
            self.comments.contents.start = Some(value.parse::<DateTime>().ok()?);
        } else {
            return None;
        }
        Some(())
    }
}
