//! All that is known at run time, without a screen: the document, the jobs, and the one thread that
//! owns the network.
//!
//! The window pushes [`Action`]s into [`Session::apply`], calls [`Session::drain`] once a frame,
//! and draws from `&Session`.

mod action;
mod as_saved;
mod asked;
mod demos;
mod document;
mod engine;
mod exam;
mod export_data;
mod job;
mod notice;
mod open;
mod settings;
mod state;
mod store;
mod undo;
mod worker;

pub use action::Action;
pub use as_saved::{SavedCalibration, SavedLead, SavedReliability};
pub use asked::{
    Answer, CalibrationRequest, CalibrationSummary, ElectrodeOffset, Engine, Examination, Examined,
    Made, Mapping,
};
pub use demos::{Demo, demos};
pub use document::{Caliper, CaliperKind, Document, SourceRef, VirtualLead};
pub use engine::{BodyMap, Stage, is_covered, model_card, network};
pub use exam::{Exam, WINDOW_S};
pub use export_data::ExportData;
pub use job::{Job, JobHandle, JobState, Wake};
pub use notice::{Notice, Notices, Severity};
pub use settings::{Appearance, ScreenScale, Settings};
pub use state::{Calibrating, Loading, Session, SynthesisedLead};
pub use store::{Autosave, SavedSession, StoreError};
pub use undo::Undo;
pub use worker::Worker;

pub use crate::{
    formats::Unit,
    reliability::{Comparison, Grade, HeldOut, Reliability},
    signal::{FilterSettings, Intervals, MedianBeat},
    synth::{DeviceChoice, Synthesis, weights_sha256},
};
