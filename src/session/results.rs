//! What is known of the patient on screen beyond the recording: how the calibration stands, and
//! what the network has found.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    query::{CalibrationSummary, Key, QueryError},
    saved_calibration::SavedReliability,
    saved_check::SavedCheck,
    synthesised_lead::SynthesisedLead,
};
use crate::{
    ecg::{LeadName, SampleRate, Target},
    reliability::{ExamReliability, Reliability},
    signal::FilterSettings,
    synth::{BodyMap, Progress, Synthesis},
};

/// How the patient-specific calibration stands.
#[derive(Debug, Default)]
pub enum Calibrating {
    /// Nothing to calibrate to.
    #[default]
    Idle,
    /// Under way.
    Running(Progress),
    /// Done.
    Ready(CalibrationSummary),
    /// As a saved session has it: its leads are shown as they were, nothing was computed.
    Saved(CalibrationSummary),
    /// It could not be done.
    Failed(QueryError),
    /// The user stopped it.
    Cancelled,
}

impl Calibrating {
    /// What was found, now or when the session was saved.
    pub fn summary(&self) -> Option<&CalibrationSummary> {
        match self {
            Self::Ready(summary) | Self::Saved(summary) => Some(summary),
            Self::Idle | Self::Running(_) | Self::Failed(_) | Self::Cancelled => None,
        }
    }
}

/// What the network found for the patient on screen; nothing of it outlives a calibration.
#[derive(Default)]
pub struct Results {
    /// The lead at the point; the last one that came, which may trail the point while it moves.
    pub point: Option<SynthesisedLead>,
    /// Seconds that this lead took.
    pub answer_s: f64,
    /// Leads of the list, by id.
    pub listed: BTreeMap<u32, SynthesisedLead>,
    /// Leads synthesised to compare with recorded ones, by name.
    pub compared: BTreeMap<LeadName, SynthesisedLead>,
    /// Recorded leads, each predicted from the others, by name.
    pub held_out: BTreeMap<LeadName, Synthesis>,
    /// The small views.
    pub panorama: Option<Vec<Synthesis>>,
    /// The potential over the skin.
    pub map: Option<Arc<BodyMap>>,
    /// How far to rely on the point.
    pub reliability: Option<(Target, Box<Reliability>)>,
    /// What the reliability report said when the session was saved, until it is made anew.
    pub reliability_as_saved: Option<SavedReliability>,
    /// How far to rely on the leads of the list, by id.
    pub grades: BTreeMap<u32, Reliability>,
    /// Why there is no reliability report, if it was tried.
    pub reliability_problem: Option<QueryError>,
    /// This patient's own errors.
    pub(super) examined: Option<Arc<ExamReliability>>,
    /// Identity of the weights that the leads were made with, as a saved session has it; the leads
    /// are shown as saved then, and nobody has checked them.
    pub(super) weights_as_saved: Option<String>,
    /// Saved leads that are being made anew, to compare.
    pub(super) check: Option<SavedCheck>,
    /// What is shown of a heart that has changed since, until its answer comes.
    pub(super) trailing: BTreeSet<Key>,
    /// Questions that are asked once for each patient.
    pub(super) asked: BTreeSet<Key>,
}

impl Results {
    /// Whether the leads are those of a saved session, which nobody has checked.
    pub fn are_as_saved(&self) -> bool {
        self.weights_as_saved.is_some()
    }

    /// Whether something is shown that an answer on its way will replace.
    pub fn are_trailing(&self) -> bool {
        !self.trailing.is_empty()
    }

    /// The leads through other display filters.
    pub(super) fn refilter(&mut self, filters: &FilterSettings, rate: SampleRate) {
        let leads = self.point.iter_mut().chain(self.listed.values_mut());
        for lead in leads.chain(self.compared.values_mut()) {
            *lead = lead.filtered(filters, rate);
        }
    }
}
