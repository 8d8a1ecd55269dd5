//! What the thread of the network is asked, what it can do, and what it answers.

use std::{ops::ControlFlow, sync::Arc};

use super::{BodyMap, Stage};
use crate::{
    ecg::{LeadName, LeadSet, Target, ViewAngle},
    reliability::{ExamReliability, Reliability},
    synth::{DeviceChoice, Mixing, Synthesis},
};

/// What to learn a patient from.
#[derive(Clone)]
pub struct CalibrationRequest {
    /// The leads as recorded.
    pub leads: Arc<LeadSet>,
    /// Recorded leads kept out, to compare with.
    pub withhold: Vec<LeadName>,
    /// Off: the average torso and network, nothing learnt.
    pub calibrated: bool,
    /// Where the network runs.
    pub device: DeviceChoice,
    /// The lead that is wanted first.
    pub first: Option<Target>,
}

/// A lead and how it was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// The lead.
    pub synthesis: Synthesis,
    /// Weights and error: the same lead of any other part of the recording.
    pub recipe: Mixing,
}

/// The part of trust that is the same for every lead of a patient.
pub type Examined = Result<ExamReliability, String>;
/// The making of it; it asks now and then whether to go on.
pub type Examination = Box<dyn FnOnce(&dyn Fn() -> bool) -> Examined + Send>;

/// The making of a body map.
pub type Mapping = Box<dyn FnOnce() -> BodyMap + Send>;

/// What the thread can do. The product has one; tests have another.
pub trait Engine {
    /// Learns the patient. `progress` is called often; a break stops the work.
    fn begin(
        &mut self,
        begin: &CalibrationRequest,
        progress: &mut dyn FnMut(Stage) -> ControlFlow<()>,
    ) -> Result<CalibrationSummary, String>;
    /// A first estimate of one lead, at once and before the patient is learnt; `None` where there
    /// is none worth showing.
    fn draft(&mut self, _begin: &CalibrationRequest, _target: &Target) -> Option<Made> {
        None
    }
    /// One lead.
    fn synthesise(&mut self, target: &Target) -> Result<Made, String>;
    /// Work that trust needs once per patient and that takes long: done beside the thread, so that
    /// a drag never waits for it.
    fn examination(&mut self) -> Option<Examination>;
    /// What the examination found.
    fn examined(&mut self, found: Examined);
    /// How far to believe one lead.
    fn trust(&mut self, target: &Target) -> Result<Reliability, String>;
    /// A recorded lead, hidden from calibration and synthesised from the others.
    fn held_out(&mut self, name: &LeadName) -> Result<Synthesis, String>;
    /// Small leads all around the chest.
    fn panorama(&mut self, targets: &[Target]) -> Result<Vec<Synthesis>, String>;
    /// The potential at these places, for every moment of the page.
    fn body_map(&mut self, places: Arc<[ViewAngle]>) -> Result<Mapping, String>;
}

/// Where one recorded electrode seems to sit.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ElectrodeOffset {
    /// The lead.
    pub lead: LeadName,
    /// Where it belongs.
    pub nominal: ViewAngle,
    /// Where calibration puts it.
    pub view: ViewAngle,
    /// Farther off than electrodes scatter: misplaced, or another lead.
    pub alarm: bool,
}

/// What calibration found, for the torso and the status line.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct CalibrationSummary {
    /// Method and identity of the weights.
    pub by: String,
    /// CPU, or the name of the graphics card.
    pub device: String,
    /// Seconds that it took.
    pub took_s: f64,
    /// Where the recorded electrodes seem to sit.
    pub electrodes: Vec<ElectrodeOffset>,
    /// Plain words worth knowing.
    pub notes: Vec<String>,
}

/// What comes back. `epoch` tells which patient it belongs to.
pub enum Answer {
    /// Calibration moved.
    Progress(u64, Stage),
    /// The patient is learnt.
    Ready(u64, Result<CalibrationSummary, String>),
    /// Calibration was cancelled.
    Cancelled(u64),
    /// The lead at the point, and the seconds from taking the request to the answer.
    Point(u64, Target, Result<Box<Made>, String>, f64),
    /// A lead of the list.
    Listed(u64, u32, Result<Box<Made>, String>),
    /// Another lead, by target: truth leads, neighbours.
    Extra(u64, Target, Result<Box<Made>, String>),
    /// A recorded lead foretold from the others.
    HeldOut(u64, LeadName, Result<Synthesis, String>),
    /// How far to believe the point.
    Trust(u64, Target, Result<Box<Reliability>, String>),
    /// The 48 small views.
    Panorama(u64, Result<Vec<Synthesis>, String>),
    /// The potential over the skin.
    Map(u64, Result<BodyMap, String>),
    /// The thread came to grief; it has been started again.
    Lost(String),
}
