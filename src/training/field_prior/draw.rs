//! Bodies, hearts and electrodes as they vary: what the ensemble is drawn from.

use crate::{
    ecg::{
        HEART_CENTRE_MM, LeadName, Mesh, site,
        vec3::{Vec3, norm, sub},
    },
    field::corner_shares,
    training::random::Random,
};

/// Dipole places per member.
const SOURCES: usize = 4;
/// Where the ventricles lie from the centre that views are measured from, mm, and how far that
/// varies: more than anatomy does, since that foretells V1, V3, V4 and V5, each left out of I, II
/// and those four in 236 train recordings, .1 dB better than half of it.
const HEART_MM: (Vec3, Vec3) = ([-6.0, 8.0, 10.0], [16.0, 18.0, 25.0]);
/// Scatter of the sources around the heart's centre, mm per axis: least, and how much more at most.
const SPREAD_MM: (f64, f64) = (16.0, 12.0);
/// Placement error of a chest electrode, mm per axis before it is pushed onto the skin: its own,
/// and the part that all six share.
const PLACEMENT_MM: (f64, f64) = (10.0, 6.0);
/// Means and standard deviations of the logarithms of depth, width and length against the reference
/// torso. It is deeper than real chests are: with bodies scattered around it, V4 left out of 165
/// train recordings (V2 and V6 unseen) is foretold 1 dB worse than in bodies 0.85 times as deep.
const BUILD: (Vec3, Vec3) = ([-0.169, 0.036, 0.018], [0.065, 0.072, 0.054]);
/// Mean and standard deviation of how round the front is.
const ROUND: (f64, f64) = (-0.048, 0.072);

/// A build: the reference torso stretched, and its front flattened or rounded.
#[derive(Clone, Debug)]
pub struct Body {
    /// Standard normal numbers: depth, width, length, flatness.
    pub z: [f64; 4],
    centre_mm: Vec3,
}

impl Body {
    pub fn sample(mesh: &Mesh, rng: &mut Random) -> Self {
        let n = mesh.vertices_mm.len() as f64;
        let centre_mm =
            std::array::from_fn(|axis| mesh.vertices_mm.iter().map(|it| it[axis]).sum::<f64>() / n);
        Self {
            z: std::array::from_fn(|_| rng.normal()),
            centre_mm,
        }
    }

    /// A place of the reference torso in this body.
    pub fn place(&self, reference_mm: Vec3) -> Vec3 {
        let from = sub(reference_mm, self.centre_mm);
        let round = 1.0 + (ROUND.0 + ROUND.1 * self.z[3]) * (1.0 - 2.0 * from[1].abs() / 160.0);
        std::array::from_fn(|axis| {
            let stretch = (BUILD.0[axis] + BUILD.1[axis] * self.z[axis]).exp()
                * if axis == 0 { round } else { 1.0 };
            self.centre_mm[axis] + stretch * from[axis]
        })
    }

    pub fn mesh(&self, reference: &Mesh) -> Mesh {
        Mesh {
            vertices_mm: reference
                .vertices_mm
                .iter()
                .map(|it| self.place(*it))
                .collect(),
            triangles: reference.triangles.clone(),
        }
    }
}

/// One draw: a heart in a body, and where the chest electrodes really were.
#[derive(Clone, Debug)]
pub struct Draw {
    pub body: usize,
    heart: Vec3,
    spread: f64,
    pub sources_mm: Vec<Vec3>,
    /// How far V1 to V6 are from their places, mm.
    placement_mm: [Vec3; 6],
}

impl Draw {
    /// Draws until every source lies well inside the body.
    pub fn sample(bodies: &[Body], meshes: &[Mesh], rng: &mut Random) -> Self {
        loop {
            let draw = Self::any(bodies, rng);
            if draw
                .sources_mm
                .iter()
                .all(|it| is_deep(&meshes[draw.body], *it))
            {
                return draw;
            }
        }
    }

    fn any(bodies: &[Body], rng: &mut Random) -> Self {
        let body = rng.choice(bodies.len());
        let heart: Vec3 = std::array::from_fn(|_| rng.normal());
        let spread = rng.uniform();
        let offsets: [Vec3; SOURCES] = std::array::from_fn(|_| {
            std::array::from_fn(|_| (SPREAD_MM.0 + SPREAD_MM.1 * spread) * rng.normal())
        });
        let mean: Vec3 = std::array::from_fn(|axis| {
            offsets.iter().map(|it| it[axis]).sum::<f64>() / SOURCES as f64
        });
        let reference = std::array::from_fn(|axis| {
            HEART_CENTRE_MM[axis] + HEART_MM.0[axis] + HEART_MM.1[axis] * heart[axis]
        });
        let centre = bodies[body].place(reference);
        let sources_mm = offsets
            .iter()
            .map(|it| std::array::from_fn(|axis| centre[axis] + it[axis] - mean[axis]))
            .collect();
        let shared: Vec3 = std::array::from_fn(|_| PLACEMENT_MM.1 * rng.normal());
        let placement_mm =
            std::array::from_fn(|_| shared.map(|it| it + PLACEMENT_MM.0 * rng.normal()));
        Self {
            body,
            heart,
            spread,
            sources_mm,
            placement_mm,
        }
    }

    /// Where chest electrode `idx` was, on the reference torso before it is pushed onto the skin,
    /// mm.
    pub fn electrode_mm(&self, idx: usize) -> Vec3 {
        let place =
            site(&LeadName::CHEST[idx].to_string()).map_or(HEART_CENTRE_MM, |it| it.position_mm);
        std::array::from_fn(|axis| place[axis] + self.placement_mm[idx][axis])
    }

    /// What the fit may weigh members by: heart, build, spread of the sources, placement; centred,
    /// of unit scale.
    pub fn features(&self, bodies: &[Body]) -> Vec<f64> {
        let spread = (self.spread - 0.5) * 12f64.sqrt();
        let squares = |it: &[f64]| it.iter().map(|z| z * z - 1.0).collect::<Vec<_>>();
        let body = bodies[self.body].z;
        let mut out = self.heart.to_vec();
        out.extend(squares(&self.heart));
        out.extend(body);
        out.extend(squares(&body));
        out.extend([spread, spread * spread - 1.0]);
        let usual_mm = PLACEMENT_MM.0.hypot(PLACEMENT_MM.1);
        out.extend(self.placement_mm.iter().flatten().map(|it| it / usual_mm));
        out
    }
}

/// Inside, and not within 20 mm of the skin, where one dipole would be a caricature of a heart.
fn is_deep(mesh: &Mesh, place: Vec3) -> bool {
    let near = mesh
        .vertices_mm
        .iter()
        .any(|it| norm(sub(*it, place)) < 20.0);
    let angle: f64 = mesh
        .triangles
        .iter()
        .map(|it| {
            corner_shares(place, it.map(|v| mesh.vertices_mm[v]))
                .iter()
                .sum::<f64>()
        })
        .sum();
    !near && 2.0 * std::f64::consts::PI < angle.abs()
}
