//! ADInstruments LabChart's text: `Interval=`, `ChannelTitle=`, `Range=`, then rows.

use super::{
    cells::Cells,
    layout::{Column, Layout, Line, Role, lines},
    time::Form,
};
use crate::formats::{FormatError, contents::Contents, dates, error::TABLE as STEP};

/// What the lines with `=` say.
#[derive(Default)]
struct Head {
    about: Contents,
    rate_hz: Option<f64>,
    titles: Vec<String>,
    ranges: Vec<String>,
    last_line: u64,
}

impl Head {
    /// Takes a line of the head; `false` for the first row.
    fn take(&mut self, line: &Line) -> bool {
        let Some((key, rest)) = line.text.split_once('=') else {
            return false;
        };
        let cells = rest.split('\t').map(str::trim).filter(|it| !it.is_empty());
        let parts: Vec<String> = cells.map(str::to_owned).collect();
        match key.trim() {
            "Interval" => self.rate_hz = parts.first().and_then(|text| interval_hz(text)),
            "ExcelDateTime" => self.about.start = parts.get(1).and_then(|text| us_stamp(text)),
            "ChannelTitle" => self.titles = parts,
            "Range" => self.ranges = parts,
            _ => {}
        }
        self.last_line = line.number;
        true
    }

    /// A column of times, if there is one cell more than there are titles, and the channels.
    fn columns(&self, n_cells: usize) -> Vec<Column> {
        let time = (self.titles.len() < n_cells).then(|| Column {
            role: Role::Time(Form::Number(1.0)),
            ..Column::other("time")
        });
        let channels = self.titles.iter().enumerate().map(|(idx, title)| {
            let range = self.ranges.get(idx);
            let unit = range.and_then(|range| range.split_whitespace().last());
            Column::signal(title, unit)
        });
        time.into_iter().chain(channels).collect()
    }
}

/// The layout that the head gives.
pub(super) fn layout(text: &str) -> Result<Layout<'_>, FormatError> {
    let mut head = Head::default();
    let rows = lines(text).find(|line| !head.take(line));
    let fault = |found: String, expected: &str| {
        let place = format!("line {}, the head of LabChart", head.last_line);
        FormatError::new(STEP, place, found, expected)
    };
    let rate_hz = head.rate_hz;
    let rate_hz = rate_hz.ok_or_else(|| fault("no sound interval".into(), "Interval= 0.001 s"))?;
    let rows = rows.ok_or_else(|| fault("no row".into(), "rows of numbers"))?;
    let is_number = |cell: &&str| !cell.trim().is_empty() && !cell.trim().starts_with("#*");
    let n_cells = rows.text.split('\t').filter(is_number).count();
    let n_titles = head.titles.len();
    if n_titles == 0 || !(n_titles..=n_titles + 1).contains(&n_cells) {
        let found = format!("{n_titles} titles over {n_cells} columns");
        return Err(fault(found, "ChannelTitle= with a title for each channel"));
    }
    let start = rows.text.as_ptr().addr() - text.as_ptr().addr();
    let mut body = &text[start..];
    let columns = head.columns(n_cells);
    if let Some(next) = body.find("\nInterval=") {
        let warning = "only the first block of several was read";
        head.about.warnings.push(warning.to_owned());
        body = &body[..=next];
    }
    Ok(Layout {
        format: "LabChart",
        cells: Cells {
            takes_remarks: true,
            ..Cells::of(b'\t')
        },
        columns,
        rate_hz: Some(rate_hz),
        body,
        first_line: rows.number,
        about: head.about,
    })
}

/// "0.002 s", "2 ms".
fn interval_hz(text: &str) -> Option<f64> {
    let (number, unit) = text.split_once(' ').unwrap_or((text, "s"));
    let Form::Number(scale) = Form::of_unit(unit)? else {
        return None;
    };
    let seconds: f64 = number.replace(',', ".").parse().ok()?;
    let hz = 1.0 / (seconds * scale);
    let whole = hz.round();
    let hz = if (hz - whole).abs() < 1e-6 * hz {
        whole
    } else {
        hz
    };
    (hz.is_finite() && 0.0 < hz).then_some(hz)
}

/// "02/07/2019 10:36:26,787000": month first, as LabChart writes it.
fn us_stamp(text: &str) -> Option<jiff::civil::DateTime> {
    let (date, time) = text.split_once(' ')?;
    let date = dates::parted(date, [1, 0, 2])?;
    Some(date.to_datetime(dates::clock(&time.replace(',', "."))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lab_chart_with_and_without_times() {
        let head = "Interval=\t0.002 s\nExcelDateTime=\t4.3e4\t02/07/2019 10:36:26,787000\nChannelTitle=\tECG\tResp\nRange=\t10.000 mV\t5.000 V\n";
        let check = |rows: &str, n_columns: usize| {
            let text = format!("{head}{rows}");
            let layout = layout(&text).unwrap();
            assert_eq!(
                (layout.rate_hz, layout.columns.len()),
                (Some(500.0), n_columns)
            );
            assert_eq!(
                layout.about.start.unwrap().to_string(),
                "2019-02-07T10:36:26.787"
            );
            let rows = super::super::rows::read(&layout, None, &Default::default()).unwrap();
            assert_eq!(rows.columns[n_columns - 2], [0.5, 0.25]);
            assert_eq!(rows.remarks, [(1, "posture".to_owned())]);
        };
        check("0.000\t0.5\t1\n0.002\t0.25\t1\t#* posture\n", 3);
        check("0,5\t1\n0,25\t1\t#* posture\n", 2);
    }
}
