//! Other recordings than the one at hand: the list of exams, opened one after another; what is said
//! of them; the one that is held against it.

use std::path::PathBuf;

use super::Session;
use crate::{
    ecg::PlacementError,
    session::{
        action::Towards,
        document::SourceRef,
        job::Job,
        notice::Message,
        open::{OpenError, Wanted},
        other_exam::OtherExam,
        query::Query,
        read_as::ReadAs,
        review_log::{ExamId, Review},
        worklist::{ListedExam, Worklist},
    },
    synth::WornLeads,
};

impl Session {
    /// Looks through a folder, an archive or a file of several exams.
    pub(super) fn list(&mut self, place: PathBuf, shows_first: bool) {
        self.worklist = Some(Worklist::start(place, shows_first, &self.wake));
    }

    /// Lists a file that holds several exams, unless it is part of the list at hand.
    pub(super) fn list_file(&mut self) {
        let several = self.exam.as_ref().is_some_and(|exam| 1 < exam.n_in_file());
        let Some(SourceRef::File { path, .. }) = &self.document.source else {
            return;
        };
        if several && self.listed_at().is_none() {
            let path = path.clone();
            self.list(path, false);
        }
    }

    pub(super) fn drain_list(&mut self) {
        let Some(list) = &mut self.worklist else {
            return;
        };
        list.drain();
        let is_empty = list.exams.is_empty();
        if list.shows_first && !is_empty {
            list.shows_first = false;
            self.open_listed(0);
        } else if is_empty && !list.progress.is_running {
            let problem = OpenError::NoExams(list.place.clone());
            let title = if self.document.deidentified {
                "…".to_owned()
            } else {
                crate::session::open::file_title(&list.place)
            };
            self.worklist = None;
            self.notices.say(Message::NotOpened { title, problem });
        }
    }

    /// Where in the list the recording at hand is.
    pub fn listed_at(&self) -> Option<usize> {
        match &self.document.source {
            Some(SourceRef::File { path, read_as, .. }) => {
                self.worklist.as_ref()?.position(path, read_as)
            }
            Some(SourceRef::Demo { .. } | SourceRef::Simulated { .. }) | None => None,
        }
    }

    /// What stands `step` from the recording at hand; the first where none of the list is open.
    pub fn listed_beside(&self, step: Towards) -> Option<usize> {
        let n = self.worklist.as_ref()?.exams.len();
        let next = match (self.listed_at(), step) {
            (None, Towards::Next) => Some(0),
            (None, Towards::Previous) => None,
            (Some(at), Towards::Next) => Some(at + 1),
            (Some(at), Towards::Previous) => at.checked_sub(1),
        };
        next.filter(|next| *next < n)
    }

    pub(super) fn open_listed(&mut self, number: usize) {
        let list = self.worklist.as_ref();
        let Some(exam) = list.and_then(|list| list.exams.get(number)) else {
            return;
        };
        let ListedExam { path, read_as, .. } = exam;
        let wanted = Wanted::Listed(path.clone(), read_as.clone());
        self.open(wanted);
    }

    pub(super) fn step_list(&mut self, step: Towards) {
        if let Some(number) = self.listed_beside(step) {
            self.open_listed(number);
        }
    }

    /// What tells the exam at hand apart; `None` for one that is inside the program.
    pub fn exam_id(&self) -> Option<ExamId> {
        match &self.document.source {
            Some(SourceRef::File {
                sha256, read_as, ..
            }) => Some(ExamId {
                sha256: sha256.clone(),
                exam: read_as.exam.unwrap_or(0),
            }),
            Some(SourceRef::Demo { .. } | SourceRef::Simulated { .. }) | None => None,
        }
    }

    /// What was said of the exam at hand.
    pub fn review(&self) -> Review {
        let id = self.exam_id();
        id.map(|id| self.reviews.of(&id)).unwrap_or_default()
    }

    pub(super) fn keep_review(&mut self, review: Review) {
        let Some(id) = self.exam_id() else { return };
        if let Err(problem) = self.reviews.keep(id, review) {
            self.notices.say(Message::NotNoted(problem));
        }
    }

    /// Asks for the recording at hand with electrodes elsewhere, unless that is asked for already.
    pub(super) fn misplace(&mut self, error: PlacementError) {
        if self.misplaced.as_ref() != Some(&error) {
            self.misplaced = Some(error);
            self.ask_misplaced();
        }
    }

    /// Asks again what was asked before.
    fn ask_anew(&mut self, query: Query) {
        self.calibrate_if_only_saved();
        self.results.asked.insert(query.key());
        self.worker.ask(query);
    }

    pub(super) fn leave_misplacement(&mut self) {
        if self.misplaced.take().is_some() {
            (self.other, self.jobs.comparing) = (None, None);
        }
    }

    /// A heart of the lab is recorded so, of a recording it is synthesised.
    pub(super) fn ask_misplaced(&mut self) {
        let Some(error) = self.misplaced.clone() else {
            return;
        };
        let Some(heart) = self.heart().cloned() else {
            return self.ask_anew(Query::Misplaced(error));
        };
        let work = move || OtherExam::simulated(&heart, error).ok_or(OpenError::NoHeart);
        self.jobs.comparing = Some(Job::spawn("misplace", &self.wake, work));
    }

    pub(super) fn take_misplaced(&mut self, error: PlacementError, worn: WornLeads) {
        let exam = self
            .exam
            .as_ref()
            .filter(|_| self.misplaced.as_ref() == Some(&error));
        if let Some(exam) = exam {
            let other = OtherExam::misplaced(exam, error, worn);
            self.take_other(Ok(other));
        }
    }

    pub(super) fn compare_with(&mut self, path: PathBuf, read_as: ReadAs) {
        self.misplaced = None;
        let work = move || OtherExam::open(&path, &read_as);
        self.jobs.comparing = Some(Job::spawn("compare", &self.wake, work));
    }

    pub(super) fn take_other(&mut self, other: Result<OtherExam, OpenError>) {
        match other {
            Ok(other) => {
                self.other = Some(other);
                self.look_at_other();
            }
            Err(problem) => self.notices.say(Message::NotOpened {
                title: "…".to_owned(),
                problem,
            }),
        }
    }

    /// The other recording through the filters, and with the privacy, of the one at hand.
    pub(super) fn look_at_other(&mut self) {
        let (privacy, filters) = (self.document.privacy(), self.document.filters);
        if let Some(other) = &mut self.other {
            other.look(privacy, &filters);
        }
    }
}
