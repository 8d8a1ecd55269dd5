//! A record of one segment: signal files side by side.

use std::ops::Range;

use super::{
    about, codec::Coding, frames::Frames, header::Header, matlab::matlab4, signal_line::SignalLine,
};
use crate::formats::{
    FormatError, ReadOptions, Truncated,
    bytes::Folder,
    contents::{Chunk, Container, Contents, sample_mv},
};

/// Of a signal: its file's index, and the place of its first sample in a frame.
type Place = (usize, usize);

/// A record of one segment.
pub(super) struct Single {
    pub contents: Contents,
    lines: Vec<SignalLine>,
    groups: Vec<Frames>,
    /// `None` for a signal without samples.
    places: Vec<Option<Place>>,
    /// Steps per unit and the number of 0, signal by signal.
    calibration: Vec<(f64, f64)>,
    n_frames: u64,
    is_cut: bool,
}

impl Single {
    pub fn open(
        header: Header,
        folder: &Folder,
        options: &ReadOptions,
    ) -> Result<Self, FormatError> {
        let mut warnings = header.warnings.clone();
        let (groups, places) = group(&header, folder, &mut warnings)?;
        let there = groups.iter().map(|it| it.n_frames).min().unwrap_or(0);
        let is_cut = header.n_samples.is_some_and(|stated| there < stated);
        if let Some(stated) = header.n_samples.filter(|it| there < *it) {
            if there == 0 || options.truncated == Truncated::Refuse {
                return Err(FormatError::new(
                    "WFDB signals",
                    "the signal file's end",
                    format!("{there} samples per signal"),
                    stated,
                )
                .advise("the signal file is cut short"));
            }
            warnings.push(format!("cut short: {there} of {stated} samples are there"));
        }
        let n_frames = header.n_samples.map_or(there, |it| it.min(there));
        let mut contents = about::contents(&header, n_frames, options);
        warnings.append(&mut contents.warnings);
        contents.warnings = warnings;
        for (signal, line) in contents.signals.iter_mut().zip(&header.signals) {
            if line.coding == Coding::Null {
                signal.n_samples = 0;
            }
        }
        let coding = header.signals.first().map_or("", |it| it.coding.number());
        contents.format = if groups.iter().any(|it| it.is_matlab) {
            "WFDB with MATLAB 4".to_owned()
        } else {
            format!("WFDB {coding}")
        };
        let calibration = header
            .signals
            .iter()
            .map(|line| about::calibration(line, options).unwrap_or((f64::NAN, 0.0)))
            .collect();
        Ok(Self {
            contents,
            lines: header.signals,
            groups,
            places,
            calibration,
            n_frames,
            is_cut,
        })
    }

    /// Reads what one signal file holds of the wanted signals into their slots.
    fn read_group(
        &self,
        group: usize,
        signals: &[usize],
        range: &Range<u64>,
        chunk: &mut Chunk,
    ) -> Result<(), FormatError> {
        let place = |signal: usize| self.places[signal].filter(|place| place.0 == group);
        let slots: Vec<usize> = (0..signals.len())
            .filter(|slot| place(signals[*slot]).is_some())
            .collect();
        let lines = || slots.iter().map(|slot| &self.lines[signals[*slot]]);
        let Some(per_frame) = lines().next().map(|line| line.per_frame as u64) else {
            return Ok(());
        };
        let skew = lines().map(|line| line.skew).max().unwrap_or(0);
        let frames = range.start / per_frame..range.end.div_ceil(per_frame).saturating_add(skew);
        let wanted: Vec<(usize, usize)> = slots
            .iter()
            .filter_map(|slot| Some((place(signals[*slot])?.1, per_frame as usize)))
            .collect();
        let digital = self.digital(group, &wanted, frames.clone())?;
        for (slot, numbers) in slots.iter().zip(digital) {
            let line = &self.lines[signals[*slot]];
            let first = range.start - frames.start * per_frame + line.skew * per_frame;
            chunk.samples_mv[*slot] = self.physical(signals[*slot], &numbers, first, range);
            let is_whole = range.start == 0 && frames.end >= self.n_frames && line.skew == 0;
            // A file that is cut short is said to be so once; its sums cannot fit.
            if is_whole && !self.is_cut {
                chunk.warnings.extend(checksum_fault(line, &numbers));
            }
        }
        Ok(())
    }

    /// Millivolts of the window, `NaN` where nothing was recorded.
    fn physical(&self, signal: usize, numbers: &[i32], first: u64, range: &Range<u64>) -> Vec<f32> {
        let scale = self.contents.signals[signal].scale.as_ref();
        let mv = scale.map_or(f64::NAN, |scale| scale.mv);
        let (gain, baseline) = self.calibration[signal];
        let invalid = self.lines[signal].coding.invalid();
        let value = |number: &i32| {
            if Some(*number) == invalid {
                f32::NAN
            } else {
                sample_mv((f64::from(*number) - baseline) / gain * mv)
            }
        };
        let len = (range.end - range.start) as usize;
        let inside = usize::try_from(first)
            .ok()
            .and_then(|first| numbers.get(first..));
        let mut out: Vec<f32> = inside
            .unwrap_or_default()
            .iter()
            .take(len)
            .map(value)
            .collect();
        out.resize(len, f32::NAN);
        out
    }

    fn digital(
        &self,
        group: usize,
        wanted: &[(usize, usize)],
        frames: Range<u64>,
    ) -> Result<Vec<Vec<i32>>, FormatError> {
        let initial: Vec<i64> = self
            .lines
            .iter()
            .zip(&self.places)
            .filter(|(_, at)| at.is_some_and(|at| at.0 == group))
            .map(|(it, _)| it.initial)
            .collect();
        self.groups[group].read(wanted, frames, &initial)
    }
}

/// Signals of one file lie side by side in its frames.
fn group(
    header: &Header,
    folder: &Folder,
    warnings: &mut Vec<String>,
) -> Result<(Vec<Frames>, Vec<Option<Place>>), FormatError> {
    let mut groups: Vec<(String, Frames)> = Vec::new();
    let mut places = Vec::new();
    for it in &header.signals {
        if it.coding == Coding::Null {
            places.push(None);
            continue;
        }
        let at = groups
            .iter()
            .position(|(file, group)| *file == it.file && group.coding == it.coding);
        let at = match at {
            Some(at) => at,
            None => {
                let bytes = folder.open(&it.file)?;
                groups.push((
                    it.file.clone(),
                    Frames::new(bytes, it.coding, it.byte_offset),
                ));
                groups.len() - 1
            }
        };
        places.push(Some((at, groups[at].1.add(it.per_frame))));
    }
    for (file, group) in &mut groups {
        group.count()?;
        if let Some((kind, rows, columns)) = group.matlab_shape(matlab4)? {
            let expected = (30, group.signals() as u64);
            if (kind, rows) != expected || header.n_samples.is_some_and(|it| it != columns) {
                warnings
                    .push(format!("{file} holds a MATLAB matrix of type {kind}, {rows} by {columns}, which is not what the header says"));
            }
        }
    }
    Ok((groups.into_iter().map(|it| it.1).collect(), places))
}

fn checksum_fault(line: &SignalLine, numbers: &[i32]) -> Option<String> {
    let stated = line.checksum?;
    let sum = numbers
        .iter()
        .fold(0i64, |sum, number| sum.wrapping_add(i64::from(*number)));
    ((sum - stated) & 0xffff != 0).then(|| {
        format!(
            "checksum of {}: {} in the header, {} in the file",
            line.description, stated, sum as i16
        )
    })
}

impl Container for Single {
    fn contents(&self) -> &Contents {
        &self.contents
    }

    fn read(&self, signals: &[usize], range: Range<u64>) -> Result<Chunk, FormatError> {
        let len = (range.end - range.start) as usize;
        let mut chunk = Chunk::unrecorded(signals.len(), len);
        for group in 0..self.groups.len() {
            self.read_group(group, signals, &range, &mut chunk)?;
        }
        Ok(chunk)
    }
}
