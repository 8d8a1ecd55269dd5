//! The examples that a run learns from, stops by and is scored on.

use super::{
    examples::{Plan, TrainingExample, build_examples},
    exams::{Exam, Split},
    validate::{AskedFor, protocol_examples, questions},
};

/// Examples of one plan.
pub(super) struct Sets {
    /// Of recorded exams to train on.
    pub(super) real: Vec<TrainingExample>,
    /// Of virtual patients.
    pub(super) made: Vec<TrainingExample>,
    /// Both protocols on the exams set apart, of leads in the plan only.
    pub(super) dev: Vec<TrainingExample>,
}

impl Sets {
    /// Of all exams but those for validation.
    pub(super) fn new(exams: &[Exam], plan: &Plan, seed: u64) -> Self {
        let train = |made: bool| {
            build_examples(exams, plan, seed, |exam| {
                exam.split == Split::Train && exam.is_made() == made
            })
        };
        let (app, few) = questions(&plan.leads);
        Self {
            real: train(false),
            made: train(true),
            dev: protocol_examples(exams, plan, (Split::Dev, ""), &[app, few].concat()),
        }
    }

    /// How many of each.
    pub(super) fn counts(&self) -> [usize; 3] {
        [self.real.len(), self.made.len(), self.dev.len()]
    }
}

/// Questions by name on the validation split of PTB-XL.
pub(super) fn scored(
    exams: &[Exam],
    plan: &Plan,
    protocols: Vec<(&'static str, Vec<AskedFor>)>,
) -> Vec<(&'static str, Vec<TrainingExample>)> {
    let of = |(name, questions): (&'static str, Vec<AskedFor>)| {
        let examples = protocol_examples(exams, plan, (Split::Valid, "ptbxl"), &questions);
        (name, examples)
    };
    protocols.into_iter().map(of).collect()
}

/// P-app and P-reconstruct of a plan.
pub(super) fn protocols(plan: &Plan) -> Vec<(&'static str, Vec<AskedFor>)> {
    let (app, few) = questions(&plan.leads);
    vec![("P-app", app), ("P-reconstruct", few)]
}
