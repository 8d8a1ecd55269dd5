//! A recording too long to be held at once: it stays in its file, and windows of it are read when
//! they are wanted.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::{document::WINDOW_S, read_as::ReadAs};
use crate::{
    ecg::{LeadSetError, Recording},
    formats::{FormatError, Source},
};

/// A long recording in its file.
pub struct LongRecording {
    source: Source,
    read_as: ReadAs,
    path: PathBuf,
    stamp: Option<Stamp>,
}

/// What changes when somebody writes to a file.
type Stamp = (u64, Option<SystemTime>);

fn stamp(path: &Path) -> Option<Stamp> {
    let about = fs::metadata(path).ok()?;
    Some((about.len(), about.modified().ok()))
}

/// Why no other window can be shown.
#[derive(Debug, thiserror::Error)]
pub enum LongRecordingError {
    /// The file is gone.
    #[error(
        "The recording is no longer there: the page stays where it was. Put the file back or open \
         another. ({})",
        .0.display()
    )]
    Gone(PathBuf),
    /// The file is another by now.
    #[error(
        "The recording was changed since it was opened: the page stays where it was. Open it \
         again. ({})",
        .0.display()
    )]
    Changed(PathBuf),
    /// Names that the user gave its leads.
    #[error("Two of its leads would go by one name: {0}. The page stays where it was.")]
    Names(#[from] LeadSetError),
    /// The file cannot be read there.
    #[error("The recording can no longer be read: {0}. The page stays where it was.")]
    Unreadable(#[from] FormatError),
}

impl LongRecording {
    /// `source` is the opened file at `path`.
    pub fn new(source: Source, path: &Path, read_as: ReadAs) -> Self {
        Self {
            source,
            read_as,
            path: path.to_owned(),
            stamp: stamp(path),
        }
    }

    /// Seconds from the first to the last sample.
    pub fn duration_s(&self) -> f64 {
        self.source.duration_s()
    }

    /// One window from `start_s` on, or the last one.
    pub fn window(&self, start_s: f64) -> Result<Recording, LongRecordingError> {
        let now = stamp(&self.path);
        if now.is_none() {
            return Err(LongRecordingError::Gone(self.path.clone()));
        }
        if now != self.stamp {
            return Err(LongRecordingError::Changed(self.path.clone()));
        }
        let latest_s = (self.duration_s() - WINDOW_S).max(0.0);
        let opened = self.source.window(start_s.clamp(0.0, latest_s), WINDOW_S)?;
        let mut recording = opened.recording;
        self.read_as.rename(&mut recording)?;
        Ok(recording)
    }
}
