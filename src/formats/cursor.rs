//! A bounds-checked walk over fixed-width text fields.

use super::{FormatError, error::quoted};

/// Reads fields one after the other; knows the byte it is at.
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    step: &'static str,
}

impl<'a> Cursor<'a> {
    pub fn new(step: &'static str, bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, step }
    }

    /// The next `len` bytes.
    pub fn take(&mut self, len: usize, what: &str) -> Result<&'a [u8], FormatError> {
        let rest = &self.bytes[self.at.min(self.bytes.len())..];
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

    /// The next `len` bytes as Latin-1 text without padding (blanks and NULs).
    pub fn text(&mut self, len: usize, what: &str) -> Result<String, FormatError> {
        let field = self.take(len, what)?;
        let text: String = field.iter().map(|it| char::from(*it)).collect();
        Ok(text
            .trim_matches(|it: char| it.is_whitespace() || it == '\0')
            .to_owned())
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

    fn fault(&self, what: &str, found: impl ToString, expected: impl ToString) -> FormatError {
        FormatError::new(
            self.step,
            format!("byte {}, {what}", self.at),
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
        let mut cursor = Cursor::new("header", b"ab");
        assert_eq!(
            &*cursor.text(3, "name").unwrap_err().found,
            "the end after 2 bytes"
        );
    }
}
