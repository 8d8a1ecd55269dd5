//! Several networks whose answers are averaged: each errs in its own way.

use burn::{module::Module, tensor::Tensor};

/// Networks of one kind.
#[derive(Module, Debug)]
pub struct Ensemble<M: Module> {
    members: Vec<M>,
}

impl<M: Module> Ensemble<M> {
    /// Of trained members.
    pub fn new(members: Vec<M>) -> Self {
        Self { members }
    }

    /// The members.
    pub fn members(&self) -> &[M] {
        &self.members
    }

    /// Mean of the members' answers, which are of the shape of `silent`, all zeros: what no member
    /// says.
    pub(super) fn mean(&self, silent: Tensor<2>, answer: impl Fn(&M) -> Tensor<2>) -> Tensor<2> {
        let sum = self
            .members
            .iter()
            .fold(silent, |sum, member| sum + answer(member));
        sum / self.members.len().max(1) as f64
    }
}
