//! Leaving the work on screen: what is not saved is asked for first.

use super::Session;
use crate::session::{action::PathPurpose, prompts::Leaving};

impl Session {
    /// Leaves, or asks what to do with the edits.
    pub(super) fn leave_for(&mut self, leaving: Leaving) {
        let is_lost = match &leaving {
            Leaving::Show(loaded) if loaded.carries || self.is_taught() => {
                self.exam.is_some() && self.document.leaves_behind(&self.history.saved)
            }
            Leaving::Show(_) | Leaving::Close | Leaving::Quit => self.is_edited(),
        };
        if is_lost {
            self.prompts.unsaved = Some(leaving);
        } else {
            self.go(leaving);
        }
    }

    /// Whether what is at hand was set by a lesson or a quiz: a point that was tried on the way is no
    /// work.
    pub(super) fn is_taught(&self) -> bool {
        let lesson = self.lesson.as_ref().is_some_and(|it| 0 < it.at);
        lesson || self.quiz.as_ref().is_some_and(|it| 1 < it.number)
    }

    pub(super) fn save_and_leave(&mut self) {
        let Some(leaving) = self.prompts.unsaved.take() else {
            return;
        };
        self.ask_path(PathPurpose::Save);
        self.history.leave_after_save = Some(leaving);
    }

    pub(super) fn discard_and_leave(&mut self) {
        let leaving = self.prompts.unsaved.take();
        leaving.into_iter().for_each(|leaving| self.go(leaving));
    }

    /// Goes on with what waited for the work to be saved.
    pub(super) fn leave_after_save(&mut self) {
        let leaving = self.history.leave_after_save.take();
        leaving.into_iter().for_each(|leaving| self.go(leaving));
    }

    /// Whether the program may end: nothing is lost, or the user wants it lost.
    pub fn may_quit(&self) -> bool {
        self.history.may_quit
    }

    /// Ends. Edits that nobody was asked about (the screen went away) stay in the autosave.
    pub fn finish(&mut self) {
        if self.is_edited() && !self.may_quit() {
            self.write_autosave();
        } else {
            self.autosave.forget();
        }
    }

    fn go(&mut self, leaving: Leaving) {
        match leaving {
            Leaving::Show(loaded) => self.show(*loaded),
            Leaving::Close => self.close(),
            Leaving::Quit => self.history.may_quit = true,
        }
    }
}
