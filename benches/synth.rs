//! How long the synthesis takes: what issue "at once, on any machine" promises. Two-core figures are in the README.
#![allow(clippy::expect_used)] // A benchmark stops at what it did not expect.

use std::{hint::black_box, ops::ControlFlow};

use divan::Bencher;
use ecg_panorama::{
    ecg::{Lead, LeadName, LeadSet, SampleRate, ViewAngle},
    synth::{Calibration, CalibrationOptions, ExamTrust, Synthesizer, Target, calibrate, sphere_directions},
};

fn main() {
    divan::main();
}

/// Ten seconds of twelve leads at 500 Hz that beat.
fn exam() -> LeadSet {
    let lead = |(idx, name): (usize, LeadName)| {
        let value = |at: usize| {
            let phase = (at % 400) as f32 / 400.0;
            let wave = |centre: f32, width: f32| (-0.5 * ((phase - centre) / width).powi(2)).exp();
            let turn = idx as f32 * 0.6;
            turn.cos() * wave(0.30, 0.012) - (turn * 0.8).sin() * wave(0.33, 0.014) + 0.25 * wave(0.6, 0.05)
        };
        Lead::measured(name, (0..5000).map(value).collect::<Vec<_>>())
    };
    let leads = LeadName::EIGHT.into_iter().enumerate().map(lead).collect();
    let rate = SampleRate::from_hz(500.0).expect("500 Hz is a rate");
    LeadSet::new(rate, leads).expect("distinct leads of one length").with_derived_limb_leads()
}

fn calibrated(leads: &LeadSet, options: &CalibrationOptions) -> Calibration {
    calibrate(leads, options, &mut |_| ControlFlow::Continue(())).expect("a whole exam calibrates")
}

fn synthesizer() -> Synthesizer {
    let leads = exam();
    let calibration = calibrated(&leads, &CalibrationOptions::default());
    Synthesizer::new(&leads, calibration).expect("the inputs are there")
}

#[divan::bench]
fn calibrate_closed_form(bencher: Bencher) {
    let leads = exam();
    bencher.bench_local(|| calibrated(&leads, &CalibrationOptions::closed_form()));
}

#[divan::bench]
fn calibrate_refined(bencher: Bencher) {
    let leads = exam();
    bencher.bench_local(|| calibrated(&leads, &CalibrationOptions::default()));
}

#[divan::bench]
fn one_further_view(bencher: Bencher) {
    let synthesizer = synthesizer();
    let mut phi = -60.0;
    bencher.bench_local(|| {
        phi += 0.7;
        ViewAngle::from_degrees(80.0, phi).map(|it| synthesizer.view(black_box(it)))
    });
}

/// Where the network has a say: V2 was not recorded.
#[divan::bench]
fn one_further_view_with_the_network(bencher: Bencher) {
    let leads = exam();
    let calibration = calibrated(&leads, &CalibrationOptions::default().withholding(&LeadName::V2));
    let synthesizer = Synthesizer::new(&leads, calibration).expect("the inputs are there");
    let target = Target::lead(&LeadName::V2).expect("in the catalogue");
    bencher.bench_local(|| synthesizer.target(black_box(&target)));
}

#[divan::bench]
fn forty_eight_views(bencher: Bencher) {
    let synthesizer = synthesizer();
    bencher.bench_local(|| synthesizer.panorama());
}

#[divan::bench]
fn body_map_of_642_directions_over_a_beat(bencher: Bencher) {
    let synthesizer = synthesizer();
    let directions = sphere_directions(642);
    bencher.bench_local(|| synthesizer.body_map(&directions, 1000..1400));
}

#[divan::bench(sample_count = 10)]
fn trust_of_one_exam(bencher: Bencher) {
    let leads = exam();
    let options = CalibrationOptions::default();
    let synthesizer = synthesizer();
    let v7: Target = "V7".parse().expect("V7 is known");
    bencher.bench_local(|| ExamTrust::new(&leads, &options, &synthesizer).map(|it| it.of(&synthesizer, &v7)));
}
