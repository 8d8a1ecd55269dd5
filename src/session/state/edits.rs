//! Changes of the document: undone, redone, and followed by whatever they ask to be computed anew.

use std::time::Instant;

use super::{Calibrating, Session};
use crate::ecg::{Montage, montage};
use crate::session::{Action, Document, Severity, Undo, VirtualLead};

impl Session {
    pub(super) fn edit(&mut self, action: Action) {
        let before = self.document.clone();
        let gesture = action.gesture();
        edit_document(&mut self.document, action);
        if before == self.document || !self.document.is_sound() {
            self.document = before;
            return;
        }
        self.undo.note(before.clone(), gesture);
        self.recompute(&before, gesture.is_none());
    }

    pub(super) fn step_history(&mut self, step: fn(&mut Undo, &Document) -> Option<Document>) {
        let Some(document) = step(&mut self.undo, &self.document) else {
            return;
        };
        let before = std::mem::replace(&mut self.document, document);
        self.recompute(&before, true);
    }

    /// Computes anew what the change of the document asks for.
    fn recompute(&mut self, before: &Document, settled: bool) {
        self.unsaved_since.get_or_insert_with(Instant::now);
        let Some(exam) = &mut self.exam else { return };
        let document = self.document.clone();
        if before.window_start_s != document.window_start_s {
            match exam.move_window(document.window_start_s, &document.filters) {
                Ok(()) => return self.begin(),
                Err(problem) => {
                    self.document.window_start_s = before.window_start_s;
                    self.notices.say(Severity::Error, problem);
                }
            }
        }
        if before.filters != document.filters {
            exam.refilter(&document.filters);
            self.refilter_answers();
        }
        if before.calibrated != document.calibrated {
            return self.begin();
        }
        if before.point_target() != document.point_target() {
            if self.learn_if_only_saved() {
                return;
            }
            self.worker.point(document.point_target());
            if settled {
                self.ask_trust();
            }
        }
        self.ask_listed();
    }

    pub(super) fn end_gesture(&mut self) {
        self.undo.end_gesture();
        let is_as_saved = matches!(self.calibrating, Calibrating::Saved(_));
        if !is_as_saved
            && self
                .trust
                .as_ref()
                .is_none_or(|it| it.0 != self.document.point_target())
        {
            self.ask_trust();
        }
    }
}

fn edit_document(document: &mut Document, action: Action) {
    match action {
        Action::MovePoint(view) => (document.point, document.preset) = (view, None),
        Action::UsePreset(name) => {
            let view = montage(&name).and_then(Montage::exploring_view);
            document.point = view.unwrap_or(document.point);
            document.preset = Some(name);
        }
        Action::AddVirtual(target) => {
            if !document.virtual_leads.iter().any(|it| it.target == target) {
                let id = document.fresh_id();
                document.virtual_leads.push(VirtualLead {
                    id,
                    target,
                    name: None,
                    pinned: false,
                });
            }
        }
        Action::RemoveVirtual(id) => document.virtual_leads.retain(|it| it.id != id),
        Action::RenameVirtual(id, name) => {
            let name = Some(name.trim().to_owned()).filter(|it| !it.is_empty());
            document
                .virtual_leads
                .iter_mut()
                .filter(|it| it.id == id)
                .for_each(|it| it.name.clone_from(&name));
        }
        Action::PinVirtual(id, pinned) => document
            .virtual_leads
            .iter_mut()
            .filter(|it| it.id == id)
            .for_each(|it| it.pinned = pinned),
        Action::SetPage(page) => document.page = page,
        Action::SetFilters(filters) => document.filters = filters,
        Action::SetWindow(start_s) => document.window_start_s = start_s.max(0.0),
        Action::AddCaliper(caliper) => document.calipers.push(caliper),
        Action::MoveCaliper(idx, caliper) => {
            if let Some(it) = document.calipers.get_mut(idx) {
                *it = caliper;
            }
        }
        Action::RemoveCaliper(idx) if idx < document.calipers.len() => {
            drop(document.calipers.remove(idx))
        }
        Action::ClearCalipers => document.calipers.clear(),
        Action::SetCalibrated(on) => document.calibrated = on,
        Action::SetDeidentified(on) => document.deidentified = on,
        _ => {}
    }
}
