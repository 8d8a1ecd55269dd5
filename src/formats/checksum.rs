//! Checksums of medical files.

/// CCITT's cyclic redundancy check of sixteen bits, all ones to start with.
pub(super) fn ccitt(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xffff, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc: u16, _| {
            if crc & 0x8000 == 0 {
                crc << 1
            } else {
                crc << 1 ^ 0x1021
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_check_value() {
        assert_eq!(ccitt(b"123456789"), 0x29b1);
        assert_eq!(ccitt(b""), 0xffff);
    }
}
