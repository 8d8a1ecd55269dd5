//! An electrode that is told in the wrong place: calibration can find it from the other leads, and
//! the synthesis wins back part of what the wrong place cost. Virtual patients, in whom every lead
//! is known.
#![allow(clippy::unwrap_used)] // A test stops at what it did not expect.

use std::ops::ControlFlow;

use ecg_panorama::{
    ecg::{LeadName, LeadSet, Montage, SampleRate, Target, ViewAngle, montage, site},
    phantom::{Condition, Device, VirtualPatient},
    signal::FilterSettings,
    synth::{CalibrationOptions, Synthesizer, WeightSet, calibrate},
};

fn known() -> Vec<LeadName> {
    vec![
        LeadName::I,
        LeadName::II,
        LeadName::V1,
        LeadName::V3,
        LeadName::V4,
        LeadName::V5,
    ]
}

fn patient(seed: u64) -> LeadSet {
    let eight: Vec<&Montage> = LeadName::EIGHT.iter().filter_map(montage).collect();
    let condition = if seed.is_multiple_of(2) {
        Condition::Normal
    } else {
        Condition::ALL[(seed / 2) as usize % Condition::ALL.len()]
    };
    let rate = SampleRate::from_hz(500.0).unwrap();
    let recorded = VirtualPatient::new(condition, 800_000 + seed)
        .record(&eight, rate, 10.0, &Device::ideal())
        .unwrap();
    FilterSettings::high_pass(0.5).apply(&recorded.leads)
}

/// Mean PSNR of V2 and V6 over the last five seconds, which no calibration sees, and how far V3 is
/// then taken to be from its place.
fn score(leads: &LeadSet, told: Option<ViewAngle>, reseat: bool) -> (f64, f64) {
    let options = CalibrationOptions {
        withhold: vec![LeadName::V2, LeadName::V6],
        inputs: Some(vec![LeadName::I, LeadName::II, LeadName::V3]),
        electrode_override: told.map(|it| (LeadName::V3, it)).into_iter().collect(),
        relocate_electrodes: reseat,
        weights: WeightSet::Unseen,
        ..CalibrationOptions::default()
    };
    let known = LeadSet::new(
        leads.rate(),
        known()
            .iter()
            .map(|it| leads.get(it).unwrap().clone())
            .collect(),
    )
    .unwrap();
    let calibration = calibrate(&known, &options, &mut |_| ControlFlow::Continue(())).unwrap();
    let nominal = site("V3").unwrap().view;
    let offset = calibration
        .offsets()
        .find(|it| it.lead == LeadName::V3)
        .cloned();
    let believed = told.unwrap_or(nominal);
    let moved = offset.filter(|it| it.applied).map_or(believed, |it| {
        believed.moved(it.d_theta_deg.to_radians(), it.d_phi_deg.to_radians())
    });
    let synthesizer = Synthesizer::new(&known, calibration).unwrap();
    let all: Vec<f32> = leads
        .leads()
        .iter()
        .flat_map(|it| it.samples_mv.iter().copied())
        .collect();
    let range = f64::from(
        all.iter().copied().fold(f32::MIN, f32::max) - all.iter().copied().fold(f32::MAX, f32::min),
    );
    let psnr = |name: LeadName| {
        let made = synthesizer
            .target(&Target::lead(&name).unwrap())
            .lead
            .samples_mv;
        let pairs = leads
            .get(&name)
            .unwrap()
            .samples_mv
            .iter()
            .zip(made.iter())
            .skip(2500);
        let mse = pairs.map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>() / 2500.0;
        10.0 * (range * range / mse).log10()
    };
    (
        (psnr(LeadName::V2) + psnr(LeadName::V6)) / 2.0,
        moved.angle_to(nominal).to_degrees(),
    )
}

/// `degrees` off in a direction that turns with the patient.
fn wrong_place(degrees: f64, seed: u64) -> ViewAngle {
    let (sin, cos) = (2.4 * seed as f64).sin_cos();
    site("V3")
        .unwrap()
        .view
        .moved((degrees * cos).to_radians(), (degrees * sin).to_radians())
}

/// Right, told wrong, told wrong and found; dB. The last: degrees left between V3 and where it is
/// taken to be.
fn mean_of(patients: std::ops::Range<u64>, degrees: f64) -> [f64; 4] {
    let mut sum = [0.0; 4];
    let n = patients.clone().count() as f64;
    for seed in patients {
        let leads = patient(seed);
        let wrong = Some(wrong_place(degrees, seed));
        let (found, left) = score(&leads, wrong, true);
        let all = [
            score(&leads, None, false).0,
            score(&leads, wrong, false).0,
            found,
            left,
        ];
        sum.iter_mut().zip(all).for_each(|(to, it)| *to += it / n);
    }
    sum
}

#[test]
fn an_electrode_told_thirty_degrees_off_is_found_halfway() {
    let [right, wrong, found, left] = mean_of(0..6, 30.0);
    println!("right {right:.2} dB, told wrong {wrong:.2} dB, found {found:.2} dB, {left:.1}° left");
    assert!(
        right - wrong > 0.5,
        "the question is not empty: {right:.2} {wrong:.2}"
    );
    assert!(
        0.4 * (right - wrong) <= found - wrong,
        "right {right:.2}, wrong {wrong:.2}, found {found:.2} dB"
    );
}

/// For the figures in the documentation; takes minutes.
#[test]
#[ignore = "a measurement, not a test"]
fn measure() {
    for degrees in [10.0, 20.0, 30.0] {
        let [right, wrong, found, left] = mean_of(20..50, degrees);
        let share = 100.0 * (found - wrong) / (right - wrong);
        println!(
            "{degrees}°: right {right:.2} dB, told wrong {wrong:.2}, found {found:.2} ({share:.0} % restored), {left:.1}° left"
        );
    }
}

/// How often an electrode of a real recording is moved, and what that does to withheld leads.
#[test]
#[ignore = "a measurement, not a test"]
fn measure_on_train_patients() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/recorded");
    if !folder.exists() {
        println!("skipped: {} is not there", folder.display());
        return;
    }
    let all = ecg_panorama::evaluate::read_exams(&[folder]).unwrap().0;
    let mut evidence = Vec::new();
    let (mut n, mut moved) = (0, 0);
    for it in all.iter().filter(|exam| exam.split == "train").step_by(6) {
        let leads = FilterSettings::high_pass(0.5).apply(&it.leads);
        let options = CalibrationOptions {
            relocate_electrodes: true,
            ..CalibrationOptions::default()
        };
        let calibration = calibrate(&leads, &options, &mut |_| ControlFlow::Continue(())).unwrap();
        for it in calibration.offsets() {
            n += 1;
            moved += usize::from(it.applied);
            evidence.push(-it.remaining.ln());
        }
    }
    evidence.sort_by(f64::total_cmp);
    println!(
        "{n} leads, {moved} moved; log error factors: {:?}",
        [0.5, 0.9, 0.95, 0.98, 0.99].map(|it| evidence[(it * evidence.len() as f64) as usize])
    );
}
