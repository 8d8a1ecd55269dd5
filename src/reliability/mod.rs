//! How far a synthesised lead can be relied on: figures from this patient, a grade with its reasons
//! and warnings, all as values, and never a diagnosis.

mod baseline;
mod caution;
mod comparison;
mod exam;
mod grade;
mod held_out;
mod reason;
mod region;
mod warning;
mod window;

pub use comparison::{Comparison, Feature, FeaturePair};
pub use exam::{ExamReliability, Reliability};
pub use grade::Grade;
pub use held_out::{HeldOut, HeldOutSummary};
pub use reason::Reason;
pub use region::{Nearest, Region, degrees_beyond, is_covered};
pub use warning::{Half, MissedSign, Warning};
pub use window::TestWindow;
