//! The cells below the head: numbers, times, remarks.

use super::{
    cells::{cell, value},
    layout::{Column, Layout, Role},
    time::Form,
};
use crate::formats::{
    FormatError, ReadOptions,
    contents::sample_mv,
    dates,
    error::{TABLE as STEP, quoted},
};

/// What the rows hold.
pub(super) struct Rows {
    /// One column of numbers per column of the layout; empty for what is no signal.
    pub columns: Vec<Vec<f32>>,
    /// Seconds, where a column of times is used.
    pub times_s: Vec<f64>,
    /// Local time of the first row, where a column of stamps says so.
    pub start: Option<jiff::civil::DateTime>,
    /// Line of each row.
    pub lines: Vec<u64>,
    /// Row, and remark.
    pub remarks: Vec<(usize, String)>,
    pub warnings: Vec<String>,
}

/// Reads all rows. Of several columns of times, `time` is the one to use.
pub(super) fn read(
    layout: &Layout,
    time: Option<(usize, Form)>,
    options: &ReadOptions,
) -> Result<Rows, FormatError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment((!layout.cells.takes_remarks).then_some(b'#'))
        .delimiter(layout.cells.delimiter)
        .quote(layout.cells.quote)
        .from_reader(layout.body.as_bytes());
    let mut out = Rows {
        columns: vec![Vec::new(); layout.columns.len()],
        times_s: Vec::new(),
        start: None,
        lines: Vec::new(),
        remarks: Vec::new(),
        warnings: Vec::new(),
    };
    let mut record = csv::StringRecord::new();
    let mut n_short = 0;
    loop {
        let line = layout.first_line + reader.position().line() - 1;
        let place = || format!("line {line}");
        let more = reader
            .read_record(&mut record)
            .map_err(|error| FormatError::new(STEP, place(), error, "a row of numbers"))?;
        if !more {
            break;
        }
        let line = record
            .position()
            .map_or(line, |it| layout.first_line + it.line() - 1);
        if record.iter().all(|cell| cell.trim().is_empty()) && record.len() <= 1 {
            continue;
        }
        out.take_surplus(&record, line, layout, options)?;
        n_short += usize::from(record.len() < layout.columns.len());
        let n_numbers = (out.lines.len() as u64 + 1) * layout.columns.len() as u64;
        if options.limits.samples < n_numbers {
            let expected = format!("at most {} numbers", options.limits.samples);
            return Err(FormatError::new(
                STEP,
                format!("line {line}"),
                "more rows",
                expected,
            ));
        }
        out.take(&record, line, layout, time)?;
    }
    if out.lines.is_empty() {
        let place = format!("line {}, below the head", layout.first_line);
        return Err(FormatError::new(STEP, place, "no row", "at least one"));
    }
    if 0 < n_short {
        out.warnings.push(format!(
            "{n_short} rows were short; their last cells count as not recorded"
        ));
    }
    Ok(out)
}

impl Rows {
    /// Cells beyond the columns: empty, or remarks.
    fn take_surplus(
        &mut self,
        record: &csv::StringRecord,
        line: u64,
        layout: &Layout,
        options: &ReadOptions,
    ) -> Result<(), FormatError> {
        for surplus in record.iter().skip(layout.columns.len()) {
            match surplus.trim().strip_prefix("#*") {
                Some(words) if layout.cells.takes_remarks => {
                    if self.remarks.len() < options.limits.notes {
                        self.remarks
                            .push((self.lines.len(), words.trim().to_owned()));
                    }
                }
                _ if surplus.trim().is_empty() => {}
                _ => {
                    let found = format!("{} cells", record.len());
                    let expected = layout.columns.len().to_string();
                    let error = FormatError::new(STEP, format!("line {line}"), found, expected);
                    return Err(error.advise(
                        "commas may not part the cells and stand for the decimal point as well",
                    ));
                }
            }
        }
        Ok(())
    }

    fn take(
        &mut self,
        record: &csv::StringRecord,
        line: u64,
        layout: &Layout,
        time: Option<(usize, Form)>,
    ) -> Result<(), FormatError> {
        let columns = layout.columns.iter().zip(&mut self.columns).enumerate();
        for (idx, (column, numbers)) in columns {
            let text = record.get(idx).unwrap_or("");
            let fault = |expected: &str| {
                FormatError::new(STEP, cell(line, &column.name), quoted(text), expected)
            };
            match column.role {
                Role::Signal => {
                    let number = value(text, layout.cells).ok_or_else(|| fault("a number"))?;
                    numbers.push(physical(number, column));
                }
                Role::Time(_) => {
                    if let Some((_, form)) = time.filter(|time| time.0 == idx) {
                        let seconds = form.seconds(text, layout.cells);
                        self.times_s.push(seconds.ok_or_else(|| fault("a time"))?);
                    }
                    if self.lines.is_empty() {
                        self.start = self.start.or_else(|| dates::iso(text));
                    }
                }
                Role::Other => {}
            }
        }
        self.lines.push(line);
        Ok(())
    }
}

fn physical(number: f64, column: &Column) -> f32 {
    sample_mv(match column.converter {
        Some(converter) => (number - converter.zero) / converter.steps_per_mv,
        None => number,
    })
}
