//! The XML that carts and archives write: told apart by the root element.

mod aecg;
mod cardiosoft;
mod muse;
mod sierra;
mod tree;
mod xli;

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use self::tree::Element;
use super::{
    FormatError, ReadOptions,
    bytes::Bytes,
    cart::{Measurement, Quantity},
    contents::{Container, Contents},
    text,
};
use crate::ecg::Sex;

/// Whether a file that begins so is XML in any encoding.
pub(super) fn is_xml(head: &[u8]) -> bool {
    text::decode(head).0.trim_start().starts_with('<')
}

/// Opens an XML file as what its root element says.
pub(super) fn open(
    bytes: &Bytes,
    options: &ReadOptions,
) -> Result<Box<dyn Container>, FormatError> {
    let raw = bytes.whole(options.limits.text_bytes)?;
    let (text, encoding) = text::decode(&raw);
    let root = Element::parse(&text)?;
    let mut about = Contents::default();
    if encoding == text::FALLBACK {
        about
            .warnings
            .push("no known encoding: read as Windows' Latin-1".to_owned());
    }
    match root.name.as_str() {
        "AnnotatedECG" => aecg::open(&root, about, options),
        "RestingECG" => muse::open(&root, about, options),
        "restingecgdata" => sierra::open(&root, about, options),
        "CardiologyXML" => cardiosoft::open(&root, about, options),
        name => Err(root
            .fault(
                "XML",
                format!("<{name}>"),
                "AnnotatedECG (HL7), RestingECG (MUSE), restingecgdata (Philips) or CardiologyXML",
            )
            .advise("export the exam in one of these, or as DICOM")),
    }
}

/// Base64 with or without padding, line breaks anywhere.
fn base64(step: &'static str, element: &Element, text: &str) -> Result<Vec<u8>, FormatError> {
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
fn sex(text: Option<&str>) -> Option<Sex> {
    match text?.trim().chars().next()?.to_ascii_uppercase() {
        'F' | 'W' => Some(Sex::Female),
        'M' => Some(Sex::Male),
        _ => None,
    }
}

/// Family name, comma, given name; whatever there is.
fn full_name(family: Option<&str>, given: Option<&str>) -> Option<String> {
    match (family, given) {
        (Some(family), Some(given)) => Some(format!("{family}, {given}")),
        (one, other) => one.or(other).map(str::to_owned),
    }
}

/// Parts that are there, joined by blanks.
fn joined(parts: &[Option<&str>]) -> Option<String> {
    let there: Vec<&str> = parts.iter().copied().flatten().collect();
    (!there.is_empty()).then(|| there.join(" "))
}

/// The device's measurements by the names of their elements below `parent`.
fn measurements(parent: Option<&Element>, names: &[(&str, Quantity)]) -> Vec<Measurement> {
    let value = |path: &str| parent.and_then(|parent| parent.number_at(path));
    names
        .iter()
        .filter_map(|(path, quantity)| Measurement::sound(*quantity, value(path)?))
        .collect()
}
