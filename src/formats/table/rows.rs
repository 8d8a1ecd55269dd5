//! The cells below the head: numbers, times, remarks.

use super::{
    cells::{Cells, cell, value},
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
    pub n_rows: usize,
    /// Row, and remark.
    pub remarks: Vec<(usize, String)>,
    pub warnings: Vec<String>,
    marks: Marks,
}

/// Whether a number had a comma in it, and whether one had a point.
#[derive(Default)]
struct Marks([bool; 2]);

impl Marks {
    /// Where a comma is the decimal mark of one number, a point in another may part thousands.
    fn note(&mut self, text: &str, cells: Cells) -> Result<(), &'static str> {
        if !cells.takes_comma {
            return Ok(());
        }
        for (mark, seen) in [b',', b'.'].iter().zip(&mut self.0) {
            *seen |= text.as_bytes().contains(mark);
        }
        match self.0 {
            [true, true] => Err("one mark for decimals, where commas and points are used"),
            _ => Ok(()),
        }
    }
}

/// The rows one after the other; empty lines are none.
struct Records<'a> {
    reader: csv::Reader<&'a [u8]>,
    record: csv::StringRecord,
    first_line: u64,
}

impl<'a> Records<'a> {
    fn new(layout: &Layout<'a>) -> Self {
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .comment((!layout.cells.takes_remarks).then_some(b'#'))
            .delimiter(layout.cells.delimiter)
            .quote(layout.cells.quote)
            .from_reader(layout.body.as_bytes());
        Self {
            reader,
            record: csv::StringRecord::new(),
            first_line: layout.first_line,
        }
    }

    /// Goes to the next row and gives its line.
    fn next(&mut self) -> Result<Option<u64>, FormatError> {
        loop {
            let line = self.first_line + self.reader.position().line() - 1;
            let more = self.reader.read_record(&mut self.record);
            let place = || format!("line {line}");
            let more =
                more.map_err(|it| FormatError::new(STEP, place(), it, "a row of numbers"))?;
            if !more {
                return Ok(None);
            }
            let at = self.record.position();
            let line = at.map_or(line, |it| self.first_line + it.line() - 1);
            if 1 < self.record.len() || self.record.iter().any(|cell| !cell.trim().is_empty()) {
                return Ok(Some(line));
            }
        }
    }
}

/// The line of a row, to name it in an error. Goes through the text again: of a long recording a
/// list of lines would take more memory than its samples.
pub(super) fn line_of(layout: &Layout, row: usize) -> u64 {
    let mut records = Records::new(layout);
    let mut line = layout.first_line;
    for _ in 0..=row {
        if let Ok(Some(next)) = records.next() {
            line = next;
        }
    }
    line
}

/// Reads all rows. Of several columns of times, `time` is the one to use.
pub(super) fn read(
    layout: &Layout,
    time: Option<(usize, Form)>,
    options: &ReadOptions,
) -> Result<Rows, FormatError> {
    let mut records = Records::new(layout);
    let mut out = Rows::with_room(layout, time, options);
    let mut n_short = 0;
    while let Some(line) = records.next()? {
        let record = &records.record;
        out.take_surplus(record, line, layout, options)?;
        n_short += usize::from(record.len() < layout.columns.len());
        let n_numbers = (out.n_rows as u64 + 1) * layout.columns.len() as u64;
        if options.limits.samples < n_numbers {
            let expected = format!("at most {} numbers", options.limits.samples);
            return Err(FormatError::new(
                STEP,
                format!("line {line}"),
                "more rows",
                expected,
            ));
        }
        out.take(record, line, layout, time)?;
    }
    if out.n_rows == 0 {
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
    /// No row yet, and room for as many as there are lines: lists that grow by doubling would hold
    /// twice the numbers.
    fn with_room(layout: &Layout, time: Option<(usize, Form)>, options: &ReadOptions) -> Self {
        let n_lines = 1 + layout.body.bytes().filter(|it| *it == b'\n').count();
        let most = options.limits.samples as usize / layout.columns.len().max(1);
        let room = n_lines.min(most);
        let signals = layout.columns.iter().map(|it| it.role == Role::Signal);
        Self {
            columns: signals
                .map(|it| Vec::with_capacity(if it { room } else { 0 }))
                .collect(),
            times_s: Vec::with_capacity(if time.is_some() { room } else { 0 }),
            start: None,
            n_rows: 0,
            remarks: Vec::new(),
            warnings: Vec::new(),
            marks: Marks::default(),
        }
    }

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
                        self.remarks.push((self.n_rows, words.trim().to_owned()));
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
                    self.marks.note(text, layout.cells).map_err(fault)?;
                    let number = value(text, layout.cells).ok_or_else(|| fault("a number"))?;
                    numbers.push(physical(number, column));
                }
                Role::Time(_) => {
                    if let Some((_, form)) = time.filter(|time| time.0 == idx) {
                        if let Form::Number(_) = form {
                            self.marks.note(text, layout.cells).map_err(fault)?;
                        }
                        let seconds = form.seconds(text, layout.cells);
                        self.times_s.push(seconds.ok_or_else(|| fault("a time"))?);
                    }
                    if self.n_rows == 0 {
                        self.start = self.start.or_else(|| dates::iso(text));
                    }
                }
                Role::Other => {}
            }
        }
        self.n_rows += 1;
        Ok(())
    }
}

fn physical(number: f64, column: &Column) -> f32 {
    sample_mv(match column.converter {
        Some(converter) => (number - converter.zero) / converter.steps_per_mv,
        None => number,
    })
}
