//! Recordings to measure: NumPy arrays of int16 microvolts, `[record, lead, sample]`, of eight or
//! twelve leads, with `index.csv` beside.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use super::super::{EvaluateError, exam::is_array};
use crate::{ecg::LeadSet, formats::NpyExams};

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
        .filter(|path| is_array(path))
        .collect();
    arrays.sort();
    let mut leads: Vec<LeadSet> = Vec::new();
    for path in &arrays {
        let array = NpyExams::read(path)?;
        let exams = (0..array.len()).filter_map(|at| array.exam(at));
        leads.extend(exams.map(LeadSet::with_derived_limb_leads));
    }
    let rows = index.into_iter().chain(std::iter::repeat(HashMap::new()));
    let records: Vec<Record> = leads
        .into_iter()
        .zip(rows)
        .map(|(leads, row)| Record { row, leads })
        .collect();
    if records.is_empty() {
        return Err(EvaluateError::Nothing(format!(
            "no array in {}",
            folder.display()
        )));
    }
    Ok(records)
}

fn index(path: &Path) -> Result<Vec<HashMap<String, String>>, EvaluateError> {
    let failed = |it: csv::Error| EvaluateError::Index(path.into(), it.to_string());
    let mut reader = csv::Reader::from_path(path).map_err(failed)?;
    reader
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(failed)
}
