//! Calibration and synthesis: the room where values become tensors.
//!
//! [`calibrate`] learns a patient's mixing weights from the first seconds of a recording, [`Synthesizer`] turns them into leads at any
//! place on the skin, and every [`Synthesis`] says which recorded leads it was mixed from and how wide its error band is.

mod calibration;
mod error;
mod evidence;
mod held_out;
mod linear;
mod mixing;
mod model;
mod options;
mod panorama;
mod placed;
mod skin;
mod synthesizer;
mod target;

pub use calibration::{Calibration, calibrate};
pub use error::SynthError;
pub use evidence::{Unused, WhyUnused};
pub use held_out::LeftOut;
pub use mixing::{BandScale, Mixing, Synthesis};
pub use options::{CalibrationOptions, Progress};
pub use panorama::{panorama_targets, sphere_directions};
pub use synthesizer::{BodyMap, Synthesizer};
pub use target::Target;
