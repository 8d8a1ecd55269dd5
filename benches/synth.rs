//! How long the synthesis takes: what issue "at once, on any machine" promises. Two-core figures
//! are in the README.
#![allow(clippy::expect_used)] // A benchmark stops at what it did not expect.

use std::{hint::black_box, ops::ControlFlow, sync::Arc, time::Instant};

#[cfg(feature = "train")]
use burn::{
    optim::{AdamWConfig, GradientsParams},
    tensor::{Device, Distribution, Tensor},
};
use divan::Bencher;
use ecg_panorama::{
    ecg::{Lead, LeadName, LeadSet, SampleRate, Target, ViewAngle},
    reliability::ExamReliability,
    synth::{Calibration, CalibrationOptions, Synthesizer, calibrate, sphere_directions},
};

fn main() {
    if std::env::args().any(|it| it == "--percentiles") {
        return percentiles();
    }
    divan::main();
}

/// What a median does not tell: the slow ones among single views, and the longest that a cancelled
/// calibration goes on.
fn percentiles() {
    let leads = exam();
    let began = Instant::now();
    let calibration = calibrated(&leads, &CalibrationOptions::closed_form());
    let first = Synthesizer::new(&leads, calibration)
        .expect("the inputs are there")
        .view(ViewAngle::from_degrees(48.0, -38.0).expect("a view"));
    println!(
        "first lead {:.1} ms after the recording, the process being fresh ({} samples)",
        ms(began),
        first.lead.samples_mv.len()
    );
    let began = Instant::now();
    let calibration = calibrated(&leads, &CalibrationOptions::default());
    println!(
        "calibration complete {:.1} ms, first in the process",
        ms(began)
    );
    let synthesizer = Synthesizer::new(&leads, calibration).expect("the inputs are there");
    let once = |it: usize| {
        let view = ViewAngle::from_degrees(70.0 + (it % 40) as f64, -60.0 + 0.7 * it as f64)
            .expect("a view");
        let began = Instant::now();
        black_box(synthesizer.view(view));
        ms(began)
    };
    let mut each: Vec<f64> = (0..300).map(once).collect();
    each.sort_unstable_by(f64::total_cmp);
    println!(
        "one further view: median {:.2} ms, 95th percentile {:.2} ms, slowest {:.2} ms",
        each[150], each[285], each[299]
    );
    let (mut last, mut longest) = (Instant::now(), 0f64);
    calibrate(&leads, &CalibrationOptions::default(), &mut |_| {
        longest = longest.max(ms(last));
        last = Instant::now();
        ControlFlow::Continue(())
    })
    .expect("a whole exam calibrates");
    println!(
        "longest between two moments at which a calibration can be cancelled: {longest:.1} ms"
    );
}

fn ms(since: Instant) -> f64 {
    1000.0 * since.elapsed().as_secs_f64()
}

/// Ten seconds of twelve leads at 500 Hz that beat.
fn exam() -> LeadSet {
    let lead = |(idx, name): (usize, LeadName)| {
        let value = |at: usize| {
            let phase = (at % 400) as f32 / 400.0;
            let wave = |centre: f32, width: f32| (-0.5 * ((phase - centre) / width).powi(2)).exp();
            let turn = idx as f32 * 0.6;
            turn.cos() * wave(0.30, 0.012) - (turn * 0.8).sin() * wave(0.33, 0.014)
                + 0.25 * wave(0.6, 0.05)
        };
        Lead::measured(name, (0..5000).map(value).collect::<Vec<_>>())
    };
    let leads = LeadName::EIGHT.into_iter().enumerate().map(lead).collect();
    let rate = SampleRate::from_hz(500.0).expect("500 Hz is a rate");
    LeadSet::new(rate, leads)
        .expect("distinct leads of one length")
        .with_derived_limb_leads()
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
    let calibration = calibrated(
        &leads,
        &CalibrationOptions::default().withholding(&LeadName::V2),
    );
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
    let directions: Arc<[ViewAngle]> = sphere_directions(642).into();
    bencher.bench_local(|| {
        let map = synthesizer.body_map(directions.clone());
        (1000..1400).map(|it| map.at(it)).collect::<Vec<_>>()
    });
}

#[divan::bench(sample_count = 10)]
fn reliability_of_one_exam(bencher: Bencher) {
    let leads = exam();
    let options = CalibrationOptions::default();
    let synthesizer = synthesizer();
    let v7: Target = "V7".parse().expect("V7 is known");
    bencher.bench_local(|| {
        ExamReliability::new(&leads, &options, &synthesizer).map(|it| it.of(&synthesizer, &v7))
    });
}

/// One iteration of on-the-fly calibration by the paper's form of the network at its published
/// size: 128 channels, batch 32, three leads of 4,608 samples; forward, backward, AdamW. The paper
/// takes 100 of them. Needs 15 GB: run it alone, with `--ignored papers`.
#[cfg(feature = "train")]
#[divan::bench(sample_count = 2, sample_size = 1, ignore)]
fn one_iteration_of_the_papers_form(bencher: Bencher) {
    const BATCH: usize = 32;
    let (plain, device) = (Device::flex(), Device::flex().autodiff());
    let mut network = ecg_panorama::training::GeoVtConfig::paper()
        .with_channels(128)
        .with_width(128)
        .init(&device);
    let mut optimiser = AdamWConfig::new().with_weight_decay(1e-2).init();
    let random = |shape: [usize; 3]| {
        Tensor::<3>::from_inner(Tensor::random(
            shape,
            Distribution::Uniform(0.3, 2.0),
            &plain,
        ))
    };
    let (samples, angles, query) = (
        random([BATCH, 3, 4608]),
        random([BATCH, 3, 2]),
        random([BATCH, 1, 2]),
    );
    let wanted = random([BATCH, 1, 4608]).reshape([BATCH, 4608]);
    let ones = || Tensor::<2>::ones([BATCH, 3], &device);
    bencher.bench_local(|| {
        let found = network.forward(samples.clone(), angles.clone(), ones(), query.clone());
        let loss = (found - wanted.clone()).abs().mean();
        let gradients = GradientsParams::from_grads(loss.backward(), &network);
        network = optimiser.step(5e-5, network.clone(), gradients);
        black_box(loss.into_scalar::<f32>())
    });
}
