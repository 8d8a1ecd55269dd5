//! Feature `train`: exams to examples, losses, loops, checkpoints, the making of the field prior, and
//! the model card.
//!
//! The lead-field path is trained on covariances (a patient is a few 8×8 matrices, and the
//! logarithm of the squared error is the PSNR). Weights for unseen views never meet the leads they
//! will be asked for: neither as input nor as target nor in a statistic. Not here: anything the
//! shipped program needs.

mod ablation;
mod accuracy;
mod checkpoint;
mod data_fraction;
mod dense_views;
mod departures;
mod descent;
mod device;
mod error;
mod error_model;
mod examples;
mod exams;
mod field_prior;
mod left_out_views;
mod mix;
mod model_card;
mod population;
mod pretrain;
mod published_baselines;
mod random;
mod record;
mod residual;
mod run;
mod sets;
mod signals;
mod validate;
mod virtual_exams;
mod weights;

pub use ablation::ablation;
pub use accuracy::write_accuracy;
pub use checkpoint::save_atomically;
pub use data_fraction::data_fraction;
pub use device::calibrate_device;
pub use error::TrainingError;
pub use error_model::{ErrorModelSize, fit_error_model};
pub use field_prior::{BuildOptions, Built, FitMoments, build_field_prior};
pub use model_card::write_model_card;
pub use population::{PopulationRun, fit_population};
pub use pretrain::pretrain;
pub use published_baselines::{GeoVt, GeoVtConfig};
pub use run::PretrainRun;
