//! AliveCor ATC files (Kardia): blocks of four letters, a length, data and a sum over both.

use super::{
    FormatError, ReadOptions, Unit,
    bytes::Bytes,
    contents::{Container, Contents, Note},
    cursor::Cursor,
    dates,
    exam::ExamKind,
    memory::{self, Draft, Trace},
    text,
};

const STEP: &str = "ATC";
const MAGIC: &[u8] = b"ALIVE\0\0\0";

/// Blocks of samples, and the leads in them.
const LEADS: [(&[u8; 4], &str); 6] = [
    (b"ecg ", "I"),
    (b"ecg2", "II"),
    (b"ecg3", "III"),
    (b"ecg4", "aVR"),
    (b"ecg5", "aVL"),
    (b"ecg6", "aVF"),
];
/// Average beats of the same leads.
const AVERAGES: [(&[u8; 4], &str); 6] = [
    (b"avg ", "I"),
    (b"avg2", "II"),
    (b"avg3", "III"),
    (b"avg4", "aVR"),
    (b"avg5", "aVL"),
    (b"avg6", "aVF"),
];

pub(super) fn is_atc(head: &[u8]) -> bool {
    head.starts_with(MAGIC)
}

pub(super) fn open(
    bytes: &Bytes,
    options: &ReadOptions,
) -> Result<Box<dyn Container>, FormatError> {
    let raw = bytes.whole(options.limits.document_bytes)?;
    let mut at = Cursor::new(STEP, &raw);
    at.take(MAGIC.len(), "magic number")?;
    let mut about = Contents {
        format: format!("AliveCor ATC {}", at.u32("version")?),
        ..Contents::default()
    };
    let mut scale = None;
    let mut drafts = [ExamKind::Rhythm, ExamKind::Median].map(|kind| Draft {
        name: if kind == ExamKind::Median {
            "average beat"
        } else {
            "rhythm"
        }
        .to_owned(),
        kind,
        traces: Vec::new(),
    });
    while 8 <= at.rest().len() {
        let Some((name, data)) = block(&mut at, &mut about.warnings)? else {
            break;
        };
        let lead = |list: [(&[u8; 4], &'static str); 6]| {
            list.iter().find(|lead| *lead.0 == name).map(|lead| lead.1)
        };
        match (&name, lead(LEADS), lead(AVERAGES)) {
            (b"info", ..) => info(data, &mut about),
            (b"fmt ", ..) => scale = Some(Scale::read(&mut Cursor::new(STEP, data))?),
            (b"ann ", ..) => about.timed_notes = annotations(&mut Cursor::new(STEP, data))?,
            (_, Some(lead), _) => drafts[0].traces.push(trace(&at, lead, scale, data)?),
            (_, _, Some(lead)) => drafts[1].traces.push(trace(&at, lead, scale, data)?),
            _ => {}
        }
    }
    memory::open(STEP, about, drafts.into(), options)
}

/// Name and data.
type Block<'a> = ([u8; 4], &'a [u8]);

/// Name and data of the next block; `None`, with a warning, where it is cut.
fn block<'a>(
    at: &mut Cursor<'a>,
    warnings: &mut Vec<String>,
) -> Result<Option<Block<'a>>, FormatError> {
    let name = at.rest().first_chunk::<4>().copied().unwrap_or_default();
    let whole = at.rest();
    at.take(4, "name of a block")?;
    let length = at.u32("length of a block")? as usize;
    let there = at.rest().len();
    let title = String::from_utf8_lossy(&name).trim().to_owned();
    if there < length {
        warnings.push(format!(
            "cut short: {there} of {length} bytes of block {title} are there"
        ));
    }
    let data = at.take(length.min(there), "data of a block")?;
    if at.rest().len() < 4 {
        return Ok((there >= length || 2 <= data.len()).then_some((name, data)));
    }
    let stated = at.u32("checksum of a block")?;
    let sum = whole[..8 + data.len()]
        .iter()
        .fold(0u32, |sum, byte| sum.wrapping_add(u32::from(*byte)));
    if sum != stated {
        warnings.push(format!("the checksum of block {title} does not fit"));
    }
    Ok(Some((name, data)))
}

/// Rate and step.
#[derive(Clone, Copy)]
struct Scale {
    rate_hz: f64,
    step_nv: f64,
}

impl Scale {
    fn read(at: &mut Cursor) -> Result<Self, FormatError> {
        let coding = at.u8("sample format")?;
        if coding != 1 {
            return Err(at.fault("sample format", coding, "1, 16-bit numbers"));
        }
        let rate_hz = f64::from(at.u16("rate")?);
        let step_nv = f64::from(at.u16("resolution")?);
        if rate_hz == 0.0 || step_nv == 0.0 {
            let found = format!("{rate_hz} Hz, {step_nv} nV");
            return Err(at.fault("rate and resolution", found, "numbers above 0"));
        }
        Ok(Self { rate_hz, step_nv })
    }
}

fn trace(at: &Cursor, lead: &str, scale: Option<Scale>, data: &[u8]) -> Result<Trace, FormatError> {
    let scale = scale.ok_or_else(|| {
        at.fault(
            "the blocks",
            "samples before their format",
            "a block \"fmt \" first",
        )
    })?;
    let counts = memory::i16_le(data);
    let step_uv = scale.step_nv / 1e3;
    Ok(memory::counted(
        lead,
        scale.rate_hz,
        Unit::Microvolt,
        step_uv,
        &counts,
    ))
}

/// Time, recording's id, phone, software and hardware in fields of fixed width.
fn info(data: &[u8], about: &mut Contents) {
    let field = |at: usize, len: usize| {
        let field = data.get(at..(at + len).min(data.len()))?;
        let end = field
            .iter()
            .position(|byte| *byte == 0)
            .unwrap_or(field.len());
        let words = text::decode(&field[..end]).0.trim().to_owned();
        Some(words).filter(|words| !words.is_empty())
    };
    about.start = field(0, 32).and_then(|text| dates::iso(&text));
    let device: Vec<String> = [(116, 32), (148, 32), (180, 32)]
        .iter()
        .filter_map(|(at, len)| field(*at, *len))
        .collect();
    about.device = (!device.is_empty()).then(|| device.join(", "));
}

/// Beats at ticks of a clock that the block states.
fn annotations(at: &mut Cursor) -> Result<Vec<Note>, FormatError> {
    let ticks_hz = f64::from(at.u32("ticks per second")?);
    let mut out = Vec::new();
    while 6 <= at.rest().len() {
        let onset_s = f64::from(at.u32("time of an annotation")?) / ticks_hz;
        let kind = at.u16("type of an annotation")?;
        if onset_s.is_finite() {
            out.push(Note {
                onset_s,
                duration_s: None,
                text: format!("beat, type {kind}"),
            });
        }
    }
    Ok(out)
}
