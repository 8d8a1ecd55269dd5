//! The protocols and their baselines: recordings in, tables out.

mod trust_fit;

pub use trust_fit::{Recorded, RecordedError, TrustReport, fit_trust, read_split, spearman};
