//! A closed surface in the body frame, read from the PLY form that the assets use.

use super::vec3::{Vec3, cross, dot, sub};

/// Why bytes are not a mesh.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MeshError {
    /// The header is not that of a binary little-endian PLY with float vertices and triangles.
    #[error("mesh header: {0}")]
    Header(&'static str),
    /// Fewer bytes than the header promises.
    #[error("mesh body has {found} bytes, expected {expected}")]
    Truncated {
        /// Bytes present.
        found: usize,
        /// Bytes that the header promises.
        expected: usize,
    },
    /// A face that names a vertex which is not there.
    #[error("face {0} names a vertex that does not exist")]
    Index(usize),
}

/// Triangles over vertices in mm (anterior, left, superior).
#[derive(Clone, Debug, PartialEq)]
pub struct Mesh {
    /// Vertices, mm.
    pub vertices_mm: Vec<Vec3>,
    /// Vertex indices of each triangle.
    pub triangles: Vec<[usize; 3]>,
}

impl Mesh {
    /// Reads a binary little-endian PLY with `float x y z` vertices and `uchar int` triangle lists.
    pub fn from_ply(bytes: &[u8]) -> Result<Self, MeshError> {
        const END: &[u8] = b"end_header\n";
        let at = bytes
            .windows(END.len())
            .position(|it| it == END)
            .ok_or(MeshError::Header("no end_header"))?;
        let header =
            std::str::from_utf8(&bytes[..at]).map_err(|_| MeshError::Header("not text"))?;
        if !header.contains("format binary_little_endian 1.0") {
            return Err(MeshError::Header("not binary little-endian"));
        }
        let (n_vertices, n_faces) = (
            count(header, "element vertex ")?,
            count(header, "element face ")?,
        );
        let body = &bytes[at + END.len()..];
        let expected = n_vertices
            .saturating_mul(12)
            .saturating_add(n_faces.saturating_mul(13));
        if body.len() < expected {
            return Err(MeshError::Truncated {
                found: body.len(),
                expected,
            });
        }
        let (points, faces) = body.split_at(12 * n_vertices);
        let float = |it: &[u8]| f64::from(f32::from_le_bytes([it[0], it[1], it[2], it[3]]));
        let vertices_mm = points
            .chunks_exact(12)
            .map(|it| [float(it), float(&it[4..]), float(&it[8..])])
            .collect();
        let mut triangles = Vec::with_capacity(n_faces);
        for (idx, face) in faces.chunks_exact(13).take(n_faces).enumerate() {
            let vertex = |k: usize| {
                u32::from_le_bytes([face[k], face[k + 1], face[k + 2], face[k + 3]]) as usize
            };
            let triangle = [vertex(1), vertex(5), vertex(9)];
            if face[0] != 3 || triangle.iter().any(|it| n_vertices <= *it) {
                return Err(MeshError::Index(idx));
            }
            triangles.push(triangle);
        }
        Ok(Self {
            vertices_mm,
            triangles,
        })
    }

    /// Outermost point of the surface along a ray: triangle and barycentric weights of its corners.
    /// `None` if the ray misses.
    pub fn outermost(&self, origin_mm: Vec3, direction: Vec3) -> Option<(usize, [f64; 3])> {
        // Most triangles lie aside of the ray, seen along it.
        let across = across(direction);
        let seen = |it: &Vec3| across.map(|axis| dot(sub(*it, origin_mm), axis));
        let seen: Vec<[f64; 2]> = self.vertices_mm.iter().map(seen).collect();
        let is_near = |corners: &[usize; 3]| {
            (0..2).all(|axis| {
                let [a, b, c] = corners.map(|it| seen[it][axis]);
                a.min(b).min(c) <= NEAR_MM && -NEAR_MM <= a.max(b).max(c)
            })
        };
        let near = self.triangles.iter().enumerate().filter(|it| is_near(it.1));
        let hits = near.filter_map(|(idx, it)| {
            let (t, weights) = ray_hit(origin_mm, direction, it.map(|v| self.vertices_mm[v]))?;
            Some((t, idx, weights))
        });
        hits.max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, idx, weights)| (idx, weights))
    }

    /// Point with barycentric `weights` on triangle `idx`, mm.
    pub fn point(&self, idx: usize, weights: [f64; 3]) -> Vec3 {
        let corners = self.triangles[idx].map(|v| self.vertices_mm[v]);
        std::array::from_fn(|axis| (0..3).map(|k| weights[k] * corners[k][axis]).sum())
    }
}

fn count(header: &str, key: &'static str) -> Result<usize, MeshError> {
    let line = header
        .lines()
        .find_map(|it| it.strip_prefix(key))
        .ok_or(MeshError::Header("no element count"))?;
    line.trim()
        .parse()
        .map_err(|_| MeshError::Header("element count is not a number"))
}

/// How far beside a triangle a ray may pass and still be tried, mm.
const NEAR_MM: f64 = 1e-3;

/// Two directions of length one across `direction` and each other.
fn across(direction: Vec3) -> [Vec3; 2] {
    let unit = |it: Vec3| it.map(|axis| axis / dot(it, it).sqrt());
    // The axis that the direction follows least is surely not along it.
    let [x, y, z] = direction.map(f64::abs);
    let other = match (x, y, z) {
        _ if x <= y && x <= z => [1.0, 0.0, 0.0],
        _ if y <= z => [0.0, 1.0, 0.0],
        _ => [0.0, 0.0, 1.0],
    };
    let first = unit(cross(direction, other));
    [first, unit(cross(direction, first))]
}

/// Möller–Trumbore: distance along the ray and barycentric weights.
fn ray_hit(origin: Vec3, direction: Vec3, [a, b, c]: [Vec3; 3]) -> Option<(f64, [f64; 3])> {
    let (e1, e2) = (sub(b, a), sub(c, a));
    let h = cross(direction, e2);
    let det = dot(e1, h);
    if det.abs() < 1e-12 {
        return None;
    }
    let s = sub(origin, a);
    let u = dot(s, h) / det;
    let q = cross(s, e1);
    let (v, t) = (dot(direction, q) / det, dot(e2, q) / det);
    const EDGE: f64 = -1e-9;
    (EDGE <= u && EDGE <= v && u + v <= 1.0 - EDGE && 0.0 < t).then_some((t, [1.0 - u - v, u, v]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_torso_is_read_and_hit() {
        let mesh = Mesh::from_ply(include_bytes!("../../assets/torso_bem_702.ply")).unwrap();
        assert_eq!((mesh.vertices_mm.len(), mesh.triangles.len()), (702, 1400));
        let heart = super::super::sites::HEART_CENTRE_MM;
        let (idx, weights) = mesh.outermost(heart, [1.0, 0.0, 0.0]).unwrap();
        let skin = mesh.point(idx, weights);
        assert!(100.0 < skin[0] && (skin[1] - heart[1]).abs() < 1e-6);
    }

    #[test]
    fn damaged_meshes_are_refused() {
        let bytes = include_bytes!("../../assets/torso_bem_702.ply");
        assert!(matches!(
            Mesh::from_ply(&bytes[..bytes.len() - 1]),
            Err(MeshError::Truncated { .. })
        ));
        assert!(matches!(Mesh::from_ply(b"ply"), Err(MeshError::Header(_))));
    }

    /// The PLY form of a mesh, as the assets have it.
    fn ply(vertices: &[[f32; 3]], faces: &[(u8, [u32; 3])]) -> Vec<u8> {
        let header = format!(
            "ply\nformat binary_little_endian 1.0\nelement vertex {}\nproperty float x\n\
             property float y\nproperty float z\nelement face {}\n\
             property list uchar int vertex_indices\nend_header\n",
            vertices.len(),
            faces.len()
        );
        let mut bytes = header.into_bytes();
        bytes.extend(vertices.iter().flatten().flat_map(|mm| mm.to_le_bytes()));
        for (corners, indices) in faces {
            bytes.push(*corners);
            bytes.extend(indices.iter().flat_map(|idx| idx.to_le_bytes()));
        }
        bytes
    }

    /// Two parallel triangles, at x = 10 and x = 20.
    fn sheets() -> Vec<u8> {
        let corners = [[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]];
        let at = |x: f32| corners.map(|[y, z]| [x, y, z]);
        let vertices = [at(10.0), at(20.0)].concat();
        ply(&vertices, &[(3, [0, 1, 2]), (3, [3, 4, 5])])
    }

    #[test]
    fn what_was_written_is_read() {
        let mesh = Mesh::from_ply(&sheets()).unwrap();
        assert_eq!(mesh.vertices_mm[4], [20.0, 9.0, 0.0]);
        assert_eq!(mesh.triangles, [[0, 1, 2], [3, 4, 5]]);
    }

    #[test]
    fn a_ray_leaves_through_the_outermost_sheet() {
        let mesh = Mesh::from_ply(&sheets()).unwrap();
        let (triangle, weights) = mesh.outermost([0.0, 3.0, 2.0], [1.0, 0.0, 0.0]).unwrap();
        assert_eq!(triangle, 1);
        assert!(
            (weights.iter().sum::<f64>() - 1.0).abs() < 1e-12,
            "{weights:?}"
        );
        assert!(vec3_near(mesh.point(triangle, weights), [20.0, 3.0, 2.0]));
        // Backwards, beside it, and along it.
        assert_eq!(mesh.outermost([0.0, 3.0, 2.0], [-1.0, 0.0, 0.0]), None);
        assert_eq!(mesh.outermost([0.0, 8.0, 8.0], [1.0, 0.0, 0.0]), None);
        assert_eq!(mesh.outermost([0.0, 3.0, 2.0], [0.0, 1.0, 0.0]), None);
    }

    fn vec3_near(a: Vec3, b: Vec3) -> bool {
        dot(sub(a, b), sub(a, b)) < 1e-12
    }

    #[test]
    fn each_fault_of_a_mesh_has_its_error() {
        let corner = [[0.0; 3]; 3];
        let refused = |bytes: &[u8]| Mesh::from_ply(bytes).unwrap_err();
        assert_eq!(
            refused(&ply(&corner, &[(3, [0, 1, 3])])),
            MeshError::Index(0)
        );
        assert_eq!(
            refused(&ply(&corner, &[(4, [0, 1, 2])])),
            MeshError::Index(0)
        );
        let whole = ply(&corner, &[(3, [0, 1, 2])]);
        assert_eq!(
            refused(&whole[..whole.len() - 4]),
            MeshError::Truncated {
                found: 45,
                expected: 49
            }
        );
        let text = |it: &str| String::from_utf8_lossy(&whole).replace("element face 1", it);
        for bad in [
            "element face many",
            "no faces",
            "element face 99999999999999999999",
        ] {
            assert!(
                matches!(refused(text(bad).as_bytes()), MeshError::Header(_)),
                "{bad}"
            );
        }
    }
}
