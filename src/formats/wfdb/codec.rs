//! How samples lie in signal files (WFDB signal(5)).

/// A storage format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// 0: no samples; in the layout of records whose segments differ.
    Null,
    /// 8: differences of one byte.
    Difference8,
    /// 16: two bytes, little end first.
    I16,
    /// 24: three bytes, little end first.
    I24,
    /// 32: four bytes, little end first.
    I32,
    /// 61: two bytes, big end first.
    I16Big,
    /// 80: one byte, offset 128.
    Offset8,
    /// 160: two bytes, offset 32768.
    Offset16,
    /// 212: two 12-bit samples in three bytes.
    Packed212,
    /// 310: three 10-bit samples in two pairs of bytes.
    Packed310,
    /// 311: three 10-bit samples in four bytes, in another order.
    Packed311,
    /// 508, 516, 524: FLAC of 8, 16 or 24 bits.
    Flac(u32),
}

impl Coding {
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "0" => Self::Null,
            "8" => Self::Difference8,
            "16" => Self::I16,
            "24" => Self::I24,
            "32" => Self::I32,
            "61" => Self::I16Big,
            "80" => Self::Offset8,
            "160" => Self::Offset16,
            "212" => Self::Packed212,
            "310" => Self::Packed310,
            "311" => Self::Packed311,
            "508" => Self::Flac(8),
            "516" => Self::Flac(16),
            "524" => Self::Flac(24),
            _ => return None,
        })
    }

    /// The number that headers know it by.
    pub fn number(self) -> &'static str {
        match self {
            Self::Null => "0",
            Self::Difference8 => "8",
            Self::I16 => "16",
            Self::I24 => "24",
            Self::I32 => "32",
            Self::I16Big => "61",
            Self::Offset8 => "80",
            Self::Offset16 => "160",
            Self::Packed212 => "212",
            Self::Packed310 => "310",
            Self::Packed311 => "311",
            Self::Flac(8) => "508",
            Self::Flac(16) => "516",
            Self::Flac(_) => "524",
        }
    }

    /// Samples and bytes of the smallest group that begins at a byte.
    pub fn group(self) -> (u64, u64) {
        match self {
            Self::Difference8 | Self::Offset8 | Self::Null | Self::Flac(_) => (1, 1),
            Self::I16 | Self::I16Big | Self::Offset16 => (1, 2),
            Self::I24 => (1, 3),
            Self::I32 => (1, 4),
            Self::Packed212 => (2, 3),
            Self::Packed310 | Self::Packed311 => (3, 4),
        }
    }

    /// The number that stands for "not recorded".
    pub fn invalid(self) -> Option<i32> {
        match self {
            Self::Difference8 | Self::Null => None,
            Self::Flac(bits) => Some(-(1 << (bits - 1))),
            Self::I16 | Self::I16Big | Self::Offset16 => Some(i32::from(i16::MIN)),
            Self::I24 => Some(-(1 << 23)),
            Self::I32 => Some(i32::MIN),
            Self::Offset8 => Some(-128),
            Self::Packed212 => Some(-2048),
            Self::Packed310 | Self::Packed311 => Some(-512),
        }
    }

    /// Lowest and highest number it can express.
    pub fn range(self) -> Option<(f64, f64)> {
        self.invalid()
            .map(|it| (f64::from(it) + 1.0, -f64::from(it) - 1.0))
    }

    /// Samples in `bytes`, counting a last group that is cut.
    pub fn samples_in(self, bytes: u64) -> u64 {
        let (samples, size) = self.group();
        let part = match (self, bytes % size) {
            (Self::Packed212 | Self::Packed310, 2 | 3) => 1,
            (Self::Packed311, 2) => 1,
            (Self::Packed311, 3) => 2,
            _ => 0,
        };
        bytes / size * samples + part
    }

    /// Decodes whole groups; a cut last group is filled up with zeros.
    pub fn decode(self, bytes: &[u8], out: &mut Vec<i32>) {
        let size = self.group().1 as usize;
        for group in bytes.chunks(size) {
            let mut it = [0u8; 4];
            it[..group.len()].copy_from_slice(group);
            match self {
                Self::Null | Self::Flac(_) => {}
                Self::Difference8 => out.push(i32::from(it[0].cast_signed())),
                Self::I16 => out.push(i32::from(i16::from_le_bytes([it[0], it[1]]))),
                Self::I16Big => out.push(i32::from(i16::from_be_bytes([it[0], it[1]]))),
                Self::I24 => out.push(i32::from_le_bytes([0, it[0], it[1], it[2]]) >> 8),
                Self::I32 => out.push(i32::from_le_bytes(it)),
                Self::Offset8 => out.push(i32::from(it[0]) - 128),
                Self::Offset16 => out.push(i32::from(u16::from_le_bytes([it[0], it[1]])) - 32_768),
                Self::Packed212 => {
                    let [low, shared, high] = [it[0], it[1], it[2]].map(u32::from);
                    out.push(signed(low | (shared & 0x0f) << 8, 12));
                    out.push(signed(high | (shared >> 4) << 8, 12));
                }
                Self::Packed310 => {
                    let (first, second) = (
                        u32::from(u16::from_le_bytes([it[0], it[1]])),
                        u32::from(u16::from_le_bytes([it[2], it[3]])),
                    );
                    out.push(signed(first >> 1, 10));
                    out.push(signed(second >> 1, 10));
                    out.push(signed(first >> 11 | (second >> 11) << 5, 10));
                }
                Self::Packed311 => {
                    let word = u32::from_le_bytes(it);
                    out.extend([0, 10, 20].map(|shift| signed(word >> shift, 10)));
                }
            }
        }
    }
}

/// The lowest `bits` as a two's complement number.
fn signed(word: u32, bits: u32) -> i32 {
    (word << (32 - bits)).cast_signed() >> (32 - bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(coding: Coding, bytes: &[u8], expected: &[i32]) {
        let mut out = Vec::new();
        coding.decode(bytes, &mut out);
        out.truncate(coding.samples_in(bytes.len() as u64) as usize);
        assert_eq!(out, expected, "{coding:?}");
    }

    /// Expected numbers: WFDB signal(5), worked by hand.
    #[test]
    fn samples_by_hand() {
        check(Coding::I16, &[0xff, 0xff, 0x00, 0x80], &[-1, -32_768]);
        check(Coding::I16Big, &[0x12, 0x34], &[0x1234]);
        check(Coding::I24, &[0xfe, 0xff, 0xff], &[-2]);
        check(Coding::I32, &[1, 0, 0, 0x80], &[i32::MIN + 1]);
        check(Coding::Offset8, &[0, 128, 255], &[-128, 0, 127]);
        check(Coding::Offset16, &[0, 0x80], &[0]);
        check(Coding::Packed212, &[0xe3, 0x33, 0xf3], &[995, 1011]);
        check(Coding::Packed212, &[0xe3, 0x03], &[995]);
        check(Coding::Packed310, &[0x02, 0x08, 0xfe, 0x07], &[1, -1, 1]);
        check(Coding::Packed311, &[0x01, 0xfc, 0x3f, 0x00], &[1, -1, 3]);
        check(Coding::Difference8, &[1, 0xff], &[1, -1]);
    }
}
