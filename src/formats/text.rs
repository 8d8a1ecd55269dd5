//! Bytes to text, whatever wrote them: UTF-8, UTF-16, what an XML declaration names, Latin-1.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Name of the encoding that fits any bytes, for want of a better one.
pub(super) const FALLBACK: &str = "windows-1252";

/// Decodes as [`encoding_of`] says.
pub(super) fn decode(bytes: &[u8]) -> (Cow<'_, str>, &'static str) {
    let encoding = encoding_of(bytes);
    (encoding.decode_with_bom_removal(bytes).0, encoding.name())
}

/// By the byte order mark, by zero bytes (UTF-16 without one), by what an XML declaration names, as
/// UTF-8 where it is sound, otherwise as Windows' Latin-1, which fits any bytes.
pub(super) fn encoding_of(bytes: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding;
    }
    match (bytes.first(), bytes.get(1), bytes.get(2), bytes.get(3)) {
        (Some(1..), Some(0), Some(1..), Some(0)) => UTF_16LE,
        (Some(0), Some(1..), Some(0), Some(1..)) => UTF_16BE,
        _ => single_bytes(bytes),
    }
}

fn single_bytes(bytes: &[u8]) -> &'static Encoding {
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    declared(bytes)
        .filter(|named| *named != UTF_8 && named.is_ascii_compatible())
        .unwrap_or(WINDOWS_1252)
}

/// The encoding that `<?xml … encoding="…"?>` names.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(200)];
    let head: String = head.iter().map(|byte| char::from(*byte)).collect();
    let declaration = head.strip_prefix("<?xml")?.split_once("?>")?.0;
    let value = declaration.split_once("encoding")?.1;
    let value = value.trim_start_matches(|it: char| it.is_whitespace() || it == '=');
    let quote = value.chars().next().filter(|it| matches!(it, '"' | '\''))?;
    let label = value[1..].split(quote).next()?;
    Encoding::for_label(label.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_micro_sign() {
        let check = |bytes: &[u8], encoding: &str| {
            assert_eq!(decode(bytes), ("aµb1".into(), encoding));
        };
        check(b"a\xc2\xb5b1", "UTF-8");
        check(b"\xef\xbb\xbfa\xc2\xb5b1", "UTF-8");
        check(b"a\xb5b1", "windows-1252");
        check(b"\xff\xfea\0\xb5\0b\x001\0", "UTF-16LE");
        check(b"\xfe\xff\0a\0\xb5\0b\x001", "UTF-16BE");
        check(b"a\0\xb5\0b\x001\0", "UTF-16LE");
        check(b"\0a\0\xb5\0b\x001", "UTF-16BE");
    }

    #[test]
    fn declarations_name_the_encoding() {
        let (text, encoding) = decode(b"<?xml version='1.0' encoding='ISO-8859-7'?>\xc1");
        assert_eq!((text.chars().last(), encoding), (Some('Α'), "ISO-8859-7"));
        // A declaration that the bytes contradict is not believed.
        let (text, encoding) = decode("<?xml encoding=\"ISO-8859-1\"?>µ".as_bytes());
        assert_eq!((text.chars().last(), encoding), (Some('µ'), "UTF-8"));
        assert_eq!(decode(b"").0, "");
    }
}
