//! The network, tensors to tensors. Knows no lead names: leads are samples, directions and prior
//! weights.
//!
//! The *lead-field path* ([`MixNetwork`]) corrects, for one patient and one direction, the signed mix
//! of the recorded leads that the torso model proposes; it works on covariances, so a view costs a
//! few small matrix products and keeps bandwidth and length untouched. The *residual path*
//! ([`ResidualNetwork`]) adds, instant by instant, what that mix leaves over. Not here: filters,
//! resampling, calibration loops.

mod context_samples;
mod corrector;
mod features;
mod gate;
mod harmonics;
mod mix;
#[cfg(test)]
pub(crate) mod reference;
mod residual;
mod statistics;
mod symmetric;
mod weights;

pub use context_samples::{ContextSamples, LAGS, N_LAGS, high_passed, neighbours};
pub use corrector::{
    Correction, Corrector, CorrectorConfig, Prior, ResidualQuery, Scales, shipped_bytes,
};
pub use features::{Features, N_EDGES, N_FEATURES, PatientContext, Whitening};
pub use gate::Gate;
pub use harmonics::{N_HARMONICS, harmonics};
pub use mix::{MixEnsemble, MixNetwork, MixNetworkConfig, MixTrunk, MixTrunkConfig};
pub use residual::{Instants, ResidualEnsemble, ResidualNetwork, ResidualNetworkConfig};
pub use statistics::{INTERNAL_RATE_HZ, Statistics};
pub use weights::{WeightsError, from_bytes, to_bytes};
