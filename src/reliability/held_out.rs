//! This patient's own errors: each recorded chest lead withheld from the calibration in turn,
//! tested on seconds that were not learned from.

use std::ops::ControlFlow;

use serde::Serialize;

use super::{
    baseline::{own_weights, population_weights},
    comparison::Beats,
    window::TestWindow,
};
use crate::{
    ecg::{LeadName, LeadSet, N_PHASES, Target, montage, statistics::median},
    signal::metrics::{correlation, coverage, rms_uv, rmse_uv, slope},
    synth::{CalibrationOptions, Evidence, Progress, Step, SynthError, WaveErrors, learn},
};

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
    /// The error in QRS, ST, T and between the beats.
    pub by_wave: WaveErrors,
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

/// All withheld leads in a few figures.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldOutSummary {
    /// Median error, µV.
    pub median_rmse_uv: f64,
    /// Median correlation.
    pub median_correlation: f64,
    /// The lead with the largest error.
    pub worst: LeadName,
    /// Its error, µV.
    pub worst_rmse_uv: f64,
    /// Largest error at J + 60 ms, µV.
    pub worst_j60_uv: Option<f64>,
    /// Median error of the population's linear map, µV.
    pub population_rmse_uv: Option<f64>,
}

impl HeldOutSummary {
    /// `None` where no lead was withheld.
    pub fn of(held_out: &[HeldOut]) -> Option<Self> {
        let worst = held_out
            .iter()
            .max_by(|a, b| a.rmse_uv.total_cmp(&b.rmse_uv))?;
        let each = |of: fn(&HeldOut) -> Option<f64>| -> Vec<f64> {
            held_out.iter().filter_map(of).collect()
        };
        let j60 = each(|lead| lead.j60_error_uv);
        Some(Self {
            median_rmse_uv: median(&mut each(|lead| Some(lead.rmse_uv)))?,
            median_correlation: median(&mut each(|lead| Some(lead.correlation)))?,
            worst: worst.lead.clone(),
            worst_rmse_uv: worst.rmse_uv,
            worst_j60_uv: j60.into_iter().reduce(f64::max),
            population_rmse_uv: median(&mut each(|lead| lead.population_rmse_uv)),
        })
    }
}

/// What each test is made on.
pub(super) struct Trial<'a> {
    /// The recording.
    pub leads: &'a LeadSet,
    /// Behind the high-pass, without the leads that the user withheld.
    pub seen: &'a LeadSet,
    /// What the calibration may use.
    pub options: &'a CalibrationOptions,
    /// Which seconds are tested.
    pub window: &'a TestWindow,
    /// Whether places of electrodes are sought again without each lead: only where any were found
    /// with it, since elsewhere the search changes nothing.
    pub seeks_places: bool,
}

/// The seconds that are tested, with their beats and how much each instant belongs to which wave.
struct Shown {
    test: LeadSet,
    beats: Beats,
    phases: Vec<[f64; N_PHASES]>,
}

impl Trial<'_> {
    /// Every recorded lead with an exploring electrode that the calibration may see, withheld in
    /// turn.
    pub fn each_lead(
        &self,
        on_progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Vec<HeldOut>, SynthError> {
        let evidence = Evidence::gather(self.leads, self.options)?;
        let test = self.seen.slice(self.window.tested.clone());
        let test = test.unwrap_or_else(|| self.seen.clone());
        let beats = Beats::of(&test);
        let phases = beats.grid.phases(test.n_samples());
        let shown = Shown {
            test,
            beats,
            phases,
        };
        let known = evidence.known.iter();
        let explored: Vec<&LeadName> = known
            .filter(|montage| montage.exploring_site().is_some())
            .map(|montage| &montage.name)
            .collect();
        let mut out = Vec::new();
        for (done, name) in explored.iter().enumerate() {
            let mut is_stopped = false;
            let mut within = |inner: Progress| {
                let answer = on_progress(Progress {
                    fraction: (done as f64 + inner.fraction) / explored.len() as f64,
                    step: Step::WithholdingEachLead,
                });
                is_stopped |= answer.is_break();
                answer
            };
            out.extend(self.without(name, &shown, &evidence, &mut within));
            if is_stopped {
                return Err(SynthError::Cancelled);
            }
        }
        Ok(out)
    }

    /// One lead withheld and tested; `None` where the others cannot be calibrated on.
    fn without(
        &self,
        name: &LeadName,
        shown: &Shown,
        evidence: &Evidence,
        on_progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Option<HeldOut> {
        let mut options = self.options.withholding(name);
        if let Some(inputs) = &mut options.inputs {
            inputs.retain(|input| input != name);
        }
        let calibration = learn(self.leads, &options, self.seeks_places, on_progress).ok()?;
        let mixing = calibration.mixing(&Target::lead(name).ok()?);
        let Shown {
            test,
            beats,
            phases,
        } = shown;
        let synthesis = mixing.apply(test).ok()?;
        let (truth, estimate) = (&test.get(name)?.samples_mv, &synthesis.lead.samples_mv);
        let inputs = calibration.inputs();
        let by_weights = |weights: Vec<f64>| mixed_rmse_uv(test, inputs, &weights, name);
        Some(HeldOut {
            lead: name.clone(),
            nearest_deg: nearest_deg(name, &calibration.known())?,
            rmse_uv: rmse_uv(truth, estimate),
            expected_rmse_uv: synthesis.expected_rmse_uv,
            by_wave: errors_by_wave(truth, estimate, phases),
            correlation: correlation(truth, estimate),
            j60_error_uv: beats.j60_error_uv(name, truth, estimate),
            coverage: coverage(truth, estimate, &synthesis.band_mv),
            rms_uv: rms_uv(truth),
            slope: slope(truth, estimate),
            population_rmse_uv: population_weights(inputs, name).and_then(by_weights),
            time_only_rmse_uv: own_weights(evidence, inputs, name).and_then(by_weights),
        })
    }
}

/// Root mean square of the error in each wave; 0 in one without time.
fn errors_by_wave(truth: &[f32], estimate: &[f32], phases: &[[f64; N_PHASES]]) -> WaveErrors {
    let (mut squares, mut time) = ([0.0; N_PHASES], [0.0; N_PHASES]);
    for ((truth, estimate), shares) in truth.iter().zip(estimate).zip(phases) {
        let error = 1000.0 * f64::from(truth - estimate);
        for (wave, share) in shares.iter().enumerate().filter(|_| error.is_finite()) {
            squares[wave] += share * error * error;
            time[wave] += share;
        }
    }
    let uv = |wave: usize| (squares[wave] / f64::max(time[wave], 1.0)).sqrt();
    WaveErrors::of(std::array::from_fn(uv))
}

fn nearest_deg(name: &LeadName, known: &[LeadName]) -> Option<f64> {
    let view = |name: &LeadName| montage(name)?.exploring_view();
    let own = view(name)?;
    let others = known.iter().filter_map(view);
    let degrees = others.map(|other| own.angle_to(other).to_degrees());
    Some(degrees.min_by(f64::total_cmp).unwrap_or(180.0))
}

/// Error of a fixed mix of `inputs`.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{Lead, SampleRate};

    fn held_out(lead: LeadName, rmse_uv: f64, j60_error_uv: Option<f64>) -> HeldOut {
        HeldOut {
            lead,
            nearest_deg: 20.0,
            rmse_uv,
            expected_rmse_uv: 50.0,
            by_wave: WaveErrors::default(),
            correlation: 1.0 - rmse_uv / 1000.0,
            j60_error_uv,
            coverage: 0.9,
            rms_uv: 300.0,
            slope: 0.9,
            population_rmse_uv: None,
            time_only_rmse_uv: None,
        }
    }

    #[test]
    fn a_summary_names_the_worst_lead_and_the_middle() {
        let all = [
            held_out(LeadName::V1, 40.0, Some(12.0)),
            held_out(LeadName::V2, 90.0, None),
            held_out(LeadName::V3, 60.0, Some(30.0)),
        ];
        let found = HeldOutSummary::of(&all).unwrap();
        assert_eq!((found.worst, found.worst_rmse_uv), (LeadName::V2, 90.0));
        assert_eq!(
            (found.median_rmse_uv, found.median_correlation),
            (60.0, 0.94)
        );
        assert_eq!(
            (found.worst_j60_uv, found.population_rmse_uv),
            (Some(30.0), None)
        );
        assert_eq!(HeldOutSummary::of(&[]), None);
    }

    #[test]
    fn errors_are_told_wave_by_wave() {
        let (qrs, rest) = ([1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]);
        let found = errors_by_wave(&[0.3, -0.4, f32::NAN], &[0.0; 3], &[qrs, rest, rest]);
        let expected = WaveErrors::of([300.0, 0.0, 0.0, 400.0]);
        let pairs = found.each().into_iter().zip(expected.each());
        assert!(
            pairs.into_iter().all(|(a, b)| (a - b).abs() < 1e-3),
            "{found:?}"
        );
    }

    #[test]
    fn nearest_of_the_leads_that_were_left() {
        let near = nearest_deg(&LeadName::V3, &[LeadName::V1, LeadName::V2, LeadName::V4]);
        let far = nearest_deg(&LeadName::V3, &[LeadName::V1]);
        assert!(near < far, "{near:?} {far:?}");
        assert_eq!(nearest_deg(&LeadName::V3, &[LeadName::I]), Some(180.0));
        assert_eq!(nearest_deg(&LeadName::I, &[LeadName::V1]), None);
    }

    #[test]
    fn error_of_a_fixed_mix() {
        let lead = |name: LeadName, mv: f32| Lead::measured(name, vec![mv, -mv]);
        let leads = vec![
            lead(LeadName::V1, 1.0),
            lead(LeadName::V2, 2.0),
            lead(LeadName::V3, 3.0),
        ];
        let test = LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads).unwrap();
        let inputs = [LeadName::V1, LeadName::V2];
        assert_eq!(
            mixed_rmse_uv(&test, &inputs, &[1.0, 1.0], &LeadName::V3),
            Some(0.0)
        );
        assert_eq!(
            mixed_rmse_uv(&test, &inputs, &[1.0, 0.5], &LeadName::V3),
            Some(1000.0)
        );
        assert_eq!(
            mixed_rmse_uv(&test, &inputs, &[1.0, 1.0], &LeadName::V4),
            None
        );
    }
}
