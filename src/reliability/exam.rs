//! What is known of one recording, and of each lead synthesised from it.

use std::ops::ControlFlow;

use serde::Serialize;

use super::{
    caution,
    comparison::Comparison,
    grade::Grade,
    held_out::{HeldOut, HeldOutSummary, Trial},
    reason::Reason,
    region::{self, Nearest, Region},
    warning::Warning,
    window::TestWindow,
};
use crate::{
    ecg::{LeadName, LeadSet, Recording, Target},
    signal::{FilterSettings, metrics::rms_uv},
    synth::{
        Calibration, CalibrationOptions, FittedConstants, Progress, SynthError, Synthesis,
        Synthesizer, WANDER_HZ, WaveErrors,
    },
};

/// What is known about how far one synthesised lead can be relied on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reliability {
    /// The lead.
    pub lead: LeadName,
    /// Direction from the heart, degrees (θ from superior, φ from anterior to the patient's left).
    pub view_deg: (f64, f64),
    /// A to C, or not supported: the worst that the reasons leave.
    pub grade: Grade,
    /// Why.
    pub reasons: Vec<Reason>,
    /// Root mean square of the error to expect, µV.
    pub expected_rmse_uv: f64,
    /// The same in QRS, ST, T and between the beats.
    pub by_wave: WaveErrors,
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
    high_passed: LeadSet,
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
        let calibration = synthesizer.calibration();
        let high_passed = FilterSettings::high_pass(WANDER_HZ).apply(leads);
        let seen = caution::seen_leads(&high_passed, &options.withhold);
        let seen = seen.unwrap_or_else(|| high_passed.clone());
        let window = TestWindow::of(leads, options.seconds);
        let trial = Trial {
            leads,
            seen: &seen,
            options,
            window: &window,
            seeks_places: calibration.is_relocated(),
        };
        let held_out = trial.each_lead(on_progress)?;
        let warnings = caution::of_recording(leads, calibration, &window);
        Ok(Self {
            high_passed,
            seen,
            window,
            held_out,
            warnings,
        })
    }

    /// The same with cautions from what the file says of its making: filters, age.
    pub fn knowing(mut self, recording: &Recording) -> Self {
        self.warnings.extend(caution::stated(recording));
        self
    }

    /// How far one lead can be relied on.
    pub fn of(&self, synthesizer: &Synthesizer, target: &Target) -> Reliability {
        let calibration = synthesizer.calibration();
        let mixing = synthesizer.mixing(target);
        let synthesis = mixing.apply(&self.seen).ok();
        let samples_mv = synthesis.as_ref().map(|it| &*it.lead.samples_mv);
        let rms_uv = samples_mv.map_or(0.0, rms_uv);
        let expected_rmse_uv = mixing.expected_rmse_uv();
        let nearest = region::nearest(calibration, target);
        let region = region::region(mixing.exact, nearest.as_ref(), target);
        let mut warnings = self.warnings.clone();
        warnings.extend(caution::of_place(target, region, samples_mv, &self.seen));
        let reasons = if mixing.exact {
            vec![Reason::Exact]
        } else {
            let mut reasons = Reason::of_error(expected_rmse_uv, mixing.by_wave(), rms_uv);
            reasons.push(Reason::of_distance(nearest.as_ref()));
            reasons.extend(self.failing_neighbour(nearest.as_ref()));
            reasons.extend(self.reasons(region, calibration.known().len(), &warnings));
            reasons
        };
        Reliability {
            lead: target.name(),
            view_deg: target.view().degrees(),
            grade: Grade::of(&reasons),
            reasons,
            expected_rmse_uv,
            by_wave: mixing.by_wave(),
            rms_uv,
            band_coverage: FittedConstants::shipped().coverage,
            contributions: mixing.contributions(),
            calibrated_on: calibration.known(),
            window: self.window.clone(),
            held_out: self.held_out.clone(),
            nearest,
            region,
            truth: self.truth(calibration, target, synthesis.as_ref()),
            warnings,
        }
    }

    /// The nearest recorded lead, where it came back badly when withheld.
    fn failing_neighbour(&self, nearest: Option<&Nearest>) -> Option<Reason> {
        let name = &nearest?.lead;
        let own = self.held_out.iter().find(|it| it.lead == *name)?;
        let fails = Grade::B < Grade::of_errors(&own.by_wave);
        fails.then(|| Reason::NeighbourFails {
            lead: name.clone(),
            rmse_uv: own.rmse_uv,
        })
    }

    /// What else bears on a lead that is estimated. Only warnings that lower the grade are reasons.
    fn reasons(
        &self,
        region: Region,
        recorded: usize,
        warnings: &[Warning],
    ) -> impl Iterator<Item = Reason> {
        const VERY_FEW: usize = 5;
        let by_region = match region {
            Region::Posterior => Some(Reason::OnTheBack),
            Region::Outside => Some(Reason::OutsideMeasurements),
            Region::Recorded | Region::Measured => None,
        };
        let few = (recorded < VERY_FEW).then_some(Reason::VeryFewLeads { recorded });
        let own = HeldOutSummary::of(&self.held_out).map(|summary| Reason::OwnErrors {
            median_uv: summary.median_rmse_uv,
        });
        let lowering = warnings.iter().filter(|it| Grade::A < it.best_grade());
        let lowering = lowering.cloned().map(Reason::Warning);
        by_region.into_iter().chain(few).chain(own).chain(lowering)
    }

    /// The recorded lead beside the synthesised one: only where it was not used.
    fn truth(
        &self,
        calibration: &Calibration,
        target: &Target,
        synthesis: Option<&Synthesis>,
    ) -> Option<Comparison> {
        let name = target.name();
        let is_used = calibration.known().contains(&name) || calibration.inputs().contains(&name);
        let recorded = self.high_passed.get(&name)?;
        let synthesis = synthesis?;
        let is_fair =
            !is_used && !recorded.origin.is_synthesised() && synthesis.lead.origin.is_synthesised();
        if !is_fair {
            return None;
        }
        Comparison::new(&self.seen, recorded, synthesis, &self.window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ecg::{Lead, SampleRate},
        signal::Sign,
    };

    /// An exam of which only what bears on reasons is known.
    fn exam(held_out_uv: &[f64]) -> ExamReliability {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let lead = Lead::measured(LeadName::I, vec![0.0; 5000]);
        let leads = LeadSet::new(rate, vec![lead]).unwrap();
        let held_out = held_out_uv.iter().map(|rmse_uv| HeldOut {
            lead: LeadName::V3,
            nearest_deg: 20.0,
            rmse_uv: *rmse_uv,
            expected_rmse_uv: 50.0,
            by_wave: WaveErrors::default(),
            correlation: 0.9,
            j60_error_uv: None,
            coverage: 0.9,
            rms_uv: 300.0,
            slope: 0.9,
            population_rmse_uv: None,
            time_only_rmse_uv: None,
        });
        ExamReliability {
            high_passed: leads.clone(),
            window: TestWindow::of(&leads, 5.0),
            seen: leads,
            held_out: held_out.collect(),
            warnings: Vec::new(),
        }
    }

    fn check(
        held_out_uv: &[f64],
        region: Region,
        recorded: usize,
        warnings: &[Warning],
        expected: &[Reason],
    ) {
        let found = exam(held_out_uv);
        let found: Vec<Reason> = found.reasons(region, recorded, warnings).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_place_in_the_middle_of_twelve_leads_has_no_reason_against_it() {
        check(&[], Region::Measured, 8, &[], &[]);
        let median_uv = 60.0;
        let own = Reason::OwnErrors { median_uv };
        check(&[40.0, 60.0, 90.0], Region::Measured, 8, &[], &[own]);
    }

    #[test]
    fn a_lead_beside_one_that_fails_is_told_so() {
        let mut exam = exam(&[300.0]);
        let near = |lead: LeadName| Nearest {
            lead,
            degrees: 12.0,
            cm: 3.0,
        };
        assert_eq!(exam.failing_neighbour(Some(&near(LeadName::V3))), None);
        exam.held_out[0].by_wave.st_uv = 900.0;
        let (lead, rmse_uv) = (LeadName::V3, 300.0);
        let expected = Some(Reason::NeighbourFails { lead, rmse_uv });
        assert_eq!(exam.failing_neighbour(Some(&near(LeadName::V3))), expected);
        assert_eq!(exam.failing_neighbour(Some(&near(LeadName::V5))), None);
    }

    #[test]
    fn places_and_few_leads_are_reasons() {
        check(&[], Region::Posterior, 8, &[], &[Reason::OnTheBack]);
        let outside = Reason::OutsideMeasurements;
        let few = Reason::VeryFewLeads { recorded: 4 };
        check(&[], Region::Outside, 4, &[], &[outside, few]);
        check(&[], Region::Recorded, 5, &[], &[]);
    }

    #[test]
    fn only_warnings_that_lower_the_grade_are_reasons() {
        let harmless = Warning::FewLeads { recorded: 7 };
        let paced = Warning::Sign(Sign::Paced { beats: 9, of: 10 });
        let expected = [Reason::Warning(paced.clone())];
        check(&[], Region::Measured, 7, &[harmless, paced], &expected);
    }

    #[test]
    fn what_the_file_says_of_its_making_is_added() {
        let exam = exam(&[]);
        let mut recording = Recording::from_leads(exam.seen.clone());
        recording.filters.low_pass_hz = Some(40.0);
        assert_eq!(
            exam.knowing(&recording).warnings,
            [Warning::LowPass { hz: 40.0 }]
        );
    }
}
