//! What answers questions: [`Engine`], and the one of the product, `synth` and `reliability` behind
//! it. Everything in this room that knows their signatures is in this file.

use std::{ops::ControlFlow, sync::Arc};

use super::{
    demos::demos,
    query::{CalibrationRequest, CalibrationSummary, Effort, Found, Query, QueryError},
    synthesised_lead::SynthesisedLead,
};
use crate::{
    ecg::{Lead, LeadName, LeadSet, Target, ViewAngle},
    reliability::ExamReliability,
    synth::{self, CalibrationOptions, Progress, Synthesis, Synthesizer},
};

/// Hears how far work is; a break stops it.
pub type Watch<'a> = &'a mut dyn FnMut(Progress) -> ControlFlow<()>;

/// Work on a thread of its own.
pub type WorkBeside = Box<dyn FnOnce(Watch<'_>) -> Result<Found, QueryError> + Send>;

/// How a question is answered.
#[allow(clippy::large_enum_variant)] // One lives at a time, and is taken apart at once.
pub enum Work {
    /// At once.
    Done(Found),
    /// On a thread of that name, so that a drag never waits for it.
    Beside(&'static str, WorkBeside),
}

/// Answers questions on the one thread that owns it. The product has one; tests have others.
pub trait Engine {
    /// Answers `query`. Work that takes long tells `watch` often.
    fn answer(&mut self, query: &Query, watch: Watch<'_>) -> Result<Work, QueryError>;
}

/// The engine of the product.
pub fn network() -> Box<dyn Engine> {
    Box::new(Network { patient: None })
}

struct Network {
    patient: Option<Patient>,
}

struct Patient {
    leads: Arc<LeadSet>,
    options: CalibrationOptions,
    is_calibrated: bool,
    synthesizer: Synthesizer,
}

impl Engine for Network {
    fn answer(&mut self, query: &Query, watch: Watch<'_>) -> Result<Work, QueryError> {
        let patient = self.patient.as_ref().ok_or(QueryError::NotCalibrated);
        let found = match query {
            Query::Draft(request, target) => Found::Point(draft(request, target)?),
            Query::Calibrate(request) | Query::Refine(request) => {
                let patient = self.patient.insert(Patient::new(request, watch)?);
                Found::Calibrated(summary(patient))
            }
            Query::Examine => return patient?.examine(),
            Query::Point(target) => Found::Point(patient?.lead(target)),
            Query::Listed(id, target) => Found::Listed(*id, patient?.lead(target)),
            Query::Compare(name) => {
                Found::Compared(name.clone(), patient?.lead(&Target::lead(name)?))
            }
            Query::HeldOut(name) => Found::HeldOut(name.clone(), patient?.held_out(name)?),
            Query::Misplaced(error) => {
                let patient = patient?;
                let worn = patient
                    .synthesizer
                    .worn(&patient.leads, &error.electrodes())?;
                Found::Misplaced(error.clone(), Box::new(worn))
            }
            Query::BodyMap(places) => return Ok(patient?.body_map(places.clone())),
            Query::Reliability(exam, target) => {
                let reliability = exam.of(&patient?.synthesizer, target);
                Found::Reliability(target.clone(), Box::new(reliability))
            }
            Query::Grade(id, exam, target) => {
                let reliability = exam.of(&patient?.synthesizer, target);
                Found::Grade(*id, target.clone(), Box::new(reliability))
            }
            Query::Panorama => Found::Panorama(patient?.panorama()),
        };
        Ok(Work::Done(found))
    }
}

impl Patient {
    fn new(request: &CalibrationRequest, watch: Watch<'_>) -> Result<Self, QueryError> {
        let options = CalibrationOptions {
            withhold: request.withhold.clone(),
            electrode_override: request.electrodes.clone(),
            device: request.device,
            refine: request.effort == Effort::Whole,
            ..CalibrationOptions::default()
        };
        let calibration = if request.calibrated {
            synth::calibrate(&request.leads, &options, watch)?
        } else {
            synth::calibrate(&average_patient(&request.leads)?, &options, watch)?
        };
        Ok(Self {
            leads: request.leads.clone(),
            options,
            is_calibrated: request.calibrated,
            synthesizer: Synthesizer::new(&request.leads, calibration)?,
        })
    }

    fn lead(&self, target: &Target) -> SynthesisedLead {
        let (synthesis, mixing) = self.synthesizer.made(target);
        SynthesisedLead::new(target.clone(), synthesis, mixing)
    }

    fn held_out(&self, name: &LeadName) -> Result<Synthesis, QueryError> {
        let without = self.options.withholding(name);
        let calibration =
            synth::calibrate(&self.leads, &without, &mut |_| ControlFlow::Continue(()))?;
        Ok(calibration
            .mixing(&Target::lead(name)?)
            .apply(&self.leads)?)
    }

    fn panorama(&self) -> Vec<Synthesis> {
        let targets: Vec<Target> = Target::panorama().into_iter().map(|view| view.1).collect();
        self.synthesizer.targets(&targets)
    }

    fn examine(&self) -> Result<Work, QueryError> {
        if !self.is_calibrated {
            return Err(QueryError::CalibrationOff);
        }
        let (leads, options) = (self.leads.clone(), self.options.clone());
        let synthesizer = self.synthesizer.clone();
        let work: WorkBeside = Box::new(move |watch| {
            let exam = ExamReliability::watched(&leads, &options, &synthesizer, watch)?;
            Ok(Found::Examined(exam))
        });
        Ok(Work::Beside("reliability", work))
    }

    fn body_map(&self, places: Arc<[ViewAngle]>) -> Work {
        let synthesizer = self.synthesizer.clone();
        let work: WorkBeside = Box::new(move |_| Ok(Found::BodyMap(synthesizer.body_map(places))));
        Work::Beside("body map", work)
    }
}

/// The closed form alone: milliseconds, and near to what the refinement will say.
fn draft(request: &CalibrationRequest, target: &Target) -> Result<SynthesisedLead, QueryError> {
    let options = CalibrationOptions {
        withhold: request.withhold.clone(),
        electrode_override: request.electrodes.clone(),
        ..CalibrationOptions::closed_form()
    };
    let calibration =
        synth::calibrate(&request.leads, &options, &mut |_| ControlFlow::Continue(()))?;
    let mixing = calibration.mixing(target);
    let synthesis = mixing.apply(&request.leads)?;
    Ok(SynthesisedLead::new(target.clone(), synthesis, mixing))
}

fn summary(patient: &Patient) -> CalibrationSummary {
    let calibration = patient.synthesizer.calibration();
    let device = calibration
        .device()
        .map_or_else(|| "CPU".into(), |device| device.name.clone());
    let by = if patient.is_calibrated {
        calibration.by().to_owned()
    } else {
        "weights of an average simulated patient: nothing learnt from this one".to_owned()
    };
    CalibrationSummary {
        by,
        device,
        notes: calibration.notes(),
        electrodes: calibration.offsets().cloned().collect(),
        ..CalibrationSummary::default()
    }
}

/// The leads of an average patient (the healthy demo), as far as `leads` has them recorded: what
/// calibration would learn from nobody in particular.
fn average_patient(leads: &LeadSet) -> Result<LeadSet, QueryError> {
    let average = demos()[0].open()?.recording.leads;
    let is_shared = |lead: &&Lead| {
        leads
            .get(&lead.name)
            .is_some_and(|own| !own.origin.is_synthesised())
    };
    let shared = average.leads().iter().filter(is_shared).cloned().collect();
    Ok(LeadSet::new(average.rate(), shared)?)
}
