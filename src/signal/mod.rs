//! Samples to samples, pure: filters, resampling, beats, median beat, quality, metrics.
//! No I/O, no clock, no randomness; inside everything is `f64`, a gap (`NaN`) stays a gap.

mod beats;
mod filter;
mod gaps;
mod measure;
mod median;
pub mod metrics;
mod quality;
mod resample;
#[cfg(test)]
mod testing;

pub use beats::detect_beats;
pub use filter::FilterSettings;
pub use measure::{Intervals, measure};
pub use median::{MedianBeat, median_beat};
pub use quality::{LeadQuality, Quality, quality};
pub use resample::resample;
