//! What a panel is given: the session to read, the screen's own state to change, and a list to put
//! wishes on.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::{theme::Look, view::View, words::Words};
use crate::{
    draw::{Layout, PaperSettings, Sheet},
    session::{Action, PageLayout, PageSettings, Session},
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
    pub words: Words,
    /// What tells this monitor apart.
    pub monitor: &'a str,
}

impl PanelContext<'_> {
    /// `english` in the language of the window.
    pub fn t(&self, english: &'static str) -> &'static str {
        self.words.t(english)
    }

    /// A sentence or a place that was put together elsewhere, in the language of the window.
    pub fn say(&self, english: &str) -> String {
        self.words.say(english)
    }

    /// Wishes something.
    pub fn push(&mut self, action: Action) {
        self.actions.push(action);
    }
}

/// Paper settings as `draw` wants them.
pub fn paper_settings(page: &PageSettings) -> PaperSettings {
    let layout = match page.layout {
        PageLayout::ThreeByFour => Layout::ThreeByFour,
        PageLayout::ThreeByFourRhythm => Layout::ThreeByFourPlus1,
        PageLayout::ThreeByFourThree => Layout::ThreeByFourPlus3,
        PageLayout::SixByTwo => Layout::SixByTwo,
        PageLayout::TwelveByOne => Layout::TwelveByOne,
    };
    PaperSettings {
        speed_mm_s: page.speed_mm_s,
        gain_mm_mv: page.gain_mm_mv,
        half_gain_chest: page.half_gain_chest,
        layout,
        cabrera: page.cabrera,
        sheet: Sheet::A4,
    }
}

/// A number that changes when any of the parts does.
pub fn key(parts: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}
