//! Normals of a surface, for its light.

use crate::ecg::{
    Mesh,
    vec3::{Vec3, add, cross, dot, norm, sub},
};

/// Unit normal at each vertex, outward: the mean of its triangles' normals weighted by their areas,
/// turned so that the closed surface as a whole has a positive volume.
pub fn vertex_normals(mesh: &Mesh) -> Vec<Vec3> {
    let mut normals = vec![[0.0; 3]; mesh.vertices_mm.len()];
    let mut volume = 0.0;
    for triangle in &mesh.triangles {
        let [a, b, c] = triangle.map(|corner| mesh.vertices_mm[corner]);
        let area = cross(sub(b, a), sub(c, a));
        volume += dot(a, area);
        for corner in triangle {
            normals[*corner] = add(normals[*corner], area);
        }
    }
    let sign = if volume < 0.0 { -1.0 } else { 1.0 };
    let unit = |normal: Vec3| {
        let length = norm(normal).max(1e-12);
        normal.map(|x| sign * x / length)
    };
    normals.into_iter().map(unit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normals_point_outward_whichever_way_the_triangles_turn() {
        let vertices_mm = vec![
            [0.0, 0.0, 0.0],
            [1.0, 0.0, 0.0],
            [0.0, 1.0, 0.0],
            [0.0, 0.0, 1.0],
        ];
        let outward = vec![[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]];
        let inward = outward.iter().map(|[a, b, c]| [*a, *c, *b]).collect();
        for triangles in [outward, inward] {
            let normals = vertex_normals(&Mesh {
                vertices_mm: vertices_mm.clone(),
                triangles,
            });
            assert!(normals[0].iter().all(|x| *x < 0.0) && 0.0 < normals[3][2]);
            for normal in normals {
                assert!((norm(normal) - 1.0).abs() < 1e-12);
            }
        }
    }
}
