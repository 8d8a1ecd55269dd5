//! What can be wrong with an archive, as fields.

use std::{io, path::PathBuf};

use crate::formats::OutputError;

/// Why exams could not be listed, read from Parquet, or their tables written.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The system refused.
    #[error("archive: {source}: {}", .path.display())]
    Io {
        /// What was to be read.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Not i/n.
    #[error("--shard {text}: expected i/n with 1 ≤ i ≤ n, such as 1/4")]
    Shard {
        /// What was given.
        text: String,
    },
    /// A table of exams without a column that names them.
    #[error("list of exams: found no column {expected}: {}", .path.display())]
    NoColumn {
        /// The list.
        path: PathBuf,
        /// The column or columns that were looked for.
        expected: String,
    },
    /// A Parquet file, but the program was built without them.
    #[error("this program was built without Parquet (feature `archive`): {}", .path.display())]
    NoParquet {
        /// The file.
        path: PathBuf,
    },
    /// What the Parquet library says of a file.
    #[error("Parquet: {problem}: {}", .path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// The library's words.
        problem: String,
    },
    /// A row that is no exam.
    #[error("Parquet, row {row}, {place}: found {found}, expected {expected}: {}", .path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// The row, from 0.
        row: u64,
        /// The column.
        place: String,
        /// What was found there.
        found: String,
        /// What should be there.
        expected: &'static str,
    },
    /// A table could not be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

impl ArchiveError {
    pub(super) fn io(path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Io {
            path: path.into(),
            source,
        }
    }

    #[cfg(feature = "archive")]
    pub(super) fn parquet(
        path: impl Into<PathBuf>,
        problem: parquet::errors::ParquetError,
    ) -> Self {
        let (path, problem) = (path.into(), problem.to_string());
        Self::Parquet { path, problem }
    }
}
