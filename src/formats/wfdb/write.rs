//! Writes a WFDB record: a header and one signal file in format 16.

use std::fmt::Write;

use super::ORIGIN;
use crate::{
    ecg::{Lead, Recording, Sex},
    formats::{grid, marks},
};

/// Names and bytes of the signal file and of the header, in the order to save them. `stem` names the record.
pub(in crate::formats) fn to_files(recording: &Recording, stem: &str) -> [(String, Vec<u8>); 2] {
    let name = record_name(stem);
    let leads = recording.leads.leads();
    let steps_uv: Vec<f64> = leads.iter().map(|it| grid::step_uv(&it.samples_mv, 32_767.0)).collect();
    let columns: Vec<Vec<i16>> = leads.iter().zip(&steps_uv).map(|(it, step)| digital(it, *step)).collect();
    let n = recording.leads.n_samples();
    let mut data = Vec::with_capacity(n * leads.len() * 2);
    for at in 0..n {
        data.extend(columns.iter().flat_map(|it| it[at].to_le_bytes()));
    }
    let header = header(recording, &name, &steps_uv, &columns);
    [(format!("{name}.dat"), data), (format!("{stem}.hea"), header.into_bytes())]
}

/// A header parts its fields by blanks and other signs, so names in it do without.
pub(in crate::formats) fn record_name(stem: &str) -> String {
    let name: String = stem.chars().map(|it| if it.is_alphanumeric() || matches!(it, '-' | '_') { it } else { '_' }).collect();
    if name.is_empty() { "record".to_owned() } else { name }
}

fn digital(lead: &Lead, step_uv: f64) -> Vec<i16> {
    let number =
        |it: &f32| if it.is_finite() { (f64::from(*it) * 1e3 / step_uv).round().clamp(-32_767.0, 32_767.0) as i16 } else { i16::MIN };
    lead.samples_mv.iter().map(number).collect()
}

fn header(recording: &Recording, name: &str, steps_uv: &[f64], columns: &[Vec<i16>]) -> String {
    let (leads, rate) = (recording.leads.leads(), recording.leads.rate().hz());
    let start = recording.start.map_or_else(String::new, |it| {
        let fraction = it.subsec_nanosecond();
        let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:09}").trim_end_matches('0').to_owned() };
        let date = format!("{:02}/{:02}/{:04}", it.day(), it.month(), it.year());
        format!(" {:02}:{:02}:{:02}{fraction} {date}", it.hour(), it.minute(), it.second())
    });
    let mut out = format!("{name} {} {rate} {}{start}\n", leads.len(), recording.leads.n_samples());
    for ((lead, step), column) in leads.iter().zip(steps_uv).zip(columns) {
        let sum = column.iter().fold(0i16, |sum, it| sum.wrapping_add(*it));
        let first = column.first().copied().unwrap_or(0);
        let gain = 1e3 / step;
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{name}.dat 16 {gain}(0)/mV 16 0 {first} {sum} 0 {}", marks::one_line(&lead.label()));
    }
    for it in comments(recording) {
        let _ = writeln!(out, "# {}", marks::one_line(&it));
    }
    out
}

fn comments(recording: &Recording) -> Vec<String> {
    let patient = &recording.patient;
    let mut out = Vec::new();
    out.extend(patient.age_years.map(|it| format!("Age: {it}")));
    out.extend(patient.sex.map(|it| format!("Sex: {}", if it == Sex::Female { "Female" } else { "Male" })));
    out.extend(patient.name.as_ref().map(|it| format!("Patient name: {it}")));
    out.extend(patient.id.as_ref().map(|it| format!("Patient ID: {it}")));
    out.extend(patient.birth_date.map(|it| format!("Birth date: {it}")));
    out.extend(recording.device.as_ref().map(|it| format!("Device: {it}")));
    let filters = &recording.filters;
    for (key, hz) in [("High-pass", filters.high_pass_hz), ("Low-pass", filters.low_pass_hz), ("Notch", filters.notch_hz)] {
        out.extend(hz.map(|it| format!("{key} Hz: {it}")));
    }
    for lead in recording.leads.leads() {
        let words = marks::origin_text(lead);
        out.extend((!words.is_empty()).then(|| format!("{ORIGIN}{}: {words}", marks::one_line(&lead.label()))));
    }
    out.extend(recording.notes.iter().map(|(onset, text)| onset.map_or_else(|| text.clone(), |at| format!("at {at} s: {text}"))));
    out
}
