//! What every target claims: a sound recording or an error that names file, place, found and
//! expected; and what was read, written as CSV and read again, is the same to the bit.

use ecg_panorama::formats::{self, Format, FormatError, Limits, Opened, ReadOptions};

/// Small limits, so that an allocation beyond them ends the run.
pub fn options() -> ReadOptions {
    ReadOptions { limits: Limits { text_bytes: 1 << 20, samples: 1 << 11, notes: 1000, ..Limits::default() }, ..ReadOptions::default() }
}

/// Holds a result against the claims.
pub fn check(result: Result<Opened, FormatError>) {
    let opened = match result {
        Ok(opened) => opened,
        Err(error) => {
            let parts = [error.step, &error.place, &error.found, &error.expected, &error.file];
            assert!(parts.iter().all(|it| !it.is_empty()), "{error:?}");
            return;
        }
    };
    let written = formats::to_bytes(&opened.recording, Format::Csv).expect("CSV holds every recording");
    let options = ReadOptions { limits: Limits { text_bytes: 1 << 28, samples: 1 << 20, ..Limits::default() }, ..ReadOptions::default() };
    let again = formats::read_bytes("again.csv", &written, &options).expect("what was written reads");
    let (one, two) = (&opened.recording.leads, &again.recording.leads);
    assert_eq!((one.rate(), one.n_samples()), (two.rate(), two.n_samples()));
    for (a, b) in one.leads().iter().zip(two.leads()) {
        assert_eq!(a.name, b.name);
        assert!(a.samples_mv.iter().zip(b.samples_mv.iter()).all(|(a, b)| a == b || (a.is_nan() && b.is_nan())));
    }
}
