//! Measurements against cardiologists' bounds, where the data are at hand.
#![allow(clippy::unwrap_used)] // A test says enough by failing.

use std::path::Path;

use ecg_panorama::evaluate::MeasuredTable;

const LUDB: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/ludb");

/// What holds of the numbers of a row; skipped where the data are absent.
fn check(table: MeasuredTable, row: &str, holds: impl Fn(&[f64]) -> bool) {
    if !Path::new(LUDB).exists() {
        println!("skipped: {LUDB} is absent");
        return;
    }
    let text = table.of(Path::new(LUDB), "", 1).unwrap();
    let line = text.lines().find(|line| line.starts_with(row)).unwrap();
    let numbers = line.split(" | ").skip(1).map(|it| it.parse().unwrap());
    let numbers: Vec<f64> = numbers.collect();
    assert!(holds(&numbers), "{line}");
}

/// Number, bias, scatter, percent beyond the tolerance.
#[test]
fn intervals_are_as_cardiologists_mark_them() {
    for (row, bias, sd, beyond) in [
        ("P |", 6.0, 14.0, 35.0),
        ("PR |", 4.0, 11.0, 22.0),
        ("QRS |", 4.0, 10.0, 20.0),
        ("QT |", 8.0, 16.0, 10.0),
    ] {
        check(MeasuredTable::Intervals, row, |it| {
            80.0 <= it[0] && it[1].abs() <= bias && it[2] <= sd && it[3] <= beyond
        });
    }
}

/// Size in mV stands in the row's name: rate of steps, marked, sensitivity, predictive value.
#[test]
fn moving_electrodes_add_few_beats() {
    check(MeasuredTable::Motion, "2 mV | 0.5", |it| {
        98.0 <= it[2] && 96.0 <= it[3]
    });
}

#[test]
fn beats_are_found_paced_or_not() {
    check(MeasuredTable::Beats, "unpaced", |it| {
        99.5 <= it[1] && 99.5 <= it[2]
    });
    check(MeasuredTable::Beats, "paced", |it| {
        97.0 <= it[1] && 97.0 <= it[2]
    });
}
