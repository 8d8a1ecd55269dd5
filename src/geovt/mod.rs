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
mod ensemble;
mod features;
mod gate;
pub mod harmonics;
mod lead_graph;
mod mix;
#[cfg(test)]
pub(crate) mod reference;
mod residual;
mod residual_query;
mod statistics;
pub mod weights;

pub use context_samples::ContextSamples;
pub use corrector::{Corrector, CorrectorConfig, Prior};
pub use ensemble::Ensemble;
pub use features::{Features, PatientContext};
pub use gate::Gate;
pub use lead_graph::LeadGraph;
pub use mix::{MixNetwork, MixNetworkConfig};
pub use residual::{Instants, ResidualNetwork, ResidualNetworkConfig};
pub use residual_query::ResidualQuery;
pub use statistics::{INTERNAL_RATE_HZ, Statistics};
