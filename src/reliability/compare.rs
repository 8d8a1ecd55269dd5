//! A synthesised lead beside the recorded one: the differences a reader would measure.

use serde::Serialize;

use crate::{
    ecg::{Lead, LeadName, LeadSet},
    signal::{
        detect_beats, measure, median_beat,
        metrics::{correlation, rmse_uv},
    },
    synth::Synthesis,
};

use super::{
    held_out::{TestWindow, beside, slope},
    rms_uv,
};

/// Recorded and synthesised beside each other over the tested seconds, behind a 0.5 Hz high-pass;
/// amplitudes from the median beat.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The lead.
    pub lead: LeadName,
    /// Root mean square of the error, µV.
    pub rmse_uv: f64,
    /// Root mean square of the recorded lead, µV.
    pub rms_uv: f64,
    /// Correlation.
    pub correlation: f64,
    /// Slope of the synthesised on the recorded samples.
    pub slope: f64,
    /// Share of samples inside the 90 % band.
    pub coverage: f64,
    /// What a reader would measure: name, recorded, synthesised, µV (µV·ms for the area).
    pub table: Vec<(&'static str, f64, f64)>,
}

impl Comparison {
    /// `seen` says where the beats are.
    pub(super) fn new(
        seen: &LeadSet,
        recorded: &Lead,
        made: &Synthesis,
        window: &TestWindow,
    ) -> Option<Self> {
        let truth = recorded.samples_mv.get(window.tested.clone())?;
        let estimate = made.lead.samples_mv.get(window.tested.clone())?;
        let band = made.band_mv.get(window.tested.clone())?;
        let finite: Vec<usize> = (0..truth.len())
            .filter(|at| truth[*at].is_finite() && estimate[*at].is_finite())
            .collect();
        let inside = finite
            .iter()
            .filter(|at| (truth[**at] - estimate[**at]).abs() <= band[**at])
            .count();
        Some(Self {
            lead: recorded.name.clone(),
            rmse_uv: rmse_uv(truth, estimate),
            rms_uv: rms_uv(truth),
            correlation: correlation(truth, estimate),
            slope: slope(truth, estimate),
            coverage: inside as f64 / finite.len().max(1) as f64,
            table: table(
                &seen.slice(window.tested.clone())?,
                (&recorded.name, truth),
                estimate,
            )
            .unwrap_or_default(),
        })
    }
}

/// Absolute difference 60 ms after the J point, µV.
pub(super) fn j60_error_uv(test: &LeadSet, name: &LeadName, estimate: &[f32]) -> Option<f64> {
    let rows = table(test, (name, &test.get(name)?.samples_mv), estimate)?;
    let row = rows.iter().find(|it| it.0 == "J+60")?;
    Some((row.1 - row.2).abs())
}

/// Amplitudes of the recorded and the estimated lead, on the median of the beats that `test` shows.
fn table(
    test: &LeadSet,
    (name, truth): (&LeadName, &[f32]),
    estimate: &[f32],
) -> Option<Vec<(&'static str, f64, f64)>> {
    let (both, label) = beside(test, (name, truth), estimate)?;
    let beat = median_beat(&both, &detect_beats(test))?;
    let found = measure(&beat);
    let uv = |after_s: f64| {
        Some((
            1000.0 * beat.st_mv(&found, name, after_s)?,
            1000.0 * beat.st_mv(&found, &label, after_s)?,
        ))
    };
    let mut rows = Vec::new();
    for (row, after_s) in [("J", 0.0), ("J+60", 0.06), ("J+80", 0.08)] {
        rows.extend(uv(after_s).map(|it| (row, it.0, it.1)));
    }
    let qrs = found.qrs_onset?..found.j_point?;
    let of = |which: &LeadName| {
        let samples: Vec<f64> = beat
            .leads
            .get(which)?
            .samples_mv
            .get(qrs.clone())?
            .iter()
            .map(|it| 1000.0 * f64::from(*it))
            .collect();
        let level = *samples.first()?;
        let highest = samples.iter().copied().fold(f64::NEG_INFINITY, f64::max) - level;
        let lowest = samples.iter().copied().fold(f64::INFINITY, f64::min) - level;
        let area = samples.iter().map(|it| it - level).sum::<f64>() * 1000.0 / both.rate().hz();
        Some([highest, lowest, area])
    };
    if let (Some(recorded), Some(synthesised)) = (of(name), of(&label)) {
        let names = ["R", "S or Q", "QRS area"];
        rows.extend((0..3).map(|it| (names[it], recorded[it], synthesised[it])));
    }
    Some(rows)
}
