//! The cells of a text: what parts them, and the numbers in them.

use crate::formats::{
    FormatError,
    error::{TABLE as STEP, quoted},
};

/// How cells are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cells {
    pub delimiter: u8,
    pub quote: u8,
    /// A comma may stand for the decimal point.
    pub takes_comma: bool,
    /// Cells beyond the columns that begin with `#*` are remarks (LabChart).
    pub takes_remarks: bool,
}

impl Cells {
    pub fn of(delimiter: u8) -> Self {
        Self {
            delimiter,
            quote: b'"',
            takes_comma: delimiter != b',',
            takes_remarks: false,
        }
    }
}

/// The cells of one line.
pub(super) fn split(line: &str, cells: Cells, number: u64) -> Result<Vec<String>, FormatError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(cells.delimiter)
        .quote(cells.quote)
        .from_reader(line.as_bytes());
    let record =
        reader.records().next().transpose().map_err(|error| {
            FormatError::new(STEP, format!("line {number}"), error, "column names")
        })?;
    Ok(record
        .iter()
        .flatten()
        .map(|cell| cell.trim().to_owned())
        .collect())
}

/// A number; `NaN` for the usual words for none.
pub(super) fn value(text: &str, cells: Cells) -> Option<f64> {
    // Most cells are numbers, so that is tried first: a ten-second file has 65,000 of them.
    let text = text.trim_ascii();
    let parsed: Option<f64> = text.parse().ok();
    let number = parsed.or_else(|| {
        if cells.takes_comma {
            text.replacen(',', ".", 1).parse().ok()
        } else {
            None
        }
    });
    if let Some(number) = number {
        return Some(if number.is_finite() { number } else { f64::NAN });
    }
    let is_none = text.is_empty()
        || ["na", "null", "none", "-"]
            .iter()
            .any(|word| text.eq_ignore_ascii_case(word));
    is_none.then_some(f64::NAN)
}

/// Names a cell for an error.
pub(super) fn cell(line: u64, column: &str) -> String {
    format!("line {line}, column {}", quoted(column))
}
