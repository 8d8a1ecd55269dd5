//! Makes the ensemble of lead fields that synthesis stands on: draws bodies and hearts, weighs them
//! on recordings.

mod build;
mod draw;
mod fit;

pub use build::{BuildOptions, Built, build_field_prior};
pub use fit::FitMoments;
