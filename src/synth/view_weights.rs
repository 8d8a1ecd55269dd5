//! Weights of a direction alone, where nothing is asked about the error: no product over the members
//! of the ensemble.

use crate::ecg::{Target, ViewAngle};

use super::{
    calibration::PhasedWeights,
    model::{EnsembleModel, Model, PopulationModel, none_of},
};

impl EnsembleModel {
    fn weights(&self, view: ViewAngle, carried: &[f64]) -> Vec<f64> {
        self.with_left_over(self.posterior.electrode_weights(view), carried)
    }
}

impl PopulationModel {
    fn weights(&self, view: ViewAngle, carried: &[f64]) -> Vec<f64> {
        self.with_left_over(self.posterior.electrode_weights(view), carried)
    }
}

impl Model {
    /// Weights over the whole beat.
    pub(crate) fn weights(&self, view: ViewAngle) -> Vec<f64> {
        let (carried, _) = self.kriging.carry(&self.points(view));
        let fitted = |it: &EnsembleModel| it.weights(view, &carried);
        self.by_share(view, fitted, |it| it.weights(view, &carried))
    }

    /// Weights that ensemble and population give for a direction, each as much as it counts there.
    pub(super) fn by_share(
        &self,
        view: ViewAngle,
        fitted: impl Fn(&EnsembleModel) -> Vec<f64>,
        away: impl Fn(&PopulationModel) -> Vec<f64>,
    ) -> Vec<f64> {
        match (self.fitted_share(&Target::View(view)), &self.away) {
            (0.0, Some(other)) => away(other),
            (share, Some(other)) if share < 1.0 => {
                between(fitted(&self.fitted), away(other), share)
            }
            _ => fitted(&self.fitted),
        }
    }

    /// [`Model::weights`] with what is added to them by phase.
    pub(crate) fn by_phase(&self, view: ViewAngle) -> PhasedWeights {
        let (carried, _) = self.kriging.carry(&self.points(view));
        let target = Target::View(view);
        let fitted = || self.fitted.weights(view, &carried);
        let (weights, departures) = match (self.fitted_share(&target), &self.away) {
            (0.0, Some(away)) => {
                let (mix, departures) = away.mix(&target, &carried);
                (mix.weights, departures)
            }
            (share, Some(away)) if share < 1.0 => {
                let (mix, departures) = away.mix(&target, &carried);
                let part = |it: Vec<f64>| it.iter().map(|it| (1.0 - share) * it).collect();
                let weights = between(fitted(), mix.weights, share);
                (weights, departures.map(part))
            }
            _ => (fitted(), none_of(self.known.len())),
        };
        PhasedWeights {
            weights,
            departures,
        }
    }
}

/// `share` of `a` and the rest of `b`.
fn between(a: Vec<f64>, b: Vec<f64>, share: f64) -> Vec<f64> {
    let pairs = a.iter().zip(&b);
    pairs.map(|(a, b)| share * a + (1.0 - share) * b).collect()
}

#[cfg(test)]
mod tests {
    use crate::{
        ecg::{Target, site},
        synth::{CalibrationOptions, calibrate_quickly, model::tests::dipole_leads},
    };

    /// Near V1 to V6, between, and away from them.
    #[test]
    fn weights_alone_are_those_of_the_estimate() {
        let options = CalibrationOptions::closed_form();
        let calibration = calibrate_quickly(&dipole_leads(), &options).unwrap();
        let model = &calibration.model;
        for (name, moved) in [("V2", 0.02), ("V4", 0.25), ("V8", 0.1), ("V1", 0.4)] {
            let view = site(name).unwrap().view.moved(moved, moved);
            let (whole, phased) = (model.weights(view), model.by_phase(view));
            let bare = model.bare(&Target::View(view));
            let off = |a: &[f64], b: &[f64]| {
                let pairs = a.iter().zip(b);
                pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
            };
            assert!(off(&whole, &bare.weights) < 1e-9, "{name}");
            assert!(off(&phased.weights, &bare.weights) < 1e-9, "{name}");
            for (own, departure) in phased.departures.iter().zip(&bare.departures) {
                assert!(off(own, departure) < 1e-9, "{name}");
            }
        }
    }
}
