//! Any bytes as a WFDB record: the header, a NUL, the signal file `r.dat`; a segment `s` lies
//! beside them.
#![no_main]

mod claim;

const SEGMENT: &[u8] = b"s 2 500 30\nr.dat 16 200(3)/mV 16 0 0 0 0 I\nr.dat 16 200(3)/mV 16 0 0 0 0 II\n";

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let at = bytes.iter().position(|it| *it == 0).unwrap_or(bytes.len());
    let data = bytes.get(at + 1..).unwrap_or_default();
    let files = [("r.hea", &bytes[..at]), ("r.dat", data), ("s.hea", SEGMENT)];
    claim::check(ecg_panorama::formats::read_files(&files, &claim::options()));
});
