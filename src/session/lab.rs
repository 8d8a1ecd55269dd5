//! What the lab knows of: the heart that is set, and how it beat before.

use std::sync::Arc;

pub use crate::phantom::{
    Activation, Branch, Brugada, BrugadaForm, Chamber, Condition, HeartRhythm, Hypertrophy,
    Infarction, InfarctionAge, Pathway, VirtualHeart,
};
use crate::{ecg::LeadName, signal::MedianBeat, words::Label};

/// How a heart beat before the changes that it is held against.
#[derive(Clone)]
pub struct Before {
    /// Its median beat.
    pub beat: Arc<MedianBeat>,
    /// Sample of that beat at which QRS begins.
    pub onset: Option<usize>,
}

impl Before {
    /// A lead of that beat above its level before QRS, mV, its R where `now` has its own; NaN where
    /// that beat does not reach.
    pub fn beside(&self, now: &MedianBeat, name: &LeadName) -> Option<Vec<f32>> {
        let lead = self.beat.leads.get(name)?;
        let level = self.beat.level_before(&lead.samples_mv, self.onset?)?;
        let value = |at: usize| {
            let held = (at + self.beat.r_index).checked_sub(now.r_index)?;
            Some(lead.samples_mv.get(held)? - level as f32)
        };
        let all = 0..now.leads.get(name)?.samples_mv.len();
        Some(all.map(|at| value(at).unwrap_or(f32::NAN)).collect())
    }
}

/// What the heart in the lab is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparand {
    /// How it beats now.
    Now,
    /// Nothing.
    Nothing,
}

/// What a condition is called.
pub fn condition_label(condition: Condition) -> Label {
    match condition {
        Condition::Normal => Label::DemoNormal,
        Condition::AtrialFibrillation => Label::RhythmFibrillation,
        Condition::PvcRvot => Label::DemoPvc,
        Condition::PvcLeft => Label::ConditionPvcLeft,
        Condition::Pac => Label::RhythmAtrial,
        Condition::FirstDegreeBlock => Label::ConditionAvBlock,
        Condition::Lbbb => Label::DemoLbbb,
        Condition::Rbbb => Label::DemoRbbb,
        Condition::Lafb => Label::ConditionLafb,
        Condition::Lvh => Label::ConditionLvh,
        Condition::AnteriorStemi => Label::ConditionAnterior,
        Condition::InferiorStemi => Label::ConditionInferior,
        Condition::InferiorRightStemi => Label::ConditionInferiorRight,
        Condition::PosteriorMi => Label::DemoPosterior,
        Condition::Brugada1 => Label::DemoBrugada,
        Condition::Brugada1Open => Label::ConditionBrugadaOpen,
        Condition::Wpw => Label::ConditionWpw,
    }
}
