//! XLI, the compression of Philips' Sierra XML: LZW of ten bits over the two bytes of second
//! differences.

use crate::formats::FormatError;

const STEP: &str = "Sierra XLI";
const BITS: u32 = 10;
/// Codes up to here stand for strings; the last one ends the data.
const LAST: usize = (1 << BITS) - 2;

/// The leads of a whole block: each begins with its length and its first difference.
pub(super) fn decode(mut rest: &[u8]) -> Result<Vec<Vec<i32>>, FormatError> {
    let mut out = Vec::new();
    let all = rest.len();
    while !rest.is_empty() {
        let fault = |found: String, expected: &str| {
            let place = format!("byte {} of the unpacked base64", all - rest.len());
            FormatError::new(STEP, place, found, expected).advise("the waveform is cut short")
        };
        let header: &[u8; 8] = rest
            .first_chunk()
            .ok_or_else(|| fault(format!("{} bytes", rest.len()), "a header of 8 bytes"))?;
        let size = u32::from_le_bytes([header[0], header[1], header[2], header[3]]) as usize;
        let first = i16::from_le_bytes([header[6], header[7]]);
        let packed = rest[8..]
            .get(..size)
            .ok_or_else(|| fault(format!("a lead of {size} bytes"), "a lead inside the data"))?;
        out.push(integrate(&halves(&unpack(packed)), first));
        rest = &rest[8 + size..];
    }
    Ok(out)
}

/// LZW with codes of one width, high bits first.
fn unpack(packed: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    // Where the last string lies in `out`.
    let mut last = 0..0;
    // Where each string of the table lies there.
    let mut strings: Vec<std::ops::Range<usize>> = Vec::new();
    for code in codes(packed) {
        if LAST < code {
            break;
        }
        let start = out.len();
        if code < 256 {
            out.push(code as u8);
        } else if let Some(string) = strings.get(code - 256).cloned() {
            out.extend_from_within(string);
        } else if !last.is_empty() {
            out.extend_from_within(last.clone());
            out.push(out[last.start]);
        } else {
            break;
        }
        if !last.is_empty() && 256 + strings.len() <= LAST {
            // The string before, and the byte after it, which lies right behind.
            strings.push(last.start..last.end + 1);
        }
        last = start..out.len();
    }
    out
}

/// Ten bits at a time.
fn codes(packed: &[u8]) -> impl Iterator<Item = usize> {
    let n_codes = packed.len() * 8 / BITS as usize;
    (0..n_codes).map(|idx| {
        let bit = idx * BITS as usize;
        let byte = |at: usize| packed.get(at).copied().map_or(0, u32::from);
        let window = byte(bit / 8) << 16 | byte(bit / 8 + 1) << 8 | byte(bit / 8 + 2);
        (window >> (24 - BITS as usize - bit % 8) & 0x3ff) as usize
    })
}

/// High bytes stand in the first half, low bytes in the second.
fn halves(bytes: &[u8]) -> Vec<i16> {
    let half = bytes.len().div_ceil(2);
    let (high, low) = bytes.split_at(half.min(bytes.len()));
    let low = low.iter().copied().chain(std::iter::once(0));
    high.iter()
        .zip(low)
        .map(|(high, low)| i16::from_be_bytes([*high, low]))
        .collect()
}

/// Second differences to values, in sixteen bits that wrap.
fn integrate(coded: &[i16], first: i16) -> Vec<i32> {
    let mut out: Vec<i16> = coded.iter().copied().take(2).collect();
    let mut bend = first;
    for idx in 2..coded.len() {
        let (before, here) = (out[idx - 2], out[idx - 1]);
        let next = here
            .wrapping_add(here)
            .wrapping_sub(before)
            .wrapping_sub(bend);
        out.push(next);
        bend = coded[idx].wrapping_sub(64);
    }
    out.into_iter().map(i32::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bits of `codes` one after the other, filled up with zeros.
    fn pack(codes: &[usize]) -> Vec<u8> {
        let bits: Vec<u8> = codes
            .iter()
            .flat_map(|code| (0..BITS).rev().map(move |bit| (code >> bit & 1) as u8))
            .collect();
        bits.chunks(8)
            .map(|byte| {
                byte.iter()
                    .enumerate()
                    .fold(0, |sum, (idx, bit)| sum | bit << (7 - idx))
            })
            .collect()
    }

    #[test]
    fn strings_grow_as_they_repeat() {
        let check = |codes: &[usize], expected: &[u8]| assert_eq!(unpack(&pack(codes)), expected);
        check(&[1, 2, 256, 258, 1023], &[1, 2, 1, 2, 1, 2, 1]);
        check(&[7, 256, 257, 1023], &[7; 6]);
        check(&[7, 1023, 7], &[7]);
        check(&[300], &[]);
    }

    #[test]
    fn second_differences_add_up() {
        assert_eq!(integrate(&[10, 12, 64, 65, 64], 0), [10, 12, 14, 16, 17]);
        assert_eq!(integrate(&[5], 0), [5]);
        assert_eq!(halves(&[0, 1, 255, 2]), [255, 258]);
        assert_eq!(halves(&[0, 1, 255]), [255, 256]);
    }

    #[test]
    fn a_lead_that_is_cut_is_said() {
        let mut block = vec![4, 0, 0, 0, 1, 0, 0, 0];
        block.extend([0; 3]);
        assert_eq!(
            &*decode(&block).unwrap_err().place,
            "byte 0 of the unpacked base64"
        );
        assert_eq!(decode(&[]).unwrap(), Vec::<Vec<i32>>::new());
    }
}
