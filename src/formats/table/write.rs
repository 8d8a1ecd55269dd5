//! Writes CSV: comments that tell about the recording, a header row, `time_s`, and a column of millivolts per lead.

use crate::{
    ecg::{Recording, Sex},
    formats::{FormatError, marks},
};

/// First line of every file.
pub(super) const TITLE: &str = "electrocardiogram; columns in mV, empty cells were not recorded";

/// The bytes of a CSV file. Numbers are the shortest that read back to the same value.
pub(in crate::formats) fn to_bytes(recording: &Recording) -> Result<Vec<u8>, FormatError> {
    let mut out = Vec::new();
    for it in comments(recording) {
        out.extend(format!("# {}\n", marks::one_line(&it)).bytes());
    }
    let fault = |it: csv::Error| FormatError::new("CSV writing", "a row", it, "a written row");
    let mut writer = csv::Writer::from_writer(out);
    let leads = recording.leads.leads();
    let labels = leads.iter().map(|it| marks::one_line(&it.label()));
    writer.write_record(std::iter::once("time_s".to_owned()).chain(labels)).map_err(fault)?;
    let rate = recording.leads.rate();
    for at in 0..recording.leads.n_samples() {
        let time = format!("{}", (rate.seconds_at(at) * 1e9).round() / 1e9);
        let values = leads.iter().map(|it| it.samples_mv[at]).map(|it| if it.is_finite() { it.to_string() } else { String::new() });
        writer.write_record(std::iter::once(time).chain(values)).map_err(fault)?;
    }
    writer.into_inner().map_err(|it| FormatError::new("CSV writing", "the last row", it, "a written row"))
}

fn comments(recording: &Recording) -> Vec<String> {
    let patient = &recording.patient;
    let mut out = vec![TITLE.to_owned(), "unit: mV".to_owned(), format!("rate_hz: {}", recording.leads.rate().hz())];
    out.extend(recording.start.map(|it| format!("start: {it}")));
    out.extend(patient.name.as_ref().map(|it| format!("patient name: {it}")));
    out.extend(patient.id.as_ref().map(|it| format!("patient id: {it}")));
    out.extend(patient.sex.map(|it| format!("sex: {}", if it == Sex::Female { "female" } else { "male" })));
    out.extend(patient.birth_date.map(|it| format!("birth date: {it}")));
    out.extend(patient.age_years.map(|it| format!("age: {it}")));
    out.extend(recording.device.as_ref().map(|it| format!("device: {it}")));
    let filters = &recording.filters;
    for (key, hz) in [("high-pass Hz", filters.high_pass_hz), ("low-pass Hz", filters.low_pass_hz), ("notch Hz", filters.notch_hz)] {
        out.extend(hz.map(|it| format!("{key}: {it}")));
    }
    for lead in recording.leads.leads() {
        let words = marks::origin_text(lead);
        out.extend((!words.is_empty()).then(|| format!("origin {}: {words}", marks::one_line(&lead.label()))));
    }
    out.extend(recording.notes.iter().map(|(onset, text)| onset.map_or_else(|| text.clone(), |at| format!("at {at} s: {text}"))));
    out
}
