//! DICOM waveforms: 12-lead, General and Ambulatory ECG, read from where their samples lie.

mod annotations;
mod channel;
mod class;
mod dataset;
mod document;
mod elements;
mod medium;
mod syntax;
mod transfer;
mod waveform;
mod write;

use std::ops::Range;

pub use document::pdf_as_dicom;
pub(super) use medium::{files_of_medium, parts_of_medium};
pub(super) use transfer::is_dicom;
pub(super) use write::write;

use self::{annotations::Annotations, dataset::View, transfer::File, waveform::Group};
use super::{
    FormatError, ReadOptions,
    bytes::Bytes,
    contents::{Chunk, Container, Contents, Signal},
    dates,
    exam::{self, Exam},
    provenance,
};
use crate::ecg::{Origin, Patient, Sex, Study, plain_line};

const STEP: &str = "DICOM";

/// An open file, and the group that is read.
struct DicomFile {
    bytes: Bytes,
    group: Group,
    contents: Contents,
}

/// Opens a DICOM file whose data set holds a waveform.
pub(super) fn open(bytes: Bytes, options: &ReadOptions) -> Result<Box<dyn Container>, FormatError> {
    let file = File::open(bytes, options)?;
    let root = file.view();
    let class = root.text((0x0008, 0x0016)).unwrap_or_default();
    let waveforms = root.items((0x5400, 0x0100));
    if let Some(error) = refusal(&class, waveforms.is_empty()) {
        return Err(error);
    }
    let mut contents = about(&root, &class);
    let mut groups = waveforms
        .iter()
        .map(|group| Group::read(group, options, &mut contents.warnings))
        .collect::<Result<Vec<_>, _>>()?;
    contents.exams = groups
        .iter()
        .map(|group| listed(group, &contents))
        .collect();
    contents.exam = exam::chosen(&contents.exams, options)?;
    let annotations = Annotations::read(&root, options.limits.notes);
    let group = groups.swap_remove(contents.exam);
    complete(&mut contents, &group, annotations);
    Ok(Box::new(DicomFile {
        bytes: file.bytes,
        group,
        contents,
    }))
}

fn refusal(class: &str, is_empty: bool) -> Option<FormatError> {
    let expected = "a 12-lead, General or Ambulatory ECG";
    if let Some(name) = class::other(class) {
        let error = FormatError::new(STEP, "(0008,0016)", name, expected);
        return Some(error.advise("choose the object that holds the ECG"));
    }
    is_empty.then(|| {
        let found = format!("no waveform in an object of class {class}");
        FormatError::new(STEP, "(5400,0100)", found, expected)
    })
}

fn listed(group: &Group, about: &Contents) -> Exam {
    Exam {
        name: group.label.clone(),
        kind: group.kind,
        n_signals: group.channels.len(),
        rate_hz: group.rate_hz,
        duration_s: group.duration_s(),
        start: dates::later(about.start, group.offset_s),
    }
}

/// What the object says of patient, time and device.
fn about(root: &View, class: &str) -> Contents {
    let parts = [
        root.text((0x0008, 0x0070)),
        root.text((0x0008, 0x1090)),
        root.text((0x0018, 0x1020)),
    ];
    let device: Vec<String> = parts.into_iter().flatten().collect();
    let mut notes = Vec::new();
    let remarks = [(0x0008, 0x1030), (0x0008, 0x103e), (0x0038, 0x4000)];
    notes.extend(remarks.iter().filter_map(|tag| root.text(*tag)));
    Contents {
        format: class::ecg(class).unwrap_or("DICOM waveform").to_owned(),
        start: start(root),
        patient: patient(root),
        study: study(root),
        device: (!device.is_empty()).then(|| device.join(" ")),
        notes,
        limbs_on_trunk: class == class::AMBULATORY,
        ..Contents::default()
    }
}

/// The study's identifier is digits and points, at most 64 of them (PS3.5 9.1).
fn study(root: &View) -> Option<Study> {
    let is_uid = |uid: &String| {
        uid.len() <= 64
            && uid
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    let text = |tag| root.text(tag).map(|text| plain_line(&text));
    let uid = root.text((0x0020, 0x000d)).filter(is_uid)?;
    Some(Study {
        uid,
        id: text((0x0020, 0x0010)),
        accession: text((0x0008, 0x0050)),
    })
}

/// The acquisition's time, otherwise that of the content.
fn start(root: &View) -> Option<jiff::civil::DateTime> {
    let acquired = root
        .text((0x0008, 0x002a))
        .and_then(|text| dates::compact(&text));
    let pair = |date, time| {
        let date = dates::compact_date(&root.text(date)?)?;
        let time = root.text(time)?.replace(':', "");
        let (whole, fraction) = time.split_once('.').unwrap_or((&time, ""));
        Some(date.to_datetime(dates::compact_time(whole, fraction)?))
    };
    acquired
        .or_else(|| pair((0x0008, 0x0023), (0x0008, 0x0033)))
        .or_else(|| pair((0x0008, 0x0020), (0x0008, 0x0030)))
        // What objects without identity have in place of a time.
        .filter(|start| *start != jiff::civil::date(1900, 1, 1).at(0, 0, 0, 0))
}

fn patient(root: &View) -> Patient {
    // Family^Given^Middle; alphabetic, ideographic and phonetic forms parted by "=".
    let name = root.text((0x0010, 0x0010)).and_then(|text| {
        let form = text.split('=').find(|form| !form.trim().is_empty())?;
        let mut parts = form
            .split('^')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        let family = parts.next()?.to_owned();
        let rest: Vec<&str> = parts.collect();
        Some(if rest.is_empty() {
            family
        } else {
            format!("{family}, {}", rest.join(" "))
        })
    });
    let age = root.text((0x0010, 0x1010)).and_then(|text| {
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let per_year = match unit {
            "Y" => 1.0,
            "M" => 12.0,
            "W" => 52.18,
            "D" => 365.25,
            _ => return None,
        };
        Some(number.parse::<u32>().ok().map(f64::from)? / per_year)
    });
    Patient {
        name,
        id: root.text((0x0010, 0x0020)),
        sex: match root.text((0x0010, 0x0040)).as_deref() {
            Some("F") => Some(Sex::Female),
            Some("M") => Some(Sex::Male),
            _ => None,
        },
        birth_date: root
            .text((0x0010, 0x0030))
            .and_then(|text| dates::compact_date(&text)),
        age_years: age,
    }
}

/// Adds what belongs to the group that is read.
fn complete(contents: &mut Contents, group: &Group, annotations: Annotations) {
    contents.kind = group.kind;
    contents.start = dates::later(contents.start, group.offset_s);
    contents.cart = annotations.measured;
    contents.notes.extend(annotations.statements);
    contents.notes.extend(annotations.notes);
    let here = |of: &usize| *of == contents.exam;
    contents.timed_notes = annotations
        .marks
        .iter()
        .filter(|(of, _)| here(of))
        .map(|(_, mark)| mark.note(group.rate_hz))
        .collect();
    let mut shared = group.channels.iter().map(|channel| &channel.filters);
    if let Some(first) = shared.next()
        && shared.all(|other| other == first)
    {
        contents.filters = first.clone();
    }
    for (idx, channel) in group.channels.iter().enumerate() {
        let words = annotations
            .origins
            .iter()
            .find(|(of, at, _)| here(of) && *at == idx)
            .map_or("", |origin| origin.2.as_str());
        contents.signals.push(Signal {
            name: provenance::name_of(&channel.name, words),
            rate_hz: group.rate_hz,
            n_samples: group.n_frames,
            scale: channel.scale.clone(),
            prefilter: String::new(),
            origin: if words.is_empty() {
                Origin::Measured
            } else {
                provenance::origin_of(&channel.name, words)
            },
        });
    }
}

impl Container for DicomFile {
    fn contents(&self) -> &Contents {
        &self.contents
    }

    fn read(&self, signals: &[usize], range: Range<u64>) -> Result<Chunk, FormatError> {
        Ok(Chunk {
            samples_mv: self.group.samples(&self.bytes, signals, range)?,
            ..Chunk::default()
        })
    }
}
