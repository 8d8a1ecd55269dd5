//! Writes a WFDB record: a header and one signal file in format 16.

use std::{fmt::Write as _, io::Write};

use crate::formats::{
    FormatError, comments,
    pieces::{Outline, Pieces},
    provenance,
};

/// Largest number used; −32,768 means that nothing was recorded.
pub(in crate::formats) const DIGITAL: f64 = 32_767.0;

/// What the header says of a lead's numbers.
#[derive(Clone, Copy, Default)]
pub(in crate::formats) struct Sum {
    first: Option<i16>,
    sum: i16,
}

/// Writes the signal file; the sums are for the header.
pub(in crate::formats) fn write_data(
    out: &mut dyn Write,
    outline: &Outline,
    pieces: &dyn Pieces,
) -> Result<Vec<Sum>, FormatError> {
    let mut sums = vec![Sum::default(); outline.leads.len()];
    let mut frames = Vec::new();
    pieces.each(&mut |piece| {
        frames.clear();
        for at in 0..piece.leads.n_samples() {
            for ((lead, of), sum) in piece
                .leads
                .leads()
                .iter()
                .zip(&outline.leads)
                .zip(&mut sums)
            {
                let number = digital(lead.samples_mv[at], of.step_uv);
                *sum = Sum {
                    first: sum.first.or(Some(number)),
                    sum: sum.sum.wrapping_add(number),
                };
                frames.extend(number.to_le_bytes());
            }
        }
        out.write_all(&frames)
            .map_err(|it| FormatError::unwritable("WFDB writing", &it))
    })?;
    Ok(sums)
}

/// A header parts its fields by blanks and other signs, so names in it do without.
pub(in crate::formats) fn record_name(stem: &str) -> String {
    let name: String = stem
        .chars()
        .map(|it| {
            if it.is_alphanumeric() || matches!(it, '-' | '_') {
                it
            } else {
                '_'
            }
        })
        .collect();
    if name.is_empty() {
        "record".to_owned()
    } else {
        name
    }
}

fn digital(mv: f32, step_uv: f64) -> i16 {
    if mv.is_finite() {
        (f64::from(mv) * 1e3 / step_uv)
            .round()
            .clamp(-DIGITAL, DIGITAL) as i16
    } else {
        i16::MIN
    }
}

/// The header of the record `name`, whose signals lie in `file`.
pub(in crate::formats) fn header(
    outline: &Outline,
    (name, file): (&str, &str),
    sums: &[Sum],
) -> String {
    let recording = &outline.about;
    let (leads, rate) = (recording.leads.leads(), recording.leads.rate().hz());
    let start = recording.start.map_or_else(String::new, |it| {
        let fraction = it.subsec_nanosecond();
        let fraction = if fraction == 0 {
            String::new()
        } else {
            format!(".{fraction:09}").trim_end_matches('0').to_owned()
        };
        let date = format!("{:02}/{:02}/{:04}", it.day(), it.month(), it.year());
        format!(
            " {:02}:{:02}:{:02}{fraction} {date}",
            it.hour(),
            it.minute(),
            it.second()
        )
    });
    let mut out = format!(
        "{name} {} {rate} {}{start}\n",
        leads.len(),
        outline.n_samples
    );
    for ((lead, of), Sum { first, sum }) in leads.iter().zip(&outline.leads).zip(sums) {
        let (first, gain) = (first.unwrap_or(0), 1e3 / of.step_uv);
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{file} 16 {gain}(0)/mV 16 0 {first} {sum} 0 {}",
            provenance::label(lead)
        );
    }
    for it in comments::of(recording) {
        let _ = writeln!(out, "# {it}");
    }
    out
}
