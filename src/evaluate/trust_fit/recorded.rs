//! Reads the array of recordings that the constants are fitted on: int16 microvolts `[record, lead,
//! sample]` and an index in CSV.

use std::{fs, path::Path};

use crate::ecg::{Lead, LeadName, LeadSet, SampleRate};

/// Why the array cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RecordedError {
    /// A file cannot be read.
    #[error("{what}: {error}: {path}")]
    File {
        /// What it should hold.
        what: &'static str,
        /// The system's words.
        error: std::io::Error,
        /// Where.
        path: String,
    },
    /// The content is not as documented.
    #[error("recorded array: {0}")]
    Content(String),
}

/// One recording of the array.
pub struct Recorded {
    /// Dataset it comes from.
    pub source: String,
    /// Whom it is of.
    pub patient: String,
    /// Twelve leads at 500 Hz.
    pub leads: LeadSet,
}

/// All full-length recordings of one split (`train` or `valid`).
pub fn read_split(folder: &Path, split: &str) -> Result<Vec<Recorded>, RecordedError> {
    let index = read(&folder.join("index.csv"), "index")?;
    let array = read(&folder.join("leads8_500hz_uv.npy"), "leads")?;
    let [records, leads, samples] = shape(&array)?;
    let body = &array[array.len().saturating_sub(2 * records * leads * samples)..];
    let mut rows = csv::Reader::from_reader(index.as_slice());
    let headers = rows
        .headers()
        .map_err(|it| RecordedError::Content(it.to_string()))?
        .clone();
    let column = |name: &str| {
        headers
            .iter()
            .position(|it| it == name)
            .ok_or_else(|| RecordedError::Content(format!("no column {name}")))
    };
    let (at_split, at_seconds) = (column("split")?, column("valid_s")?);
    let (at_source, at_patient) = (column("source")?, column("patient")?);
    let mut out = Vec::new();
    for (idx, row) in rows.records().enumerate().take(records) {
        let row = row.map_err(|it| RecordedError::Content(it.to_string()))?;
        if &row[at_split] == split && row[at_seconds].parse::<f64>().is_ok_and(|it| 10.0 <= it) {
            let one = &body[2 * idx * leads * samples..2 * (idx + 1) * leads * samples];
            out.extend(lead_set(one, samples).map(|leads| Recorded {
                source: row[at_source].into(),
                patient: row[at_patient].into(),
                leads,
            }));
        }
    }
    Ok(out)
}

fn read(path: &Path, what: &'static str) -> Result<Vec<u8>, RecordedError> {
    fs::read(path).map_err(|error| RecordedError::File {
        what,
        error,
        path: path.display().to_string(),
    })
}

fn shape(array: &[u8]) -> Result<[usize; 3], RecordedError> {
    let wrong = || RecordedError::Content("not an int16 array of three axes".into());
    let header = array.get(
        10..10
            + usize::from(u16::from_le_bytes([
                *array.get(8).ok_or_else(wrong)?,
                *array.get(9).ok_or_else(wrong)?,
            ])),
    );
    let text = header
        .and_then(|it| std::str::from_utf8(it).ok())
        .filter(|it| it.contains("'<i2'"))
        .ok_or_else(wrong)?;
    let inside = text
        .split_once('(')
        .and_then(|it| it.1.split_once(')'))
        .ok_or_else(wrong)?
        .0;
    let axes: Vec<usize> = inside
        .split(',')
        .filter_map(|it| it.trim().parse().ok())
        .collect();
    axes.try_into().map_err(|_| wrong())
}

fn lead_set(bytes: &[u8], samples: usize) -> Option<LeadSet> {
    let millivolts = |it: &[u8]| f32::from(i16::from_le_bytes([it[0], it[1]])) / 1000.0;
    let rows = bytes
        .chunks_exact(2 * samples)
        .map(|row| row.chunks_exact(2).map(millivolts).collect::<Vec<_>>());
    let leads = LeadName::EIGHT
        .into_iter()
        .zip(rows)
        .map(|(name, it)| Lead::measured(name, it))
        .collect();
    LeadSet::new(SampleRate::from_hz(500.0)?, leads).ok()
}
