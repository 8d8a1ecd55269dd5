//! An error that finds the byte.

use crate::ecg::plain_line;

/// The step of reading a table of numbers.
pub(super) const TABLE: &str = "table";

/// What could not be read or written: where, what was found there, what was expected, and what to
/// do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{step}: found {found} at {place}, expected {expected}{} ({file})", hint(.advice))]
pub struct FormatError {
    /// The file, as the caller named it.
    pub file: Box<str>,
    /// What was being done, such as "EDF header".
    pub step: &'static str,
    /// Byte offset, line or field.
    pub place: Box<str>,
    /// What stood there.
    pub found: Box<str>,
    /// What should have stood there.
    pub expected: Box<str>,
    /// What the user can do, where there is something.
    pub advice: Option<Box<str>>,
}

impl FormatError {
    pub(super) fn new(
        step: &'static str,
        place: impl ToString,
        found: impl ToString,
        expected: impl ToString,
    ) -> Self {
        // What is left of control characters alone is nothing, and that is to be said.
        let part = |text: String| match plain_line(&text) {
            plain if plain.is_empty() => "nothing readable".into(),
            plain => plain.into(),
        };
        let [place, found, expected] =
            [place.to_string(), found.to_string(), expected.to_string()].map(part);
        Self {
            file: Box::default(),
            step,
            place,
            found,
            expected,
            advice: None,
        }
    }

    pub(super) fn advise(self, advice: impl ToString) -> Self {
        Self {
            advice: Some(advice.to_string().into()),
            ..self
        }
    }

    /// Names the file unless an inner step named a closer one already.
    pub(super) fn in_file(self, name: &str) -> Self {
        if self.file.is_empty() {
            Self {
                file: plain_line(name).into(),
                ..self
            }
        } else {
            self
        }
    }

    /// Whether the file was read as a table of numbers, which is tried last.
    pub fn is_of_table(&self) -> bool {
        self.step == TABLE
    }

    pub(super) fn unreadable(step: &'static str, error: &std::io::Error) -> Self {
        Self::new(step, "the file", error, "a file that can be read")
    }

    pub(super) fn unwritable(step: &'static str, error: &std::io::Error) -> Self {
        Self::new(step, "the file", error, "a file that can be written")
    }
}

fn hint(advice: &Option<Box<str>>) -> String {
    advice
        .as_ref()
        .map_or_else(String::new, |it| format!("; {it}"))
}

/// Quotes what a file holds for a message: short, and fit to be shown.
pub(super) fn quoted(text: &str) -> String {
    let text = plain_line(text);
    let mut short: String = text.chars().take(40).collect();
    if text.chars().nth(40).is_some() {
        short.push('…');
    }
    format!("\"{short}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_step_place_found_expected_and_the_file_last() {
        let error = FormatError::new(
            "EDF header",
            "byte 252, number of signals",
            "\"abc\"",
            "1 to 512",
        )
        .advise("check the file")
        .in_file("a b.edf");
        assert_eq!(
            error.to_string(),
            "EDF header: found \"abc\" at byte 252, number of signals, expected 1 to 512; check the file (a b.edf)"
        );
        assert_eq!(error.clone().in_file("other"), error);
    }
}
