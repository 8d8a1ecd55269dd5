//! Writes CSV: comments that tell about the recording, a header row, `time_s`, and a column of
//! millivolts per lead.

use std::io::Write;

use super::comments::{REMARK, TITLE, says_more_than_a_remark};
use crate::{
    ecg::{Recording, Sex},
    formats::{
        FormatError,
        pieces::{Outline, Pieces},
        provenance,
    },
};

/// Writes a CSV file. Numbers are the shortest that read back to the same value.
pub(in crate::formats) fn write(
    out: &mut dyn Write,
    outline: &Outline,
    pieces: &dyn Pieces,
) -> Result<(), FormatError> {
    for it in comments(&outline.about) {
        writeln!(out, "# {}", provenance::one_line(&it))
            .map_err(|it| FormatError::io("CSV writing", &it))?;
    }
    let fault = |it: csv::Error| FormatError::new("CSV writing", "a row", it, "a written row");
    let mut writer = csv::Writer::from_writer(out);
    let leads = outline.about.leads.leads();
    let labels = leads.iter().map(|it| provenance::one_line(&it.label()));
    writer
        .write_record(std::iter::once("time_s".to_owned()).chain(labels))
        .map_err(fault)?;
    let rate = outline.about.leads.rate();
    // Nanoseconds, or finer where samples follow one another faster than that.
    let per_second = 10f64.powf((1e3 * rate.hz()).log10().ceil().max(9.0));
    let mut first = 0;
    pieces.each(&mut |piece| {
        for at in 0..piece.leads.n_samples() {
            let time = format!(
                "{}",
                (rate.seconds_at(first + at) * per_second).round() / per_second
            );
            let values = piece.leads.leads().iter().map(|it| it.samples_mv[at]);
            let values = values.map(|it| {
                if it.is_finite() {
                    it.to_string()
                } else {
                    String::new()
                }
            });
            writer
                .write_record(std::iter::once(time).chain(values))
                .map_err(fault)?;
        }
        first += piece.leads.n_samples();
        Ok(())
    })?;
    writer
        .flush()
        .map_err(|it| FormatError::io("CSV writing", &it))
}

fn comments(recording: &Recording) -> Vec<String> {
    let patient = &recording.patient;
    let mut out = vec![
        TITLE.to_owned(),
        "unit: mV".to_owned(),
        format!("rate_hz: {}", recording.leads.rate().hz()),
    ];
    out.extend(recording.start.map(|it| format!("start: {it}")));
    out.extend(
        patient
            .name
            .as_ref()
            .map(|it| format!("patient name: {it}")),
    );
    out.extend(patient.id.as_ref().map(|it| format!("patient id: {it}")));
    out.extend(
        patient
            .sex
            .map(|it| format!("sex: {}", if it == Sex::Female { "female" } else { "male" })),
    );
    out.extend(patient.birth_date.map(|it| format!("birth date: {it}")));
    out.extend(patient.age_years.map(|it| format!("age: {it}")));
    out.extend(recording.device.as_ref().map(|it| format!("device: {it}")));
    let filters = &recording.filters;
    for (key, hz) in [
        ("high-pass Hz", filters.high_pass_hz),
        ("low-pass Hz", filters.low_pass_hz),
        ("notch Hz", filters.notch_hz),
    ] {
        out.extend(hz.map(|it| format!("{key}: {it}")));
    }
    for lead in recording.leads.leads() {
        let words = provenance::origin_text(lead);
        out.extend(
            (!words.is_empty())
                .then(|| format!("origin {}: {words}", provenance::one_line(&lead.label()))),
        );
    }
    out.extend(recording.notes.iter().map(|(onset, text)| {
        onset.map_or_else(|| remark(text), |at| format!("at {at} s: {text}"))
    }));
    out
}

/// A remark such as "unit: uV" must not be read as more than a remark.
fn remark(text: &str) -> String {
    if says_more_than_a_remark(&provenance::one_line(text)) {
        format!("{REMARK}: {text}")
    } else {
        text.to_owned()
    }
}
