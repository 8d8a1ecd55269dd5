//! ISHNE 1.0 Holter files (Badilini 1998): interleaved 16-bit samples behind a header of 522 bytes.

use std::ops::Range;

use jiff::civil::{Date, DateTime, Time};

use super::{
    FormatError, ReadOptions, Truncated,
    bytes::Bytes,
    checksum::ccitt,
    contents::{Chunk, Container, Contents, Scale, Signal, sample_mv},
    cursor::Cursor,
};
use crate::ecg::{Origin, Patient, Sex};

const STEP: &str = "ISHNE";
/// First byte that the checksum covers: behind the magic number and the checksum itself.
const COVERED: u64 = 10;
/// Bytes up to the variable block.
const FIXED: usize = 522;
/// Stands for "not recorded" in samples.
const MISSING: i16 = i16::MIN;
/// Names of `Lead_Spec`, from 0.
const LEADS: [&str; 20] = [
    "", "", "X", "Y", "Z", "I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5",
    "V6", "ES", "AS", "AI",
];
/// Frames read at once.
const BLOCK: u64 = 1 << 16;

/// Whether a file begins as ISHNE's ECG.
pub(super) fn is_ishne(head: &[u8]) -> bool {
    head.starts_with(b"ISHNE1.0")
}

/// An open file.
struct Holter {
    bytes: Bytes,
    contents: Contents,
    first: u64,
    /// Millivolts of a step in each lead.
    steps_mv: Vec<f64>,
}

pub(super) fn open(bytes: Bytes, options: &ReadOptions) -> Result<Box<dyn Container>, FormatError> {
    let head = bytes.head(FIXED)?.into_owned();
    let mut at = Cursor::new(STEP, &head);
    at.take(8, "magic number")?;
    let stated_crc = at.u16("checksum")?;
    let variable = at.u32("length of the variable block")?;
    let n_samples = at.u32("number of samples")?;
    at.u32("place of the variable block")?;
    let first = u64::from(at.u32("place of the samples")?);
    let version = at.u16("version")?;
    let mut contents = Contents {
        format: format!("ISHNE {version}"),
        patient: patient(&mut at)?,
        limbs_on_trunk: true,
        ..Contents::default()
    };
    let [recorded, _filed] = [day(&mut at)?, day(&mut at)?];
    let time = [(); 3].map(|()| at.u16("start time"));
    contents.start = start(recorded, time);
    let n_leads = usize::from(at.u16("number of leads")?);
    if !(1..=12).contains(&n_leads) {
        return Err(at.fault("number of leads", n_leads, "1 to 12"));
    }
    let specs = twelve(&mut at, "lead")?;
    let quality = twelve(&mut at, "quality")?;
    let resolutions = twelve(&mut at, "resolution")?;
    let pacemaker = at.u16("pacemaker")?;
    contents.device = Some(at.text(40, "recorder")?).filter(|it| !it.is_empty());
    let rate_hz = f64::from(at.u16("sampling rate")?);
    let there = bytes.len().saturating_sub(first) / (2 * n_leads as u64);
    check_checksum(&bytes, first, variable, stated_crc, &mut contents)?;
    let n_frames = frames(
        u64::from(n_samples),
        there,
        n_leads,
        options,
        &mut contents.warnings,
    )?;
    if (1..=4).contains(&pacemaker) {
        contents
            .notes
            .push(format!("pacemaker of type {pacemaker}"));
    }
    let leads = specs.iter().zip(&quality).zip(&resolutions).take(n_leads);
    for (idx, ((spec, quality), resolution)) in leads.enumerate() {
        if (4..=5).contains(quality) {
            let note = format!("lead {}: the recorder rates its quality as poor", idx + 1);
            contents.notes.push(note);
        }
        contents.signals.push(Signal {
            name: name(*spec, idx),
            rate_hz,
            n_samples: n_frames,
            scale: scale(*resolution),
            prefilter: String::new(),
            origin: Origin::Measured,
        });
    }
    Ok(Box::new(Holter {
        bytes,
        contents,
        first,
        steps_mv: resolutions[..n_leads]
            .iter()
            .map(|nv| f64::from(*nv) * 1e-6)
            .collect(),
    }))
}

/// The lead that a number of the standard's list stands for.
fn name(spec: i16, idx: usize) -> String {
    let known = usize::try_from(spec).ok().and_then(|spec| LEADS.get(spec));
    let known = known.filter(|name| !name.is_empty());
    known.map_or_else(|| format!("ECG{}", idx + 1), |name| (*name).to_owned())
}

fn patient(at: &mut Cursor) -> Result<Patient, FormatError> {
    let [given, family] = [at.text(40, "first name")?, at.text(40, "last name")?];
    let id = at.text(20, "identifier")?;
    let sex = at.u16("sex")?;
    at.u16("race")?;
    let birth_date = day(at)?;
    let known = |text: String| Some(text).filter(|text| !text.is_empty());
    Ok(Patient {
        name: Patient::full_name(known(family).as_deref(), known(given).as_deref()),
        id: known(id),
        sex: match sex {
            1 => Some(Sex::Male),
            2 => Some(Sex::Female),
            _ => None,
        },
        birth_date,
        age_years: None,
    })
}

/// Day, month, year; anything impossible is unknown.
fn day(at: &mut Cursor) -> Result<Option<Date>, FormatError> {
    let [day, month, year] = [at.i16("day")?, at.i16("month")?, at.i16("year")?];
    let small = |value: i16| i8::try_from(value).ok();
    Ok(small(month)
        .zip(small(day))
        .and_then(|(month, day)| Date::new(year, month, day).ok()))
}

fn start(date: Option<Date>, time: [Result<u16, FormatError>; 3]) -> Option<DateTime> {
    let [hour, minute, second] = time.map(|part| i8::try_from(part.ok()?).ok());
    Some(date?.to_datetime(Time::new(hour?, minute?, second?, 0).ok()?))
}

fn twelve(at: &mut Cursor, what: &str) -> Result<[i16; 12], FormatError> {
    let mut out = [0; 12];
    for value in &mut out {
        *value = at.i16(what)?;
    }
    Ok(out)
}

fn scale(resolution_nv: i16) -> Result<Scale, String> {
    if resolution_nv <= 0 {
        return Err(format!("a resolution of {resolution_nv} nV"));
    }
    let step = f64::from(resolution_nv);
    Ok(Scale {
        mv: 1e-6,
        unit: "nV".to_owned(),
        step: Some(step),
        rails: Some((-32_767.0 * step, 32_767.0 * step)),
    })
}

/// Samples a lead. The header states those of one lead; some writers state those of all.
fn frames(
    stated: u64,
    there: u64,
    n_leads: usize,
    options: &ReadOptions,
    warnings: &mut Vec<String>,
) -> Result<u64, FormatError> {
    if there < stated && stated == there * n_leads as u64 {
        warnings.push("the samples of all leads are stated together".to_owned());
        return Ok(there);
    }
    if there < stated {
        if there == 0 || options.truncated == Truncated::Refuse {
            let found = format!("{there} samples of each lead");
            return Err(FormatError::new(STEP, "the end of the file", found, stated)
                .advise("the file is cut short"));
        }
        warnings.push(format!("cut short: {there} of {stated} samples are there"));
    } else if stated < there {
        warnings.push(format!(
            "{} samples beyond the stated {stated} were left out",
            there - stated
        ));
    }
    Ok(stated.min(there))
}

/// CCITT's check over the header, which is in the file little end first or, by some, big end first.
fn check_checksum(
    bytes: &Bytes,
    first: u64,
    variable: u32,
    stated: u16,
    contents: &mut Contents,
) -> Result<(), FormatError> {
    let end = first.min(FIXED as u64 + u64::from(variable)).min(1 << 20);
    let len = end.saturating_sub(COVERED);
    let covered = bytes.slice(
        COVERED,
        len.min(bytes.len().saturating_sub(COVERED)) as usize,
    )?;
    let found = ccitt(&covered);
    if found != stated && found.swap_bytes() != stated {
        contents
            .warnings
            .push("the checksum of the header does not fit".to_owned());
    }
    Ok(())
}

impl Container for Holter {
    fn contents(&self) -> &Contents {
        &self.contents
    }

    fn read(&self, signals: &[usize], range: Range<u64>) -> Result<Chunk, FormatError> {
        let len = (range.end - range.start) as usize;
        let width = 2 * self.steps_mv.len();
        let mut samples_mv = vec![Vec::with_capacity(len); signals.len()];
        let mut at = range.start;
        while at < range.end {
            let count = (range.end - at).min(BLOCK);
            let start = self.first + at * width as u64;
            let raw = self.bytes.slice(start, count as usize * width)?;
            for frame in raw.chunks_exact(width) {
                for (column, lead) in samples_mv.iter_mut().zip(signals) {
                    let count = i16::from_le_bytes([frame[2 * lead], frame[2 * lead + 1]]);
                    column.push(if count == MISSING {
                        f32::NAN
                    } else {
                        sample_mv(f64::from(count) * self.steps_mv[*lead])
                    });
                }
            }
            at += count;
        }
        Ok(Chunk {
            samples_mv,
            ..Chunk::default()
        })
    }
}
