//! Virtual patients: a voxel heart beating in a torso, seen from any electrode, with everything
//! about it known.
//!
//! P, QRS, ST, T and U follow from the membrane's potential in some 7,000 voxels; nothing is drawn
//! by hand. What this room does not do: files, networks, screens.

mod action_potential;
mod activation;
mod batch;
mod beating;
mod body;
mod brugada;
mod changes;
mod condition;
mod device;
mod draw;
mod fields;
mod heart;
mod noise;
mod patient;
mod person;
mod physiology;
mod population;
mod pose;
mod recording;
mod rhythm;
mod source;
mod superposition;
mod surface;
mod survey;
mod virtual_heart;

pub use batch::{DenseRecording, dense_montages, dense_recordings};
pub use body::Placement;
pub use brugada::{Brugada, BrugadaForm};
pub use condition::Condition;
pub use device::Device;
pub use patient::{Activation, Direction, VirtualPatient};
pub use survey::{Comparison, Measures, compare};
pub use virtual_heart::{
    Branch, Chamber, HeartRhythm, Hypertrophy, Infarction, InfarctionAge, Pathway, VirtualHeart,
};
