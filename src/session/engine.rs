//! The engine of the product: `synth` behind the worker's door. Everything that knows its
//! signatures is in this file.

use std::{
    ops::ControlFlow,
    sync::{Arc, LazyLock},
};

use super::{
    CalibrationRequest, CalibrationSummary, ElectrodeOffset, Engine, Examination, Examined, Made,
    Mapping, demos::demos,
};
use crate::{
    ecg::{Lead, LeadName, LeadSet, Target, ViewAngle, montage},
    formats::{self, ReadOptions},
    reliability::{ExamReliability, Reliability, is_measured},
    synth::{self, CalibrationOptions, Synthesis, Synthesizer},
};

pub use crate::synth::BodyMap;

/// How far a calibration is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stage {
    /// 0 to 1.
    pub fraction: f64,
    /// What is being done.
    pub step: synth::Step,
}

/// The engine that the product runs.
pub fn network() -> Box<dyn Engine> {
    Box::new(Network::default())
}

/// Whether measurements reach this direction: the published ones, or a standard chest electrode
/// nearby.
pub fn is_covered(view: ViewAngle) -> bool {
    /// As far as one published electrode is taken to reach, degrees.
    const REACH_DEG: f64 = 15.0;
    static CHEST: LazyLock<Vec<ViewAngle>> = LazyLock::new(|| {
        LeadName::CHEST
            .into_iter()
            .filter_map(|name| montage(&name)?.exploring_view())
            .collect()
    });
    is_measured(view)
        || CHEST
            .iter()
            .any(|it| it.angle_to(view).to_degrees() <= REACH_DEG)
}

#[derive(Default)]
struct Network {
    leads: Option<Arc<LeadSet>>,
    options: CalibrationOptions,
    is_calibrated: bool,
    synthesizer: Option<Synthesizer>,
    exam_trust: Option<Examined>,
}

impl Network {
    fn ready(&self) -> Result<&Synthesizer, String> {
        self.synthesizer
            .as_ref()
            .ok_or_else(|| "no recording has been calibrated yet".into())
    }
}

impl Engine for Network {
    fn begin(
        &mut self,
        begin: &CalibrationRequest,
        progress: &mut dyn FnMut(Stage) -> ControlFlow<()>,
    ) -> Result<CalibrationSummary, String> {
        self.options = CalibrationOptions {
            withhold: begin.withhold.clone(),
            device: begin.device,
            ..CalibrationOptions::default()
        };
        self.is_calibrated = begin.calibrated;
        let mut tell = |it: synth::Progress| {
            progress(Stage {
                fraction: it.fraction,
                step: it.step,
            })
        };
        let learnt_from = if begin.calibrated {
            (*begin.leads).clone()
        } else {
            average_patient(&begin.leads)?
        };
        let calibration = synth::calibrate(&learnt_from, &self.options, &mut tell)
            .map_err(|it| it.to_string())?;
        let mut notes: Vec<String> = calibration.notes().to_vec();
        notes.extend(
            calibration
                .unused()
                .iter()
                .map(|it| format!("{}: {}", it.lead, it.why.words())),
        );
        if !calibration.missing().is_empty() {
            let names: Vec<String> = calibration
                .missing()
                .iter()
                .map(ToString::to_string)
                .collect();
            notes.push(format!("not recorded: {}", names.join(", ")));
        }
        let by = if begin.calibrated {
            calibration.by().to_owned()
        } else {
            "weights of an average simulated patient: nothing learnt from this one".to_owned()
        };
        let electrodes = calibration.offsets().filter_map(seat).collect();
        let network = notes.iter().find_map(|it| {
            Some(
                it.strip_prefix("network ")?
                    .rsplit_once(" on ")?
                    .1
                    .to_owned(),
            )
        });
        let device = network.unwrap_or_else(|| "CPU".into());
        let learned = CalibrationSummary {
            by,
            device,
            notes,
            electrodes,
            ..CalibrationSummary::default()
        };
        self.synthesizer =
            Some(Synthesizer::new(&begin.leads, calibration).map_err(|it| it.to_string())?);
        self.leads = Some(begin.leads.clone());
        self.exam_trust = None;
        Ok(learned)
    }

    /// The closed form alone: milliseconds, and near to what the refinement will say.
    fn draft(&mut self, begin: &CalibrationRequest, target: &Target) -> Option<Made> {
        if !begin.calibrated {
            return None;
        }
        let options = CalibrationOptions {
            withhold: begin.withhold.clone(),
            ..CalibrationOptions::closed_form()
        };
        let calibration =
            synth::calibrate(&begin.leads, &options, &mut |_| ControlFlow::Continue(())).ok()?;
        let recipe = calibration.mixing(target);
        Some(Made {
            synthesis: recipe.apply(&begin.leads).ok()?,
            recipe,
        })
    }

    fn synthesise(&mut self, target: &Target) -> Result<Made, String> {
        let (synthesis, recipe) = self.ready()?.made(target);
        Ok(Made { synthesis, recipe })
    }

    fn examination(&mut self) -> Option<Examination> {
        if !self.is_calibrated {
            let off = "calibration is off: the figures are those of the calibrated lead, switch it on to see them";
            return Some(Box::new(|_| Err(off.into())));
        }
        let (leads, options, synthesizer) = (
            self.leads.clone()?,
            self.options.clone(),
            self.synthesizer.clone()?,
        );
        Some(Box::new(move |go_on| {
            let mut watch = |_| {
                if go_on() {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            };
            ExamReliability::watched(&leads, &options, &synthesizer, &mut watch)
                .map_err(|it| it.to_string())
        }))
    }

    fn examined(&mut self, found: Examined) {
        self.exam_trust = Some(found);
    }

    fn trust(&mut self, target: &Target) -> Result<Reliability, String> {
        let exam_trust = self
            .exam_trust
            .as_ref()
            .ok_or("no trust report")?
            .as_ref()
            .map_err(Clone::clone)?;
        Ok(exam_trust.of(self.ready()?, target))
    }

    fn held_out(&mut self, name: &LeadName) -> Result<Synthesis, String> {
        let leads = self
            .leads
            .clone()
            .ok_or("no recording has been calibrated yet")?;
        let without = self.options.withholding(name);
        let calibration = synth::calibrate(&leads, &without, &mut |_| ControlFlow::Continue(()))
            .map_err(|it| it.to_string())?;
        let target = Target::lead(name).map_err(|it| it.to_string())?;
        calibration
            .mixing(&target)
            .apply(&leads)
            .map_err(|it| it.to_string())
    }

    fn panorama(&mut self, targets: &[Target]) -> Result<Vec<Synthesis>, String> {
        let synthesizer = self.ready()?;
        Ok(synthesizer.targets(targets))
    }

    fn body_map(&mut self, places: Arc<[ViewAngle]>) -> Result<Mapping, String> {
        let synthesizer = self.ready()?.clone();
        Ok(Box::new(move || {
            synthesizer.body_map(&places, 0..synthesizer.n_samples())
        }))
    }
}

/// Where an electrode seems to sit, and whether that is farther off than electrodes scatter.
fn seat(offset: &synth::ElectrodeOffset) -> Option<ElectrodeOffset> {
    let nominal = montage(&offset.lead)?.exploring_view()?;
    let view = nominal.moved(
        offset.d_theta_deg.to_radians(),
        offset.d_phi_deg.to_radians(),
    );
    Some(ElectrodeOffset {
        lead: offset.lead.clone(),
        nominal,
        view,
        alarm: offset.alarm,
    })
}

/// The leads of an average patient (the healthy demo), as far as `leads` has them recorded: what
/// calibration would learn from nobody in particular.
fn average_patient(leads: &LeadSet) -> Result<LeadSet, String> {
    let demo = demos()
        .first()
        .ok_or("there is no average patient in this program")?;
    let opened = formats::read_bytes("average.edf", demo.bytes, &ReadOptions::default())
        .map_err(|it| it.to_string())?;
    let is_shared = |it: &&Lead| {
        leads
            .get(&it.name)
            .is_some_and(|own| !own.origin.is_synthesised())
    };
    let shared = opened
        .recording
        .leads
        .leads()
        .iter()
        .filter(is_shared)
        .cloned()
        .collect();
    LeadSet::new(opened.recording.leads.rate(), shared).map_err(|it| it.to_string())
}

/// What is known about the model, in plain words.
pub fn model_card() -> &'static str {
    "Lead fields of an ensemble of simulated torsos, conditioned on this patient's recorded leads; every virtual lead is a signed mix of recorded ones."
}
