//! Feature `train`: exams to cases, losses, loops, checkpoints, and the model card.
//!
//! The lead-field path is trained on covariances (a patient is a few 8×8 matrices, and the
//! logarithm of the squared error is the PSNR). Weights for unseen views never meet the leads they
//! will be asked for: neither as input nor as target nor in a statistic. Not here: anything the
//! shipped program needs.

mod ablation;
mod card;
mod cases;
mod checkpoint;
mod device;
mod exams;
mod forms;
mod mix;
mod pretrain;
mod random;
mod residual;
mod share;
mod validate;
mod virtual_exams;
mod weights;

pub use ablation::{FormResult, ablation};
pub use card::write_card;
pub use cases::{Case, Plan, build_cases};
pub use checkpoint::{Checkpoint, save_atomically};
pub use device::calibrate_device;
pub use exams::{Exam, Split, load_exams, load_folder};
pub use mix::{MixSettings, train_mix};
pub use pretrain::{LeftOut, PretrainRun, Record, pretrain};
pub use random::Random;
pub use residual::{Mixed, ResidualSettings, Signals, residual_db, train_residual};
pub use share::{ShareRow, data_share};
pub use validate::{Table, protocol_cases, questions, validate};

/// Learning rate at `step` of `steps`: warm-up to `highest`, then half a cosine.
fn learning_rate(highest: f64, step: u64, steps: u64) -> f64 {
    let share = step as f64 / steps as f64;
    highest
        * ((step + 1) as f64 / 100.0).min(1.0)
        * 0.5
        * (1.0 + (std::f64::consts::PI * share).cos())
        + 1e-5
}

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
    Weights(#[from] crate::geovt::WeightsError),
}
