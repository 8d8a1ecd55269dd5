//! What the worker brings, and what is asked of it.

use std::sync::Arc;

use super::{Calibrating, Session, SynthesisedLead};
use crate::{
    ecg::{Lead, LeadName, LeadSet, Target, ViewAngle},
    session::{Answer, CalibrationRequest, Made, Severity, Stage},
    synth::Synthesis,
};

impl Session {
    pub(super) fn ask_compare(&mut self, name: &LeadName) {
        if !self.compared.contains_key(name) {
            self.learn_if_only_saved();
            match Target::lead(name) {
                Ok(target) => self.worker.extra(target),
                Err(unknown) => self.notices.say(Severity::Warning, unknown.to_string()),
            }
        }
    }

    pub(super) fn ask_held_out(&mut self, name: LeadName) {
        self.learn_if_only_saved();
        if self.asked.insert(name.clone()) {
            self.worker.held_out(name);
        }
    }

    /// A saved session holds its own leads and no more: what goes beyond them is learnt anew, and
    /// said. Whether it was so.
    pub(super) fn learn_if_only_saved(&mut self) -> bool {
        if !matches!(self.calibrating, Calibrating::Saved(_)) {
            return false;
        }
        self.notices.say(
            Severity::Info,
            "Calibrated anew: the saved session holds its own leads only.",
        );
        self.begin();
        true
    }

    pub(super) fn begin(&mut self) {
        self.begin_in = None;
        let Some(exam) = &self.exam else { return };
        let begin = CalibrationRequest {
            leads: exam.leads.clone(),
            withhold: exam.truth_leads(),
            calibrated: self.document.calibrated,
            device: self.settings.device,
            first: Some(self.document.point_target()),
        };
        self.forget_answers();
        self.weights = None;
        self.epoch = self.worker.begin(begin);
        self.calibrating = Calibrating::Running(Stage::default());
        self.worker.point(self.document.point_target());
        self.ask_listed();
        self.worker.trust(self.document.point_target());
    }

    /// What was computed for the former patient or calibration must not be seen with the new one.
    pub(super) fn forget_answers(&mut self) {
        (
            self.point,
            self.trust,
            self.trust_problem,
            self.panorama,
            self.map,
        ) = (None, None, None, None, None);
        self.trust_as_saved = None;
        self.listed.clear();
        self.compared.clear();
        self.held_out.clear();
        self.asked.clear();
        (self.map_asked, self.panorama_asked) = (false, false);
    }

    pub(super) fn ask_listed(&mut self) {
        let leads = &self.document.virtual_leads;
        self.listed.retain(|id, it| {
            leads
                .iter()
                .any(|lead| lead.id == *id && lead.target == it.target)
        });
        let wanted: Vec<(u32, Target)> = leads
            .iter()
            .filter(|it| !self.listed.contains_key(&it.id))
            .map(|it| (it.id, it.target.clone()))
            .collect();
        if wanted.is_empty() || self.learn_if_only_saved() {
            return;
        }
        for (id, target) in wanted {
            self.worker.listed(id, target);
        }
    }

    pub(super) fn ask_trust(&mut self) {
        self.trust_problem = None;
        if self.learn_if_only_saved() {
            return;
        }
        self.worker.trust(self.document.point_target());
    }

    pub(super) fn ask_panorama(&mut self) {
        self.learn_if_only_saved();
        if self.panorama.is_none() && !std::mem::replace(&mut self.panorama_asked, true) {
            let targets = Target::panorama().into_iter().map(|it| it.1).collect();
            self.worker.panorama(targets);
        }
    }

    pub(super) fn ask_map(&mut self, places: Arc<[ViewAngle]>) {
        self.learn_if_only_saved();
        if self.map.is_none() && !std::mem::replace(&mut self.map_asked, true) {
            self.worker.body_map(places);
        }
    }

    pub(super) fn take(&mut self, answer: Answer) {
        match answer {
            Answer::Lost(reason) => {
                self.calibrating =
                    Calibrating::Failed(format!("the network stopped ({reason}); calibrate again"));
                self.notices.say(
                    Severity::Error,
                    format!("The synthesis stopped unexpectedly: {reason}. The recording is untouched; choose “Calibrate again”."),
                );
            }
            Answer::Progress(epoch, stage) if epoch == self.epoch => {
                if matches!(self.calibrating, Calibrating::Running(_)) {
                    self.calibrating = Calibrating::Running(stage);
                }
            }
            Answer::Ready(epoch, Ok(learned)) if epoch == self.epoch => {
                self.calibrating = Calibrating::Ready(learned)
            }
            Answer::Ready(epoch, Err(problem)) if epoch == self.epoch => {
                self.calibrating = Calibrating::Failed(problem)
            }
            Answer::Cancelled(epoch) if epoch == self.epoch => {
                self.calibrating = Calibrating::Cancelled
            }
            Answer::Point(epoch, target, Ok(made), took_s) if epoch == self.epoch => {
                self.answer_s = took_s;
                self.point = self.answered(target, *made);
            }
            Answer::Listed(epoch, id, Ok(made)) if epoch == self.epoch => {
                let target = self
                    .document
                    .virtual_leads
                    .iter()
                    .find(|it| it.id == id)
                    .map(|it| it.target.clone());
                if let Some(answered) = target.and_then(|it| self.answered(it, *made)) {
                    self.listed.insert(id, answered);
                }
            }
            Answer::Extra(epoch, target, Ok(made)) if epoch == self.epoch => {
                if let Some(answered) = self.answered(target, *made) {
                    self.compared.insert(answered.target.name(), answered);
                }
            }
            Answer::HeldOut(epoch, name, Ok(synthesis)) if epoch == self.epoch => {
                drop(self.held_out.insert(name, synthesis))
            }
            Answer::Trust(epoch, target, Ok(trust)) if epoch == self.epoch => {
                self.trust = Some((target, trust))
            }
            Answer::Trust(epoch, _, Err(problem)) if epoch == self.epoch => {
                self.trust_problem = Some(problem)
            }
            Answer::Panorama(epoch, Ok(views)) if epoch == self.epoch => {
                self.panorama = Some(views)
            }
            Answer::Map(epoch, Ok(map)) if epoch == self.epoch => self.map = Some(map),
            Answer::Point(epoch, _, Err(problem), _)
            | Answer::Listed(epoch, _, Err(problem))
            | Answer::Extra(epoch, _, Err(problem))
            | Answer::HeldOut(epoch, _, Err(problem))
            | Answer::Panorama(epoch, Err(problem))
            | Answer::Map(epoch, Err(problem))
                if epoch == self.epoch =>
            {
                self.notices.say(Severity::Warning, problem);
            }
            _ => {} // For a patient who is no longer on screen.
        }
    }

    pub(super) fn answered(&self, target: Target, made: Made) -> Option<SynthesisedLead> {
        let Made {
            synthesis: raw,
            recipe,
        } = made;
        Some(SynthesisedLead {
            target,
            synthesis: self.filtered(&raw)?,
            raw,
            recipe,
        })
    }

    /// The lead through the display filters; the band keeps its width, which filters narrow at
    /// most.
    fn filtered(&self, raw: &Synthesis) -> Option<Synthesis> {
        if self.document.filters.is_off() {
            return Some(raw.clone());
        }
        let rate = self.exam.as_ref()?.leads.rate();
        let alone = LeadSet::new(rate, vec![raw.lead.clone()]).ok()?;
        let lead: Lead = self.document.filters.apply(&alone).leads().first()?.clone();
        Some(Synthesis {
            lead,
            ..raw.clone()
        })
    }

    pub(super) fn refilter_answers(&mut self) {
        let again = |session: &Self, it: &SynthesisedLead| {
            session.answered(
                it.target.clone(),
                Made {
                    synthesis: it.raw.clone(),
                    recipe: it.recipe.clone(),
                },
            )
        };
        let point = self.point.as_ref().and_then(|it| again(self, it));
        let listed = self
            .listed
            .iter()
            .filter_map(|(id, it)| Some((*id, again(self, it)?)))
            .collect();
        let compared = self
            .compared
            .iter()
            .filter_map(|(name, it)| Some((name.clone(), again(self, it)?)))
            .collect();
        (self.point, self.listed, self.compared) = (point, listed, compared);
    }
}
