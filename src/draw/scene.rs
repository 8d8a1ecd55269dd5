//! Numbers of the torso scene: normals of a surface and isolines of a potential on it.

use crate::ecg::{
    Mesh,
    vec3::{Vec3, add, cross, sub, unit},
};

/// Unit normal at each vertex: the mean of its triangles' normals weighted by their areas. Points
/// outwards for outward triangles.
pub fn vertex_normals(mesh: &Mesh) -> Vec<Vec3> {
    let mut normals = vec![[0.0; 3]; mesh.vertices_mm.len()];
    for triangle in &mesh.triangles {
        let [a, b, c] = triangle.map(|it| mesh.vertices_mm[it]);
        let area = cross(sub(b, a), sub(c, a));
        for corner in triangle {
            normals[*corner] = add(normals[*corner], area);
        }
    }
    normals
        .into_iter()
        .map(|normal| unit(normal).unwrap_or([0.0, 0.0, 1.0]))
        .collect()
}

/// Line pieces on the surface where `values` (one per vertex) crosses a whole multiple of `step`.
/// Triangles with a `NaN` corner have none.
pub fn isolines(mesh: &Mesh, values: &[f64], step: f64) -> Vec<[Vec3; 2]> {
    let mut pieces = Vec::new();
    if step.is_nan() || step <= 0.0 {
        return pieces;
    }
    for triangle in &mesh.triangles {
        let at = triangle.map(|it| values.get(it).copied().unwrap_or(f64::NAN));
        let (low, high) = (
            at.iter().copied().fold(f64::INFINITY, f64::min),
            at.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        );
        if at.iter().any(|it| !it.is_finite()) {
            continue;
        }
        let (first, last) = ((low / step).ceil() as i64, (high / step).floor() as i64);
        let points = triangle.map(|it| mesh.vertices_mm[it]);
        pieces.extend((first..=last).filter_map(|level| crossing(points, at, level as f64 * step)));
    }
    pieces
}

/// Where one level crosses a triangle: two points on its edges.
fn crossing(points: [Vec3; 3], values: [f64; 3], level: f64) -> Option<[Vec3; 2]> {
    let mut ends = (0..3).filter_map(|k| {
        let (a, b) = (k, (k + 1) % 3);
        if (values[a] < level) == (values[b] < level) {
            return None;
        }
        let share = (level - values[a]) / (values[b] - values[a]);
        Some(std::array::from_fn(|axis| {
            points[a][axis] + share * (points[b][axis] - points[a][axis])
        }))
    });
    Some([ends.next()?, ends.next()?])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tetrahedron() -> Mesh {
        let vertices_mm = vec![
            [0.0, 0.0, 0.0],
            [1.0, 0.0, 0.0],
            [0.0, 1.0, 0.0],
            [0.0, 0.0, 1.0],
        ];
        Mesh {
            vertices_mm,
            triangles: vec![[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]],
        }
    }

    #[test]
    fn normals_point_outwards() {
        let normals = vertex_normals(&tetrahedron());
        assert!(normals[0].iter().all(|it| *it < 0.0) && 0.0 < normals[3][2]);
        assert!(
            normals
                .iter()
                .all(|it| (it.iter().map(|x| x * x).sum::<f64>() - 1.0).abs() < 1e-12)
        );
    }

    #[test]
    fn isolines_lie_at_their_level() {
        let mesh = tetrahedron();
        let heights: Vec<f64> = mesh.vertices_mm.iter().map(|it| it[2]).collect();
        let pieces = isolines(&mesh, &heights, 0.4);
        assert!(
            !pieces.is_empty()
                && pieces.iter().flatten().all(|it| [0.0, 0.4, 0.8]
                    .iter()
                    .any(|level| (it[2] - level).abs() < 1e-12))
        );
        assert!(
            isolines(&mesh, &[f64::NAN; 4], 0.4).is_empty()
                && isolines(&mesh, &heights, 0.0).is_empty()
        );
    }
}
