//! Elements of a DICOM data set in explicit syntax, little end first, as they are written.

use super::syntax::Tag;

/// Elements in the order of their tags, which the caller keeps.
#[derive(Debug, Default)]
pub(super) struct Elements {
    pub bytes: Vec<u8>,
}

impl Elements {
    /// Text, cut to what the type holds, without what parts values or names.
    pub fn text(&mut self, tag: Tag, vr: &[u8; 2], text: &str) -> &mut Self {
        let most = match vr {
            b"CS" | b"SH" | b"DS" | b"AE" => 16,
            b"DA" => 8,
            b"LO" | b"PN" | b"UI" => 64,
            b"ST" => 1024,
            _ => 64,
        };
        let clean = |it: char| {
            if it == '\\' || it.is_control() {
                ' '
            } else {
                it
            }
        };
        let is_listed = vr == b"CS";
        let cut: String = text
            .chars()
            .map(|it| if is_listed { it } else { clean(it) })
            .take(if is_listed { usize::MAX } else { most })
            .collect();
        let pad = if vr == b"UI" { 0 } else { b' ' };
        self.raw(tag, vr, cut.trim().as_bytes(), pad)
    }

    /// A number as text of at most sixteen characters.
    pub fn decimal(&mut self, tag: Tag, value: f64) -> &mut Self {
        self.text(tag, b"DS", &decimal(value))
    }

    /// Unsigned shorts.
    pub fn shorts(&mut self, tag: Tag, values: &[u16]) -> &mut Self {
        let bytes: Vec<u8> = values.iter().flat_map(|it| it.to_le_bytes()).collect();
        self.raw(tag, b"US", &bytes, 0)
    }

    /// Unsigned longs.
    pub fn longs(&mut self, tag: Tag, values: &[u32]) -> &mut Self {
        let bytes: Vec<u8> = values.iter().flat_map(|it| it.to_le_bytes()).collect();
        self.raw(tag, b"UL", &bytes, 0)
    }

    /// A sequence of items of stated length.
    pub fn sequence(&mut self, tag: Tag, items: &[Elements]) -> &mut Self {
        let mut value = Vec::new();
        for item in items {
            value.extend([0xfe, 0xff, 0x00, 0xe0]);
            value.extend((item.bytes.len() as u32).to_le_bytes());
            value.extend(&item.bytes);
        }
        self.raw(tag, b"SQ", &value, 0)
    }

    /// A sequence of one code.
    pub fn code(&mut self, tag: Tag, code: [&str; 3]) -> &mut Self {
        self.sequence(tag, &[Self::coded(code)])
    }

    /// A code as an item: value, scheme, meaning.
    pub fn coded([value, scheme, meaning]: [&str; 3]) -> Self {
        let mut item = Self::default();
        item.text((0x0008, 0x0100), b"SH", value)
            .text((0x0008, 0x0102), b"SH", scheme)
            .text((0x0008, 0x0104), b"LO", meaning);
        item
    }

    /// A value as it is, filled up to an even length.
    pub fn raw(&mut self, tag: Tag, vr: &[u8; 2], value: &[u8], pad: u8) -> &mut Self {
        let len = value.len() + value.len() % 2;
        self.head(tag, vr, len as u32);
        self.bytes.extend(value);
        self.bytes.resize(self.bytes.len() + value.len() % 2, pad);
        self
    }

    /// Tag, type and length; the value follows.
    pub fn head(&mut self, tag: Tag, vr: &[u8; 2], len: u32) -> &mut Self {
        self.bytes.extend(tag.0.to_le_bytes());
        self.bytes.extend(tag.1.to_le_bytes());
        self.bytes.extend(vr);
        if matches!(vr, b"OB" | b"OW" | b"SQ" | b"UN" | b"UT") {
            self.bytes.extend([0, 0]);
            self.bytes.extend(len.to_le_bytes());
        } else {
            self.bytes.extend((len as u16).to_le_bytes());
        }
        self
    }
}

/// The shortest text of at most sixteen characters that is nearest to a value.
pub(super) fn decimal(value: f64) -> String {
    let plain = value.to_string();
    if plain.len() <= 16 {
        return plain;
    }
    (0..12)
        .rev()
        .map(|digits| format!("{value:.digits$e}"))
        .find(|text| text.len() <= 16)
        .unwrap_or_else(|| "0".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_even_lengths_and_fit() {
        let mut out = Elements::default();
        out.text((8, 0x60), b"CS", "ECG").shorts((0x3a, 5), &[12]);
        assert_eq!(
            out.bytes,
            b"\x08\0\x60\0CS\x04\0ECG \x3a\0\x05\0US\x02\0\x0c\0"
        );
        let mut out = Elements::default();
        out.text((0x10, 0x20), b"LO", &"x\\".repeat(50));
        assert_eq!(out.bytes.len(), 8 + 64);
    }

    #[test]
    fn decimals_are_short() {
        for (value, text) in [
            (2.5, "2.5"),
            (4.8828125, "4.8828125"),
            (1e-20, "1.0000000000e-20"),
        ] {
            assert_eq!(decimal(value), text);
        }
        let third = decimal(1.0 / 3.0);
        assert!(third.len() <= 16 && (third.parse::<f64>().unwrap() - 1.0 / 3.0).abs() < 1e-9);
    }
}
