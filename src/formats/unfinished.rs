//! A file while it is being written: beside its target, under a name of our own, and gone if it is
//! never finished.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use tempfile::NamedTempFile;

use super::paths::folder_of;

const PREFIX: &str = ".ecg-panorama-";
const SUFFIX: &str = ".part";

/// Whether a file that is there may be replaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overwrite {
    /// An existing file is an error.
    #[default]
    Refused,
    /// The person asked for it (`--force`, or an answer in the window).
    Allowed,
}

/// What this process has begun, and the folders that it has looked through for what others left.
struct Begun {
    files: BTreeSet<PathBuf>,
    swept: BTreeSet<PathBuf>,
}

static BEGUN: Mutex<Begun> = Mutex::new(Begun {
    files: BTreeSet::new(),
    swept: BTreeSet::new(),
});

fn begun() -> MutexGuard<'static, Begun> {
    BEGUN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes every unfinished file of this process, for a program that is told to end. Whoever begins
/// another one waits from then on.
pub fn remove_unfinished() {
    let begun = begun();
    begun.files.iter().for_each(|it| drop(fs::remove_file(it)));
    std::mem::forget(begun);
}

/// A file that takes its place when it is whole.
pub(super) struct Unfinished {
    pub file: NamedTempFile,
    /// After the file: dropped when that is gone.
    entry: Entry,
}

struct Entry(PathBuf);

impl Drop for Entry {
    fn drop(&mut self) {
        begun().files.remove(&self.0);
    }
}

impl Unfinished {
    /// Begins a file in `folder`, as readable as the user's own settings have it or, if
    /// `is_private`, by the user alone. Removes what dead processes left in that folder.
    pub fn begin(folder: &Path, is_private: bool) -> io::Result<Self> {
        let mut begun = begun();
        if begun.swept.insert(folder.to_owned()) {
            sweep(folder);
        }
        let builder = builder(is_private);
        let file = loop {
            let file = builder.tempfile_in(folder)?;
            hold(&file);
            // Another process that sweeps may have been faster than the hold.
            if file.path().exists() {
                break file;
            }
        };
        let entry = Entry(file.path().to_owned());
        begun.files.insert(entry.0.clone());
        Ok(Self { file, entry })
    }

    /// Takes the place of `target`, with the permissions of the file that was there.
    pub fn finish(self, target: &Path, overwrite: Overwrite) -> io::Result<()> {
        let Self { file, entry } = self;
        file.as_file().sync_all()?;
        if let Ok(old) = fs::metadata(target) {
            // Some file systems have no permissions to keep.
            let _ = file.as_file().set_permissions(old.permissions());
        }
        let placed = match overwrite {
            Overwrite::Allowed => file.persist(target),
            // Not every file system can rename without replacing.
            Overwrite::Refused => file.persist_noclobber(target).or_else(|it| {
                if it.error.kind() == io::ErrorKind::AlreadyExists {
                    Err(it)
                } else {
                    it.file.persist(target)
                }
            }),
        };
        placed.map_err(|it| it.error)?;
        drop(entry);
        sync_folder(target);
        Ok(())
    }
}

fn builder(is_private: bool) -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    #[cfg(unix)]
    if !is_private {
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    }
    #[cfg(not(unix))]
    let _ = is_private;
    builder
}

/// A name is durable when its folder is; systems without that notion do without.
fn sync_folder(path: &Path) {
    if let Ok(folder) = fs::File::open(folder_of(path)) {
        let _ = folder.sync_all();
    }
}

/// Removes unfinished files of processes that are gone.
fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_ours = name.starts_with(PREFIX) && name.ends_with(SUFFIX);
        if is_ours && entry.file_type().is_ok_and(|it| it.is_file()) && is_left(&entry.path()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// A lock that the system gives back when the process ends, however it ends, also on a shared
/// folder.
#[cfg(unix)]
fn hold(file: &NamedTempFile) {
    let _ = file.as_file().lock();
}

#[cfg(unix)]
fn is_left(path: &Path) -> bool {
    fs::File::open(path).is_ok_and(|it| it.try_lock().is_ok())
}

/// Elsewhere a lock would keep the writers of formats out of the file.
#[cfg(not(unix))]
fn hold(_: &NamedTempFile) {}

#[cfg(not(unix))]
fn is_left(path: &Path) -> bool {
    const A_DAY: std::time::Duration = std::time::Duration::from_secs(24 * 3600);
    let age = fs::metadata(path).and_then(|it| it.modified());
    age.is_ok_and(|it| it.elapsed().is_ok_and(|it| A_DAY < it))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries
            .map(|it| it.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn what_is_not_finished_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let begun = Unfinished::begin(folder.path(), false).unwrap();
        assert_eq!(names(folder.path()).len(), 1);
        drop(begun);
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn what_a_dead_process_left_goes_and_what_a_living_one_writes_stays() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join(format!("{PREFIX}abcdef{SUFFIX}"));
        let alive = Unfinished::begin(folder.path(), false).unwrap();
        fs::write(&left, "left").unwrap();
        fs::write(folder.path().join(".other.part"), "another program's").unwrap();
        sweep(folder.path());
        assert_eq!(left.exists(), cfg!(not(unix)));
        assert!(alive.file.path().exists() && folder.path().join(".other.part").exists());
    }

    #[test]
    fn a_new_file_is_not_put_over_another() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a");
        fs::write(&target, "old").unwrap();
        let begin = || Unfinished::begin(folder.path(), true).unwrap();
        let refused = begin().finish(&target, Overwrite::Refused).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&target).unwrap(), b"old");
        begin().finish(&target, Overwrite::Allowed).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"");
        assert_eq!(names(folder.path()), ["a"]);
    }
}
