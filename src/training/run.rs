//! What a run of stage I is asked to do.

use std::{path::PathBuf, time::Duration};

use super::{examples::Plan, mix::MixSettings, sets::protocols, validate::AskedFor};

/// What to train and where.
#[derive(Clone, Debug)]
pub struct PretrainRun {
    /// Folder with `recorded/` and `ptbxl_100hz/`.
    pub data: PathBuf,
    /// Folder for checkpoints.
    pub work: PathBuf,
    /// `shipped` or `unseen`.
    pub set: String,
    /// Steps of each member of the lead-field path.
    pub steps: u64,
    /// Steps of each member of the residual path; none: no residual path.
    pub residual_steps: u64,
    /// Seed of the first member.
    pub seed: u64,
    /// Members of each path.
    pub members: u64,
    /// Members of the residual path that are kept for shipping: each costs time at every view.
    pub residual_kept: u64,
    /// Recordings of `ptbxl_100hz/` at most.
    pub recordings: usize,
    /// Virtual patients.
    pub virtuals: usize,
    /// Time after which to pause.
    pub pause: Option<Duration>,
    /// Where weights and configuration go.
    pub out: PathBuf,
}

impl PretrainRun {
    /// Whether all leads are met.
    pub(super) fn is_shipped(&self) -> bool {
        self.set != "unseen"
    }

    /// Which leads may be met.
    pub(super) fn plan(&self) -> Plan {
        if self.is_shipped() {
            Plan::shipped()
        } else {
            Plan::unseen()
        }
    }

    /// The protocols and their questions.
    pub(super) fn protocols(&self, plan: &Plan) -> Vec<(&'static str, Vec<AskedFor>)> {
        if self.is_shipped() {
            return protocols(plan);
        }
        let questions = [3, 7].map(|target| (plan.leads.clone(), target));
        vec![("P-unseen, all six at synthesis", questions.to_vec())]
    }

    /// Settings of a member of the lead-field path: directions are told only where all leads were
    /// met.
    pub(super) fn mix_settings(&self, seed: u64, steps: u64) -> MixSettings {
        let mut settings = MixSettings::new(seed, steps);
        settings.network.directions = self.is_shipped();
        settings
    }
}
