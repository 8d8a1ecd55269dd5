//! What the program tells the user, until it is dismissed or old.

use std::{
    mem::discriminant,
    path::PathBuf,
    time::{Duration, Instant},
};

use super::query::QueryError;
use crate::formats::OutputError;

pub use super::{
    export_data::ExportError,
    long_recording::LongRecordingError,
    open::OpenError,
    saved_session::{SessionProblem, StoreError},
    soundness::Unsound,
};

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Good to know; goes away by itself.
    Info,
    /// Look at it.
    Warning,
    /// Something could not be done; stays until dismissed.
    Error,
}

/// What happened, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Message {
    /// More was asked for than a saved session holds.
    #[error("Calibrated anew: the saved session holds its own leads only.")]
    CalibratedAnew,
    /// A saved session without a calibration.
    #[error("The session was saved before its calibration was done: it is done now.")]
    SavedUncalibrated,
    /// A saved session without some of its leads.
    #[error("The session was saved before all of its leads were there: they are calibrated anew.")]
    SavedIncomplete,
    /// A saved session whose leads could not be made from its recording.
    #[error(
        "What the session says of its leads does not fit the recording: they are calibrated anew \
         ({0})."
    )]
    SavedUnsound(Unsound),
    /// Leads made anew are those of the session.
    #[error("Checked: the saved leads are what the recording gives.")]
    SavedAgrees,
    /// Leads made anew are others.
    #[error(
        "The saved leads were not what the recording gives now (up to {worst_uv:.0} µV apart): they \
         are replaced."
    )]
    SavedDiffers {
        /// The largest difference of a sample or of its band, µV.
        worst_uv: f64,
    },
    /// A saved session from other weights.
    #[error(
        "This session was saved with other weights ({then}; this program has {now}). Its leads \
         are shown as they were saved; “Calibrate again” makes them anew."
    )]
    OtherWeights {
        /// First digits of the weights' hash when it was saved.
        then: String,
        /// The same of this program.
        now: String,
    },
    /// The session is on disk.
    #[error("Saved as {}", .0.display())]
    Saved(PathBuf),
    /// An export is on disk.
    #[error("Written: {}{}", .path.display(), removed_words(.removed))]
    Written {
        /// Where.
        path: PathBuf,
        /// What was removed with the identity.
        removed: Vec<String>,
    },
    /// The pages went to the printing system.
    #[error("The pages were handed to the printer.")]
    Printed,
    /// A picture of the page.
    #[error("The page is on the clipboard.")]
    Copied,
    /// A recording or session stays closed.
    #[error("Could not open {title}: {problem}")]
    NotOpened {
        /// What was to be opened.
        title: String,
        /// Why not.
        problem: OpenError,
    },
    /// The page stays where it was.
    #[error(transparent)]
    NotMoved(LongRecordingError),
    /// The session could not be written.
    #[error(transparent)]
    NotSaved(StoreError),
    /// The autosave could not be written.
    #[error(transparent)]
    NotAutosaved(StoreError),
    /// What the user likes could not be kept.
    #[error("{0}")]
    SettingsNotKept(OutputError),
    /// A note or a mark could not be kept.
    #[error("The note could not be kept: {0}")]
    NotNoted(std::io::Error),
    /// A file is no lesson.
    #[error("The lesson was not opened: {0}")]
    NoLesson(super::lessons::LessonError),
    /// An export or a picture could not be made.
    #[error(transparent)]
    NotExported(ExportError),
    /// A question without an answer.
    #[error(transparent)]
    NoAnswer(QueryError),
    /// The engine panicked.
    #[error(
        "The synthesis stopped unexpectedly: {0}. The recording is untouched; choose “Calibrate \
         again”."
    )]
    EngineLost(String),
}

impl Message {
    /// How much it matters.
    pub fn severity(&self) -> Severity {
        match self {
            Self::CalibratedAnew
            | Self::SavedUncalibrated
            | Self::SavedIncomplete
            | Self::SavedAgrees
            | Self::Saved(_)
            | Self::Written { .. }
            | Self::Printed
            | Self::Copied => Severity::Info,
            Self::OtherWeights { .. }
            | Self::SavedUnsound(_)
            | Self::SavedDiffers { .. }
            | Self::NotAutosaved(_)
            | Self::SettingsNotKept(_)
            | Self::NoAnswer(_) => Severity::Warning,
            Self::NotOpened { .. }
            | Self::NotMoved(_)
            | Self::NotSaved(_)
            | Self::NotNoted(_)
            | Self::NoLesson(_)
            | Self::NotExported(_)
            | Self::EngineLost(_) => Severity::Error,
        }
    }
}

fn removed_words(removed: &[String]) -> String {
    if removed.is_empty() {
        String::new()
    } else {
        format!(" · removed: {}", removed.join(", "))
    }
}

/// One message on screen.
#[derive(Debug)]
pub struct Notice {
    /// For dismissing.
    pub id: u64,
    /// What happened.
    pub message: Message,
    since: Instant,
}

/// Messages, newest last.
#[derive(Default)]
pub struct Notices {
    list: Vec<Notice>,
    next: u64,
}

impl Notices {
    /// Says something; of one kind only the newest is kept, and five in all.
    pub fn say(&mut self, message: Message) {
        self.list
            .retain(|notice| discriminant(&notice.message) != discriminant(&message));
        self.next += 1;
        self.list.push(Notice {
            id: self.next,
            message,
            since: Instant::now(),
        });
        let surplus = self.list.len().saturating_sub(5);
        self.list.drain(..surplus);
    }

    /// Takes one away.
    pub fn dismiss(&mut self, id: u64) {
        self.list.retain(|notice| notice.id != id);
    }

    /// Takes away what is old and not an error.
    pub fn tidy(&mut self) {
        const SHOWN: Duration = Duration::from_secs(8);
        self.list.retain(|notice| {
            notice.message.severity() == Severity::Error || notice.since.elapsed() < SHOWN
        });
    }

    /// What is to be seen.
    pub fn list(&self) -> &[Notice] {
        &self.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(messages: Vec<Message>) -> Vec<String> {
        let mut notices = Notices::default();
        messages
            .into_iter()
            .for_each(|message| notices.say(message));
        let list = notices.list().iter();
        list.map(|notice| notice.message.to_string()).collect()
    }

    #[test]
    fn of_one_kind_the_newest_is_kept() {
        let saved = |name: &str| Message::Saved(name.into());
        assert_eq!(
            said(vec![saved("a"), Message::Copied, saved("b")]),
            ["The page is on the clipboard.", "Saved as b"]
        );
    }

    #[test]
    fn what_was_removed_is_named() {
        let written = |removed: &[&str]| Message::Written {
            path: "a.pdf".into(),
            removed: removed.iter().map(ToString::to_string).collect(),
        };
        assert_eq!(said(vec![written(&[])]), ["Written: a.pdf"]);
        assert_eq!(
            said(vec![written(&["name", "birth date"])]),
            ["Written: a.pdf · removed: name, birth date"]
        );
    }

    #[test]
    fn a_dismissed_notice_is_gone_and_an_error_stays() {
        let mut notices = Notices::default();
        notices.say(Message::Copied);
        notices.say(Message::EngineLost("x".into()));
        notices.tidy();
        let ids: Vec<u64> = notices.list().iter().map(|notice| notice.id).collect();
        assert_eq!(ids, [1, 2]);
        notices.dismiss(1);
        assert_eq!(notices.list()[0].message.severity(), Severity::Error);
        assert_eq!(notices.list().len(), 1);
    }
}
