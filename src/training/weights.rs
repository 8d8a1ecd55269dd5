//! Weight sets from their files.

use std::path::Path;

use burn::tensor::Device;

use super::TrainingError;
use crate::geovt::{CorrectorConfig, Ensemble, MixNetwork, weights::from_bytes};

/// The lead-field path of a set.
pub(super) fn mix_of(weights: &Path, set: &str) -> Result<Ensemble<MixNetwork>, TrainingError> {
    let config: CorrectorConfig = json(&weights.join(format!("{set}.json")))?;
    let fresh = (0..config.members)
        .map(|_| config.mix.init(&Device::flex()))
        .collect();
    Ok(from_bytes(
        Ensemble::new(fresh),
        &read(&weights.join(format!("{set}.bpk")))?,
    )?)
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, TrainingError> {
    std::fs::read(path).map_err(|it| TrainingError::File {
        what: it.to_string(),
        path: path.display().to_string(),
    })
}

pub(super) fn json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, TrainingError> {
    serde_json::from_slice(&read(path)?).map_err(|it| TrainingError::File {
        what: it.to_string(),
        path: path.display().to_string(),
    })
}
