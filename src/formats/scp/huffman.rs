//! The Huffman codes of SCP-ECG (EN 1064, section 2): tables of the file, or the default one.

use std::collections::HashMap;

use crate::formats::{FormatError, cursor::Cursor};

/// What a code stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A value, plus a number of further bits that hold its offset with a sign.
    Value { base: i16, extra_bits: u32 },
    /// From here on the table of this index.
    Switch(usize),
}

/// Codes by length and bits.
pub(super) type Table = HashMap<(u32, u32), Meaning>;

/// How samples are packed.
#[derive(Debug)]
pub(super) enum Packing {
    /// Two bytes a sample.
    Plain,
    /// Codes of these tables.
    Huffman { tables: Vec<Table>, longest: u32 },
}

/// The count that stands for the default table.
const DEFAULT: u16 = 19_999;

impl Packing {
    /// Reads section 2; without one, nothing is packed.
    pub fn read(section: Option<&mut Cursor>) -> Result<Self, FormatError> {
        let Some(cursor) = section else {
            return Ok(Self::Plain);
        };
        let count = cursor.u16("number of tables")?;
        if count == 0 {
            return Ok(Self::Plain);
        }
        if count == DEFAULT {
            return Ok(Self::of(vec![default_table()]));
        }
        let mut tables = Vec::new();
        for _ in 0..count {
            let mut table = Table::new();
            for _ in 0..cursor.u16("number of codes")? {
                let (key, meaning) = code(cursor)?;
                table.insert(key, meaning);
            }
            tables.push(table);
        }
        Ok(Self::of(tables))
    }

    fn of(tables: Vec<Table>) -> Self {
        let lengths = tables
            .iter()
            .flat_map(|table| table.keys().map(|key| key.0));
        Self::Huffman {
            longest: lengths.max().unwrap_or(0),
            tables,
        }
    }

    /// At most `limit` numbers; fewer where the bytes end or hold no code.
    pub fn unpack(&self, bytes: &[u8], limit: usize) -> Vec<i16> {
        match self {
            Self::Plain => bytes
                .chunks_exact(2)
                .take(limit)
                .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
                .collect(),
            Self::Huffman { tables, longest } => {
                let mut bits = Bits { bytes, at: 0 };
                let mut table = 0;
                let mut out = Vec::new();
                while out.len() < limit {
                    match tables
                        .get(table)
                        .and_then(|table| bits.next(table, *longest))
                    {
                        Some(Meaning::Switch(other)) => table = other,
                        Some(Meaning::Value { base, extra_bits }) => {
                            match bits.signed(extra_bits) {
                                Some(offset) => out.push(base.wrapping_add(offset)),
                                None => break,
                            }
                        }
                        None => break,
                    }
                }
                out
            }
        }
    }
}

/// One line of a table: bits of the code, bits in all, mode, value, and the code, lowest bit first.
fn code(cursor: &mut Cursor) -> Result<((u32, u32), Meaning), FormatError> {
    let length = u32::from(cursor.u8("bits of the code")?);
    let whole = u32::from(cursor.u8("bits in all")?);
    let is_value = cursor.u8("table mode")? != 0;
    let value = cursor.i16("value")?;
    let reversed = cursor.u32("code")?;
    if !(1..=32).contains(&length) || whole < length || 32 < whole - length {
        let found = format!("{length} of {whole}");
        return Err(cursor.fault("bits of a code", found, "1 to 32, and no more than in all"));
    }
    let bits = reversed.reverse_bits() >> (32 - length);
    let meaning = if is_value {
        Meaning::Value {
            base: value,
            extra_bits: whole - length,
        }
    } else {
        Meaning::Switch(usize::from((value as u16).wrapping_sub(1)))
    };
    Ok(((length, bits), meaning))
}

/// 0; as many ones as the value has, a zero, and the sign; nine ones, and a byte or two.
fn default_table() -> Table {
    let value = |base, extra_bits| Meaning::Value { base, extra_bits };
    let mut out = Table::from([((1, 0), value(0, 0))]);
    for size in 1..=8u32 {
        let ones = (1 << size) - 1;
        out.insert((size + 2, ones << 2), value(size as i16, 0));
        out.insert((size + 2, ones << 2 | 1), value(-(size as i16), 0));
    }
    out.insert((10, 0b11_1111_1110), value(0, 8));
    out.insert((10, 0b11_1111_1111), value(0, 16));
    out
}

/// Bits, highest first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn bit(&mut self) -> Option<u32> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(u32::from(bit))
    }

    fn next(&mut self, table: &Table, longest: u32) -> Option<Meaning> {
        let mut code = 0u32;
        for length in 1..=longest {
            code = code << 1 | self.bit()?;
            if let Some(meaning) = table.get(&(length, code)) {
                return Some(*meaning);
            }
        }
        None
    }

    /// A two's complement number of that many bits.
    fn signed(&mut self, n_bits: u32) -> Option<i16> {
        let mut out = 0i32;
        for idx in 0..n_bits {
            let bit = self.bit()?.cast_signed();
            out = if idx == 0 { -bit } else { out << 1 | bit };
        }
        Some(out as i16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(packing: &Packing, bits: &str, expected: &[i16]) {
        let bits: String = bits.split_whitespace().collect();
        let padded = format!("{bits:1<width$}", width = bits.len().div_ceil(8) * 8);
        let bytes: Vec<u8> = padded
            .as_bytes()
            .chunks(8)
            .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
            .collect();
        assert_eq!(packing.unpack(&bytes, expected.len()), expected, "{bits}");
    }

    #[test]
    fn the_default_table() {
        let packing = Packing::of(vec![default_table()]);
        check(&packing, "0 100 101 1100 1101 0", &[0, 1, -1, 2, -2, 0]);
        check(&packing, "1111111100 1111111101", &[8, -8]);
        check(&packing, "1111111110 00001001 0", &[9, 0]);
        check(&packing, "1111111110 10000000", &[-128]);
        check(&packing, "1111111111 1000000000000000", &[i16::MIN]);
        assert_eq!(packing.unpack(&[0xff], 5), [0i16; 0]);
        assert_eq!(packing.unpack(&[0x00], 5), [0; 5]);
    }

    #[test]
    fn tables_of_the_file() {
        let mut bytes = vec![2, 0];
        let code = |length: u8, whole: u8, mode: u8, value: i16, code: u32| {
            let mut out = vec![length, whole, mode];
            out.extend(value.to_le_bytes());
            out.extend(code.to_le_bytes());
            out
        };
        // Table 1: 0 → 5; 01 reversed → "10" → table 2; 11 → four bits more.
        bytes.extend([3, 0]);
        bytes.extend(code(1, 1, 1, 5, 0));
        bytes.extend(code(2, 2, 0, 2, 0b01));
        bytes.extend(code(2, 6, 1, 100, 0b11));
        // Table 2: 1 → −3, 0 → table 1.
        bytes.extend([2, 0]);
        bytes.extend(code(1, 1, 1, -3, 1));
        bytes.extend(code(1, 1, 0, 1, 0));
        let packing = Packing::read(Some(&mut Cursor::new("test", &bytes))).unwrap();
        check(&packing, "0 11 1111 10 1 1 0 0", &[5, 99, -3, -3, 5]);
        assert!(Packing::read(Some(&mut Cursor::new("test", &bytes[..20]))).is_err());
        assert_eq!(Packing::read(None).unwrap().unpack(&[1, 0, 2], 9), [1]);
    }
}
