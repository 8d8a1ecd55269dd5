//! All that is known at run time, without a screen: the document, the jobs, and the one thread that
//! owns the network.
//!
//! The window pushes [`Action`]s into [`Session::apply`], calls [`Session::drain`] once a frame,
//! and draws from `&Session`.

mod action;
mod autosave;
mod demos;
pub mod document;
mod edit;
pub mod engine;
mod exam;
mod export_data;
mod file_hash;
mod job;
mod jobs;
mod long_recording;
pub mod notice;
mod open;
mod prompts;
pub mod query;
mod results;
mod saved_calibration;
mod saved_check;
mod saved_session;
pub mod settings;
mod soundness;
mod state;
mod synthesised_lead;
mod undo;
mod worker;

pub use action::{Action, Command, ExportForm, PathPurpose};
pub use autosave::Autosave;
pub use demos::{Demo, demos};
pub use edit::Edit;
pub use exam::Exam;
pub use jobs::PathRequest;
pub use query::Query;
pub use results::Calibrating;
pub use saved_session::SavedSession;
pub use state::Session;
pub use synthesised_lead::SynthesisedLead;

pub use crate::{
    formats::Unit,
    synth::{BodyMap, DeviceChoice, Synthesis, weights_sha256},
};
