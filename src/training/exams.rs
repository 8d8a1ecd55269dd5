//! Exams to train on: `.npy` arrays with their index, and folders of recordings in any supported
//! format. Every exam ends up high-pass filtered, at the network's internal rate, in eight
//! independent leads.

use std::path::Path;

use rayon::prelude::*;

use super::{TrainingError, dense_views::dense_views};
use crate::{
    ecg::{Lead, LeadName, LeadSet, SampleRate},
    evaluate::read_exams,
    formats::{NpyExams, ReadOptions, read},
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
    /// A training patient's side: one in eight is set apart.
    pub(super) fn of_patient(patient: &str) -> Self {
        match eighth(patient) {
            0 => Self::Dev,
            _ => Self::Train,
        }
    }
}

/// Which eighth of all patients one belongs to: by name, so that it is the same in every run.
pub(super) fn eighth(patient: &str) -> u64 {
    // FNV-1a.
    let hash = patient.bytes().fold(0xcbf2_9ce4_8422_2325u64, |it, byte| {
        (it ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash >> 32) % 8
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
pub(super) fn load_exams(data: &Path, n_generated: usize) -> Result<Vec<Exam>, TrainingError> {
    let (recorded, _) = read_exams(&[data.join("recorded")])?;
    let real = recorded.par_iter().filter_map(|it| {
        let split = if it.split == "train" {
            Split::of_patient(&it.patient)
        } else {
            Split::Valid
        };
        let whole = 9.99 <= it.leads.duration_s();
        whole.then(|| Exam::new(it.source.clone(), split, &it.leads))?
    });
    let mut exams: Vec<Exam> = real.collect();
    let n_real = exams.len();
    for part in 0..3 {
        let path = data.join(format!("generated/leads8_500hz_uv_{part}.npy"));
        let missing = n_generated.saturating_sub(exams.len() - n_real);
        if 0 < missing && path.exists() {
            let array = NpyExams::read(&path)?;
            let more = (0..missing.min(array.len())).into_par_iter();
            let more =
                more.filter_map(|at| Exam::new("generated".into(), Split::Train, &array.exam(at)?));
            exams.extend(more.collect::<Vec<Exam>>());
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
pub(super) fn load_folder(folder: &Path) -> Result<Vec<Exam>, TrainingError> {
    let entries = std::fs::read_dir(folder).map_err(|it| TrainingError::File {
        what: it.to_string(),
        path: folder.display().to_string(),
    })?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patient_is_always_on_one_side_and_one_in_eight_is_set_apart() {
        let side = |it: u32| Split::of_patient(&format!("ptbxl_p{}", 10_000 + 37 * it));
        assert!((0..50).all(|it| side(it) == side(it)));
        let dev = (0..400).filter(|it| side(*it) == Split::Dev).count();
        assert!((30..80).contains(&dev), "{dev} of 400");
    }

    #[test]
    fn an_exam_has_eight_leads_a_range_and_two_halves() {
        let lead = |name: LeadName| {
            let sample = |t: usize| (t as f32 * 0.02).sin();
            Lead::measured(name, (0..5000).map(sample).collect::<Vec<f32>>())
        };
        let leads = |n: usize| {
            let leads = LeadName::EIGHT.into_iter().take(n).map(lead).collect();
            LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads).unwrap()
        };
        let exam = Exam::new("ptbxl".into(), Split::Train, &leads(8)).unwrap();
        assert_eq!((exam.leads_mv.len(), exam.leads_mv[0].len()), (8, 1250));
        assert!((1.9..2.4).contains(&exam.range_mv), "{}", exam.range_mv);
        let halves = [exam.half(0), exam.half(1)];
        assert!(halves.iter().all(|it| it.len() == 8 && it[0].len() == 625));
        assert!(!exam.is_made());
        assert!(Exam::new("ptbxl".into(), Split::Train, &leads(7)).is_none());
    }
}
