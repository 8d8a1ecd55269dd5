//! What a panel is given: the session to read, the screen's own state to change, and a list to put
//! wishes on.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::{theme::Look, view::View};
use crate::{
    session::{Action, Session},
    words::{Label, Translator},
};

/// What a panel is given.
pub struct PanelContext<'a> {
    /// Everything known; read only.
    pub session: &'a Session,
    /// The screen's own state.
    pub view: &'a mut View,
    /// Wishes, applied before the next frame.
    pub actions: &'a mut Vec<Action>,
    /// Colours.
    pub look: Look,
    /// Language.
    pub translator: Translator,
    /// What tells this monitor apart.
    pub monitor: &'a str,
}

impl PanelContext<'_> {
    /// A label in the language of the window.
    pub fn tr(&self, label: Label) -> &'static str {
        self.translator.tr(label)
    }

    /// Wishes something.
    pub fn push(&mut self, action: impl Into<Action>) {
        self.actions.push(action.into());
    }
}

/// A number that changes when any of the parts does.
pub fn key(parts: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}
