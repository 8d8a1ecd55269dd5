//! WFDB records: a `.hea` header and the signal files it names, single or in segments.

mod codec;
mod frames;
mod header;
mod record;
mod segments;
mod write;

use std::ops::Range;

pub(super) use header::is_header;
pub use record::files_of_recording;
pub(super) use record::{files_of, header_that_names};
pub(super) use write::{DIGITAL, header, record_name, write_data};

use self::{
    frames::Frames,
    header::{Header, SignalLine},
    segments::Segmented,
};
use super::{
    FormatError, ReadOptions, Truncated,
    bytes::{Bytes, Folder},
    contents::{Chunk, Container, Contents, Note, Scale, Signal, sample_mv, voltage},
    provenance,
};
use crate::ecg::{Patient, Sex};

/// Opens the record that `header` describes; its other files lie in `folder`.
pub(super) fn open(
    header: &Bytes,
    folder: &Folder,
    options: &ReadOptions,
) -> Result<Box<dyn Container>, FormatError> {
    let header = Header::read(header, &options.limits)?;
    if header.segments.is_some() {
        return Ok(Box::new(Segmented::open(header, folder, options)?));
    }
    Ok(Box::new(Single::open(header, folder, options)?))
}

/// MATLAB 4 matrices begin with type, rows, columns, an imaginary flag and the length of the name.
pub(super) fn is_matlab4(head: &[u8]) -> bool {
    matlab4(head).is_some()
}

/// Rows and columns of a little-endian MATLAB 4 matrix.
fn matlab4(head: &[u8]) -> Option<(i32, u64, u64)> {
    let word = |at: usize| Some(i32::from_le_bytes(head.get(at..at + 4)?.try_into().ok()?));
    let (kind, rows, columns, imaginary, name) =
        (word(0)?, word(4)?, word(8)?, word(12)?, word(16)?);
    let sound = (0..100).contains(&kind)
        && 0 < rows
        && 0 < columns
        && (0..=1).contains(&imaginary)
        && (1..64).contains(&name);
    let named = sound && *head.get(20 + name as usize - 1)? == 0;
    named.then_some((kind, rows as u64, columns as u64))
}

/// Of a signal: its file's index, and the place of its first sample in a frame.
type Place = (usize, usize);

/// A record of one segment.
struct Single {
    contents: Contents,
    lines: Vec<SignalLine>,
    groups: Vec<Frames>,
    places: Vec<Place>,
    n_frames: u64,
}

impl Single {
    fn open(header: Header, folder: &Folder, options: &ReadOptions) -> Result<Self, FormatError> {
        let mut warnings = header.warnings.clone();
        let (groups, places) = group(&header, folder, &mut warnings)?;
        let there = groups.iter().map(|it| it.n_frames).min().unwrap_or(0);
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
        let mut contents = contents(&header, n_frames, options);
        warnings.append(&mut contents.warnings);
        contents.warnings = warnings;
        let coding = header.signals.first().map_or("", |it| it.coding.number());
        contents.format = if groups.iter().any(|it| it.is_matlab) {
            "WFDB with MATLAB 4".to_owned()
        } else {
            format!("WFDB {coding}")
        };
        Ok(Self {
            contents,
            lines: header.signals,
            groups,
            places,
            n_frames,
        })
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
            .filter(|(_, at)| at.0 == group)
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
) -> Result<(Vec<Frames>, Vec<Place>), FormatError> {
    let mut groups: Vec<(String, Frames)> = Vec::new();
    let mut places = Vec::new();
    for it in &header.signals {
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
        places.push((at, groups[at].1.add(it.per_frame)));
    }
    for (file, group) in &mut groups {
        group.count();
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

fn contents(header: &Header, n_frames: u64, options: &ReadOptions) -> Contents {
    let mut out = Contents {
        start: header.start,
        ..Contents::default()
    };
    let mut origins: Vec<(String, String)> = Vec::new();
    for it in &header.comments {
        match it.strip_prefix(ORIGIN).and_then(|it| it.split_once(": ")) {
            Some((label, words)) => origins.push((label.to_owned(), words.to_owned())),
            None if patient(it, &mut out.patient) || device(it, &mut out).is_some() => {}
            None => out.notes.push(it.clone()),
        }
    }
    for it in &header.signals {
        let words = origins
            .iter()
            .find(|origin| origin.0 == it.description)
            .map_or("", |it| it.1.as_str());
        out.signals.push(Signal {
            name: provenance::name_of(&it.description, words),
            rate_hz: header.rate_hz * it.per_frame as f64,
            n_samples: n_frames.saturating_mul(it.per_frame as u64),
            scale: scale(it, options),
            prefilter: String::new(),
            origin: provenance::origin_of(&it.description, words),
        });
    }
    out
}

/// Comment that tells where a lead comes from, where that is no electrode.
const ORIGIN: &str = "origin ";

/// The comments of the PhysioNet challenges and of PTB. `true` if the comment was understood whole.
fn patient(comment: &str, patient: &mut Patient) -> bool {
    let Some((key, value)) = comment.split_once(':') else {
        return false;
    };
    let value = value.trim();
    match key.trim().trim_matches(['<', '>']).to_lowercase().as_str() {
        "age" => {
            patient.age_years = value
                .parse()
                .ok()
                .filter(|it: &f64| it.is_finite() && 0.0 <= *it && *it < 150.0);
            patient.age_years.is_some()
        }
        "sex" | "gender" => {
            patient.sex = match value.to_lowercase().as_str() {
                "f" | "female" => Some(Sex::Female),
                "m" | "male" => Some(Sex::Male),
                _ => None,
            };
            patient.sex.is_some()
        }
        "patient name" => {
            patient.name = Some(value.to_owned()).filter(|it| !it.is_empty());
            true
        }
        "patient id" => {
            patient.id = Some(value.to_owned()).filter(|it| !it.is_empty());
            true
        }
        "birth date" => {
            patient.birth_date = value.parse().ok();
            patient.birth_date.is_some()
        }
        _ => false,
    }
}

/// What our own headers say beyond the patient.
fn device(comment: &str, out: &mut Contents) -> Option<()> {
    let (key, value) = comment.split_once(": ")?;
    let hz = || {
        value
            .parse()
            .ok()
            .filter(|it: &f64| it.is_finite() && 0.0 < *it)
    };
    match key {
        "Device" => out.device = Some(value.to_owned()),
        "High-pass Hz" => out.filters.high_pass_hz = Some(hz()?),
        "Low-pass Hz" => out.filters.low_pass_hz = Some(hz()?),
        "Notch Hz" => out.filters.notch_hz = Some(hz()?),
        _ => {
            let onset_s = key
                .strip_prefix("at ")?
                .strip_suffix(" s")?
                .parse()
                .ok()
                .filter(|it: &f64| it.is_finite())?;
            out.timed_notes.push(Note {
                onset_s,
                duration_s: None,
                text: value.to_owned(),
            });
        }
    }
    Some(())
}

fn scale(it: &SignalLine, options: &ReadOptions) -> Result<Scale, String> {
    let physical = |digital: f64, gain: f64| (digital - it.baseline) / gain;
    // The standard: a gain without a unit is per millivolt; no gain at all is an uncalibrated
    // signal.
    let (gain, (mv, unit)) = match it.gain {
        Some(gain) if it.unit.is_empty() => {
            (gain, (1.0, "mV (none stated: the standard's)".to_owned()))
        }
        Some(gain) => (gain, voltage(&it.unit, options)?),
        None => (
            1.0,
            voltage("", options)
                .map_err(|_| "uncalibrated (no gain stated); name a unit to read it".to_owned())?,
        ),
    };
    let rails = it
        .coding
        .range()
        .map(|(low, high)| (physical(low, gain), physical(high, gain)));
    let rails = rails.map(|(low, high)| (low.min(high), low.max(high)));
    Ok(Scale {
        mv,
        unit,
        step: Some((1.0 / gain).abs()),
        rails,
    })
}

impl Container for Single {
    fn contents(&self) -> &Contents {
        &self.contents
    }

    fn read(&self, signals: &[usize], range: Range<u64>) -> Result<Chunk, FormatError> {
        let len = (range.end - range.start) as usize;
        let mut chunk = Chunk {
            samples_mv: vec![Vec::new(); signals.len()],
            ..Chunk::default()
        };
        for group in 0..self.groups.len() {
            let slots: Vec<usize> = (0..signals.len())
                .filter(|it| self.places[signals[*it]].0 == group)
                .collect();
            let Some(per_frame) = slots
                .first()
                .map(|it| self.lines[signals[*it]].per_frame as u64)
            else {
                continue;
            };
            let skew = slots
                .iter()
                .map(|it| self.lines[signals[*it]].skew)
                .max()
                .unwrap_or(0);
            let frames =
                range.start / per_frame..range.end.div_ceil(per_frame).saturating_add(skew);
            let wanted: Vec<(usize, usize)> = slots
                .iter()
                .map(|it| (self.places[signals[*it]].1, per_frame as usize))
                .collect();
            let digital = self.digital(group, &wanted, frames.clone())?;
            for (slot, numbers) in slots.iter().zip(digital) {
                let line = &self.lines[signals[*slot]];
                let mv = self.contents.signals[signals[*slot]]
                    .scale
                    .as_ref()
                    .map_or(f64::NAN, |it| it.mv);
                let first =
                    (range.start - frames.start * per_frame + line.skew * per_frame) as usize;
                let gain = line.gain.unwrap_or(1.0);
                let invalid = line.coding.invalid();
                let value = |it: i32| {
                    if Some(it) == invalid {
                        f32::NAN
                    } else {
                        sample_mv((f64::from(it) - line.baseline) / gain * mv)
                    }
                };
                let mut out: Vec<f32> = numbers
                    .get(first..)
                    .unwrap_or_default()
                    .iter()
                    .take(len)
                    .map(|it| value(*it))
                    .collect();
                out.resize(len, f32::NAN);
                chunk.samples_mv[*slot] = out;
                let is_whole = range.start == 0 && frames.end >= self.n_frames && line.skew == 0;
                if is_whole && let Some(stated) = line.checksum {
                    let sum = numbers
                        .iter()
                        .fold(0i64, |sum, it| sum.wrapping_add(i64::from(*it)));
                    if (sum - stated) & 0xffff != 0 {
                        chunk.warnings.push(format!(
                            "checksum of {}: {} in the header, {} in the file",
                            line.description, stated, sum as i16
                        ));
                    }
                }
            }
        }
        Ok(chunk)
    }
}
