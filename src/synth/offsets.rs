//! Where the recorded electrodes seem to sit, from how well the other leads foretell each of them.
//!
//! For each recorded chest lead the place is sought, near its nominal one, at which the others (that lead left out of the calibration)
//! best foretell it. The prior is anatomy: 10.6° of scatter between subjects. A search, not a gradient: a few dozen closed-form
//! evaluations on a covariance, the same on every machine.

use crate::ecg::{LeadName, ViewAngle};

use super::{linear, model::Model};

/// Scatter of electrodes between subjects, degrees.
const SCATTER_DEG: f64 = 10.6;
/// Offsets beyond this are no scatter: the electrode is elsewhere, or the lead is another.
const ALARM_DEG: f64 = 2.0 * SCATTER_DEG;
/// Relative error variance at which the recording outweighs anatomy.
const DOUBT: f64 = 0.03;

/// Where a recorded electrode seems to sit.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Offset {
    /// The lead.
    pub lead: LeadName,
    /// Degrees downwards of the nominal place.
    pub d_theta_deg: f64,
    /// Degrees towards the patient's left, around the body.
    pub d_phi_deg: f64,
    /// Whether this is well beyond what electrodes scatter.
    pub alarm: bool,
}

/// Searches around `nominal` with a model that was made without the lead; `cross` is its covariance with the known leads, `own` its variance.
pub(crate) fn seek(lead: &LeadName, nominal: ViewAngle, model: &Model, cross: &[f64], own: f64) -> Offset {
    let misfit = |down: f64, left: f64| {
        let view = nominal.moved(down.to_radians(), left.to_radians());
        let w = model.weights(view);
        let error = own - 2.0 * linear::dot(&w, cross) + linear::form(&w, &model.covariance, &w);
        error / own.max(1e-12) / DOUBT + (down * down + left * left) / SCATTER_DEG.powi(2)
    };
    let (mut down, mut left) = (0.0, 0.0);
    let mut lowest = misfit(down, left);
    for step in [12.0, 6.0, 3.0, 1.5] {
        // Four moves at most: the search ends within reach of the prior.
        for _ in 0..4 {
            let around = [(step, 0.0), (-step, 0.0), (0.0, step), (0.0, -step)].map(|it| (down + it.0, left + it.1));
            let tried = around.map(|it| (misfit(it.0, it.1), it));
            let Some(best) = tried.into_iter().min_by(|a, b| a.0.total_cmp(&b.0)).filter(|it| it.0 < lowest) else { break };
            (lowest, (down, left)) = best;
        }
    }
    let alarm = ALARM_DEG < (down * down + left * left).sqrt();
    Offset { lead: lead.clone(), d_theta_deg: down, d_phi_deg: left, alarm }
}
