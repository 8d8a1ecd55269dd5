//! The engine of the product: `synth` behind the worker's door. Everything that knows its signatures is in this file.

use std::{ops::ControlFlow, sync::Arc};

use super::{Begin, Engine, Learned, Target};
use crate::{
    ecg::{LeadName, LeadSet, ViewAngle},
    synth::{self, CalibrationOptions, ExamTrust, Synthesis, Synthesizer, Trust},
};

pub use crate::synth::BodyMap;

/// How far a calibration is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stage {
    /// 0 to 1.
    pub fraction: f64,
    /// What is being done.
    pub step: &'static str,
}

/// Directions of the body map.
const MAP_DIRECTIONS: usize = 642;

/// The engine that the product runs.
pub fn network() -> Box<dyn Engine> {
    Box::new(Network::default())
}

/// The 48 views of the panorama.
pub(super) fn panorama_targets() -> Vec<Target> {
    let target = |(name, target): (LeadName, synth::Target)| match target {
        synth::Target::View(view) => Target::View(view),
        synth::Target::Lead(_) => Target::Lead(name),
    };
    synth::panorama_targets().into_iter().map(target).collect()
}

/// Whether published measurements reach this direction.
pub fn is_covered(view: ViewAngle) -> bool {
    synth::is_measured(view)
}

#[derive(Default)]
struct Network {
    leads: Option<Arc<LeadSet>>,
    options: CalibrationOptions,
    synthesizer: Option<Synthesizer>,
    exam_trust: Option<ExamTrust>,
}

impl Network {
    fn ready(&self) -> Result<&Synthesizer, String> {
        self.synthesizer.as_ref().ok_or_else(|| "no recording has been calibrated yet".into())
    }
}

impl Engine for Network {
    fn begin(&mut self, begin: &Begin, progress: &mut dyn FnMut(Stage) -> ControlFlow<()>) -> Result<Learned, String> {
        self.options = CalibrationOptions { withhold: begin.withhold.clone(), refine: begin.calibrated, ..CalibrationOptions::default() };
        let mut tell = |it: synth::Progress| progress(Stage { fraction: it.fraction, step: it.step });
        let calibration = synth::calibrate(&begin.leads, &self.options, &mut tell).map_err(|it| it.to_string())?;
        let mut notes: Vec<String> = calibration.unused().iter().map(|it| format!("{}: {}", it.lead, it.why.words())).collect();
        if !calibration.missing().is_empty() {
            let names: Vec<String> = calibration.missing().iter().map(ToString::to_string).collect();
            notes.push(format!("not recorded: {}", names.join(", ")));
        }
        let learned = Learned { by: calibration.by().to_owned(), device: "CPU".into(), notes, ..Learned::default() };
        self.synthesizer = Some(Synthesizer::new(&begin.leads, calibration).map_err(|it| it.to_string())?);
        self.leads = Some(begin.leads.clone());
        self.exam_trust = None;
        Ok(learned)
    }

    fn synthesise(&mut self, target: &Target) -> Result<Synthesis, String> {
        Ok(self.ready()?.target(&of(target)?))
    }

    fn trust(&mut self, target: &Target) -> Result<Trust, String> {
        let leads = self.leads.clone().ok_or("no recording has been calibrated yet")?;
        if self.exam_trust.is_none() {
            let made = ExamTrust::new(&leads, &self.options, self.ready()?).map_err(|it| it.to_string())?;
            self.exam_trust = Some(made);
        }
        let exam_trust = self.exam_trust.as_ref().ok_or("no trust report")?;
        Ok(exam_trust.of(self.ready()?, &of(target)?))
    }

    fn held_out(&mut self, name: &LeadName) -> Result<Synthesis, String> {
        let leads = self.leads.clone().ok_or("no recording has been calibrated yet")?;
        let without = self.options.withholding(name);
        let calibration = synth::calibrate(&leads, &without, &mut |_| ControlFlow::Continue(())).map_err(|it| it.to_string())?;
        let target = synth::Target::lead(name).map_err(|it| it.to_string())?;
        calibration.mixing(&target).apply(&leads).map_err(|it| it.to_string())
    }

    fn panorama(&mut self, targets: &[Target]) -> Result<Vec<Synthesis>, String> {
        let synthesizer = self.ready()?;
        targets.iter().map(|it| Ok(synthesizer.target(&of(it)?))).collect()
    }

    fn body_map(&mut self) -> Result<BodyMap, String> {
        let synthesizer = self.ready()?;
        let n = self.leads.as_ref().map_or(0, |it| it.n_samples());
        Ok(synthesizer.body_map(&synth::sphere_directions(MAP_DIRECTIONS), 0..n))
    }
}

fn of(target: &Target) -> Result<synth::Target, String> {
    match target {
        Target::View(view) => Ok(synth::Target::View(*view)),
        Target::Lead(name) => synth::Target::lead(name).map_err(|it| it.to_string()),
    }
}

/// What is known about the model, in plain words.
pub fn model_card() -> &'static str {
    "Lead fields of an ensemble of simulated torsos, conditioned on this patient's recorded leads; every virtual lead is a signed mix of recorded ones."
}
