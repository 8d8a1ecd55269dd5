//! The torsos that virtual patients have, and where their electrodes really are.

use std::{collections::BTreeMap, sync::OnceLock};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::draw::normal;
use crate::{
    ecg::{
        HEART_CENTRE_MM, Mesh, Montage, Terminal, ViewAngle, site,
        vec3::{Vec3, cross, dot, norm, sub},
    },
    field::{Conductor, SkinPoint},
};

/// Stretches of the reference torso: depth, width, height.
const BUILDS: [Vec3; 6] = [
    [1.0, 1.0, 1.0],
    [1.1, 1.05, 0.99],
    [0.92, 0.96, 1.0],
    [1.04, 0.95, 0.96],
    [0.94, 1.03, 1.04],
    [1.06, 1.08, 1.03],
];

/// How many builds there are.
pub(super) const N_BUILDS: usize = BUILDS.len();

/// A torso of one build. The conductors are solved at first use and kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Build(usize);

/// Where an electrode is, and where it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    /// Name of the site.
    pub site: String,
    /// Where the technician meant it to be: the site's direction on the reference torso.
    pub nominal: ViewAngle,
    /// Direction from this patient's heart to where it is.
    pub actual: ViewAngle,
    /// Where it is, mm.
    pub position_mm: Vec3,
}

impl Build {
    pub(super) fn new(index: usize) -> Self {
        Self(index % N_BUILDS)
    }

    fn mesh(self) -> &'static Mesh {
        static STRETCHED: [OnceLock<Mesh>; N_BUILDS] = [const { OnceLock::new() }; N_BUILDS];
        STRETCHED[self.0].get_or_init(|| {
            #[allow(clippy::expect_used)] // The mesh is part of the binary and a test reads it.
            let mut mesh = Mesh::from_ply(include_bytes!("../../assets/torso_bem_702.ply"))
                .expect("embedded torso");
            mesh.vertices_mm
                .iter_mut()
                .for_each(|it| *it = self.stretched(*it));
            mesh
        })
    }

    pub(super) fn conductor(self) -> &'static Conductor {
        static SOLVED: [OnceLock<Conductor>; N_BUILDS] = [const { OnceLock::new() }; N_BUILDS];
        #[allow(clippy::expect_used)] // A closed surface of 702 vertices; tests solve it.
        SOLVED[self.0].get_or_init(|| Conductor::new(self.mesh()).expect("embedded torso"))
    }

    /// How deep a point lies below the skin.
    pub(super) fn depth(self, at_mm: Vec3) -> Depth {
        let skin = self.skin();
        let squared = |it: &Vertex| {
            let off = sub(it.at_mm, at_mm);
            dot(off, off)
        };
        let nearest = skin
            .iter()
            .min_by(|a, b| squared(a).total_cmp(&squared(b)))
            .into_iter()
            .flat_map(|it| it.outwards.iter().map(|out| (it.at_mm, *out)));
        let below = nearest.map(|(skin_mm, outwards)| Depth {
            mm: dot(sub(skin_mm, at_mm), outwards),
            inwards: outwards.map(|it| -it),
        });
        let deep = Depth {
            mm: f64::INFINITY,
            inwards: [0.0; 3],
        };
        below.fold(deep, |a, b| if b.mm < a.mm { b } else { a })
    }

    /// The point itself, or one so deep below the skin nearest to it: a dipole that stands for a
    /// cell of muscle is never closer to the skin than muscle is.
    pub(super) fn at_least(self, depth_mm: f64, at_mm: Vec3) -> Vec3 {
        let depth = self.depth(at_mm);
        let missing = (depth_mm - depth.mm).max(0.0);
        std::array::from_fn(|it| at_mm[it] + missing * depth.inwards[it])
    }

    /// The skin as depths are measured from it.
    fn skin(self) -> &'static [Vertex] {
        static SKINS: [OnceLock<Vec<Vertex>>; N_BUILDS] = [const { OnceLock::new() }; N_BUILDS];
        SKINS[self.0].get_or_init(|| vertices(self.mesh()))
    }

    /// A place of the reference torso in this one.
    pub(super) fn stretched(self, at_mm: Vec3) -> Vec3 {
        std::array::from_fn(|it| {
            HEART_CENTRE_MM[it] + BUILDS[self.0][it] * (at_mm[it] - HEART_CENTRE_MM[it])
        })
    }

    /// Where this patient's electrode of a named site is, mm: on the skin, displaced by the
    /// placement error. `None` if there is no such site.
    pub(super) fn place(self, name: &str, seed: u64, error_mm: f64) -> Option<Vec3> {
        let mut chance = ChaCha8Rng::seed_from_u64(seed ^ hash(name));
        let wanted = self.stretched(site(name)?.position_mm);
        let at: Vec3 = std::array::from_fn(|it| wanted[it] + error_mm * normal(&mut chance));
        let (triangle, weights) = self.mesh().outermost(HEART_CENTRE_MM, from_heart(at))?;
        Some(self.mesh().point(triangle, weights))
    }

    /// The same as a point that the conductor knows.
    pub(super) fn electrode(self, name: &str, seed: u64, error_mm: f64) -> Option<SkinPoint> {
        self.conductor().skin_along(
            HEART_CENTRE_MM,
            from_heart(self.place(name, seed, error_mm)?),
        )
    }
}

/// How deep a point lies below the planes of the nearest triangles of the skin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Depth {
    /// Negative outside.
    pub mm: f64,
    /// The way from the nearest skin into the body, of length one.
    pub inwards: Vec3,
}

/// A vertex of the skin with the normals of the triangles around it.
struct Vertex {
    at_mm: Vec3,
    outwards: Vec<Vec3>,
}

fn vertices(mesh: &Mesh) -> Vec<Vertex> {
    let bare = |at_mm: &Vec3| Vertex {
        at_mm: *at_mm,
        outwards: Vec::new(),
    };
    let mut all: Vec<Vertex> = mesh.vertices_mm.iter().map(bare).collect();
    for corners in &mesh.triangles {
        let [a, b, c] = corners.map(|it| mesh.vertices_mm[it]);
        let across = cross(sub(b, a), sub(c, a));
        let length = norm(across).copysign(dot(across, from_heart(a)));
        corners
            .iter()
            .for_each(|it| all[*it].outwards.push(across.map(|x| x / length)));
    }
    all
}

fn from_heart(at_mm: Vec3) -> Vec3 {
    sub(at_mm, HEART_CENTRE_MM)
}

/// Every site that `montages` need, each once, with its weight in each of them.
pub(super) struct Wiring {
    pub sites: Vec<&'static str>,
    /// `[lead]`: pairs of site index and weight.
    pub weights: Vec<Vec<(usize, f64)>>,
}

impl Wiring {
    pub(super) fn new(montages: &[&Montage]) -> Self {
        let mut index = BTreeMap::new();
        let mut sites = Vec::new();
        let mut add = |name: &'static str| {
            *index.entry(name).or_insert_with(|| {
                sites.push(name);
                sites.len() - 1
            })
        };
        let mut weights = Vec::new();
        for montage in montages {
            let mut lead = Vec::new();
            for (terminal, weight) in &montage.terms {
                match terminal {
                    Terminal::Site(name) => lead.push((add(name), *weight)),
                    Terminal::Wilson => ["RA", "LA", "LL"]
                        .into_iter()
                        .for_each(|name| lead.push((add(name), weight / 3.0))),
                }
            }
            weights.push(lead);
        }
        Self { sites, weights }
    }
}

/// FNV-1a: the same on every machine, and independent of the order in which sites are asked for.
pub(super) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |acc, it| {
        (acc ^ u64::from(it)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{LeadName, catalogue, montage};

    #[test]
    fn names_hash_as_fnv_1a_does() {
        // Test vectors of draft-eastlake-fnv, appendix C.
        for (text, expected) in [
            ("", 0xcbf2_9ce4_8422_2325),
            ("a", 0xaf63_dc4c_8601_ec8c),
            ("foobar", 0x8594_4171_f739_67e8),
        ] {
            assert_eq!(hash(text), expected, "{text:?}");
        }
    }

    #[test]
    fn without_error_an_electrode_is_in_its_direction_on_the_skin() {
        for build in (0..N_BUILDS).map(Build::new) {
            for name in ["V1", "V4", "V6", "V9", "V4R", "RA", "LL"] {
                let at = build.place(name, 7, 0.0).unwrap();
                let wanted = from_heart(build.stretched(site(name).unwrap().position_mm));
                let [found, wanted] =
                    [from_heart(at), wanted].map(|it| ViewAngle::from_vector(it).unwrap());
                assert!(found.angle_to(wanted) < 1e-6, "{name}: {found} {wanted}");
            }
            assert_eq!(build.place("elbow", 7, 0.0), None);
        }
    }

    #[test]
    fn builds_differ_in_size_and_the_heart_stays_inside() {
        let depth = |build: Build| {
            let x = build.mesh().vertices_mm.iter().map(|it| it[0]);
            x.clone().fold(f64::MIN, f64::max) - x.fold(f64::MAX, f64::min)
        };
        let reference = depth(Build::new(0));
        for (index, [deep, _, _]) in BUILDS.iter().enumerate() {
            let build = Build::new(index);
            assert!((depth(build) / reference - deep).abs() < 1e-9);
            assert_eq!(build.stretched(HEART_CENTRE_MM), HEART_CENTRE_MM);
            assert!(30.0 < build.depth(HEART_CENTRE_MM).mm, "{index}");
        }
        assert_eq!(Build::new(N_BUILDS), Build::new(0));
    }

    #[test]
    fn each_site_is_wired_once() {
        let all: Vec<&Montage> = catalogue().iter().collect();
        let wiring = Wiring::new(&all);
        let mut once = wiring.sites.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), wiring.sites.len());
        for (lead, weights) in all.iter().zip(&wiring.weights) {
            let sum: f64 = weights.iter().map(|it| it.1).sum();
            assert!(sum.abs() < 1e-9, "{}: {sum}", lead.name);
        }
        let v1 = Wiring::new(&[montage(&LeadName::V1).unwrap()]);
        assert_eq!(v1.sites, ["V1", "RA", "LA", "LL"]);
    }
}
