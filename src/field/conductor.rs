//! A homogeneous conductor bounded by a closed surface: what a current dipole inside it makes at
//! the skin.
//!
//! Boundary elements with linear vertex functions, collocation and deflation; unit conductivity, so
//! potentials are relative.

use std::f64::consts::PI;

use faer::{Mat, linalg::solvers::DenseSolveCore};
use rayon::prelude::*;

use super::solid_angle::corner_shares;
use crate::ecg::{
    HEART_CENTRE_MM, Mesh, Montage, site,
    vec3::{Vec3, cross, dot, sub},
};

/// Why a surface is no conductor.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ConductorError {
    /// Too few vertices or triangles to bound a body.
    #[error(
        "conductor: a surface of {vertices} vertices and {triangles} triangles bounds no body, expected a closed one"
    )]
    Open {
        /// Vertices found.
        vertices: usize,
        /// Triangles found.
        triangles: usize,
    },
}

/// A place on the skin: a triangle and the barycentric weights of its corners.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SkinPoint {
    /// Index of the triangle.
    pub triangle: usize,
    /// Weights of its corners; they sum to one.
    pub weights: [f64; 3],
}

/// A lead as its lead field sees it: one weight per vertex, applied to the potentials of an
/// unbounded medium. Computed once per lead; then a dipole anywhere costs one pass over the
/// vertices.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadField {
    per_vertex: Vec<f64>,
}

/// A torso ready to be asked for potentials.
pub struct Conductor {
    mesh: Mesh,
    inverse: Mat<f64>,
}

impl Conductor {
    /// Solves the surface once: about n³ operations for n vertices.
    pub fn new(mesh: &Mesh) -> Result<Self, ConductorError> {
        let (vertices, triangles) = (mesh.vertices_mm.len(), mesh.triangles.len());
        if vertices < 4 || triangles < 4 {
            return Err(ConductorError::Open {
                vertices,
                triangles,
            });
        }
        let mesh = outward(mesh.clone());
        let inverse = system(&mesh).partial_piv_lu().inverse();
        Ok(Self { mesh, inverse })
    }

    /// The surface, its triangles facing outwards.
    pub fn mesh(&self) -> &Mesh {
        &self.mesh
    }

    /// Outermost point of the skin along a ray. `None` if the ray misses the body.
    pub fn skin_along(&self, origin_mm: Vec3, direction: Vec3) -> Option<SkinPoint> {
        skin_along(&self.mesh, origin_mm, direction)
    }

    /// The skin point that `place_mm` stands for: outermost along the ray from the heart's centre.
    pub fn skin_at(&self, place_mm: Vec3) -> Option<SkinPoint> {
        self.skin_along(HEART_CENTRE_MM, sub(place_mm, HEART_CENTRE_MM))
    }

    /// Weighted skin points of a lead of the catalogue. `None` if a site is unknown.
    pub fn montage_points(&self, montage: &Montage) -> Option<Vec<(SkinPoint, f64)>> {
        let sites = montage.sites().into_iter();
        sites
            .map(|(name, weight)| Some((self.skin_at(site(name)?.position_mm)?, weight)))
            .collect()
    }

    /// The lead field of weighted skin points.
    pub fn lead_field(&self, points: &[(SkinPoint, f64)]) -> LeadField {
        let n = self.mesh.vertices_mm.len();
        let mut per_vertex = vec![0.0; n];
        for (point, weight) in points {
            for (corner, share) in self.mesh.triangles[point.triangle]
                .into_iter()
                .zip(point.weights)
            {
                per_vertex
                    .iter_mut()
                    .enumerate()
                    .for_each(|(v, it)| *it += weight * share * self.inverse[(corner, v)]);
            }
        }
        LeadField { per_vertex }
    }

    /// What each lead reads for unit dipoles along x, y, z at each source: `[lead][source][axis]`.
    pub fn lead_vectors(&self, leads: &[LeadField], sources_mm: &[Vec3]) -> Vec<Vec<Vec3>> {
        const BLOCK: usize = 128;
        let n = self.mesh.vertices_mm.len();
        let fields = Mat::from_fn(leads.len(), n, |lead, v| leads[lead].per_vertex[v]);
        let blocks = sources_mm
            .par_chunks(BLOCK)
            .map(|block| &fields * self.unbounded(block))
            .collect::<Vec<_>>();
        let vector = |lead: usize, source: usize| -> Vec3 {
            let block = &blocks[source / BLOCK];
            std::array::from_fn(|axis| block[(lead, 3 * (source % BLOCK) + axis)])
        };
        (0..leads.len())
            .map(|lead| {
                (0..sources_mm.len())
                    .map(|source| vector(lead, source))
                    .collect()
            })
            .collect()
    }

    /// Potentials at all vertices, mean zero, of unit dipoles along x, y, z at each source: column
    /// 3·source + axis.
    pub fn potentials(&self, sources_mm: &[Vec3]) -> Mat<f64> {
        let mut at_vertices = &self.inverse * self.unbounded(sources_mm);
        let n = at_vertices.nrows();
        for column in 0..at_vertices.ncols() {
            let mean = (0..n).map(|v| at_vertices[(v, column)]).sum::<f64>() / n as f64;
            (0..n).for_each(|v| at_vertices[(v, column)] -= mean);
        }
        at_vertices
    }

    /// Right-hand side of the surface equation: twice the potential that the dipoles would have
    /// without a boundary.
    fn unbounded(&self, sources_mm: &[Vec3]) -> Mat<f64> {
        let mut out = Mat::zeros(self.mesh.vertices_mm.len(), 3 * sources_mm.len());
        for (source, place) in sources_mm.iter().enumerate() {
            for (v, vertex) in self.mesh.vertices_mm.iter().enumerate() {
                let d = sub(*vertex, *place);
                let square = dot(d, d);
                let scale = 2.0 / (4.0 * PI * square * square.sqrt());
                (0..3).for_each(|axis| out[(v, 3 * source + axis)] = scale * d[axis]);
            }
        }
        out
    }
}

/// Outermost point of `mesh` along a ray.
pub(super) fn skin_along(mesh: &Mesh, origin_mm: Vec3, direction: Vec3) -> Option<SkinPoint> {
    mesh.outermost(origin_mm, direction)
        .map(|(triangle, weights)| SkinPoint { triangle, weights })
}

/// Turns the triangles to face outwards: the enclosed volume is then positive.
fn outward(mut mesh: Mesh) -> Mesh {
    let volume: f64 = mesh
        .triangles
        .iter()
        .map(|it| it.map(|v| mesh.vertices_mm[v]))
        .map(|[a, b, c]| dot(a, cross(b, c)))
        .sum();
    if volume < 0.0 {
        mesh.triangles.iter_mut().for_each(|it| it.swap(1, 2));
    }
    mesh
}

/// I − W/2π + 1/n: the last term (deflation) fixes the free constant.
fn system(mesh: &Mesh) -> Mat<f64> {
    let n = mesh.vertices_mm.len();
    let rows: Vec<Vec<f64>> = (0..n)
        .into_par_iter()
        .map(|v| solid_angles(mesh, v))
        .collect();
    Mat::from_fn(n, n, |v, w| {
        f64::from(u8::from(v == w)) - rows[v][w] / (2.0 * PI) + 1.0 / n as f64
    })
}

/// Solid angle that vertex `observer` sees, per vertex; its own share closes the surface to 2π.
fn solid_angles(mesh: &Mesh, observer: usize) -> Vec<f64> {
    let mut row = vec![0.0; mesh.vertices_mm.len()];
    for corners in &mesh.triangles {
        let shares = corner_shares(
            mesh.vertices_mm[observer],
            corners.map(|v| mesh.vertices_mm[v]),
        );
        corners
            .iter()
            .zip(shares)
            .for_each(|(v, share)| row[*v] += share);
    }
    row[observer] += 2.0 * PI - row.iter().sum::<f64>();
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{DOWER, LeadName, montage};

    /// Where the heart's ventricles act as one dipole on the reference torso (electrodes.json), mm.
    const VENTRICLES_MM: Vec3 = [51.6, 25.0, 460.0];

    fn torso() -> Conductor {
        Conductor::new(&Mesh::from_ply(include_bytes!("../../assets/torso_bem_702.ply")).unwrap())
            .unwrap()
    }

    fn vectors(torso: &Conductor, names: &[LeadName]) -> Vec<Vec3> {
        let lead =
            |it: &LeadName| torso.lead_field(&torso.montage_points(montage(it).unwrap()).unwrap());
        torso
            .lead_vectors(
                &names.iter().map(lead).collect::<Vec<_>>(),
                &[VENTRICLES_MM],
            )
            .into_iter()
            .map(|it| it[0])
            .collect()
    }

    fn angle_deg(a: Vec3, b: Vec3) -> f64 {
        (dot(a, b) / (dot(a, a) * dot(b, b)).sqrt())
            .clamp(-1.0, 1.0)
            .acos()
            .to_degrees()
    }

    /// An octahedron, subdivided and blown up to radius 100 mm: 4^(levels + 1) + 2 vertices.
    fn sphere(levels: usize) -> Mesh {
        let mut vertices_mm: Vec<Vec3> = vec![
            [1.0, 0.0, 0.0],
            [-1.0, 0.0, 0.0],
            [0.0, 1.0, 0.0],
            [0.0, -1.0, 0.0],
            [0.0, 0.0, 1.0],
            [0.0, 0.0, -1.0],
        ];
        let mut triangles: Vec<[usize; 3]> = vec![
            [0, 2, 4],
            [2, 1, 4],
            [1, 3, 4],
            [3, 0, 4],
            [2, 0, 5],
            [1, 2, 5],
            [3, 1, 5],
            [0, 3, 5],
        ];
        for _ in 0..levels {
            let mut middles = std::collections::BTreeMap::new();
            let mut middle = |a: usize, b: usize| {
                *middles.entry((a.min(b), a.max(b))).or_insert_with(|| {
                    let sum: Vec3 =
                        std::array::from_fn(|axis| vertices_mm[a][axis] + vertices_mm[b][axis]);
                    vertices_mm.push(sum.map(|it| it / dot(sum, sum).sqrt()));
                    vertices_mm.len() - 1
                })
            };
            triangles = triangles
                .into_iter()
                .flat_map(|[a, b, c]| {
                    let (ab, bc, ca) = (middle(a, b), middle(b, c), middle(c, a));
                    [[a, ab, ca], [ab, b, bc], [ca, bc, c], [ab, bc, ca]]
                })
                .collect();
        }
        vertices_mm
            .iter_mut()
            .for_each(|it| *it = it.map(|axis| 100.0 * axis));
        Mesh {
            vertices_mm,
            triangles,
        }
    }

    /// Surface potential of a unit sphere for a dipole at `f` on the z axis, by its Legendre series
    /// (Plonsey 1969): Σ (2n+1)/n · fⁿ⁻¹ · (n·p_z·Pₙ + p_x·cos β·sin γ·Pₙ′) / 4π.
    fn series(place: Vec3, f: f64, moment: Vec3) -> f64 {
        let cos = place[2];
        let (mut p_before, mut p, mut slope_before, mut slope) = (1.0, cos, 0.0, 1.0);
        let mut sum = 0.0;
        for n in 1..80 {
            let order = f64::from(n);
            sum += (2.0 * order + 1.0) / order
                * f.powi(n - 1)
                * (order * moment[2] * p + (moment[0] * place[0] + moment[1] * place[1]) * slope);
            let next = ((2.0 * order + 1.0) * cos * p - order * p_before) / (order + 1.0);
            let next_slope = slope_before + (2.0 * order + 1.0) * p;
            (p_before, p, slope_before, slope) = (p, next, slope, next_slope);
        }
        sum / (4.0 * PI)
    }

    #[test]
    fn sphere_with_eccentric_dipole_follows_the_series() {
        let sphere = Conductor::new(&sphere(4)).unwrap();
        for f in [0.0, 0.25, 0.5] {
            let found = sphere.potentials(&[[0.0, 0.0, 100.0 * f]]);
            for axis in 0..3 {
                let moment = std::array::from_fn(|it| f64::from(u8::from(it == axis)));
                let expected: Vec<f64> = sphere
                    .mesh()
                    .vertices_mm
                    .iter()
                    .map(|it| series(it.map(|v| v / 100.0), f, moment) / 1e4)
                    .collect();
                let mean = expected.iter().sum::<f64>() / expected.len() as f64;
                let expected: Vec<f64> = expected.iter().map(|it| it - mean).collect();
                let found: Vec<f64> = (0..expected.len()).map(|v| found[(v, axis)]).collect();
                let norm = |it: &[f64]| it.iter().map(|v| v * v).sum::<f64>().sqrt();
                let (found_norm, expected_norm) = (norm(&found), norm(&expected));
                let apart: Vec<f64> = found
                    .iter()
                    .zip(&expected)
                    .map(|(a, b)| a / found_norm - b / expected_norm)
                    .collect();
                let (rdm, mag) = (norm(&apart), found_norm / expected_norm);
                assert!(
                    rdm <= 0.005 && (mag - 1.0).abs() <= 0.01,
                    "dipole at {f} R along {axis}: RDM {rdm:.4}, MAG {mag:.4}"
                );
            }
        }
    }

    #[test]
    fn frank_leads_are_orthogonal() {
        let frank = vectors(&torso(), &LeadName::frank());
        for (a, b) in [(0, 1), (1, 2), (2, 0)] {
            let off = (angle_deg(frank[a], frank[b]) - 90.0).abs();
            assert!(off <= 8.0, "axes {a} and {b}: {off:.1}° from a right angle");
        }
    }

    #[test]
    fn chest_lead_vectors_are_near_dowers() {
        let chest = vectors(&torso(), &LeadName::CHEST);
        let apart: Vec<f64> = chest
            .iter()
            .zip(&DOWER[2..])
            .map(|(it, [left, down, back])| angle_deg(*it, [-back, *left, -down]))
            .collect();
        let mean = apart.iter().sum::<f64>() / 6.0;
        assert!(mean <= 17.0, "mean {mean:.1}°, each {apart:.1?}");
    }

    #[test]
    fn reciprocal_and_direct_potentials_agree() {
        let torso = torso();
        let points = torso
            .montage_points(montage(&LeadName::V3).unwrap())
            .unwrap();
        let reciprocal = torso.lead_vectors(&[torso.lead_field(&points)], &[VENTRICLES_MM])[0][0];
        let direct = torso.potentials(&[VENTRICLES_MM]);
        for (axis, expected) in reciprocal.into_iter().enumerate() {
            let read = |point: &SkinPoint| -> f64 {
                torso.mesh().triangles[point.triangle]
                    .iter()
                    .zip(point.weights)
                    .map(|(v, share)| share * direct[(*v, axis)])
                    .sum()
            };
            let found: f64 = points
                .iter()
                .map(|(point, weight)| weight * read(point))
                .sum();
            assert!(
                (found / expected - 1.0).abs() < 1e-9,
                "axis {axis}: {found} against {expected}"
            );
        }
    }

    #[test]
    fn an_open_surface_is_refused() {
        let open = Mesh {
            vertices_mm: vec![[0.0; 3]; 3],
            triangles: vec![[0, 1, 2]],
        };
        assert_eq!(
            Conductor::new(&open).err(),
            Some(ConductorError::Open {
                vertices: 3,
                triangles: 1
            })
        );
    }
}
