//! What the user is asked, until there is an answer.

use std::path::PathBuf;

use super::{action::PathPurpose, autosave::LeftBehind, open::Loaded, unsure::Unsure};

/// Questions to the user that wait for an answer.
#[derive(Default)]
pub struct Prompts {
    /// What crashes left behind: take the first up?
    pub recovery: Vec<LeftBehind>,
    /// What would take unsaved edits off the screen: save them, or let them go?
    pub unsaved: Option<Leaving>,
    /// A file that does not say what its numbers are: what are they?
    pub unsure: Option<Box<Unsure>>,
    /// A path to type, where no file dialog is to be had.
    pub path_for: Option<PathPurpose>,
    /// A typed path to write to, where a file is: may it go? A file dialog asks that itself.
    pub replace: Option<(PathPurpose, PathBuf)>,
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
