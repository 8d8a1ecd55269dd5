//! A DICOM data set as a tree of tags (PS3.5): where each value lies, never the values themselves,
//! so that a day of waveforms costs no memory.

use std::borrow::Cow;

use encoding_rs::Encoding;

use super::syntax::{Syntax, Tag};
use crate::formats::{FormatError, bytes::Bytes};

/// One element: its value's place, or the items of its sequence.
#[derive(Debug)]
pub(super) struct Element {
    pub tag: Tag,
    /// `None` where the syntax states none.
    pub vr: Option<[u8; 2]>,
    /// First byte of the value.
    pub at: u64,
    /// Bytes of the value that are there.
    pub len: u64,
    /// Bytes that the header states, where fewer are there.
    pub stated: Option<u64>,
    pub items: Vec<Dataset>,
}

/// Elements of one level.
#[derive(Debug, Default)]
pub(super) struct Dataset {
    pub elements: Vec<Element>,
}

/// A data set with the bytes it lies in.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub dataset: &'a Dataset,
    pub bytes: &'a Bytes,
    pub syntax: Syntax,
    /// How text is written.
    pub charset: &'static Encoding,
}

const STEP: &str = "DICOM";
const UNDEFINED: u32 = 0xffff_ffff;
const ITEM: Tag = (0xfffe, 0xe000);
const ITEM_END: Tag = (0xfffe, 0xe00d);
const SEQUENCE_END: Tag = (0xfffe, 0xe0dd);
/// Sequences in sequences.
const DEPTH: usize = 16;
/// Elements of one file.
const ELEMENTS: usize = 1_000_000;
/// Bytes of one value that is read for its text or numbers.
const VALUE: u64 = 1 << 20;
/// Waveform data: the one value that may end before its time.
const WAVEFORM_DATA: Tag = (0x5400, 0x1010);

/// Sequences that implicit syntax does not tell from other values, as far as we need them.
const SEQUENCES: [Tag; 11] = [
    (0x0004, 0x1220),
    (0x003a, 0x0200),
    (0x003a, 0x0208),
    (0x003a, 0x0209),
    (0x003a, 0x0211),
    (0x0040, 0x08ea),
    (0x0040, 0xa043),
    (0x0040, 0xa168),
    (0x0040, 0xb020),
    (0x5400, 0x0100),
    (0x0008, 0x1115),
];

/// A walk over the bytes, buffered.
pub(super) struct Walk<'a> {
    bytes: &'a Bytes,
    pub at: u64,
    buffer: Vec<u8>,
    buffer_at: u64,
    n_elements: usize,
}

impl<'a> Walk<'a> {
    pub fn new(bytes: &'a Bytes, at: u64) -> Self {
        Self {
            bytes,
            at,
            buffer: Vec::new(),
            buffer_at: 0,
            n_elements: 0,
        }
    }

    fn fault(&self, found: impl ToString, expected: impl ToString) -> FormatError {
        FormatError::new(STEP, format!("byte {}", self.at), found, expected)
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], FormatError> {
        let inside = self
            .at
            .checked_sub(self.buffer_at)
            .and_then(|from| self.buffer.get(from as usize..)?.first_chunk::<N>());
        let out = match inside {
            Some(chunk) => *chunk,
            None => {
                let left = self.bytes.len().saturating_sub(self.at);
                self.buffer_at = self.at;
                self.buffer = self
                    .bytes
                    .slice(self.at.min(self.bytes.len()), left.min(1 << 16) as usize)?
                    .into_owned();
                *self.buffer.first_chunk::<N>().ok_or_else(|| {
                    self.fault(format!("the end after {left} bytes"), format!("{N} bytes"))
                        .advise("the file is cut short")
                })?
            }
        };
        self.at += N as u64;
        Ok(out)
    }

    /// Elements up to `end`, to the delimiter of an item, or while `keep` holds.
    pub fn dataset(
        &mut self,
        syntax: Syntax,
        end: Option<u64>,
        depth: usize,
        keep: &dyn Fn(Tag) -> bool,
    ) -> Result<Dataset, FormatError> {
        let mut out = Dataset::default();
        let limit = end.unwrap_or(self.bytes.len());
        while self.at < limit {
            let start = self.at;
            let tag = syntax.tag(self.take()?);
            if tag == ITEM_END && end.is_none() {
                self.take::<4>()?;
                break;
            }
            if !keep(tag) {
                self.at = start;
                break;
            }
            self.n_elements += 1;
            if ELEMENTS < self.n_elements {
                return Err(self.fault("more elements", format!("at most {ELEMENTS}")));
            }
            out.elements.push(self.element(tag, syntax, limit, depth)?);
        }
        Ok(out)
    }

    fn element(
        &mut self,
        tag: Tag,
        syntax: Syntax,
        limit: u64,
        depth: usize,
    ) -> Result<Element, FormatError> {
        let (vr, len) = self.header(syntax)?;
        let at = self.at;
        let is_unknown = vr == Some(*b"UN");
        let is_sequence = vr == Some(*b"SQ")
            || (len == UNDEFINED && (vr.is_none() || is_unknown))
            || (vr.is_none() && SEQUENCES.contains(&tag));
        let mut out = Element {
            tag,
            vr,
            at,
            len: u64::from(len),
            stated: None,
            items: Vec::new(),
        };
        if is_sequence {
            // An unknown sequence is written implicitly, whatever the rest is (PS3.5 6.2.2).
            let inner = if is_unknown {
                Syntax::implicit()
            } else {
                syntax
            };
            let end = (len != UNDEFINED)
                .then(|| at + u64::from(len))
                .map(|end| end.min(limit));
            out.items = self.items(inner, end, depth + 1)?;
            out.len = self.at - at;
            return Ok(out);
        }
        let there = limit.min(self.bytes.len()).saturating_sub(at);
        if len == UNDEFINED || there < out.len {
            let is_cut = tag == WAVEFORM_DATA && len != UNDEFINED;
            if !is_cut {
                let found = format!("{tag:04x?} of {len:#x} bytes, where {there} are left");
                return Err(self
                    .fault(found, "a value inside the file")
                    .advise("the file is cut short or damaged"));
            }
            out.stated = Some(out.len);
            out.len = there;
        }
        self.at += out.len;
        Ok(out)
    }

    /// Type and length of a value.
    fn header(&mut self, syntax: Syntax) -> Result<(Option<[u8; 2]>, u32), FormatError> {
        if !syntax.is_explicit {
            return Ok((None, syntax.u32(self.take()?)));
        }
        let vr: [u8; 2] = self.take()?;
        if !vr.iter().all(u8::is_ascii_uppercase) {
            return Err(self.fault(format!("the type {vr:02x?}"), "two capital letters"));
        }
        const LONG: [&[u8; 2]; 11] = [
            b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"UC", b"UN", b"UR", b"UT",
        ];
        if LONG.contains(&&vr) || matches!(&vr, b"SV" | b"UV") {
            self.take::<2>()?;
            return Ok((Some(vr), syntax.u32(self.take()?)));
        }
        Ok((Some(vr), u32::from(syntax.u16(self.take()?))))
    }

    fn items(
        &mut self,
        syntax: Syntax,
        end: Option<u64>,
        depth: usize,
    ) -> Result<Vec<Dataset>, FormatError> {
        if DEPTH < depth {
            return Err(self.fault(
                format!("sequences nested over {DEPTH} deep"),
                "a data set of sane depth",
            ));
        }
        let mut out = Vec::new();
        while end.is_none_or(|end| self.at < end) {
            let tag = syntax.tag(self.take()?);
            let len = syntax.u32(self.take()?);
            match tag {
                SEQUENCE_END => break,
                ITEM => {}
                _ => return Err(self.fault(format!("{tag:04x?}"), "an item (fffe,e000)")),
            }
            let limit = end.unwrap_or(self.bytes.len());
            let item_end = (len != UNDEFINED).then(|| (self.at + u64::from(len)).min(limit));
            self.n_elements += 1;
            out.push(self.dataset(syntax, item_end, depth, &|_| true)?);
        }
        Ok(out)
    }
}

impl<'a> View<'a> {
    pub fn element(&self, tag: Tag) -> Option<&'a Element> {
        self.dataset
            .elements
            .iter()
            .find(|element| element.tag == tag)
    }

    /// The items of a sequence.
    pub fn items(&self, tag: Tag) -> Vec<View<'a>> {
        let items = self.element(tag).map_or(&[][..], |element| &element.items);
        items
            .iter()
            .map(|dataset| View { dataset, ..*self })
            .collect()
    }

    /// The only or first item of a sequence.
    pub fn item(&self, tag: Tag) -> Option<View<'a>> {
        self.items(tag).into_iter().next()
    }

    /// Raw bytes of a value of moderate size.
    pub fn value(&self, tag: Tag) -> Option<Cow<'a, [u8]>> {
        let element = self.element(tag)?;
        if VALUE < element.len || !element.items.is_empty() {
            return None;
        }
        self.bytes.slice(element.at, element.len as usize).ok()
    }

    /// Trimmed text, if any.
    pub fn text(&self, tag: Tag) -> Option<String> {
        let value = self.value(tag)?;
        let text = self.charset.decode_without_bom_handling(&value).0;
        let text = text.trim_matches(|it: char| it.is_whitespace() || it == '\0');
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The first number of a decimal or integer string.
    pub fn number(&self, tag: Tag) -> Option<f64> {
        let text = self.text(tag)?;
        let first = text.split('\\').next()?.trim();
        first.parse().ok().filter(|value: &f64| value.is_finite())
    }

    /// An unsigned short.
    pub fn u16(&self, tag: Tag) -> Option<u16> {
        let value = self.value(tag)?;
        Some(self.syntax.u16(*value.first_chunk()?))
    }

    /// All unsigned shorts.
    pub fn u16s(&self, tag: Tag) -> Vec<u16> {
        let value = self.value(tag).unwrap_or_default();
        let pairs = value.chunks_exact(2);
        pairs.map(|it| self.syntax.u16([it[0], it[1]])).collect()
    }

    /// All unsigned longs.
    pub fn u32s(&self, tag: Tag) -> Vec<u32> {
        let value = self.value(tag).unwrap_or_default();
        let fours = value.chunks_exact(4);
        fours
            .map(|it| self.syntax.u32([it[0], it[1], it[2], it[3]]))
            .collect()
    }
}
