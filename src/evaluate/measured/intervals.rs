//! P, PR, QRS and QT against cardiologists' bounds (LUDB).

use std::{collections::BTreeMap, fs, path::Path};

use super::{
    super::EvaluateError,
    data::{Record, records},
};
use crate::signal::{Intervals, analyse};

/// A wave in one lead: kind (p, N, t), onset, peak, end, samples; a bound may be missing.
type Marked = (String, Option<i64>, i64, Option<i64>);
/// Row → lead → waves.
type Bounds = BTreeMap<String, BTreeMap<String, Vec<Marked>>>;

/// Errors beyond which a delineator fails (Common Standards for Electrocardiography), ms.
const TOLERANCES_MS: [(&str, f64); 4] = [("P", 12.7), ("PR", 11.4), ("QRS", 11.6), ("QT", 30.6)];

/// The table: bias, scatter and share beyond the tolerance over the records in sinus rhythm.
pub(super) fn table(folder: &Path) -> Result<String, EvaluateError> {
    let bounds = bounds(folder)?;
    let mut errors: [Vec<f64>; 4] = Default::default();
    for (row, record) in records(folder)?.iter().enumerate() {
        if !record.column("Rhythms").starts_with("Sinus") {
            continue;
        }
        let Some(truth) = bounds
            .get(&row.to_string())
            .map(|leads| reference(leads, record))
        else {
            continue;
        };
        let found = durations(&analyse(&record.leads).intervals);
        for ((errors, found), truth) in errors.iter_mut().zip(found).zip(truth) {
            errors.extend(found.zip(truth).map(|(found, truth)| found - truth));
        }
    }
    let mut text = String::from("interval | n | bias, ms | SD, ms | beyond CSE tolerance, %\n");
    for ((name, tolerance), errors) in TOLERANCES_MS.iter().zip(&errors) {
        let n = errors.len() as f64;
        let bias = errors.iter().sum::<f64>() / n;
        let sd = (errors.iter().map(|it| (it - bias).powi(2)).sum::<f64>() / n).sqrt();
        let beyond = errors.iter().filter(|it| *tolerance < it.abs()).count() as f64 / n;
        let beyond = 100.0 * beyond;
        text += &format!("{name} | {n} | {bias:.1} | {sd:.1} | {beyond:.0}\n");
    }
    Ok(text)
}

fn durations(found: &Intervals) -> [Option<f64>; 4] {
    [found.p_ms, found.pr_ms, found.qrs_ms, found.qt_ms]
}

/// The bounds of a folder.
pub(super) fn bounds(folder: &Path) -> Result<Bounds, EvaluateError> {
    let path = folder.join("bounds.json");
    let text = fs::read_to_string(&path).map_err(|it| EvaluateError::Io(path.clone(), it))?;
    serde_json::from_str(&text).map_err(|it| EvaluateError::Index(path, it.to_string()))
}

/// Median over beats of each interval between the second-earliest onset and the second-latest end
/// over leads: a bound that two leads share.
fn reference(leads: &BTreeMap<String, Vec<Marked>>, record: &Record) -> [Option<f64>; 4] {
    let [qrs, p, t] = [("N", 60), ("p", 60), ("t", 100)].map(|(kind, gap)| waves(leads, kind, gap));
    let mut each: [Vec<f64>; 4] = Default::default();
    for (idx, complex) in qrs.iter().enumerate() {
        each[2].push((complex.end - complex.onset) as f64);
        let before = p.iter().rev().find(|p| {
            (complex.first - 200..complex.first).contains(&p.first) && p.last < complex.first + 15
        });
        if let Some(p) = before {
            each[0].push((p.end - p.onset) as f64);
            each[1].push((complex.onset - p.onset) as f64);
        }
        let next = qrs.get(idx + 1).map_or(i64::MAX, |next| next.first + 10);
        let after = t
            .iter()
            .find(|t| complex.last - 20 < t.first && t.last < next);
        each[3].extend(after.map(|t| (t.end - complex.onset) as f64));
    }
    let ms_per_sample = 1000.0 / record.leads.rate().hz();
    each.map(|mut values| {
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        let upper = values.get(middle)?;
        let lower = values[(values.len() - 1) / 2];
        Some(0.5 * (upper + lower) * ms_per_sample)
    })
}

/// A wave of all leads: bounds that two leads share, and the outermost ones.
#[derive(Clone, Copy)]
pub(super) struct Wave {
    onset: i64,
    end: i64,
    first: i64,
    last: i64,
    /// Middle of the span of the leads' peaks: where leads culminate at two places, as in a paced
    /// beat, the median lead jumps from one to the other.
    pub(super) peak: i64,
}

/// Waves of one kind, leads whose peaks lie within `gap` samples of one another together.
pub(super) fn waves(leads: &BTreeMap<String, Vec<Marked>>, kind: &str, gap: i64) -> Vec<Wave> {
    let of_kind = leads.values().flatten().filter(|mark| mark.0 == kind);
    let mut marks: Vec<[i64; 3]> = of_kind
        .filter_map(|mark| Some([mark.2, mark.1?, mark.3?]))
        .collect();
    marks.sort_unstable();
    let clusters = marks.chunk_by(|a, b| b[0] - a[0] < gap);
    let wave = |cluster: &[[i64; 3]]| {
        let sorted = |at: usize| {
            let mut values: Vec<i64> = cluster.iter().map(|mark| mark[at]).collect();
            values.sort_unstable();
            values
        };
        let (peaks, onsets, ends) = (sorted(0), sorted(1), sorted(2));
        let n = cluster.len();
        (4 <= n).then(|| Wave {
            onset: onsets[1],
            end: ends[n - 2],
            first: onsets[0],
            last: ends[n - 1],
            peak: (peaks[0] + peaks[n - 1]) / 2,
        })
    };
    clusters.filter_map(wave).collect()
}
