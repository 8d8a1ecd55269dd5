//! The session's part of a lesson: each step sets its state by the edits and commands that a user has.

use std::sync::Arc;

use super::Session;
use crate::session::{
    document::SourceRef,
    edit::Edit,
    lessons::{Lesson, LessonMove, OpenLesson, Step},
    notice::Message,
    open::Wanted,
};

impl Session {
    pub(super) fn move_lesson(&mut self, wanted: LessonMove) {
        match wanted {
            LessonMove::Begin(lesson) => self.begin_lesson(lesson),
            LessonMove::Open(path) => match Lesson::open(&path) {
                Ok(lesson) => self.begin_lesson(Arc::new(lesson)),
                Err(problem) => self.notices.say(Message::NoLesson(problem)),
            },
            LessonMove::Go(step) => self.go_to_step(step),
            LessonMove::Choose(choice) => {
                if let Some(open) = &mut self.lesson {
                    open.chosen.get_or_insert(choice);
                }
            }
            LessonMove::End => self.lesson = None,
        }
    }

    fn begin_lesson(&mut self, lesson: Arc<Lesson>) {
        self.lesson = Some(OpenLesson {
            lesson,
            at: 0,
            chosen: None,
            is_pending: false,
        });
        self.go_to_step(0);
    }

    fn go_to_step(&mut self, at: usize) {
        let Some(open) = self.lesson.as_mut().filter(|it| at < it.lesson.steps.len()) else {
            return;
        };
        (open.at, open.chosen) = (at, None);
        // A step stands on the last patient that was named before it.
        let named = open.lesson.steps[..=at].iter().rev();
        let wanted = named.filter_map(wanted).next();
        let is_here = match (&wanted, &self.document.source) {
            (Some(Wanted::Demo(name)), Some(SourceRef::Demo { name: here })) => name == here,
            (Some(Wanted::Simulated(heart)), Some(SourceRef::Simulated { heart: here })) => {
                heart == here
            }
            _ => false,
        };
        // Work of one's own is asked about on the way to the same patient as well.
        let is_kept = is_here && !self.has_own_work();
        if let Some(open) = &mut self.lesson {
            open.is_pending = !is_kept;
        }
        match wanted.filter(|_| !is_kept) {
            Some(wanted) => self.open(wanted),
            None => self.set_step(),
        }
    }

    /// Whether there is something that nobody set by a lesson or a quiz.
    fn has_own_work(&self) -> bool {
        if self.is_taught() {
            self.document.leaves_behind(&self.history.saved)
        } else {
            self.is_edited()
        }
    }

    /// Sets what the step at hand sets beside its patient, once he is there.
    pub(super) fn set_step(&mut self) {
        let Some(open) = &mut self.lesson else { return };
        open.is_pending = false;
        let step = open.step().clone();
        self.edit(Edit::ShowSheet(step.sheet));
        if let Some(place) = step.place {
            self.edit(Edit::UsePreset(place));
        }
        match step.misplaced {
            Some(error) => self.misplace(error),
            None => self.leave_misplacement(),
        }
        // It is the lesson's work, not the learner's: leaving it asks nothing.
        self.history.saved = self.document.clone();
    }

    /// The state of a step whose recording has come.
    pub(super) fn set_pending_step(&mut self) {
        if self.lesson.as_ref().is_some_and(|it| it.is_pending) {
            self.set_step();
        }
    }
}

/// The patient that a step names.
fn wanted(step: &Step) -> Option<Wanted> {
    let demo = step.demo.clone().map(Wanted::Demo);
    demo.or_else(|| step.heart.clone().map(Wanted::Simulated))
}
