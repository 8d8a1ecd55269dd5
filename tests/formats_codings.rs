//! Every storage format of WFDB, with random bytes, against what wfdb-python reads.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test stops at what it did not expect.

use std::path::Path;

use ecg_panorama::{
    ecg::LeadName,
    formats::{self, ReadOptions},
};

/// `tests/data/make_wfdb_codings.py` made the records and the numbers with wfdb 4.3.1.
const NUMBERS: &str = include_str!("data/wfdb_codings.tsv");

#[test]
fn every_coding_agrees_with_wfdb_python() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/wfdb"));
    let mut count = 0;
    for row in NUMBERS.lines() {
        let mut cells = row.split('\t');
        let (record, name) = (cells.next().unwrap(), cells.next().unwrap());
        let expected: Vec<f64> = cells.map(|it| it.parse().unwrap()).collect();
        let opened = formats::read(
            &folder.join(format!("{record}.dat")),
            &ReadOptions::default(),
        )
        .unwrap();
        let found = &opened
            .recording
            .leads
            .get(&LeadName::parse(name))
            .unwrap()
            .samples_mv;
        assert_eq!(found.len(), expected.len(), "{record} {name}");
        for (at, (found, expected)) in found.iter().zip(&expected).enumerate() {
            let near = (f64::from(*found) - expected).abs() <= 1e-3 + 1e-6 * expected.abs();
            assert!(
                near || (found.is_nan() && expected.is_nan()),
                "{record} {name} at {at}: {found} for {expected}"
            );
        }
        count += 1;
    }
    assert_eq!(count, 90);
}
