//! How far a synthesised lead can be relied on: figures from this patient, a grade with its reasons
//! and warnings, all as values, and never a diagnosis.

mod baseline;
mod compare;
mod grade;
mod held_out;
mod region;
mod warnings;

use std::ops::ControlFlow;

use serde::Serialize;

use crate::{
    ecg::{LeadName, LeadSet, Recording, Target},
    signal::FilterSettings,
    synth::{
        Calibration, CalibrationOptions, FittedConstants, Progress, SynthError, Synthesis,
        Synthesizer, WANDER_HZ,
    },
};

pub use baseline::population_linear;
pub use compare::Comparison;
pub use grade::Grade;
pub use held_out::{HeldOut, TestWindow};
pub use region::{Nearest, Region, is_measured};
pub use warnings::{Warning, WarningKind};

/// What is known about how far one synthesised lead can be relied on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reliability {
    /// The lead.
    pub lead: LeadName,
    /// Direction from the heart, degrees (θ from superior, φ from anterior to the patient's left).
    pub view_deg: (f64, f64),
    /// A to C, or not supported.
    pub grade: Grade,
    /// Why, in words.
    pub reasons: Vec<String>,
    /// Root mean square of the error to expect, µV.
    pub expected_rmse_uv: f64,
    /// The lead's own root mean square, µV: what expecting a flat line would cost.
    pub rms_uv: f64,
    /// Share of held-out samples of other patients (never fitted on) that lay inside such a 90 %
    /// band.
    pub band_coverage: f64,
    /// Recorded leads that are mixed, and their weights.
    pub contributions: Vec<(LeadName, f64)>,
    /// Leads that were calibrated on.
    pub calibrated_on: Vec<LeadName>,
    /// Which seconds were learned from and which the errors below are from.
    pub window: TestWindow,
    /// Each recorded chest lead withheld from the calibration in turn, tested on later seconds:
    /// this patient's own errors.
    pub held_out: Vec<HeldOut>,
    /// The nearest recorded electrode.
    pub nearest: Option<Nearest>,
    /// Whether any published measurement reaches this place.
    pub region: Region,
    /// What in the recording or the place calls for caution.
    pub warnings: Vec<Warning>,
    /// The recorded lead of this name, where the file has one that was withheld.
    pub truth: Option<Comparison>,
}

/// The part that is the same for every lead of one recording: held-out errors and what the
/// recording warns of.
#[derive(Clone, Debug)]
pub struct ExamReliability {
    /// Behind the high-pass: all leads, and those that were not withheld. Only the latter say where
    /// the beats are.
    steady: LeadSet,
    seen: LeadSet,
    /// Which seconds were learned from and which were tested.
    pub window: TestWindow,
    /// Each recorded chest lead withheld in turn.
    pub held_out: Vec<HeldOut>,
    /// About the recording as a whole.
    pub warnings: Vec<Warning>,
}

impl ExamReliability {
    /// Withholds each recorded chest lead in turn: the costly part, once per recording.
    pub fn new(
        leads: &LeadSet,
        options: &CalibrationOptions,
        synthesizer: &Synthesizer,
    ) -> Result<Self, SynthError> {
        Self::watched(leads, options, synthesizer, &mut |_| {
            ControlFlow::Continue(())
        })
    }

    /// The same; `on_progress` may stop it.
    pub fn watched(
        leads: &LeadSet,
        options: &CalibrationOptions,
        synthesizer: &Synthesizer,
        on_progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Self, SynthError> {
        let steady = FilterSettings::high_pass(WANDER_HZ).apply(leads);
        let seen = steady
            .leads()
            .iter()
            .filter(|it| !options.withhold.contains(&it.name))
            .cloned()
            .collect();
        let seen = LeadSet::new(steady.rate(), seen).unwrap_or_else(|_| steady.clone());
        let window = TestWindow::of(leads, options);
        let relocated = synthesizer.calibration().is_relocated();
        let held_out =
            held_out::held_out(leads, &seen, options, (&window, relocated), on_progress)?;
        let warnings = warnings::of_recording(leads, synthesizer.calibration(), &window);
        Ok(Self {
            steady,
            seen,
            window,
            held_out,
            warnings,
        })
    }

    /// The same with cautions from what the file says of its making: filters, age.
    pub fn knowing(mut self, recording: &Recording) -> Self {
        self.warnings.extend(warnings::stated(recording));
        self
    }

    /// How far one lead can be relied on.
    pub fn of(&self, synthesizer: &Synthesizer, target: &Target) -> Reliability {
        let calibration = synthesizer.calibration();
        let mixing = synthesizer.mixing(target);
        let made = mixing.apply(&self.seen).ok();
        let rms_uv = made.as_ref().map_or(0.0, |it| rms_uv(&it.lead.samples_mv));
        let nearest = region::nearest(calibration, target);
        let region = region::region(calibration, target);
        let mut warnings = self.warnings.clone();
        warnings.extend(warnings::of_place(
            target,
            &region,
            made.as_ref(),
            &self.seen,
        ));
        let facts = grade::Facts {
            exact: mixing.exact,
            expected_rmse_uv: mixing.expected_rmse_uv(),
            rms_uv,
            nearest: nearest.as_ref(),
            region: &region,
            warnings: &warnings,
            n_known: calibration.known().len(),
            held_out: &self.held_out,
        };
        let (grade, reasons) = grade::grade(&facts);
        Reliability {
            lead: target.name(),
            view_deg: target.view().degrees(),
            grade,
            reasons,
            expected_rmse_uv: mixing.expected_rmse_uv(),
            rms_uv,
            band_coverage: FittedConstants::shipped().coverage,
            contributions: mixing.contributions(),
            calibrated_on: calibration.known(),
            window: self.window.clone(),
            held_out: self.held_out.clone(),
            nearest,
            region,
            truth: self.truth(calibration, target, made.as_ref()),
            warnings,
        }
    }

    /// The recorded lead beside the synthesised one: only where it was not used.
    fn truth(
        &self,
        calibration: &Calibration,
        target: &Target,
        made: Option<&Synthesis>,
    ) -> Option<Comparison> {
        let name = target.name();
        let unused = !calibration.known().contains(&name) && !calibration.inputs().contains(&name);
        let recorded = self
            .steady
            .get(&name)
            .filter(|it| unused && !it.origin.is_synthesised())?;
        let made = made.filter(|it| it.lead.origin.is_synthesised())?;
        Comparison::new(&self.seen, recorded, made, &self.window)
    }
}

/// Root mean square about the mean, µV, over finite samples.
pub(crate) fn rms_uv(samples_mv: &[f32]) -> f64 {
    let finite: Vec<f64> = samples_mv
        .iter()
        .filter(|it| it.is_finite())
        .map(|it| f64::from(*it))
        .collect();
    let n = finite.len().max(1) as f64;
    let mean = finite.iter().sum::<f64>() / n;
    1000.0 * (finite.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / n).sqrt()
}
