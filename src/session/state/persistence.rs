//! Saving, opening again, and what is left behind by a crash.

use std::{collections::BTreeMap, path::PathBuf};

use super::{Calibrating, Session, SynthesisedLead};
use crate::{
    ecg::Target,
    session::{Made, SavedCalibration, SavedLead, SavedReliability, SavedSession, Severity},
    synth::weights_sha256,
};

impl Session {
    /// The session as it would be saved: what the user decided, and how each of its leads was made.
    pub fn to_save(&self) -> SavedSession {
        let calibration = self.calibrating.summary().map(|learned| SavedCalibration {
            learned: learned.clone(),
            leads: self.saved_leads(),
            trust: self.trust_as_saved.clone().or_else(|| self.saved_trust()),
        });
        let weights = self
            .weights
            .clone()
            .unwrap_or_else(|| weights_sha256().to_owned());
        SavedSession::new(self.document.clone(), weights, calibration)
    }

    fn saved_leads(&self) -> Vec<SavedLead> {
        let Some(exam) = &self.exam else {
            return Vec::new();
        };
        let wanted = self.document.point_target();
        let point = self.point.iter().filter(|it| it.target == wanted);
        let made = |it: &SynthesisedLead| Made {
            synthesis: it.raw.clone(),
            recipe: it.recipe.clone(),
        };
        point
            .chain(self.listed.values())
            .map(|it| SavedLead::new(&it.target, &made(it), &exam.leads))
            .collect()
    }

    fn saved_trust(&self) -> Option<SavedReliability> {
        let (target, trust) = self
            .trust
            .as_ref()
            .filter(|it| it.0 == self.document.point_target())?;
        Some(SavedReliability {
            target: target.clone(),
            grade: trust.grade,
            expected_rmse_uv: trust.expected_rmse_uv,
            reasons: trust.reasons.clone(),
            warnings: trust.warnings.clone(),
        })
    }

    /// Shows a saved session as it was: its own leads by their own recipes, nothing computed anew.
    pub(super) fn restore(&mut self, session: SavedSession) {
        let Some(saved) = session.calibration else {
            self.notices.say(
                Severity::Info,
                "The session was saved before its calibration was done: it is done now.",
            );
            return self.begin();
        };
        self.epoch = self.worker.leave();
        self.forget_answers();
        let Some(exam) = &self.exam else { return };
        let made = |lead: &SavedLead| self.answered(lead.target.clone(), lead.made(&exam.leads)?);
        let leads: Vec<SynthesisedLead> = saved.leads.iter().filter_map(made).collect();
        let of = |target: &Target| leads.iter().find(|it| it.target == *target).cloned();
        let point = of(&self.document.point_target());
        let listed: BTreeMap<u32, SynthesisedLead> = self
            .document
            .virtual_leads
            .iter()
            .filter_map(|it| Some((it.id, of(&it.target)?)))
            .collect();
        let is_whole = point.is_some() && listed.len() == self.document.virtual_leads.len();
        if !is_whole {
            self.notices.say(Severity::Info, "The session was saved before all of its leads were there: they are calibrated anew.");
            return self.begin();
        }
        if session.weights_sha256 != weights_sha256() {
            let (then, now) = (short(&session.weights_sha256), short(weights_sha256()));
            self.notices.say(
                Severity::Warning,
                format!(
                    "This session was saved with other weights ({then}; this program has {now}). Its leads are shown as they were saved; \
                     “Calibrate again” makes them anew."
                ),
            );
        }
        (self.point, self.listed) = (point, listed);
        self.trust_as_saved = saved
            .trust
            .filter(|it| it.target == self.document.point_target());
        self.weights = Some(session.weights_sha256);
        self.calibrating = Calibrating::Saved(saved.learned);
    }

    pub(super) fn save(&mut self, path: PathBuf) {
        match self.to_save().save(&path) {
            Ok(()) => {
                self.notices
                    .say(Severity::Info, format!("Saved as {}", path.display()));
                self.settings.remember(&path);
                self.saved = self.document.clone();
                self.saved_at = Some(path);
            }
            Err(problem) => self.notices.say(Severity::Error, problem.to_string()),
        }
    }

    /// Whether the document differs from what was last saved or opened.
    pub fn is_edited(&self) -> bool {
        self.saved != self.document
    }

    pub(super) fn autosave(&mut self) {
        self.unsaved_since = None;
        if self.document.source.is_none() {
            return;
        }
        if let Err(problem) = self.autosave.write(&self.to_save()) {
            self.notices.say(Severity::Warning, problem.to_string());
        }
    }
}

/// The first digits of a hash: enough to tell two apart.
fn short(sha256: &str) -> &str {
    sha256.get(..8).unwrap_or(sha256)
}
