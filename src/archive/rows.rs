//! What stands in the tables of an archive, as values.

use crate::{ecg::Lead, reliability::Grade};

/// An exam as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct ExamRow {
    /// Why nothing could be made of it; `None` where something was.
    pub failure: Option<String>,
    /// Length of the recording.
    pub duration_s: Option<f64>,
    /// Its samples per second.
    pub rate_hz: Option<f64>,
    /// How it was calibrated.
    pub method: Option<String>,
    /// Mean error of its chest leads, each withheld in turn.
    pub held_out_rmse_uv: Option<f64>,
    /// What the reader said and what calls for caution: JSON.
    pub warnings: String,
    /// SHA-256 of its files, or of a row's values.
    pub sha256: Option<String>,
}

/// How far a synthesised lead can be relied on.
#[derive(Clone, Debug, PartialEq)]
pub struct GradeRow {
    /// The lead, as [`Lead::label`] has it.
    pub lead: String,
    /// Direction from the heart: θ from superior.
    pub theta_deg: f64,
    /// φ from anterior to the patient's left.
    pub phi_deg: f64,
    /// Error to expect.
    pub expected_rmse_uv: f64,
    /// Grade, where reliability was asked for.
    pub grade: Option<Grade>,
    /// Its reasons: JSON.
    pub reasons: String,
    /// Error against the recorded lead of this name, where the file has one that was withheld.
    pub true_rmse_uv: Option<f64>,
}

/// A stretch of a lead that was made. Up to five minutes are one piece.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadPiece {
    /// The lead.
    pub lead: Lead,
    /// Seconds from the start of the recording.
    pub start_s: f64,
    /// Samples per second.
    pub rate_hz: f64,
}
