//! What the user is asked, until there is an answer.

use std::path::PathBuf;

use super::{action::PathPurpose, autosave::LeftBehind, open::Loaded};

/// Questions to the user that wait for an answer.
#[derive(Default)]
pub struct Prompts {
    /// What crashes left behind: take the first up?
    pub recovery: Vec<LeftBehind>,
    /// What would take unsaved edits off the screen: save them, or let them go?
    pub unsaved: Option<Leaving>,
    /// A file whose numbers have no unit: which one?
    pub unit_of: Option<PathBuf>,
    /// A path to type, where no file dialog is to be had.
    pub path_for: Option<PathPurpose>,
}

/// What would take the work off the screen.
pub enum Leaving {
    /// Another recording or session, already read.
    Show(Box<Loaded>),
    /// Back to the welcome page.
    Close,
    /// The end of the program.
    Quit,
}
