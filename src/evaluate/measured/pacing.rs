//! Pacemakers: in how many of the records labelled as paced they are told, where a spike is in the
//! file, and in how many of the others.

use std::path::Path;

use super::{
    super::EvaluateError,
    data::{Record, records},
};
use crate::{ecg::LeadSet, signal::analyse};

/// The table.
pub(super) fn table(folder: &Path) -> Result<String, EvaluateError> {
    let records = records(folder)?;
    let is_labelled = |it: &Record| it.has_label("PACE") || !it.column("Cardiac pacing").is_empty();
    let mut counts = [[0usize; 2]; 3];
    for record in &records {
        let kind = match (is_labelled(record), has_spikes(&record.leads)) {
            (true, true) => 0,
            (true, false) => 1,
            (false, _) => 2,
        };
        counts[kind][0] += 1;
        counts[kind][1] += usize::from(!analyse(&record.leads).spikes.is_empty());
    }
    let mut text = String::from("records | n | pacing told, %\n");
    let names = [
        "labelled, spikes of 0.2 mV",
        "labelled, none so high",
        "not labelled",
    ];
    for (name, [n, told]) in names.iter().zip(counts) {
        let share = 100.0 * told as f64 / n.max(1) as f64;
        text += &format!("{name} | {n} | {share:.1}\n");
    }
    Ok(text)
}

/// Whether some lead leaves the line between samples 4 ms before and after by 0.2 mV at least three
/// times in ten seconds, and is back within 40 µV of it: no QRS is so narrow.
fn has_spikes(leads: &LeadSet) -> bool {
    const LEAST: usize = 3;
    let reach = leads.rate().samples_in(0.004).max(1);
    let is_spike = |seven: &&[f32]| {
        let (first, last) = (seven[0], seven[2 * reach]);
        let height = (seven[reach] - 0.5 * (first + last)).abs();
        0.2 <= height && (first - last).abs() <= 0.04
    };
    leads.leads().iter().any(|lead| {
        let windows = lead.samples_mv.windows(2 * reach + 1);
        LEAST <= windows.filter(is_spike).count()
    })
}
