//! Paths: the folder that one names, and whether two lead to one file.

use std::{fs, path::Path};

/// The folder that a path names, the current one where it names none.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|it| !it.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Whether two names lead to one file, by links of either kind.
pub(super) fn is_same_file(a: &Path, b: &Path) -> bool {
    #[cfg(unix)]
    let identity = |it: &Path| {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(it).map(|it| (it.dev(), it.ino()))
    };
    #[cfg(not(unix))]
    let identity = |it: &Path| fs::canonicalize(it);
    matches!((identity(a), identity(b)), (Ok(a), Ok(b)) if a == b)
}
