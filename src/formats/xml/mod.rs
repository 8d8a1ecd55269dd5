//! The XML that carts and archives write: told apart by the root element.

mod aecg;
mod cardiosoft;
mod mortara;
mod muse;
mod parts;
mod schiller;
mod sierra;
mod tree;
mod xli;

use self::tree::Element;
use super::{
    FormatError, ReadOptions,
    bytes::Bytes,
    contents::{Container, Contents},
    text,
};

/// Whether a file that begins so is XML in any encoding.
pub(super) fn is_xml(head: &[u8]) -> bool {
    text::decode(head).0.trim_start().starts_with('<')
}

/// Opens an XML file as what its root element says.
pub(super) fn open(
    bytes: &Bytes,
    options: &ReadOptions,
) -> Result<Box<dyn Container>, FormatError> {
    let raw = bytes.whole(options.limits.document_bytes)?;
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
        _ if mortara::is_mortara(&root) => mortara::open(&root, about, options),
        _ if schiller::is_schiller(&root) => schiller::open(&root, about, options),
        name => Err(root
            .fault(
                "XML",
                format!("<{name}>"),
                "the XML of HL7, MUSE, Philips, CardioSoft, Mortara or Schiller",
            )
            .advise("export the exam in one of these, or as DICOM")),
    }
}
