//! R peaks within 50 ms of cardiologists' (LUDB), unpaced and paced.

use std::path::Path;

use super::{
    super::EvaluateError,
    data::records,
    intervals::{bounds, waves},
};
use crate::signal::analyse;

/// The table: sensitivity and positive predictive value.
pub(super) fn table(folder: &Path) -> Result<String, EvaluateError> {
    let bounds = bounds(folder)?;
    // Found of the marked, marked, right of the found, found; unpaced, then paced.
    let mut counts = [[0usize; 4]; 2];
    for (row, record) in records(folder)?.iter().enumerate() {
        let Some(leads) = bounds.get(&row.to_string()) else {
            continue;
        };
        let marked: Vec<i64> = waves(leads, "N", 60).iter().map(|wave| wave.peak).collect();
        let (Some(first), Some(last)) = (marked.first(), marked.last()) else {
            continue;
        };
        let reach = record.leads.rate().samples_in(0.05) as i64;
        let beats = analyse(&record.leads).beats;
        let found: Vec<i64> = beats
            .peaks()
            .iter()
            .map(|peak| *peak as i64)
            .filter(|peak| (first - reach..=last + reach).contains(peak))
            .collect();
        let near = |of: &[i64], at: &i64| of.iter().any(|other| (other - at).abs() <= reach);
        let paced = usize::from(!record.column("Cardiac pacing").is_empty());
        let [right, all, true_ones, told] = &mut counts[paced];
        *right += marked.iter().filter(|at| near(&found, at)).count();
        *all += marked.len();
        *true_ones += found.iter().filter(|at| near(&marked, at)).count();
        *told += found.len();
    }
    let mut text = String::from("beats | marked | sensitivity, % | predictive value, %\n");
    for (name, [right, all, true_ones, told]) in ["unpaced", "paced"].iter().zip(counts) {
        let share = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
        let (se, ppv) = (share(right, all), share(true_ones, told));
        text += &format!("{name} | {all} | {se:.2} | {ppv:.2}\n");
    }
    Ok(text)
}
