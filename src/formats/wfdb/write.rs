//! Writes a WFDB record: a header and one signal file in format 16.

use std::{fmt::Write as _, io::Write};

use super::about::ORIGIN;
use crate::{
    ecg::{Recording, Sex},
    formats::{
        FormatError,
        pieces::{Outline, Pieces},
        provenance,
    },
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
            .map_err(|it| FormatError::io("WFDB writing", &it))
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
            provenance::one_line(&lead.label())
        );
    }
    for it in comments(recording) {
        let _ = writeln!(out, "# {}", provenance::one_line(&it));
    }
    out
}

fn comments(recording: &Recording) -> Vec<String> {
    let patient = &recording.patient;
    let mut out = Vec::new();
    out.extend(patient.age_years.map(|it| format!("Age: {it}")));
    out.extend(
        patient
            .sex
            .map(|it| format!("Sex: {}", if it == Sex::Female { "Female" } else { "Male" })),
    );
    out.extend(
        patient
            .name
            .as_ref()
            .map(|it| format!("Patient name: {it}")),
    );
    out.extend(patient.id.as_ref().map(|it| format!("Patient ID: {it}")));
    out.extend(patient.birth_date.map(|it| format!("Birth date: {it}")));
    out.extend(recording.device.as_ref().map(|it| format!("Device: {it}")));
    let filters = &recording.filters;
    for (key, hz) in [
        ("High-pass", filters.high_pass_hz),
        ("Low-pass", filters.low_pass_hz),
        ("Notch", filters.notch_hz),
    ] {
        out.extend(hz.map(|it| format!("{key} Hz: {it}")));
    }
    for lead in recording.leads.leads() {
        let words = provenance::origin_text(lead);
        out.extend(
            (!words.is_empty())
                .then(|| format!("{ORIGIN}{}: {words}", provenance::one_line(&lead.label()))),
        );
    }
    out.extend(recording.notes.iter().map(|(onset, text)| {
        onset.map_or_else(|| text.clone(), |at| format!("at {at} s: {text}"))
    }));
    out
}
