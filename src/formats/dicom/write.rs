//! Writes a DICOM waveform: 12-lead ECG where it holds the recording, otherwise General or
//! Ambulatory ECG. A synthesised lead has a derived code, or one of our own, never a plain one.

use std::io::Write;

use jiff::civil::DateTime;
use sha2::{Digest, Sha256};

use super::{
    annotations::{ECG_PANORAMA, SCHEME},
    class::{AMBULATORY, GENERAL, TWELVE_LEAD},
    elements::{Elements, decimal},
};
use crate::{
    ecg::{Lead, Origin, Recording, Sex, Study},
    formats::{
        FormatError, lead_codes,
        pieces::{Outline, Pieces},
        provenance,
    },
};

const STEP: &str = "DICOM writing";
/// Largest number used; −32,768 means that nothing was recorded.
const DIGITAL: f64 = 32_767.0;
/// Channels of one multiplex group of a General ECG (PS3.3 A.34.4), and groups.
const CHANNELS: usize = 24;
const GROUPS: usize = 4;
/// Samples of a group of a 12-lead ECG.
const TWELVE_LEAD_SAMPLES: usize = 16_384;
/// Bytes of one group's samples, whose length is stated in 32 bits.
const DATA: u64 = 0xffff_fffe;
pub(super) const SOFTWARE: &str = concat!("ecg-panorama ", env!("CARGO_PKG_VERSION"));
/// Root of identifiers made from a hash (PS3.5 B.2).
const UID_ROOT: &str = "2.25";

/// Writes an object. Numbers are 16 bits wide, in the steps of the outline.
pub(in crate::formats) fn write(
    out: &mut dyn Write,
    outline: &Outline,
    pieces: &dyn Pieces,
) -> Result<(), FormatError> {
    let class = class(outline)?;
    let leads = outline.about.leads.leads();
    let groups: Vec<(usize, &[Lead])> = leads
        .chunks(CHANNELS)
        .enumerate()
        .map(|(idx, leads)| (idx * CHANNELS, leads))
        .collect();
    let heads: Vec<Elements> = groups
        .iter()
        .map(|(first, leads)| group(outline, *first, leads))
        .collect();
    let data = |leads: &[Lead]| outline.n_samples as u64 * leads.len() as u64 * 2;
    let items = heads.iter().zip(&groups);
    let length: u64 = items
        .map(|(head, (_, leads))| 8 + head.bytes.len() as u64 + data(leads))
        .sum();
    if DATA < length {
        let found = format!("{length} bytes of samples");
        return Err(
            FormatError::new(STEP, "the waveform", found, format!("at most {DATA}"))
                .advise("write a shorter part"),
        );
    }
    let mut all = Elements {
        bytes: meta(class, &uid(outline, "instance")),
    };
    about(&mut all, outline, class);
    all.head((0x5400, 0x0100), b"SQ", length as u32);
    let io = |error: std::io::Error| FormatError::unwritable(STEP, &error);
    out.write_all(&all.bytes).map_err(io)?;
    for (head, (first, leads)) in heads.iter().zip(&groups) {
        let item = head.bytes.len() as u64 + data(leads);
        out.write_all(&[0xfe, 0xff, 0x00, 0xe0]).map_err(io)?;
        out.write_all(&(item as u32).to_le_bytes()).map_err(io)?;
        out.write_all(&head.bytes).map_err(io)?;
        samples(out, outline, *first..first + leads.len(), pieces)?;
    }
    Ok(())
}

/// The storage class that may hold a recording.
fn class(outline: &Outline) -> Result<&'static str, FormatError> {
    let (leads, hz) = (outline.about.leads.leads(), outline.about.leads.rate().hz());
    let is_plain = |lead: &Lead| lead.name.is_standard() && !lead.origin.is_synthesised();
    let is_fast = (200.0..=1000.0).contains(&hz);
    if is_fast && leads.iter().all(is_plain) && outline.n_samples <= TWELVE_LEAD_SAMPLES {
        return Ok(TWELVE_LEAD);
    }
    if is_fast && leads.len() <= CHANNELS * GROUPS {
        return Ok(GENERAL);
    }
    if (50.0..=1000.0).contains(&hz) && leads.len() <= CHANNELS * GROUPS {
        return Ok(AMBULATORY);
    }
    let found = format!("{} leads at {hz} Hz", leads.len());
    let expected = format!("at most {} leads at 50 to 1000 Hz", CHANNELS * GROUPS);
    Err(FormatError::new(STEP, "the leads", found, expected))
}

/// Preamble and meta information (PS3.10).
pub(super) fn meta(class: &str, instance: &str) -> Vec<u8> {
    let mut meta = Elements::default();
    meta.raw((0x0002, 0x0001), b"OB", &[0, 1], 0)
        .text((0x0002, 0x0002), b"UI", class)
        .text((0x0002, 0x0003), b"UI", instance)
        .text((0x0002, 0x0010), b"UI", "1.2.840.10008.1.2.1")
        .text((0x0002, 0x0012), b"UI", &hashed_uid(SOFTWARE.as_bytes()))
        .text((0x0002, 0x0013), b"SH", SOFTWARE);
    let mut out = Elements {
        bytes: [&[0; 128], &b"DICM"[..]].concat(),
    };
    out.longs((0x0002, 0x0000), &[meta.bytes.len() as u32]);
    out.bytes.extend(meta.bytes);
    out.bytes
}

/// An identifier from a hash: the same recording has the same one.
pub(super) fn hashed_uid(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    let number = hash
        .iter()
        .take(16)
        .fold(0u128, |sum, byte| sum << 8 | u128::from(*byte));
    format!("{UID_ROOT}.{number}")
}

/// An identifier of study, series or instance from all that is known before the samples.
fn uid(outline: &Outline, level: &str) -> String {
    let about = &outline.about;
    if level == "study"
        && let Some(uid) = study_uid(about)
    {
        return uid;
    }
    let mut words = format!("{level}|{:?}|{:?}", about.patient, about.start);
    // Of people without a name only the signals tell one study from another.
    if level != "study" || is_nameless(about) {
        for (lead, of) in about.leads.leads().iter().zip(&outline.leads) {
            let (label, origin) = (lead.label(), provenance::origin_text(lead));
            let first = lead.samples_mv.first();
            words += &format!("|{label}|{origin}|{}|{}|{first:?}", of.step_uv, of.peak_uv);
        }
        words += &format!("|{}|{}", outline.n_samples, about.leads.rate().hz());
    }
    hashed_uid(words.as_bytes())
}

/// The identifier of the recording's own study.
pub(super) fn study_uid(recording: &Recording) -> Option<String> {
    recording.study.as_ref().map(|study| study.uid.clone())
}

/// An unknown start is what an object without identity has in these fields.
fn known_start(recording: &Recording) -> DateTime {
    let unknown = jiff::civil::date(1900, 1, 1).at(0, 0, 0, 0);
    recording.start.unwrap_or(unknown)
}

fn day(time: DateTime) -> String {
    format!("{:04}{:02}{:02}", time.year(), time.month(), time.day())
}

fn clock(time: DateTime) -> String {
    let micros = time.subsec_nanosecond() / 1000;
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    format!("{hour:02}{minute:02}{second:02}.{micros:06}")
}

/// Everything of the object but its waveform.
fn about(out: &mut Elements, outline: &Outline, class: &str) {
    let recording = &outline.about;
    let synthesised: Vec<String> = recording
        .leads
        .leads()
        .iter()
        .filter(|lead| lead.origin.is_synthesised())
        .map(|lead| format!("{}: {}", lead.label(), provenance::origin_text(lead)))
        .collect();
    let kind = if synthesised.is_empty() {
        "ORIGINAL\\PRIMARY"
    } else {
        "DERIVED\\SECONDARY"
    };
    out.text((0x0008, 0x0005), b"CS", "ISO_IR 192")
        .text((0x0008, 0x0008), b"CS", kind);
    instance(out, recording, class, &uid(outline, "instance"));
    out.text((0x0008, 0x0070), b"LO", "")
        .text((0x0008, 0x0090), b"PN", "")
        .text(
            (0x0008, 0x1090),
            b"LO",
            recording.device.as_deref().unwrap_or(""),
        );
    if !synthesised.is_empty() {
        out.text((0x0008, 0x2111), b"ST", &synthesised.join("; "));
    }
    patient(out, recording);
    let mut software = Elements::default();
    software
        .text((0x0008, 0x0070), b"LO", ECG_PANORAMA)
        .text((0x0018, 0x1020), b"LO", SOFTWARE)
        .code((0x0040, 0xa170), ["109103", "DCM", "Modifying Equipment"]);
    out.sequence((0x0018, 0xa001), &[software])
        .text((0x0020, 0x000d), b"UI", &uid(outline, "study"))
        .text((0x0020, 0x000e), b"UI", &uid(outline, "series"))
        .text((0x0020, 0x0010), b"SH", of_study(recording, |it| &it.id))
        .text((0x0020, 0x0011), b"IS", "1")
        .text((0x0020, 0x0013), b"IS", "1")
        .sequence((0x0040, 0x0555), &[])
        .sequence((0x0040, 0xb020), &annotations(outline));
}

/// What an object is, and when and for which order the recording was made.
pub(super) fn instance(out: &mut Elements, recording: &Recording, class: &str, uid: &str) {
    let start = known_start(recording);
    let (date, time) = (day(start), clock(start));
    let accession = of_study(recording, |study| &study.accession);
    out.text((0x0008, 0x0016), b"UI", class)
        .text((0x0008, 0x0018), b"UI", uid)
        .text((0x0008, 0x0020), b"DA", &date)
        .text((0x0008, 0x0023), b"DA", &date)
        .text((0x0008, 0x002a), b"DT", &format!("{date}{time}"))
        .text((0x0008, 0x0030), b"TM", &time)
        .text((0x0008, 0x0033), b"TM", &time)
        .text((0x0008, 0x0050), b"SH", accession)
        .text((0x0008, 0x0060), b"CS", "ECG");
}

/// A text of the recording's study; empty where it is not known.
pub(super) fn of_study(recording: &Recording, of: fn(&Study) -> &Option<String>) -> &str {
    let study = recording.study.as_ref();
    study.and_then(|study| of(study).as_deref()).unwrap_or("")
}

pub(super) fn patient(out: &mut Elements, recording: &Recording) {
    let patient = &recording.patient;
    let name = patient.name.as_deref().unwrap_or("").replace(", ", "^");
    let birth = patient.birth_date.map(|date| day(date.at(0, 0, 0, 0)));
    let sex = match patient.sex {
        Some(Sex::Female) => "F",
        Some(Sex::Male) => "M",
        None => "",
    };
    out.text((0x0010, 0x0010), b"PN", &name.replace('=', " "))
        .text((0x0010, 0x0020), b"LO", patient.id.as_deref().unwrap_or(""))
        .text((0x0010, 0x0030), b"DA", birth.as_deref().unwrap_or(""))
        .text((0x0010, 0x0040), b"CS", sex);
    if let Some(age) = patient.age_years.and_then(age_string) {
        out.text((0x0010, 0x1010), b"AS", &age);
    }
    if is_nameless(recording) {
        let method = "name, id, birth date, times, device and remarks removed";
        let options = PROFILE.map(|(code, meaning)| Elements::coded([code, "DCM", meaning]));
        out.text((0x0012, 0x0062), b"CS", "YES")
            .text((0x0012, 0x0063), b"LO", method)
            .sequence((0x0012, 0x0064), &options);
    }
}

/// An age as PS3.5 has it: months of those below two years, otherwise years.
fn age_string(years: f64) -> Option<String> {
    match years {
        years if !(0.0..999.5).contains(&years) => None,
        years if years < 2.0 => Some(format!("{:03.0}M", years * 12.0)),
        years => Some(format!("{years:03.0}Y")),
    }
}

/// What was done to take the person out of an object (PS3.15 E, codes of CID 7050): sex and age stay.
const PROFILE: [(&str, &str); 2] = [
    ("113100", "Basic Application Confidentiality Profile"),
    ("113108", "Retain Patient Characteristics Option"),
];

/// Whether nothing says who was recorded, and when.
fn is_nameless(recording: &Recording) -> bool {
    let patient = &recording.patient;
    let is_named = patient.name.is_some() || patient.id.is_some() || patient.birth_date.is_some();
    !is_named && recording.start.is_none()
}

/// Where leads come from, and remarks.
fn annotations(outline: &Outline) -> Vec<Elements> {
    let recording = &outline.about;
    let item = |channel: [u16; 2], at: Option<u32>, text: &str| {
        let mut item = Elements::default();
        item.shorts((0x0040, 0xa0b0), &channel);
        if let Some(at) = at {
            item.text((0x0040, 0xa130), b"CS", "POINT")
                .longs((0x0040, 0xa132), &[at]);
        }
        item.text((0x0070, 0x0006), b"ST", text);
        item
    };
    let leads = recording.leads.leads().iter().enumerate();
    let origins = leads.filter_map(|(idx, lead)| {
        let words = provenance::origin_text(lead);
        let channel = [idx / CHANNELS + 1, idx % CHANNELS + 1].map(|it| it as u16);
        (!words.is_empty()).then(|| item(channel, None, &words))
    });
    let rate_hz = recording.leads.rate().hz();
    let notes = recording.notes.iter().map(|(onset, text)| {
        let at = onset.map(|onset| (onset * rate_hz).round().max(0.0) as u32 + 1);
        item([1, 0], at, text)
    });
    origins.chain(notes).collect()
}

/// A multiplex group up to its samples.
fn group(outline: &Outline, first: usize, leads: &[Lead]) -> Elements {
    let rate_hz = outline.about.leads.rate().hz();
    let is_derived = leads.iter().any(|lead| lead.origin.is_synthesised());
    let channels: Vec<Elements> = leads
        .iter()
        .enumerate()
        .map(|(idx, lead)| channel(outline, first + idx, lead))
        .collect();
    let mut out = Elements::default();
    let originality = if is_derived { "DERIVED" } else { "ORIGINAL" };
    out.text((0x003a, 0x0004), b"CS", originality)
        .shorts((0x003a, 0x0005), &[leads.len() as u16])
        .longs((0x003a, 0x0010), &[outline.n_samples as u32])
        .decimal((0x003a, 0x001a), rate_hz)
        .text((0x003a, 0x0020), b"SH", "RHYTHM")
        .sequence((0x003a, 0x0200), &channels)
        .shorts((0x5400, 0x1004), &[16])
        .text((0x5400, 0x1006), b"CS", "SS")
        .raw((0x5400, 0x100a), b"OW", &i16::MIN.to_le_bytes(), 0)
        .head(
            (0x5400, 0x1010),
            b"OW",
            (outline.n_samples * leads.len() * 2) as u32,
        );
    out
}

fn channel(outline: &Outline, idx: usize, lead: &Lead) -> Elements {
    let filters = &outline.about.filters;
    let (label, origin) = (lead.label(), provenance::origin_text(lead));
    let mut out = Elements::default();
    out.text((0x003a, 0x0202), b"IS", &(idx % CHANNELS + 1).to_string())
        .text((0x003a, 0x0203), b"SH", &label);
    match lead_codes::code(&label) {
        Some(code) => {
            let meaning = match lead.origin {
                Origin::Synthesised { .. } => format!("Derived Lead {}", lead.name),
                _ => format!("Lead {label}"),
            };
            out.code((0x003a, 0x0208), [&format!("2:{code}"), "MDC", &meaning])
        }
        None => out.code((0x003a, 0x0208), [&label, SCHEME, &label]),
    };
    if !origin.is_empty() {
        out.text((0x003a, 0x020c), b"LO", &origin);
    }
    out.text((0x003a, 0x0210), b"DS", &step(outline, idx).0)
        .code((0x003a, 0x0211), ["uV", "UCUM", "microvolt"])
        .decimal((0x003a, 0x0212), 1.0)
        .decimal((0x003a, 0x0213), 0.0)
        .decimal((0x003a, 0x0215), 0.0)
        .shorts((0x003a, 0x021a), &[16]);
    for (tag, hz) in [
        ((0x003a, 0x0220), filters.high_pass_hz),
        ((0x003a, 0x0221), filters.low_pass_hz),
        ((0x003a, 0x0222), filters.notch_hz),
    ] {
        if let Some(hz) = hz {
            out.decimal(tag, hz);
        }
    }
    out
}

/// A lead's step as the file states it, and the value that a reader takes from that.
fn step(outline: &Outline, idx: usize) -> (String, f64) {
    let step_uv = outline.leads.get(idx).map_or(1.0, |lead| lead.step_uv);
    let text = decimal(if step_uv == 0.0 { 1.0 } else { step_uv });
    let value = text.parse().unwrap_or(step_uv);
    (text, value)
}

fn samples(
    out: &mut dyn Write,
    outline: &Outline,
    range: std::ops::Range<usize>,
    pieces: &dyn Pieces,
) -> Result<(), FormatError> {
    let steps: Vec<f64> = range.clone().map(|idx| step(outline, idx).1).collect();
    let mut frames = Vec::new();
    pieces.each(&mut |piece| {
        frames.clear();
        let leads = piece.leads.leads().get(range.clone()).unwrap_or_default();
        for at in 0..piece.leads.n_samples() {
            for (lead, step_uv) in leads.iter().zip(&steps) {
                let mv = f64::from(lead.samples_mv[at]);
                let number = if mv.is_finite() {
                    (mv * 1e3 / step_uv).round().clamp(-DIGITAL, DIGITAL) as i16
                } else {
                    i16::MIN
                };
                frames.extend(number.to_le_bytes());
            }
        }
        out.write_all(&frames)
            .map_err(|error| FormatError::unwritable(STEP, &error))
    })
}
