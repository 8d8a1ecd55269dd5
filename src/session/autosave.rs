//! What a crash must not take: the autosave, and a report of what happened.

use std::{fs, path::PathBuf};

use super::saved_session::{SavedSession, StoreError};
use crate::formats::{Output, Overwrite};

/// The folder of the autosave and of crash reports.
#[derive(Clone, Debug)]
pub struct Autosave {
    folder: PathBuf,
}

impl Autosave {
    /// Uses `folder`, which is made when something is first written.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// Writes the autosave.
    pub(super) fn write(&self, session: &SavedSession) -> Result<(), StoreError> {
        let path = self.path();
        fs::create_dir_all(&self.folder).map_err(|source| StoreError::Io {
            step: "autosave",
            source,
            path: path.clone(),
        })?;
        session.save(&path, &Output::new(Overwrite::Allowed))
    }

    /// The autosave that a crash left behind.
    pub(super) fn left_behind(&self) -> Option<SavedSession> {
        SavedSession::open(&self.path()).ok()
    }

    /// Removes the autosave: the program ended as it should, or the user does not want it.
    pub(super) fn forget(&self) {
        fs::remove_file(self.path()).ok();
    }

    /// Makes every later panic leave a readable report beside the autosave.
    pub fn report_crashes(&self) {
        let (folder, earlier) = (self.folder.clone(), std::panic::take_hook());
        std::panic::set_hook(Box::new(move |info| {
            let place = info
                .location()
                .map_or("an unknown place".into(), ToString::to_string);
            let text = info.payload_as_str().unwrap_or("no reason given");
            let thread = std::thread::current();
            let report = format!(
                "ECG Panorama {} stopped unexpectedly.\n\nReason: {text}\nPlace: {place}\nThread: {}\nSystem: {} {}\n\n\
                 Your work was saved just before: start the program again and choose “Recover”.\n",
                env!("CARGO_PKG_VERSION"),
                thread.name().unwrap_or("unnamed"),
                std::env::consts::OS,
                std::env::consts::ARCH,
            );
            fs::create_dir_all(&folder).ok();
            fs::write(folder.join("crash-report.txt"), &report).ok();
            earlier(info);
        }));
    }

    fn path(&self) -> PathBuf {
        self.folder.join("autosave.panorama")
    }
}

#[cfg(test)]
mod tests {
    use super::{super::document::Document, *};

    #[test]
    fn an_autosave_is_found_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let autosave = Autosave::new(folder.path().join("deep/er"));
        assert!(autosave.left_behind().is_none());
        let session = SavedSession::new(Document::default(), String::new(), None);
        autosave.write(&session).unwrap();
        assert_eq!(
            autosave.left_behind().map(|found| found.kind),
            Some(session.kind)
        );
        autosave.forget();
        assert!(autosave.left_behind().is_none());
    }
}
