//! What a crash must not take: an autosave for each running program, and a report of what happened.
//!
//! Each running program owns a slot of the folder: `autosave-N.panorama` and a lock beside it, which
//! the system frees however the program ends. A slot with an autosave and without an owner is what
//! a crash left behind.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use super::saved_session::{SavedSession, StoreError};
use crate::formats::{Output, Overwrite};

/// Programs that may run at once, and crashes that may wait for a decision.
const MOST: usize = 1000;

/// The folder of autosaves and of crash reports, and this program's own slot of it.
#[derive(Debug)]
pub struct Autosave {
    folder: PathBuf,
    own: Option<Slot>,
}

/// Work that a crash left behind. As long as this value lives no other program is offered it.
#[derive(Debug)]
pub struct LeftBehind {
    /// The work.
    pub session: SavedSession,
    slot: Slot,
}

/// A place for one autosave, held by whoever holds the lock.
#[derive(Debug)]
struct Slot {
    path: PathBuf,
    _lock: File,
}

impl Autosave {
    /// Uses `folder`, which is made when something is first written.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            own: None,
        }
    }

    /// Where the program keeps what is its own.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes the autosave.
    pub(super) fn write(&mut self, session: &SavedSession) -> Result<(), StoreError> {
        let failed = |source| StoreError::Io {
            step: "autosave",
            source,
            path: self.folder.clone(),
        };
        fs::create_dir_all(&self.folder).map_err(failed)?;
        let slot = match self.own.take() {
            Some(slot) => slot,
            None => Slot::free(&self.folder).map_err(failed)?,
        };
        let slot = self.own.insert(slot);
        session.save(&slot.path, &Output::new(Overwrite::Allowed))
    }

    /// What crashes left behind, the newest first. What cannot be read stays where it is.
    pub(super) fn left_behind(&self) -> Vec<LeftBehind> {
        let slots = (0..MOST).map(|number| Slot::path(&self.folder, number));
        let mut found: Vec<_> = slots
            .filter(|path| path.exists())
            .filter_map(|path| Slot::claim(path).ok().flatten())
            .filter_map(|slot| {
                let written = fs::metadata(&slot.path).and_then(|about| about.modified());
                let session = SavedSession::open(&slot.path).ok()?;
                Some((written.ok(), LeftBehind { session, slot }))
            })
            .collect();
        found.sort_by_key(|(written, _)| std::cmp::Reverse(*written));
        found.into_iter().map(|(_, left)| left).collect()
    }

    /// Goes on with what was left behind: from now on it is this program's own.
    pub(super) fn take_over(&mut self, left: LeftBehind) {
        self.forget();
        self.own = Some(left.slot);
    }

    /// Removes this program's own autosave: the work is saved, or the user does not want it.
    pub(super) fn forget(&mut self) {
        if let Some(slot) = &self.own {
            fs::remove_file(&slot.path).ok();
        }
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
}

impl LeftBehind {
    /// Removes it: the user does not want it.
    pub(super) fn forget(self) {
        fs::remove_file(&self.slot.path).ok();
    }
}

impl Slot {
    fn path(folder: &Path, number: usize) -> PathBuf {
        folder.join(format!("autosave-{number}.panorama"))
    }

    /// The slot of this file; `None` where a running program holds it. The lock's file stays for
    /// good: removing it could part two programs that wait for the same lock.
    fn claim(path: PathBuf) -> io::Result<Option<Self>> {
        let lock = path.with_extension("lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(lock)?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Self { path, _lock: lock })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(problem)) => Err(problem),
        }
    }

    /// A slot without an owner and without work that waits for a decision.
    fn free(folder: &Path) -> io::Result<Self> {
        for number in 0..MOST {
            let slot = Self::claim(Self::path(folder, number))?;
            if let Some(slot) = slot.filter(|slot| !slot.path.exists()) {
                return Ok(slot);
            }
        }
        Err(io::Error::other("every place for an autosave is taken"))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::document::Document, *};

    fn session(start_s: f64) -> SavedSession {
        let document = Document {
            window_start_s: start_s,
            ..Document::default()
        };
        SavedSession::new(document, String::new(), None)
    }

    /// Where the work that is offered at a start begins.
    fn offered(folder: &Path) -> Vec<f64> {
        let left = Autosave::new(folder).left_behind();
        left.iter()
            .map(|left| left.session.document.window_start_s)
            .collect()
    }

    #[test]
    fn what_a_crash_left_is_offered_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("deep/er");
        assert!(offered(&folder).is_empty());
        let mut crashed = Autosave::new(&folder);
        crashed.write(&session(3.0)).unwrap();
        drop(crashed);
        assert_eq!((offered(&folder), offered(&folder)), (vec![3.0], vec![3.0]));
        let mut other = Autosave::new(&folder);
        other.write(&session(4.0)).unwrap();
        assert_eq!(offered(&folder), [3.0], "another program writes elsewhere");
        other.forget();
        let left = Autosave::new(&folder).left_behind();
        left.into_iter().for_each(LeftBehind::forget);
        assert!(offered(&folder).is_empty());
    }

    #[test]
    fn work_of_a_running_program_is_neither_offered_nor_removed() {
        let folder = tempfile::tempdir().unwrap();
        let mut running = Autosave::new(folder.path());
        running.write(&session(1.0)).unwrap();
        assert!(offered(folder.path()).is_empty());
        let mut second = Autosave::new(folder.path());
        second.forget();
        second.write(&session(2.0)).unwrap();
        second.forget();
        drop((second, running));
        assert_eq!(offered(folder.path()), [1.0]);
    }

    #[test]
    fn work_that_one_program_is_asked_about_is_not_offered_to_another() {
        let folder = tempfile::tempdir().unwrap();
        Autosave::new(folder.path()).write(&session(1.0)).unwrap();
        let mut asked = Autosave::new(folder.path());
        let left = asked.left_behind().remove(0);
        assert!(offered(folder.path()).is_empty());
        asked.take_over(left);
        asked.write(&session(5.0)).unwrap();
        drop(asked);
        assert_eq!(offered(folder.path()), [5.0], "in place of the former");
    }
}
