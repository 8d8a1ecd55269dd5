//! What the running program asks of the network, and what comes back.
//!
//! A new question is a variant of [`Query`], its place among the [`Key`]s, an arm of the engine and
//! one in `Session::handle_reply` for what was [`Found`].

use std::{collections::BTreeMap, sync::Arc};

use super::synthesised_lead::SynthesisedLead;
use crate::{
    ecg::{LeadName, LeadSet, LeadSetError, PlacementError, Target, UnknownLead, ViewAngle},
    formats::FormatError,
    reliability::{ExamReliability, Reliability},
    synth::{
        BodyMap, DeviceChoice, ElectrodeOffset, Note, Progress, SynthError, Synthesis, WornLeads,
    },
};

/// What to calibrate to.
#[derive(Debug)]
pub struct CalibrationRequest {
    /// The leads as recorded.
    pub leads: Arc<LeadSet>,
    /// Recorded leads kept out, to compare with.
    pub withhold: Vec<LeadName>,
    /// Exploring electrodes that sat elsewhere than their lead's name says.
    pub electrodes: Vec<(LeadName, ViewAngle)>,
    /// Off: the average torso and network, nothing calibrated.
    pub calibrated: bool,
    /// Where the network runs.
    pub device: DeviceChoice,
    /// How much it may cost.
    pub effort: Effort,
}

/// How much a calibration may cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Effort {
    /// The closed form alone, tens of milliseconds: a heart in the lab is followed with it.
    Quick,
    /// Everything.
    #[default]
    Whole,
}

/// One question.
#[derive(Clone, Debug)]
pub enum Query {
    /// A first estimate of the lead at the point, at once and before the calibration.
    Draft(Arc<CalibrationRequest>, Target),
    /// Calibrate to a patient; every later question is about this one.
    Calibrate(Arc<CalibrationRequest>),
    /// Calibrate to the same patient with more effort, once nothing more urgent is asked.
    Refine(Arc<CalibrationRequest>),
    /// Hide each recorded lead in turn: what reliability needs once per patient.
    Examine,
    /// The lead at the point.
    Point(Target),
    /// A lead of the list, by its id.
    Listed(u32, Target),
    /// A recorded lead that was kept out of the calibration.
    Compare(LeadName),
    /// A recorded lead, hidden from the calibration and predicted from the others.
    HeldOut(LeadName),
    /// The twelve leads with electrodes elsewhere.
    Misplaced(PlacementError),
    /// The potential at these places, for every moment of the page.
    BodyMap(Arc<[ViewAngle]>),
    /// How far to rely on a lead.
    Reliability(Arc<ExamReliability>, Target),
    /// How far to rely on a lead of the list, by its id.
    Grade(u32, Arc<ExamReliability>, Target),
    /// The 48 small views.
    Panorama,
}

/// What tells questions apart: of one key only the newest waits. The order is that of urgency.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // As the variants of `Query`.
pub enum Key {
    Draft,
    Calibrate,
    Examine,
    Point,
    Listed(u32),
    Compare(LeadName),
    HeldOut(LeadName),
    Misplaced,
    BodyMap,
    Refine,
    Reliability,
    Grade(u32),
    Panorama,
}

impl Query {
    /// What it replaces, and how urgent it is.
    pub fn key(&self) -> Key {
        match self {
            Self::Draft(..) => Key::Draft,
            Self::Calibrate(_) => Key::Calibrate,
            Self::Refine(_) => Key::Refine,
            Self::Examine => Key::Examine,
            Self::Point(_) => Key::Point,
            Self::Listed(id, _) => Key::Listed(*id),
            Self::Compare(name) => Key::Compare(name.clone()),
            Self::HeldOut(name) => Key::HeldOut(name.clone()),
            Self::Misplaced(_) => Key::Misplaced,
            Self::BodyMap(_) => Key::BodyMap,
            Self::Reliability(..) => Key::Reliability,
            Self::Grade(id, ..) => Key::Grade(*id),
            Self::Panorama => Key::Panorama,
        }
    }
}

/// What an engine found.
#[derive(Debug)]
pub enum Found {
    /// The calibration moved on.
    Progress(Progress),
    /// The calibration is done.
    Calibrated(CalibrationSummary),
    /// The errors of this patient's own leads.
    Examined(ExamReliability),
    /// The lead at the point.
    Point(SynthesisedLead),
    /// A lead of the list.
    Listed(u32, SynthesisedLead),
    /// The synthesis of a recorded lead that was kept out.
    Compared(LeadName, SynthesisedLead),
    /// A recorded lead predicted from the others.
    HeldOut(LeadName, Synthesis),
    /// The twelve leads with electrodes elsewhere.
    Misplaced(PlacementError, Box<WornLeads>),
    /// The potential over the skin.
    BodyMap(BodyMap),
    /// How far to rely on a lead.
    Reliability(Target, Box<Reliability>),
    /// How far to rely on a lead of the list.
    Grade(u32, Target, Box<Reliability>),
    /// The 48 small views.
    Panorama(Vec<Synthesis>),
}

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The room of the network says why.
    #[error(transparent)]
    Synth(#[from] SynthError),
    /// No such lead.
    #[error(transparent)]
    Lead(#[from] UnknownLead),
    /// A question about a patient came before one was calibrated.
    #[error("no recording has been calibrated yet")]
    NotCalibrated,
    /// The figures are those of the calibrated lead.
    #[error(
        "calibration is off: the figures are those of the calibrated lead, switch it on to see them"
    )]
    CalibrationOff,
    /// The recording inside the program that stands for an average patient cannot be read.
    #[error("the average patient of this program cannot be read: {0}")]
    AveragePatient(#[from] FormatError),
    /// The average patient has none of the recorded leads, or none can be made of them.
    #[error("none of these leads can be had: {0}")]
    Leads(#[from] LeadSetError),
    /// This engine knows no answer: a stand-in.
    #[error("{0}")]
    Unsupported(&'static str),
    /// The engine panicked; another one has taken its place and knows no patient.
    #[error("the network stopped ({0}); calibrate again")]
    EngineLost(String),
    /// Work beside the engine panicked.
    #[error("an unforeseen error: {0}")]
    Unforeseen(String),
}

/// What comes back: the question, the patient it was about, and what was found.
#[derive(Debug)]
pub struct Reply {
    /// Counts patients and calibrations; of a former one nothing is shown.
    pub epoch: u64,
    /// The question.
    pub query: Query,
    /// What was found, or why nothing was.
    pub result: Result<Found, QueryError>,
    /// Seconds from taking up the question to this reply.
    pub took_s: f64,
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
    /// What happened on the way.
    pub notes: Vec<Note>,
}

/// Questions that wait: of one key the newest, the most urgent first.
#[derive(Default)]
pub(super) struct Queue(BTreeMap<Key, Query>);

impl Queue {
    /// Replaces the question of the same key.
    pub fn push(&mut self, query: Query) {
        self.0.insert(query.key(), query);
    }

    /// The most urgent question; before a calibration only what leads to one.
    pub fn pop(&mut self, is_calibrated: bool) -> Option<Query> {
        let first = self.0.first_entry()?;
        (is_calibrated || *first.key() <= Key::Calibrate).then(|| first.remove())
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lead(text: &str) -> Target {
        text.parse().unwrap()
    }

    /// The keys and targets in the order in which `queries` are taken up.
    fn order(queries: Vec<Query>, is_calibrated: bool) -> Vec<String> {
        let mut queue = Queue::default();
        queries.into_iter().for_each(|query| queue.push(query));
        let next = || queue.pop(is_calibrated);
        std::iter::from_fn(next)
            .map(|query| match query {
                Query::Point(target) | Query::Listed(_, target) => target.name().to_string(),
                other => format!("{:?}", other.key()),
            })
            .collect()
    }

    fn calibrate() -> Query {
        let rate = crate::ecg::SampleRate::from_hz(500.0).unwrap();
        let lead = crate::ecg::Lead::measured(LeadName::I, vec![0.0; 10]);
        Query::Calibrate(Arc::new(CalibrationRequest {
            leads: Arc::new(LeadSet::new(rate, vec![lead]).unwrap()),
            withhold: Vec::new(),
            electrodes: Vec::new(),
            calibrated: true,
            device: DeviceChoice::Cpu,
            effort: Effort::Whole,
        }))
    }

    #[test]
    fn of_one_key_the_newest_waits() {
        let moves = ["V7", "V8", "V9"].map(|name| Query::Point(lead(name)));
        assert_eq!(order(moves.to_vec(), true), ["V9"]);
        let leads = vec![
            Query::Listed(2, lead("V7")),
            Query::Listed(1, lead("V8")),
            Query::Listed(2, lead("V9")),
        ];
        assert_eq!(order(leads, true), ["V8", "V9"], "each id is a key");
    }

    #[test]
    fn the_most_urgent_comes_first_whenever_it_was_asked() {
        let queries = vec![
            Query::Panorama,
            Query::HeldOut(LeadName::V2),
            Query::BodyMap(Arc::default()),
            Query::Compare(LeadName::V1),
            Query::Listed(4, lead("V8")),
            Query::Point(lead("V7")),
            Query::Examine,
            calibrate(),
        ];
        assert_eq!(
            order(queries, true),
            [
                "Calibrate",
                "Examine",
                "V7",
                "V8",
                "Compare(V1)",
                "HeldOut(V2)",
                "BodyMap",
                "Panorama"
            ]
        );
    }

    #[test]
    fn before_a_calibration_only_what_leads_to_one_is_taken_up() {
        assert_eq!(
            order(vec![Query::Panorama, calibrate()], false),
            ["Calibrate"]
        );
        assert!(order(vec![Query::Point(lead("V7")), Query::Examine], false).is_empty());
    }
}
