//! The cells of a table: delimiter, header row, numbers, and time.

use super::cell;
use crate::formats::{
    FormatError, ReadOptions, Unit,
    contents::sample_mv,
    error::{TABLE as STEP, quoted},
};

/// Columns of numbers at one rate, gaps filled with `NaN`.
pub(super) struct Columns {
    pub format: &'static str,
    pub headers: Vec<String>,
    pub values: Vec<Vec<f32>>,
    pub rate_hz: f64,
    pub warnings: Vec<String>,
}

/// `is_ours`: written by this program, so that commas part the cells whatever a lead is called.
pub(super) fn parse(
    text: &str,
    stated_hz: Option<f64>,
    is_ours: bool,
    options: &ReadOptions,
) -> Result<Columns, FormatError> {
    let mut lines = text
        .lines()
        .enumerate()
        .filter(|(_, it)| !it.trim().is_empty() && !it.trim_start().starts_with('#'));
    let (number, header) = lines
        .next()
        .ok_or_else(|| FormatError::new(STEP, "line 1", "no header row", "column names"))?;
    let (format, delimiter) = if is_ours {
        ("CSV", b',')
    } else {
        delimiter(header)
    };
    let comma = delimiter == b';';
    let headers = names(header, delimiter)?;
    if headers
        .iter()
        .all(|it| it.is_empty() || value(it, comma).is_some())
    {
        let found = quoted(header);
        return Err(FormatError::new(
            STEP,
            format!("line {}", number + 1),
            found,
            "a header row with a name for each column",
        )
        .advise("add a first row such as time_s,I,II and `# unit: mV` before it"));
    }
    if headers.len() < 2 && time_unit(&headers[0]).is_some() {
        return Err(FormatError::new(
            STEP,
            "the header row",
            quoted(header),
            "a column per lead beside the time",
        ));
    }
    let most = options.limits.signals + if is_ours { BESIDE_SIGNALS } else { 0 };
    if most < headers.len() {
        return Err(FormatError::new(
            STEP,
            "the header row",
            format!("{} columns", headers.len()),
            format!("at most {most}"),
        ));
    }
    let body_at = header.as_ptr().addr() - text.as_ptr().addr() + header.len();
    let time = headers.iter().position(|it| time_unit(it).is_some());
    let mut rows = rows(
        &text[body_at..],
        number as u64 + 1,
        delimiter,
        &headers,
        time,
        options,
    )?;
    let counter = (time != Some(0) && is_counter(&headers[0])).then_some(0);
    let times = time.map(|_| std::mem::take(&mut rows.times));
    let mut out = Columns {
        format,
        headers: Vec::new(),
        values: Vec::new(),
        rate_hz: 0.0,
        warnings: rows.warnings,
    };
    for (idx, name) in headers
        .iter()
        .enumerate()
        .filter(|(idx, _)| Some(*idx) != time && Some(*idx) != counter)
    {
        out.headers.push(name.clone());
        out.values.push(std::mem::take(&mut rows.columns[idx]));
    }
    let scale = time.and_then(|it| time_unit(&headers[it])).unwrap_or(1.0);
    match (stated_hz, times) {
        (stated, Some(times)) => place(&mut out, &times, scale, stated, &rows.lines, options)?,
        (Some(hz), None) => out.rate_hz = hz,
        (None, None) => {
            let hz = options
                .missing_rate_hz
                .filter(|it| it.is_finite() && 0.0 < *it)
                .ok_or_else(|| {
                    FormatError::new(
                        STEP,
                        "the header row",
                        quoted(header),
                        "a column time_s, or a comment `# rate_hz: 500`",
                    )
                })?;
            out.warnings
                .push(format!("no time column and no rate: {hz} Hz was assumed"));
            out.rate_hz = hz;
        }
    }
    Ok(out)
}

/// Columns that our own tables hold beside the signals of the file they came from: the time, and
/// four derived limb leads.
const BESIDE_SIGNALS: usize = 5;

/// The delimiter that divides the header into most parts.
fn delimiter(header: &str) -> (&'static str, u8) {
    let count = |it: char| header.matches(it).count();
    let best = [('\t', "TSV"), (';', "CSV (;)"), (',', "CSV")]
        .into_iter()
        .rev()
        .max_by_key(|it| count(it.0))
        .unwrap_or((',', "CSV"));
    (best.1, best.0 as u8)
}

fn names(header: &str, delimiter: u8) -> Result<Vec<String>, FormatError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(delimiter)
        .from_reader(header.as_bytes());
    let record = reader
        .records()
        .next()
        .transpose()
        .map_err(|it| FormatError::new(STEP, "the header row", it, "column names"))?;
    Ok(record
        .iter()
        .flatten()
        .map(|it| it.trim().to_owned())
        .collect())
}

struct Rows {
    /// A column of times stays empty here.
    columns: Vec<Vec<f32>>,
    times: Vec<f64>,
    /// Line of each row.
    lines: Vec<u64>,
    warnings: Vec<String>,
}

fn rows(
    body: &str,
    before: u64,
    delimiter: u8,
    headers: &[String],
    time: Option<usize>,
    options: &ReadOptions,
) -> Result<Rows, FormatError> {
    let comma = delimiter == b';';
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .delimiter(delimiter)
        .from_reader(body.as_bytes());
    let mut out = Rows {
        columns: vec![Vec::new(); headers.len()],
        times: Vec::new(),
        lines: Vec::new(),
        warnings: Vec::new(),
    };
    let mut record = csv::StringRecord::new();
    let mut short = 0;
    loop {
        let line = before + reader.position().line() - 1;
        let more = reader
            .read_record(&mut record)
            .map_err(|it| FormatError::new(STEP, format!("line {line}"), it, "a row of numbers"))?;
        if !more {
            break;
        }
        let line = record.position().map_or(line, |it| before + it.line() - 1);
        if record.len() == 1 && record[0].trim().is_empty() {
            continue;
        }
        if headers.len() < record.len()
            && record
                .iter()
                .skip(headers.len())
                .any(|it| !it.trim().is_empty())
        {
            return Err(FormatError::new(
                STEP,
                format!("line {line}"),
                format!("{} cells", record.len()),
                format!("{}", headers.len()),
            ));
        }
        short += usize::from(record.len() < headers.len());
        if options.limits.samples < (out.lines.len() as u64 + 1) * headers.len() as u64 {
            return Err(FormatError::new(
                STEP,
                format!("line {line}"),
                "more rows",
                format!("at most {} numbers", options.limits.samples),
            ));
        }
        for (idx, column) in out.columns.iter_mut().enumerate() {
            let text = record.get(idx).unwrap_or("");
            let number = value(text, comma).ok_or_else(|| {
                FormatError::new(STEP, cell(line, &headers[idx]), quoted(text), "a number")
            })?;
            if time == Some(idx) {
                out.times.push(number)
            } else {
                column.push(sample_mv(number))
            }
        }
        out.lines.push(line);
    }
    if out.lines.is_empty() {
        return Err(FormatError::new(
            STEP,
            "below the header row",
            "no row",
            "at least one",
        ));
    }
    if 0 < short {
        out.warnings.push(format!(
            "{short} rows were short; their last cells count as not recorded"
        ));
    }
    Ok(out)
}

/// A number; `NaN` for the usual words for none. A decimal comma is read where `;` parts the cells.
fn value(text: &str, comma: bool) -> Option<f64> {
    // Most cells are numbers, so that is tried first: a ten-second file has 65,000 of them.
    let text = text.trim_ascii();
    let parsed: Option<f64> = text.parse().ok();
    if let Some(number) = parsed.or_else(|| {
        if comma {
            text.replacen(',', ".", 1).parse().ok()
        } else {
            None
        }
    }) {
        return Some(if number.is_finite() { number } else { f64::NAN });
    }
    let is_none = text.is_empty()
        || ["na", "null", "none", "-"]
            .iter()
            .any(|it| text.eq_ignore_ascii_case(it));
    is_none.then_some(f64::NAN)
}

/// Seconds per unit of a time column; `None` for any other column.
fn time_unit(header: &str) -> Option<f64> {
    let lower = header.to_lowercase();
    let plain: String = lower
        .chars()
        .map(|it| {
            if it.is_alphanumeric() || it == 'µ' {
                it
            } else {
                ' '
            }
        })
        .collect();
    match plain.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["time" | "t" | "seconds" | "sec" | "timestamp"]
        | ["time" | "t", "s" | "sec" | "seconds"] => Some(1.0),
        ["ms" | "milliseconds"] | ["time" | "t", "ms" | "milliseconds"] => Some(1e-3),
        ["time" | "t", "us" | "µs"] => Some(1e-6),
        _ => None,
    }
}

fn is_counter(header: &str) -> bool {
    matches!(
        header.to_lowercase().as_str(),
        "" | "index" | "sample" | "samples" | "n" | "unnamed: 0" | "#"
    )
}

/// `I (mV)`, `I [mV]`, `I_mV`, `I/mV`, `I mV`: name and unit.
pub(super) fn unit_of(header: &str) -> (&str, Option<&str>) {
    let header = header.trim();
    for (open, close) in [('(', ')'), ('[', ']')] {
        if let Some((name, unit)) = header
            .strip_suffix(close)
            .and_then(|it| it.rsplit_once(open))
            && !unit.starts_with(|it: char| it.is_ascii_digit())
        {
            return (name.trim(), Some(unit.trim()));
        }
    }
    match header.rsplit_once(['_', '/', ' ']) {
        // A single V may be the end of a lead's name.
        Some((name, unit)) if Unit::parse(unit).is_some() && !unit.eq_ignore_ascii_case("v") => {
            (name.trim(), Some(unit))
        }
        _ => (header, None),
    }
}

/// Puts rows where their times say: the rate comes from the comment or from the times, missing
/// times become gaps.
fn place(
    out: &mut Columns,
    times: &[f64],
    scale: f64,
    stated_hz: Option<f64>,
    lines: &[u64],
    options: &ReadOptions,
) -> Result<(), FormatError> {
    let fault = |idx: usize, found: String, expected: &str| {
        FormatError::new(STEP, cell(lines[idx], "time"), found, expected)
    };
    if let Some(idx) = times.iter().position(|it| !it.is_finite()) {
        return Err(fault(idx, "no number".to_owned(), "a time"));
    }
    if let Some(idx) = times.windows(2).position(|it| it[1] <= it[0]) {
        return Err(fault(
            idx + 1,
            format!("{} after {}", times[idx + 1], times[idx]),
            "a later time",
        ));
    }
    let first_s = times[0] * scale;
    if first_s != 0.0 {
        out.warnings.push(format!(
            "times begin at {first_s} s and are counted from there"
        ));
    }
    let hz = match stated_hz {
        Some(hz) => hz,
        None => rate_of(times, scale).ok_or_else(|| {
            fault(
                0,
                "one row".to_owned(),
                "two rows or a comment `# rate_hz: 500`",
            )
        })?,
    };
    out.rate_hz = hz;
    let at = |it: f64| ((it - times[0]) * scale * hz).round();
    let places: Vec<f64> = times.iter().map(|it| at(*it)).collect();
    if places
        .iter()
        .zip(0..)
        .all(|(place, idx)| *place == f64::from(idx))
    {
        return Ok(());
    }
    if let Some(idx) = places.windows(2).position(|it| it[1] <= it[0]) {
        return Err(fault(
            idx + 1,
            format!("{}", times[idx + 1]),
            &format!("the next sample at {hz} Hz"),
        ));
    }
    let len = places.last().copied().unwrap_or(0.0) + 1.0;
    if (options.limits.samples as f64) < len * out.values.len() as f64 {
        return Err(fault(
            lines.len() - 1,
            format!("a span of {len} samples"),
            &format!("at most {} numbers", options.limits.samples),
        ));
    }
    out.warnings.push(format!(
        "{} samples are missing between the rows; they are gaps",
        len as u64 - places.len() as u64
    ));
    for column in &mut out.values {
        let mut spread = vec![f32::NAN; len as usize];
        column
            .iter()
            .zip(&places)
            .for_each(|(it, place)| spread[*place as usize] = *it);
        *column = spread;
    }
    Ok(())
}

/// From the whole span where the steps are even, otherwise from the median step; a nearly whole
/// number is meant to be one.
fn rate_of(times: &[f64], scale: f64) -> Option<f64> {
    let mut steps: Vec<f64> = times.windows(2).map(|it| (it[1] - it[0]) * scale).collect();
    steps.sort_unstable_by(f64::total_cmp);
    let median = *steps.get(steps.len() / 2)?;
    let is_even = steps.last().is_some_and(|it| *it < 1.5 * median)
        && steps.first().is_some_and(|it| 0.5 * median < *it);
    let step = if is_even {
        (times[times.len() - 1] - times[0]) * scale / (times.len() - 1) as f64
    } else {
        median
    };
    let hz = 1.0 / step;
    let tolerance = if is_even { 1e-4 } else { 1e-2 };
    let whole = hz.round();
    Some(if (hz - whole).abs() <= tolerance * hz && 1.0 <= whole {
        whole
    } else {
        hz
    })
    .filter(|it| it.is_finite() && 0.0 < *it)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_with_units() {
        for (header, expected) in [
            ("I (mV)", ("I", Some("mV"))),
            ("V1 [uV]", ("V1", Some("uV"))),
            ("II_mV", ("II", Some("mV"))),
            ("aVR", ("aVR", None)),
            ("Lead V", ("Lead V", None)),
            ("Resp (l/min)", ("Resp", Some("l/min"))),
            ("V1 (2)", ("V1 (2)", None)),
        ] {
            assert_eq!(unit_of(header), expected, "{header}");
        }
    }

    #[test]
    fn rates_from_times() {
        let times = |hz: f64, digits: f64| {
            (0..100)
                .map(|it| (f64::from(it) / hz * digits).round() / digits)
                .collect::<Vec<_>>()
        };
        assert_eq!(rate_of(&times(500.0, 1e6), 1.0), Some(500.0));
        assert_eq!(rate_of(&times(360.0, 1e9), 1.0), Some(360.0));
        assert!((rate_of(&times(257.5, 1e9), 1.0).unwrap() - 257.5).abs() < 1e-6);
        assert_eq!(rate_of(&[0.0, 2.0, 4.0, 20.0, 22.0], 1e-3), Some(500.0));
        assert_eq!(rate_of(&[0.0], 1.0), None);
    }
}
