//! Signal files in FLAC (formats 508, 516 and 524): a channel per signal.

use std::{
    io::{self, BufReader, Read},
    ops::Range,
};

use claxon::{FlacReader, FlacReaderOptions};

use crate::formats::{FormatError, bytes::Bytes};

const STEP: &str = "WFDB FLAC";

/// A walk over bytes from their first on.
struct Stream<'a> {
    bytes: &'a Bytes,
    at: u64,
}

impl Read for Stream<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = self.bytes.len().saturating_sub(self.at);
        let len = left.min(out.len() as u64) as usize;
        let part = self
            .bytes
            .slice(self.at, len)
            .map_err(|error| io::Error::other(error.to_string()))?;
        out[..len].copy_from_slice(&part);
        self.at += len as u64;
        Ok(len)
    }
}

fn open(bytes: &Bytes) -> Result<FlacReader<BufReader<Stream<'_>>>, FormatError> {
    let stream = BufReader::with_capacity(1 << 16, Stream { bytes, at: 0 });
    let options = FlacReaderOptions {
        metadata_only: false,
        read_vorbis_comment: false,
    };
    FlacReader::new_ext(stream, options)
        .map_err(|error| FormatError::new(STEP, "the signal file", error, "a FLAC stream"))
}

/// Samples of each channel, as the stream states them or as they are counted.
pub(super) fn count(bytes: &Bytes, n_channels: usize, bits: u32) -> Result<u64, FormatError> {
    let mut reader = open(bytes)?;
    let info = reader.streaminfo();
    if info.channels as usize != n_channels || info.bits_per_sample != bits {
        let found = format!(
            "{} channels of {} bits",
            info.channels, info.bits_per_sample
        );
        let expected = format!("{n_channels} of {bits}, as the header has them");
        return Err(FormatError::new(STEP, "the signal file", found, expected));
    }
    if let Some(samples) = info.samples {
        return Ok(samples);
    }
    let mut blocks = reader.blocks();
    let (mut buffer, mut count) = (Vec::new(), 0);
    while let Ok(Some(block)) = blocks.read_next_or_eof(std::mem::take(&mut buffer)) {
        count += u64::from(block.duration());
        buffer = block.into_buffer();
    }
    Ok(count)
}

/// Samples `range` of the wanted channels, as far as they can be decoded. FLAC has no table of
/// places, so all blocks before are decoded, too.
pub(super) fn read(
    bytes: &Bytes,
    wanted: &[(usize, Range<u64>)],
) -> Result<Vec<Vec<i32>>, FormatError> {
    let mut reader = open(bytes)?;
    let mut blocks = reader.blocks();
    let mut out = vec![Vec::new(); wanted.len()];
    let end = wanted.iter().map(|it| it.1.end).max().unwrap_or(0);
    let (mut buffer, mut at) = (Vec::new(), 0);
    while at < end {
        // A damaged block ends what can be read; the caller fills up with gaps.
        let Ok(Some(block)) = blocks.read_next_or_eof(std::mem::take(&mut buffer)) else {
            break;
        };
        let length = u64::from(block.duration());
        for (column, (channel, range)) in out.iter_mut().zip(wanted) {
            let inside = |place: u64| place.clamp(at, at + length) - at;
            let (first, last) = (inside(range.start), inside(range.end));
            if (*channel as u32) < block.channels() {
                let samples = block.channel(*channel as u32);
                column.extend_from_slice(&samples[first as usize..last as usize]);
            }
        }
        at += length;
        buffer = block.into_buffer();
    }
    Ok(out)
}
