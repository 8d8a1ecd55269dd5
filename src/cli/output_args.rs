//! Arguments that every command which writes files shares.

use std::path::Path;

use super::CliError;
use crate::formats::{Format, Output, Overwrite, files_of_recording};

/// Whether files that are there may go.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub struct OverwriteArgs {
    /// Replace files that are there
    #[arg(long)]
    pub force: bool,
}

impl OverwriteArgs {
    /// The door to write through, shut for the files of the recording that is read.
    pub(super) fn output(self, reading: Option<&Path>) -> Output {
        let overwrite = if self.force {
            Overwrite::Allowed
        } else {
            Overwrite::Refused
        };
        Output::new(overwrite).reading(reading.map(files_of_recording).unwrap_or_default())
    }
}

/// The format of a recording that the file's extension asks for.
pub(super) fn format_of(path: &Path) -> Result<Format, CliError> {
    Format::from_path(path).ok_or_else(|| {
        CliError(format!(
            "no format for this extension, expected .edf, .hea, .csv or .dcm: {}",
            path.display()
        ))
    })
}
