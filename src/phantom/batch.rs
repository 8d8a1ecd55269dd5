//! Many patients at once, in memory: what training and tests need.

use std::{ops::Range, sync::LazyLock};

use rayon::prelude::*;

use super::{
    condition::Condition,
    device::Device,
    patient::{Direction, VirtualPatient},
};
use crate::ecg::{Montage, SampleRate, catalogue, panobench_views};

/// One patient's leads, and where each looks from, meant and real.
#[derive(Clone, Debug, PartialEq)]
pub struct DenseRecording {
    /// What the patient has.
    pub condition: Condition,
    /// The seed that made the patient.
    pub seed: u64,
    /// `[lead][time]`, mV, in the order of the montages asked for.
    pub samples_mv: Vec<Vec<f32>>,
    /// Direction of each lead. `None` where a lead has none.
    pub directions: Vec<Option<Direction>>,
}

/// Every unipolar and limb lead of the catalogue, and the 42 positions of the Panobench table
/// (`view-1` to `view-42`).
pub fn dense_montages() -> &'static [Montage] {
    static ALL: LazyLock<Vec<Montage>> = LazyLock::new(|| {
        let unipolar = catalogue()
            .iter()
            .filter(|it| it.group == "standard" || it.exploring_site().is_some())
            .cloned();
        unipolar.chain(panobench_views().iter().cloned()).collect()
    });
    &ALL
}

/// Records the patients of `seeds`, each with the condition that `condition_of` gives, on the rayon pool. No
/// files.
pub fn dense_recordings(
    seeds: Range<u64>,
    condition_of: impl Fn(u64) -> Condition + Sync,
    montages: &[&Montage],
    (rate, seconds): (SampleRate, f64),
    device_of: impl Fn(u64) -> Device + Sync,
) -> Vec<DenseRecording> {
    let one = |seed: u64| {
        let condition = condition_of(seed);
        let patient = VirtualPatient::new(condition, seed);
        let samples_mv = patient.samples_mv(montages, rate, seconds, &device_of(seed));
        let directions = montages.iter().map(|it| patient.direction(it)).collect();
        DenseRecording {
            condition,
            seed,
            samples_mv,
            directions,
        }
    };
    seeds.into_par_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_holds_every_view_asked_for() {
        assert!(
            60 <= dense_montages().len(),
            "{} views",
            dense_montages().len()
        );
        let few: Vec<&Montage> = dense_montages().iter().step_by(9).collect();
        let rate = SampleRate::from_hz(125.0).unwrap();
        let batch = dense_recordings(
            0..2,
            |_| Condition::Normal,
            &few,
            (rate, 2.0),
            |_| Device::ideal(),
        );
        assert_eq!(batch.len(), 2);
        for recording in &batch {
            assert_eq!(recording.samples_mv.len(), few.len());
            assert!(
                recording
                    .samples_mv
                    .iter()
                    .all(|it| it.len() == 250 && it.iter().all(|x| x.is_finite()))
            );
            assert!(recording.directions.iter().all(Option::is_some));
        }
    }
}
