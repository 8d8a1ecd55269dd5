//! Storage classes of waveforms (PS3.4 B.5).

pub(super) const TWELVE_LEAD: &str = "1.2.840.10008.5.1.4.1.1.9.1.1";
pub(super) const GENERAL: &str = "1.2.840.10008.5.1.4.1.1.9.1.2";
pub(super) const AMBULATORY: &str = "1.2.840.10008.5.1.4.1.1.9.1.3";

/// Classes with electrocardiograms.
const ECG: [(&str, &str); 4] = [
    (TWELVE_LEAD, "DICOM 12-lead ECG"),
    (GENERAL, "DICOM General ECG"),
    (AMBULATORY, "DICOM Ambulatory ECG"),
    ("1.2.840.10008.5.1.4.1.1.9.1.4", "DICOM General 32-bit ECG"),
];

/// Classes that are refused by name.
const OTHERS: [(&str, &str); 9] = [
    ("1.2.840.10008.5.1.4.1.1.9.2.1", "a haemodynamic waveform"),
    (
        "1.2.840.10008.5.1.4.1.1.9.3.1",
        "an intracardiac electrogram",
    ),
    ("1.2.840.10008.5.1.4.1.1.9.4.1", "a basic voice recording"),
    ("1.2.840.10008.5.1.4.1.1.9.4.2", "an audio recording"),
    ("1.2.840.10008.5.1.4.1.1.9.5.1", "an arterial pulse"),
    ("1.2.840.10008.5.1.4.1.1.9.6.1", "a respiratory waveform"),
    (
        "1.2.840.10008.5.1.4.1.1.9.7",
        "an electroencephalogram or the like",
    ),
    ("1.2.840.10008.5.1.4.1.1.9.8", "a body position"),
    ("1.2.840.10008.5.1.4.1.1.104.1", "an encapsulated PDF"),
];

/// What a class with electrocardiograms is called.
pub(super) fn ecg(class: &str) -> Option<&'static str> {
    ECG.iter()
        .find(|known| known.0 == class)
        .map(|known| known.1)
}

/// What a class without them is called.
pub(super) fn other(class: &str) -> Option<&'static str> {
    let is_below = |root: &str| {
        class
            .strip_prefix(root)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    OTHERS
        .iter()
        .find(|other| is_below(other.0))
        .map(|other| other.1)
}
