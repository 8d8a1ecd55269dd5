//! Any bytes as a table.
#![no_main]

mod claim;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    claim::check(ecg_panorama::formats::read_bytes("fuzz.csv", bytes, &claim::options()));
});
