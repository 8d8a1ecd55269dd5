//! Exams to train on: `.npy` arrays with their index, and folders of recordings in any supported
//! format. Every exam ends up high-pass filtered, at the network's internal rate, in eight
//! independent leads.

use std::{collections::BTreeSet, path::Path};

use rayon::prelude::*;

use super::{TrainingError, dense_views::dense_views};
use crate::{
    ecg::{Lead, LeadName, LeadSet, N_PHASES, SampleRate},
    evaluate::{LabelledExam, read_exams},
    formats::{ReadOptions, read},
    geovt::INTERNAL_RATE_HZ,
    signal::{FilterSettings, detect_beats, resample},
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
        match part_of(patient) {
            Part::Dev => Self::Dev,
            Part::Population | Part::Networks => Self::Train,
        }
    }
}

/// What a training patient of the many recordings at 100 Hz serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The population, which the networks' examples start from: nobody may be in both.
    Population,
    /// The networks.
    Networks,
    /// Early stopping and every choice.
    Dev,
}

/// By name, so that it is the same in every run: of eight patients one is set apart and three are
/// the population.
pub(super) fn part_of(patient: &str) -> Part {
    // FNV-1a.
    let hash = patient.bytes().fold(0xcbf2_9ce4_8422_2325u64, |it, byte| {
        (it ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    match (hash >> 32) % 8 {
        0 => Part::Dev,
        1..=3 => Part::Population,
        _ => Part::Networks,
    }
}

/// One exam of ten seconds.
#[derive(Clone, Debug)]
pub struct Exam {
    /// Where it comes from: `ptbxl`, `virtual`, a device …
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

    /// Whether no patient was ever recorded: a virtual exam.
    pub(super) fn is_made(&self) -> bool {
        self.source == "virtual"
    }

    /// Phases of the beat, instant by instant, as these of the eight leads show them.
    pub(super) fn phases(&self, leads: &[usize]) -> Vec<[f64; N_PHASES]> {
        let lead =
            |it: &usize| Lead::measured(LeadName::EIGHT[*it].clone(), self.leads_mv[*it].clone());
        let n = self.leads_mv[0].len();
        SampleRate::from_hz(INTERNAL_RATE_HZ)
            .and_then(|rate| LeadSet::new(rate, leads.iter().map(lead).collect()).ok())
            .map_or_else(
                || vec![[0.0, 0.0, 0.0, 1.0]; n],
                |leads| detect_beats(&leads).phases(n),
            )
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

/// Of the many recordings at 100 Hz, every so manyth of those set apart is looked at.
const DEV_EVERY: usize = 12;

/// All exams under a data folder: `recorded/`, and at most `n_more` of `ptbxl_100hz/` to learn from,
/// each by its `index.csv`. No patient of the population is among those to learn from.
pub(super) fn load_exams(data: &Path, n_more: usize) -> Result<Vec<Exam>, TrainingError> {
    let (recorded, _) = read_exams(&[data.join("recorded")])?;
    let many = data.join("ptbxl_100hz");
    let (more, _) = read_exams(&if many.exists() {
        vec![many]
    } else {
        Vec::new()
    })?;
    let of_many = |part: Part| {
        let is = move |it: &&LabelledExam| it.split == "train" && part_of(&it.patient) == part;
        more.iter().filter(is)
    };
    let population: BTreeSet<&str> = of_many(Part::Population)
        .map(|it| it.patient.as_str())
        .collect();
    let split = |it: &LabelledExam| match &*it.split {
        "train" => Split::of_patient(&it.patient),
        _ => Split::Valid,
    };
    let learned = of_many(Part::Networks);
    let step = learned.clone().count().div_ceil(n_more.max(1)).max(1);
    let learned = learned.step_by(step).take(n_more);
    let all: Vec<&LabelledExam> = recorded
        .iter()
        .filter(|it| 9.99 <= it.leads.duration_s() && !population.contains(it.patient.as_str()))
        .chain(learned)
        .chain(of_many(Part::Dev).step_by(DEV_EVERY))
        .collect();
    let exam = |it: &&LabelledExam| Exam::new(it.source.clone(), split(it), &it.leads);
    let exams: Vec<Exam> = all.par_iter().filter_map(exam).collect();
    if exams.is_empty() {
        Err(TrainingError::Empty("no recording"))
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
