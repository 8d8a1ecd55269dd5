//! The closed form: one patient's posterior over lead fields, what it leaves over at the recorded electrodes, and the error to expect.

use std::sync::Arc;

use crate::{
    ecg::{LeadName, Montage},
    field::{FieldPrior, Mix, Posterior},
};

use super::{
    SynthError, Target,
    evidence::Evidence,
    linear,
    placed::exact_sum,
    skin::{Points, Skin, points_of, points_of_view},
};

/// Weights over the known leads for any place on the skin.
#[derive(Clone)]
pub(crate) struct Model {
    pub known: Vec<&'static Montage>,
    /// Row-major, mV², behind the high-pass.
    pub covariance: Vec<f64>,
    posterior: Arc<Posterior<'static>>,
    /// I − M: what the posterior leaves of each known lead, as a mix of the known leads.
    left_over: Vec<f64>,
    skin: Skin,
}

/// A lead over the known leads, with where its error comes from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Estimate {
    pub weights: Vec<f64>,
    /// Covariance of the weights over the members of the prior, row-major.
    pub spread: Vec<f64>,
    /// Variance that the recorded electrodes leave open on the skin: 0 at an electrode, 1 far from all.
    pub open: f64,
    pub exact: bool,
}

impl Model {
    pub(crate) fn new(evidence: &Evidence) -> Result<Self, SynthError> {
        let known = evidence.known.clone();
        let n = known.len();
        let posterior = FieldPrior::embedded().posterior(&known, &evidence.covariance);
        let mut left_over: Vec<f64> = known.iter().flat_map(|it| posterior.montage(it).weights).map(|it| -it).collect();
        (0..n).for_each(|it| left_over[it * n + it] += 1.0);
        let skin_point = |view| posterior.skin_point(view);
        let skin = Skin::new(known.iter().map(|it| points_of(it, &skin_point)).collect());
        let skin = skin.ok_or_else(|| SynthError::Input { name: known[0].name.clone(), why: "two leads share one place".into() })?;
        Ok(Self { known, covariance: evidence.covariance.clone(), posterior: Arc::new(posterior), left_over, skin })
    }

    /// How to mix `target` from the known leads.
    pub(crate) fn estimate(&self, target: &Target) -> Estimate {
        let n = self.known.len();
        let skin_point = |view| self.posterior.skin_point(view);
        match target {
            Target::Lead(montage) => match exact_sum(&self.known, montage) {
                Some(weights) => Estimate { weights, spread: vec![0.0; n * n], open: 0.0, exact: true },
                None => self.with_left_over(self.posterior.montage(montage), &points_of(montage, &skin_point)),
            },
            Target::View(view) => self.with_left_over(self.posterior.electrode(*view), &points_of_view(*view, &skin_point)),
        }
    }

    fn with_left_over(&self, physics: Mix, points: &Points) -> Estimate {
        let (shares, open) = self.skin.carry(points);
        let carried = linear::times(&shares, &self.left_over);
        let weights = physics.weights.iter().zip(carried).map(|(a, b)| a + b).collect();
        Estimate { weights, spread: physics.spread, open, exact: false }
    }

    /// Place of a direction on the skin of the reference torso, mm.
    pub(crate) fn skin_point(&self, view: crate::ecg::ViewAngle) -> [f64; 3] {
        self.posterior.skin_point(view)
    }

    /// Mean square of the known leads, mV².
    pub(crate) fn power(&self) -> f64 {
        let n = self.known.len();
        (0..n).map(|it| self.covariance[it * n + it]).sum::<f64>() / n as f64
    }

    /// Names of the known leads.
    pub(crate) fn names(&self) -> Vec<LeadName> {
        self.known.iter().map(|it| it.name.clone()).collect()
    }
}
