//! Exams to be evaluated: from arrays with an index, from files, from folders of files.

use std::path::{Path, PathBuf};

use super::{EvaluateError, arrays::Array};
use crate::{
    ecg::{Lead, LeadName, LeadSet, SampleRate},
    formats::{ReadOptions, read},
};

/// One exam with what the index says about it.
#[derive(Clone, Debug)]
pub struct Exam {
    /// File or record.
    pub name: String,
    /// Data set it comes from; empty if unknown.
    pub source: String,
    /// Whom it is of; empty if unknown.
    pub patient: String,
    /// `train` or `valid`; empty if unknown.
    pub split: String,
    /// Labels as the index has them.
    pub labels: String,
    /// All leads, the four derived limb leads among them.
    pub leads: LeadSet,
}

/// Exams at `paths`: `.npy` arrays (or folders that hold them) with `index.csv` beside, other files
/// in any format that can be opened, folders of such files. What cannot be read is returned in
/// words.
pub fn read_exams(paths: &[PathBuf]) -> Result<(Vec<Exam>, Vec<String>), EvaluateError> {
    let (mut exams, mut skipped) = (Vec::new(), Vec::new());
    for path in paths {
        for file in files(path)? {
            if file.extension().is_some_and(|it| it == "npy") {
                exams.extend(from_array(&file)?);
            } else {
                match read(&file, &ReadOptions::default()) {
                    Ok(opened) => exams.push(Exam {
                        name: file
                            .file_name()
                            .unwrap_or_default()
                            .to_string_lossy()
                            .into_owned(),
                        source: String::new(),
                        patient: String::new(),
                        split: String::new(),
                        labels: String::new(),
                        leads: opened.recording.leads.with_derived_limb_leads(),
                    }),
                    Err(error) => skipped.push(error.to_string()),
                }
            }
        }
    }
    Ok((exams, skipped))
}

/// The file itself, or what a folder holds: its arrays, or else all that may be a recording, by
/// name.
fn files(path: &Path) -> Result<Vec<PathBuf>, EvaluateError> {
    if !path.is_dir() {
        return Ok(vec![path.into()]);
    }
    let entries = std::fs::read_dir(path).map_err(|it| EvaluateError::Io(path.into(), it))?;
    let mut all: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|it| it.path())
        .filter(|it| it.is_file())
        .collect();
    all.sort();
    let ends = |it: &Path, with: &[&str]| {
        it.extension()
            .is_some_and(|end| with.iter().any(|it| end.eq_ignore_ascii_case(it)))
    };
    let arrays: Vec<_> = all
        .iter()
        .filter(|it| ends(it, &["npy"]))
        .cloned()
        .collect();
    // Signals of a header that stands beside them, and what is no recording.
    all.retain(|it| {
        !ends(it, &["dat", "mat", "xyz", "md", "txt", "json"])
            || (ends(it, &["mat"]) && !it.with_extension("hea").exists())
    });
    Ok(if arrays.is_empty() { all } else { arrays })
}

fn from_array(path: &Path) -> Result<Vec<Exam>, EvaluateError> {
    let array = Array::read(path)?;
    let index = index(&path.with_file_name("index.csv"))?;
    let rate = SampleRate::from_hz(500.0).ok_or_else(|| EvaluateError::Array(path.into()))?;
    let exam = |record: usize| {
        let row = index.get(record).cloned().unwrap_or_default();
        let seconds: f64 = row.valid_s.parse().unwrap_or(f64::INFINITY);
        let n = (seconds * rate.hz()).min(array.samples as f64) as usize;
        let lead = |(idx, name): (usize, LeadName)| {
            Lead::measured(name, array.lead_mv(record, idx)[..n].to_vec())
        };
        let leads = LeadSet::new(
            rate,
            LeadName::EIGHT.into_iter().enumerate().map(lead).collect(),
        )
        .ok()?;
        let name = if row.record.is_empty() {
            format!("{}[{record}]", path.display())
        } else {
            row.record
        };
        Some(Exam {
            name,
            source: row.source,
            patient: row.patient,
            split: row.split,
            labels: row.labels,
            leads: leads.with_derived_limb_leads(),
        })
    };
    Ok((0..array.records()).filter_map(exam).collect())
}

#[derive(Clone, Default, serde::Deserialize)]
#[serde(default)]
struct Row {
    source: String,
    record: String,
    patient: String,
    split: String,
    labels: String,
    valid_s: String,
}

/// Rows of the index beside an array; none where there is no index.
fn index(path: &Path) -> Result<Vec<Row>, EvaluateError> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let mut reader = csv::Reader::from_path(path)
        .map_err(|it| EvaluateError::Index(path.into(), it.to_string()))?;
    reader
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(|it| EvaluateError::Index(path.into(), it.to_string()))
}
