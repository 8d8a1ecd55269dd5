//! Any bytes as whatever they are: DICOM, SCP-ECG, ISHNE, ATC, XML, JSON, zip, text.
#![no_main]

mod claim;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    claim::check(ecg_panorama::formats::read_bytes("fuzz.bin", bytes, &claim::options()));
});
