//! Reading a file as the user says it is: all of it, or the first window of a long one.

use std::path::Path;

use super::{document::WINDOW_S, read_as::ReadAs};
use crate::formats::{self, FormatError, Opened, Source};

/// Longer recordings stay in their file, and windows of them are read when they are wanted.
pub(super) const LONG_S: f64 = 300.0;

/// The file, and all of it or the first window of a long one.
pub(super) fn read(path: &Path, read_as: &ReadAs) -> Result<(Source, Opened), FormatError> {
    let source = formats::open(path, &read_as.options())?;
    let duration_s = source.duration_s();
    let seconds = if LONG_S < duration_s {
        WINDOW_S
    } else {
        duration_s
    };
    let opened = source.window(0.0, seconds)?;
    Ok((source, opened))
}
