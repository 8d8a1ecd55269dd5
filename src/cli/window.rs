//! Without a command: the window. Where there can be none, the same work as a page in the current folder, and why.

use std::path::PathBuf;

use super::CliError;

/// Opens the window on `file`, or says why there is none.
pub(super) fn open(file: Option<PathBuf>) -> Result<(), CliError> {
    match window(file) {
        Ok(()) => Ok(()),
        Err(reason) => Err(CliError(format!("no window: {reason}"))),
    }
}

#[cfg(feature = "gui")]
fn window(file: Option<PathBuf>) -> Result<(), String> {
    crate::gui::run(file)
}

#[cfg(not(feature = "gui"))]
fn window(_: Option<PathBuf>) -> Result<(), String> {
    Err("this program was built without its window".into())
}
