//! ECG Panorama: the electrocardiogram at any electrode position, from a recorded 12-lead exam.
//!
//! For research and teaching, not for diagnosis. `ARCHITECTURE.md` says what each module is for.

pub mod ecg;
// Doors lead only downward: a module may name those above it, as far as `tests/architecture/`
// allows.
pub mod formats;
pub mod signal;

pub mod field;
pub mod phantom;

pub mod geovt;
pub mod synth;

pub mod reliability;
pub mod words;

pub mod archive;

pub mod evaluate;
#[cfg(feature = "train")]
pub mod training;

pub mod draw;
pub mod export;

pub mod session;

pub mod cli;
#[cfg(feature = "gui")]
pub mod gui;
