//! Solid angle of triangles, distributed over their corners as linear functions of the surface.
//!
//! Van Oosterom & Strackee 1983 for the angle, de Munck 1992 for its distribution.

use crate::ecg::vec3::{Vec3, cross, dot, norm, sub};

/// Shares of the three corners in the solid angle that `observer` sees; they sum to it. Zero in the
/// plane of the triangle.
pub(crate) fn corner_shares(observer: Vec3, corners: [Vec3; 3]) -> Vec3 {
    let y = corners.map(|it| sub(it, observer));
    let n = y.map(norm);
    let det = dot(y[0], cross(y[1], y[2]));
    let normal = cross(sub(y[1], y[0]), sub(y[2], y[0]));
    let area2 = dot(normal, normal);
    if det.abs() <= 1e-9 * area2.sqrt() * n[0].max(1e-9) {
        return [0.0; 3];
    }
    let below = n[0] * n[1] * n[2]
        + (0..3)
            .map(|k| n[k] * dot(y[(k + 1) % 3], y[(k + 2) % 3]))
            .sum::<f64>();
    let omega = 2.0 * det.atan2(below);
    let edges = [
        edge_integral(&y, &n, 0, 1),
        edge_integral(&y, &n, 1, 2),
        edge_integral(&y, &n, 2, 0),
    ];
    let along: Vec3 = std::array::from_fn(|axis| {
        (0..3)
            .map(|k| y[k][axis] * (edges[(k + 2) % 3] - edges[k]))
            .sum()
    });
    std::array::from_fn(|k| {
        let (p, q) = ((k + 1) % 3, (k + 2) % 3);
        (dot(cross(y[p], y[q]), normal) * omega + det * dot(sub(y[q], y[p]), along)) / area2
    })
}

/// ∫ dl / r along the edge from corner `a` to `b`, per length.
fn edge_integral(y: &[Vec3; 3], n: &Vec3, a: usize, b: usize) -> f64 {
    let along = sub(y[b], y[a]);
    let length = norm(along);
    let (above, below) = (
        n[b] * length + dot(y[b], along),
        n[a] * length + dot(y[a], along),
    );
    if 1e-9 < above && 1e-9 < below {
        (above / below).ln() / length
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_sum_to_the_angle() {
        // One face of a cube seen from its centre is a sixth of the sphere, a triangle of it a
        // twelfth.
        let triangle = [[1.0, -1.0, -1.0], [1.0, 1.0, -1.0], [1.0, 1.0, 1.0]];
        let sum: f64 = corner_shares([0.0; 3], triangle).iter().sum();
        assert!(
            (sum - 4.0 * std::f64::consts::PI / 12.0).abs() < 1e-12,
            "{sum}"
        );
        assert_eq!(corner_shares([1.0, 5.0, 5.0], triangle), [0.0; 3]);
    }
}
