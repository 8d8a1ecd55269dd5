//! The one door through which the program writes: what a run may replace, and what it must never
//! touch.

use std::{
    collections::HashSet,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::{
    Overwrite,
    paths::{Identity, folder_of, identity},
    unfinished::Unfinished,
    wfdb,
};

/// Why a file was not written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// It is one of the files being read.
    #[error("this is a file to read; name another one to write: {}", .path.display())]
    IsInput {
        /// The file.
        path: PathBuf,
    },
    /// There is a file, and nobody said that it may go.
    #[error("there is a file already; --force replaces it: {}", .path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A folder, a pipe, a device: nothing that a file could replace.
    #[error("this is no plain file, expected a new name or a file to replace: {}", .path.display())]
    NotPlain {
        /// What is there.
        path: PathBuf,
    },
    /// A signal file, or a segment, of another WFDB record.
    #[error(
        "this file belongs to the record {}; name another one to write: {}",
        .header.display(), .path.display()
    )]
    OtherRecord {
        /// The file.
        path: PathBuf,
        /// The header that names it.
        header: PathBuf,
    },
    /// The system refused.
    #[error("save: {source}: {}", .path.display())]
    Io {
        /// The file that should have been written.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl OutputError {
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        if source.kind() == io::ErrorKind::AlreadyExists {
            Self::Exists { path }
        } else {
            Self::Io { path, source }
        }
    }
}

/// How one run of the program, or one command of the window, writes. A file appears whole or not at
/// all, keeps the permissions of the one it replaces, and through a link it is the link's target
/// that is replaced.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// What becomes of files that are there.
    pub overwrite: Overwrite,
    inputs: HashSet<Identity>,
    follows_no_link: bool,
}

impl Output {
    /// For a run that reads nothing.
    pub fn new(overwrite: Overwrite) -> Self {
        Self {
            overwrite,
            ..Self::default()
        }
    }

    /// For names that the program makes up: a link that lies there was meant by nobody.
    pub fn following_no_link(mut self) -> Self {
        self.follows_no_link = true;
        self
    }

    /// Names files that the run reads: none of them is ever written, whatever it is called.
    pub fn reading(mut self, files: impl IntoIterator<Item = PathBuf>) -> Self {
        let files = files.into_iter().filter_map(|it| identity(&it));
        self.inputs.extend(files);
        self
    }

    /// Whether `path` may be written: to be asked before long work.
    pub fn check(&self, path: &Path) -> Result<(), OutputError> {
        self.place(path, None).map(drop)
    }

    /// Writes `bytes`.
    pub fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
        self.write_with(path, |file| {
            file.file
                .write_all(bytes)
                .map_err(|it| OutputError::io(path, it))
        })
    }

    /// Writes what `fill` puts out, a piece at a time.
    pub fn write_pieces<E: From<OutputError>>(
        &self,
        path: &Path,
        fill: impl FnOnce(&mut (dyn Write + Send)) -> Result<(), E>,
    ) -> Result<(), E> {
        self.write_with(path, |file| fill(&mut file.file))
    }

    /// Writes what `fill` puts into the file.
    pub(super) fn write_with<E: From<OutputError>>(
        &self,
        path: &Path,
        fill: impl FnOnce(&mut Unfinished) -> Result<(), E>,
    ) -> Result<(), E> {
        let place = self.place(path, None)?;
        let mut file = begin(&place)?;
        fill(&mut file)?;
        let done = file.finish(&place, self.overwrite);
        Ok(done.map_err(|it| OutputError::io(path, it))?)
    }

    /// Where `path` really lies, if it may be written. `record` is the header that the file
    /// belongs to.
    pub(super) fn place(&self, path: &Path, record: Option<&Path>) -> Result<PathBuf, OutputError> {
        let named = || path.to_owned();
        let failed = |source| OutputError::io(path, source);
        let found = match fs::metadata(path) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(named()),
            Err(error) => return Err(failed(error)),
        };
        if !found.is_file() || (self.follows_no_link && path.is_symlink()) {
            return Err(OutputError::NotPlain { path: named() });
        }
        if identity(path).is_some_and(|it| self.inputs.contains(&it)) {
            return Err(OutputError::IsInput { path: named() });
        }
        if self.overwrite == Overwrite::Refused {
            return Err(OutputError::Exists { path: named() });
        }
        let place = path.canonicalize().map_err(failed)?;
        match wfdb::header_that_names(&place, record) {
            Some(header) => Err(OutputError::OtherRecord {
                path: named(),
                header,
            }),
            None => Ok(place),
        }
    }
}

/// Begins a file that will be at `place`; what replaces a private file is private from the start.
pub(super) fn begin(place: &Path) -> Result<Unfinished, OutputError> {
    Unfinished::begin(folder_of(place), place.exists()).map_err(|it| OutputError::io(place, it))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes into a folder that holds `in`, `other` and a record `r`, and says what became of it.
    fn check(overwrite: Overwrite, name: &str, prepare: impl FnOnce(&Path)) -> &'static str {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for (name, text) in [
            ("in", "in"),
            ("other", "other"),
            ("r.hea", "r 1 500 2\nr.dat 16 200 16 0 0 0 0 I\n"),
            ("r.dat", "abcd"),
        ] {
            fs::write(at(name), text).unwrap();
        }
        prepare(folder.path());
        let output = Output::new(overwrite).reading([at("in")]);
        let before = fs::read(at(name)).ok();
        let outcome = match output.write(&at(name), b"new") {
            Ok(()) => "written",
            Err(OutputError::IsInput { .. }) => "input",
            Err(OutputError::Exists { .. }) => "exists",
            Err(OutputError::NotPlain { .. }) => "not plain",
            Err(OutputError::OtherRecord { .. }) => "other record",
            Err(OutputError::Io { .. }) => "io",
        };
        let after = if outcome == "written" {
            Some(b"new".to_vec())
        } else {
            before
        };
        let is_file = fs::metadata(at(name)).is_ok_and(|it| it.is_file());
        assert!(!is_file || fs::read(at(name)).ok() == after, "{name}");
        outcome
    }

    #[test]
    fn files_are_written_replaced_or_refused() {
        use Overwrite::{Allowed, Refused};
        let nothing = |_: &Path| {};
        for (overwrite, name, expected) in [
            (Refused, "Ärztin 山田.svg", "written"),
            (Refused, "other", "exists"),
            (Allowed, "other", "written"),
            (Refused, "in", "input"),
            (Allowed, "in", "input"),
            (Allowed, "./in", "input"),
            (Allowed, "r.dat", "other record"),
            (Allowed, "r.hea", "written"),
            (Allowed, "none/a", "io"),
        ] {
            assert_eq!(check(overwrite, name, nothing), expected, "{name}");
        }
        let folder = |at: &Path| fs::create_dir(at.join("a")).unwrap();
        assert_eq!(check(Allowed, "a", folder), "not plain");
    }

    #[cfg(unix)]
    #[test]
    fn identity_counts_and_not_the_name() {
        use std::os::unix::fs::symlink;
        let allowed = |prepare: fn(&Path)| check(Overwrite::Allowed, "a", prepare);
        let link = |at: &Path| symlink(at.join("in"), at.join("a")).unwrap();
        assert_eq!(allowed(link), "input");
        let hard = |at: &Path| fs::hard_link(at.join("in"), at.join("a")).unwrap();
        assert_eq!(allowed(hard), "input");
        let record = |at: &Path| fs::hard_link(at.join("r.dat"), at.join("a")).unwrap();
        assert_eq!(allowed(record), "other record");
        let device = |at: &Path| symlink("/dev/null", at.join("a")).unwrap();
        assert_eq!(allowed(device), "not plain");
        let other = |at: &Path| {
            symlink(at.join("other"), at.join("a")).unwrap();
        };
        assert_eq!(allowed(other), "written");
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "kept").unwrap();
        symlink(&file, &link).unwrap();
        let output = Output::new(Overwrite::Allowed).following_no_link();
        let refused = output.write(&link, b"new");
        assert!(matches!(refused, Err(OutputError::NotPlain { .. })));
        assert_eq!(fs::read(&file).unwrap(), b"kept");
    }

    #[cfg(unix)]
    #[test]
    fn permissions_of_the_old_file_are_kept_and_links_stay_links() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let output = Output::new(Overwrite::Allowed);
        output.write(&link, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o640
        );
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}
