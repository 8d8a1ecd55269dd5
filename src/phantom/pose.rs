//! Where the heart's own axes lie in a torso.

use super::physiology::Pose;
use crate::ecg::vec3::{Vec3, cross, dot, norm, sub};

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
