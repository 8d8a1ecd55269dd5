//! Sample files of the wild, read against numbers that wfdb-python and pyedflib read from them.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test stops at what it did not expect.

use std::path::PathBuf;

use ecg_panorama::formats::{self, ReadOptions};

/// The folder of sample files, or a line that says what was skipped.
fn samples() -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/data/samples"
    ));
    let folder = if folder.is_dir() { Some(folder) } else { None };
    if folder.is_none() {
        println!("skipped: no sample files at ../shared/data/samples");
    }
    folder
}

/// `tests/data/make_sample_numbers.py` made the table with wfdb 4.3.1 and pyedflib 0.1.42.
const NUMBERS: &str = include_str!("data/sample_numbers.tsv");

#[test]
fn every_channel_agrees_with_independent_readers() {
    let Some(folder) = samples() else { return };
    for row in NUMBERS.lines().skip(1) {
        let cells: Vec<&str> = row.split('\t').collect();
        let [file, channel, hz, n] = [cells[0], cells[1], cells[2], cells[3]];
        let numbers: Vec<f64> = cells[4..].iter().map(|it| it.parse().unwrap()).collect();
        let options = ReadOptions {
            main_rate_hz: Some(hz.parse().unwrap()),
            ..ReadOptions::default()
        };
        let opened = formats::read(&folder.join(file), &options).unwrap();
        let idx = opened
            .report
            .leads
            .iter()
            .position(|it| it.found_as == channel)
            .unwrap_or_else(|| panic!("{file}: {channel}"));
        let mv: Vec<f64> = opened.recording.leads.leads()[idx]
            .samples_mv
            .iter()
            .map(|it| f64::from(*it))
            .collect();
        assert_eq!(mv.len().to_string(), n, "{file} {channel}");
        let step_mv = opened.report.leads[idx].step_uv.unwrap() / 1e3;
        let (min, max) = mv.iter().fold((f64::MAX, f64::MIN), |(low, high), it| {
            (low.min(*it), high.max(*it))
        });
        let found = [
            mv[0],
            mv[1],
            mv[mv.len() - 1],
            min,
            max,
            mv.iter().sum::<f64>() / mv.len() as f64,
        ];
        for (found, expected) in found.iter().zip(&numbers) {
            assert!(
                (found - expected).abs() < 0.01 * step_mv + 1e-7 * expected.abs(),
                "{file} {channel}: {found} for {expected}"
            );
        }
        let weighted: f64 = mv
            .iter()
            .enumerate()
            .map(|(idx, it)| (idx % 97 + 1) as f64 * it)
            .sum();
        let size: f64 = mv
            .iter()
            .enumerate()
            .map(|(idx, it)| (idx % 97 + 1) as f64 * it.abs())
            .sum();
        assert!(
            (weighted - numbers[6]).abs() < 1e-7 * size + 1e-6,
            "{file} {channel}: {weighted} for {}",
            numbers[6]
        );
    }
}

#[test]
fn reports_say_what_the_files_hold() {
    let Some(folder) = samples() else { return };
    for (file, format, leads, words) in [
        ("00001_hr.hea", "WFDB 16", 12, "10 s at 500 Hz"),
        ("00001_hr.dat", "WFDB 16", 12, "10 s at 500 Hz"),
        ("A0006.mat", "WFDB with MATLAB 4", 12, "14 s at 500 Hz"),
        ("A0002.hea", "WFDB with MATLAB 4", 12, "2020-05-12T12:33:59"),
        ("s0010_re.xyz", "WFDB 16", 15, "38.4 s at 1000 Hz"),
        ("edf_cardio_sample.edf", "EDF", 1, "40 s at 300 Hz"),
        (
            "bdf_pyedflib_test_generator.bdf",
            "BDF+C",
            1,
            "left out: square 13Hz",
        ),
    ] {
        let opened = formats::read(&folder.join(file), &ReadOptions::default()).unwrap();
        assert_eq!(
            (opened.report.format.as_str(), opened.report.leads.len()),
            (format, leads),
            "{file}"
        );
        let all = opened.report.words().join("\n");
        println!("{all}\n");
        assert!(all.contains(words), "{file}: {all}");
        assert!(
            opened
                .report
                .warnings
                .iter()
                .all(|it| !it.contains("checksum")),
            "{all}"
        );
    }
}
