//! A signal line of a `.hea` file: how its samples lie in the signal file, and what they mean.

use super::{codec::Coding, fault::fault};
use crate::formats::FormatError;

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

/// Samples of one signal in one frame that we are ready to hold.
const PER_FRAME_LIMIT: usize = 100_000;
/// Steps a unit, beyond which samples would be no millivolts.
const GAINS: std::ops::RangeInclusive<f64> = 1e-6..=1e12;

/// `file format[xN][:skew][+offset] [gain[(baseline)][/unit] [bits [zero [initial [checksum [block
/// [description]]]]]]]`.
pub(super) fn signal_line(
    number: usize,
    line: &str,
    before: Option<&str>,
) -> Result<SignalLine, FormatError> {
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

/// Coding, samples per frame, skew and byte offset.
pub(super) fn coding(number: usize, text: &str) -> Result<(Coding, usize, u64, u64), FormatError> {
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

/// A file's name without the folder that some headers put before it: a record's files lie together.
fn beside(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gains_that_make_no_millivolts_are_refused() {
        for gain in ["1e-300/mV", "1e300", "nan", "200(x)/mV", "abc"] {
            let line = format!("x.dat 16 {gain} 16 0 0 0 0 II");
            assert!(signal_line(2, &line, None).is_err(), "{gain}");
        }
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
}
