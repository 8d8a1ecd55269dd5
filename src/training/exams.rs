//! Exams to train on: `.npy` arrays with their index, and folders of recordings in any supported
//! format. Every exam ends up high-pass filtered, at the network's internal rate, in eight
//! independent leads.

use std::path::Path;

use rayon::prelude::*;

use super::{TrainingError, virtual_exams::dense_views};
use crate::{
    ecg::{Lead, LeadName, LeadSet, SampleRate},
    formats::{ReadOptions, read},
    geovt::INTERNAL_RATE_HZ,
    signal::{FilterSettings, resample},
};

/// What an exam is for. A patient is never in two of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// To learn from.
    Train,
    /// Training patients set apart: early stopping and every choice look here.
    Dev,
    /// Never looked at before the end.
    Valid,
}

impl Split {
    /// A training patient's side: one in eight is set apart, by name, so that it is the same in
    /// every run.
    pub(super) fn of_patient(patient: &str) -> Self {
        // FNV-1a.
        let hash = patient.bytes().fold(0xcbf2_9ce4_8422_2325u64, |it, byte| {
            (it ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        if (hash >> 32).is_multiple_of(8) {
            Self::Dev
        } else {
            Self::Train
        }
    }
}

/// One exam of ten seconds.
#[derive(Clone, Debug)]
pub struct Exam {
    /// Where it comes from: `ptbxl`, `generated`, a device …
    pub source: String,
    /// What it is for.
    pub split: Split,
    /// Millivolts of [`LeadName::EIGHT`] at [`INTERNAL_RATE_HZ`], 0.5 Hz zero-phase high-pass; of
    /// virtual patients the dense views follow.
    pub leads_mv: Vec<Vec<f32>>,
    /// Range over all twelve leads, mV: what the paper's PSNR is relative to.
    pub range_mv: f64,
}

impl Exam {
    pub(super) fn new(source: String, split: Split, leads: &LeadSet) -> Option<Self> {
        let filtered = FilterSettings::high_pass(0.5).apply(leads);
        let low = resample(&filtered, SampleRate::from_hz(INTERNAL_RATE_HZ)?);
        let eight: Option<Vec<Lead>> = LeadName::EIGHT
            .iter()
            .map(|it| low.get(it).cloned())
            .collect();
        let eight = eight?;
        let more = low
            .leads()
            .iter()
            .filter(|it| dense_views().iter().any(|view| view.name == it.name));
        let leads_mv: Vec<Vec<f32>> = eight
            .iter()
            .chain(more)
            .map(|it| it.samples_mv.to_vec())
            .collect();
        let twelve = LeadSet::new(low.rate(), eight)
            .ok()?
            .with_derived_limb_leads();
        let all = || {
            twelve
                .leads()
                .iter()
                .flat_map(|it| it.samples_mv.iter().copied())
        };
        let range_mv = f64::from(all().fold(f32::MIN, f32::max) - all().fold(f32::MAX, f32::min));
        let sound = leads_mv.iter().flatten().all(|it| it.is_finite())
            && 0.05 < range_mv
            && 600 <= leads_mv[0].len();
        sound.then_some(Self {
            source,
            split,
            leads_mv,
            range_mv,
        })
    }

    /// Whether no patient was ever recorded: a generated or a virtual exam.
    pub(super) fn is_made(&self) -> bool {
        self.source == "generated" || self.source == "virtual"
    }

    /// First (`0`) or second (`1`) half of every lead.
    pub fn half(&self, which: usize) -> Vec<&[f32]> {
        let middle = self.leads_mv[0].len() / 2;
        self.leads_mv
            .iter()
            .map(|it| {
                if which == 0 {
                    &it[..middle]
                } else {
                    &it[middle..]
                }
            })
            .collect()
    }
}

/// All exams under a data folder: `recorded/` (by its `index.csv`) and at most `n_generated` of
/// `generated/`.
pub fn load_exams(data: &Path, n_generated: usize) -> Result<Vec<Exam>, TrainingError> {
    let recorded = data.join("recorded");
    let rows = index(&recorded.join("index.csv"))?;
    let array = npy(&recorded.join("leads8_500hz_uv.npy"))?;
    let real = rows
        .par_iter()
        .zip(array.par_iter())
        .filter_map(|(row, it)| {
            let whole = row.valid_s.is_none_or(|it| 9.99 <= it);
            if whole {
                Exam::new(row.source.clone(), row.split, it)
            } else {
                None
            }
        });
    let mut exams: Vec<Exam> = real.collect();
    for part in 0..3 {
        let path = data.join(format!("generated/leads8_500hz_uv_{part}.npy"));
        let so_far = exams.iter().filter(|it| it.source == "generated").count();
        if so_far < n_generated && path.exists() {
            let array = npy(&path)?;
            let more: Vec<Exam> = array[..(n_generated - so_far).min(array.len())]
                .par_iter()
                .filter_map(|it| Exam::new("generated".into(), Split::Train, it))
                .collect();
            exams.extend(more);
        }
    }
    if exams.is_empty() {
        Err(TrainingError::Empty("neither recorded nor generated"))
    } else {
        Ok(exams)
    }
}

/// Exams in a folder of recordings in any supported format, in the order of their names; of every
/// five the fourth stops the training and the fifth judges it.
pub fn load_folder(folder: &Path) -> Result<Vec<Exam>, TrainingError> {
    let entries = std::fs::read_dir(folder).map_err(|it| file(folder, it))?;
    let mut paths: Vec<_> = entries
        .filter_map(|it| Some(it.ok()?.path()))
        .filter(|it| it.is_file())
        .collect();
    paths.sort();
    let opened = paths
        .par_iter()
        .filter_map(|it| read(it, &ReadOptions::default()).ok())
        .collect::<Vec<_>>();
    let split = |idx: usize| match idx % 5 {
        3 => Split::Dev,
        4 => Split::Valid,
        _ => Split::Train,
    };
    let exams = opened
        .iter()
        .enumerate()
        .filter_map(|(idx, it)| Exam::new("device".into(), split(idx), &it.recording.leads));
    Ok(exams.collect())
}

struct Row {
    source: String,
    split: Split,
    valid_s: Option<f64>,
}

fn index(path: &Path) -> Result<Vec<Row>, TrainingError> {
    let mut reader = csv::Reader::from_path(path).map_err(|it| file(path, it))?;
    let header = reader.headers().map_err(|it| file(path, it))?.clone();
    let column = |name: &str| {
        header
            .iter()
            .position(|it| it == name)
            .ok_or_else(|| file(path, format!("no column {name}")))
    };
    let (source, split, valid_s, patient) = (
        column("source")?,
        column("split")?,
        column("valid_s")?,
        column("patient")?,
    );
    let rows = reader.records().map(|it| {
        let it = it.map_err(|it| file(path, it))?;
        let split = if &it[split] == "train" {
            Split::of_patient(&it[patient])
        } else {
            Split::Valid
        };
        Ok(Row {
            source: it[source].into(),
            split,
            valid_s: it[valid_s].parse().ok(),
        })
    });
    rows.collect()
}

/// int16 microvolts `[record, lead, sample]` of [`LeadName::EIGHT`] at 500 Hz.
fn npy(path: &Path) -> Result<Vec<LeadSet>, TrainingError> {
    let bytes = std::fs::read(path).map_err(|it| file(path, it))?;
    let (shape, body) =
        npy_parts(&bytes).ok_or_else(|| file(path, "not an int16 array [record, 8, sample]"))?;
    #[allow(clippy::expect_used)] // 500 is a rate.
    let rate = SampleRate::from_hz(500.0).expect("positive");
    let record = |it: &[u8]| {
        let leads = LeadName::EIGHT
            .iter()
            .zip(it.chunks_exact(2 * shape[2]))
            .map(|(name, it)| {
                let mv: Vec<f32> = it
                    .chunks_exact(2)
                    .map(|it| f32::from(i16::from_le_bytes([it[0], it[1]])) / 1000.0)
                    .collect();
                Lead::measured(name.clone(), mv)
            });
        LeadSet::new(rate, leads.collect()).ok()
    };
    Ok(body
        .chunks_exact(2 * shape[1] * shape[2])
        .filter_map(record)
        .collect())
}

/// Shape and body of a version 1 `.npy` of little-endian int16 in three dimensions, eight leads.
fn npy_parts(bytes: &[u8]) -> Option<([usize; 3], &[u8])> {
    let rest = bytes.strip_prefix(b"\x93NUMPY\x01\x00")?;
    let length = usize::from(u16::from_le_bytes([*rest.first()?, *rest.get(1)?]));
    let header = std::str::from_utf8(rest.get(2..2 + length)?).ok()?;
    let body = &rest[2 + length..];
    let inside = header.split_once("'shape': (")?.1.split_once(')')?.0;
    let shape: Vec<usize> = inside
        .split(',')
        .filter_map(|it| it.trim().parse().ok())
        .collect();
    let shape: [usize; 3] = shape.try_into().ok()?;
    let sound =
        header.contains("'<i2'") && header.contains("'fortran_order': False") && shape[1] == 8;
    (sound && body.len() == 2 * shape.iter().product::<usize>()).then_some((shape, body))
}

fn file(path: &Path, what: impl std::fmt::Display) -> TrainingError {
    TrainingError::File {
        what: what.to_string(),
        path: path.display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_are_checked() {
        let header = "{'descr': '<i2', 'fortran_order': False, 'shape': (1, 8, 2), }\n";
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend([0u8; 32]);
        assert_eq!(npy_parts(&bytes).unwrap().0, [1, 8, 2]);
        assert!(npy_parts(&bytes[..bytes.len() - 1]).is_none());
        assert!(npy_parts(b"\x93NUMPY").is_none());
    }
}
