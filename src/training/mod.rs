//! Feature `train`: exams to examples, losses, loops, checkpoints, the making of the field prior, and
//! the model card.
//!
//! The lead-field path is trained on covariances (a patient is a few 8×8 matrices, and the
//! logarithm of the squared error is the PSNR). Weights for unseen views never meet the leads they
//! will be asked for: neither as input nor as target nor in a statistic. Not here: anything the
//! shipped program needs.

mod ablation;
mod checkpoint;
mod data_fraction;
mod device;
mod error_model;
mod examples;
mod exams;
mod field_prior;
mod mix;
mod model_card;
mod pretrain;
mod published_baselines;
mod random;
mod residual;
mod validate;
mod virtual_exams;
mod weights;

pub use ablation::ablation;
pub use checkpoint::save_atomically;
pub use data_fraction::data_fraction;
pub use device::calibrate_device;
pub use error_model::fit_error_model;
pub use field_prior::{BuildOptions, Built, Patient, build_field_prior};
pub use model_card::write_model_card;
pub use pretrain::{PretrainRun, pretrain};
pub use published_baselines::{GeoVt, GeoVtConfig};

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
