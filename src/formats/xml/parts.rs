//! What several of the XML formats share: base64, names, measurements.

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::tree::Element;
use crate::{
    ecg::Sex,
    formats::{
        FormatError,
        cart::{Measurement, Quantity},
    },
};

/// Base64 with or without padding, line breaks anywhere.
pub(super) fn base64(
    step: &'static str,
    element: &Element,
    text: &str,
) -> Result<Vec<u8>, FormatError> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    let packed: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    LENIENT
        .decode(packed)
        .map_err(|error| element.fault(step, error, "samples in base64"))
}

/// Sex by its first letter, as English files have it.
pub(super) fn sex(text: Option<&str>) -> Option<Sex> {
    match text?.trim().chars().next()?.to_ascii_uppercase() {
        'F' | 'W' => Some(Sex::Female),
        'M' => Some(Sex::Male),
        _ => None,
    }
}

/// Parts that are there, joined by blanks.
pub(super) fn joined(parts: &[Option<&str>]) -> Option<String> {
    let there: Vec<&str> = parts.iter().copied().flatten().collect();
    (!there.is_empty()).then(|| there.join(" "))
}

/// The device's measurements by the names of their elements below `parent`.
pub(super) fn measurements(
    parent: Option<&Element>,
    names: &[(&str, Quantity)],
) -> Vec<Measurement> {
    let value = |path: &str| parent.and_then(|parent| parent.number_at(path));
    names
        .iter()
        .filter_map(|(path, quantity)| Measurement::sound(*quantity, value(path)?))
        .collect()
}
