//! A column of a table: its name, what it holds, and how it is written.

use std::fmt::Write;

use parquet::{
    data_type::{BoolType, ByteArray, DataType, DoubleType, FloatType, Int64Type},
    errors::Result,
    file::writer::SerializedColumnWriter,
};

/// What a column holds. All but the name of the exam may be absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// UTF-8.
    Text,
    /// 64-bit floating point.
    Number,
    /// 64-bit integer.
    Whole,
    /// Yes or no.
    Flag,
    /// A list of 32-bit floating point, never absent; a gap is NaN.
    Samples,
}

/// One value of a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Absent,
    Text(String),
    Number(f64),
    Whole(i64),
    Flag(bool),
    Samples(Vec<f32>),
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<usize> for Cell {
    fn from(count: usize) -> Self {
        Self::Whole(count as i64)
    }
}

impl From<bool> for Cell {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Into::into)
    }
}

/// Name, kind and meaning of a column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub name: &'static str,
    pub kind: Kind,
    pub about: &'static str,
}

impl Column {
    /// As a line of a Parquet message type.
    pub fn declare(&self, message: &mut String) {
        let name = self.name;
        let declared = match self.kind {
            Kind::Text => format!("optional binary {name} (UTF8);"),
            Kind::Number => format!("optional double {name};"),
            Kind::Whole => format!("optional int64 {name};"),
            Kind::Flag => format!("optional boolean {name};"),
            Kind::Samples => format!(
                "required group {name} (LIST) {{ repeated group list {{ required float element; }} }}"
            ),
        };
        let _ = writeln!(message, "  {declared}");
    }

    /// Writes its cells, the `idx`-th of each row.
    pub fn write(
        &self,
        writer: &mut SerializedColumnWriter<'_>,
        rows: &[Vec<Cell>],
        idx: usize,
    ) -> Result<()> {
        let cells = rows.iter().map(|row| &row[idx]);
        match self.kind {
            Kind::Text => {
                optional::<parquet::data_type::ByteArrayType>(writer, cells, |cell| match cell {
                    Cell::Text(text) => Some(ByteArray::from(text.as_str())),
                    _ => None,
                })
            }
            Kind::Number => optional::<DoubleType>(writer, cells, |cell| match cell {
                Cell::Number(number) => Some(*number),
                _ => None,
            }),
            Kind::Whole => optional::<Int64Type>(writer, cells, |cell| match cell {
                Cell::Whole(count) => Some(*count),
                _ => None,
            }),
            Kind::Flag => optional::<BoolType>(writer, cells, |cell| match cell {
                Cell::Flag(flag) => Some(*flag),
                _ => None,
            }),
            Kind::Samples => samples(writer, cells),
        }
    }
}

/// Level 0 is absent, 1 present.
fn optional<'a, T: DataType>(
    writer: &mut SerializedColumnWriter<'_>,
    cells: impl Iterator<Item = &'a Cell>,
    value: impl Fn(&Cell) -> Option<T::T>,
) -> Result<()> {
    let cells: Vec<Option<T::T>> = cells.map(value).collect();
    let present: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
    let values: Vec<T::T> = cells.into_iter().flatten().collect();
    let written = writer
        .typed::<T>()
        .write_batch(&values, Some(&present), None);
    written.map(drop)
}

/// Level 0 of repetition begins a list, 1 goes on; an empty list is level 0 of definition.
fn samples<'a>(
    writer: &mut SerializedColumnWriter<'_>,
    cells: impl Iterator<Item = &'a Cell>,
) -> Result<()> {
    for cell in cells {
        let samples: &[f32] = match cell {
            Cell::Samples(samples) => samples,
            _ => &[],
        };
        let n_levels = samples.len().max(1);
        let present = vec![i16::from(!samples.is_empty()); n_levels];
        let goes_on: Vec<i16> = (0..n_levels).map(|idx| i16::from(idx != 0)).collect();
        writer
            .typed::<FloatType>()
            .write_batch(samples, Some(&present), Some(&goes_on))?;
    }
    Ok(())
}
