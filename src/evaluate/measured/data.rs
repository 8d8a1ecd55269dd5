//! Recordings to measure: NumPy arrays of int16 microvolts, `[record, lead, sample]`, of eight or
//! twelve leads, with `index.csv` beside.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use super::super::EvaluateError;
use crate::ecg::{Lead, LeadName, LeadSet, SampleRate};

/// One recording with its row of the index.
pub(super) struct Record {
    pub(super) row: HashMap<String, String>,
    pub(super) leads: LeadSet,
}

impl Record {
    /// A column of the index; empty where there is none.
    pub(super) fn column(&self, name: &str) -> &str {
        self.row.get(name).map_or("", String::as_str)
    }

    /// Whether the labels name this SCP code.
    pub(super) fn has_label(&self, code: &str) -> bool {
        self.column("labels").contains(&format!("'{code}'"))
    }

    /// Whether the labels name a sinus rhythm, and neither fibrillation, flutter nor pacing.
    pub(super) fn is_sinus(&self) -> bool {
        ["SR", "SBRAD", "STACH", "SARRH"]
            .iter()
            .any(|it| self.has_label(it))
            && !["AFIB", "AFLT", "PACE"].iter().any(|it| self.has_label(it))
    }
}

/// All recordings of a folder, in the order of its arrays' names.
pub(super) fn records(folder: &Path) -> Result<Vec<Record>, EvaluateError> {
    let index = index(&folder.join("index.csv"))?;
    let listed = fs::read_dir(folder).map_err(|it| EvaluateError::Io(folder.into(), it))?;
    let mut arrays: Vec<PathBuf> = listed
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|it| it == "npy"))
        .collect();
    arrays.sort();
    let mut leads = Vec::new();
    for path in &arrays {
        let bytes = fs::read(path).map_err(|it| EvaluateError::Io(path.clone(), it))?;
        leads.extend(lead_sets(&bytes).ok_or_else(|| not_an_array(path))?);
    }
    let rows = index.into_iter().chain(std::iter::repeat(HashMap::new()));
    let records: Vec<Record> = leads
        .into_iter()
        .zip(rows)
        .map(|(leads, row)| Record { row, leads })
        .collect();
    if records.is_empty() {
        return Err(EvaluateError::Nothing(format!(
            "no unpacked array in {}",
            folder.display()
        )));
    }
    Ok(records)
}

fn not_an_array(path: &Path) -> EvaluateError {
    let path = path.display();
    EvaluateError::Nothing(format!("not int16 [record, 8 or 12 leads, sample]: {path}"))
}

fn index(path: &Path) -> Result<Vec<HashMap<String, String>>, EvaluateError> {
    let failed = |it: csv::Error| EvaluateError::Index(path.into(), it.to_string());
    let mut reader = csv::Reader::from_path(path).map_err(failed)?;
    reader
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(failed)
}

/// Ten seconds each: 500 Hz for 5,000 samples, 100 Hz for 1,000.
fn lead_sets(bytes: &[u8]) -> Option<Vec<LeadSet>> {
    let length = usize::from(u16::from_le_bytes([*bytes.get(8)?, *bytes.get(9)?]));
    let header = std::str::from_utf8(bytes.get(10..10 + length)?).ok()?;
    let shape = header.split_once("'shape': (")?.1.split_once(')')?.0;
    let shape: Vec<usize> = shape
        .split(',')
        .filter_map(|it| it.trim().parse().ok())
        .collect();
    let [_, n_leads, n_samples] = shape[..] else {
        return None;
    };
    let names: &[LeadName] = match n_leads {
        8 => &LeadName::EIGHT,
        12 => &LeadName::TWELVE,
        _ => return None,
    };
    let rate = SampleRate::from_hz(n_samples as f64 / 10.0)?;
    let of_record = |bytes: &[u8]| {
        let of_lead = |(name, bytes): (&LeadName, &[u8])| {
            let mv = |pair: &[u8]| f32::from(i16::from_le_bytes([pair[0], pair[1]])) / 1000.0;
            Lead::measured(
                name.clone(),
                bytes.chunks_exact(2).map(mv).collect::<Vec<_>>(),
            )
        };
        let leads = names
            .iter()
            .zip(bytes.chunks_exact(2 * n_samples))
            .map(of_lead);
        let leads = LeadSet::new(rate, leads.collect()).ok()?;
        Some(leads.with_derived_limb_leads())
    };
    let body = bytes.get(10 + length..)?;
    body.chunks_exact(2 * n_leads * n_samples)
        .map(of_record)
        .collect()
}
