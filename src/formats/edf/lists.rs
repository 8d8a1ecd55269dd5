//! The annotation lists that are written, one per data record: its time stamp, then what begins in
//! it.

use super::records::{Records, STEP, short};
use crate::{
    ecg::{Lead, Recording},
    formats::{FormatError, pieces::Outline, provenance},
};

/// Lists that grow.
struct Lists<'a> {
    records: &'a Records,
    /// Seconds by which the first sample comes after the whole second of the header.
    shift_s: f64,
    bytes: Vec<Vec<u8>>,
}

impl<'a> Lists<'a> {
    fn new(records: &'a Records, recording: &Recording) -> Self {
        let shift_s = recording
            .start
            .map_or(0.0, |it| f64::from(it.subsec_nanosecond()) * 1e-9);
        let stamp = |record: usize| {
            format!("+{}\x14\x14\0", short(records.onset_s(record) + shift_s)).into_bytes()
        };
        Self {
            records,
            shift_s,
            bytes: (0..records.count).map(stamp).collect(),
        }
    }

    fn add(&mut self, onset_s: f64, duration_s: Option<f64>, text: &str) {
        let record = (onset_s / self.records.seconds + 1e-9).max(0.0) as usize;
        let last = self.bytes.len() - 1;
        let span = duration_s.map_or_else(String::new, |it| format!("\x15{}", short(it)));
        let onset_s = onset_s + self.shift_s;
        let sign = if onset_s < 0.0 { "" } else { "+" };
        let list = format!("{sign}{}{span}\x14{text}\x14\0", short(onset_s));
        self.bytes[record.min(last)].extend(list.bytes());
    }

    fn add_notes(&mut self, recording: &Recording) {
        for (onset, text) in &recording.notes {
            let text = text.replace(char::is_control, " ");
            let text = match onset {
                Some(_) => text,
                None => format!("{}{text}", provenance::COMMENT),
            };
            for part in split(&text) {
                self.add(onset.unwrap_or(0.0), None, &part);
            }
        }
    }

    /// A reader that shows no transducers still shows this.
    fn add_synthesised(&mut self, lead: &Lead) {
        let (label, words) = (lead.label(), provenance::SYNTHESISED);
        self.add(
            0.0,
            None,
            &format!("{}{label} is {words}", provenance::COMMENT),
        );
    }

    fn add_gaps(&mut self, outline: &Outline, labels: &[String]) -> Result<(), FormatError> {
        let rate = outline.about.leads.rate();
        let mut n_gaps = 0;
        for (label, of) in labels.iter().zip(&outline.leads) {
            let text = format!("{}{label}", provenance::GAP);
            for (at, len) in gaps(&of.gaps, self.records.per_record) {
                self.add(rate.seconds_at(at), Some(rate.seconds_at(len)), &text);
                n_gaps += 1;
            }
        }
        if n_gaps <= GAP_LIMIT {
            return Ok(());
        }
        let expected = format!("at most {GAP_LIMIT}");
        let error = FormatError::new(STEP, "the samples", format!("{n_gaps} gaps"), expected);
        Err(error.advise("write CSV or WFDB"))
    }
}

/// The list of each record. `labels` are those of the signals.
pub(super) fn lists(
    outline: &Outline,
    labels: &[String],
    records: &Records,
) -> Result<Vec<Vec<u8>>, FormatError> {
    let recording = &outline.about;
    let mut out = Lists::new(records, recording);
    out.add_notes(recording);
    let leads = recording.leads.leads().iter();
    leads
        .filter(|it| it.origin.is_synthesised())
        .for_each(|it| out.add_synthesised(it));
    out.add_gaps(outline, labels)?;
    if records.n_samples < records.count * records.per_record {
        let end_s = recording.leads.rate().seconds_at(records.n_samples);
        out.add(end_s, None, provenance::END);
    }
    Ok(out.bytes)
}

/// Gaps that annotations can tell without swelling the file.
const GAP_LIMIT: usize = 20_000;
/// Gaps cut at the borders of records, so that each record tells its own; one more than the limit
/// at most.
fn gaps(whole: &[(usize, usize)], per_record: usize) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    for (first, len) in whole {
        let (mut at, end) = (*first, first + len);
        while at < end && out.len() <= GAP_LIMIT {
            let next = end.min((at / per_record + 1) * per_record);
            out.push((at, next - at));
            at = next;
        }
    }
    out
}

/// Long texts in parts of at most 400 bytes, cut between characters.
fn split(text: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    for it in text.chars() {
        if out
            .last()
            .is_some_and(|part| 400 < part.len() + it.len_utf8())
        {
            out.push(String::new());
        }
        if let Some(part) = out.last_mut() {
            part.push(it);
        }
    }
    out.retain(|it| !it.is_empty());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        let parts = split(&"é".repeat(300));
        assert_eq!(parts.len(), 2);
        assert_eq!(parts.concat(), "é".repeat(300));
    }

    #[test]
    fn gaps_end_at_the_borders_of_records() {
        assert_eq!(
            gaps(&[(3, 4), (18, 15)], 10),
            [(3, 4), (18, 2), (20, 10), (30, 3)]
        );
        assert_eq!(gaps(&[(0, 10)], 10), [(0, 10)]);
    }
}
