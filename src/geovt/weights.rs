//! Weights as bytes: Burn's own pack format, embedded or read by whoever may read files.

use burn::{
    module::Module,
    store::{BurnpackStore, ModuleSnapshot},
    tensor::Bytes,
};

/// Why bytes are not weights of a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeightsError {
    /// The bytes are not a pack, or tensors do not fit the network.
    #[error("network weights: {0}")]
    Pack(String),
    /// The configuration beside the weights cannot be read.
    #[error("network configuration: {0}")]
    Config(String),
}

/// Loads `module` from bytes written by [`to_bytes`]. Every tensor must be there and fit.
pub fn from_bytes<M: Module>(mut module: M, bytes: &[u8]) -> Result<M, WeightsError> {
    let mut store = BurnpackStore::from_bytes(Some(Bytes::from_bytes_vec(bytes.to_vec())));
    let result = module
        .load_from(&mut store)
        .map_err(|it| WeightsError::Pack(it.to_string()))?;
    if let Some(first) = result.errors.first() {
        return Err(WeightsError::Pack(first.to_string()));
    }
    match result.missing.first() {
        Some((path, _)) => Err(WeightsError::Pack(format!("no tensor {path}"))),
        None => Ok(module),
    }
}

/// Bytes of a module's weights.
pub fn to_bytes<M: Module>(module: &M) -> Result<Vec<u8>, WeightsError> {
    let mut store = BurnpackStore::from_bytes(None);
    module
        .save_into(&mut store)
        .map_err(|it| WeightsError::Pack(it.to_string()))?;
    let bytes = store
        .get_bytes()
        .map_err(|it| WeightsError::Pack(it.to_string()))?;
    Ok(bytes.to_vec())
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::geovt::MixNetworkConfig;

    #[test]
    fn there_and_back_and_damage_is_an_error() {
        let device = Device::flex();
        device.seed(1);
        let config = MixNetworkConfig::new().with_width(8);
        let bytes = to_bytes(&config.init(&device)).unwrap();
        let again = from_bytes(config.init(&device), &bytes).unwrap();
        assert_eq!(to_bytes(&again).unwrap().len(), bytes.len());
        assert!(from_bytes(config.init(&device), &bytes[..bytes.len() / 2]).is_err());
        assert!(from_bytes(MixNetworkConfig::new().with_width(9).init(&device), &bytes).is_err());
        assert!(from_bytes(config.init(&device), b"nothing").is_err());
    }
}
