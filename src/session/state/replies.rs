//! What the network brings.

use std::sync::Arc;

use super::Session;
use crate::session::{
    notice::Message,
    query::{Found, Key, QueryError, Reply},
    results::Calibrating,
    synthesised_lead::SynthesisedLead,
};

impl Session {
    pub(super) fn handle_reply(&mut self, reply: Reply) {
        let key = reply.query.key();
        self.results.trailing.remove(&key);
        let is_refined = key == Key::Refine && matches!(reply.result, Ok(Found::Calibrated(_)));
        match reply.result {
            Ok(found) => {
                if key != Key::Draft {
                    self.check_saved(&found);
                }
                self.handle_found(&key, found, reply.took_s);
            }
            Err(problem) => self.handle_problem(key, problem),
        }
        if is_refined {
            self.take_refined();
        }
    }

    /// Holds a lead made anew against the one that was saved.
    fn check_saved(&mut self, found: &Found) {
        let (Found::Point(lead) | Found::Listed(_, lead)) = found else {
            return;
        };
        let check = self.results.check.as_mut();
        if let Some(worst_uv) = check.and_then(|check| check.compare(lead)) {
            self.results.check = None;
            self.notices.say(if worst_uv == 0.0 {
                Message::SavedAgrees
            } else {
                Message::SavedDiffers { worst_uv }
            });
        }
    }

    fn handle_found(&mut self, key: &Key, found: Found, took_s: f64) {
        let results = &mut self.results;
        match found {
            // What is shown stays while it is refined, or trails a heart that changes.
            Found::Progress(_) if *key == Key::Refine || results.are_trailing() => {}
            Found::Progress(progress) => self.calibrating = Calibrating::Running(progress),
            Found::Calibrated(mut summary) => {
                summary.took_s = took_s;
                self.calibrating = Calibrating::Ready(summary);
                self.ask_misplaced();
            }
            Found::Examined(exam) => {
                let exam = match &self.exam {
                    Some(known) => exam.knowing(&known.recording),
                    None => exam,
                };
                results.examined = Some(Arc::new(exam));
                self.ask_reliability();
                self.ask_grades();
            }
            Found::Point(lead) => {
                results.answer_s = took_s;
                self.results.point = Some(self.shown(lead));
            }
            // The list may have changed on the way.
            Found::Listed(id, lead) if self.document.lists(id, &lead.target) => {
                let lead = self.shown(lead);
                self.results.listed.insert(id, lead);
            }
            Found::Grade(id, target, report) if self.document.lists(id, &target) => {
                results.grades.insert(id, *report);
            }
            Found::Listed(..) | Found::Grade(..) => {}
            Found::Compared(name, lead) => {
                let lead = self.shown(lead);
                self.results.compared.insert(name, lead);
            }
            Found::HeldOut(name, synthesis) => drop(results.held_out.insert(name, synthesis)),
            Found::Misplaced(error, worn) => self.take_misplaced(error, *worn),
            Found::BodyMap(map) => results.map = Some(Arc::new(map)),
            Found::Reliability(target, report) => results.reliability = Some((target, report)),
            Found::Panorama(views) => results.panorama = Some(views),
        }
    }

    fn handle_problem(&mut self, key: Key, problem: QueryError) {
        match (key, problem) {
            (_, QueryError::EngineLost(reason)) => {
                self.notices.say(Message::EngineLost(reason.clone()));
                self.calibrating = Calibrating::Failed(QueryError::EngineLost(reason));
            }
            (Key::Calibrate | Key::Refine, problem) => {
                self.calibrating = Calibrating::Failed(problem)
            }
            (Key::Examine | Key::Reliability | Key::Grade(_), problem) => {
                self.results.reliability_problem = Some(problem);
            }
            (Key::Draft, _) => {} // The calibration will say it.
            (_, problem) => self.notices.say(Message::NoAnswer(problem)),
        }
    }

    /// The lead through the display filters.
    pub(super) fn shown(&self, lead: SynthesisedLead) -> SynthesisedLead {
        match &self.exam {
            Some(exam) => lead.filtered(&self.document.filters, exam.leads.rate()),
            None => lead,
        }
    }
}
