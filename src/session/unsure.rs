//! A file that does not say what its numbers are: what it holds, so that the user can say it.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use super::{read_as::ReadAs, reading::read};
use crate::{
    ecg::{LeadName, Origin, statistics::extremes},
    formats::{FormatError, Opened, Unit},
};

/// Lines of a text that are shown.
const LINES: usize = 8;
/// Bytes of a text that are looked at for them.
const HEAD: u64 = 4096;
/// Samples of a column that are shown.
const SAMPLES: usize = 2000;
/// A rate to try a table with: which one makes no difference to whether it can be read.
const ANY_RATE_HZ: f64 = 500.0;

/// What is known of such a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Unsure {
    /// The file.
    pub path: PathBuf,
    /// What was said of it so far.
    pub read_as: ReadAs,
    /// Whether it states no unit.
    pub lacks_unit: bool,
    /// Whether it states neither times nor a rate.
    pub lacks_rate: bool,
    /// Its signals.
    pub columns: Vec<Column>,
    /// Its first lines, where it is a text.
    pub lines: Vec<String>,
}

/// A signal of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// What the file calls it.
    pub name: LeadName,
    /// Its first numbers: as they stand where there is no unit, otherwise millivolts.
    pub values: Vec<f32>,
}

impl Unsure {
    /// A file that cannot be read as it is but could be, if the user said what it lacks.
    pub(super) fn of(path: &Path, read_as: &ReadAs) -> Option<Self> {
        let attempt = |unit: bool, rate: bool| {
            let read_as = ReadAs {
                unit: read_as.unit.or(unit.then_some(Unit::Millivolt)),
                rate_hz: read_as.rate_hz.or(rate.then_some(ANY_RATE_HZ)),
                leads: Vec::new(),
                ..read_as.clone()
            };
            read(path, &read_as).ok()
        };
        let lacking = [(true, false), (false, true), (true, true)];
        lacking.into_iter().find_map(|(unit, rate)| {
            let (_, opened) = attempt(unit, rate)?;
            Some(Self::new(path, read_as, (unit, rate), &opened))
        })
    }

    /// A file that can be read, of which the user wants to say what its leads are.
    pub(super) fn of_readable(path: &Path, read_as: &ReadAs) -> Result<Self, FormatError> {
        let plain = ReadAs {
            leads: Vec::new(),
            ..read_as.clone()
        };
        let (_, opened) = read(path, &plain)?;
        let lacks = (read_as.unit.is_some(), read_as.rate_hz.is_some());
        Ok(Self::new(path, read_as, lacks, &opened))
    }

    fn new(
        path: &Path,
        read_as: &ReadAs,
        (lacks_unit, lacks_rate): (bool, bool),
        opened: &Opened,
    ) -> Self {
        let leads = opened.recording.leads.leads().iter();
        let columns = leads
            .filter(|lead| !matches!(lead.origin, Origin::Derived { .. }))
            .map(|lead| Column {
                name: lead.name.clone(),
                values: lead.samples_mv.iter().take(SAMPLES).copied().collect(),
            });
        Self {
            path: path.to_owned(),
            read_as: read_as.clone(),
            lacks_unit,
            lacks_rate,
            columns: columns.collect(),
            lines: first_lines(path),
        }
    }

    /// What the file does not say, for the command line.
    pub(super) fn lacks(&self) -> &'static str {
        match (self.lacks_unit, self.lacks_rate) {
            (true, true) => "the unit of its numbers, nor how many of them make a second",
            (false, true) => "how many of its numbers make a second",
            (true, false) | (false, false) => "the unit of its numbers",
        }
    }

    /// Largest swing of any signal: numbers as they stand, or millivolts.
    pub fn swing(&self) -> f32 {
        let columns = self.columns.iter();
        let ranges = columns.filter_map(|column| extremes(column.values.iter().copied()));
        ranges.map(|[low, high]| high - low).fold(0.0, f32::max)
    }
}

/// The first lines of a text; none of anything else.
fn first_lines(path: &Path) -> Vec<String> {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    if read.is_err() || head.contains(&0) {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(&head);
    let lines = text.lines().take(LINES);
    lines.map(|line| line.chars().take(100).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unsure(head: &str, with_times: bool, read_as: &ReadAs) -> Option<(bool, bool, Vec<String>)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let row = |k: usize| {
            let time = if with_times {
                format!("{},", k as f64 / 250.0)
            } else {
                String::new()
            };
            format!("{time}{},{}\n", k % 7, 2 * (k % 5))
        };
        let rows: String = (0..3000).map(row).collect();
        std::fs::write(&path, format!("{head}\n{rows}")).unwrap();
        let found = Unsure::of(&path, read_as)?;
        assert_eq!(found.lines[0], head.lines().next().unwrap());
        assert_eq!(found.swing(), 8.0, "numbers as they stand");
        let names = found.columns.iter().map(|column| column.name.to_string());
        Some((found.lacks_unit, found.lacks_rate, names.collect()))
    }

    #[test]
    fn what_is_lacking_is_told_apart() {
        let nothing = ReadAs::default();
        let check = |head, with_times| unsure(head, with_times, &nothing);
        let both = vec!["ch1".to_owned(), "ch2".to_owned()];
        assert_eq!(
            check("time_s,ch1,ch2", true),
            Some((true, false, both.clone()))
        );
        assert_eq!(check("ch1,ch2", false), Some((true, true, both.clone())));
        assert_eq!(
            check("ch1 (mV),ch2 (mV)", false),
            Some((false, true, both.clone()))
        );
        let said = ReadAs {
            unit: Some(Unit::Microvolt),
            ..ReadAs::default()
        };
        let rest = unsure("ch1 (mV),ch2 (mV)", false, &said);
        assert_eq!(rest, Some((false, true, both)));
    }

    #[test]
    fn rubbish_lacks_nothing_that_can_be_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, "nothing").unwrap();
        assert_eq!(Unsure::of(&path, &ReadAs::default()), None);
    }
}
