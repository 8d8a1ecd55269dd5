//! How our own files say that a lead was not recorded: by words that any reader shows, and that we
//! read back.

use super::contents::{Chunk, Note, Signal};
use crate::ecg::{Lead, LeadName, Origin, ViewAngle, montage, plain_line};

/// Every synthesised lead carries these words in every file.
pub(super) const SYNTHESISED: &str = "synthesised, not recorded";
/// Annotation where padding begins in the last EDF record.
pub(super) const END: &str = "recording ends, padding follows";
/// Opens an annotation that is about the whole recording.
pub(super) const COMMENT: &str = "comment: ";
/// Annotation of a gap; the lead's label follows (EDF+ couples an annotation to a signal by `@@`).
pub(super) const GAP: &str = "not recorded@@";
const DERIVED: &str = "derived from ";

/// One line of plain text, for formats made of lines.
pub(super) fn one_line(text: &str) -> String {
    plain_line(text)
}

/// A lead's label in formats made of lines. Where words about its origin follow, a colon parts them
/// from the label.
pub(super) fn label(lead: &Lead) -> String {
    let label = plain_line(&lead.label());
    if lead.origin == Origin::Measured {
        label
    } else {
        label.replace(':', ";")
    }
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

/// The reverse of [`origin_text`]. The words count, whatever became of the label; where they are
/// lost, the prefix `d` of an electrode's lead does.
pub(super) fn origin_of(label: &str, words: &str) -> Origin {
    synthesised(label, words)
        .or_else(|| derived(words))
        .unwrap_or(Origin::Measured)
}

/// The lead's own name: a synthesised one without its prefix `d`, where it still has it.
pub(super) fn name_of(label: &str, words: &str) -> String {
    let own = label.strip_prefix('d').filter(|it| !it.is_empty());
    match (synthesised(label, words), own) {
        (Some(_), Some(own)) if !LeadName::parse(label).is_known() => own.to_owned(),
        _ => label.to_owned(),
    }
}

/// A lead whose words were cut short or edited is no less synthesised: where it looks from is then
/// what its name says, and what made it is not known.
fn synthesised(label: &str, words: &str) -> Option<Origin> {
    let (said, rest) = words
        .split_at_checked(SYNTHESISED.len())
        .unwrap_or_default();
    let said = said
        .to_ascii_lowercase()
        .replace("synthesized", "synthesised");
    let has_prefix = || electrode(label.strip_prefix('d')?);
    if said != SYNTHESISED && (derived(words).is_some() || has_prefix().is_none()) {
        return None;
    }
    let rest = rest.strip_prefix("; theta ").unwrap_or_default();
    let (theta, rest) = rest.split_once(" phi ").unwrap_or_default();
    let (phi, by) = rest.split_once(" by ").unwrap_or((rest, "unknown"));
    let told = || ViewAngle::from_degrees(theta.parse().ok()?, phi.parse().ok()?);
    let view = told()
        .or_else(|| electrode(label.strip_prefix('d').unwrap_or(label)))
        .or_else(|| ViewAngle::from_degrees(90.0, 0.0))?;
    let by = by.into();
    Some(Origin::Synthesised { view, by })
}

/// Where the electrode of a lead sits that has one of its own.
fn electrode(name: &str) -> Option<ViewAngle> {
    let lead = LeadName::parse(name);
    montage(&lead)?.exploring_view()
}

fn derived(words: &str) -> Option<Origin> {
    let from: Vec<LeadName> = words
        .strip_prefix(DERIVED)?
        .split_whitespace()
        .map(LeadName::parse)
        .collect();
    (!from.is_empty()).then_some(Origin::Derived { from })
}

/// Whether two labels mean one lead, with its prefix `d` or without.
pub(super) fn is_same_lead(one: &str, other: &str) -> bool {
    let lead = |label: &str| {
        let own = label.trim();
        let bare = own.strip_prefix('d').map(LeadName::parse);
        let bare = bare.filter(LeadName::is_known);
        let name = bare.unwrap_or_else(|| LeadName::parse(own));
        name.to_string().to_lowercase()
    };
    lead(one) == lead(other)
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
        let own = gaps.iter().filter(|it| it.text[GAP.len()..] == label);
        fill_gaps(samples, own, signal.rate_hz, window);
    }
}

/// Makes the samples that `gaps`, in order of onset, cover `NaN`; the first sample is the
/// recording's number `window`.
fn fill_gaps<'a>(
    samples: &mut [f32],
    gaps: impl Iterator<Item = &'a Note>,
    rate_hz: f64,
    window: u64,
) {
    let len = samples.len() as f64;
    let at = |seconds: f64| ((seconds * rate_hz).round() - window as f64).clamp(0.0, len) as usize;
    // Nothing is filled twice, however many gaps a file claims.
    let mut filled = 0;
    for gap in gaps {
        let start = at(gap.onset_s).max(filled);
        let end = at(gap.onset_s + gap.duration_s.unwrap_or(0.0));
        if start < end {
            samples[start..end].fill(f32::NAN);
            filled = end;
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
    fn words_win_over_the_label() {
        for (label, words, name) in [
            (
                "V7",
                "synthesised, not recorded; theta 96.00 phi 120.00 by x",
                "V7",
            ),
            (
                "dV7",
                "synthesised, not recorded; theta 96.00 phi 120.00 by x",
                "V7",
            ),
            ("dV7", "synthesised, not recorded", "V7"),
            ("V7", "synthesised, not recorded; theta 96.0", "V7"),
            (
                "something",
                "synthesised, not recorded; theta x phi y",
                "something",
            ),
            ("V7", "Synthesized, not recorded", "V7"),
            ("dV7", "", "V7"),
        ] {
            assert_eq!(name_of(label, words), name, "{label}: {words}");
            let origin = origin_of(label, words);
            assert!(origin.is_synthesised(), "{label}: {words}");
        }
    }

    #[test]
    fn a_prefix_alone_makes_no_lead_of_a_signal_that_has_no_electrode() {
        for label in ["dZ", "dI", "d", "diff"] {
            assert_eq!(origin_of(label, ""), Origin::Measured, "{label}");
            assert_eq!(name_of(label, ""), label);
        }
    }
}
