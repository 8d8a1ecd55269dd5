//! Byte order of a DICOM data set, and whether it states types (PS3.5).

/// Group and element.
pub(super) type Tag = (u16, u16);

/// Byte order, and whether types are stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Syntax {
    pub is_explicit: bool,
    pub is_big_endian: bool,
}

impl Syntax {
    pub const fn implicit() -> Self {
        Self {
            is_explicit: false,
            is_big_endian: false,
        }
    }

    pub const fn explicit() -> Self {
        Self {
            is_explicit: true,
            is_big_endian: false,
        }
    }

    pub fn u16(self, bytes: [u8; 2]) -> u16 {
        if self.is_big_endian {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        }
    }

    pub fn u32(self, bytes: [u8; 4]) -> u32 {
        if self.is_big_endian {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        }
    }

    pub fn tag(self, bytes: [u8; 4]) -> Tag {
        let [a, b, c, d] = bytes;
        (self.u16([a, b]), self.u16([c, d]))
    }
}
