//! SCP-ECG (EN 1064, ISO 11073-91064): versions 1.3, 2 and 3, sections 0 to 8.

mod about;
mod huffman;
mod rhythm;

use self::{
    about::Header,
    huffman::Packing,
    rhythm::{Beats, Block, Leads, Rhythm},
};
use super::{
    FormatError, ReadOptions, Unit,
    bytes::Bytes,
    checksum::ccitt,
    contents::{Container, Contents},
    cursor::Cursor,
    exam::ExamKind,
    lead_codes,
    memory::{self, Draft, Trace},
};

const STEP: &str = "SCP-ECG";
/// Bytes before section 0: checksum and size.
const RECORD_HEADER: usize = 6;
/// Bytes before the data of a section.
const SECTION_HEADER: usize = 16;

/// Whether a file begins as SCP-ECG: its mark, or its own size and a section 0 behind it.
pub(super) fn is_scp(head: &[u8], file_bytes: u64) -> bool {
    let size = head
        .get(2..6)
        .and_then(|it| it.first_chunk())
        .map(|it| u32::from_le_bytes(*it));
    let is_section_0 = head.get(8..10) == Some(&[0, 0]);
    head.get(16..22) == Some(b"SCPECG")
        || (is_section_0 && size.is_some_and(|size| 64 < size && u64::from(size) == file_bytes))
}

pub(super) fn open(
    bytes: &Bytes,
    options: &ReadOptions,
) -> Result<Box<dyn Container>, FormatError> {
    let raw = bytes.whole(options.limits.document_bytes)?;
    let mut about = Contents::default();
    let sections = Sections::read(&raw, &mut about.warnings)?;
    about.format = sections.format();
    if let Some(mut section) = sections.get(1) {
        let header = Header::read(&mut section)?;
        about.patient = header.patient;
        about.device = header.device;
        about.start = header.start;
        about.filters = header.filters;
        about.notes = header.notes;
    }
    if let Some(mut section) = sections.get(7) {
        about.cart = about::measurements(&mut section).unwrap_or_default();
    }
    if let Some(mut section) = sections.get(8) {
        about
            .notes
            .extend(about::statements(&mut section).unwrap_or_default());
    }
    let drafts = drafts(&sections, &mut about.warnings, options)?;
    memory::open(STEP, about, drafts, options)
}

fn drafts(
    sections: &Sections,
    warnings: &mut Vec<String>,
    options: &ReadOptions,
) -> Result<Vec<Draft>, FormatError> {
    let packing = Packing::read(sections.get(2).as_mut())?;
    let leads = Leads::read(&mut sections.needed(3)?)?;
    let beats = match sections.get(4) {
        Some(mut section) => Some(Beats::read(&mut section)?),
        None => None,
    };
    let reference = match sections.get(5) {
        Some(mut section) => Some(Block::read(&mut section, &leads, &packing, warnings)?),
        None => None,
    };
    let mut out = Vec::new();
    if let Some(mut section) = sections.get(6) {
        let block = Block::read(&mut section, &leads, &packing, warnings)?;
        let rhythm = Rhythm::read(
            &leads,
            &packing,
            &block,
            reference.as_ref(),
            beats.as_ref(),
            options.limits.samples,
        )?;
        let mut room = memory::Room::new(STEP, options);
        let traces = rhythm.leads.iter().enumerate().map(|(lead, counts)| {
            let trace = trace(&leads, lead, (rhythm.rate_hz, rhythm.step_nv), counts);
            room.delayed(trace, leads.delay(lead))
        });
        let mut traces = traces.collect::<Result<Vec<_>, FormatError>>()?;
        traces.retain(|trace| !trace.1.is_empty());
        out.push(Draft {
            name: "rhythm".to_owned(),
            kind: ExamKind::Rhythm,
            traces,
        });
    }
    if let Some(block) = reference {
        let scale = (1e6 / block.interval_us, block.step_nv);
        let limit = options.limits.samples as usize;
        let traces = (0..leads.each.len()).map(|lead| {
            let counts: Vec<i32> = block
                .lead(lead, &packing, limit)
                .into_iter()
                .map(i32::from)
                .collect();
            trace(&leads, lead, scale, &counts)
        });
        out.push(Draft {
            name: "reference beat".to_owned(),
            kind: ExamKind::Median,
            traces: traces.filter(|trace| !trace.1.is_empty()).collect(),
        });
    }
    Ok(out)
}

fn trace(leads: &Leads, lead: usize, (rate_hz, step_nv): (f64, f64), counts: &[i32]) -> Trace {
    let code = leads.each.get(lead).map_or(0, |lead| lead.0);
    let name = lead_codes::name(code).unwrap_or_else(|| format!("lead {code}"));
    let rate_hz = if (rate_hz - rate_hz.round()).abs() < 1e-3 * rate_hz {
        rate_hz.round()
    } else {
        rate_hz
    };
    memory::counted(&name, rate_hz, Unit::Microvolt, step_nv / 1e3, counts)
}

/// The sections of a file by their number.
struct Sections<'a> {
    raw: &'a [u8],
    /// Number, first byte of the data, bytes of it.
    found: Vec<(u16, usize, usize)>,
    version: u8,
}

impl<'a> Sections<'a> {
    /// Reads the pointers of section 0; what lies outside of the file is cut or left out, and said.
    fn read(raw: &'a [u8], warnings: &mut Vec<String>) -> Result<Self, FormatError> {
        let mut cursor = Cursor::new(STEP, raw);
        let stated_crc = cursor.u16("checksum")?;
        let size = cursor.u32("size")? as usize;
        if size != raw.len() {
            warnings.push(format!("{} bytes are there, {size} are stated", raw.len()));
        }
        let body = raw.get(2..size.min(raw.len())).unwrap_or_default();
        if size <= raw.len() && ccitt(body) != stated_crc {
            warnings.push("the checksum of the file does not fit".to_owned());
        }
        cursor.take(4, "head of section 0")?;
        let length = cursor.u32("length of section 0")? as usize;
        cursor.u8("version of section 0")?;
        let version = cursor.u8("version of the protocol")?;
        cursor.take(6, "mark")?;
        let pointers = length
            .saturating_sub(SECTION_HEADER)
            .min(cursor.rest().len());
        let mut out = Self {
            raw,
            found: Vec::new(),
            version,
        };
        for _ in 0..pointers / 10 {
            let id = cursor.u16("number of a section")?;
            let length = cursor.u32("length of a section")? as usize;
            let first = cursor.u32("place of a section")? as usize;
            if length <= SECTION_HEADER || id == 0 {
                continue;
            }
            out.add(id, first, length, warnings);
        }
        Ok(out)
    }

    fn add(&mut self, id: u16, first: usize, length: usize, warnings: &mut Vec<String>) {
        let start = first.saturating_sub(1);
        let there = self.raw.len().saturating_sub(start).min(length);
        if first == 0 || there <= SECTION_HEADER || start < RECORD_HEADER {
            warnings.push(format!("section {id} lies outside of the file"));
            return;
        }
        if there < length {
            warnings.push(format!(
                "section {id} is cut short: {there} of {length} bytes"
            ));
        } else {
            let section = &self.raw[start..start + length];
            let stated = u16::from_le_bytes([section[0], section[1]]);
            if stated != 0 && ccitt(&section[2..]) != stated {
                warnings.push(format!("the checksum of section {id} does not fit"));
            }
        }
        if self.found.iter().all(|found| found.0 != id) {
            let data = start + SECTION_HEADER;
            self.found.push((id, data, there - SECTION_HEADER));
        }
    }

    fn get(&self, id: u16) -> Option<Cursor<'a>> {
        let (_, start, length) = self.found.iter().find(|found| found.0 == id)?;
        let data = self.raw.get(*start..start + length)?;
        Some(Cursor::within(STEP, data, *start as u64))
    }

    fn needed(&self, id: u16) -> Result<Cursor<'a>, FormatError> {
        self.get(id).ok_or_else(|| {
            FormatError::new(STEP, "section 0", format!("no section {id}"), "the leads")
        })
    }

    fn format(&self) -> String {
        match self.version {
            0 => "SCP-ECG".to_owned(),
            version => format!("SCP-ECG {}.{}", version / 10, version % 10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_mark_or_size() {
        let mut head = vec![0; 200];
        assert!(!is_scp(&head, 200));
        head[2] = 200;
        assert!(is_scp(&head, 200) && !is_scp(&head, 201));
        head[16..22].copy_from_slice(b"SCPECG");
        assert!(is_scp(&head, 201));
    }
}
