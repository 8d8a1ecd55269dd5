//! What every command fails with: a sentence.

use crate::formats::{OutputError, SaveError};

/// What a command could not do: the sentence for the user. Printed once, by [`super::main`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct CliError(
    /// What happened, where, and what to do.
    pub String,
);

impl CliError {
    /// Wraps any error's own words.
    pub fn from_error(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

impl From<OutputError> for CliError {
    fn from(error: OutputError) -> Self {
        Self::from_error(error)
    }
}

impl From<SaveError> for CliError {
    fn from(error: SaveError) -> Self {
        Self::from_error(error)
    }
}
