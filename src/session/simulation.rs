//! A heart of the lab becomes a recording.

use super::{demos::Demo, document::WINDOW_S, exam::Exam, lab::VirtualHeart};
use crate::{
    ecg::{LeadName, Montage, SampleRate, montage},
    formats::{ImportReport, Opened},
    phantom::{Device, VirtualPatient},
};

/// Samples per second of what is simulated.
const RATE_HZ: f64 = 500.0;

/// What a heart is called that has no name of its own.
const TITLE: &str = "Simulated heart";

/// A heart's recording, and the heart, from which the next one may take over what stays.
pub(super) struct Simulation {
    pub exam: Exam,
    pub patient: VirtualPatient,
}

/// A recording of that heart: the twelve leads, and the ones that no routine exam has. `None` for a
/// heart that no recording can be made of.
pub(super) fn simulate(heart: &VirtualHeart) -> Option<Exam> {
    Some(simulate_after(heart, None)?.exam)
}

/// The same after another heart: what has not changed since is not worked out again.
pub(super) fn simulate_after(
    heart: &VirtualHeart,
    before: Option<&VirtualPatient>,
) -> Option<Simulation> {
    let alone = VirtualPatient::of(heart.clone());
    let patient = match before {
        Some(before) => alone.taking_over(before),
        None => alone,
    };
    let names = Demo::LEADS.map(LeadName::parse);
    let leads: Vec<&Montage> = names.iter().filter_map(montage).collect();
    let rate = SampleRate::from_hz(RATE_HZ)?;
    let recording = patient.record(&leads, rate, WINDOW_S, &Device::clinical())?;
    let report = ImportReport {
        file: TITLE.into(),
        format: "simulation".into(),
        duration_s: WINDOW_S,
        window_s: WINDOW_S,
        rate_hz: RATE_HZ,
        device: recording.device.clone(),
        ..ImportReport::default()
    };
    let opened = Opened { recording, report };
    let (mut exam, activation) = rayon::join(
        || Exam::new(TITLE.into(), opened, None),
        || patient.activation(),
    );
    exam.activation = Some(activation.into());
    Some(Simulation { exam, patient })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_simulated_heart_is_an_exam_that_says_so_and_knows_its_activation() {
        let exam = simulate(&VirtualHeart::default()).unwrap();
        assert!(exam.recording.is_simulated());
        let twelve = LeadName::TWELVE
            .iter()
            .all(|it| exam.leads.get(it).is_some());
        assert!(twelve && exam.leads.get(&LeadName::parse("V8")).is_some());
        let last_ms = exam.activation.unwrap().last_ms();
        assert!((50.0..120.0).contains(&last_ms), "{last_ms}");
    }
}
