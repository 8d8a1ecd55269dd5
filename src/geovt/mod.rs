//! The network, tensors to tensors. Knows no lead names: leads are samples, directions and prior
//! weights.
//!
//! Two paths meet in a synthesised view. The *lead-field path* ([`MixNetwork`]) corrects, for one
//! patient and one direction, the signed mix of the recorded leads that the torso model proposes;
//! it works on covariances, so a view costs a few small matrix products and keeps bandwidth and
//! length untouched. The *residual path* ([`GeoVt`]) is the Geometric View Transformer of NEF-NET
//! v2 at a low internal rate. Not here: filters, resampling, calibration loops.

mod angle;
mod attention;
mod corrector;
mod encoder;
mod evidence;
mod gate;
mod head;
mod mix;
mod model;
mod offsets;
#[cfg(test)]
mod reference;
mod residual;
mod statistics;
mod symmetric;
mod taps;
mod transformer;
mod weights;

pub use angle::{AngleEmbedding, AngleEmbeddingConfig, N_HARMONICS, harmonics};
pub use attention::{AngularAttention, AngularAttentionConfig, AttentionKind};
pub use corrector::{
    Correction, Corrector, CorrectorConfig, Prior, Question, Scales, shipped_bytes,
};
pub use encoder::{ChannelNorm, ViewEncoder, ViewEncoderConfig};
pub use evidence::{Evidence, Knowledge, N_EDGES, N_FEATURES, Whitening};
pub use gate::Gate;
pub use head::{ReconstructionHead, ReconstructionHeadConfig, upsample};
pub use mix::{MixEnsemble, MixNetwork, MixNetworkConfig, MixTrunk, MixTrunkConfig};
pub use model::{Encoded, GeoVt, GeoVtConfig};
pub use offsets::{AngularOffsets, MAX_OFFSET_DEG};
pub use residual::{Instants, ResidualEnsemble, ResidualNetwork, ResidualNetworkConfig};
pub use statistics::{INTERNAL_RATE_HZ, Statistics};
pub use taps::{LAGS, N_LAGS, Taps, neighbours, steady};
pub use transformer::{GeometricViewTransformer, GeometricViewTransformerConfig};
pub use weights::{WeightsError, from_bytes, to_bytes};
