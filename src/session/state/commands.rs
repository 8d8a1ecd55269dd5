//! Commands: files, file dialogs, exports. What takes long is a job.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::{History, Session};
use crate::{
    export::{Picture, pages_to_pdf},
    session::{
        action::{Command, ExportForm, HandedOn, PathPurpose},
        document::{Document, SourceRef},
        export_data::{ExportData, ExportError},
        job::{Died, Job},
        jobs::PathRequest,
        lessons::LessonMove,
        notice::Message,
        open::{self, Loaded, OpenError, Wanted},
        other_exam::OtherExam,
        prompts::Leaving,
        quiz_sheet,
        results::Calibrating,
        settings::Settings,
        undo::Undo,
        worklist::Worklist,
    },
};

/// A dialog that closes faster than this was never seen: there is none on this desktop.
const SEEN: Duration = Duration::from_millis(700);

impl Session {
    /// What is being opened.
    pub fn loading(&self) -> Option<&str> {
        let jobs = &self.jobs;
        jobs.loading.as_ref().map(|_| jobs.loading_title.as_str())
    }

    /// A picture for the clipboard, once.
    pub fn take_picture(&mut self) -> Option<Picture> {
        self.jobs.picture.take()
    }

    /// The page at hand, to hand it on; `None` without a recording.
    pub fn export_data(&self) -> Option<ExportData> {
        match self.misplacement_to_hand_on() {
            Some(other) => ExportData::misplaced(&self.document, other),
            None => ExportData::new(&self.document, self.exam.as_ref()?, &self.results),
        }
    }

    fn misplacement_to_hand_on(&self) -> Option<&OtherExam> {
        let other = self.other.as_ref();
        let is_wanted = self.handed_on == HandedOn::Misplaced;
        other.filter(|it| is_wanted && it.misplacement().is_some())
    }

    /// The name that a path for `purpose` starts with.
    pub fn suggested_name(&self, purpose: PathPurpose) -> String {
        let stem = || match &self.exam {
            _ if self.misplacement_to_hand_on().is_some() => "simulated-misplacement".into(),
            Some(exam) if !self.document.deidentified => stem(&exam.title),
            _ => "recording".into(),
        };
        match purpose {
            PathPurpose::Open
            | PathPurpose::OpenFolder
            | PathPurpose::Compare
            | PathPurpose::Lesson => String::new(),
            PathPurpose::QuizSheet => "questions.pdf".into(),
            PathPurpose::Save => format!("{}.panorama", stem()),
            PathPurpose::Export(form) => format!("{}-panorama.{}", stem(), form.extension()),
        }
    }

    pub(super) fn run(&mut self, command: Command) {
        if command.is_second_thought() {
            self.history.leave_after_save = None;
        }
        match command {
            Command::Open(path) if path.is_dir() => self.list(path, true),
            Command::Open(path) if path.extension().is_some_and(|it| it == "toml") => {
                self.move_lesson(LessonMove::Open(path));
            }
            Command::Open(path) => self.open(Wanted::Path(path)),
            Command::OpenAs(path, read_as) => self.open(Wanted::As(path, read_as)),
            Command::AskLeads(path, read_as) => self.open(Wanted::Ask(path, read_as)),
            Command::CompareWith(path, read_as) => self.compare_with(path, read_as),
            Command::Lesson(wanted) => self.move_lesson(wanted),
            Command::Quiz(wanted) => self.move_quiz(wanted),
            Command::Misplace(error) => self.misplace(error),
            Command::CloseComparison => (self.other, self.misplaced) = (None, None),
            Command::OpenListed(number) => self.open_listed(number),
            Command::StepList(step) => self.step_list(step),
            Command::StopListing => self.worklist.iter_mut().for_each(Worklist::stop),
            Command::CloseList => self.worklist = None,
            Command::KeepReview(review) => self.keep_review(review),
            Command::OpenDemo(name) => self.open(Wanted::Demo(name)),
            Command::OpenHeart(heart) => self.open(Wanted::Simulated(heart)),
            Command::HoldAgainst(comparand) => self.hold_against(comparand),
            Command::Recover => self.recover(),
            Command::ForgetRecovery => self.forget_recovery(),
            Command::SaveAndLeave => self.save_and_leave(),
            Command::DiscardAndLeave => self.discard_and_leave(),
            Command::Stay => self.prompts.unsaved = None,
            Command::Quit => self.leave_for(Leaving::Quit),
            Command::ForgetUnsure => self.prompts.unsure = None,
            Command::Close => self.leave_for(Leaving::Close),
            Command::SaveSession(path) => self.save(path),
            Command::HandOn(what) => self.handed_on = what,
            Command::Export(form, path) => self.export(form, path),
            Command::QuizSheet(path) => self.write_quiz_sheet(path),
            Command::CopyPage => self.copy_page(),
            Command::Print => self.print(),
            Command::AskPath(purpose) => self.ask_path(purpose),
            Command::UsePath(purpose, path) if purpose.extension().is_some() && path.exists() => {
                self.prompts.replace = Some((purpose, path));
            }
            Command::UsePath(purpose, path) => self.use_path(purpose, path),
            Command::ReplaceFile => self.replace_file(),
            Command::LeaveFile => self.prompts.replace = None,
            Command::EndGesture => self.end_gesture(),
            Command::Undo => self.step_history(Undo::undo),
            Command::Redo => self.step_history(Undo::redo),
            Command::SetCursor(time_s) => self.cursor_s = time_s.filter(|time| time.is_finite()),
            Command::Calibrate => self.calibrate(),
            Command::CancelCalibration => self.cancel_calibration(),
            Command::SetSettings(settings) => self.apply_settings(*settings),
            Command::DismissNotice(id) => self.notices.dismiss(id),
            Command::Prepare(work) => {
                self.jobs.prepare = Some(Job::spawn("prepare", &self.wake, work));
            }
        }
    }

    fn recover(&mut self) {
        if let Some(left) = self.prompts.recovery.first() {
            self.open(Wanted::Recovered(Box::new(left.session.clone())));
        }
    }

    fn forget_recovery(&mut self) {
        if !self.prompts.recovery.is_empty() {
            self.prompts.recovery.remove(0).forget();
        }
    }

    fn replace_file(&mut self) {
        if let Some((purpose, path)) = self.prompts.replace.take() {
            self.use_path(purpose, path);
        }
    }

    fn cancel_calibration(&mut self) {
        self.begin_in = None;
        self.worker.leave();
        self.calibrating = Calibrating::Cancelled;
    }

    pub(super) fn drain_jobs(&mut self) {
        self.drain_list();
        if let Some(loaded) = Job::take(&mut self.jobs.loading) {
            self.take_loaded(loaded.unwrap_or(Err(OpenError::Unforeseen)));
        }
        if let Some(other) = Job::take(&mut self.jobs.comparing) {
            self.take_other(other.unwrap_or(Err(OpenError::Unforeseen)));
        }
        self.drain_simulation();
        if let Some(chosen) = Job::take(&mut self.jobs.dialog) {
            self.take_chosen(chosen);
        }
        if let Some(export) = Job::take(&mut self.jobs.export) {
            let said = export.unwrap_or(Err(ExportError::ExportDied));
            self.notices.say(said.unwrap_or_else(Message::NotExported));
        }
        if let Some(copy) = Job::take(&mut self.jobs.copy) {
            match copy.unwrap_or(Err(ExportError::CopyDied)) {
                Ok(picture) => {
                    self.jobs.picture = Some(picture);
                    self.notices.say(Message::Copied);
                }
                Err(problem) => self.notices.say(Message::NotExported(problem)),
            }
        }
        Job::take(&mut self.jobs.prepare);
    }

    pub(super) fn open(&mut self, wanted: Wanted) {
        self.prompts.unsure = None;
        self.jobs.loading_title = if self.document.deidentified {
            "…".into()
        } else {
            wanted.title()
        };
        let work = move || open::load(&wanted);
        self.jobs.loading = Some(Job::spawn("open", &self.wake, work));
    }

    fn take_loaded(&mut self, loaded: Result<Loaded, OpenError>) {
        match loaded {
            Ok(loaded) => self.leave_for(Leaving::Show(Box::new(loaded))),
            Err(OpenError::Unsure(unsure)) => self.prompts.unsure = Some(unsure),
            Err(problem) => self.notices.say(Message::NotOpened {
                title: self.jobs.loading_title.clone(),
                problem,
            }),
        }
    }

    pub(super) fn show(&mut self, loaded: Loaded) {
        let mut document = open::document_of(&loaded, &self.document);
        if let SourceRef::File { path, .. } = &loaded.source {
            let path = path.clone();
            if !document.deidentified {
                self.settings.remember(&path);
            }
        }
        let mut exam = loaded.exam;
        if !document.beats.is_empty() {
            exam.mark_beats(&document.beats);
        }
        let exchange = document.exchange_undone;
        if exchange.is_some() && !exam.undo_exchange(exchange, &document.filters) {
            document.exchange_undone = None;
        }
        if document.deidentified {
            exam.set_privacy(document.privacy(), &document.filters);
        }
        if 0.0 < document.window_start_s || !document.filters.is_off() {
            let moved = exam.move_window(document.window_start_s, &document.filters);
            let problem = moved.err().map(Message::NotMoved);
            problem.into_iter().for_each(|said| self.notices.say(said));
        }
        self.exam = Some(exam);
        self.history = History::default();
        if loaded.is_recovered && !self.prompts.recovery.is_empty() {
            // It is saved nowhere else: it stays an edit, and its autosave stays.
            self.history.saved = self.document.emptied();
            let left = self.prompts.recovery.remove(0);
            self.autosave.take_over(left);
        } else {
            // What was carried along is saved nowhere: leaving the list asks about it.
            self.history.saved = if loaded.carries {
                Document {
                    source: document.source.clone(),
                    ..document.emptied()
                }
            } else {
                document.clone()
            };
            self.autosave.forget();
        }
        self.document = document;
        self.list_file();
        self.cursor_s = None;
        self.leave_misplacement();
        self.leave_lab();
        match loaded.session {
            Some(session) => self.restore(session),
            None => self.begin_soon(),
        }
        self.set_pending_step();
        self.set_pending_card();
    }

    pub(super) fn close(&mut self) {
        self.leave();
        (self.exam, self.jobs.loading) = (None, None);
        (self.other, self.jobs.comparing) = (None, None);
        self.misplaced = None;
        self.leave_lab();
        self.calibrating = Calibrating::Idle;
        self.document = self.document.emptied();
        self.history = History::default();
        self.autosave.forget();
    }

    fn export(&mut self, form: ExportForm, path: PathBuf) {
        let Some(data) = self.export_data() else {
            return;
        };
        let paper = self.document.page;
        let output = self.output();
        let work = move || {
            data.save(form, &paper, &path, &output)?;
            let removed = data.removed;
            Ok(Message::Written { path, removed })
        };
        self.jobs.export = Some(Job::spawn("export", &self.wake, work));
    }

    fn write_quiz_sheet(&mut self, path: PathBuf) {
        let (paper, language) = (self.document.page, self.settings.language);
        let output = self.output();
        let seed = self.quiz.as_ref().map_or(1, |quiz| quiz.seed);
        let work = move || {
            let bytes = pages_to_pdf(&quiz_sheet::pages(seed, &paper, language))?;
            output.write(&path, &bytes)?;
            let removed = Vec::new();
            Ok(Message::Written { path, removed })
        };
        self.jobs.export = Some(Job::spawn("questions", &self.wake, work));
    }

    fn print(&mut self) {
        let Some(data) = self.export_data() else {
            return;
        };
        let paper = self.document.page;
        let work = move || {
            data.print(&paper)?;
            Ok(Message::Printed)
        };
        self.jobs.export = Some(Job::spawn("print", &self.wake, work));
    }

    fn copy_page(&mut self) {
        let Some(data) = self.export_data() else {
            return;
        };
        let paper = self.document.page;
        let work = move || data.picture(&paper);
        self.jobs.copy = Some(Job::spawn("copy", &self.wake, work));
    }

    pub(super) fn ask_path(&mut self, purpose: PathPurpose) {
        if self.jobs.dialog.is_some() {
            return;
        }
        let Some(dialog) = self.file_dialog.clone() else {
            self.prompts.path_for = Some(purpose);
            return;
        };
        let request = PathRequest {
            purpose,
            name: self.suggested_name(purpose),
            folder: self.settings.last_folder.clone(),
        };
        let work = move || {
            let start = Instant::now();
            (dialog(&request), start.elapsed())
        };
        self.jobs.dialog_purpose = Some(purpose);
        self.jobs.dialog = Some(Job::spawn("file dialog", &self.wake, work));
    }

    fn take_chosen(&mut self, chosen: Result<(Option<PathBuf>, Duration), Died>) {
        let Some(purpose) = self.jobs.dialog_purpose.take() else {
            return;
        };
        match chosen {
            Ok((Some(path), _)) => self.use_path(purpose, path),
            Ok((None, shown)) if SEEN < shown => self.history.leave_after_save = None,
            Ok((None, _)) | Err(Died) => self.prompts.path_for = Some(purpose),
        }
    }

    fn use_path(&mut self, purpose: PathPurpose, path: PathBuf) {
        self.prompts.path_for = None;
        self.settings.last_folder = path
            .parent()
            .map(Path::to_path_buf)
            .filter(|folder| !folder.as_os_str().is_empty());
        self.run(purpose.command(path));
    }

    /// Takes up other settings; another device means computing anew.
    fn apply_settings(&mut self, settings: Settings) {
        let is_elsewhere = settings.device != self.settings.device;
        self.settings = settings;
        if is_elsewhere {
            self.begin();
        }
    }
}

/// A title without its ending, as the name of a file.
fn stem(title: &str) -> String {
    let stem = title.rsplit_once('.').map_or(title, |parts| parts.0);
    let tidy = |letter: char| match letter {
        letter if letter.is_alphanumeric() || "-_ .".contains(letter) => letter,
        _ => '-',
    };
    stem.chars().map(tidy).collect()
}
