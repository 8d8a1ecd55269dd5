//! How long a recording takes to open. `ECG_PANORAMA_LONG=1` adds a 24-hour file of about a
//! gigabyte, made in a temporary folder.
#![allow(clippy::expect_used)] // A benchmark stops at what it did not expect.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    sync::OnceLock,
};

use divan::Bencher;
use ecg_panorama::{
    ecg::{Lead, LeadName, LeadSet, Recording, SampleRate},
    formats::{self, Format, ReadOptions},
};

fn main() {
    divan::main();
    if let Some((folder, path)) = DAY.get().and_then(Option::as_ref) {
        println!("{} after windows of {}", peak_memory(), path.display());
        // A static is never dropped, so its gigabyte is removed here.
        std::fs::remove_dir_all(folder).expect("a folder that goes");
    }
}

/// Ten seconds of twelve leads at 500 Hz.
fn ten_seconds() -> Recording {
    let wave = |lead: usize, at: usize| {
        ((at as f32 * 0.05).sin() * 300.0 + ((at + 7 * lead) % 50) as f32 * 11.0).round() * 0.005
    };
    let leads = LeadName::TWELVE
        .into_iter()
        .enumerate()
        .map(|(lead, name)| {
            Lead::measured(name, (0..5000).map(|at| wave(lead, at)).collect::<Vec<_>>())
        });
    let rate = SampleRate::from_hz(500.0).expect("500 Hz is a rate");
    Recording::from_leads(
        LeadSet::new(rate, leads.collect()).expect("twelve distinct leads of one length"),
    )
}

#[divan::bench(args = ["ten.edf", "ten.hea", "ten.csv"])]
fn read_ten_seconds(bencher: Bencher, name: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join(name);
    let format = Format::from_path(&path).expect("a known extension");
    formats::write(&ten_seconds(), &path, format).expect("a written file");
    bencher.bench_local(|| formats::read(&path, &ReadOptions::default()).expect("a readable file"));
}

/// The long file and its folder.
static DAY: OnceLock<Option<(PathBuf, PathBuf)>> = OnceLock::new();

/// 24 hours, twelve leads, 500 Hz, one-second records: 1.04 GB.
fn day() -> Option<&'static Path> {
    let made = DAY.get_or_init(|| {
        std::env::var_os("ECG_PANORAMA_LONG")?;
        let folder = tempfile::tempdir().ok()?.keep();
        let path = folder.join("day.edf");
        let mut second = formats::to_bytes(&ten_seconds(), Format::EdfPlus).ok()?;
        // Without "+C" the annotation signals are plain bytes, and the records can simply be
        // repeated.
        second[192..197].fill(b' ');
        second[236..244].copy_from_slice(b"86400   ");
        let header = (12 + 2 + 1) * 256;
        let mut out = BufWriter::new(File::create(&path).ok()?);
        out.write_all(&second[..header]).ok()?;
        for _ in 0..8640 {
            out.write_all(&second[header..]).ok()?;
        }
        out.flush().ok()?;
        Some((folder, path))
    });
    made.as_ref().map(|it| it.1.as_path())
}

/// Opens the file and reads ten seconds at a place that changes from call to call.
#[divan::bench]
fn ten_seconds_of_a_day(bencher: Bencher) {
    let Some(path) = day() else { return };
    let mut at = 0.0;
    bencher.bench_local(|| {
        at = (at + 53_617.3) % 86_390.0;
        formats::open(path, &ReadOptions::default())
            .and_then(|it| it.window(at, 10.0))
            .expect("a window")
    });
}

/// The process's largest resident size, where the system tells it.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find(|it| it.starts_with("VmHWM"))
        .map_or_else(|| "peak memory not known here".to_owned(), str::to_owned)
}
