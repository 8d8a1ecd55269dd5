//! Contec ECG90A files: a header of 43 bytes, eight leads side by side, a footer of 37 bytes. The
//! format is not published; layout, 800 Hz and 5 µV are those that ecg-contec found.

use super::{
    FormatError, ReadOptions, Unit,
    bytes::Bytes,
    contents::{Container, Contents, Signal, sample_mv},
    cursor::Cursor,
    dates,
    exam::ExamKind,
    memory::{self, Draft, Trace},
};
use crate::ecg::{LeadName, Origin, Sex};

const STEP: &str = "Contec";
const HEADER: usize = 43;
const FOOTER: usize = 37;
const LEADS: [&str; 8] = ["II", "III", "V1", "V2", "V3", "V4", "V5", "V6"];
const FRAME: usize = 2 * LEADS.len();
const RATE_HZ: f64 = 800.0;
const STEP_UV: f64 = 5.0;
const ZERO: i32 = 2048;
/// Stands for a lead that is off.
const OFF: i32 = 0x6800;

/// Whether a file has a case number, a date at its place, and frames that fill it.
pub(super) fn is_contec(head: &[u8], file_bytes: u64) -> bool {
    let date = head
        .get(10..29)
        .and_then(|date| dates::iso(std::str::from_utf8(date).ok()?));
    let is_number = head
        .get(..7)
        .is_some_and(|number| number.iter().all(u8::is_ascii_digit));
    let frames = file_bytes.saturating_sub((HEADER + FOOTER) as u64);
    date.is_some() && is_number && 0 < frames
}

pub(super) fn open(
    bytes: &Bytes,
    options: &ReadOptions,
) -> Result<Box<dyn Container>, FormatError> {
    let raw = bytes.whole(options.limits.document_bytes)?;
    let mut at = Cursor::new(STEP, &raw);
    let mut about = Contents {
        format: "Contec ECG90A".to_owned(),
        device: Some("Contec ECG90A".to_owned()),
        ..Contents::default()
    };
    at.take(10, "case number")?;
    about.start = dates::iso(&at.text(20, "date")?);
    at.take(2, "unknown bytes")?;
    about.patient.name = Some(at.text(8, "name")?).filter(|name| !name.is_empty());
    about.patient.sex = match at.u8("sex")? {
        0 => Some(Sex::Female),
        1 => Some(Sex::Male),
        _ => None,
    };
    about.patient.age_years = Some(at.u8("age")?).filter(|age| 0 < *age).map(f64::from);
    at.take(1, "weight")?;
    let body = at.rest();
    let frames = &body[..body.len().saturating_sub(FOOTER) / FRAME * FRAME];
    if !body.len().saturating_sub(FOOTER).is_multiple_of(FRAME) {
        about.warnings.push("the last frame is cut".to_owned());
    }
    about.warnings.push(format!(
        "{RATE_HZ} Hz and {STEP_UV} µV are not in the file but the device's, as others found them"
    ));
    let lead = |(idx, name): (usize, &&str)| {
        let value = |frame: &[u8]| {
            let count = i32::from(i16::from_le_bytes([frame[2 * idx], frame[2 * idx + 1]]));
            match count {
                OFF => f32::NAN,
                count => sample_mv(f64::from(count - ZERO) * STEP_UV / 1e3),
            }
        };
        let samples: Vec<f32> = frames.chunks_exact(FRAME).map(value).collect();
        memory::valued(name, RATE_HZ, Unit::Microvolt, Some(STEP_UV), samples)
    };
    let mut traces: Vec<Trace> = LEADS.iter().enumerate().map(lead).collect();
    traces.insert(0, first_lead(&traces));
    traces.retain(|trace| trace.1.iter().any(|sample| sample.is_finite()));
    let draft = Draft {
        name: "rhythm".to_owned(),
        kind: ExamKind::Rhythm,
        traces,
    };
    memory::open(STEP, about, vec![draft], options)
}

/// I = II − III (Einthoven): the device stores the other two.
fn first_lead(traces: &[Trace]) -> Trace {
    let (two, three) = (&traces[0].1, &traces[1].1);
    let samples = two
        .iter()
        .zip(three)
        .map(|(two, three)| two - three)
        .collect();
    let (signal, samples) = memory::valued("I", RATE_HZ, Unit::Microvolt, Some(STEP_UV), samples);
    let origin = Origin::Derived {
        from: vec![LeadName::II, LeadName::III],
    };
    (Signal { origin, ..signal }, samples)
}
