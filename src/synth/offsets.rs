//! Where the recorded electrodes seem to sit, from how well the other leads foretell each of them.
//!
//! For each recorded chest lead the place is sought at which the others (that lead left out of the
//! calibration) best foretell it. Anatomy holds it back: 10.6° of scatter between subjects, with a
//! long tail, since an electrode is either about where it belongs or on another rib altogether. A
//! search on a covariance, not on samples: the same on every machine.

use crate::ecg::{LeadName, ViewAngle, montage};

use super::{linear, model::Model};

/// Scatter of electrodes between subjects, degrees.
const SCATTER_DEG: f64 = 10.6;
/// Offsets beyond this are no scatter: the electrode is elsewhere, or the lead is another.
const ALARM_DEG: f64 = 2.0 * SCATTER_DEG;
/// Error variance, as a share of the lead's own, that even a well-placed electrode leaves.
const DOUBT: f64 = 0.03;
/// Farthest that is looked, degrees.
const FARTHEST_DEG: f64 = 45.0;

/// Where a recorded electrode seems to sit.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ElectrodeOffset {
    /// The lead.
    pub lead: LeadName,
    /// Degrees downwards of the nominal place.
    pub d_theta_deg: f64,
    /// Degrees towards the patient's left, around the body.
    pub d_phi_deg: f64,
    /// By what factor the lead's left-out error power falls when its electrode is taken to sit
    /// there, 0 to 1.
    pub remaining: f64,
    /// Whether this is well beyond what electrodes scatter.
    pub alarm: bool,
    /// Whether the electrode is taken to sit there when leads are synthesised.
    pub applied: bool,
    /// How much better the leads fit together so, against anatomy: natural logarithm of an odds.
    #[serde(skip)]
    pub(crate) evidence: f64,
    /// Where that is.
    #[serde(skip)]
    pub(crate) seat: Option<ViewAngle>,
}

impl ElectrodeOffset {
    /// Where the electrode belongs; `None` for a lead between several.
    pub fn nominal(&self) -> Option<ViewAngle> {
        montage(&self.lead)?.exploring_view()
    }

    /// Where it seems to sit.
    pub fn view(&self) -> Option<ViewAngle> {
        let (down, left) = (self.d_theta_deg.to_radians(), self.d_phi_deg.to_radians());
        Some(self.nominal()?.moved(down, left))
    }
}

/// Searches around `taken`, where the electrode is taken to sit, with a model that was made without
/// the lead; `cross` is its covariance with the known leads, `own` its variance. Offsets are
/// counted from `nominal`.
pub(crate) fn seek(
    lead: &LeadName,
    nominal: ViewAngle,
    taken: ViewAngle,
    model: &Model,
    cross: &[f64],
    own: f64,
) -> ElectrodeOffset {
    let error = |at: (f64, f64)| {
        let w = model.weights(place(taken, at));
        let error =
            own - 2.0 * linear::dot(&w, cross) + linear::form(&w, model.covariance.as_ref());
        error.max(0.0) / own.max(1e-12)
    };
    let cost = |at: (f64, f64)| (DOUBT + error(at)).ln() + anatomy(at);
    let start = cost((0.0, 0.0));
    let far = [(24.0, 0.0), (-24.0, 0.0), (0.0, 24.0), (0.0, -24.0)];
    let starts = std::iter::once((0.0, 0.0)).chain(far);
    let ends = starts.map(|it| descend(it, &cost));
    let (lowest, at) = ends
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .unwrap_or((start, (0.0, 0.0)));
    let seat = place(taken, at);
    let off = seat.angle_to(nominal).to_degrees();
    let (theta, phi) = (
        seat.theta_rad() - nominal.theta_rad(),
        seat.phi_rad() - nominal.phi_rad(),
    );
    let turn = std::f64::consts::TAU;
    ElectrodeOffset {
        lead: lead.clone(),
        d_theta_deg: theta.to_degrees(),
        d_phi_deg: ((phi + turn / 2.0).rem_euclid(turn) - turn / 2.0).to_degrees(),
        remaining: ((DOUBT + error(at)) / (DOUBT + error((0.0, 0.0)))).min(1.0),
        alarm: ALARM_DEG < off,
        applied: false,
        evidence: start - lowest,
        seat: Some(seat),
    }
}

/// A place `at` degrees down and to the left of `view`, along the skin.
fn place(view: ViewAngle, (down, left): (f64, f64)) -> ViewAngle {
    view.moved(
        down.to_radians(),
        left.to_radians() / view.theta_rad().sin().max(0.3),
    )
}

/// Minus the logarithm of how likely an electrode is so far off.
fn anatomy(at: (f64, f64)) -> f64 {
    (1.0 + (at.0 * at.0 + at.1 * at.1) / (3.0 * SCATTER_DEG * SCATTER_DEG)).ln() * 0.5
}

/// Pattern search in halving steps.
fn descend(from: (f64, f64), cost: &dyn Fn((f64, f64)) -> f64) -> (f64, (f64, f64)) {
    let (mut lowest, mut at) = (cost(from), from);
    for step in [8.0, 4.0, 2.0, 1.0] {
        for _ in 0..4 {
            let around = [(step, 0.0), (-step, 0.0), (0.0, step), (0.0, -step)]
                .map(|it| (at.0 + it.0, at.1 + it.1));
            let near = around
                .into_iter()
                .filter(|it| it.0.hypot(it.1) <= FARTHEST_DEG)
                .map(|it| (cost(it), it));
            let Some(best) = near
                .min_by(|a, b| a.0.total_cmp(&b.0))
                .filter(|it| it.0 < lowest)
            else {
                break;
            };
            (lowest, at) = best;
        }
    }
    (lowest, at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ecg::site,
        synth::{WeightSet, model::tests::evidence, skin::Base},
    };

    #[test]
    fn a_search_ends_in_the_hollow_and_not_beyond_the_farthest() {
        let bowl = |at: (f64, f64)| (at.0 - 13.0).powi(2) + (at.1 + 6.0).powi(2);
        let (lowest, at) = descend((0.0, 0.0), &bowl);
        assert!(lowest <= 1.0 && (at.0 - 13.0).abs() <= 1.0 && (at.1 + 6.0).abs() <= 1.0);
        let slope = |at: (f64, f64)| -at.0;
        let (_, far) = descend((24.0, 0.0), &slope);
        assert!((40.0..=FARTHEST_DEG).contains(&far.0), "{far:?}");
    }

    #[test]
    fn anatomy_holds_back_with_a_long_tail() {
        let cost = |deg: f64| anatomy((deg, 0.0));
        assert!(cost(0.0) == 0.0 && cost(10.0) < cost(20.0) && cost(20.0) < cost(45.0));
        assert!(
            cost(45.0) - cost(35.0) < cost(20.0) - cost(10.0),
            "far off is far off"
        );
    }

    #[test]
    fn places_are_along_the_skin() {
        let v4 = site("V4").unwrap().view;
        let apart = |at| place(v4, at).angle_to(v4).to_degrees();
        assert!((apart((10.0, 0.0)) - 10.0).abs() < 1e-6);
        assert!((apart((0.0, 10.0)) - 10.0).abs() < 0.2);
    }

    #[test]
    fn what_is_found_is_never_worse_than_what_was_taken() {
        let whole = evidence();
        let idx = 4;
        let name = whole.known[idx].name.clone();
        let model =
            Model::new(&whole.without(&name).unwrap(), Base::of(WeightSet::Shipped)).unwrap();
        let others = (0..8).filter(|it| *it != idx);
        let cross: Vec<f64> = others.map(|it| whole.covariance[(idx, it)]).collect();
        let own = whole.covariance[(idx, idx)];
        let nominal = site("V3").unwrap().view;
        for wrong_deg in [0.0, 35.0f64] {
            let taken = nominal.moved(wrong_deg.to_radians(), 0.0);
            let found = seek(&name, nominal, taken, &model, &cross, own);
            assert!(0.0 <= found.evidence && found.remaining <= 1.0 && !found.applied);
            let seat = found.seat.unwrap();
            let moved = nominal.moved(found.d_theta_deg.to_radians(), found.d_phi_deg.to_radians());
            assert!(
                moved.angle_to(seat) < 1e-6,
                "counted from the nominal place"
            );
            let off = seat.angle_to(nominal).to_degrees();
            assert_eq!(found.alarm, ALARM_DEG < off);
        }
    }
}
