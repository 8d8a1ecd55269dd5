//! Multiplex groups of a DICOM waveform (PS3.3 C.10.9): what each holds, and where its samples lie.

use std::ops::Range;

use super::{
    channel::{Channel, Coding},
    dataset::{Element, View},
};
use crate::formats::{FormatError, ReadOptions, bytes::Bytes, error::quoted, exam::ExamKind};

const STEP: &str = "DICOM waveform";

/// One multiplex group.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub label: String,
    pub kind: ExamKind,
    pub rate_hz: f64,
    /// Frames that are there.
    pub n_frames: u64,
    /// Seconds from the acquisition's start to the first sample.
    pub offset_s: f64,
    pub channels: Vec<Channel>,
    coding: Coding,
    /// Bytes swapped in this many at a time.
    swap: usize,
    padding: Option<i64>,
    data_at: u64,
}

/// Frames read at once.
const BLOCK: u64 = 1 << 16;

impl Group {
    /// Reads what a group says of itself; samples stay where they are.
    pub fn read(
        group: &View,
        options: &ReadOptions,
        warnings: &mut Vec<String>,
    ) -> Result<Self, FormatError> {
        let label = group.text((0x003a, 0x0020)).unwrap_or_default();
        let fault = |place: &str, found: String, expected: &str| {
            FormatError::new(
                STEP,
                format!("{place} of group {}", quoted(&label)),
                found,
                expected,
            )
        };
        let rate_hz = group
            .number((0x003a, 0x001a))
            .filter(|hz| 0.0 < *hz)
            .ok_or_else(|| fault("(003a,001a)", "no rate".into(), "samples per second"))?;
        let definitions = group.items((0x003a, 0x0200));
        let n_channels = group
            .u16((0x003a, 0x0005))
            .map_or(definitions.len(), usize::from);
        if definitions.len() != n_channels || n_channels == 0 || options.limits.signals < n_channels
        {
            let found = format!(
                "{n_channels} channels and {} definitions",
                definitions.len()
            );
            return Err(fault("(003a,0200)", found, "a definition for each channel"));
        }
        let coding = coding(group).map_err(|found| {
            fault(
                "(5400,1006)",
                found,
                "SB, UB of 8, SS, US of 16 or SL, UL of 32 bits",
            )
        })?;
        let data = group
            .element((0x5400, 0x1010))
            .ok_or_else(|| fault("(5400,1010)", "no samples".into(), "waveform data"))?;
        let n_frames = frames(group, data, n_channels * coding.width(), warnings);
        let swap = swap(group, data, coding);
        let kind = kind(group, &label, n_frames as f64 / rate_hz);
        let padding = group
            .value((0x5400, 0x100a))
            .filter(|bytes| bytes.len() >= coding.width())
            .map(|bytes| coding.number(&swapped(bytes.into_owned(), swap)));
        let limits = (n_frames.min(1 << 40)) as i64;
        Ok(Self {
            kind,
            rate_hz,
            n_frames,
            offset_s: group.number((0x0018, 0x1068)).unwrap_or(0.0) / 1e3,
            channels: definitions
                .iter()
                .map(|it| Channel::read(it, coding, rate_hz, limits, options))
                .collect(),
            coding,
            swap,
            padding,
            data_at: data.at,
            label,
        })
    }

    pub fn duration_s(&self) -> f64 {
        self.n_frames as f64 / self.rate_hz
    }

    /// Millivolts of some channels; `NaN` where a whole frame is padding, or a skew leaves a gap.
    pub fn samples(
        &self,
        bytes: &Bytes,
        channels: &[usize],
        range: Range<u64>,
    ) -> Result<Vec<Vec<f32>>, FormatError> {
        let len = (range.end - range.start) as usize;
        let mut out = vec![vec![f32::NAN; len]; channels.len()];
        let skews = || channels.iter().map(|idx| self.channels[*idx].skew);
        let first = range
            .start
            .saturating_add_signed(-skews().max().unwrap_or(0).max(0));
        let last = range
            .end
            .saturating_add_signed(-skews().min().unwrap_or(0).min(0));
        let last = last.min(self.n_frames);
        let width = self.coding.width();
        let frame_bytes = self.channels.len() * width;
        let mut at = first;
        while at < last {
            let count = (last - at).min((BLOCK / self.channels.len() as u64).max(1));
            let start = self.data_at + at * frame_bytes as u64;
            let raw = bytes.slice(start, count as usize * frame_bytes)?;
            let raw = swapped(raw.into_owned(), self.swap);
            for (frame, index) in raw.chunks_exact(frame_bytes).zip(at..) {
                if self.is_padding(frame) {
                    continue;
                }
                // At the end of the range a padding value cannot be a value as well.
                let missing = self
                    .padding
                    .filter(|padding| *padding as f64 == self.coding.range().0);
                for (column, idx) in out.iter_mut().zip(channels) {
                    let channel = &self.channels[*idx];
                    let place = (index as i64 + channel.skew).checked_sub_unsigned(range.start);
                    let slot = place.and_then(|it| column.get_mut(usize::try_from(it).ok()?));
                    let number = self.coding.number(&frame[idx * width..]);
                    if let Some(slot) = slot.filter(|_| Some(number) != missing) {
                        *slot = channel.mv(number);
                    }
                }
            }
            at += count;
        }
        Ok(out)
    }

    /// A padding value may also be a value: only a frame that holds nothing else is padding.
    fn is_padding(&self, frame: &[u8]) -> bool {
        let mut samples = frame.chunks_exact(self.coding.width());
        self.padding
            .is_some_and(|padding| samples.all(|sample| self.coding.number(sample) == padding))
    }
}

/// Frames that are there, and a warning where that is not what is stated.
fn frames(group: &View, data: &Element, frame_bytes: usize, warnings: &mut Vec<String>) -> u64 {
    let frame = frame_bytes as u64;
    let there = data.len / frame;
    let stated = group
        .u32s((0x003a, 0x0010))
        .first()
        .map(|it| u64::from(*it));
    if let Some(stated) = stated.filter(|stated| *stated != there) {
        let is_padded = stated < there && data.len - stated * frame < 2;
        if !is_padded {
            let label = group.text((0x003a, 0x0020)).unwrap_or_default();
            warnings.push(format!(
                "{label}: {there} of {stated} stated samples are there"
            ));
        }
    }
    stated.unwrap_or(there).min(there)
}

/// Bytes that are written in reverse, so many at a time.
fn swap(group: &View, data: &Element, coding: Coding) -> usize {
    let swaps = group.syntax.is_big_endian;
    let is_words = data.vr.is_none_or(|vr| &vr == b"OW");
    match (swaps, coding.width(), is_words) {
        (false, ..) | (true, 1, false) => 1,
        (true, 1, true) => 2,
        (true, width, _) => width,
    }
}

/// Bytes turned around in groups of `size`.
fn swapped(mut bytes: Vec<u8>, size: usize) -> Vec<u8> {
    if 1 < size {
        bytes.chunks_exact_mut(size).for_each(<[u8]>::reverse);
    }
    bytes
}

fn coding(group: &View) -> Result<Coding, String> {
    let bits = group.u16((0x5400, 0x1004)).unwrap_or(16);
    let text = group.text((0x5400, 0x1006)).unwrap_or_default();
    match (bits, text.as_str()) {
        (8, "SB") => Ok(Coding::I8),
        (8, "UB") => Ok(Coding::U8),
        (16, "SS") => Ok(Coding::I16),
        (16, "US") => Ok(Coding::U16),
        (32, "SL") => Ok(Coding::I32),
        (32, "UL") => Ok(Coding::U32),
        _ => Err(format!("{} of {bits} bits", quoted(&text))),
    }
}

/// What a group shows, by its own words: a derived group as short as a beat is a beat.
fn kind(group: &View, label: &str, duration_s: f64) -> ExamKind {
    let label = label.to_uppercase();
    let is_derived = group.text((0x003a, 0x0004)).as_deref() == Some("DERIVED");
    let names_beat = ["MEDIAN", "AVERAGE", "REPRESENTATIVE"]
        .iter()
        .any(|word| label.contains(word));
    match (is_derived, names_beat || duration_s < 3.0) {
        // Rhythm with leads of ours in it.
        (true, _) if label == "RHYTHM" => ExamKind::Rhythm,
        (true, true) => ExamKind::Median,
        (true, false) => ExamKind::Derived,
        (false, _) if label.contains("MEDIAN") => ExamKind::Median,
        (false, _) => ExamKind::Rhythm,
    }
}
