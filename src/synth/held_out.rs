//! How well this patient's recorded leads foretell one another: each is left out of the calibration
//! in turn.

use faer::MatRef;

use crate::ecg::{LeadName, Target};

use super::{
    ElectrodeOffset, ErrorParts, estimate::Estimate, evidence::Evidence, linear, model::Model,
    offsets, skin::Base,
};

/// A recorded lead, left out of the calibration and estimated from the others, over the calibration
/// window.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct LeftOut {
    /// The lead.
    pub lead: LeadName,
    /// Root mean square of the true error, µV.
    pub rmse_uv: f64,
    /// Root mean square of the lead itself, µV.
    pub rms_uv: f64,
    /// What could be known of the error beforehand.
    pub parts: ErrorParts,
    /// Where its electrode seems to sit.
    pub offset: ElectrodeOffset,
}

/// Each known lead with an exploring electrode, left out in turn. `go_on` is asked before each.
pub(crate) fn left_out(
    evidence: &Evidence,
    base: Base,
    noise: f64,
    mut go_on: impl FnMut(usize, usize) -> bool,
) -> Option<Vec<LeftOut>> {
    let n = evidence.known.len();
    let explored: Vec<usize> = (0..n)
        .filter(|it| evidence.known[*it].exploring_site().is_some())
        .collect();
    let mut out = Vec::new();
    for (done, &idx) in explored.iter().enumerate() {
        if !go_on(done, explored.len()) {
            return None;
        }
        let montage = evidence.known[idx];
        let Some(Ok(model)) = evidence
            .without(&montage.name)
            .filter(|it| 2 <= it.known.len())
            .map(|it| Model::new(&it, base))
        else {
            continue;
        };
        let estimate = model.estimate(&Target::Lead(montage));
        let row: Vec<f64> = (0..n)
            .filter(|it| *it != idx)
            .map(|it| evidence.covariance[(idx, it)])
            .collect();
        let own = evidence.covariance[(idx, idx)];
        let error = own - 2.0 * linear::dot(&estimate.weights, &row)
            + linear::form(&estimate.weights, model.covariance.as_ref());
        let believed = evidence.electrode_override[idx].unwrap_or_else(|| montage.view());
        let offset = offsets::seek(
            &montage.name,
            believed,
            evidence.seats[idx].unwrap_or(believed),
            &model,
            &row,
            own,
        );
        let uv = |it: f64| 1000.0 * it.max(0.0).sqrt();
        out.push(LeftOut {
            lead: montage.name.clone(),
            rmse_uv: uv(error),
            rms_uv: uv(own),
            parts: parts(&estimate, model.covariance.as_ref(), noise),
            offset,
        });
    }
    Some(out)
}

/// What can be known of an estimate's error before it is made, where the known leads have this
/// covariance.
pub(crate) fn parts(estimate: &Estimate, covariance: MatRef<'_, f64>, noise: f64) -> ErrorParts {
    let n = covariance.nrows();
    let power = (0..n).map(|it| covariance[(it, it)]).sum::<f64>() / n as f64;
    ErrorParts {
        spread: linear::inner(estimate.spread.as_ref(), covariance),
        slope: linear::inner(estimate.slope.as_ref(), covariance),
        own: estimate.near * estimate.open * linear::form(&estimate.weights, covariance),
        open: estimate.open * power,
        noise,
    }
}
