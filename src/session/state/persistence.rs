//! Saving, opening again, and what is left behind by a crash.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::Session;
use crate::{
    ecg::Target,
    formats::{Output, Overwrite, files_of_recording},
    session::{
        document::SourceRef,
        notice::Message,
        results::Calibrating,
        saved_calibration::{SavedCalibration, SavedLead, SavedReliability},
        saved_session::SavedSession,
        synthesised_lead::SynthesisedLead,
    },
    synth::weights_sha256,
};

impl Session {
    /// The session as it would be saved: what the user decided, and how each of its leads was made.
    pub fn to_save(&self) -> SavedSession {
        let calibration = self.calibrating.summary().map(|summary| SavedCalibration {
            summary: summary.clone(),
            leads: self.saved_leads(),
            reliability: self.saved_reliability(),
        });
        let as_saved = self.results.weights_as_saved.as_deref();
        let weights = as_saved.unwrap_or_else(|| weights_sha256()).to_owned();
        SavedSession::new(self.document.clone(), weights, calibration)
    }

    fn saved_leads(&self) -> Vec<SavedLead> {
        let Some(exam) = &self.exam else {
            return Vec::new();
        };
        let wanted = self.document.point_target();
        let point = self.results.point.iter();
        point
            .filter(|lead| lead.target == wanted)
            .chain(self.results.listed.values())
            .map(|lead| SavedLead::new(lead, &exam.leads))
            .collect()
    }

    fn saved_reliability(&self) -> Option<SavedReliability> {
        if let Some(as_saved) = &self.results.reliability_as_saved {
            return Some(as_saved.clone());
        }
        let (target, report) = self.results.reliability.as_ref()?;
        let is_of_point = *target == self.document.point_target();
        is_of_point.then(|| SavedReliability::new(target, report))
    }

    /// Shows a saved session as it was: its own leads by their own mixings, nothing computed anew.
    pub(super) fn restore(&mut self, session: SavedSession) {
        let Some(saved) = session.calibration else {
            self.notices.say(Message::SavedUncalibrated);
            return self.begin();
        };
        self.leave();
        let Some(exam) = &self.exam else { return };
        if let Err(problem) = saved.check(&exam.leads, &exam.truth_leads()) {
            self.notices.say(Message::SavedUnsound(problem));
            return self.begin();
        }
        let leads: Vec<SynthesisedLead> = saved
            .leads
            .iter()
            .filter_map(|lead| lead.synthesised(&exam.leads))
            .map(|lead| self.shown(lead))
            .collect();
        let of = |target: &Target| leads.iter().find(|lead| lead.target == *target).cloned();
        let wanted = self.document.point_target();
        let point = of(&wanted);
        let listed: BTreeMap<u32, SynthesisedLead> = self
            .document
            .virtual_leads
            .iter()
            .filter_map(|lead| Some((lead.id, of(&lead.target)?)))
            .collect();
        if point.is_none() || listed.len() < self.document.virtual_leads.len() {
            self.notices.say(Message::SavedIncomplete);
            return self.begin();
        }
        if session.weights_sha256 != weights_sha256() {
            self.notices.say(Message::OtherWeights {
                then: short(&session.weights_sha256),
                now: short(weights_sha256()),
            });
        }
        let results = &mut self.results;
        (results.point, results.listed) = (point, listed);
        results.reliability_as_saved = saved.reliability.filter(|said| said.target == wanted);
        results.weights_as_saved = Some(session.weights_sha256);
        self.calibrating = Calibrating::Saved(saved.summary);
    }

    /// Writes in place of what is there, but never over the recording at hand.
    pub(super) fn output(&self) -> Output {
        let source = match &self.document.source {
            Some(SourceRef::File { path, .. }) => files_of_recording(path),
            Some(SourceRef::Demo { .. } | SourceRef::Simulated { .. }) | None => Vec::new(),
        };
        Output::new(Overwrite::Allowed).reading(source)
    }

    /// What is saved where identity is hidden: the recording is known by its content, and at most by
    /// the folder that it lies in.
    fn without_identity(&self, folder: Option<PathBuf>) -> SavedSession {
        let mut session = self.to_save();
        if let Some(SourceRef::File { path, .. }) = &mut session.document.source
            && self.document.deidentified
        {
            *path = folder.unwrap_or_default();
        }
        session
    }

    /// The folder of the recording.
    fn folder(&self) -> Option<PathBuf> {
        match &self.document.source {
            Some(SourceRef::File { path, .. }) => path.parent().map(PathBuf::from),
            Some(SourceRef::Demo { .. } | SourceRef::Simulated { .. }) | None => None,
        }
    }

    /// Puts a file first among the recent ones, unless its name must not be seen.
    pub(super) fn remember(&mut self, path: &Path) {
        if !self.document.deidentified {
            self.settings.remember(path);
        }
    }

    pub(super) fn save(&mut self, path: PathBuf) {
        match self.without_identity(None).save(&path, &self.output()) {
            Ok(()) => {
                self.remember(&path);
                self.history.saved = self.document.clone();
                self.history.unsaved_since = None;
                self.autosave.forget();
                self.notices.say(Message::Saved(path));
                self.leave_after_save();
            }
            Err(problem) => {
                self.history.leave_after_save = None;
                self.notices.say(Message::NotSaved(problem));
            }
        }
    }

    /// Keeps the settings, where they are others than those kept.
    pub fn keep_settings(&mut self) {
        if self.settings == self.settings_as_kept {
            return;
        }
        self.settings_as_kept = self.settings.clone();
        if let Err(problem) = self.settings.keep(self.autosave.folder()) {
            self.notices.say(Message::SettingsNotKept(problem));
        }
    }

    pub(super) fn write_autosave(&mut self) {
        self.history.unsaved_since = None;
        if self.document.source.is_none() {
            return;
        }
        // It stays here, and must find the recording again.
        let session = self.without_identity(self.folder());
        if let Err(problem) = self.autosave.write(&session) {
            self.notices.say(Message::NotAutosaved(problem));
        }
    }
}

/// The first digits of a hash: enough to tell two apart.
fn short(sha256: &str) -> String {
    sha256.chars().take(8).collect()
}
