//! The field prior: an ensemble of lead fields, every member a body with a heart in it.

use std::sync::LazyLock;

use faer::Mat;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Conductor, Posterior, SkinPoint, conductor::skin_along, solid_angle::Vec3};
use crate::ecg::{HEART_CENTRE_MM, Mesh, Montage, Terminal, ViewAngle, site};

/// One member: potentials at the vertices of its torso, one column per dipole component.
pub(super) struct Member {
    pub(super) potentials: Mat<f64>,
    pub(super) log_weight: f64,
}

/// An ensemble of lead fields on one surface.
pub struct FieldPrior {
    pub(super) mesh: Mesh,
    pub(super) members: Vec<Member>,
}

impl FieldPrior {
    /// The shipped ensemble.
    pub fn embedded() -> &'static Self {
        static EMBEDDED: LazyLock<FieldPrior> = LazyLock::new(|| {
            #[allow(clippy::expect_used)] // The asset is part of the binary and a test reads it.
            let mesh = Mesh::from_ply(include_bytes!("../../assets/torso_bem_702.ply")).expect("embedded torso");
            #[allow(clippy::expect_used)] // The embedded torso is a closed surface; a test solves it.
            let conductor = Conductor::new(&mesh).expect("embedded torso is closed");
            FieldPrior::sample(&conductor, 120, 0)
        });
        &EMBEDDED
    }

    fn sample(conductor: &Conductor, n_members: usize, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let members = (0..n_members)
            .map(|_| {
                let sources = sources(&mut rng);
                Member { potentials: conductor.potentials(&sources), log_weight: 0.0 }
            })
            .collect();
        Self { mesh: conductor.mesh().clone(), members }
    }

    /// The patient's posterior from the leads in `known` and their covariance (row-major, mV²).
    /// Without usable evidence it is the prior itself.
    pub fn posterior(&self, known: &[&Montage], covariance: &[f64]) -> Posterior<'_> {
        Posterior::new(self, known, covariance)
    }

    /// Weighted skin points of a lead; sites that are unknown are left out.
    pub(super) fn montage_points(&self, montage: &Montage) -> Vec<(SkinPoint, f64)> {
        let mut points = Vec::new();
        for (terminal, weight) in &montage.terms {
            match terminal {
                Terminal::Site(name) => points.extend(self.site(name).map(|it| (it, *weight))),
                Terminal::Wilson => points.extend(["RA", "LA", "LL"].iter().filter_map(|it| Some((self.site(it)?, weight / 3.0)))),
            }
        }
        points
    }

    /// An electrode in direction `view` against Wilson's terminal.
    pub(super) fn view_points(&self, view: ViewAngle) -> Vec<(SkinPoint, f64)> {
        let exploring = skin_along(&self.mesh, HEART_CENTRE_MM, view.unit()).map(|it| (it, 1.0));
        let wilson = ["RA", "LA", "LL"].iter().filter_map(|it| Some((self.site(it)?, -1.0 / 3.0)));
        exploring.into_iter().chain(wilson).collect()
    }

    fn site(&self, name: &str) -> Option<SkinPoint> {
        let place = site(name)?.position_mm;
        skin_along(&self.mesh, HEART_CENTRE_MM, std::array::from_fn(|it| place[it] - HEART_CENTRE_MM[it]))
    }
}

/// Dipole places of one member: spread around a heart centre that itself varies.
fn sources(rng: &mut ChaCha8Rng) -> Vec<Vec3> {
    const N: usize = 4;
    let centre: Vec3 =
        std::array::from_fn(|axis| HEART_CENTRE_MM[axis] + [-10.0, 3.0, -10.0][axis] + [10.0, 12.0, 14.0][axis] * normal(rng));
    let offsets: [Vec3; N] = std::array::from_fn(|_| std::array::from_fn(|_| 15.0 * normal(rng)));
    let mean: Vec3 = std::array::from_fn(|axis| offsets.iter().map(|it| it[axis]).sum::<f64>() / N as f64);
    offsets.iter().map(|it| std::array::from_fn(|axis| centre[axis] + it[axis] - mean[axis])).collect()
}

/// A standard normal number (Box & Muller).
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let uniform = |rng: &mut ChaCha8Rng| (f64::from(rng.next_u32()) + 0.5) / 4_294_967_296.0;
    let (a, b) = (uniform(rng), uniform(rng));
    (-2.0 * a.ln()).sqrt() * (2.0 * std::f64::consts::PI * b).cos()
}
