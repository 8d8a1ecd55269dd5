//! The record of a run, for the model card.

use super::{
    left_out_views::LeftOutView, mix::MixSettings, residual::ResidualSettings, validate::Table,
};

/// Record of a run, for the model card.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Record {
    /// Weight set.
    pub set: String,
    /// Settings of the first member of the lead-field path.
    pub settings: MixSettings,
    /// The same of the residual path, where there is one.
    pub residual: Option<ResidualSettings>,
    /// Members of each path.
    pub members: u64,
    /// Members of the residual path among the weights; none said: all.
    #[serde(default)]
    pub residual_kept: Option<u64>,
    /// Exams for training: real, virtual; set apart from training; for validation.
    pub exams: [usize; 4],
    /// Virtual patients among them.
    #[serde(default)]
    pub virtuals: usize,
    /// Examples for training: real, virtual; set apart.
    #[serde(rename = "cases")]
    pub examples: [usize; 3],
    /// Seconds: making examples, lead-field path, left-out views, residual path.
    pub seconds: [f64; 4],
    /// Each member.
    pub each: Vec<Member>,
    /// Views left out of the questions.
    pub left_out: Vec<LeftOutView>,
    /// Protocols at 125 Hz on the validation split of PTB-XL, all members averaged.
    pub tables: Vec<Table>,
}

/// One member of both paths.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Member {
    /// Its seed.
    pub seed: u64,
    /// Best step of each path, and its score on the exams set apart, dB.
    pub best: Vec<(u64, f64)>,
    /// The member alone on the validation split: protocol and mean PSNR, dB.
    pub alone: Vec<(String, f64)>,
}
