//! The state of the program: applies actions, drains jobs and answers. Knows no screen.

mod answers;
mod edits;
mod persistence;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    time::{Duration, Instant},
};

use super::{
    Action, Autosave, BodyMap, CalibrationSummary, Document, Engine, Exam, Job, JobState, Notices,
    SavedReliability, SavedSession, Settings, Severity, Stage, Undo, Wake, Worker,
    open::{self, Loaded, Wanted},
};
use crate::{
    ecg::{LeadName, Target},
    reliability::Reliability,
    synth::{Mixing, Synthesis},
};

/// How the patient-specific calibration stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Calibrating {
    /// Nothing to learn from.
    #[default]
    Idle,
    /// Under way.
    Running(Stage),
    /// Learnt.
    Ready(CalibrationSummary),
    /// As a saved session has it: its leads are shown as they were, nothing was computed.
    Saved(CalibrationSummary),
    /// Could not be learnt: the sentence why.
    Failed(String),
    /// The user stopped it.
    Cancelled,
}

impl Calibrating {
    /// What was learnt, now or when the session was saved.
    pub fn summary(&self) -> Option<&CalibrationSummary> {
        match self {
            Self::Ready(learned) | Self::Saved(learned) => Some(learned),
            _ => None,
        }
    }
}

/// A recording being opened.
pub struct Loading {
    /// What is opened.
    pub title: String,
    path: Option<PathBuf>,
    job: Job<Result<Loaded, String>>,
}

/// A synthesised lead and what it stands for.
#[derive(Clone)]
pub struct SynthesisedLead {
    /// What was asked.
    pub target: Target,
    /// The lead through the display filters.
    pub synthesis: Synthesis,
    raw: Synthesis,
    recipe: Mixing,
}

/// Everything that is known at run time.
pub struct Session {
    /// What the user decided.
    pub document: Document,
    /// What the user likes.
    pub settings: Settings,
    /// What the user should know.
    pub notices: Notices,
    /// The recording at hand.
    pub exam: Option<Exam>,
    /// The recording on its way.
    pub loading: Option<Loading>,
    /// How the calibration stands.
    pub calibrating: Calibrating,
    /// The lead at the point; the last one that came, which may trail the point while it moves.
    pub point: Option<SynthesisedLead>,
    /// Leads of the list, by id.
    pub listed: BTreeMap<u32, SynthesisedLead>,
    /// Leads synthesised to compare with recorded ones, by name.
    pub compared: BTreeMap<LeadName, SynthesisedLead>,
    /// Recorded leads, each foretold from the others, by name.
    pub held_out: BTreeMap<LeadName, Synthesis>,
    asked: BTreeSet<LeadName>,
    map_asked: bool,
    panorama_asked: bool,
    /// How far to believe the point.
    pub trust: Option<(Target, Box<Reliability>)>,
    /// What the trust report said when the session was saved, until it is made anew.
    pub trust_as_saved: Option<SavedReliability>,
    /// Why there is no trust report, if it was tried.
    pub trust_problem: Option<String>,
    /// The small views.
    pub panorama: Option<Vec<Synthesis>>,
    /// The potential over the skin.
    pub map: Option<BodyMap>,
    /// The time under the cursor.
    pub cursor_s: Option<f64>,
    /// A session that a crash left behind.
    pub recovery: Option<SavedSession>,
    /// A file whose numbers have no unit: the user has to name one.
    pub unit_wanted: Option<PathBuf>,
    /// Seconds that the last answer for the point took.
    pub answer_s: f64,
    /// Where the session was saved.
    pub saved_at: Option<PathBuf>,
    undo: Undo,
    worker: Worker,
    epoch: u64,
    wake: Wake,
    autosave: Autosave,
    unsaved_since: Option<Instant>,
    saved: Document,
    /// Identity of the weights that the leads on screen were made with, where those are not this
    /// program's.
    weights: Option<String>,
    /// Frames until the patient is learnt.
    begin_in: Option<u8>,
}

/// How long an edit may stay out of the autosave.
const AUTOSAVE_AFTER: Duration = Duration::from_secs(4);

impl Session {
    /// An empty session. `engine` is built on the thread that owns it; `autosave` keeps what a crash must not take.
    pub fn new(
        settings: Settings,
        autosave: Autosave,
        wake: Wake,
        engine: impl Fn() -> Box<dyn Engine> + Send + 'static,
    ) -> Self {
        let recovery = autosave.left_behind();
        let worker = Worker::start(&wake, engine);
        Self {
            document: Document::default(),
            settings,
            notices: Notices::default(),
            exam: None,
            loading: None,
            calibrating: Calibrating::Idle,
            point: None,
            listed: BTreeMap::new(),
            compared: BTreeMap::new(),
            held_out: BTreeMap::new(),
            asked: BTreeSet::new(),
            map_asked: false,
            panorama_asked: false,
            trust: None,
            trust_as_saved: None,
            trust_problem: None,
            panorama: None,
            map: None,
            cursor_s: None,
            recovery,
            unit_wanted: None,
            answer_s: 0.0,
            saved_at: None,
            undo: Undo::default(),
            worker,
            epoch: 0,
            wake,
            autosave,
            unsaved_since: None,
            saved: Document::default(),
            weights: None,
            begin_in: None,
        }
    }

    /// Whether there is a step to take back, and one to do again.
    pub fn can_undo_redo(&self) -> (bool, bool) {
        (self.undo.can_undo(), self.undo.can_redo())
    }

    /// Whether anything is on its way, so that the window should look again soon.
    pub fn is_busy(&self) -> bool {
        self.loading.is_some()
            || matches!(self.calibrating, Calibrating::Running(_))
            || self.unsaved_since.is_some()
    }

    /// Does what a panel wants.
    pub fn apply(&mut self, action: Action) {
        match action {
            Action::Open(path) => self.open(Wanted::Path(path)),
            Action::OpenWithUnit(path, unit) => self.open(Wanted::WithUnit(path, unit)),
            Action::ForgetUnit => self.unit_wanted = None,
            Action::OpenDemo(name) => self.open(Wanted::Demo(name)),
            Action::Close => self.close(),
            Action::Recover => {
                if let Some(session) = self.recovery.take() {
                    self.open(Wanted::Session(Box::new(session)));
                }
            }
            Action::ForgetRecovery => {
                self.recovery = None;
                self.autosave.forget();
            }
            Action::SaveSession(path) => self.save(path),
            Action::EndGesture => self.end_gesture(),
            Action::SetCursor(time_s) => self.cursor_s = time_s.filter(|it| it.is_finite()),
            Action::Calibrate => self.begin(),
            Action::CancelCalibration => {
                (self.begin_in, self.epoch) = (None, self.worker.leave());
                self.calibrating = Calibrating::Cancelled;
            }
            Action::AskTrust => self.ask_trust(),
            Action::AskHeldOut(name) => self.ask_held_out(name),
            Action::AskPanorama => self.ask_panorama(),
            Action::AskMap(places) => self.ask_map(places),
            Action::AskCompare(name) => self.ask_compare(&name),
            Action::Undo => self.step_history(Undo::undo),
            Action::Redo => self.step_history(Undo::redo),
            Action::SetSettings(settings) => self.apply_settings(*settings),
            Action::DismissNotice(id) => self.notices.dismiss(id),
            Action::Say(severity, text) => self.notices.say(severity, text),
            edit => self.edit(edit),
        }
    }

    /// Takes in what jobs and the worker have brought. Call once a frame, before drawing.
    pub fn drain(&mut self) {
        self.count_frames();
        self.drain_loading();
        while let Some(answer) = self.worker.answer() {
            self.take(answer);
        }
        self.notices.tidy();
        if self
            .unsaved_since
            .is_some_and(|it| AUTOSAVE_AFTER < it.elapsed())
        {
            self.autosave();
        }
    }

    /// Waits for the file on its way, but no longer than `most`.
    pub fn wait_for_file(&mut self, most: Duration) {
        let start = Instant::now();
        while self.loading.is_some() && start.elapsed() < most {
            std::thread::sleep(Duration::from_millis(2));
            self.drain();
        }
    }

    /// Whether a frame is waited for, so that the paper is seen before the processor is busy with
    /// other things.
    pub fn awaits_frame(&self) -> bool {
        self.begin_in.is_some()
    }

    /// Learns the patient once the paper has been drawn.
    fn begin_soon(&mut self) {
        self.epoch = self.worker.leave();
        self.forget_answers();
        self.calibrating = Calibrating::Running(Stage::default());
        self.begin_in = Some(1);
    }

    fn count_frames(&mut self) {
        match self.begin_in {
            Some(0) => self.begin(),
            Some(frames) => self.begin_in = Some(frames - 1),
            None => {}
        }
    }

    /// Ends as it should: nothing is left to recover.
    pub fn finish(&mut self) {
        self.autosave.forget();
    }

    /// Recorded leads kept out of calibration, to compare with.
    pub fn truth_leads(&self) -> Vec<LeadName> {
        self.exam
            .as_ref()
            .map(Exam::truth_leads)
            .unwrap_or_default()
    }

    fn open(&mut self, wanted: Wanted) {
        let title = wanted.title();
        self.unit_wanted = None;
        let path = if let Wanted::Path(path) = &wanted {
            Some(path.clone())
        } else {
            None
        };
        let job = Job::spawn("open", &self.wake, move |_| open::load(&wanted));
        self.loading = Some(Loading { title, path, job });
    }

    fn close(&mut self) {
        self.epoch = self.worker.leave();
        self.forget_answers();
        (self.exam, self.calibrating, self.loading) = (None, Calibrating::Idle, None);
        self.document = Document {
            page: self.document.page.clone(),
            deidentified: self.document.deidentified,
            ..Document::default()
        };
        self.undo.clear();
        self.unsaved_since = None;
        self.autosave.forget();
    }

    fn drain_loading(&mut self) {
        let Some(loading) = &self.loading else { return };
        let state = loading.job.poll();
        let (title, path) = (loading.title.clone(), loading.path.clone());
        match state {
            JobState::Running => return,
            JobState::Done(Ok(loaded)) => self.show(loaded),
            JobState::Done(Err(problem)) if problem.contains("no unit stated") && path.is_some() => self.unit_wanted = path,
            JobState::Done(Err(problem)) => self.notices.say(Severity::Error, format!("Could not open {title}: {problem}")),
            JobState::Died => self.notices.say(
                Severity::Error,
                format!("Could not open {title}: reading it failed in an unforeseen way. Please report this file's format."),
            ),
        }
        self.loading = None;
    }

    /// Takes up other likes; another device means computing anew.
    fn apply_settings(&mut self, settings: Settings) {
        let is_elsewhere = settings.device != self.settings.device;
        self.settings = settings;
        if is_elsewhere {
            self.begin();
        }
    }

    fn show(&mut self, loaded: Loaded) {
        let document = open::document_of(&loaded, &self.document);
        if let super::SourceRef::File { path, .. } = &loaded.source {
            self.settings.remember(path);
        }
        let mut exam = loaded.exam;
        if 0.0 < document.window_start_s || !document.filters.is_off() {
            if let Err(problem) = exam.move_window(document.window_start_s, &document.filters) {
                self.notices.say(Severity::Error, problem);
            }
        }
        self.exam = Some(exam);
        self.saved = document.clone();
        self.document = document;
        self.undo.clear();
        (self.cursor_s, self.saved_at) = (None, None);
        match loaded.session {
            Some(session) => self.restore(session),
            None => self.begin_soon(),
        }
    }
}
