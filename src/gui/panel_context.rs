//! What a panel is given: the session to read, the screen's own state to change, and a list to put
//! wishes on.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use super::{theme::Look, view::View};
use crate::{
    ecg::Lead,
    session::{Action, Session, SynthesisedLead},
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

/// A number that changes when the samples of a lead do: where they lie, and some of them, as what
/// comes next may lie where the last one lay.
pub fn samples_key(lead: &Lead) -> u64 {
    let samples = &lead.samples_mv;
    let some = samples.iter().step_by(samples.len() / 16 + 1);
    let some: Vec<u32> = some.map(|mv| mv.to_bits()).collect();
    key((samples.as_ptr() as usize, some))
}

/// A number that changes when the leads of the page or sheet at hand do, what is said of them, or
/// the language.
pub fn page_key(cx: &PanelContext<'_>) -> u64 {
    let (document, results) = (&cx.session.document, &cx.session.results);
    let samples = |lead: &SynthesisedLead| samples_key(&lead.synthesis.lead);
    let listed = results.listed.iter();
    let listed: Vec<_> = listed
        .map(|(id, lead)| (*id, samples(lead), results.grades.contains_key(id)))
        .collect();
    // A sheet has leads of its own: the point may move beside it.
    let point = results.point.iter().filter(|_| document.sheet.is_none());
    let point: Vec<_> = point
        .map(|point| (samples(point), results.reliability.is_some()))
        .collect();
    let exam = cx.session.exam.as_ref();
    key((
        listed,
        document
            .virtual_leads
            .iter()
            .map(|lead| (lead.id, lead.kept as u8))
            .collect::<Vec<_>>(),
        point,
        results.are_as_saved(),
        exam.map(|exam| (exam.revision, Arc::as_ptr(&exam.shown) as usize)),
        cx.tr(Label::Synthesised),
    ))
}
