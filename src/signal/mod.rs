//! Samples to samples, pure: filters, resampling, beats, median beat, quality, metrics.
//! No I/O, no clock, no randomness; inside everything is `f64`, a gap (`NaN`) stays a gap.

mod beats;
mod filter;
mod gaps;
pub mod metrics;
mod resample;

pub use beats::detect_beats;
pub use filter::FilterSettings;
pub use resample::resample;
