//! The `.hea` file: record line, signal lines, comments (WFDB header(5)).

use std::fmt::Display;

use jiff::civil::DateTime;

use super::{
    fault::{STEP, fault},
    record_line::RecordLine,
    signal_line::{SignalLine, coding, signal_line},
};
use crate::{
    ecg::SampleRate,
    formats::{FormatError, Limits, bytes::Bytes},
};

/// A header as written, with numbers checked.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub rate_hz: f64,
    /// Samples per signal, where stated.
    pub n_samples: Option<u64>,
    pub start: Option<DateTime>,
    pub signals: Vec<SignalLine>,
    /// Name and samples of each segment of a multi-segment record.
    pub segments: Option<Vec<(String, u64)>>,
    pub comments: Vec<String>,
    pub warnings: Vec<String>,
}

/// Bytes of a header: a year of segments a minute each takes 16 MB.
const HEADER_LIMIT: u64 = 16 << 20;
/// Samples by which signals of a frame may lie apart: tracks of a tape differ by milliseconds, and
/// all that lies between is read for each window.
const SKEW_LIMIT: u64 = 10_000;

impl Header {
    pub fn read(bytes: &Bytes, limits: &Limits) -> Result<Self, FormatError> {
        let raw = bytes.whole(limits.text_bytes.min(HEADER_LIMIT))?;
        let text = String::from_utf8(raw.into_owned())
            .unwrap_or_else(|it| it.into_bytes().iter().map(|it| char::from(*it)).collect());
        let (lines, comments) = lines_and_comments(&text, limits);
        let Some(((number, record), rest)) = lines.split_first() else {
            return Err(FormatError::new(
                STEP,
                "line 1",
                "no record line",
                "a record line",
            ));
        };
        let line = RecordLine::parse(*number, record)?;
        if SampleRate::from_hz(line.rate_hz).is_none() {
            let found = line.rate_hz.to_string();
            return Err(fault(*number, "rate", &found, "0.1 to 100000 Hz"));
        }
        let (n_segments, n_signals) = (line.n_segments, line.n_signals);
        at_most(*number, "number of signals", n_signals, limits.signals)?;
        let mut out = Self {
            rate_hz: line.rate_hz,
            n_samples: line.n_samples,
            start: line.start,
            signals: Vec::new(),
            segments: None,
            comments,
            warnings: line.warning.into_iter().collect(),
        };
        if let Some(wanted) = n_segments {
            at_most(*number, "number of segments", wanted, limits.segments)?;
            let lines = following(*number, "segment", wanted, rest)?.iter();
            let segments = lines.map(|(number, line)| segment_line(*number, line));
            out.segments = Some(segments.collect::<Result<_, _>>()?);
        } else {
            out.take_signals(following(*number, "signal", n_signals, rest)?)?;
        }
        Ok(out)
    }

    /// The signal lines, by their numbers.
    fn take_signals(&mut self, lines: &[(usize, &str)]) -> Result<(), FormatError> {
        if lines.iter().any(|line| first_word(line.1).contains('/')) {
            let warning = "folders before the names of signal files were left out";
            self.warnings.push(warning.to_owned());
        }
        for (number, line) in lines {
            let before = self.signals.last().map(|it| it.file.clone());
            let signal = signal_line(*number, line, before.as_deref())?;
            at_most(*number, "skew", signal.skew, SKEW_LIMIT)?;
            self.signals.push(signal);
        }
        Ok(())
    }
}

fn at_most<T: PartialOrd + Display>(
    number: usize,
    what: &str,
    found: T,
    most: T,
) -> Result<(), FormatError> {
    if found <= most {
        return Ok(());
    }
    let (found, expected) = (found.to_string(), format!("at most {most}"));
    Err(fault(number, what, &found, &expected))
}

/// As many lines as line `number` announces.
fn following<'a, 'b>(
    number: usize,
    what: &str,
    wanted: usize,
    lines: &'a [(usize, &'b str)],
) -> Result<&'a [(usize, &'b str)], FormatError> {
    lines.get(..wanted).ok_or_else(|| {
        let expected = format!("as many {what} lines ({} follow)", lines.len());
        let what = format!("number of {what}s");
        fault(number, &what, &wanted.to_string(), &expected)
    })
}

/// Lines with their numbers from 1, and comments.
fn lines_and_comments<'a>(text: &'a str, limits: &Limits) -> (Vec<(usize, &'a str)>, Vec<String>) {
    let mut comments = Vec::new();
    let mut lines = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        match line.strip_prefix('#') {
            // Comments before the record line are about the file, not the record.
            Some(comment) if !lines.is_empty() && comments.len() < limits.notes => {
                comments.push(comment.trim().to_owned())
            }
            Some(_) => {}
            None if line.is_empty() => {}
            None => lines.push((number + 1, line)),
        }
    }
    comments.retain(|it| !it.is_empty());
    (lines, comments)
}

/// Whether `head` begins like a header: a record line, and a signal, segment or no line after it.
pub(in crate::formats) fn is_header(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let complete = text.len() < 4096 || text.contains('\n');
    let mut lines = text
        .lines()
        .map(str::trim)
        .filter(|it| !it.is_empty() && !it.starts_with('#'));
    let Some(record) = lines.next().filter(|_| complete) else {
        return false;
    };
    // A table's header row may look like a record line but for its delimiters.
    let is_of_name = |it: char| it.is_alphanumeric() || matches!(it, '_' | '-' | '.' | '/');
    if !first_word(record).chars().all(is_of_name) {
        return false;
    }
    let Ok(header) = RecordLine::parse(1, record) else {
        return false;
    };
    let Some(next) = lines.next() else {
        return header.n_signals == 0 || record.split_whitespace().count() >= 3;
    };
    if header.n_segments.is_some() {
        segment_line(2, next).is_ok()
    } else {
        // What is wrong behind the format is for the reader to say.
        let format = next.split_whitespace().nth(1);
        header.n_signals == 0 || format.is_some_and(|it| coding(2, it).is_ok())
    }
}

fn first_word(line: &str) -> &str {
    line.split_whitespace().next().unwrap_or_default()
}

fn segment_line(number: usize, line: &str) -> Result<(String, u64), FormatError> {
    let mut parts = line.split_whitespace();
    let name = parts.next().unwrap_or_default().to_owned();
    let length = parts.next().unwrap_or_default();
    let samples = length
        .parse()
        .map_err(|_| fault(number, "segment length", length, "a number of samples"))?;
    Ok((name, samples))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_with_a_fault_behind_the_format_are_headers() {
        assert!(is_header(b"x 1 500 10\nx.dat 16 1e300 16 0 0 0 0 II\n"));
    }

    #[test]
    fn headers_are_told_from_tables() {
        assert!(is_header(b"rec 1 500 10\nrec.dat 16 200 12 0 0 0 0 I\n"));
        assert!(is_header(
            b"# made by hand\nrec/2 1 500 10\nseg1 5\nseg2 5\n"
        ));
        assert!(
            !is_header(b"time_s,I,II\n0,1,2\n")
                && !is_header(b"0 1 2\n1 2 3\n")
                && !is_header(b"t I II\n0 1 2\n")
        );
        assert!(!is_header(b"time_s,II 0 500\n0,1\n"));
    }
}
