//! How a DICOM file is written: its transfer syntax, with and without the preamble that states it.

use std::sync::Arc;

use encoding_rs::Encoding;

use super::{
    dataset::{Dataset, View, Walk},
    syntax::Syntax,
};
use crate::formats::{FormatError, ReadOptions, bytes::Bytes};

/// A whole file, looked through.
pub(super) struct File {
    /// The bytes that the data set lies in: those of the file, or what they inflate to.
    pub bytes: Bytes,
    pub syntax: Syntax,
    pub dataset: Dataset,
    pub charset: &'static Encoding,
}

const STEP: &str = "DICOM";
const PREAMBLE: usize = 128;

/// Whether a file begins as DICOM: with the preamble, or with the first tags of a data set.
pub(in crate::formats) fn is_dicom(head: &[u8]) -> bool {
    head.get(PREAMBLE..)
        .is_some_and(|rest| rest.starts_with(b"DICM"))
        || bare(head).is_some()
}

/// The syntax of a data set without preamble, by its first element: one of group 2 or 8.
fn bare(head: &[u8]) -> Option<Syntax> {
    let first: &[u8; 8] = head.first_chunk()?;
    let is_typed = first[4..6].iter().all(u8::is_ascii_uppercase);
    match first {
        [2 | 8, 0, ..] if is_typed => Some(Syntax::explicit()),
        [0, 8, ..] if is_typed => Some(Syntax {
            is_explicit: true,
            is_big_endian: true,
        }),
        // (0008,0000) to (0008,0020), with a length that fits these values.
        [8, 0, 0..=0x20, 0, length, 0, 0, 0] if *length <= 128 => Some(Syntax::implicit()),
        _ => None,
    }
}

impl File {
    pub fn open(bytes: Bytes, options: &ReadOptions) -> Result<Self, FormatError> {
        let head = bytes.head(PREAMBLE + 16)?.into_owned();
        let has_preamble = head
            .get(PREAMBLE..)
            .is_some_and(|rest| rest.starts_with(b"DICM"));
        let start = if has_preamble { PREAMBLE as u64 + 4 } else { 0 };
        let mut walk = Walk::new(&bytes, start);
        // Group 2 is always explicit and little-endian (PS3.10 7.1).
        let is_meta = bytes.slice(start, 2).is_ok_and(|group| *group == [2, 0]);
        let meta = if is_meta {
            walk.dataset(Syntax::explicit(), Some(bytes.len()), 0, &|tag| tag.0 == 2)?
        } else {
            Dataset::default()
        };
        let at = walk.at;
        let stated = View {
            dataset: &meta,
            bytes: &bytes,
            syntax: Syntax::explicit(),
            charset: encoding_rs::WINDOWS_1252,
        }
        .text((2, 0x10));
        let guess = || {
            let here = bytes.slice(at, 8).unwrap_or_default();
            bare(&here).unwrap_or(Syntax::implicit())
        };
        let mut is_deflated = false;
        let syntax = match stated.as_deref() {
            None => guess(),
            Some("1.2.840.10008.1.2") => Syntax::implicit(),
            Some("1.2.840.10008.1.2.1") => Syntax::explicit(),
            Some("1.2.840.10008.1.2.2") => Syntax {
                is_explicit: true,
                is_big_endian: true,
            },
            Some("1.2.840.10008.1.2.1.99") => {
                is_deflated = true;
                Syntax::explicit()
            }
            // Compressed images: the data set itself is explicit.
            Some(other) if other.starts_with("1.2.840.10008.1.2.4") => Syntax::explicit(),
            Some(other) => {
                return Err(FormatError::new(
                    STEP,
                    "(0002,0010)",
                    other,
                    "a known transfer syntax",
                ));
            }
        };
        if is_deflated {
            let inflated = inflate(&bytes, at, options)?;
            return Self::read(Bytes::Memory(inflated), 0, syntax);
        }
        Self::read(bytes, at, syntax)
    }

    fn read(bytes: Bytes, at: u64, syntax: Syntax) -> Result<Self, FormatError> {
        let end = Some(bytes.len());
        let dataset = Walk::new(&bytes, at).dataset(syntax, end, 0, &|_| true)?;
        let mut out = Self {
            bytes,
            syntax,
            dataset,
            charset: encoding_rs::WINDOWS_1252,
        };
        out.charset = charset(&out.view().text((8, 5)).unwrap_or_default());
        Ok(out)
    }

    pub fn view(&self) -> View<'_> {
        View {
            dataset: &self.dataset,
            bytes: &self.bytes,
            syntax: self.syntax,
            charset: self.charset,
        }
    }
}

fn inflate(bytes: &Bytes, at: u64, options: &ReadOptions) -> Result<Arc<[u8]>, FormatError> {
    let limit = options.limits.document_bytes;
    let packed = bytes.whole(limit)?;
    let rest = packed.get(at as usize..).unwrap_or_default();
    miniz_oxide::inflate::decompress_to_vec_with_limit(rest, limit as usize)
        .map(Arc::from)
        .map_err(|error| {
            let found = format!("{:?} while inflating", error.status);
            FormatError::new(STEP, format!("byte {at}"), found, "deflated data")
                .advise("the file is cut short or damaged")
        })
}

/// The encoding that (0008,0005) names; of several, the one that fits more than ASCII.
fn charset(stated: &str) -> &'static Encoding {
    let last = stated
        .split('\\')
        .map(str::trim)
        .rfind(|name| !name.is_empty());
    let label = match last.unwrap_or_default() {
        "ISO_IR 192" => "utf-8",
        "ISO_IR 101" | "ISO 2022 IR 101" => "iso-8859-2",
        "ISO_IR 109" | "ISO 2022 IR 109" => "iso-8859-3",
        "ISO_IR 110" | "ISO 2022 IR 110" => "iso-8859-4",
        "ISO_IR 144" | "ISO 2022 IR 144" => "iso-8859-5",
        "ISO_IR 127" | "ISO 2022 IR 127" => "iso-8859-6",
        "ISO_IR 126" | "ISO 2022 IR 126" => "iso-8859-7",
        "ISO_IR 138" | "ISO 2022 IR 138" => "iso-8859-8",
        "ISO_IR 148" | "ISO 2022 IR 148" => "iso-8859-9",
        "ISO_IR 203" | "ISO 2022 IR 203" => "iso-8859-15",
        "ISO_IR 166" | "ISO 2022 IR 166" => "windows-874",
        "ISO_IR 13" | "ISO 2022 IR 13" => "shift_jis",
        "ISO 2022 IR 87" | "ISO 2022 IR 159" => "iso-2022-jp",
        "ISO 2022 IR 149" => "euc-kr",
        "GB18030" | "GBK" | "ISO 2022 IR 58" => "gb18030",
        _ => "windows-1252",
    };
    Encoding::for_label(label.as_bytes()).unwrap_or(encoding_rs::WINDOWS_1252)
}
