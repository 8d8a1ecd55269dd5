//! Where a learned correction may act. It does not travel to other directions by itself (it can do
//! harm there), so its weight falls with the angle to the nearest trained view, over a width
//! measured on left-out views, and vanishes at the recorded leads themselves, whose traces are
//! known. A trained view that is recorded opens nothing around it either: the network was only ever
//! asked for leads that were not there.

use serde::{Deserialize, Serialize};

/// Weight of the correction by direction, 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// Unit vectors of the views that were trained.
    pub trained: Vec<[f64; 3]>,
    /// Angle to the nearest of them at which the weight has fallen to 1/e, degrees.
    pub reach_deg: f64,
    /// Weight at a trained view.
    pub top: f64,
    /// Unit vectors of the views that only virtual patients were asked for; none where that helped
    /// no real patient.
    #[serde(default, rename = "met")]
    pub virtual_views: Vec<[f64; 3]>,
    /// Weight at such a view.
    #[serde(default, rename = "met_top")]
    pub virtual_top: f64,
    /// Angle to a recorded lead within which the correction fades to nothing, degrees.
    pub recorded_deg: f64,
}

/// Below this weight a correction could not be seen.
pub(super) const LEAST: f64 = 1e-3;

impl Gate {
    /// Whether a correction is let in at all.
    pub fn is_open(&self, query: [f64; 3], recorded: &[[f64; 3]]) -> bool {
        LEAST <= self.weight(query, recorded)
    }

    /// Weight for a view in direction `query` when leads in `recorded` directions are given.
    pub fn weight(&self, query: [f64; 3], recorded: &[[f64; 3]]) -> f64 {
        let virtually = self.virtual_top * self.opened(&self.virtual_views, query, recorded);
        virtually.max(self.trained_weight(query, recorded))
    }

    /// The same as far as real patients were asked for the view.
    pub fn trained_weight(&self, query: [f64; 3], recorded: &[[f64; 3]]) -> f64 {
        self.top * self.opened(&self.trained, query, recorded)
    }

    fn opened(&self, views: &[[f64; 3]], query: [f64; 3], recorded: &[[f64; 3]]) -> f64 {
        let bell = |deg: f64, width: f64| (-(deg / width.max(1e-6)).powi(2)).exp();
        let aside = |it: [f64; 3]| 1.0 - bell(nearest_deg(it, recorded), self.recorded_deg);
        let opened = |it: &[f64; 3]| bell(nearest_deg(query, &[*it]), self.reach_deg) * aside(*it);
        views.iter().map(opened).fold(0.0, f64::max) * aside(query)
    }
}

/// Angle between unit vectors to the nearest of `views`, degrees; 180 without any.
fn nearest_deg(query: [f64; 3], views: &[[f64; 3]]) -> f64 {
    let cosine = |it: &[f64; 3]| it.iter().zip(query).map(|(x, y)| x * y).sum::<f64>();
    let largest = views.iter().map(cosine).fold(-1.0, f64::max);
    largest.clamp(-1.0, 1.0).acos().to_degrees()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acts_at_trained_views_and_rests_elsewhere() {
        let gate = Gate {
            trained: vec![[1.0, 0.0, 0.0]],
            reach_deg: 12.0,
            top: 0.9,
            virtual_views: vec![[0.0, 0.0, 1.0]],
            virtual_top: 0.5,
            recorded_deg: 5.0,
        };
        let at = |deg: f64| [deg.to_radians().cos(), deg.to_radians().sin(), 0.0];
        assert!((gate.weight(at(0.0), &[at(30.0)]) - 0.9).abs() < 1e-6);
        assert!(gate.weight(at(60.0), &[at(30.0)]) < 1e-6);
        assert!(
            gate.weight(at(0.0), &[at(0.0)]) < 1e-6,
            "a recorded lead is itself"
        );
        assert!(
            (gate.weight([0.0, 0.0, 1.0], &[at(30.0)]) - 0.5).abs() < 1e-6
                && gate.trained_weight([0.0, 0.0, 1.0], &[]) < 1e-6
        );
        assert!(gate.weight(at(12.0), &[]) < gate.weight(at(6.0), &[]));
        assert!(
            gate.weight(at(8.0), &[at(0.0)]) < 1e-6,
            "a trained view that is recorded opens nothing beside it"
        );
    }
}
