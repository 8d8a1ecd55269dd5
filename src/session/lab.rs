//! What the lab knows of: the heart that is set, and how it beat before.

use std::sync::Arc;

pub use crate::phantom::{
    ActivationPoint, Branch, Brugada, BrugadaForm, Chamber, Condition, HeartRhythm, Hypertrophy,
    Infarction, InfarctionAge, Misplacement, Pathway, VirtualHeart,
};
use crate::signal::MedianBeat;

/// How a heart beat before the changes that it is held against.
#[derive(Clone)]
pub struct Before {
    /// The heart.
    pub heart: Box<VirtualHeart>,
    /// Its median beat.
    pub beat: Arc<MedianBeat>,
    /// Sample of that beat at which QRS begins.
    pub onset: Option<usize>,
}

/// What the heart in the lab is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparand {
    /// How it beats now.
    Now,
    /// Nothing.
    Nothing,
}
