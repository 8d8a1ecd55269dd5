//! How long a hundred virtual patients take: sixty leads, ten seconds at 500 Hz each.
#![allow(clippy::expect_used)] // A benchmark stops at what it did not expect.

use divan::Bencher;
use ecg_panorama::{
    ecg::{Montage, SampleRate},
    phantom::{Condition, Device, dense_montages, dense_recordings},
};

fn main() {
    divan::main();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!(
        "{}",
        status
            .lines()
            .find(|it| it.starts_with("VmHWM"))
            .unwrap_or("peak memory not known here")
    );
}

#[divan::bench(sample_count = 2, sample_size = 1)]
fn a_hundred_patients_of_sixty_leads(bencher: Bencher) {
    let montages: Vec<&Montage> = dense_montages().iter().take(60).collect();
    assert_eq!(montages.len(), 60);
    let rate = SampleRate::from_hz(500.0).expect("a rate");
    bencher.bench_local(|| {
        let of = |seed: u64| Condition::ALL[seed as usize % Condition::ALL.len()];
        dense_recordings(0..100, of, &montages, (rate, 10.0), |_| Device::clinical()).len()
    });
}
