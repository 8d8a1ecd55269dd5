//! Several exams in one file: rhythm, median beats, strips; which there are, and which one is read.

use jiff::civil::DateTime;
use serde::Serialize;

use super::{FormatError, ReadOptions};

/// What an exam shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExamKind {
    /// Time as it passed.
    #[default]
    Rhythm,
    /// One beat that stands for many; never to be shown as rhythm.
    Median,
    /// Computed by the device from what it recorded.
    Derived,
}

/// One exam of a file, as a list shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Exam {
    /// What the file calls it.
    pub name: String,
    /// Rhythm, median beat, derived.
    pub kind: ExamKind,
    /// Signals it holds.
    pub n_signals: usize,
    /// Samples per second of the first signal.
    pub rate_hz: f64,
    /// Seconds of the longest signal.
    pub duration_s: f64,
    /// Local time of its first sample, where stated.
    pub start: Option<DateTime>,
}

/// The exam to read: the one asked for, otherwise the first that shows rhythm, otherwise the first.
pub(super) fn chosen(exams: &[Exam], options: &ReadOptions) -> Result<usize, FormatError> {
    if let Some(wanted) = options.exam {
        if wanted < exams.len() {
            return Ok(wanted);
        }
        return Err(absent(wanted, exams.len()));
    }
    Ok(exams
        .iter()
        .position(|exam| exam.kind == ExamKind::Rhythm)
        .unwrap_or(0))
}

/// The error for an exam that the file does not hold.
pub(super) fn absent(wanted: usize, n_exams: usize) -> FormatError {
    let expected = match n_exams {
        0 | 1 => "1, for one exam is in the file".to_owned(),
        n => format!("1 to {n}, for so many exams are in the file"),
    };
    FormatError::new("exam", "the number asked for", wanted + 1, expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exam(kind: ExamKind) -> Exam {
        Exam {
            name: String::new(),
            kind,
            n_signals: 12,
            rate_hz: 500.0,
            duration_s: 10.0,
            start: None,
        }
    }

    #[test]
    fn rhythm_comes_before_median_beats() {
        let check = |kinds: &[ExamKind], wanted: Option<usize>, expected: Option<usize>| {
            let exams: Vec<Exam> = kinds.iter().copied().map(exam).collect();
            let options = ReadOptions {
                exam: wanted,
                ..ReadOptions::default()
            };
            assert_eq!(chosen(&exams, &options).ok(), expected);
        };
        use ExamKind::{Median, Rhythm};
        check(&[Median, Rhythm], None, Some(1));
        check(&[Median, Rhythm], Some(0), Some(0));
        check(&[Median], None, Some(0));
        check(&[Median], Some(1), None);
    }
}
