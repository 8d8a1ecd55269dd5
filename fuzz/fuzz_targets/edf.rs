//! Any bytes as an EDF, EDF+, BDF or BDF+ file.
#![no_main]

mod claim;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    claim::check(ecg_panorama::formats::read_bytes("fuzz.edf", bytes, &claim::options()));
});
