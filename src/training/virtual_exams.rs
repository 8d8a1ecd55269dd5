//! Virtual patients as exams: the eight leads at their nominal places, as any exam is told, and
//! truth at views that no real exam shows. Their electrodes sit where the patient's placement error
//! put them, so that nominal and true angles differ.

use std::{ops::Range, sync::LazyLock};

use super::exams::{Exam, Split};
use crate::{
    ecg::{Lead, LeadName, LeadSet, Montage, SampleRate, montage},
    phantom::{Condition, Device, dense_montages, dense_recordings},
};

/// Groups of the catalogue that are asked for beyond the chest.
const GROUPS: [&str; 4] = ["high", "low", "posterior", "right"];
/// Of the Panobench positions, every so manyth is asked for.
const EVERY: usize = 3;
/// Rate of the simulation, Hz.
const RATE_HZ: f64 = 250.0;

/// Views beyond the eight leads that virtual patients show: high, low, posterior and right leads,
/// and some Panobench positions.
pub(super) fn dense_views() -> &'static [&'static Montage] {
    static VIEWS: LazyLock<Vec<&'static Montage>> = LazyLock::new(|| {
        let named = dense_montages()
            .iter()
            .filter(|it| GROUPS.contains(&it.group));
        // Views 4, 34 and 39 are the electrodes of I and II themselves.
        let limb = |it: &&Montage| {
            ["view-4", "view-34", "view-39"]
                .iter()
                .any(|name| it.name.to_string() == *name)
        };
        let positions = dense_montages()
            .iter()
            .filter(|it| it.group == "panobench")
            .filter(|it| !limb(it))
            .step_by(EVERY);
        named.chain(positions).collect()
    });
    &VIEWS
}

/// A lead by number: those of [`LeadName::EIGHT`], then the dense views.
pub(super) fn numbered(lead: usize) -> Option<&'static Montage> {
    match LeadName::EIGHT.get(lead) {
        Some(name) => montage(name),
        None => dense_views().get(lead - LeadName::EIGHT.len()).copied(),
    }
}

/// Virtual patients: half of them normal, the others of every condition in turn, each on a device of its
/// own.
pub(super) fn virtual_exams(seeds: Range<u64>, split: Split) -> Vec<Exam> {
    let Some(rate) = SampleRate::from_hz(RATE_HZ) else {
        return Vec::new();
    };
    let montages: Vec<&Montage> = LeadName::EIGHT
        .iter()
        .filter_map(montage)
        .chain(dense_views().iter().copied())
        .collect();
    let condition = |seed: u64| {
        if seed.is_multiple_of(2) {
            Condition::Normal
        } else {
            Condition::ALL[(seed / 2) as usize % Condition::ALL.len()]
        }
    };
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
        assert!(25 <= dense_views().len());
        for exam in exams {
            assert_eq!(exam.leads_mv.len(), 8 + dense_views().len());
            assert!(
                exam.leads_mv
                    .iter()
                    .all(|it| it.len() == exam.leads_mv[0].len())
            );
        }
        assert_eq!(numbered(3).unwrap().name, LeadName::V2);
        assert_eq!(numbered(8).unwrap().name, dense_views()[0].name);
    }
}
