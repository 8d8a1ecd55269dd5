//! Columns of times: how they are written, the rate that follows from them, and gaps.

use super::cells::{Cells, cell, value};
use crate::{
    ecg::statistics::median,
    formats::{FormatError, ReadOptions, dates, error::TABLE as STEP},
};

/// How times are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Form {
    /// A number of this many seconds.
    Number(f64),
    /// `m:ss.mmm` or `h:mm:ss.mmm`.
    Clock,
    /// A date and a time.
    Stamp,
    /// Not said: what the first cell looks like.
    Unsaid,
}

/// Words of a header, lower case.
fn words(name: &str) -> Vec<String> {
    let is_part = |it: char| it.is_alphanumeric() || it == 'µ' || it == 'μ';
    name.to_lowercase()
        .split(|it: char| !is_part(it))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Whether a name speaks of time.
pub(super) fn names_time(name: &str) -> bool {
    words(name)
        .iter()
        .any(|word| matches!(word.as_str(), "time" | "timestamp" | "t"))
}

impl Form {
    /// The form that a header's name promises; `None` for anything but a time.
    pub fn of_name(name: &str) -> Option<Self> {
        let words = words(name);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["time" | "t" | "seconds" | "sec"] => Some(Self::Number(1.0)),
            ["timestamp"] => Some(Self::Unsaid),
            ["ms" | "milliseconds"] => Some(Self::Number(1e-3)),
            [.., "time" | "t" | "timestamp", unit] => Self::of_unit(unit),
            ["elapsed", "time"] | [.., "timestamp"] => Some(Self::Unsaid),
            _ => None,
        }
    }

    /// The form that a unit names.
    pub fn of_unit(unit: &str) -> Option<Self> {
        Some(match unit.trim().to_lowercase().as_str() {
            "s" | "sec" | "seconds" => Self::Number(1.0),
            "ms" | "msec" | "milliseconds" => Self::Number(1e-3),
            "us" | "µs" | "μs" | "microseconds" => Self::Number(1e-6),
            "ns" | "nanoseconds" => Self::Number(1e-9),
            unit if unit.contains("mm:ss") => Self::Clock,
            _ => return None,
        })
    }

    /// The form, seen from the first cell where it was not said.
    pub fn seen(self, first: &str) -> Self {
        match self {
            Self::Unsaid if dates::iso(first).is_some() => Self::Stamp,
            Self::Unsaid if first.contains(':') => Self::Clock,
            Self::Unsaid => Self::Number(1.0),
            // A column called time that holds no number.
            Self::Number(_) if dates::iso(first).is_some() => Self::Stamp,
            Self::Number(_) if first.contains(':') => Self::Clock,
            form => form,
        }
    }

    pub fn seconds(self, text: &str, cells: Cells) -> Option<f64> {
        match self {
            Self::Number(scale) => value(text, cells)
                .filter(|number| number.is_finite())
                .map(|number| number * scale),
            Self::Clock => clock_s(text),
            Self::Stamp => {
                let stamp = dates::iso(text)?;
                let since = stamp.duration_since(jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0));
                Some(since.as_secs_f64())
            }
            Self::Unsaid => None,
        }
    }

    /// The smaller, the better it serves: a number of seconds or milliseconds, finer ones, clocks.
    pub fn rank(self) -> u8 {
        match self {
            Self::Number(scale) if 1e-3 <= scale => 0,
            Self::Number(_) => 1,
            Self::Clock => 2,
            Self::Stamp | Self::Unsaid => 3,
        }
    }
}

/// Hours, minutes and seconds, or minutes and seconds.
fn clock_s(text: &str) -> Option<f64> {
    let mut seconds = 0.0;
    for part in text.trim().split(':') {
        let part: f64 = part.trim().parse().ok()?;
        seconds = seconds * 60.0 + part;
    }
    (text.contains(':') && seconds.is_finite()).then_some(seconds)
}

/// Times rise from row to row; where they do not, the rate may be known to the caller.
fn check_order(times_s: &[f64], line_of: impl Fn(usize) -> u64) -> Result<(), FormatError> {
    let fault = |idx: usize, found: String, expected: &str| {
        FormatError::new(STEP, cell(line_of(idx), "time"), found, expected)
    };
    if let Some(idx) = times_s.windows(2).position(|pair| pair[1] <= pair[0]) {
        let last = times_s[times_s.len() - 1];
        // The rows of the last time reach beyond it.
        let before = times_s.iter().filter(|time| **time < last).count();
        let mean_hz = before as f64 / (last - times_s[0]);
        let found = format!("{} s after {} s", times_s[idx + 1], times_s[idx]);
        let error = fault(idx + 1, found, "a later time");
        return Err(if mean_hz.is_finite() && 0.0 < mean_hz {
            error.advise(format!(
                "where rows follow one another evenly, name their rate; on average it is about \
                 {mean_hz:.1} Hz"
            ))
        } else {
            error
        });
    }
    Ok(())
}

/// Puts rows where their times say: the rate is the stated one or follows from the times; missing
/// times become gaps. Gives the rate.
pub(super) fn place(
    columns: &mut [Vec<f32>],
    times_s: &[f64],
    stated_hz: Option<f64>,
    line_of: impl Fn(usize) -> u64,
    options: &ReadOptions,
    warnings: &mut Vec<String>,
) -> Result<f64, FormatError> {
    let fault = |idx: usize, found: String, expected: &str| {
        FormatError::new(STEP, cell(line_of(idx), "time"), found, expected)
    };
    check_order(times_s, &line_of)?;
    if times_s[0] != 0.0 {
        warnings.push(format!(
            "times begin at {} s and are counted from there",
            times_s[0]
        ));
    }
    let hz = match stated_hz {
        Some(hz) => hz,
        None => rate_of(times_s).ok_or_else(|| {
            fault(
                0,
                "one row".to_owned(),
                "two rows or a comment `# rate_hz: 500`",
            )
        })?,
    };
    let place = |idx: usize| ((times_s[idx] - times_s[0]) * hz).round();
    let n_rows = times_s.len();
    if (0..n_rows).all(|idx| place(idx) == idx as f64) {
        return Ok(hz);
    }
    if let Some(idx) = (1..n_rows).find(|idx| place(*idx) <= place(idx - 1)) {
        let found = format!("{} s", times_s[idx]);
        return Err(fault(idx, found, &format!("the next sample at {hz} Hz")));
    }
    let len = place(n_rows - 1) + 1.0;
    if (options.limits.samples as f64) < len * columns.len() as f64 {
        let expected = format!("at most {} numbers", options.limits.samples);
        return Err(fault(
            n_rows - 1,
            format!("a span of {len} samples"),
            &expected,
        ));
    }
    warnings.push(format!(
        "{} samples are missing between the rows; they are gaps",
        len as u64 - n_rows as u64
    ));
    for column in columns.iter_mut().filter(|column| !column.is_empty()) {
        let mut spread = vec![f32::NAN; len as usize];
        for (idx, sample) in column.iter().enumerate() {
            spread[place(idx) as usize] = *sample;
        }
        *column = spread;
    }
    Ok(hz)
}

/// Steps a second on average, leaving out what lies over gaps. A nearly whole number is meant to be
/// one: as near as the rounding of the times lets one see.
fn rate_of(times_s: &[f64]) -> Option<f64> {
    let steps = || times_s.windows(2).map(|pair| pair[1] - pair[0]);
    // A share of a long recording shows its median as well.
    let mut shown: Vec<f64> = steps().step_by(1 + times_s.len() / (1 << 18)).collect();
    let median = median(&mut shown)?;
    let even = || steps().filter(|it| 0.5 * median < *it && *it < 1.6 * median);
    let span: f64 = even().sum();
    let hz = even().count() as f64 / span;
    let spread = even().fold(0.0, f64::max) - even().fold(f64::MAX, f64::min);
    let tolerance = (2.0 * spread / span).clamp(1e-4, 1e-2);
    let whole = hz.round();
    let hz = if (hz - whole).abs() <= tolerance * hz && 1.0 <= whole {
        whole
    } else {
        hz
    };
    (hz.is_finite() && 0.0 < hz).then_some(hz)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_headers_and_units() {
        for (name, form) in [
            ("time_s", Some(Form::Number(1.0))),
            ("t (ms)", Some(Form::Number(1e-3))),
            ("Time", Some(Form::Number(1.0))),
            ("timestamp [ms]", Some(Form::Number(1e-3))),
            ("sensor timestamp [ns]", Some(Form::Number(1e-9))),
            ("Phone timestamp", Some(Form::Unsaid)),
            ("Elapsed time", Some(Form::Unsaid)),
            ("II", None),
            ("time constant", None),
            ("T", Some(Form::Number(1.0))),
        ] {
            assert_eq!(Form::of_name(name), form, "{name}");
        }
        assert_eq!(Form::of_unit("hh:mm:ss.mmm"), Some(Form::Clock));
        assert_eq!(Form::Unsaid.seen("2024-03-26T17:30:49.120"), Form::Stamp);
        assert_eq!(Form::Unsaid.seen("0:00.003"), Form::Clock);
    }

    #[test]
    fn clocks() {
        for (text, seconds) in [
            ("0:00.003", Some(0.003)),
            ("1:02:03.5", Some(3723.5)),
            ("7", None),
        ] {
            assert_eq!(clock_s(text), seconds, "{text}");
        }
    }

    #[test]
    fn rates_from_times() {
        let times = |hz: f64, digits: f64| {
            (0..1000)
                .map(|idx| (f64::from(idx) / hz * digits).round() / digits)
                .collect::<Vec<_>>()
        };
        assert_eq!(rate_of(&times(500.0, 1e6)), Some(500.0));
        assert_eq!(rate_of(&times(360.0, 1e9)), Some(360.0));
        assert_eq!(rate_of(&times(360.0, 1e3)), Some(360.0));
        let mut gap = times(360.0, 1e3);
        gap.drain(400..410);
        assert_eq!(rate_of(&gap), Some(360.0));
        assert!((rate_of(&times(257.5, 1e9)).unwrap() - 257.5).abs() < 1e-6);
        assert_eq!(rate_of(&[0.0, 0.002, 0.004, 0.02, 0.022]), Some(500.0));
        assert_eq!(rate_of(&[0.0]), None);
    }
}
