//! Exams to be evaluated: from arrays with an index, from files, from folders of files.

use std::path::{Path, PathBuf};

use super::EvaluateError;
use crate::{
    ecg::LeadSet,
    formats::{NpyExams, ReadOptions, read},
};

/// One exam with what the index says about it.
#[derive(Clone, Debug)]
pub struct LabelledExam {
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

/// Exams at `paths`: `.npy` or `.npy.gz` arrays (or folders that hold them) at the rate in their
/// name with `index.csv` beside, other files in any format that can be opened, folders of such files. What cannot be read is returned in
/// words.
pub fn read_exams(paths: &[PathBuf]) -> Result<(Vec<LabelledExam>, Vec<String>), EvaluateError> {
    let (mut exams, mut skipped) = (Vec::new(), Vec::new());
    for path in paths {
        for file in files(path)? {
            if is_array(&file) {
                exams.extend(from_array(&file)?);
            } else {
                match read(&file, &ReadOptions::default()) {
                    Ok(opened) => exams.push(LabelledExam {
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
    let arrays: Vec<_> = all.iter().filter(|it| is_array(it)).cloned().collect();
    // Signals of a header that stands beside them, and what is no recording.
    all.retain(|it| {
        !ends(it, &["dat", "mat", "xyz", "md", "txt", "json"])
            || (ends(it, &["mat"]) && !it.with_extension("hea").exists())
    });
    Ok(if arrays.is_empty() { all } else { arrays })
}

/// Whether the name is that of a NumPy array, packed or not.
pub(super) fn is_array(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(".npy") || name.ends_with(".npy.gz")
}

fn from_array(path: &Path) -> Result<Vec<LabelledExam>, EvaluateError> {
    let array = NpyExams::read(path)?;
    let mut index = index(&path.with_file_name("index.csv"))?;
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let file = file.trim_end_matches(".gz");
    // An index of several arrays names each row's.
    index.retain(|row| row.file.is_empty() || row.file.trim_end_matches(".gz") == file);
    let exam = |record: usize| {
        let row = index.get(record).cloned().unwrap_or_default();
        let leads = array.exam(record)?;
        let seconds: f64 = row.valid_s.parse().unwrap_or(f64::INFINITY);
        let n = (seconds * leads.rate().hz()).min(leads.n_samples() as f64) as usize;
        let name = if row.record.is_empty() {
            format!("{}[{record}]", path.display())
        } else {
            row.record
        };
        Some(LabelledExam {
            name,
            source: row.source,
            patient: row.patient,
            split: row.split,
            labels: row.labels,
            leads: leads.slice(0..n)?.with_derived_limb_leads(),
        })
    };
    Ok((0..array.len()).filter_map(exam).collect())
}

#[derive(Clone, Default, serde::Deserialize)]
#[serde(default)]
struct Row {
    file: String,
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Two records of eight leads in an array, with an index that says how much of each is valid.
    #[test]
    fn an_array_is_read_with_its_index() {
        let folder = tempfile::tempdir().unwrap();
        let header = "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 8, 1000), }\n";
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        let value = |at: usize| ((at / 1000) * 10 + at % 7) as i16;
        bytes.extend((0..16_000).flat_map(|at| value(at).to_le_bytes()));
        std::fs::write(folder.path().join("leads.npy"), bytes).unwrap();
        let index = "record,source,patient,split,labels,valid_s\n\
            a,ptbxl,p1,train,NORM,2.0\nb,ptbxl,p2,valid,IMI,1.5\n";
        std::fs::write(folder.path().join("index.csv"), index).unwrap();
        let (exams, skipped) = read_exams(&[folder.path().to_owned()]).unwrap();
        assert!(skipped.is_empty());
        let told = |it: &LabelledExam| (it.name.clone(), it.patient.clone(), it.leads.n_samples());
        assert_eq!(told(&exams[0]), ("a".into(), "p1".into(), 1000));
        assert_eq!(told(&exams[1]), ("b".into(), "p2".into(), 750));
        assert_eq!(
            exams[0].leads.leads().len(),
            12,
            "the derived limb leads too"
        );
        let index = "file,record\nother.npy,x\nleads.npy,y\nleads.npy,z\n";
        std::fs::write(folder.path().join("index.csv"), index).unwrap();
        let (exams, _) = read_exams(&[folder.path().to_owned()]).unwrap();
        assert_eq!((&*exams[0].name, &*exams[1].name), ("y", "z"));
        std::fs::write(folder.path().join("leads.npy"), b"PK").unwrap();
        assert!(read_exams(&[folder.path().to_owned()]).is_err());
    }
}
