//! Samples to samples, pure: filters, resampling, beats, median beat, quality, metrics.
//! No I/O, no clock, no randomness; inside everything is `f64`, a gap (`NaN`) stays a gap.

mod agreement;
mod beats;
mod filter;
mod gaps;
mod measure;
mod median;
pub mod metrics;
mod qtc;
mod quality;
mod resample;
mod sign;
#[cfg(test)]
mod testing;
mod vectorcardiogram;

pub use agreement::{Agreement, Pair};
pub use beats::detect_beats;
pub use filter::FilterSettings;
pub use measure::{Intervals, measure};
pub use median::{MedianBeat, median_beat};
pub use qtc::{qtc_bazett_ms, qtc_framingham_ms, qtc_fridericia_ms, qtc_hodges_ms};
pub use quality::{LeadQuality, Quality, quality};
pub use resample::resample;
pub use sign::{LeadTrouble, Sign};
pub use vectorcardiogram::{VectorBeat, frontal_axis_deg, heart_vectors};
