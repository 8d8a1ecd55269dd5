//! How our own files say that a lead was not recorded: by words that any reader shows, and that we
//! read back.

use std::sync::Arc;

use super::contents::{Chunk, Note, Signal};
use crate::ecg::{Lead, LeadName, Origin, ViewAngle};

/// Every synthesised lead carries these words in every file.
pub(super) const SYNTHESISED: &str = "synthesised, not recorded";
/// Annotation where padding begins in the last EDF record.
pub(super) const END: &str = "recording ends, padding follows";
/// Opens an annotation that is about the whole recording.
pub(super) const COMMENT: &str = "comment: ";
/// Annotation of a gap; the lead's label follows (EDF+ couples an annotation to a signal by `@@`).
pub(super) const GAP: &str = "not recorded@@";
const DERIVED: &str = "derived from ";

/// One line without control characters, for formats made of lines.
pub(super) fn one_line(text: &str) -> String {
    text.split(|it: char| it.is_whitespace() || it.is_control())
        .filter(|it| !it.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// What to say about where a lead comes from; empty for a measured one.
pub(super) fn origin_text(lead: &Lead) -> String {
    match &lead.origin {
        Origin::Measured => String::new(),
        Origin::Derived { from } => format!(
            "{DERIVED}{}",
            from.iter()
                .map(LeadName::to_string)
                .collect::<Vec<_>>()
                .join(" ")
        ),
        Origin::Synthesised { view, by } => {
            let (theta, phi) = view.degrees();
            format!("{SYNTHESISED}; theta {theta:.2} phi {phi:.2} by {by}")
        }
    }
}

/// The reverse of [`origin_text`]. A label with the prefix `d` and no readable view stays what it
/// says: not a plain lead.
pub(super) fn origin_of(label: &str, words: &str) -> Origin {
    synthesised(label, words)
        .or_else(|| derived(words))
        .unwrap_or(Origin::Measured)
}

/// The lead's own name: a synthesised one without its prefix `d`.
pub(super) fn name_of(label: &str, words: &str) -> String {
    match synthesised(label, words) {
        Some(_) => label.trim_start_matches('d').to_owned(),
        None => label.to_owned(),
    }
}

fn synthesised(label: &str, words: &str) -> Option<Origin> {
    let mut parts = words
        .strip_prefix(SYNTHESISED)?
        .strip_prefix("; theta ")?
        .splitn(5, ' ');
    let theta = parts.next()?.parse().ok()?;
    let phi = parts.nth(1)?.parse().ok()?;
    let by: Arc<str> = parts.nth(1).unwrap_or_default().into();
    let view = ViewAngle::from_degrees(theta, phi)?;
    label.strip_prefix('d').filter(|it| !it.is_empty())?;
    Some(Origin::Synthesised { view, by })
}

fn derived(words: &str) -> Option<Origin> {
    let from: Vec<LeadName> = words
        .strip_prefix(DERIVED)?
        .split_whitespace()
        .map(LeadName::parse)
        .collect();
    (!from.is_empty()).then_some(Origin::Derived { from })
}

/// Takes gap annotations out of the notes and makes the samples they cover `NaN`.
pub(super) fn apply_gaps(chunk: &mut Chunk, all: &[Signal], picked: &[usize], window: u64) {
    let notes = std::mem::take(&mut chunk.notes);
    let (mut gaps, notes): (Vec<Note>, Vec<Note>) = notes
        .into_iter()
        .partition(|it| it.text.starts_with(GAP) && it.duration_s.is_some());
    chunk.notes = notes;
    gaps.sort_by(|a, b| a.onset_s.total_cmp(&b.onset_s));
    for (idx, samples) in picked.iter().zip(&mut chunk.samples_mv) {
        let signal = &all[*idx];
        let label = if signal.origin.is_synthesised() {
            format!("d{}", signal.name)
        } else {
            signal.name.clone()
        };
        let len = samples.len();
        let at = |seconds: f64| {
            ((seconds * signal.rate_hz).round() - window as f64).clamp(0.0, len as f64) as usize
        };
        // In order of onset nothing is filled twice, however many gaps a file claims.
        let mut filled = 0;
        for gap in gaps.iter().filter(|it| it.text[GAP.len()..] == label) {
            let (start, end) = (
                at(gap.onset_s).max(filled),
                at(gap.onset_s + gap.duration_s.unwrap_or(0.0)),
            );
            if start < end {
                samples[start..end].fill(f32::NAN);
                filled = end;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_survive_as_words() {
        let view = ViewAngle::from_degrees(100.5, 110.25).unwrap();
        let synthesised = Origin::Synthesised {
            view,
            by: "field prior 1a2b".into(),
        };
        let derived = Origin::Derived {
            from: vec![LeadName::I, LeadName::II],
        };
        for (name, origin) in [
            ("V7", synthesised),
            ("III", derived),
            ("V1", Origin::Measured),
        ] {
            let lead = Lead {
                name: LeadName::parse(name),
                origin,
                samples_mv: vec![0.0].into(),
            };
            let (label, words) = (lead.label(), origin_text(&lead));
            assert_eq!(name_of(&label, &words), name);
            match (origin_of(&label, &words), &lead.origin) {
                (
                    Origin::Synthesised { view: read, by },
                    Origin::Synthesised { view, by: wrote },
                ) => {
                    assert!(read.angle_to(*view) < 1e-3 && by == *wrote);
                }
                (read, wrote) => assert_eq!(read, *wrote),
            }
        }
    }

    #[test]
    fn a_prefixed_label_alone_is_no_plain_lead() {
        assert_eq!(name_of("dV7", ""), "dV7");
        assert!(!LeadName::parse("dV7").is_known());
    }
}
