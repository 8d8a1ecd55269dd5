//! R peaks within 50 ms of cardiologists' (LUDB), unpaced and paced.

use std::path::Path;

use super::{
    super::EvaluateError,
    data::records,
    intervals::{bounds, waves},
};
use crate::{
    ecg::{BeatGrid, SampleRate},
    signal::analyse,
};

/// The table: sensitivity and positive predictive value.
pub(super) fn table(folder: &Path) -> Result<String, EvaluateError> {
    let bounds = bounds(folder)?;
    let [mut unpaced, mut paced] = [Counts::default(); 2];
    for (row, record) in records(folder)?.iter().enumerate() {
        let Some(leads) = bounds.get(&row.to_string()) else {
            continue;
        };
        let marked: Vec<i64> = waves(leads, "N", 60).iter().map(|wave| wave.peak).collect();
        let counts = if record.column("Cardiac pacing").is_empty() {
            &mut unpaced
        } else {
            &mut paced
        };
        counts.add(&marked, &analyse(&record.leads).beats, record.leads.rate());
    }
    let mut text = String::from("beats | marked | sensitivity, % | predictive value, %\n");
    text += &unpaced.line("unpaced");
    text += &paced.line("paced");
    Ok(text)
}

/// Marked beats, and found ones between the first and the last of them.
#[derive(Clone, Copy, Default)]
pub(super) struct Counts {
    marked: usize,
    marked_and_found: usize,
    found: usize,
    found_and_marked: usize,
}

impl Counts {
    /// Adds one record: `marked` and the peaks of `beats`, samples at `rate`.
    pub(super) fn add(&mut self, marked: &[i64], beats: &BeatGrid, rate: SampleRate) {
        let (Some(first), Some(last)) = (marked.first(), marked.last()) else {
            return;
        };
        let reach = rate.samples_in(0.05) as i64;
        let scored = first - reach..=last + reach;
        let found: Vec<i64> = beats.peaks().iter().map(|peak| *peak as i64).collect();
        let found: Vec<i64> = found.into_iter().filter(|at| scored.contains(at)).collect();
        let near = |of: &[i64], at: &i64| of.iter().any(|other| (other - at).abs() <= reach);
        self.marked += marked.len();
        self.marked_and_found += marked.iter().filter(|at| near(&found, at)).count();
        self.found += found.len();
        self.found_and_marked += found.iter().filter(|at| near(marked, at)).count();
    }

    /// A row of a table.
    pub(super) fn line(&self, name: &str) -> String {
        let share = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
        let sensitivity = share(self.marked_and_found, self.marked);
        let predictive = share(self.found_and_marked, self.found);
        let n = self.marked;
        format!("{name} | {n} | {sensitivity:.2} | {predictive:.2}\n")
    }
}
