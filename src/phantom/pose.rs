//! Where the heart's own axes lie in a torso.

use super::{
    body::Build,
    physiology::{Physiology, Pose},
};
use crate::ecg::vec3::{Vec3, cross, dot, norm, sub};

/// Where the ventricles' centre lies on the reference torso (electrodes.json), mm.
const VENTRICLES_MM: Vec3 = [51.6, 25.0, 460.0];
/// The point of the heart's own axes that is put at the ventricles' place, mm.
const MIDDLE_MM: Vec3 = [10.0, 0.0, 28.0];

/// A pose as axes: towards the right ventricle, towards the inferior wall, base to apex.
pub(super) struct Axes {
    unit: [Vec3; 3],
    scale: f64,
}

impl Axes {
    pub(super) fn new(pose: &Pose) -> Self {
        Self {
            unit: axes(pose),
            scale: pose.scale,
        }
    }

    /// A point of the heart's axes in the torso, for a heart whose middle is at `centre_mm`.
    pub(super) fn in_torso(&self, at_mm: Vec3, centre_mm: Vec3) -> Vec3 {
        std::array::from_fn(|it| {
            centre_mm[it]
                + (0..3)
                    .map(|k| self.scale * (at_mm[k] - MIDDLE_MM[k]) * self.unit[k][it])
                    .sum::<f64>()
        })
    }

    /// A lead's field turned into the heart's axes; sources grow with the heart's surfaces.
    pub(super) fn field(&self, field: Vec3) -> [f32; 3] {
        std::array::from_fn(|it| {
            (self.scale.powi(2) * (0..3).map(|k| field[k] * self.unit[it][k]).sum::<f64>()) as f32
        })
    }
}

/// Where the ventricles' middle is at mid-breath, mm.
pub(super) fn resting_centre_mm(physiology: &Physiology, build: Build) -> Vec3 {
    let centre = build.stretched(VENTRICLES_MM);
    std::array::from_fn(|it| centre[it] + physiology.pose.shift_mm[it])
}

/// Moves a heart away from skin that it was drawn closer to than ribs and muscle allow.
pub(super) fn keep_below_skin(physiology: &mut Physiology, build: Build) {
    let axes = Axes::new(&physiology.pose);
    let outline_mm = physiology.shape.outline_mm();
    for _ in 0..6 {
        let centre = resting_centre_mm(physiology, build);
        let missing = outline_mm.iter().map(|it| {
            let depth = build.depth(axes.in_torso(*it, centre));
            (least_depth_mm(depth.inwards) - depth.mm, depth.inwards)
        });
        let most = missing.max_by(|a, b| a.0.total_cmp(&b.0));
        let Some((missing_mm, inwards)) = most.filter(|it| 0.0 < it.0) else {
            return;
        };
        (0..3).for_each(|it| physiology.pose.shift_mm[it] += missing_mm * inwards[it]);
    }
}

/// Least depth of the heart where the way inwards is so: the sternum's cartilage is thin, at the
/// side ribs, muscle and lung lie between.
fn least_depth_mm(inwards: Vec3) -> f64 {
    6.0 + 24.0 * inwards[1].powi(2)
}

fn axes(pose: &Pose) -> [Vec3; 3] {
    let (down, azimuth, roll) = (
        pose.depression_deg.to_radians(),
        pose.azimuth_deg.to_radians(),
        pose.roll_deg.to_radians(),
    );
    let long = [
        down.cos() * azimuth.cos(),
        down.cos() * azimuth.sin(),
        -down.sin(),
    ];
    let towards = [0.75, -0.65, 0.05];
    let along = dot(long, towards);
    let across = sub(towards, long.map(|x| along * x));
    let length = norm(across);
    let right = across.map(|x| x / length);
    let inferior = cross(long, right);
    let (sin, cos) = roll.sin_cos();
    let turned = std::array::from_fn(|it| cos * right[it] + sin * inferior[it]);
    [
        turned,
        std::array::from_fn(|it| cos * inferior[it] - sin * right[it]),
        long,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phantom::physiology::Physiology;

    fn poses() -> impl Iterator<Item = Pose> {
        let median = Physiology::median().pose;
        (0..40).map(move |step| Pose {
            azimuth_deg: median.azimuth_deg + 3.0 * f64::from(step - 20),
            depression_deg: median.depression_deg - f64::from(step),
            roll_deg: 9.0 * f64::from(step),
            ..median.clone()
        })
    }

    #[test]
    fn the_axes_are_a_right_handed_frame() {
        for pose in poses() {
            let [right, inferior, long] = axes(&pose);
            for axis in [right, inferior, long] {
                assert!((norm(axis) - 1.0).abs() < 1e-9, "{pose:?}");
            }
            let off = norm(sub(cross(right, inferior), long));
            assert!(off < 1e-9, "{pose:?}: {off}");
        }
    }

    #[test]
    fn the_apex_points_left_forward_and_down() {
        let [_, _, long] = axes(&Physiology::median().pose);
        assert!(0.0 < long[0] && 0.0 < long[1] && long[2] < 0.0, "{long:?}");
    }

    #[test]
    fn a_heart_is_moved_turned_and_scaled_but_not_bent() {
        for pose in poses() {
            let axes = Axes::new(&pose);
            let centre = [10.0, 20.0, 30.0];
            assert!(norm(sub(axes.in_torso(MIDDLE_MM, centre), centre)) < 1e-9);
            let (a, b) = ([3.0, -20.0, 7.0], [30.0, 1.0, 50.0]);
            let apart = norm(sub(axes.in_torso(a, centre), axes.in_torso(b, centre)));
            assert!((apart - pose.scale * norm(sub(a, b))).abs() < 1e-9);
            // What a dipole gives at a lead does not depend on the axes it is written in.
            let (field, dipole) = ([0.3, -0.1, 0.8], sub(b, a));
            let moved = sub(axes.in_torso(b, centre), axes.in_torso(a, centre));
            let own = axes.field(field).map(f64::from);
            let expected = pose.scale * dot(field, moved);
            assert!((dot(own, dipole) - expected).abs() < 1e-4 * expected.abs().max(1.0));
        }
    }
}
