//! What a panel may wish: to change the document, to ask the network, to have something done.
//! Panels push actions; only `Session::apply` changes anything.

use std::path::PathBuf;

use crate::ecg::PlacementError;

use super::{
    edit::Edit,
    lab::{Comparand, VirtualHeart},
    lessons::LessonMove,
    query::Query,
    quiz::QuizMove,
    read_as::ReadAs,
    review_log::Review,
    settings::Settings,
};

/// A wish of the user's.
#[derive(Clone, Debug)]
pub enum Action {
    /// Change the document; can be undone.
    Edit(Edit),
    /// Ask the network, once for each patient.
    Ask(Query),
    /// Anything else.
    Do(Command),
}

impl From<Edit> for Action {
    fn from(edit: Edit) -> Self {
        Self::Edit(edit)
    }
}

impl From<Query> for Action {
    fn from(query: Query) -> Self {
        Self::Ask(query)
    }
}

impl From<Command> for Action {
    fn from(command: Command) -> Self {
        Self::Do(command)
    }
}

/// What the session does for the user beside editing. What takes long runs on a thread of its own.
#[derive(Clone, Debug)]
pub enum Command {
    /// Open a recording or a saved session.
    Open(PathBuf),
    /// Open a file, taking it for what the user says it is.
    OpenAs(PathBuf, ReadAs),
    /// Ask what the leads of a file are.
    AskLeads(PathBuf, ReadAs),
    /// Hold this file against the recording at hand.
    CompareWith(PathBuf, ReadAs),
    /// Begin a lesson, or go on in it.
    Lesson(LessonMove),
    /// Begin a quiz, or go on in it.
    Quiz(QuizMove),
    /// Hold the recording at hand against itself with electrodes elsewhere.
    Misplace(PlacementError),
    /// Put the other recording away.
    CloseComparison,
    /// Open an exam of the list.
    OpenListed(usize),
    /// Open the exam before or after the one at hand.
    StepList(Towards),
    /// Look for no more exams.
    StopListing,
    /// Put the list away.
    CloseList,
    /// Keep what is said of the exam at hand.
    KeepReview(Review),
    /// Open an embedded recording by name.
    OpenDemo(String),
    /// Open the lab with this heart.
    OpenHeart(Box<VirtualHeart>),
    /// Hold what becomes of the heart in the lab against how it beats now, or against nothing.
    HoldAgainst(Comparand),
    /// Take up what a crash left behind.
    Recover,
    /// Do not take it up.
    ForgetRecovery,
    /// Save the edits that would be lost, and leave then.
    SaveAndLeave,
    /// Leave; the edits may go.
    DiscardAndLeave,
    /// Stay with the edits.
    Stay,
    /// End the program, once nothing is lost that the user wants.
    Quit,
    /// Do not open the file that something was asked about.
    ForgetUnsure,
    /// Back to the welcome page.
    Close,
    /// Write the session.
    SaveSession(PathBuf),
    /// What the next export hands on.
    HandOn(HandedOn),
    /// Write a sheet of questions with the answers on the last page.
    QuizSheet(PathBuf),
    /// Write the page or its leads.
    Export(ExportForm, PathBuf),
    /// Print the page through the system.
    Print,
    /// Draw the page for the clipboard.
    CopyPage,
    /// Ask the user for a path, in a file dialog where there is one.
    AskPath(PathPurpose),
    /// Do with this path, which was typed, what one was asked for.
    UsePath(PathPurpose, PathBuf),
    /// The file at the typed path may go.
    ReplaceFile,
    /// It stays.
    LeaveFile,
    /// The pointer was let go, the typing ended: the next edit is a new step.
    EndGesture,
    /// Take back.
    Undo,
    /// Do again.
    Redo,
    /// The time under the cursor, seconds of the recording.
    SetCursor(Option<f64>),
    /// Calibrate anew.
    Calibrate,
    /// Stop calibrating.
    CancelCalibration,
    /// What the user likes.
    SetSettings(Box<Settings>),
    /// Take a notice away.
    DismissNotice(u64),
    /// Do this on a thread of its own: what the window wants ready before it is first drawn.
    Prepare(fn()),
}

impl Command {
    /// Whether the user, asked for a path to save to, did something else instead.
    pub(super) fn is_second_thought(&self) -> bool {
        !matches!(
            self,
            Self::UsePath(PathPurpose::Save, _)
                | Self::ReplaceFile
                | Self::SaveSession(_)
                | Self::EndGesture
                | Self::SetCursor(_)
                | Self::HoldAgainst(_)
                | Self::HandOn(_)
                | Self::DismissNotice(_)
                | Self::Prepare(_)
        )
    }
}

/// What an export hands on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HandedOn {
    /// The recording at hand.
    #[default]
    AtHand,
    /// The same with electrodes elsewhere, where that is simulated.
    Misplaced,
}

/// A way along the list of exams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Towards {
    /// Towards its end.
    Next,
    /// Towards its beginning.
    Previous,
}

/// What a path is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathPurpose {
    /// Open a recording or session.
    Open,
    /// List the exams of a folder.
    OpenFolder,
    /// Hold a recording against the one at hand.
    Compare,
    /// Open a teacher's lesson.
    Lesson,
    /// Save the session.
    Save,
    /// Write a sheet of questions.
    QuizSheet,
    /// Write an export.
    Export(ExportForm),
}

impl PathPurpose {
    /// What to do with the path.
    pub(super) fn command(self, path: PathBuf) -> Command {
        match self {
            Self::Open | Self::OpenFolder => Command::Open(path),
            Self::Compare => Command::CompareWith(path, ReadAs::default()),
            Self::Lesson => Command::Lesson(LessonMove::Open(path)),
            Self::Save => Command::SaveSession(path),
            Self::QuizSheet => Command::QuizSheet(path),
            Self::Export(form) => Command::Export(form, path),
        }
    }

    /// Ending of a file that is written.
    pub fn extension(self) -> Option<&'static str> {
        match self {
            Self::Open | Self::OpenFolder | Self::Compare | Self::Lesson => None,
            Self::Save => Some("panorama"),
            Self::QuizSheet => Some("pdf"),
            Self::Export(form) => Some(form.extension()),
        }
    }
}

/// Forms that can be handed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportForm {
    /// True-scale page.
    Pdf,
    /// The page as drawing.
    Svg,
    /// The page as picture.
    Png,
    /// All leads as numbers.
    Csv,
    /// All leads as a recording.
    Edf,
}

impl ExportForm {
    /// All, in the order of menus.
    pub const ALL: [Self; 5] = [Self::Pdf, Self::Svg, Self::Png, Self::Csv, Self::Edf];

    /// Ending of the file.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Svg => "svg",
            Self::Png => "png",
            Self::Csv => "csv",
            Self::Edf => "edf",
        }
    }
}
