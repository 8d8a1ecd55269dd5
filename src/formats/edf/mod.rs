//! EDF, EDF+C, EDF+D, BDF and BDF+: read record by record, from anywhere in the file.

mod dates;
mod header;
mod lists;
mod persons;
mod records;
mod tal;
mod timeline;
mod write;

use std::ops::Range;

pub(super) use dates::named_date;
pub(super) use write::{DIGITAL, write};

use self::{
    header::{Header, SignalHeader},
    tal::Tal,
    timeline::Timeline,
};
use super::{
    FormatError, ReadOptions, Truncated,
    bytes::Bytes,
    contents::{Chunk, Container, Contents, Note, Scale, Signal, sample_mv, voltage},
    provenance,
};

/// Whether a file begins as one of the family.
pub(super) fn is_edf(head: &[u8]) -> bool {
    head.starts_with(b"0       ") || head.starts_with(b"\xffBIOSEMI")
}

/// Looks into a file of the family.
pub(super) fn open(bytes: Bytes, options: &ReadOptions) -> Result<Box<dyn Container>, FormatError> {
    Ok(Box::new(EdfFile::open(bytes, options)?))
}

/// An open file of the family.
struct EdfFile {
    bytes: Bytes,
    header: Header,
    timeline: Timeline,
    contents: Contents,
    max_notes: usize,
}

impl EdfFile {
    fn open(bytes: Bytes, options: &ReadOptions) -> Result<Self, FormatError> {
        let mut header = Header::read(&bytes, &options.limits)?;
        if header.signals.iter().all(SignalHeader::is_annotations) {
            return Err(only_annotations(&bytes, &header));
        }
        let n_records = present(&mut header, bytes.len(), options.truncated)?;
        let timeline = Timeline::find(&bytes, &header, n_records)?;
        header.warnings.extend(timeline.warnings.iter().cloned());
        let signals = header.signals.iter().filter(|it| !it.is_annotations());
        let contents = Contents {
            format: header.format(),
            signals: signals
                .map(|it| signal(it, &header, &timeline, options))
                .collect(),
            start: super::dates::later(header.start, timeline.first_s),
            patient: header.patient.clone(),
            device: header.device.clone(),
            notes: header.notes.clone(),
            warnings: header.warnings.clone(),
            ..Contents::default()
        };
        Ok(Self {
            bytes,
            header,
            timeline,
            contents,
            max_notes: options.limits.notes,
        })
    }

    /// Headers of these signals, counted without annotations, and how their numbers become
    /// millivolts.
    fn picked(&self, signals: &[usize]) -> Vec<(&SignalHeader, Linear)> {
        let all = self.header.signals.iter();
        let all: Vec<&SignalHeader> = all.filter(|it| !it.is_annotations()).collect();
        let picked = |idx: &usize| {
            let linear = Linear::of(all[*idx], &self.contents.signals[*idx]);
            (all[*idx], linear)
        };
        signals.iter().map(picked).collect()
    }

    /// Annotations of records `range`, with the record's own time stamps left out.
    fn annotations(&self, record: &[u8], chunk: &mut Chunk) {
        for signal in self.header.signals.iter().filter(|it| it.is_annotations()) {
            let field = &record
                [signal.offset..signal.offset + signal.per_record * self.header.sample_bytes];
            let (lists, broken) =
                tal::parse(field, self.max_notes.saturating_sub(chunk.notes.len()));
            if 0 < broken {
                chunk.warnings.push(format!(
                    "{broken} annotations are not readable and were left out"
                ));
            }
            for Tal {
                onset_s,
                duration_s,
                texts,
            } in lists
            {
                let onset_s = onset_s - self.timeline.first_s;
                let texts = texts.into_iter().filter(|it| it != provenance::END);
                chunk.notes.extend(texts.map(|text| Note {
                    onset_s,
                    duration_s,
                    text,
                }));
            }
        }
    }
}

/// A file of annotations alone, such as a hypnogram, is sound but holds nothing to draw.
fn only_annotations(bytes: &Bytes, header: &Header) -> FormatError {
    let field = bytes.slice(
        header.header_bytes,
        bytes
            .len()
            .saturating_sub(header.header_bytes)
            .min(BLOCK_BYTES as u64) as usize,
    );
    let lists = tal::parse(&field.unwrap_or_default(), usize::MAX).0;
    let count: usize = lists.iter().map(|list| list.texts.len()).sum();
    let found = format!("{count} annotations and no signal");
    FormatError::new("EDF header", "the signals", found, "at least one lead")
        .advise("open the recording that these annotations belong to")
}

/// Bytes read at once.
const BLOCK_BYTES: usize = 1 << 20;

/// How the data records that are there differ from what the header says.
fn miscount(there: u64, stated: Option<u64>) -> Option<String> {
    match stated {
        Some(stated) if there < stated => Some(format!(
            "cut short: {there} of {stated} data records are there"
        )),
        Some(stated) if stated < there => Some(format!(
            "{} data records beyond the stated {stated} were left out",
            there - stated
        )),
        Some(_) => None,
        None => Some(format!(
            "the number of data records was not stated; {there} are there"
        )),
    }
}

/// Whole data records that the file holds, against what its header says.
fn present(header: &mut Header, file_bytes: u64, truncated: Truncated) -> Result<u64, FormatError> {
    let data = file_bytes.saturating_sub(header.header_bytes);
    let there = data / header.record_bytes as u64;
    let stated = u64::try_from(header.n_records).ok();
    let is_short = stated.is_some_and(|it| there < it);
    if there == 0 || (is_short && truncated == Truncated::Refuse) {
        let expected = stated.map_or_else(|| "at least one".to_owned(), |it| it.to_string());
        let found = format!(
            "{there} whole data records of {} bytes",
            header.record_bytes
        );
        return Err(FormatError::new(
            "EDF data",
            format!("byte {}", header.header_bytes),
            found,
            expected,
        )
        .advise("the file is cut short"));
    }
    header.warnings.extend(miscount(there, stated));
    Ok(stated.map_or(there, |it| if it == 0 { there } else { it.min(there) }))
}

fn signal(
    it: &SignalHeader,
    header: &Header,
    timeline: &Timeline,
    options: &ReadOptions,
) -> Signal {
    let rate_hz = it.per_record as f64 / header.record_s;
    Signal {
        name: provenance::name_of(&it.label, &it.transducer),
        rate_hz,
        n_samples: if 0.0 < header.record_s {
            timeline.samples_in_all(it.per_record)
        } else {
            0
        },
        scale: scale(it, options),
        prefilter: it.prefilter.clone(),
        origin: provenance::origin_of(&it.label, &it.transducer),
    }
}

fn scale(it: &SignalHeader, options: &ReadOptions) -> Result<Scale, String> {
    let ((low, high), (bottom, top)) = (it.physical.clone()?, it.digital.clone()?);
    if it.per_record == 0 {
        return Err("no samples".to_owned());
    }
    let (mv, unit) = voltage(&it.unit, options)?;
    Ok(Scale {
        mv,
        unit,
        step: Some(((high - low) / (top - bottom)).abs()),
        rails: Some((low.min(high), low.max(high))),
    })
}

impl Container for EdfFile {
    fn contents(&self) -> &Contents {
        &self.contents
    }

    fn read(&self, signals: &[usize], range: Range<u64>) -> Result<Chunk, FormatError> {
        let picked = self.picked(signals);
        let len = (range.end - range.start) as usize;
        let mut chunk = Chunk::unrecorded(picked.len(), len);
        let Some(per_record) = picked.first().map(|it| it.0.per_record as u64) else {
            return Ok(chunk);
        };
        let mut index =
            self.timeline
                .first_record_at(&self.bytes, &self.header, range.start, per_record)?;
        let wanted = (range.end - range.start).div_ceil(per_record.max(1)) + 1;
        let size = self.header.record_bytes;
        'blocks: while index < self.timeline.n_records {
            let count = (self.timeline.n_records - index)
                .min(wanted)
                .min((BLOCK_BYTES / size).max(1) as u64);
            let block = self.bytes.slice(
                self.header.header_bytes + index * size as u64,
                count as usize * size,
            )?;
            for (record, number) in block.chunks_exact(size).zip(index..) {
                let Some(first) = self.timeline.first_sample(
                    &self.header,
                    record,
                    number,
                    per_record,
                    &mut chunk.warnings,
                ) else {
                    continue;
                };
                if range.end <= first {
                    break 'blocks;
                }
                for (out, (signal, linear)) in chunk.samples_mv.iter_mut().zip(&picked) {
                    copy(
                        out,
                        range.start,
                        first,
                        &record[signal.offset..],
                        signal.per_record,
                        self.header.sample_bytes,
                        *linear,
                    );
                }
                if chunk.notes.len() < self.max_notes {
                    self.annotations(record, &mut chunk);
                }
            }
            index += count;
        }
        provenance::apply_gaps(&mut chunk, &self.contents.signals, signals, range.start);
        Ok(chunk)
    }
}

/// Digital numbers to millivolts.
#[derive(Clone, Copy)]
struct Linear {
    gain: f64,
    bottom: f64,
    low: f64,
    mv: f64,
}

impl Linear {
    fn of(header: &SignalHeader, signal: &Signal) -> Self {
        let ((low, high), (bottom, top)) = match (&header.physical, &header.digital) {
            (Ok(physical), Ok(digital)) => (*physical, *digital),
            _ => ((f64::NAN, f64::NAN), (0.0, 1.0)),
        };
        Self {
            gain: (high - low) / (top - bottom),
            bottom,
            low,
            mv: signal.scale.as_ref().map_or(f64::NAN, |it| it.mv),
        }
    }

    fn mv(self, digital: i32) -> f32 {
        sample_mv(((f64::from(digital) - self.bottom) * self.gain + self.low) * self.mv)
    }
}

/// Copies what of one record's `field` falls into the window that begins at sample `window`.
fn copy(
    out: &mut [f32],
    window: u64,
    first: u64,
    field: &[u8],
    per_record: usize,
    width: usize,
    linear: Linear,
) {
    let skip = window.saturating_sub(first).min(per_record as u64) as usize;
    let Some(to) = (first + skip as u64).checked_sub(window) else {
        return;
    };
    let target = out.iter_mut().skip(to as usize);
    for (slot, raw) in target.zip(field[..per_record * width].chunks_exact(width).skip(skip)) {
        let digital = match *raw {
            [a, b] => i32::from(i16::from_le_bytes([a, b])),
            [a, b, c] => i32::from_le_bytes([0, a, b, c]) >> 8,
            _ => continue,
        };
        *slot = linear.mv(digital);
    }
}
