//! What can go wrong while training.

/// What went wrong while training.
#[derive(Debug, thiserror::Error)]
pub enum TrainingError {
    /// A file that is absent or not what it should be.
    #[error("{what} ({path})")]
    File {
        /// What was expected and found.
        what: String,
        /// Where.
        path: String,
    },
    /// Nothing to train on.
    #[error("no usable exam: {0}")]
    Empty(&'static str),
    /// Weights that do not fit.
    #[error(transparent)]
    Weights(#[from] crate::geovt::weights::WeightsError),
    /// Recordings that cannot be read.
    #[error(transparent)]
    Exams(#[from] crate::evaluate::EvaluateError),
    /// An array that cannot be read.
    #[error(transparent)]
    Array(#[from] crate::formats::FormatError),
}
