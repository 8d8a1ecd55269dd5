//! Sets of places: the 48 views of the panorama and an even grid over the sphere.

use crate::ecg::{LeadName, ViewAngle, site};

use super::Target;

/// The 48 views of the published panorama: six limb leads, then the 42 torso electrodes in their
/// order.
pub fn panorama_targets() -> Vec<(LeadName, Target)> {
    let limb = LeadName::TWELVE.into_iter().filter(LeadName::is_limb);
    let limb = limb.filter_map(|name| Some((name.clone(), Target::lead(&name).ok()?)));
    let torso = (1..=42).filter_map(|idx| {
        let name = format!("view-{idx}");
        Some((
            LeadName::Named(name.as_str().into()),
            Target::View(site(&name)?.view),
        ))
    });
    limb.chain(torso).collect()
}

/// `n` directions spread evenly over the sphere on a golden-angle spiral, from superior to
/// inferior.
pub fn sphere_directions(n: usize) -> Vec<ViewAngle> {
    let golden = std::f64::consts::PI * (3.0 - 5f64.sqrt());
    let direction = |idx: usize| {
        let z = 1.0 - (2 * idx + 1) as f64 / n as f64;
        let (sin, cos) = (golden * idx as f64).sin_cos();
        let r = (1.0 - z * z).sqrt();
        ViewAngle::from_vector([r * cos, r * sin, z])
    };
    (0..n).filter_map(direction).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forty_eight_views_and_an_even_sphere() {
        let views = panorama_targets();
        assert_eq!(views.len(), 48);
        assert_eq!(
            (views[0].0.to_string(), views[47].0.to_string()),
            ("I".into(), "view-42".into())
        );
        let grid = sphere_directions(642);
        let mean = grid.iter().fold([0.0; 3], |sum, it| {
            std::array::from_fn(|k| sum[k] + it.unit()[k] / 642.0)
        });
        assert!(
            grid.len() == 642 && mean.iter().all(|it| it.abs() < 0.01),
            "{mean:?}"
        );
    }
}
