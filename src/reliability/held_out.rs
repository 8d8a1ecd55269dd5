//! This patient's own errors: each recorded chest lead withheld from the calibration in turn,
//! tested on seconds that were not learned from.

use std::ops::{ControlFlow, Range};

use serde::Serialize;

use crate::{
    ecg::{Lead, LeadName, LeadSet, Origin, Target, site},
    signal::metrics::{correlation, rmse_uv},
    synth::{CalibrationOptions, Evidence, Progress, SynthError, learn, linear},
};

use super::{baseline::population_linear, compare, rms_uv};

/// Fewest seconds that a test is worth making on.
const SHORTEST_S: f64 = 1.0;

/// Which seconds were learned from and which were tested.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TestWindow {
    /// Seconds learned from, from the start.
    pub learned_s: (f64, f64),
    /// Seconds tested.
    pub tested_s: (f64, f64),
    /// Whether the two are apart. Where the recording is too short they are not, and the figures
    /// flatter.
    pub apart: bool,
    #[serde(skip)]
    pub(crate) tested: Range<usize>,
}

impl TestWindow {
    /// The last seconds, as many as were learned from; what is left after them where there is less.
    pub(crate) fn of(leads: &LeadSet, options: &CalibrationOptions) -> Self {
        let (rate, n) = (leads.rate(), leads.n_samples());
        let learned = rate.samples_in(options.seconds).min(n);
        let apart = SHORTEST_S <= rate.seconds_at(n - learned);
        let tested = if apart {
            learned.max(n.saturating_sub(learned))..n
        } else {
            0..n
        };
        let seconds = |it: &Range<usize>| (rate.seconds_at(it.start), rate.seconds_at(it.end));
        Self {
            learned_s: seconds(&(0..learned)),
            tested_s: seconds(&tested),
            apart,
            tested,
        }
    }
}

/// One recorded lead that was withheld from the calibration and synthesised from the others. All
/// behind a 0.5 Hz high-pass.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HeldOut {
    /// The lead.
    pub lead: LeadName,
    /// Degrees to the nearest lead that was left.
    pub nearest_deg: f64,
    /// Root mean square of the error, µV.
    pub rmse_uv: f64,
    /// The error that was expected, µV.
    pub expected_rmse_uv: f64,
    /// Correlation with the recorded lead.
    pub correlation: f64,
    /// Absolute error 60 ms after the J point of the median beat, µV.
    pub j60_error_uv: Option<f64>,
    /// Share of samples inside the 90 % band.
    pub coverage: f64,
    /// Root mean square of the recorded lead, µV.
    pub rms_uv: f64,
    /// Slope of the synthesised on the recorded samples: below one the lead is drawn towards the
    /// mean.
    pub slope: f64,
    /// The same error for the population's linear map, which knows nothing of this patient; `None`
    /// where it has none.
    pub population_rmse_uv: Option<f64>,
    /// The same error for a linear map that saw this very lead in the seconds learned from.
    /// Optimistic: no virtual lead can have that.
    pub time_only_rmse_uv: Option<f64>,
}

/// Every recorded lead with an exploring electrode that the calibration may see, withheld in turn.
pub(super) fn held_out(
    leads: &LeadSet,
    steady: &LeadSet,
    options: &CalibrationOptions,
    (window, relocated): (&TestWindow, bool),
    on_progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Vec<HeldOut>, SynthError> {
    let evidence = Evidence::gather(leads, options)?;
    let test = steady
        .slice(window.tested.clone())
        .unwrap_or_else(|| steady.clone());
    let explored: Vec<&LeadName> = evidence
        .known
        .iter()
        .filter(|it| it.exploring_site().is_some())
        .map(|it| &it.name)
        .collect();
    let mut out = Vec::new();
    for (done, name) in explored.iter().enumerate() {
        let mut stopped = false;
        let mut within = |it: Progress| {
            let fraction = (done as f64 + it.fraction) / explored.len() as f64;
            let told = on_progress(Progress {
                fraction,
                step: "withholding each chest lead in turn",
            });
            stopped |= told.is_break();
            told
        };
        out.extend(one(
            leads,
            &test,
            (options, relocated),
            &evidence,
            name,
            &mut within,
        ));
        if stopped {
            return Err(SynthError::Cancelled);
        }
    }
    Ok(out)
}

fn one(
    leads: &LeadSet,
    test: &LeadSet,
    (options, relocated): (&CalibrationOptions, bool),
    evidence: &Evidence,
    name: &LeadName,
    on_progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Option<HeldOut> {
    let mut without = options.withholding(name);
    without.inputs = without
        .inputs
        .map(|it| it.into_iter().filter(|it| it != name).collect());
    // Seats are sought again without this lead only where any were found with it: elsewhere the
    // search changes nothing.
    let calibration = learn(leads, &without, relocated, on_progress).ok()?;
    let made = calibration
        .mixing(&Target::lead(name).ok()?)
        .apply(test)
        .ok()?;
    let truth = &test.get(name)?.samples_mv;
    let (error, estimate) = (rmse_uv(truth, &made.lead.samples_mv), &made.lead.samples_mv);
    let inside = |at: &usize| (truth[*at] - estimate[*at]).abs() <= made.band_mv[*at];
    let finite: Vec<usize> = (0..truth.len())
        .filter(|at| truth[*at].is_finite() && estimate[*at].is_finite())
        .collect();
    let inputs = calibration.inputs();
    Some(HeldOut {
        lead: name.clone(),
        nearest_deg: nearest_deg(name, &calibration.known())?,
        rmse_uv: error,
        expected_rmse_uv: made.expected_rmse_uv,
        correlation: correlation(truth, estimate),
        j60_error_uv: compare::j60_error_uv(test, name, estimate),
        coverage: finite.iter().filter(|it| inside(it)).count() as f64 / finite.len().max(1) as f64,
        rms_uv: rms_uv(truth),
        slope: slope(truth, estimate),
        population_rmse_uv: population_linear(inputs, name)
            .and_then(|it| mixed_rmse_uv(test, inputs, &it, name)),
        time_only_rmse_uv: own_linear(evidence, inputs, name)
            .and_then(|it| mixed_rmse_uv(test, inputs, &it, name)),
    })
}

fn nearest_deg(name: &LeadName, known: &[LeadName]) -> Option<f64> {
    let view = |it: &LeadName| Some(site(crate::ecg::montage(it)?.exploring_site()?)?.view);
    let own = view(name)?;
    let nearest = known
        .iter()
        .filter_map(view)
        .map(|it| own.angle_to(it).to_degrees())
        .min_by(f64::total_cmp);
    Some(nearest.unwrap_or(180.0))
}

/// Least squares of `name` on `inputs` over the seconds learned from.
fn own_linear(evidence: &Evidence, inputs: &[LeadName], name: &LeadName) -> Option<Vec<f64>> {
    const RIDGE: f64 = 1e-4;
    let n = evidence.known.len();
    let at = |it: &LeadName| evidence.known.iter().position(|known| known.name == *it);
    let (used, target) = (
        inputs.iter().map(at).collect::<Option<Vec<_>>>()?,
        at(name)?,
    );
    let cov = |i: usize, j: usize| evidence.covariance[i * n + j];
    let power = used.iter().map(|it| cov(*it, *it)).sum::<f64>() / used.len() as f64;
    let value =
        |i: usize, j: usize| cov(used[i], used[j]) + if i == j { RIDGE * power } else { 0.0 };
    let m = used.len();
    let gram: Vec<f64> = (0..m * m).map(|it| value(it / m, it % m)).collect();
    let side: Vec<f64> = used.iter().map(|it| cov(*it, target)).collect();
    linear::solve(&gram, &side, m)
}

fn mixed_rmse_uv(
    test: &LeadSet,
    inputs: &[LeadName],
    weights: &[f64],
    name: &LeadName,
) -> Option<f64> {
    let truth = &test.get(name)?.samples_mv;
    let mut sum = vec![0.0f32; truth.len()];
    for (input, weight) in inputs.iter().zip(weights) {
        let samples = &test.get(input)?.samples_mv;
        sum.iter_mut()
            .zip(samples.iter())
            .for_each(|(to, from)| *to += *weight as f32 * from);
    }
    Some(rmse_uv(truth, &sum))
}

/// Least-squares slope of `estimate` on `truth`.
pub(super) fn slope(truth: &[f32], estimate: &[f32]) -> f64 {
    let pairs = || {
        truth
            .iter()
            .zip(estimate)
            .filter(|(a, b)| a.is_finite() && b.is_finite())
            .map(|(a, b)| (f64::from(*a), f64::from(*b)))
    };
    let n = pairs().count().max(1) as f64;
    let (mean_a, mean_b) = pairs().fold((0.0, 0.0), |sum, it| (sum.0 + it.0 / n, sum.1 + it.1 / n));
    let (cross, square) = pairs().fold((0.0, 0.0), |sum, (a, b)| {
        (
            sum.0 + (a - mean_a) * (b - mean_b),
            sum.1 + (a - mean_a).powi(2),
        )
    });
    if 0.0 < square { cross / square } else { 0.0 }
}

/// `set` with the recorded lead, and one more: its estimate.
pub(super) fn beside(
    set: &LeadSet,
    (name, truth): (&LeadName, &[f32]),
    estimate: &[f32],
) -> Option<(LeadSet, LeadName)> {
    let label = LeadName::Named(format!("d{name}").into());
    let origin = Origin::Synthesised {
        view: Target::lead(name).ok()?.view(),
        by: "held out".into(),
    };
    let extra = Lead {
        name: label.clone(),
        origin,
        samples_mv: estimate.into(),
    };
    let recorded = Lead::measured(name.clone(), truth.to_vec());
    let others = set
        .leads()
        .iter()
        .filter(|it| it.name != label && it.name != *name)
        .cloned();
    LeadSet::new(set.rate(), others.chain([recorded, extra]).collect())
        .ok()
        .map(|it| (it, label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slope_of_a_shrunken_lead_is_below_one() {
        let truth: Vec<f32> = (0..100).map(|it| (it as f32 / 7.0).sin()).collect();
        let half: Vec<f32> = truth.iter().map(|it| 0.5 * it + 0.1).collect();
        assert!((slope(&truth, &half) - 0.5).abs() < 1e-6);
    }
}
