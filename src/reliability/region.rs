//! Where a lead lies: how far from the recorded electrodes, and whether any published measurement
//! reaches it.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::{
    ecg::{LeadName, Target, ViewAngle, WILSON, montage, site},
    synth::{Calibration, linear},
};

/// Reach of one measured electrode, degrees.
const REACH_DEG: f64 = 15.0;
/// Azimuth beyond which nothing was ever measured in the published panorama, degrees.
const POSTERIOR_DEG: f64 = 105.0;

/// The recorded electrode that is nearest to a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Nearest {
    /// Its lead.
    pub lead: LeadName,
    /// Degrees seen from the heart.
    pub degrees: f64,
    /// Centimetres straight through, on the reference torso.
    pub cm: f64,
}

/// Whether any published measurement covers a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Region {
    /// A recorded lead, or electrode algebra on recorded leads.
    Recorded,
    /// Within reach of a recorded electrode, of a standard chest electrode's place or of one of the 42
    /// measured torso views.
    Measured,
    /// On the back, where no published view was measured.
    Posterior,
    /// Elsewhere outside.
    Outside,
}

/// Exploring electrodes of a target: its direction, or every electrode of its montage that is no
/// limb electrode.
fn electrodes(target: &Target) -> Vec<ViewAngle> {
    match target {
        Target::View(view) => vec![*view],
        Target::Lead(montage) => {
            let sites = montage.sites();
            let chest = sites.iter().filter(|it| !WILSON.contains(&it.0));
            chest.filter_map(|it| Some(site(it.0)?.view)).collect()
        }
    }
}

/// The nearest recorded electrode to the target's most remote one. `None` where no recorded lead
/// has an exploring electrode.
pub(super) fn nearest(calibration: &Calibration, target: &Target) -> Option<Nearest> {
    let model = calibration.model();
    let explored = model
        .known
        .iter()
        .zip(model.directions())
        .filter(|it| it.0.exploring_site().is_some());
    let recorded: Vec<(LeadName, ViewAngle)> =
        explored.map(|(it, view)| (it.name.clone(), view)).collect();
    let of = |view: ViewAngle| {
        let (lead, other) = recorded
            .iter()
            .min_by(|a, b| view.angle_to(a.1).total_cmp(&view.angle_to(b.1)))?;
        let (here, there) = (
            calibration.model().skin_point(view),
            calibration.model().skin_point(*other),
        );
        let mm = (0..3)
            .map(|axis| (here[axis] - there[axis]).powi(2))
            .sum::<f64>()
            .sqrt();
        Some(Nearest {
            lead: lead.clone(),
            degrees: view.angle_to(*other).to_degrees(),
            cm: mm / 10.0,
        })
    };
    electrodes(target)
        .into_iter()
        .filter_map(of)
        .max_by(|a, b| a.degrees.total_cmp(&b.degrees))
}

/// Whether any measurement covers the target: its least covered electrode decides. `is_exact`: it
/// follows from recorded leads.
pub(super) fn region(is_exact: bool, nearest: Option<&Nearest>, target: &Target) -> Region {
    if is_exact {
        return Region::Recorded;
    }
    if nearest.is_some_and(|nearest| nearest.degrees <= REACH_DEG) {
        return Region::Measured;
    }
    let outside = electrodes(target)
        .into_iter()
        .filter(|view| !is_covered(*view));
    let azimuth_deg = |view: ViewAngle| view.phi_rad().to_degrees().abs();
    match outside.map(azimuth_deg).reduce(f64::max) {
        None => Region::Measured,
        Some(deg) if POSTERIOR_DEG < deg => Region::Posterior,
        Some(_) => Region::Outside,
    }
}

/// Directions of the 42 measured torso views of the published panorama. Asked for every corner of a
/// skin: looked up once.
static MEASURED: LazyLock<Vec<[f64; 3]>> = LazyLock::new(|| {
    let view = |idx: usize| Some(site(&format!("view-{idx}"))?.view.unit());
    (1..=42).filter_map(view).collect()
});

/// Directions of the standard chest electrodes.
static CHEST: LazyLock<Vec<[f64; 3]>> = LazyLock::new(|| {
    let view = |name: LeadName| Some(montage(&name)?.exploring_view()?.unit());
    LeadName::CHEST.into_iter().filter_map(view).collect()
});

/// Degrees from the nearest of these directions.
fn degrees_from(places: &[[f64; 3]], view: ViewAngle) -> f64 {
    let here = view.unit();
    let cosines = places.iter().map(|it| linear::dot(&here, it));
    cosines.fold(-1.0, f64::max).min(1.0).acos().to_degrees()
}

/// How far beyond the reach of measurements a direction lies: the published ones, or a standard chest
/// electrode nearby. Zero within.
pub fn degrees_beyond(view: ViewAngle) -> f64 {
    let nearest = degrees_from(&MEASURED, view).min(degrees_from(&CHEST, view));
    (nearest - REACH_DEG).max(0.0)
}

/// Whether measurements reach this direction.
pub fn is_covered(view: ViewAngle) -> bool {
    degrees_beyond(view) <= 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_chest_electrode_is_covered() {
        for name in LeadName::CHEST {
            assert!(is_covered(
                montage(&name).unwrap().exploring_view().unwrap()
            ));
        }
        let behind = ViewAngle::from_degrees(97.0, 151.0).unwrap();
        assert!(!is_covered(behind) && 20.0 < degrees_beyond(behind));
    }

    #[test]
    fn the_front_is_measured_and_the_back_is_not() {
        let at = |theta, phi| is_covered(ViewAngle::from_degrees(theta, phi).unwrap());
        assert!(at(48.0, -38.0) && at(90.0, 30.0) && !at(97.0, 151.0) && !at(98.0, 172.0));
    }

    fn nearest(degrees: f64) -> Nearest {
        Nearest {
            lead: LeadName::V2,
            degrees,
            cm: 4.0,
        }
    }

    fn check(target: &str, nearest_deg: Option<f64>, expected: Region) {
        let nearest = nearest_deg.map(nearest);
        let found = region(false, nearest.as_ref(), &target.parse().unwrap());
        assert_eq!(found, expected, "{target}");
    }

    #[test]
    fn a_recorded_electrode_or_a_published_view_makes_a_place_known() {
        check("48,-38", Some(30.0), Region::Measured);
        check("97,151", Some(14.0), Region::Measured);
        check("97,151", Some(16.0), Region::Posterior);
        check("97,151", None, Region::Posterior);
        check("175,0", Some(60.0), Region::Outside);
        check("V5", Some(24.0), Region::Measured);
        let exact = region(true, None, &"V9".parse().unwrap());
        assert_eq!(exact, Region::Recorded);
    }

    #[test]
    fn limb_electrodes_explore_nothing() {
        let of = |lead: &str| electrodes(&lead.parse().unwrap()).len();
        assert_eq!((of("I"), of("V2"), of("CM5"), of("48,-38")), (0, 1, 2, 1));
    }
}
