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
mod findings;
mod job;
mod jobs;
pub mod lab;
pub mod lessons;
mod long_recording;
pub mod notice;
mod open;
mod other_exam;
mod page_leads;
mod print;
mod prompts;
pub mod query;
pub mod quiz;
mod quiz_sheet;
mod read_as;
mod reading;
mod remarks;
mod results;
mod review_log;
mod saved_calibration;
mod saved_check;
mod saved_session;
pub mod settings;
mod sheet_beats;
mod simulation;
mod soundness;
mod state;
mod synthesised_lead;
mod undo;
mod unsure;
mod worker;
mod worklist;

pub use action::{Action, Command, ExportForm, HandedOn, PathPurpose, Towards};
pub use autosave::Autosave;
pub use demos::{Demo, demos};
pub use edit::Edit;
pub use exam::{Exam, cart_intervals};
pub use jobs::PathRequest;
pub use other_exam::{Doubt, Figure, Figures, Misplaced, Other, OtherExam, amplitudes, intervals};
pub use page_leads::PageLeads;
pub use query::Query;
pub use read_as::ReadAs;
pub use results::Calibrating;
pub use review_log::{ExamId, Review};
pub use saved_session::SavedSession;
pub use state::Session;
pub use synthesised_lead::SynthesisedLead;
pub use unsure::{Column, Unsure};
pub use worklist::{ListedExam, Worklist};

pub use crate::{
    formats::Unit,
    synth::{BodyMap, DeviceChoice, Synthesis, weights_sha256},
};
