//! Text: CSV and TSV with a header row and `#` comments, and the exports of some programs.

mod cells;
mod comments;
mod dialects;
mod formulas;
mod lab_chart;
mod layout;
mod open_signals;
mod rows;
mod time;
mod write;

pub(super) use comments::is_ours;
pub(super) use write::write;

use std::borrow::Cow;

use self::{
    cells::split,
    comments::About,
    formulas::armed,
    layout::{Column, Layout, Role, time_column},
};
use super::{
    FormatError, ReadOptions,
    bytes::Bytes,
    contents::{Container, Contents, Note, Scale, Signal, sample_mv, voltage},
    error::{TABLE as STEP, quoted},
    exam::ExamKind,
    memory::{self, Draft, Trace},
    options::Converter,
    text,
};
use crate::ecg::SampleRate;

/// Reads a text whole: it has no place to look a time up.
pub(super) fn open(
    bytes: &Bytes,
    options: &ReadOptions,
) -> Result<Box<dyn Container>, FormatError> {
    let raw = bytes.whole(options.limits.text_bytes)?;
    let (contents, traces) = read(raw, options)?;
    let draft = Draft {
        name: "table".to_owned(),
        kind: ExamKind::Rhythm,
        traces,
    };
    memory::open(STEP, contents, vec![draft], options)
}

/// The text itself is gone when its numbers are handed on: both would be twice the memory.
fn read(raw: Cow<'_, [u8]>, options: &ReadOptions) -> Result<(Contents, Vec<Trace>), FormatError> {
    check_lines(&raw)?;
    check_size(&raw, options)?;
    let (text, encoding) = text::decode(&raw);
    let mut about = About::default();
    let mut layout = match dialects::known(&text)? {
        Some(layout) => layout,
        None => {
            about.take_comments(&text, options);
            if let Some(unit) = &about.other_unit {
                let expected = format!("{}, as before", quoted(&about.unit));
                let place = "the comments that name the unit";
                return Err(FormatError::new(STEP, place, quoted(unit), expected));
            }
            layout::plain(&text, about.is_ours, options)?
        }
    };
    let labels = layout.columns.iter().map(|it| label(it, &about));
    about.comments.labels = labels.collect();
    let mut contents = about.merged(std::mem::take(&mut layout.about));
    contents.format = layout.format.to_owned();
    if encoding == text::FALLBACK {
        let warning = "no known encoding: read as Windows' Latin-1";
        contents.warnings.push(warning.to_owned());
    }
    let time = time_of(&layout, options, &mut contents.warnings);
    let mut rows = rows::read(&layout, time, options)?;
    contents.warnings.append(&mut rows.warnings);
    let stated = layout.rate_hz.or(about.rate_hz);
    let rate_hz = match (stated, time) {
        (stated, Some(_)) => time::place(
            &mut rows.columns,
            &rows.times_s,
            stated,
            |row| rows::line_of(&layout, row),
            options,
            &mut contents.warnings,
        )?,
        (Some(hz), None) => hz,
        (None, None) => assumed_rate(&layout, options, &mut contents.warnings)?,
    };
    check_rate(rate_hz)?;
    contents.start = contents.start.or(rows.start);
    contents
        .timed_notes
        .extend(rows.remarks.iter().map(|(row, words)| Note {
            onset_s: *row as f64 / rate_hz,
            duration_s: None,
            text: words.clone(),
        }));
    let traces: Vec<Trace> = layout
        .columns
        .iter()
        .zip(rows.columns)
        .filter(|(column, _)| column.role == Role::Signal)
        .map(|(column, values)| trace(column, values, rate_hz, &about, options))
        .collect();
    if traces.is_empty() {
        let first = text.lines().next().unwrap_or_default();
        let expected = "a column per lead";
        return Err(FormatError::new(
            STEP,
            "the header row",
            quoted(first),
            expected,
        ));
    }
    Ok((contents, traces))
}

/// Text in another encoding than UTF-8 is held twice, and grows by up to three times.
fn check_size(raw: &[u8], options: &ReadOptions) -> Result<(), FormatError> {
    let (bytes, most) = (raw.len() as u64, options.limits.text_bytes / 3);
    let encoding = text::encoding_of(raw).name();
    if bytes <= most || encoding == "UTF-8" {
        return Ok(());
    }
    let found = format!("{bytes} bytes in {encoding}");
    let expected = format!("at most {most}, or UTF-8");
    Err(FormatError::new(STEP, "the file's size", found, expected))
}

/// Rows are short; a text without line ends would be held several times over.
fn check_lines(raw: &[u8]) -> Result<(), FormatError> {
    const LONGEST: usize = 16 << 20;
    let mut lines = raw.split(|byte| matches!(byte, b'\n' | b'\r')).zip(1..);
    let Some((line, number)) = lines.find(|(line, _)| LONGEST < line.len()) else {
        return Ok(());
    };
    let (place, found) = (format!("line {number}"), format!("{} bytes", line.len()));
    let expected = format!("at most {LONGEST} bytes in a line");
    Err(FormatError::new(STEP, place, found, expected))
}

fn check_rate(rate_hz: f64) -> Result<(), FormatError> {
    if SampleRate::from_hz(rate_hz).is_some() {
        return Ok(());
    }
    let (place, found) = ("the times, or the stated rate", format!("{rate_hz} Hz"));
    Err(FormatError::new(STEP, place, found, "0.1 to 100000 Hz"))
}

/// The column of times to use; none where its times repeat and the caller names the rate.
fn time_of(
    layout: &Layout,
    options: &ReadOptions,
    warnings: &mut Vec<String>,
) -> Option<(usize, time::Form)> {
    let first_row = first_row(layout);
    match (
        options.missing_rate_hz,
        time_column(&layout.columns, &first_row),
    ) {
        (Some(hz), Some(_)) if layout.rate_hz.is_none() && times_repeat(layout) => {
            let warning = format!("several rows share a time: {hz} Hz was taken for all");
            warnings.push(warning);
            None
        }
        (_, time) => time,
    }
}

/// The cells of the first row, to see what its times look like.
fn first_row(layout: &Layout) -> Vec<String> {
    let row = layout::lines(layout.body).next();
    row.and_then(|row| split(row.text, layout.cells, row.number).ok())
        .unwrap_or_default()
}

/// Whether the first rows of the only column of times share one.
fn times_repeat(layout: &Layout) -> bool {
    let cells: Vec<Vec<String>> = layout::lines(layout.body)
        .take(50)
        .filter_map(|row| split(row.text, layout.cells, row.number).ok())
        .collect();
    let Some((idx, _)) = cells
        .first()
        .and_then(|first| time_column(&layout.columns, first))
    else {
        return false;
    };
    cells
        .windows(2)
        .any(|pair| pair[0].get(idx) == pair[1].get(idx))
}

fn assumed_rate(
    layout: &Layout,
    options: &ReadOptions,
    warnings: &mut Vec<String>,
) -> Result<f64, FormatError> {
    let assumed = options
        .missing_rate_hz
        .filter(|hz| hz.is_finite() && 0.0 < *hz);
    let hz = assumed.ok_or_else(|| {
        let names: Vec<&str> = layout.columns.iter().map(|it| it.name.as_str()).collect();
        let place = format!("line {}, the head", layout.first_line.saturating_sub(1));
        let expected = "a column time_s, or a comment `# rate_hz: 500`";
        FormatError::new(STEP, place, quoted(&names.join(",")), expected)
            .advise("name the rate; for a converter's numbers also steps a millivolt and zero")
    })?;
    warnings.push(format!("no time column and no rate: {hz} Hz was assumed"));
    Ok(hz)
}

fn trace(
    column: &Column,
    mut values: Vec<f32>,
    rate_hz: f64,
    about: &About,
    options: &ReadOptions,
) -> Trace {
    let (name, origin) = about.comments.lead(&label(column, about));
    let scale = scale(column, about, options);
    if let Ok((mv, zero, _)) = scale
        && (mv, zero) != (1.0, 0.0)
    {
        for value in &mut values {
            *value = sample_mv((f64::from(*value) - zero) * mv);
        }
    }
    let signal = Signal {
        name,
        rate_hz,
        n_samples: values.len() as u64,
        scale: scale.map(|(mv, _, unit)| Scale {
            mv,
            unit,
            step: None,
            rails: None,
        }),
        prefilter: String::new(),
        origin,
    };
    (signal, values)
}

fn label(column: &Column, about: &About) -> String {
    let label = column.name.as_str();
    match about.is_ours {
        true => armed(label),
        false => dialects::lead_of_electrodes(label)
            .unwrap_or(label)
            .to_owned(),
    }
}

/// Millivolts per number, the number of 0 mV, and the unit as reported.
fn scale(
    column: &Column,
    about: &About,
    options: &ReadOptions,
) -> Result<(f64, f64, String), String> {
    let unit = column.unit.as_deref().unwrap_or(&about.unit);
    let unit = if dialects::is_no_unit(unit) { "" } else { unit };
    match options.converter {
        Some(Converter { steps_per_mv, zero }) if unit.is_empty() => {
            let words = format!("mV (assumed: {steps_per_mv} steps a millivolt from {zero})");
            Ok((1.0 / steps_per_mv, zero, words))
        }
        _ => voltage(unit, options).map(|(mv, unit)| (mv, 0.0, unit)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_could_be_read_two_ways_are_refused() {
        let refused = |text: &str, words: &str| {
            let error = open(
                &Bytes::Memory(text.as_bytes().into()),
                &ReadOptions::default(),
            )
            .err();
            let error = error.map_or_else(String::new, |error| error.to_string());
            assert!(error.contains(words), "{text}: {error}");
        };
        refused(
            "time;I (uV)\n0,000;0\n0,002;1.234\n",
            "line 3, column \"I\"",
        );
        refused("time;I (uV)\n0;0\n1;1.234,5\n", "one mark for decimals");
        refused("time,I (uV)\ns,mV\n0,0\n1,1\n", "\"uV\", as the head says");
        refused(
            "# unit: uV\n# unit: mV\ntime,I\n0,0\n1,1\n",
            "\"uV\", as before",
        );
    }

    #[test]
    fn a_text_without_line_ends_is_no_table() {
        let long = [b"time_s,I\n0,".to_vec(), vec![b'9'; 17 << 20]].concat();
        let error = open(&Bytes::Memory(long.into()), &ReadOptions::default()).err();
        let error = error.map_or_else(String::new, |error| error.to_string());
        assert!(
            error.contains("line 2") && error.contains("in a line"),
            "{error}"
        );
    }

    #[test]
    fn text_that_grows_when_it_is_decoded_has_a_lower_limit() {
        let mut options = ReadOptions::default();
        options.limits.text_bytes = 90;
        let refused = |text: &[u8]| {
            let error = open(&Bytes::Memory(text.into()), &options).err();
            error.is_some_and(|error| error.to_string().contains("or UTF-8"))
        };
        assert!(refused(
            "time_s,I (µV)\n0,1\n0.002,1\n"
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect::<Vec<_>>()
                .as_slice()
        ));
        assert!(!refused(
            "time_s,I (µV)\n0,1\n0.002,1\n0.004,1\n0.006,1\n".as_bytes()
        ));
    }
}
