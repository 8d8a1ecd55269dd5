//! An even grid of directions over the sphere.

use crate::ecg::ViewAngle;

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
    fn an_even_sphere() {
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
