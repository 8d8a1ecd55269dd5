//! The torso as a conductor: lead fields of any electrode, the ensemble of them (field prior) and a patient's posterior over it.

mod conductor;
mod posterior;
mod prior;
mod solid_angle;

pub use conductor::{Conductor, ConductorError, LeadField, SkinPoint};
pub use posterior::{Mix, Posterior};
pub use prior::FieldPrior;
