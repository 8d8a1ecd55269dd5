//! QRS detection on real recordings against a reference detector (recorded numbers; how they were
//! made is said in the file).
#![allow(clippy::unwrap_used)] // A test says enough by failing.

use std::{fs, path::Path};

use ecg_panorama::{
    ecg::{Lead, LeadName, LeadSet, SampleRate},
    signal::detect_beats,
};

const RECORDED: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../shared/data/recorded/leads8_500hz_uv.npy"
);
const REFERENCE: &str = include_str!("data/qrs_ptbxl_valid.txt");
const LEADS: usize = 8;
const SAMPLES: usize = 5000;

/// The int16 body of a NumPy file, little-endian and in C order.
fn body(file: &[u8]) -> &[u8] {
    assert_eq!(&file[..6], b"\x93NUMPY");
    let header = 10 + usize::from(u16::from_le_bytes([file[8], file[9]]));
    assert!(String::from_utf8_lossy(&file[10..header]).contains("<i2"));
    &file[header..]
}

fn row(body: &[u8], row: usize, names: &[LeadName]) -> LeadSet {
    let lead = |name: &LeadName| {
        let idx = LeadName::EIGHT.iter().position(|it| it == name).unwrap();
        let bytes = &body[2 * SAMPLES * (LEADS * row + idx)..][..2 * SAMPLES];
        let samples: Vec<f32> = bytes
            .chunks_exact(2)
            .map(|it| f32::from(i16::from_le_bytes([it[0], it[1]])) / 1000.0)
            .collect();
        Lead::measured(name.clone(), samples)
    };
    LeadSet::new(
        SampleRate::from_hz(500.0).unwrap(),
        names.iter().map(lead).collect(),
    )
    .unwrap()
}

/// Samples before which neither side counts: the reference starts late and misses a beat in the
/// first quarter of a second.
const FIRST: usize = 125;

/// (found and right, found, expected) within ± 50 ms.
fn score(found: &[usize], expected: &[usize]) -> [usize; 3] {
    let late = |peaks: &[usize]| {
        peaks
            .iter()
            .copied()
            .filter(|it| FIRST <= *it)
            .collect::<Vec<_>>()
    };
    let (found, expected) = (late(found), late(expected));
    let right = expected
        .iter()
        .filter(|it| found.iter().any(|at| at.abs_diff(**it) <= 25))
        .count();
    [right, found.len(), expected.len()]
}

fn f1(body: &[u8], names: &[LeadName]) -> f64 {
    let mut total = [0; 3];
    for line in REFERENCE.lines().filter(|it| !it.starts_with('#')) {
        let (index, peaks) = line.split_once(": ").unwrap();
        let expected: Vec<usize> = peaks.split(' ').map(|it| it.parse().unwrap()).collect();
        let found = detect_beats(&row(body, index.parse().unwrap(), names));
        let of_row = score(found.peaks(), &expected);
        if of_row[0] != of_row[1] || of_row[0] != of_row[2] {
            println!(
                "row {index}, {} leads: found {:?}, reference {expected:?}",
                names.len(),
                found.peaks()
            );
        }
        total = std::array::from_fn(|it| total[it] + of_row[it]);
    }
    let [right, found, expected] = total.map(|it| it as f64);
    2.0 * right / (found + expected)
}

#[test]
fn agrees_with_the_reference_on_real_recordings() {
    if !Path::new(RECORDED).exists() {
        println!("skipped: {RECORDED} is absent");
        return;
    }
    let file = fs::read(RECORDED).unwrap();
    let body = body(&file);
    for (names, least) in [
        (&LeadName::EIGHT[..], 0.99),
        (&LeadName::EIGHT[..2], 0.99),
        (&LeadName::EIGHT[1..2], 0.98),
        (&LeadName::EIGHT[3..4], 0.98),
    ] {
        let found = f1(body, names);
        println!("F1 {found:.4} with {} leads from {}", names.len(), names[0]);
        assert!(least <= found, "F1 {found} with {names:?}");
    }
}
