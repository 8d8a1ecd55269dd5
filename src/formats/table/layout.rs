//! How a text lays out its numbers: what parts the cells, which column holds what, where the rows
//! begin.

use super::{
    cells::{Cells, cell, split, value},
    time,
};
use crate::formats::{
    FormatError, ReadOptions, Unit,
    contents::Contents,
    error::{TABLE as STEP, quoted},
    options::Converter,
};

/// Everything that must be known before the first row is read.
pub(super) struct Layout<'a> {
    pub format: &'static str,
    pub cells: Cells,
    pub columns: Vec<Column>,
    /// Samples per second, where stated.
    pub rate_hz: Option<f64>,
    /// The rows, and the line of the first of them.
    pub body: &'a str,
    pub first_line: u64,
    /// What the head says beside.
    pub about: Contents,
}

/// One column.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Column {
    pub name: String,
    /// Unit stated for this column.
    pub unit: Option<String>,
    pub role: Role,
    /// How its numbers become millivolts, where the head says so.
    pub converter: Option<Converter>,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Role {
    Signal,
    /// Times in this form.
    Time(time::Form),
    /// Numbers of rows, digital channels.
    Other,
}

impl Column {
    pub fn signal(name: &str, unit: Option<&str>) -> Self {
        Self {
            name: name.to_owned(),
            unit: unit.map(str::to_owned),
            role: Role::Signal,
            converter: None,
        }
    }

    pub fn other(name: &str) -> Self {
        Self {
            role: Role::Other,
            ..Self::signal(name, None)
        }
    }
}

/// Columns that our own tables hold beside the signals of the file they came from: the time, and
/// four derived limb leads.
const BESIDE_SIGNALS: usize = 5;

/// A line that is neither empty nor a comment.
pub(super) struct Line<'a> {
    /// From 1.
    pub number: u64,
    pub text: &'a str,
    /// First byte after it.
    end: usize,
}

/// Such lines, in order.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut at = 0;
    let numbered = text.split_inclusive('\n').zip(1..);
    numbered
        .map(move |(line, number)| {
            at += line.len();
            Line {
                number,
                text: line.trim_end_matches(['\n', '\r']),
                end: at,
            }
        })
        .filter(|line| {
            let text = line.text.trim_start();
            !text.is_empty() && !text.starts_with('#')
        })
}

impl Line<'_> {
    /// What follows this line, and its first line's number.
    pub fn rest<'a>(&self, text: &'a str) -> (&'a str, u64) {
        (&text[self.end.min(text.len())..], self.number + 1)
    }
}

/// A header row, perhaps Excel's `sep=` line before and a row of units behind it.
pub(super) fn plain<'a>(
    text: &'a str,
    is_ours: bool,
    options: &ReadOptions,
) -> Result<Layout<'a>, FormatError> {
    let mut lines = lines(text);
    let nothing = || FormatError::new(STEP, "line 1", "no header row", "column names");
    let mut header = lines.next().ok_or_else(nothing)?;
    let separator = separator(header.text);
    if separator.is_some() {
        header = lines.next().ok_or_else(nothing)?;
    }
    let (format, delimiter) = match separator {
        Some(separator) => (format_of(separator), separator),
        None if is_ours => ("CSV", b','),
        None => delimiter(header.text),
    };
    let mut cells = Cells::of(delimiter);
    if header.text.trim_start().starts_with('\'') {
        cells.quote = b'\'';
    }
    let names = split(header.text, cells, header.number)?;
    check_names(&names, &header, cells, is_ours, options)?;
    let mut last = header;
    let units = lines.next().and_then(|line| {
        let units = split(line.text, cells, line.number).ok()?;
        (!is_ours && is_unit_row(&units, cells)).then_some((units, line))
    });
    let mut columns: Vec<Column> = match is_ours {
        true => own_columns(&names),
        false => names.iter().map(|name| column(name)).collect(),
    };
    if let Some((units, line)) = units {
        for (column, unit) in columns.iter_mut().zip(&units) {
            column.take_unit(unit, line.number)?;
        }
        last = line;
    }
    if let Some(first) = columns.first_mut()
        && !is_ours
        && is_counter(&first.name)
        && names.iter().skip(1).any(|name| !name.is_empty())
    {
        first.role = Role::Other;
    }
    // A delimiter at the end of every row makes a column without a name.
    while columns.last().is_some_and(|last| last.name.is_empty()) && separator.is_some() {
        columns.pop();
    }
    let (body, first_line) = last.rest(text);
    Ok(Layout {
        format,
        cells,
        columns,
        rate_hz: None,
        body,
        first_line,
        about: Contents::default(),
    })
}

/// The delimiter that a line such as `sep=;` names, with or without quotes around it.
fn separator(line: &str) -> Option<u8> {
    let line = line.trim_matches(['"', '\r']);
    let rest = line.strip_prefix("sep=")?;
    rest.bytes()
        .next()
        .filter(|byte| matches!(byte, b',' | b';' | b'\t' | b'|'))
}

fn format_of(delimiter: u8) -> &'static str {
    match delimiter {
        b'\t' => "TSV",
        b';' => "CSV (;)",
        b'|' => "CSV (|)",
        _ => "CSV",
    }
}

/// The delimiter that divides the header into most parts.
fn delimiter(header: &str) -> (&'static str, u8) {
    let count = |it: &u8| header.bytes().filter(|byte| byte == it).count();
    let best = [b',', b';', b'\t'].into_iter().max_by_key(count);
    let best = best.filter(|it| 0 < count(it)).unwrap_or(b',');
    (format_of(best), best)
}

fn check_names(
    names: &[String],
    header: &Line,
    cells: Cells,
    is_ours: bool,
    options: &ReadOptions,
) -> Result<(), FormatError> {
    let place = || format!("line {}", header.number);
    if names
        .iter()
        .all(|name| name.is_empty() || value(name, cells).is_some())
    {
        let expected = "a header row with a name for each column";
        return Err(
            FormatError::new(STEP, place(), quoted(header.text), expected)
                .advise("add a first row such as time_s,I,II and `# unit: mV` before it"),
        );
    }
    if names.len() < 2 && time::Form::of_name(&names[0]).is_some() {
        let expected = "a column per lead beside the time";
        return Err(FormatError::new(
            STEP,
            "the header row",
            quoted(header.text),
            expected,
        ));
    }
    let most = options.limits.signals + if is_ours { BESIDE_SIGNALS } else { 0 };
    if most < names.len() {
        let found = format!("{} columns", names.len());
        return Err(FormatError::new(
            STEP,
            "the header row",
            found,
            format!("at most {most}"),
        ));
    }
    Ok(())
}

/// Units, with no number among them: `ms`, `no_units`, `mV`, `hh:mm:ss.mmm`.
fn is_unit_row(cells: &[String], form: Cells) -> bool {
    let is_unit =
        |cell: &String| Unit::parse(cell).is_some() || time::Form::of_unit(cell).is_some();
    cells.iter().any(is_unit)
        && cells
            .iter()
            .all(|cell| cell.is_empty() || value(cell, form).is_none())
}

/// Our own tables begin with the time; all else are signals, whatever they are called.
fn own_columns(names: &[String]) -> Vec<Column> {
    let signal = |name: &String| Column::signal(name, None);
    let (first, rest) = match names.split_first() {
        Some((first, rest)) if time::Form::of_name(first).is_some() => (Some(first), rest),
        _ => (None, names),
    };
    let time = first.map(|name| column(name));
    time.into_iter().chain(rest.iter().map(signal)).collect()
}

fn column(name: &str) -> Column {
    let form = time::Form::of_name(name);
    let (label, unit) = unit_of(name);
    match form {
        Some(form) => Column {
            role: Role::Time(form),
            ..Column::signal(name, None)
        },
        None => Column::signal(label, unit),
    }
}

impl Column {
    /// Takes the cell of a row of units: it may also tell that this is a column of times.
    fn take_unit(&mut self, unit: &str, line: u64) -> Result<(), FormatError> {
        match (self.role, time::Form::of_unit(unit)) {
            (_, Some(form)) if time::names_time(&self.name) => self.role = Role::Time(form),
            (Role::Signal, _) if !unit.is_empty() => {
                let stated = self.unit.as_deref().filter(|it| Unit::parse(it).is_some());
                if let Some(stated) = stated.filter(|it| Unit::parse(it) != Unit::parse(unit)) {
                    let expected = format!("{}, as the head says", quoted(stated));
                    let place = cell(line, &self.name);
                    return Err(FormatError::new(STEP, place, quoted(unit), expected));
                }
                self.unit = Some(unit.to_owned());
            }
            _ => {}
        }
        Ok(())
    }
}

/// The column of times to use, with the form of its cells.
pub(super) fn time_column(columns: &[Column], first_row: &[String]) -> Option<(usize, time::Form)> {
    let times = columns.iter().enumerate().filter_map(|(idx, column)| {
        let Role::Time(form) = column.role else {
            return None;
        };
        let first = first_row.get(idx).map_or("", String::as_str);
        Some((idx, form.seen(first)))
    });
    times.min_by_key(|time| time.1.rank())
}

fn is_counter(name: &str) -> bool {
    matches!(
        name.to_lowercase().as_str(),
        "" | "index" | "sample" | "samples" | "sample #" | "n" | "nseq" | "unnamed: 0" | "#"
    )
}

/// `I (mV)`, `I [mV]`, `I_mV`, `I/mV`, `I mV`: name and unit.
fn unit_of(header: &str) -> (&str, Option<&str>) {
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

    fn check(text: &str, format: &str, columns: &[(&str, Option<&str>, bool)], first_line: u64) {
        let layout = plain(text, false, &ReadOptions::default()).unwrap();
        assert_eq!(
            (layout.format, layout.first_line),
            (format, first_line),
            "{text}"
        );
        let found: Vec<(&str, Option<&str>, bool)> = layout
            .columns
            .iter()
            .map(|it| {
                (
                    it.name.as_str(),
                    it.unit.as_deref(),
                    it.role == Role::Signal,
                )
            })
            .collect();
        assert_eq!(found, columns, "{text}");
    }

    #[test]
    fn heads_found_in_files() {
        check(
            "\"sep=\t\"\nTimestamp_Unix\tLL-RA\tLA-RA\t\nms\tmV\tmV\t\n1\t2\t3\t\n",
            "TSV",
            &[
                ("Timestamp_Unix", None, false),
                ("LL-RA", Some("mV"), true),
                ("LA-RA", Some("mV"), true),
            ],
            4,
        );
        check(
            "'Elapsed time','MLII'\n'hh:mm:ss.mmm','mV'\n'0:00.000',0.1\n",
            "CSV",
            &[("Elapsed time", None, false), ("MLII", Some("mV"), true)],
            3,
        );
        check(
            "# a remark\n\ntime;I [uV]\n0;1\n",
            "CSV (;)",
            &[("time", None, false), ("I", Some("uV"), true)],
            4,
        );
        check(
            "'sample #','V5'\n0,1024\n",
            "CSV",
            &[("sample #", None, false), ("V5", None, true)],
            2,
        );
    }
}
