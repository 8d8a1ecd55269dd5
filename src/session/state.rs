//! The state of the program: applies actions, drains jobs and answers. Knows no screen.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    time::{Duration, Instant},
};

use super::{
    Action, Answer, Begin, BodyMap, Document, Engine, Exam, Job, JobState, Keep, Learned, Notices, SavedSession, Settings, Severity, Stage,
    Target, Undo, VirtualLead, Wake, Worker,
    open::{self, Loaded, Wanted},
};
use crate::{
    ecg::{Lead, LeadName, LeadSet},
    synth::{Synthesis, Trust},
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
    Ready(Learned),
    /// Could not be learnt: the sentence why.
    Failed(String),
    /// The user stopped it.
    Cancelled,
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
pub struct Answered {
    /// What was asked.
    pub target: Target,
    /// The lead through the display filters.
    pub synthesis: Synthesis,
    raw: Synthesis,
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
    pub point: Option<Answered>,
    /// Leads of the list, by id.
    pub listed: BTreeMap<u32, Answered>,
    /// Leads synthesised to compare with recorded ones, by name.
    pub compared: BTreeMap<LeadName, Answered>,
    /// Recorded leads, each foretold from the others, by name.
    pub held_out: BTreeMap<LeadName, Synthesis>,
    asked: BTreeSet<LeadName>,
    map_asked: bool,
    panorama_asked: bool,
    /// How far to believe the point.
    pub trust: Option<(Target, Box<Trust>)>,
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
    keep: Keep,
    unsaved_since: Option<Instant>,
    saved: Document,
}

/// How long an edit may stay out of the autosave.
const AUTOSAVE_AFTER: Duration = Duration::from_secs(4);

impl Session {
    /// An empty session. `engine` is built on the thread that owns it; `keep` holds the autosave.
    pub fn new(settings: Settings, keep: Keep, wake: Wake, engine: impl Fn() -> Box<dyn Engine> + Send + 'static) -> Self {
        let recovery = keep.left_behind();
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
            keep,
            unsaved_since: None,
            saved: Document::default(),
        }
    }

    /// Whether there is a step to take back, and one to do again.
    pub fn can_undo_redo(&self) -> (bool, bool) {
        (self.undo.can_undo(), self.undo.can_redo())
    }

    /// Whether anything is on its way, so that the window should look again soon.
    pub fn is_busy(&self) -> bool {
        self.loading.is_some() || matches!(self.calibrating, Calibrating::Running(_)) || self.unsaved_since.is_some()
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
                self.keep.forget();
            }
            Action::SaveSession(path) => self.save(path),
            Action::Settle => self.settle(),
            Action::SetCursor(time_s) => self.cursor_s = time_s.filter(|it| it.is_finite()),
            Action::Calibrate => self.begin(),
            Action::CancelCalibration => {
                self.worker.cancel();
                self.calibrating = Calibrating::Cancelled;
            }
            Action::AskTrust => self.ask_trust(),
            Action::AskHeldOut(name) => {
                if self.asked.insert(name.clone()) {
                    self.worker.held_out(name);
                }
            }
            Action::AskPanorama => self.ask_panorama(),
            Action::AskMap => self.ask_map(),
            Action::AskCompare(name) => self.ask_compare(&name),
            Action::Undo => self.travel(Undo::undo),
            Action::Redo => self.travel(Undo::redo),
            Action::SetSettings(settings) => self.settings = *settings,
            Action::DismissNotice(id) => self.notices.dismiss(id),
            Action::Say(severity, text) => self.notices.say(severity, text),
            edit => self.edit(edit),
        }
    }

    /// Takes in what jobs and the worker have brought. Call once a frame, before drawing.
    pub fn drain(&mut self) {
        self.drain_loading();
        while let Some(answer) = self.worker.answer() {
            self.take(answer);
        }
        self.notices.tidy();
        if self.unsaved_since.is_some_and(|it| AUTOSAVE_AFTER < it.elapsed()) {
            self.autosave();
        }
    }

    /// Ends as it should: nothing is left to recover.
    pub fn finish(&mut self) {
        self.keep.forget();
    }

    /// The session as it would be saved.
    pub fn to_save(&self) -> SavedSession {
        let by = match &self.calibrating {
            Calibrating::Ready(learned) => learned.by.clone(),
            _ => String::new(),
        };
        SavedSession::new(self.document.clone(), by, None)
    }

    /// Recorded leads kept out of calibration, to compare with.
    pub fn truth_leads(&self) -> Vec<LeadName> {
        self.exam.as_ref().map(Exam::truth_leads).unwrap_or_default()
    }

    fn ask_compare(&self, name: &LeadName) {
        if !self.compared.contains_key(name) {
            self.worker.extra(Target::Lead(name.clone()));
        }
    }

    fn open(&mut self, wanted: Wanted) {
        let title = wanted.title();
        self.unit_wanted = None;
        let path = if let Wanted::Path(path) = &wanted { Some(path.clone()) } else { None };
        let job = Job::spawn("open", &self.wake, move |_| open::load(&wanted));
        self.loading = Some(Loading { title, path, job });
    }

    fn close(&mut self) {
        self.worker.cancel();
        self.forget_answers();
        (self.exam, self.calibrating, self.loading) = (None, Calibrating::Idle, None);
        self.document = Document { page: self.document.page.clone(), deidentified: self.document.deidentified, ..Document::default() };
        self.undo.clear();
        self.unsaved_since = None;
        self.keep.forget();
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

    fn show(&mut self, loaded: Loaded) {
        let document = open::document_of(&loaded, &self.document);
        if let super::SourceRef::File { path, .. } = &loaded.source {
            self.settings.remember(path);
        }
        for warning in &loaded.warnings {
            self.notices.say(Severity::Warning, warning.clone());
        }
        let mut exam = Exam::new(loaded.title, loaded.recording, loaded.words);
        exam.move_window(document.window_start_s, &document.filters);
        self.exam = Some(exam);
        self.saved = document.clone();
        self.document = document;
        self.undo.clear();
        (self.cursor_s, self.saved_at) = (None, None);
        self.begin();
    }

    fn edit(&mut self, action: Action) {
        let before = self.document.clone();
        let gesture = action.gesture();
        edit_document(&mut self.document, action);
        if before == self.document || !self.document.is_sound() {
            self.document = before;
            return;
        }
        self.undo.note(before.clone(), gesture);
        self.follow(&before, gesture.is_none());
    }

    fn travel(&mut self, step: fn(&mut Undo, &Document) -> Option<Document>) {
        let Some(document) = step(&mut self.undo, &self.document) else { return };
        let before = std::mem::replace(&mut self.document, document);
        self.follow(&before, true);
    }

    /// Computes anew what the change of the document asks for.
    fn follow(&mut self, before: &Document, settled: bool) {
        self.unsaved_since.get_or_insert_with(Instant::now);
        let Some(exam) = &mut self.exam else { return };
        let document = self.document.clone();
        if before.window_start_s != document.window_start_s {
            exam.move_window(document.window_start_s, &document.filters);
            return self.begin();
        }
        if before.filters != document.filters {
            exam.refilter(&document.filters);
            self.refilter_answers();
        }
        if before.calibrated != document.calibrated {
            return self.begin();
        }
        if before.point_target() != document.point_target() {
            self.worker.point(document.point_target());
            if settled {
                self.ask_trust();
            }
        }
        self.ask_listed();
    }

    fn settle(&mut self) {
        self.undo.settle();
        if self.trust.as_ref().is_none_or(|it| it.0 != self.document.point_target()) {
            self.ask_trust();
        }
    }

    fn begin(&mut self) {
        let Some(exam) = &self.exam else { return };
        let begin = Begin { leads: exam.leads.clone(), withhold: exam.truth_leads(), calibrated: self.document.calibrated };
        self.forget_answers();
        self.epoch = self.worker.begin(begin);
        self.calibrating = Calibrating::Running(Stage::default());
        self.worker.point(self.document.point_target());
        self.ask_listed();
        self.worker.trust(self.document.point_target());
    }

    /// What was computed for the former patient or calibration must not be seen with the new one.
    fn forget_answers(&mut self) {
        (self.point, self.trust, self.trust_problem, self.panorama, self.map) = (None, None, None, None, None);
        self.listed.clear();
        self.compared.clear();
        self.held_out.clear();
        self.asked.clear();
        (self.map_asked, self.panorama_asked) = (false, false);
    }

    fn ask_listed(&mut self) {
        let leads = &self.document.virtual_leads;
        self.listed.retain(|id, it| leads.iter().any(|lead| lead.id == *id && lead.target == it.target));
        for VirtualLead { id, target, .. } in leads {
            if !self.listed.contains_key(id) {
                self.worker.listed(*id, target.clone());
            }
        }
    }

    fn ask_trust(&mut self) {
        self.trust_problem = None;
        self.worker.trust(self.document.point_target());
    }

    fn ask_panorama(&mut self) {
        if self.panorama.is_none() && !std::mem::replace(&mut self.panorama_asked, true) {
            self.worker.panorama(super::engine::panorama_targets());
        }
    }

    fn ask_map(&mut self) {
        if self.map.is_none() && !std::mem::replace(&mut self.map_asked, true) {
            self.worker.body_map();
        }
    }

    fn take(&mut self, answer: Answer) {
        match answer {
            Answer::Lost(reason) => {
                self.calibrating = Calibrating::Failed(format!("the network stopped ({reason}); calibrate again"));
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
            Answer::Ready(epoch, Ok(learned)) if epoch == self.epoch => self.calibrating = Calibrating::Ready(learned),
            Answer::Ready(epoch, Err(problem)) if epoch == self.epoch => self.calibrating = Calibrating::Failed(problem),
            Answer::Cancelled(epoch) if epoch == self.epoch => self.calibrating = Calibrating::Cancelled,
            Answer::Point(epoch, target, Ok(synthesis), took_s) if epoch == self.epoch => {
                self.answer_s = took_s;
                self.point = self.answered(target, synthesis);
            }
            Answer::Listed(epoch, id, Ok(synthesis)) if epoch == self.epoch => {
                let target = self.document.virtual_leads.iter().find(|it| it.id == id).map(|it| it.target.clone());
                if let Some(answered) = target.and_then(|it| self.answered(it, synthesis)) {
                    self.listed.insert(id, answered);
                }
            }
            Answer::Extra(epoch, Target::Lead(name), Ok(synthesis)) if epoch == self.epoch => {
                if let Some(answered) = self.answered(Target::Lead(name.clone()), synthesis) {
                    self.compared.insert(name, answered);
                }
            }
            Answer::HeldOut(epoch, name, Ok(synthesis)) if epoch == self.epoch => drop(self.held_out.insert(name, synthesis)),
            Answer::Trust(epoch, target, Ok(trust)) if epoch == self.epoch => self.trust = Some((target, trust)),
            Answer::Trust(epoch, _, Err(problem)) if epoch == self.epoch => self.trust_problem = Some(problem),
            Answer::Panorama(epoch, Ok(views)) if epoch == self.epoch => self.panorama = Some(views),
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

    fn answered(&self, target: Target, raw: Synthesis) -> Option<Answered> {
        Some(Answered { target, synthesis: self.filtered(&raw)?, raw })
    }

    /// The lead through the display filters; the band keeps its width, which filters narrow at most.
    fn filtered(&self, raw: &Synthesis) -> Option<Synthesis> {
        if self.document.filters.is_off() {
            return Some(raw.clone());
        }
        let rate = self.exam.as_ref()?.leads.rate();
        let alone = LeadSet::new(rate, vec![raw.lead.clone()]).ok()?;
        let lead: Lead = self.document.filters.apply(&alone).leads().first()?.clone();
        Some(Synthesis { lead, ..raw.clone() })
    }

    fn refilter_answers(&mut self) {
        let again = |session: &Self, it: &Answered| session.answered(it.target.clone(), it.raw.clone());
        let point = self.point.as_ref().and_then(|it| again(self, it));
        let listed = self.listed.iter().filter_map(|(id, it)| Some((*id, again(self, it)?))).collect();
        let compared = self.compared.iter().filter_map(|(name, it)| Some((name.clone(), again(self, it)?))).collect();
        (self.point, self.listed, self.compared) = (point, listed, compared);
    }

    fn save(&mut self, path: PathBuf) {
        match self.to_save().save(&path) {
            Ok(()) => {
                self.notices.say(Severity::Info, format!("Saved as {}", path.display()));
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

    fn autosave(&mut self) {
        self.unsaved_since = None;
        if self.document.source.is_none() {
            return;
        }
        if let Err(problem) = self.keep.autosave(&self.to_save()) {
            self.notices.say(Severity::Warning, problem.to_string());
        }
    }
}

fn edit_document(document: &mut Document, action: Action) {
    match action {
        Action::MovePoint(view) => (document.point, document.preset) = (view, None),
        Action::UsePreset(name) => {
            let target = Target::Lead(name.clone());
            document.point = target.view().unwrap_or(document.point);
            document.preset = Some(name);
        }
        Action::AddVirtual(target) => {
            if !document.virtual_leads.iter().any(|it| it.target == target) {
                let id = document.fresh_id();
                document.virtual_leads.push(VirtualLead { id, target, name: None, pinned: false });
            }
        }
        Action::RemoveVirtual(id) => document.virtual_leads.retain(|it| it.id != id),
        Action::RenameVirtual(id, name) => {
            let name = Some(name.trim().to_owned()).filter(|it| !it.is_empty());
            document.virtual_leads.iter_mut().filter(|it| it.id == id).for_each(|it| it.name.clone_from(&name));
        }
        Action::PinVirtual(id, pinned) => document.virtual_leads.iter_mut().filter(|it| it.id == id).for_each(|it| it.pinned = pinned),
        Action::SetPage(page) => document.page = page,
        Action::SetFilters(filters) => document.filters = filters,
        Action::SetWindow(start_s) => document.window_start_s = start_s.max(0.0),
        Action::AddCaliper(caliper) => document.calipers.push(caliper),
        Action::MoveCaliper(idx, caliper) => {
            if let Some(it) = document.calipers.get_mut(idx) {
                *it = caliper;
            }
        }
        Action::RemoveCaliper(idx) if idx < document.calipers.len() => drop(document.calipers.remove(idx)),
        Action::ClearCalipers => document.calipers.clear(),
        Action::SetCalibrated(on) => document.calibrated = on,
        Action::SetDeidentified(on) => document.deidentified = on,
        _ => {}
    }
}
