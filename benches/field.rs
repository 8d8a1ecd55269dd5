//! What the field prior costs: start, a patient's posterior, a new electrode. Aims: 300 ms, 20 ms,
//! 1 ms.
#![allow(clippy::unwrap_used)] // A benchmark stops at what it did not expect.

use std::hint::black_box;

use divan::Bencher;
use ecg_panorama::{
    ecg::{LeadName, Montage, ViewAngle, montage},
    field::FieldPrior,
};
use faer::Mat;

fn main() {
    divan::main();
}

fn known() -> Vec<&'static Montage> {
    LeadName::EIGHT.iter().filter_map(montage).collect()
}

/// A covariance of one dominant direction, as a recording has.
fn covariance() -> Mat<f64> {
    let shape = [0.4, 0.7, -0.5, -1.0, -0.3, 0.9, 1.0, 0.8];
    Mat::from_fn(8, 8, |i, j| {
        shape[i] * shape[j] + if i == j { 0.02 } else { 0.0 }
    })
}

#[divan::bench]
fn start() -> Vec<FieldPrior> {
    FieldPrior::all_from_bytes(black_box(include_bytes!("../assets/field_prior.bin"))).unwrap()
}

#[divan::bench]
fn posterior(bencher: Bencher) {
    let (prior, known, covariance) = (FieldPrior::embedded(), known(), covariance());
    bencher.bench_local(|| {
        let posterior = prior.posterior(&known, black_box(covariance.as_ref()));
        black_box(&posterior);
    });
}

#[divan::bench]
fn new_electrode(bencher: Bencher) {
    let (known, covariance) = (known(), covariance());
    let posterior = FieldPrior::embedded().posterior(&known, covariance.as_ref());
    let view = ViewAngle::from_degrees(60.0, -20.0).unwrap();
    bencher.bench_local(|| posterior.electrode(black_box(view)));
}

/// Without evidence every member counts: the most an electrode can cost.
#[divan::bench]
fn new_electrode_without_evidence(bencher: Bencher) {
    let known = known();
    let posterior = FieldPrior::embedded().posterior(&known, Mat::zeros(8, 8).as_ref());
    let view = ViewAngle::from_degrees(60.0, -20.0).unwrap();
    bencher.bench_local(|| posterior.electrode(black_box(view)));
}
