//! A file is written whole or not at all.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

/// What went wrong while saving, and where.
#[derive(Debug, thiserror::Error)]
#[error("saving: {source}: {}", path.display())]
pub struct SaveError {
    /// The file that should have been written.
    pub path: PathBuf,
    /// The system's words.
    pub source: std::io::Error,
}

/// Writes `bytes` beside `path`, then moves them there. On failure what was there before is
/// untouched.
pub fn save_atomically(path: &Path, bytes: &[u8]) -> Result<(), SaveError> {
    let failed = |source: std::io::Error| SaveError {
        path: path.to_owned(),
        source,
    };
    let folder = path
        .parent()
        .filter(|it| !it.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".ecg-panorama-")
        .tempfile_in(folder)
        .map_err(failed)?;
    file.write_all(bytes)
        .and_then(|()| file.as_file().sync_all())
        .map_err(failed)?;
    share(&file).map_err(failed)?;
    file.persist(path).map_err(|it| failed(it.error))?;
    Ok(())
}

/// Temporary files are private; a saved page is as readable as any other new file.
#[cfg(unix)]
fn share(file: &tempfile::NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file()
        .set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn share(_: &tempfile::NamedTempFile) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_whole_replaced_or_absent() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Ärztin 山田 page.svg");
        save_atomically(&path, b"first").unwrap();
        save_atomically(&path, b"second").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"second");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        let missing = folder.path().join("no such folder").join("page.svg");
        let error = save_atomically(&missing, b"x").unwrap_err().to_string();
        assert!(
            error.contains("no such folder") && !missing.exists(),
            "{error}"
        );
    }
}
