//! Virtual patients as exams: the eight leads at their nominal places, as any exam is told, and
//! truth at views that no real exam shows. Their electrodes sit where the patient's placement error
//! put them, so that nominal and true angles differ.

use std::ops::Range;

use super::{
    dense_views::dense_views,
    exams::{Exam, Split},
};
use crate::{
    ecg::{Lead, LeadName, LeadSet, Montage, SampleRate, montage},
    phantom::{Condition, Device, dense_recordings},
};

/// Rate of the simulation, Hz.
pub(super) const RATE_HZ: f64 = 250.0;

/// Every second patient is normal, the others have every condition in turn.
pub(super) fn condition(seed: u64) -> Condition {
    if seed.is_multiple_of(2) {
        Condition::Normal
    } else {
        Condition::ALL[(seed / 2) as usize % Condition::ALL.len()]
    }
}

/// Virtual patients: half of them normal, the others of every condition in turn, each on a device of
/// its own.
pub(super) fn virtual_exams(seeds: Range<u64>, split: Split) -> Vec<Exam> {
    let Some(rate) = SampleRate::from_hz(RATE_HZ) else {
        return Vec::new();
    };
    let montages: Vec<&Montage> = LeadName::EIGHT
        .iter()
        .filter_map(montage)
        .chain(dense_views().iter().copied())
        .collect();
    let recordings = dense_recordings(seeds, condition, &montages, (rate, 10.0), Device::drawn);
    let exam = |samples_mv: Vec<Vec<f32>>| {
        let leads = montages
            .iter()
            .zip(samples_mv)
            .map(|(it, samples)| Lead::measured(it.name.clone(), samples));
        Exam::new(
            "virtual".into(),
            split,
            &LeadSet::new(rate, leads.collect()).ok()?,
        )
    };
    recordings
        .into_iter()
        .filter_map(|it| exam(it.samples_mv))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_virtual_exam_shows_every_numbered_lead() {
        let exams = virtual_exams(1..3, Split::Train);
        assert_eq!(exams.len(), 2);
        for exam in exams {
            assert_eq!(exam.leads_mv.len(), 8 + dense_views().len());
            assert!(
                exam.leads_mv
                    .iter()
                    .all(|it| it.len() == exam.leads_mv[0].len())
            );
        }
    }
}
