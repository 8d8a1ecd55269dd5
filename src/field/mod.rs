//! The torso as a conductor: lead fields of any electrode, the ensemble of them (field prior) and a
//! patient's posterior over it.

mod asset;
mod conductor;
mod departures;
mod inverted;
mod member;
mod placement;
mod population;
mod population_group;
mod population_parts;
mod posterior;
mod prior;
mod shift_search;
mod skin_basis;
mod solid_angle;

pub use asset::shipped_bytes;
pub use conductor::{Conductor, ConductorError, LeadField, SkinPoint};
pub use inverted::Inverted;
pub use population::{PhasedMix, Population, PopulationPosterior, population_bytes};
pub use population_parts::PopulationParts;
pub use posterior::{Mix, Posterior};
pub use prior::FieldPrior;
pub use shift_search::{Shift, ShiftedEnsemble};
pub use skin_basis::reference_torso;

// For making an ensemble.
#[cfg(feature = "train")]
pub(crate) use {
    asset::{Group, encode},
    member::{Inverse, Inversion, Member, softmax},
    placement::PLACEMENTS,
    solid_angle::corner_shares,
};
