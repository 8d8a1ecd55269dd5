//! Samples to samples, pure: filters, resampling, beats, median beat, quality, metrics.
//! No I/O, no clock, no randomness; inside everything is `f64`, a gap (`NaN`) stays a gap.

mod agreement;
mod analysis;
mod beat_marks;
mod beats;
mod delineation;
mod disturbances;
mod each_beat;
mod exchange;
mod filter;
mod gaps;
mod intervals;
mod lead_measurements;
mod leads;
mod measurements;
mod median;
pub mod metrics;
mod pacing;
mod qtc;
mod quality;
mod r_prime;
mod resample;
mod rhythm;
mod sign;
mod tangent;
#[cfg(test)]
mod testing;
mod vectorcardiogram;

pub use agreement::{Agreement, Pair};
pub use analysis::{Analysis, analyse, without_spikes};
pub use beat_marks::BeatMarks;
pub use beats::detect_beats;
pub use delineation::{Delineation, LeadWaves, Wave};
pub use each_beat::BeatIntervals;
pub use exchange::{Exchange, Suspicion};
pub use filter::FilterSettings;
pub use intervals::Intervals;
pub use lead_measurements::{LeadMeasurements, TPolarity};
pub use measurements::{Measurements, TEnd};
pub use median::{MedianBeat, median_beat};
pub use quality::{LeadQuality, Quality, quality, quality_of};
pub use r_prime::RPrime;
pub use resample::resample;
pub use rhythm::{AtrialActivity, Rhythm};
pub use sign::{LeadTrouble, Sign};
pub use vectorcardiogram::{VectorBeat, frontal_axis_deg, heart_vectors};
