//! A lesson as values.

use std::{path::PathBuf, sync::Arc};

use serde::Deserialize;

use super::{super::lab::VirtualHeart, claim::Claim};
use crate::{
    ecg::{LeadName, PlacementError, Sheet},
    words::Language,
};

/// A lesson.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lesson {
    /// What it is called.
    pub title: Text,
    /// What is shown and said, in turn; never empty.
    #[serde(rename = "step", default)]
    pub steps: Vec<Step>,
}

/// Words in up to five languages.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // The fields are the languages.
pub struct Text {
    pub en: String,
    pub de: Option<String>,
    pub fr: Option<String>,
    pub es: Option<String>,
    pub zh: Option<String>,
}

impl Text {
    /// In that language; in English where the file has no other.
    pub fn in_language(&self, language: Language) -> &str {
        let own = match language {
            Language::English => None,
            Language::German => self.de.as_deref(),
            Language::French => self.fr.as_deref(),
            Language::Spanish => self.es.as_deref(),
            Language::Chinese => self.zh.as_deref(),
        };
        own.unwrap_or(&self.en)
    }
}

/// One step. What it does not set stays as the step before left it, but for the sheet and the
/// misplacement, which go.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What is said.
    pub text: Text,
    /// A recording inside the program.
    pub demo: Option<String>,
    /// Or a simulated heart.
    pub heart: Option<Box<VirtualHeart>>,
    /// The lead that the point is put on.
    pub place: Option<LeadName>,
    /// The sheet in the place of the page.
    pub sheet: Option<Sheet>,
    /// Electrodes that are held elsewhere, beside the right page.
    pub misplaced: Option<PlacementError>,
    /// What stands right of the paper.
    pub show: Option<Pane>,
    /// What must be true of the patient for the words to be true.
    #[serde(rename = "claim", default)]
    pub claims: Vec<Claim>,
    /// What is asked.
    pub ask: Option<Ask>,
}

/// What stands right of the paper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pane {
    /// The torso with its electrodes.
    #[default]
    Torso,
    /// The simulated heart, where there is one.
    Heart,
    /// The torso coloured by potential.
    Map,
    /// Vector loops in three planes.
    Loops,
    /// Forty-eight small views.
    Panorama,
    /// The table of measurements.
    Measurements,
}

/// A question of a step.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// The question.
    pub question: Text,
    /// What can be answered.
    pub choices: Vec<Text>,
    /// Which of them is right, from 1.
    pub answer: usize,
}

/// A lesson under way.
#[derive(Clone, Debug)]
pub struct OpenLesson {
    /// The lesson.
    pub lesson: Arc<Lesson>,
    /// The step at hand, from 0.
    pub at: usize,
    /// The choice that was made at this step, from 0.
    pub chosen: Option<usize>,
    /// Its state waits for a recording that is being opened.
    pub(in crate::session) is_pending: bool,
}

impl OpenLesson {
    /// The step at hand.
    pub fn step(&self) -> &Step {
        &self.lesson.steps[self.at]
    }

    /// Whether there is a step after or before this one.
    pub fn beside(&self, forward: bool) -> Option<usize> {
        let next = if forward {
            self.at + 1
        } else {
            self.at.checked_sub(1)?
        };
        (next < self.lesson.steps.len()).then_some(next)
    }
}

/// What is done in a lesson.
#[derive(Clone, Debug)]
pub enum LessonMove {
    /// Begin this one.
    Begin(Arc<Lesson>),
    /// Begin a teacher's own, from its file.
    Open(PathBuf),
    /// Go to that step, from 0.
    Go(usize),
    /// Choose an answer, from 0.
    Choose(usize),
    /// End it; what is on the screen stays.
    End,
}
