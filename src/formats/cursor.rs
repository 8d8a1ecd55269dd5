//! A bounds-checked walk over fields of fixed width: text, and little-endian numbers.

use super::{FormatError, error::quoted};

/// Reads fields one after the other; knows the byte it is at.
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    step: &'static str,
    /// Where `bytes` begin in the file.
    base: u64,
}

impl<'a> Cursor<'a> {
    pub fn new(step: &'static str, bytes: &'a [u8]) -> Self {
        Self::within(step, bytes, 0)
    }

    /// Over a part of a file that begins at byte `base`.
    pub fn within(step: &'static str, bytes: &'a [u8], base: u64) -> Self {
        Self {
            bytes,
            at: 0,
            step,
            base,
        }
    }

    /// Bytes that are left.
    pub fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at.min(self.bytes.len())..]
    }

    /// A byte.
    pub fn u8(&mut self, what: &str) -> Result<u8, FormatError> {
        Ok(self.array::<1>(what)?[0])
    }

    /// Two bytes.
    pub fn u16(&mut self, what: &str) -> Result<u16, FormatError> {
        Ok(u16::from_le_bytes(self.array(what)?))
    }

    /// Two bytes with a sign.
    pub fn i16(&mut self, what: &str) -> Result<i16, FormatError> {
        Ok(i16::from_le_bytes(self.array(what)?))
    }

    /// Four bytes.
    pub fn u32(&mut self, what: &str) -> Result<u32, FormatError> {
        Ok(u32::from_le_bytes(self.array(what)?))
    }

    fn array<const N: usize>(&mut self, what: &str) -> Result<[u8; N], FormatError> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N, what)?);
        Ok(out)
    }

    /// The next `len` bytes.
    pub fn take(&mut self, len: usize, what: &str) -> Result<&'a [u8], FormatError> {
        let rest = self.rest();
        let Some(field) = rest.get(..len) else {
            return Err(self.fault(
                what,
                format!("the end after {} bytes", rest.len()),
                format!("{len} bytes"),
            ));
        };
        self.at += len;
        Ok(field)
    }

    /// The next `len` bytes as text up to the first NUL, without blanks around: UTF-8 where it is
    /// sound, otherwise Latin-1.
    pub fn text(&mut self, len: usize, what: &str) -> Result<String, FormatError> {
        let field = self.take(len, what)?;
        let end = field
            .iter()
            .position(|byte| *byte == 0)
            .unwrap_or(field.len());
        let text = match std::str::from_utf8(&field[..end]) {
            Ok(text) => text.to_owned(),
            Err(_) => field[..end].iter().map(|byte| char::from(*byte)).collect(),
        };
        Ok(text.trim().to_owned())
    }

    /// The next `len` bytes as a number.
    pub fn number<T: std::str::FromStr>(
        &mut self,
        len: usize,
        what: &str,
        expected: &str,
    ) -> Result<T, FormatError> {
        let text = self.text(len, what)?;
        text.parse().map_err(|_| {
            self.at -= len;
            self.fault(what, quoted(&text), expected)
        })
    }

    /// An error at the next field.
    pub fn fault(&self, what: &str, found: impl ToString, expected: impl ToString) -> FormatError {
        FormatError::new(
            self.step,
            format!("byte {}, {what}", self.base + self.at as u64),
            found,
            expected,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_byte() {
        let mut cursor = Cursor::new("header", b"12  x\xb5V ");
        assert_eq!(cursor.number::<u32>(4, "count", "a number").unwrap(), 12);
        let error = cursor.number::<u32>(2, "rate", "a number").unwrap_err();
        assert_eq!((&*error.place, &*error.found), ("byte 4, rate", "\"xµ\""));
        let mut cursor = Cursor::new("header", b"mV\0 uV\xc2\xb5V ");
        assert_eq!(cursor.text(6, "unit").unwrap(), "mV");
        assert_eq!(cursor.text(4, "unit").unwrap(), "µV");
        let mut cursor = Cursor::new("header", b"ab");
        assert_eq!(
            &*cursor.text(3, "name").unwrap_err().found,
            "the end after 2 bytes"
        );
        let mut cursor = Cursor::within("part", &[1, 2, 0, 0xff, 0xff, 7], 100);
        assert_eq!(cursor.u8("a").unwrap(), 1);
        assert_eq!(
            (cursor.u16("b").unwrap(), cursor.i16("c").unwrap()),
            (2, -1)
        );
        assert_eq!(&*cursor.u32("d").unwrap_err().place, "byte 105, d");
    }
}
