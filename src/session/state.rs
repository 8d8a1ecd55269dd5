//! The state of the program: applies actions, takes in what jobs and the network bring. Knows no
//! screen.

mod commands;
mod lab;
mod leaving;
mod lessons;
mod listing;
mod persistence;
mod quiz;
mod replies;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    action::{Action, Command, HandedOn},
    autosave::Autosave,
    document::{Document, VirtualLead},
    edit::{Edit, Gesture},
    engine::Engine,
    exam::Exam,
    job::Wake,
    jobs::{FileDialog, Jobs},
    lab::Before,
    lessons::OpenLesson,
    notice::{Message, Notices},
    other_exam::OtherExam,
    prompts::{Leaving, Prompts},
    query::{CalibrationRequest, Effort, Query},
    quiz::Quiz,
    results::{Calibrating, Results},
    review_log::ReviewLog,
    saved_check::SavedCheck,
    settings::Settings,
    synthesised_lead::SynthesisedLead,
    undo::Undo,
    worker::Worker,
    worklist::Worklist,
};
use crate::{
    ecg::{LeadName, PlacementError},
    phantom::VirtualPatient,
    synth::Progress,
};

/// Everything that is known at run time.
pub struct Session {
    /// What the user decided.
    pub document: Document,
    /// What the user likes.
    pub settings: Settings,
    settings_as_kept: Settings,
    /// What the user should know.
    pub notices: Notices,
    /// What the user is asked.
    pub prompts: Prompts,
    /// The recording at hand.
    pub exam: Option<Exam>,
    /// The exams of a folder or of a file of several.
    pub worklist: Option<Worklist>,
    /// A second recording, held against the one at hand.
    pub other: Option<OtherExam>,
    /// What was said of exams.
    pub reviews: ReviewLog,
    /// How the calibration stands.
    pub calibrating: Calibrating,
    /// What the network found.
    pub results: Results,
    /// What the heart in the lab is held against.
    pub before: Option<Before>,
    /// The lesson under way.
    pub lesson: Option<OpenLesson>,
    /// The quiz under way.
    pub quiz: Option<Quiz>,
    /// The time under the cursor, seconds of the recording.
    pub cursor_s: Option<f64>,
    /// What an export hands on.
    pub handed_on: HandedOn,
    /// How to ask for a path; without it paths are typed.
    pub file_dialog: Option<FileDialog>,
    history: History,
    simulated: Simulated,
    /// The misplacement that is asked for, which follows what is at hand.
    misplaced: Option<PlacementError>,
    jobs: Jobs,
    worker: Worker,
    autosave: Autosave,
    wake: Wake,
    /// Frames until the calibration begins.
    begin_in: Option<u8>,
}

/// What was decided before, and what of it is on disk.
#[derive(Default)]
struct History {
    undo: Undo,
    /// The document as it was last saved or opened.
    saved: Document,
    /// Since when there are edits that no autosave has.
    unsaved_since: Option<Instant>,
    /// What waits until the work is saved.
    leave_after_save: Option<Leaving>,
    /// An electrode was moved, and its drag has not ended.
    electrode_moved: bool,
    may_quit: bool,
}

/// How the simulation of the heart in the lab stands.
#[derive(Default)]
struct Simulated {
    /// The heart has changed since the simulation under way began.
    is_stale: bool,
    /// The calibration at hand is the quick one of a heart that was being changed.
    is_quick: bool,
    /// Counts what was simulated, so that drawings know when they are stale.
    revision: u64,
    /// The heart that was simulated last.
    patient: Option<Arc<VirtualPatient>>,
}

/// How long an edit may stay out of the autosave.
const AUTOSAVE_AFTER: Duration = Duration::from_secs(4);

impl Session {
    /// An empty session. `engine` is built on the thread that owns it; `autosave` keeps what a
    /// crash must not take.
    pub fn new(
        settings: Settings,
        autosave: Autosave,
        wake: Wake,
        engine: impl Fn() -> Box<dyn Engine> + Send + 'static,
    ) -> Self {
        Self {
            document: Document::default(),
            settings_as_kept: settings.clone(),
            settings,
            notices: Notices::default(),
            prompts: Prompts {
                recovery: autosave.left_behind(),
                ..Prompts::default()
            },
            exam: None,
            worklist: None,
            other: None,
            reviews: ReviewLog::in_folder(autosave.folder()),
            calibrating: Calibrating::Idle,
            results: Results::default(),
            before: None,
            lesson: None,
            quiz: None,
            cursor_s: None,
            handed_on: HandedOn::default(),
            file_dialog: None,
            history: History::default(),
            simulated: Simulated::default(),
            misplaced: None,
            jobs: Jobs::default(),
            worker: Worker::start(&wake, engine),
            autosave,
            wake,
            begin_in: None,
        }
    }

    /// Does what a panel wants.
    pub fn apply(&mut self, action: impl Into<Action>) {
        match action.into() {
            Action::Edit(edit) => {
                // A sheet that is asked for takes the place of two exams held against each other.
                if matches!(edit, Edit::ShowSheet(_)) {
                    self.run(Command::CloseComparison);
                }
                self.edit(edit);
            }
            Action::Ask(query) => self.ask_once(query),
            Action::Do(command) => self.run(command),
        }
    }

    /// Takes in what jobs and the network have brought. Call once a frame, before drawing.
    pub fn drain(&mut self) {
        self.count_frames();
        self.drain_jobs();
        while let Some(reply) = self.worker.reply() {
            self.handle_reply(reply);
        }
        self.notices.tidy();
        let unsaved_since = self.history.unsaved_since;
        if unsaved_since.is_some_and(|since| AUTOSAVE_AFTER < since.elapsed()) {
            self.write_autosave();
        }
    }

    /// Waits for the file on its way, but no longer than `most`.
    pub fn wait_for_file(&mut self, most: Duration) {
        let start = Instant::now();
        while self.loading().is_some() && start.elapsed() < most {
            std::thread::sleep(Duration::from_millis(2));
            self.drain();
        }
    }

    /// Whether there is a step to take back, and one to do again.
    pub fn can_undo_redo(&self) -> (bool, bool) {
        (self.history.undo.can_undo(), self.history.undo.can_redo())
    }

    /// Whether there is work that differs from what was last saved or opened.
    pub fn is_edited(&self) -> bool {
        self.exam.is_some() && self.history.saved != self.document
    }

    /// Whether anything is on its way, so that the window should look again soon.
    pub fn is_busy(&self) -> bool {
        self.loading().is_some()
            || self
                .worklist
                .as_ref()
                .is_some_and(|it| it.progress.is_running)
            || matches!(self.calibrating, Calibrating::Running(_))
            || self.jobs.simulation.is_some()
            || self.history.unsaved_since.is_some()
    }

    /// Whether a frame is waited for, so that the paper is seen before the processor is busy with
    /// other things.
    pub fn awaits_frame(&self) -> bool {
        self.begin_in.is_some()
    }

    /// Recorded leads kept out of calibration, to compare with.
    pub fn truth_leads(&self) -> Vec<LeadName> {
        let exam = self.exam.as_ref();
        exam.map(Exam::truth_leads).unwrap_or_default()
    }

    fn edit(&mut self, edit: Edit) {
        self.history.leave_after_save = None;
        let before = self.document.clone();
        let gesture = edit.gesture();
        edit.apply(&mut self.document);
        if before == self.document || self.document.check().is_err() {
            self.document = before;
            return;
        }
        self.history.undo.note(before.clone(), gesture);
        self.recompute(&before);
        match gesture {
            Some(Gesture::Electrode) => self.history.electrode_moved = true,
            Some(_) => {}
            None => self.end_gesture(),
        }
    }

    fn step_history(&mut self, step: fn(&mut Undo, &Document) -> Option<Document>) {
        let Some(document) = step(&mut self.history.undo, &self.document) else {
            return;
        };
        let before = std::mem::replace(&mut self.document, document);
        self.history.electrode_moved = before.electrodes != self.document.electrodes;
        self.recompute(&before);
        self.end_gesture();
    }

    fn end_gesture(&mut self) {
        self.history.undo.end_gesture();
        // Calibrating at every step of a drag would answer none of them.
        if std::mem::take(&mut self.history.electrode_moved) {
            self.begin();
        }
        self.refine_simulated();
        self.ask_reliability();
    }

    /// Computes anew what the change of the document asks for.
    fn recompute(&mut self, before: &Document) {
        self.history.unsaved_since.get_or_insert_with(Instant::now);
        let look = |document: &Document| (document.filters, document.deidentified);
        if look(before) != look(&self.document) {
            self.look_at_other();
        }
        if before.source != self.document.source {
            return self.simulate();
        }
        let Some(exam) = &mut self.exam else { return };
        let document = &mut self.document;
        if before.window_start_s != document.window_start_s {
            match exam.move_window(document.window_start_s, &document.filters) {
                Ok(()) => return self.begin(),
                Err(problem) => {
                    document.window_start_s = before.window_start_s;
                    self.notices.say(Message::NotMoved(problem));
                }
            }
        }
        if before.beats != document.beats {
            exam.mark_beats(&document.beats);
        }
        if before.filters != document.filters {
            exam.refilter(&document.filters);
            let rate = exam.leads.rate();
            self.results.refilter(&document.filters, rate);
        }
        let is_renamed = before.deidentified != document.deidentified && {
            let renamed = exam.set_privacy(document.privacy(), &document.filters);
            document.rename(&renamed);
            !renamed.is_empty()
        };
        let exchange = document.exchange_undone;
        let is_exchanged = before.exchange_undone != exchange;
        if is_exchanged && !exam.undo_exchange(exchange, &document.filters) {
            document.exchange_undone = None;
        }
        let is_restored = document.electrodes.is_empty() && !before.electrodes.is_empty();
        if is_renamed || is_exchanged || is_restored || before.calibrated != document.calibrated {
            self.history.electrode_moved = false;
            return self.begin();
        }
        if before.point_target() != self.document.point_target() {
            if self.calibrate_if_only_saved() {
                return;
            }
            self.worker.ask(Query::Point(self.document.point_target()));
        }
        self.ask_listed();
    }

    /// Calibrates once the paper has been drawn.
    fn begin_soon(&mut self) {
        self.leave();
        self.calibrating = Calibrating::Running(Progress::default());
        self.begin_in = Some(1);
    }

    fn count_frames(&mut self) {
        match self.begin_in {
            Some(0) => self.begin(),
            Some(frames) => self.begin_in = Some(frames - 1),
            None => {}
        }
    }

    /// Calibrates to the patient at hand and asks what the page shows.
    fn begin(&mut self) {
        let Some(request) = self.request(Effort::Whole) else {
            return;
        };
        let point = self.document.point_target();
        self.leave();
        self.calibrating = Calibrating::Running(Progress::default());
        if request.calibrated {
            self.worker
                .ask(Query::Draft(request.clone(), point.clone()));
        }
        self.worker.ask(Query::Calibrate(request));
        self.worker.ask(Query::Examine);
        self.worker.ask(Query::Point(point));
        self.ask_listed();
    }

    /// What to calibrate to: the recording at hand.
    fn request(&self, effort: Effort) -> Option<Arc<CalibrationRequest>> {
        let exam = self.exam.as_ref()?;
        Some(Arc::new(CalibrationRequest {
            leads: exam.leads.clone(),
            withhold: exam.truth_leads(),
            electrodes: self.document.electrodes.clone(),
            calibrated: self.document.calibrated,
            device: self.settings.device,
            effort,
        }))
    }

    /// Calibrates anew; leads as saved are held against what comes.
    fn calibrate(&mut self) {
        let wanted = self.document.point_target();
        let is_wanted = |lead: &&SynthesisedLead| lead.target == wanted;
        let point = self.results.point.as_ref().filter(is_wanted);
        let leads = point.into_iter().chain(self.results.listed.values());
        let saved = self
            .results
            .are_as_saved()
            .then(|| leads.cloned().collect());
        self.begin();
        self.results.check = saved.map(SavedCheck::new);
    }

    /// What was computed for the former patient or calibration must not be seen with the new one.
    fn leave(&mut self) {
        self.begin_in = None;
        self.worker.leave();
        self.results = Results::default();
    }

    /// A saved session holds its own leads and no more: what goes beyond them is calibrated anew,
    /// and said. Whether it was so.
    fn calibrate_if_only_saved(&mut self) -> bool {
        let is_saved = matches!(self.calibrating, Calibrating::Saved(_));
        if is_saved {
            self.notices.say(Message::CalibratedAnew);
            self.calibrate();
        }
        is_saved
    }

    fn ask_once(&mut self, query: Query) {
        self.calibrate_if_only_saved();
        if self.results.asked.insert(query.key()) {
            self.worker.ask(query);
        }
    }

    fn ask_listed(&mut self) {
        let document = &self.document;
        let listed = &mut self.results.listed;
        listed.retain(|id, shown| document.lists(*id, &shown.target));
        self.results.grades.retain(|id, _| listed.contains_key(id));
        let leads = &document.virtual_leads;
        let queries: Vec<Query> = leads
            .iter()
            .filter(|lead| !self.results.listed.contains_key(&lead.id))
            .map(|lead| Query::Listed(lead.id, lead.target.clone()))
            .collect();
        if queries.is_empty() || self.calibrate_if_only_saved() {
            return;
        }
        queries.into_iter().for_each(|query| self.worker.ask(query));
        self.ask_grades();
    }

    /// Asks how far to rely on the leads of the list of which it is not known.
    fn ask_grades(&self) {
        let (results, leads) = (&self.results, &self.document.virtual_leads);
        if let Some(exam) = &results.examined {
            let unknown = leads
                .iter()
                .filter(|lead| !results.grades.contains_key(&lead.id));
            let grade =
                |lead: &VirtualLead| Query::Grade(lead.id, exam.clone(), lead.target.clone());
            unknown.map(grade).for_each(|query| self.worker.ask(query));
        }
    }

    /// Asks how far to rely on the point, unless it is known.
    fn ask_reliability(&mut self) {
        let (point, results) = (self.document.point_target(), &self.results);
        let is_known = matches!(&results.reliability, Some((target, _)) if *target == point);
        if let Some(exam) = results.examined.as_ref().filter(|_| !is_known) {
            self.worker.ask(Query::Reliability(exam.clone(), point));
        }
    }
}

#[cfg(test)]
mod tests;
