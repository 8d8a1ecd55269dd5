//! What an electrocardiogram is, as values. No I/O, no clock, no randomness, no drawing.

mod beats;
mod frank;
mod lead;
mod lead_name;
mod lead_set;
mod lead_table;
mod limbs;
mod misplacement;
mod panobench;
mod paper;
mod place;
mod rate;
mod recording;
mod sheet;
mod sites;
pub mod statistics;
mod target;
mod text;
mod torso;
pub mod vec3;
mod view_angle;

pub use beats::{BeatGrid, N_PHASES};
#[cfg(test)]
pub(crate) use frank::DOWER;
pub use frank::{INVERSE_DOWER, KORS};
pub use lead::{Lead, Origin};
pub use lead_name::LeadName;
pub use lead_set::{LeadSet, LeadSetError};
pub use limbs::{LimbElectrodes, UnknownLimbElectrodes};
pub use misplacement::{Misplacement, PlacementError};
pub use panobench::panobench_views;
pub use paper::{PageLayout, PaperSettings, PaperSize};
pub use place::{Level, Line, Place};
pub use rate::SampleRate;
pub use recording::{Filters, Patient, Recording, Sex, Study};
pub use sheet::Sheet;
pub use sites::{
    Electrode, HEART_CENTRE_MM, Montage, Terminal, WILSON, catalogue, montage, site, sites,
};
pub use target::{Target, UnknownLead};
pub use text::{hex, plain_line, plain_text};
pub use torso::{Mesh, MeshError};
pub use view_angle::ViewAngle;
