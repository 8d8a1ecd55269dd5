//! Calibration and synthesis: the room where values become tensors.
//!
//! [`calibrate`] learns a patient's mixing weights from the first seconds of a recording,
//! [`Synthesizer`] turns them into leads at any place on the skin, and every [`Synthesis`] says
//! which recorded leads it was mixed from and how wide its error band is.

mod body_map;
mod calibration;
mod constants;
mod device;
mod electrode_relocation;
mod error;
mod error_parts;
mod estimate;
mod evidence;
mod expected_error;
mod frank;
mod held_out;
mod lead_group;
mod learning;
pub(crate) mod linear;
mod mixing;
mod model;
mod network;
mod noise;
mod note;
mod offsets;
mod options;
mod panorama;
pub(crate) mod placed;
mod projection;
mod residual;
mod residual_kriging;
mod skin;
mod synthesizer;
mod unused;
mod wave_error;
mod wave_power;
mod worn;

pub use body_map::BodyMap;
pub use calibration::Calibration;
pub use constants::FittedConstants;
pub use device::{AdapterInfo, ChosenDevice, DeviceChoice, DeviceReason, adapters, choose};
pub use error::{InputProblem, SynthError};
pub use error_parts::ErrorParts;
pub(crate) use evidence::{Evidence, WANDER_HZ};
pub use held_out::LeftOut;
pub use lead_group::{GROUP_NAMES, N_GROUPS, group_shares};
pub(crate) use learning::learn;
pub use learning::{calibrate, calibrate_quickly};
pub use mixing::{Mixing, Synthesis};
pub use network::weights_sha256;
pub(crate) use noise::jitter;
pub use note::Note;
pub use offsets::ElectrodeOffset;
pub use options::{CalibrationOptions, Progress, Step, WeightSet};
pub use panorama::sphere_directions;
pub use synthesizer::Synthesizer;
pub use unused::{Unused, WhyUnused};
pub use wave_error::{
    ErrorConstants, LeftOutConstants, N_FEATURES, WaveErrors, left_out_features, ln_amplitude,
    surprise_features,
};
pub use worn::WornLeads;
#[cfg(feature = "train")]
pub(crate) use {estimate::Estimate, model::Model};
