//! The torso as a conductor: lead fields of any electrode, the ensemble of them (field prior) and a
//! patient's posterior over it.

mod anywhere;
mod asset;
mod build;
mod conductor;
mod fit;
mod inverted;
mod member;
mod posterior;
mod prior;
mod recipe;
mod solid_angle;

pub use anywhere::{Anywhere, Shift};
pub use asset::AssetError;
pub use build::{BuildOptions, Built, build};
pub use conductor::{Conductor, ConductorError, LeadField, SkinPoint};
pub use fit::{Moments, Patient};
pub use inverted::Inverted;
pub use posterior::{Mix, Posterior};
pub use prior::{FieldPrior, reference_torso, shipped_bytes};
