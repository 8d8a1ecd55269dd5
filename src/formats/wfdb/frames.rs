//! A signal file as frames: in each, the samples of its signals side by side.

use std::ops::Range;

use super::{codec::Coding, flac};
use crate::formats::{FormatError, bytes::Bytes};

/// One signal file.
pub(super) struct Frames {
    bytes: Bytes,
    pub coding: Coding,
    offset: u64,
    per_frame: Vec<usize>,
    pub n_frames: u64,
    pub is_matlab: bool,
}

/// Samples decoded at once.
const BLOCK: u64 = 1 << 18;

impl Frames {
    pub fn new(bytes: Bytes, coding: Coding, offset: u64) -> Self {
        Self {
            bytes,
            coding,
            offset,
            per_frame: Vec::new(),
            n_frames: 0,
            is_matlab: false,
        }
    }

    /// Adds a signal; gives the place of its first sample in a frame.
    pub fn add(&mut self, per_frame: usize) -> usize {
        let at = self.width();
        self.per_frame.push(per_frame);
        at
    }

    pub fn signals(&self) -> usize {
        self.per_frame.len()
    }

    /// Counts the whole frames that are there.
    pub fn count(&mut self) -> Result<(), FormatError> {
        if let Coding::Flac(bits) = self.coding {
            let samples = flac::count(&self.bytes, self.signals(), bits)?;
            self.n_frames = samples / self.per_frame.first().map_or(1, |it| *it as u64);
            return Ok(());
        }
        let data = self.bytes.len().saturating_sub(self.offset);
        self.n_frames = self.coding.samples_in(data) / self.width().max(1) as u64;
        Ok(())
    }

    /// Type, rows and columns if the file begins as a MATLAB 4 matrix just before the samples.
    pub fn matlab_shape(
        &mut self,
        shape: impl Fn(&[u8]) -> Option<(i32, u64, u64)>,
    ) -> Result<Option<(i32, u64, u64)>, FormatError> {
        let found = if (20..=84).contains(&self.offset) {
            shape(&self.bytes.head(84)?)
        } else {
            None
        };
        self.is_matlab = found.is_some();
        Ok(found)
    }

    fn width(&self) -> usize {
        self.per_frame.iter().sum()
    }

    /// Numbers of the signals at `wanted` (place in the frame, samples there) in `frames`, as far
    /// as there are. `initial` are the values before the first differences.
    pub fn read(
        &self,
        wanted: &[(usize, usize)],
        frames: Range<u64>,
        initial: &[i64],
    ) -> Result<Vec<Vec<i32>>, FormatError> {
        let frames = frames.start..frames.end.min(self.n_frames);
        if matches!(self.coding, Coding::Flac(_)) {
            let channel = |(at, count): &(usize, usize)| {
                let sample = |frame: u64| frame * *count as u64;
                (self.index_of(*at), sample(frames.start)..sample(frames.end))
            };
            let channels: Vec<_> = wanted.iter().map(channel).collect();
            return flac::read(&self.bytes, &channels);
        }
        if self.coding == Coding::Difference8 {
            return self.read_differences(wanted, frames, initial);
        }
        let mut out = vec![Vec::new(); wanted.len()];
        self.walk(frames, |frame| {
            for (out, (at, count)) in out.iter_mut().zip(wanted) {
                out.extend_from_slice(&frame[*at..at + count]);
            }
        })?;
        Ok(out)
    }

    /// Differences add up from the first frame on, so all frames before are read too.
    fn read_differences(
        &self,
        wanted: &[(usize, usize)],
        frames: Range<u64>,
        initial: &[i64],
    ) -> Result<Vec<Vec<i32>>, FormatError> {
        let mut out = vec![Vec::new(); wanted.len()];
        let starts: Vec<i32> = wanted
            .iter()
            .map(|(at, _)| self.index_of(*at))
            .map(|it| initial.get(it).map_or(0, |it| *it as i32))
            .collect();
        let mut sums = starts;
        let mut number = 0;
        self.walk(0..frames.end, |frame| {
            for ((out, sum), (at, count)) in out.iter_mut().zip(&mut sums).zip(wanted) {
                for it in &frame[*at..at + count] {
                    *sum = sum.wrapping_add(*it);
                    if frames.contains(&number) {
                        out.push(*sum);
                    }
                }
            }
            number += 1;
        })?;
        Ok(out)
    }

    fn index_of(&self, place: usize) -> usize {
        let mut at = 0;
        self.per_frame
            .iter()
            .position(|it| {
                let here = at == place;
                at += it;
                here
            })
            .unwrap_or(0)
    }

    /// Calls `each` for every frame, in order, decoding a block at a time.
    fn walk(&self, frames: Range<u64>, mut each: impl FnMut(&[i32])) -> Result<(), FormatError> {
        let width = self.width() as u64;
        if width == 0 {
            return Ok(());
        }
        let (samples, size) = self.coding.group();
        let mut numbers = Vec::new();
        let mut frame = frames.start;
        while frame < frames.end {
            let count = (frames.end - frame).min((BLOCK / width).max(1));
            let first_group = frame * width / samples;
            let last_group = ((frame + count) * width).div_ceil(samples);
            let start = self.offset + first_group * size;
            let len = ((last_group - first_group) * size).min(self.bytes.len() - start);
            numbers.clear();
            self.coding
                .decode(&self.bytes.slice(start, len as usize)?, &mut numbers);
            let skip = (frame * width - first_group * samples) as usize;
            numbers[skip..]
                .chunks_exact(width as usize)
                .take(count as usize)
                .for_each(&mut each);
            frame += count;
        }
        Ok(())
    }
}
