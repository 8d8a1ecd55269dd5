//! Paths: the folder that one names, and which file it leads to.

use std::{fs, path::Path};

/// The folder that a path names, the current one where it names none.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|it| !it.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// What tells a file from every other, whatever it is called: device and number.
#[cfg(unix)]
pub(super) type Identity = (u64, u64);

/// What tells a file from every other: its path without links.
#[cfg(not(unix))]
pub(super) type Identity = std::path::PathBuf;

/// The file that a path leads to, by links of either kind; `None` if there is none.
pub(super) fn identity(path: &Path) -> Option<Identity> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(path).ok().map(|it| (it.dev(), it.ino()))
    }
    #[cfg(not(unix))]
    fs::canonicalize(path).ok()
}

/// Whether two paths lead to one file.
pub(super) fn is_same_file(a: &Path, b: &Path) -> bool {
    identity(a).is_some_and(|it| identity(b) == Some(it))
}
