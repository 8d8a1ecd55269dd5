//! The `.hea` file: record line, signal lines, comments (WFDB header(5)).

use jiff::civil::{Date, DateTime, Time};

use super::codec::Coding;
use crate::{
    ecg::SampleRate,
    formats::{FormatError, Limits, bytes::Bytes, error::quoted},
};

/// A header as written, with numbers checked.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub n_signals: usize,
    pub rate_hz: f64,
    /// Samples per signal, where stated.
    pub n_samples: Option<u64>,
    pub start: Option<DateTime>,
    pub signals: Vec<SignalLine>,
    /// Segments that the record line announces.
    n_segments: usize,
    /// Name and samples of each segment of a multi-segment record.
    pub segments: Option<Vec<(String, u64)>>,
    pub comments: Vec<String>,
    pub warnings: Vec<String>,
}

/// One signal line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SignalLine {
    pub file: String,
    pub coding: Coding,
    pub per_frame: usize,
    pub skew: u64,
    pub byte_offset: u64,
    /// Steps per unit; `None` or 0 in the file: uncalibrated.
    pub gain: Option<f64>,
    pub baseline: f64,
    /// As stated; empty where the standard's mV is meant.
    pub unit: String,
    pub resolution_bits: Option<u32>,
    pub zero: i64,
    pub initial: i64,
    pub checksum: Option<i64>,
    pub description: String,
}

const STEP: &str = "WFDB header";
/// Bytes of a header: a year of segments a minute each takes 16 MB.
const HEADER_LIMIT: u64 = 16 << 20;
/// Samples of one signal in one frame that we are ready to hold.
const PER_FRAME_LIMIT: usize = 100_000;
/// Samples by which signals of a frame may lie apart: tracks of a tape differ by milliseconds, and
/// all that lies between is read for each window.
const SKEW_LIMIT: u64 = 10_000;

/// Steps a unit, beyond which samples would be no millivolts.
const GAINS: std::ops::RangeInclusive<f64> = 1e-6..=1e12;

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
        let mut out = record_line(*number, record)?;
        out.comments = comments;
        if SampleRate::from_hz(out.rate_hz).is_none() {
            let found = out.rate_hz.to_string();
            return Err(fault(*number, "rate", &found, "0.1 to 100000 Hz"));
        }
        if limits.signals < out.n_signals {
            return Err(fault(
                *number,
                "number of signals",
                &out.n_signals.to_string(),
                &format!("at most {}", limits.signals),
            ));
        }
        if let Some(segments) = &mut out.segments {
            let wanted = out.n_segments;
            if limits.segments < wanted || rest.len() < wanted {
                return Err(fault(
                    *number,
                    "number of segments",
                    &wanted.to_string(),
                    &format!("as many lines ({} follow)", rest.len()),
                ));
            }
            for (number, line) in &rest[..wanted] {
                segments.push(segment_line(*number, line)?);
            }
            return Ok(out);
        }
        if rest.len() < out.n_signals {
            return Err(fault(
                *number,
                "number of signals",
                &out.n_signals.to_string(),
                &format!("as many signal lines ({} follow)", rest.len()),
            ));
        }
        out.take_signals(&rest[..out.n_signals])?;
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
            if SKEW_LIMIT < signal.skew {
                let (found, expected) = (signal.skew.to_string(), format!("at most {SKEW_LIMIT}"));
                return Err(fault(*number, "skew", &found, &expected));
            }
            self.signals.push(signal);
        }
        Ok(())
    }
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
    let name = record.split_whitespace().next().unwrap_or_default();
    // A table's header row may look like a record line but for its delimiters.
    if !name
        .chars()
        .all(|it| it.is_alphanumeric() || matches!(it, '_' | '-' | '.' | '/'))
    {
        return false;
    }
    let Ok(header) = record_line(1, record) else {
        return false;
    };
    let Some(next) = lines.next() else {
        return header.n_signals == 0 || record.split_whitespace().count() >= 3;
    };
    if header.segments.is_some() {
        segment_line(2, next).is_ok()
    } else {
        // What is wrong behind the format is for the reader to say.
        let format = next.split_whitespace().nth(1);
        header.n_signals == 0 || format.is_some_and(|it| coding(2, it).is_ok())
    }
}

/// A file's name without the folder that some headers put before it: a record's files lie together.
fn beside(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// `name[/segments] signals [rate[/counter[(base)]] [samples [time [date]]]]`.
fn record_line(number: usize, line: &str) -> Result<Header, FormatError> {
    let mut parts = line.split_whitespace();
    let name = parts.next().unwrap_or_default();
    let field = |what: &str, text: &str, expected: &str| fault(number, what, text, expected);
    // A slash before anything but a number belongs to a folder.
    let n_segments = match name.rsplit_once('/') {
        Some((_, count)) if count.bytes().all(|byte| byte.is_ascii_digit()) => Some(
            count
                .parse::<usize>()
                .map_err(|_| field("number of segments", count, "a number"))?,
        ),
        _ => None,
    };
    let segments = n_segments.map(|_| Vec::new());
    let n_segments = n_segments.unwrap_or(0);
    let count = parts
        .next()
        .ok_or_else(|| field("number of signals", "nothing", "a number"))?;
    let n_signals: usize = count
        .parse()
        .map_err(|_| field("number of signals", count, "a number"))?;
    let rate_text = parts.next().unwrap_or("250");
    let rate = rate_text.split('/').next().unwrap_or_default();
    let rate_hz: f64 = rate
        .parse()
        .ok()
        .filter(|it: &f64| it.is_finite() && 0.0 < *it)
        .ok_or_else(|| field("rate", rate_text, "Hz above 0"))?;
    let n_samples = match parts.next() {
        Some(it) => Some(
            it.parse::<u64>()
                .map_err(|_| field("number of samples", it, "a number"))?,
        )
        .filter(|it| 0 < *it),
        None => None,
    };
    let mut warnings = Vec::new();
    let [time, date] = [parts.next(), parts.next()];
    let start = match (time, date) {
        (Some(time), Some(date)) => {
            let start = clock(time)
                .zip(calendar(date))
                .map(|(time, date)| date.to_datetime(time));
            if start.is_none() {
                warnings.push(format!(
                    "start time {} is not readable",
                    quoted(&format!("{time} {date}"))
                ));
            }
            start
        }
        _ => swapped(time, date),
    };
    // PhysioNet challenge headers write the date before the time.
    let start = start.or_else(|| swapped(time, date));
    if start.is_some() {
        warnings.clear();
    }
    Ok(Header {
        n_signals,
        rate_hz,
        n_samples,
        start,
        signals: Vec::new(),
        n_segments,
        segments,
        comments: Vec::new(),
        warnings,
    })
}

fn swapped(first: Option<&str>, second: Option<&str>) -> Option<DateTime> {
    Some(calendar(first?)?.to_datetime(clock(second?)?))
}

/// `HH:MM:SS[.fraction]`; fewer parts count from the right, as WFDB has it.
fn clock(text: &str) -> Option<Time> {
    let mut parts = text.rsplit(':');
    let seconds: f64 = parts.next()?.parse().ok()?;
    let minutes: i8 = parts.next().map_or(Some(0), |it| it.parse().ok())?;
    let hours: i8 = parts.next().map_or(Some(0), |it| it.parse().ok())?;
    if parts.next().is_some() || !(0.0..60.0).contains(&seconds) {
        return None;
    }
    let nanoseconds = ((seconds.fract() * 1e9).round() as i32).min(999_999_999);
    Time::new(hours, minutes, seconds as i8, nanoseconds).ok()
}

/// `DD/MM/YYYY`, `12-May-2020`, or `2020-05-12`.
fn calendar(text: &str) -> Option<Date> {
    if let Some(named) = crate::formats::edf::named_date(text) {
        return Some(named);
    }
    if let Ok(iso) = text.parse::<Date>() {
        return Some(iso);
    }
    let mut parts = text.split('/');
    let (day, month, year) = (
        parts.next()?.parse().ok()?,
        parts.next()?.parse().ok()?,
        parts.next()?.parse().ok()?,
    );
    parts
        .next()
        .is_none()
        .then(|| Date::new(year, month, day).ok())
        .flatten()
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

/// `file format[xN][:skew][+offset] [gain[(baseline)][/unit] [bits [zero [initial [checksum [block
/// [description]]]]]]]`.
fn signal_line(number: usize, line: &str, before: Option<&str>) -> Result<SignalLine, FormatError> {
    let mut rest = line;
    let mut next = || {
        rest = rest.trim_start();
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        (!word.is_empty()).then_some(word)
    };
    let file = next().unwrap_or_default().to_owned();
    let format = next().ok_or_else(|| fault(number, "signal format", "nothing", "a number"))?;
    let (coding, per_frame, skew, byte_offset) = coding(number, format)?;
    let gain_text = next().unwrap_or("");
    let [bits, zero, initial, checksum, _block] =
        [(); 5].map(|()| next().and_then(|it| it.parse::<i64>().ok()));
    let zero = zero.unwrap_or(0);
    let (gain, baseline, unit) = gain(number, gain_text)?;
    let file = match file.as_str() {
        "-" => before.unwrap_or("-").to_owned(),
        file => beside(file).to_owned(),
    };
    Ok(SignalLine {
        file,
        coding,
        per_frame,
        skew,
        byte_offset,
        gain,
        baseline: baseline.unwrap_or(zero as f64),
        unit,
        resolution_bits: bits
            .and_then(|it| u32::try_from(it).ok())
            .filter(|it| 0 < *it && *it <= 32),
        zero,
        initial: initial.unwrap_or(zero),
        checksum,
        description: rest.trim().to_owned(),
    })
}

fn coding(number: usize, text: &str) -> Result<(Coding, usize, u64, u64), FormatError> {
    let end = text.find(['x', ':', '+']).unwrap_or(text.len());
    let known = "0, 8, 16, 24, 32, 61, 80, 160, 212, 310, 311, 508, 516 or 524";
    let coding =
        Coding::parse(&text[..end]).ok_or_else(|| fault(number, "signal format", text, known))?;
    let (mut per_frame, mut skew, mut offset) = (1, 0, 0);
    let mut rest = &text[end..];
    while let Some(mark) = rest.chars().next() {
        let body = &rest[1..];
        let end = body.find(['x', ':', '+']).unwrap_or(body.len());
        let value: u64 = body[..end]
            .parse()
            .map_err(|_| fault(number, "signal format", text, "numbers after x, : and +"))?;
        match mark {
            'x' => per_frame = value as usize,
            ':' => skew = value,
            _ => offset = value,
        }
        rest = &body[end..];
    }
    if per_frame == 0 || PER_FRAME_LIMIT < per_frame {
        return Err(fault(
            number,
            "samples per frame",
            text,
            &format!("1 to {PER_FRAME_LIMIT}"),
        ));
    }
    if (1 << 40) < skew || (1 << 50) < offset {
        return Err(fault(
            number,
            "skew or byte offset",
            text,
            "a place inside the file",
        ));
    }
    Ok((coding, per_frame, skew, offset))
}

/// `gain[(baseline)][/unit]`.
fn gain(number: usize, text: &str) -> Result<(Option<f64>, Option<f64>, String), FormatError> {
    if text.is_empty() {
        return Ok((None, None, String::new()));
    }
    let (numbers, unit) = text.split_once('/').unwrap_or((text, ""));
    let (gain, baseline) = match numbers.split_once('(') {
        Some((gain, rest)) => (gain, Some(rest.trim_end_matches(')'))),
        None => (numbers, None),
    };
    let finite = |it: &str| it.parse().ok().filter(|it: &f64| it.is_finite());
    let is_sound = |it: &f64| *it == 0.0 || GAINS.contains(&it.abs());
    let expected = "0, or a number of 1e-6 to 1e12";
    let gain = finite(gain).filter(is_sound);
    let gain = gain.ok_or_else(|| fault(number, "gain", text, expected))?;
    let baseline = match baseline {
        Some(it) => Some(finite(it).ok_or_else(|| fault(number, "baseline", text, "a number"))?),
        None => None,
    };
    Ok((
        Some(gain).filter(|it| *it != 0.0),
        baseline,
        unit.to_owned(),
    ))
}

fn fault(number: usize, what: &str, found: &str, expected: &str) -> FormatError {
    FormatError::new(
        STEP,
        format!("line {number}, {what}"),
        quoted(found),
        expected,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gains_that_make_no_millivolts_are_refused() {
        let refused = |gain: &str| {
            let line = format!("x.dat 16 {gain} 16 0 0 0 0 II");
            assert!(signal_line(2, &line, None).is_err(), "{gain}");
            let head = format!("x 1 500 10\n{line}\n");
            assert!(is_header(head.as_bytes()), "{gain}: still a header");
        };
        ["1e-300/mV", "1e300", "nan", "200(x)/mV", "abc"]
            .iter()
            .for_each(|gain| refused(gain));
    }

    #[test]
    fn signal_lines_found_in_files() {
        let line = signal_line(2, "A0002.mat 16+24 1000/mV 16 0 -1 -1 0 I", None).unwrap();
        assert_eq!(
            (line.coding, line.byte_offset, line.gain, line.unit.as_str()),
            (Coding::I16, 24, Some(1000.0), "mV")
        );
        assert_eq!((line.checksum, line.description.as_str()), (Some(-1), "I"));
        let line = signal_line(
            2,
            "x.dat 212x2:7+512 200.5(-1024)/uV 12 1024 995 -22131 0 lead with blanks",
            None,
        )
        .unwrap();
        assert_eq!(
            (line.coding, line.per_frame, line.skew, line.byte_offset),
            (Coding::Packed212, 2, 7, 512)
        );
        assert_eq!(
            (line.gain, line.baseline, line.description.as_str()),
            (Some(200.5), -1024.0, "lead with blanks")
        );
        let line = signal_line(2, "folder/x.dat 516 2000", None).unwrap();
        assert_eq!(
            (line.file.as_str(), line.coding),
            ("x.dat", Coding::Flac(16))
        );
        let line = signal_line(2, "x.dat 16 2000 16 5", None).unwrap();
        assert_eq!(
            (line.baseline, line.unit.as_str(), line.description.as_str()),
            (5.0, "", "")
        );
        assert!(
            signal_line(3, "x.dat 17 2000", None)
                .unwrap_err()
                .place
                .starts_with("line 3")
        );
    }

    #[test]
    fn record_lines_found_in_files() {
        let header = record_line(1, "A0002 12 500 5000 12-May-2020 12:33:59").unwrap();
        assert_eq!(header.start.unwrap().to_string(), "2020-05-12T12:33:59");
        let header = record_line(1, "100 2 360/1(0) 650000 0:0:0.5 24/12/2019").unwrap();
        assert_eq!(
            (header.rate_hz, header.start.unwrap().to_string().as_str()),
            (360.0, "2019-12-24T00:00:00.5")
        );
        let header = record_line(1, "A00001 1 300 2700 2014-05-08 05:05:15").unwrap();
        assert_eq!(header.start.unwrap().to_string(), "2014-05-08T05:05:15");
        assert!(record_line(1, "folder/rec 2").unwrap().segments.is_none());
        assert_eq!(record_line(1, "s/3 2").unwrap().rate_hz, 250.0);
        assert!(record_line(1, "x twelve").is_err() && record_line(1, "x 1 nan").is_err());
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
