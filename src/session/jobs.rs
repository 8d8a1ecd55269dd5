//! The session's work under way: files, file dialogs, exports.

use std::{path::PathBuf, sync::Arc, time::Duration};

use super::{
    action::PathPurpose,
    export_data::ExportError,
    job::Job,
    notice::Message,
    open::{Loaded, OpenError},
    other_exam::OtherExam,
    simulation::Simulation,
};
use crate::export::Picture;

/// What a file dialog is to ask for.
pub struct PathRequest {
    /// What for.
    pub purpose: PathPurpose,
    /// The name to start with.
    pub name: String,
    /// The folder to start in.
    pub folder: Option<PathBuf>,
}

/// Shows a file dialog and waits for it; `None` where the user thought better of it.
pub type FileDialog = Arc<dyn Fn(&PathRequest) -> Option<PathBuf> + Send + Sync>;

/// Work under way, and what it left for the window.
#[derive(Default)]
pub(super) struct Jobs {
    pub loading: Option<Job<Result<Loaded, OpenError>>>,
    pub loading_title: String,
    pub comparing: Option<Job<Result<OtherExam, OpenError>>>,
    pub dialog: Option<Job<(Option<PathBuf>, Duration)>>,
    pub dialog_purpose: Option<PathPurpose>,
    pub simulation: Option<Job<Option<Simulation>>>,
    pub export: Option<Job<Result<Message, ExportError>>>,
    pub copy: Option<Job<Result<Picture, ExportError>>>,
    pub picture: Option<Picture>,
    pub prepare: Option<Job<()>>,
}
