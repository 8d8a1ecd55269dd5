//! Why an evaluation cannot be made.

use std::path::PathBuf;

/// Why an evaluation cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// A file or folder that cannot be read.
    #[error("evaluate: {1}: {0}")]
    Io(PathBuf, std::io::Error),
    /// Not an array of the expected kind.
    #[error("evaluate: {0}")]
    Array(#[from] crate::formats::FormatError),
    /// An index that cannot be read.
    #[error("evaluate: index of records: {1}: {0}")]
    Index(PathBuf, String),
    /// Nothing to evaluate.
    #[error("evaluate: {0}")]
    Nothing(String),
}
