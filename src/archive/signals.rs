//! Exams as rows of a Parquet file. A row has its leads as lists of numbers, either each in a
//! column by its own name (`I`, `V1`) or all in one column `signal` beside a list of their names;
//! its rate, its unit and, if it likes, its identifier. Nothing is guessed: what is not said must be
//! given by the caller, or the row is refused.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use parquet::{
    file::reader::{FileReader, SerializedFileReader},
    record::{
        Field, Row,
        reader::{ReaderIter, TreeBuilder},
    },
};
use sha2::{Digest, Sha256};

use super::ArchiveError;
use crate::{
    ecg::{Lead, LeadName, LeadSet, Recording, SampleRate, hex},
    formats::{MissingUnit, ReadOptions, Unit},
};

const ID: [&str; 5] = ["record", "record_id", "ecg_id", "study_id", "filename"];
const RATE: [&str; 4] = ["rate_hz", "fs", "sampling_rate", "sampling_frequency"];
const UNIT: [&str; 2] = ["unit", "units"];
const SIGNAL: [&str; 5] = ["signal", "signals", "sample", "samples", "p_signal"];
const NAMES: [&str; 4] = ["leads", "lead_names", "sig_name", "channels"];
/// Rows that the library holds at once: a row is a whole exam.
const ROWS_AT_ONCE: usize = 4;

/// Reads the rows of a file one after the other; going back begins the row group anew.
pub struct SignalRows {
    path: PathBuf,
    reader: SerializedFileReader<File>,
    n_rows: u64,
    rows: Option<ReaderIter>,
    /// The row that `rows` gives next, and the first that it does not have.
    next: u64,
    end: u64,
}

/// A row as it is in the file.
pub struct SignalRow {
    path: PathBuf,
    number: u64,
    row: Row,
}

impl SignalRows {
    /// Opens a file, reading its footer only.
    pub fn open(path: &Path) -> Result<Self, ArchiveError> {
        // Looked at before it is opened: opening a pipe waits for whoever writes into it.
        if !path.is_file() {
            return Err(ArchiveError::io(path, io::Error::other("no plain file")));
        }
        let file = File::open(path).map_err(|it| ArchiveError::io(path, it))?;
        let reader = SerializedFileReader::new(file);
        let reader = reader.map_err(|it| ArchiveError::parquet(path, it))?;
        let n_rows = reader.metadata().file_metadata().num_rows();
        Ok(Self {
            path: path.to_owned(),
            reader,
            n_rows: u64::try_from(n_rows).unwrap_or(0),
            rows: None,
            next: 0,
            end: 0,
        })
    }

    /// Rows of the file.
    pub fn len(&self) -> u64 {
        self.n_rows
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.n_rows == 0
    }

    /// A row, from 0.
    pub fn row(&mut self, number: u64) -> Result<SignalRow, ArchiveError> {
        if number < self.next || self.end <= number || self.rows.is_none() {
            self.seek(number)?;
        }
        let failed = |it| ArchiveError::parquet(&self.path, it);
        while let Some(row) = self.rows.as_mut().and_then(Iterator::next) {
            let row = row.map_err(failed)?;
            self.next += 1;
            if self.next == number + 1 {
                let path = self.path.clone();
                return Ok(SignalRow { path, number, row });
            }
        }
        Err(self.no_row(number))
    }

    /// Begins the row group that holds a row.
    fn seek(&mut self, number: u64) -> Result<(), ArchiveError> {
        let failed = |it| ArchiveError::parquet(&self.path, it);
        let schema = self.reader.metadata().file_metadata().schema_descr_ptr();
        let mut first = 0;
        for group in 0..self.reader.num_row_groups() {
            let n_rows = self.reader.metadata().row_group(group).num_rows();
            let end = first + u64::try_from(n_rows).unwrap_or(0);
            if number < end {
                let group = self.reader.get_row_group(group).map_err(failed)?;
                let builder = TreeBuilder::new().with_batch_size(ROWS_AT_ONCE);
                self.rows = Some(builder.as_iter(schema, &*group).map_err(failed)?);
                (self.next, self.end) = (first, end);
                return Ok(());
            }
            first = end;
        }
        Err(self.no_row(number))
    }

    fn no_row(&self, number: u64) -> ArchiveError {
        ArchiveError::Row {
            path: self.path.clone(),
            row: number,
            place: "the file".into(),
            found: format!("{} rows", self.n_rows),
            expected: "this row",
        }
    }
}

impl SignalRow {
    /// Its own identifier, if it has one.
    pub fn id(&self) -> Option<String> {
        match self.field(&ID)?.1 {
            Field::Str(text) => Some(text.clone()),
            other => number(other).map(|it| it.to_string()),
        }
    }

    /// Hash of its values.
    pub fn sha256(&self) -> String {
        let mut hasher = Sha256::new();
        for (name, field) in self.row.get_column_iter() {
            hasher.update(name.as_bytes());
            hash(field, &mut hasher);
        }
        hex(&hasher.finalize())
    }

    /// The exam.
    pub fn recording(&self, options: &ReadOptions) -> Result<Recording, ArchiveError> {
        let columns = self.lead_columns()?;
        let scale = self.scales(columns.len(), options)?;
        let rate = self.rate(options)?;
        let leads = columns.into_iter().zip(scale);
        let leads = leads.map(|((name, values), scale)| {
            let mv = values.iter().map(|it| scale.mv(*it) as f32);
            Lead::measured(name, mv.collect::<Vec<f32>>())
        });
        let leads = LeadSet::new(rate, leads.collect())
            .map_err(|it| self.wrong("the leads", it.to_string(), "leads of one length"))?;
        Ok(Recording::from_leads(leads))
    }

    /// The first of these columns that the row has and that is not null.
    fn field(&self, names: &[&str]) -> Option<(&str, &Field)> {
        let of = |name: &&str| {
            let mut columns = self.row.get_column_iter();
            columns.find(|(own, field)| own == name && !matches!(field, Field::Null))
        };
        names.iter().find_map(of).map(|(name, it)| (&**name, it))
    }

    fn wrong(&self, place: &str, found: impl Into<String>, expected: &'static str) -> ArchiveError {
        ArchiveError::Row {
            path: self.path.clone(),
            row: self.number,
            place: place.into(),
            found: found.into(),
            expected,
        }
    }

    /// Names and numbers of the leads; a number that is not there is NaN.
    fn lead_columns(&self) -> Result<Vec<(LeadName, Vec<f64>)>, ArchiveError> {
        let columns = self.row.get_column_iter();
        let leads: Vec<_> = columns
            .filter_map(|(name, field)| Some((LeadName::parse(name), numbers(field)?)))
            .filter(|(name, _)| name.is_known())
            .collect();
        if !leads.is_empty() {
            return Ok(leads);
        }
        let Some((place, Field::ListInternal(signal))) = self.field(&SIGNAL) else {
            let expected = "a column for each lead, by its name, or a column `signal`";
            return Err(self.wrong("the columns", "neither", expected));
        };
        let names = self.lead_names()?;
        let lists: Option<Vec<Vec<f64>>> = signal.elements().iter().map(numbers).collect();
        let lists = lists.ok_or_else(|| self.wrong(place, "another type", "lists of numbers"))?;
        let by_lead = by_lead(lists, names.len());
        let by_lead = by_lead.ok_or_else(|| {
            let expected = "a list for each lead, or for each sample, as many as there are names";
            self.wrong(place, "another shape", expected)
        })?;
        Ok(names.into_iter().zip(by_lead).collect())
    }

    fn lead_names(&self) -> Result<Vec<LeadName>, ArchiveError> {
        let texts = self.field(&NAMES).and_then(|it| texts(it.1));
        let texts = texts.ok_or_else(|| {
            let expected = "a list `leads` of the names of the leads in `signal`";
            self.wrong("the columns", "no names", expected)
        })?;
        Ok(texts.iter().map(|it| LeadName::parse(it)).collect())
    }

    fn rate(&self, options: &ReadOptions) -> Result<SampleRate, ArchiveError> {
        let stated = self.field(&RATE).and_then(|it| number(it.1));
        let hz = stated.or(options.missing_rate_hz);
        hz.and_then(SampleRate::from_hz).ok_or_else(|| {
            let found = hz.map_or("nothing".into(), |it| it.to_string());
            self.wrong("rate_hz", found, "samples per second, or --assume-rate")
        })
    }

    /// How each lead's numbers become millivolts.
    fn scales(&self, n_leads: usize, options: &ReadOptions) -> Result<Vec<Scale>, ArchiveError> {
        if let Some((place, field)) = self.field(&UNIT) {
            let texts = texts(field).unwrap_or_default();
            let units: Option<Vec<Unit>> = texts.iter().map(|it| Unit::parse(it)).collect();
            return match units.as_deref() {
                Some([one]) => Ok(vec![Scale::of(*one); n_leads]),
                Some(each) if each.len() == n_leads => {
                    Ok(each.iter().map(|it| Scale::of(*it)).collect())
                }
                _ => Err(self.wrong(
                    place,
                    texts.join(", "),
                    "mV, uV, nV or V, once or for each lead",
                )),
            };
        }
        match (options.missing_unit, options.converter) {
            (MissingUnit::Take(unit), _) => Ok(vec![Scale::of(unit); n_leads]),
            (MissingUnit::Refuse, Some(it)) => Ok(vec![
                Scale {
                    steps_per_mv: it.steps_per_mv,
                    zero: it.zero,
                };
                n_leads
            ]),
            (MissingUnit::Refuse, None) => {
                let expected = "a unit, --assume-unit or --assume-steps-per-mv";
                Err(self.wrong("unit", "nothing", expected))
            }
        }
    }
}

/// Steps of one millivolt, and the number that stands for 0 mV.
#[derive(Clone, Copy)]
struct Scale {
    steps_per_mv: f64,
    zero: f64,
}

impl Scale {
    fn of(unit: Unit) -> Self {
        Self {
            steps_per_mv: 1.0 / unit.mv(),
            zero: 0.0,
        }
    }

    fn mv(self, number: f64) -> f64 {
        (number - self.zero) / self.steps_per_mv
    }
}

/// Lists for each lead, whichever way they were nested; `None` where that cannot be told.
fn by_lead(lists: Vec<Vec<f64>>, n_leads: usize) -> Option<Vec<Vec<f64>>> {
    let is_by_sample = lists.iter().all(|it| it.len() == n_leads);
    match (lists.len() == n_leads, is_by_sample) {
        (true, false) => Some(lists),
        (false, true) => Some(
            (0..n_leads)
                .map(|lead| lists.iter().map(|it| it[lead]).collect())
                .collect(),
        ),
        _ => None,
    }
}

fn number(field: &Field) -> Option<f64> {
    Some(match field {
        Field::Byte(it) => f64::from(*it),
        Field::Short(it) => f64::from(*it),
        Field::Int(it) => f64::from(*it),
        Field::Long(it) => *it as f64,
        Field::UByte(it) => f64::from(*it),
        Field::UShort(it) => f64::from(*it),
        Field::UInt(it) => f64::from(*it),
        Field::ULong(it) => *it as f64,
        Field::Float16(it) => f64::from(*it),
        Field::Float(it) => f64::from(*it),
        Field::Double(it) => *it,
        _ => return None,
    })
}

/// A list of numbers; null is a gap.
fn numbers(field: &Field) -> Option<Vec<f64>> {
    let Field::ListInternal(list) = field else {
        return None;
    };
    let each = list.elements().iter().map(|it| match it {
        Field::Null => Some(f64::NAN),
        other => number(other),
    });
    each.collect()
}

/// A text, or a list of texts.
fn texts(field: &Field) -> Option<Vec<String>> {
    let one = |it: &Field| match it {
        Field::Str(text) => Some(text.clone()),
        _ => None,
    };
    match field {
        Field::ListInternal(list) => list.elements().iter().map(one).collect(),
        other => one(other).map(|it| vec![it]),
    }
}

fn hash(field: &Field, hasher: &mut Sha256) {
    match field {
        Field::ListInternal(list) => {
            hasher.update((list.len() as u64).to_le_bytes());
            list.elements().iter().for_each(|it| hash(it, hasher));
        }
        other => match number(other) {
            Some(number) => hasher.update(number.to_le_bytes()),
            None => hasher.update(other.to_string()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::{
        columns::{Cell, Column, Kind},
        table::TableWriter,
    };

    /// The columns of a row, each with its value.
    type Columns<'a> = &'a [(&'static str, Kind, Cell)];

    fn read(columns: Columns, options: &ReadOptions) -> Result<Recording, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        let named = columns.iter().map(|(name, kind, _)| Column {
            name,
            kind: *kind,
            about: "",
        });
        let row: Vec<Cell> = columns.iter().map(|it| it.2.clone()).collect();
        let mut table = TableWriter::new(file.reopen().unwrap(), named.collect()).unwrap();
        (0..5).for_each(|_| table.write(&[row.clone(), row.clone()]).unwrap());
        table.close(&[]).unwrap();
        let mut rows = SignalRows::open(file.path()).unwrap();
        assert_eq!(rows.len(), 10);
        assert!(rows.row(10).is_err());
        let hash = rows.row(9).unwrap().sha256();
        let again = rows.row(3).unwrap();
        assert_eq!(again.sha256(), hash, "backwards, and by value");
        again.recording(options).map_err(|it| it.to_string())
    }

    fn samples(values: &[f32]) -> Cell {
        Cell::Samples(values.to_vec())
    }

    #[test]
    fn a_column_for_each_lead() {
        let columns = [
            ("record", Kind::Text, Cell::Text("p1/s2".into())),
            ("rate_hz", Kind::Number, Cell::Number(500.0)),
            ("unit", Kind::Text, Cell::Text("uV".into())),
            ("heart_rate", Kind::Number, Cell::Number(60.0)),
            ("avr", Kind::Samples, samples(&[1000.0, f32::NAN])),
            ("V1", Kind::Samples, samples(&[-250.0, 500.0])),
            ("embedding", Kind::Samples, samples(&[1.0, 2.0, 3.0])),
        ];
        let found = read(&columns, &ReadOptions::default()).unwrap().leads;
        assert_eq!(found.rate().hz(), 500.0);
        assert_eq!(found.leads().len(), 2);
        assert_eq!(found.get(&LeadName::AVR).unwrap().samples_mv[0], 1.0);
        assert!(found.get(&LeadName::AVR).unwrap().samples_mv[1].is_nan());
        assert_eq!(*found.get(&LeadName::V1).unwrap().samples_mv, [-0.25, 0.5]);
    }

    /// What is not said is not guessed.
    #[test]
    fn unit_rate_and_leads_must_be_known() {
        let lead = ("II", Kind::Samples, samples(&[200.0]));
        let refused = |columns: Columns, word: &str| {
            let said = read(columns, &ReadOptions::default()).unwrap_err();
            assert!(said.contains(word), "{said}");
        };
        let rate = ("rate_hz", Kind::Number, Cell::Number(500.0));
        let unit = ("unit", Kind::Text, Cell::Text("mmHg".into()));
        refused(&[lead.clone(), rate.clone()], "--assume-unit");
        refused(&[lead.clone(), rate.clone(), unit], "mmHg");
        refused(
            &[("unit", Kind::Text, Cell::Text("mV".into())), lead.clone()],
            "--assume-rate",
        );
        refused(&[rate], "a column for each lead");
        let options = ReadOptions {
            missing_rate_hz: Some(250.0),
            converter: Some(crate::formats::Converter {
                steps_per_mv: 100.0,
                zero: 100.0,
            }),
            ..ReadOptions::default()
        };
        let found = read(&[lead], &options).unwrap().leads;
        assert_eq!(
            (found.rate().hz(), found.leads()[0].samples_mv[0]),
            (250.0, 1.0)
        );
    }

    #[test]
    fn nested_lists_are_told_apart_by_the_number_of_leads() {
        let check = |lists: &[&[f64]], n_leads, expected: Option<&[&[f64]]>| {
            let owned = |lists: &[&[f64]]| lists.iter().map(|it| it.to_vec()).collect();
            assert_eq!(by_lead(owned(lists), n_leads), expected.map(owned));
        };
        let by_lead = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
        let by_lead: Vec<&[f64]> = by_lead.iter().map(|it| &it[..]).collect();
        check(&by_lead, 2, Some(&by_lead));
        check(&[&[1.0, 4.0], &[2.0, 5.0], &[3.0, 6.0]], 2, Some(&by_lead));
        check(&[&[1.0, 2.0], &[3.0, 4.0]], 2, None);
        check(&by_lead, 4, None);
    }
}
