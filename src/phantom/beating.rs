//! How one heart beats: the dipoles of every kind of beat that its condition knows, on one lattice.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::{
    action_potential,
    activation::{self, Paths},
    condition::Condition,
    draw::{between, normal},
    heart::{Heart, Tissue, Voxel},
    physiology::{Conduction, Physiology},
    rhythm::Kind,
    source::{Lattice, Settings, Wave},
};
use crate::ecg::vec3::{Vec3, add, dot, sub};

/// Length of a ventricular and of an atrial wave, ms.
pub(super) const LENGTHS_MS: [f64; 2] = [760.0, 420.0];

/// All that a heart can show.
pub(super) struct Beating {
    pub lattice: Lattice,
    pub waves: Vec<(Kind, Wave)>,
    pub fibrillation: Vec<Flutter>,
}

/// A site of fibrillating atria: a node of the lattice and the size of its dipole.
pub(super) struct Flutter {
    pub node: usize,
    pub moment: f64,
}

impl Beating {
    /// `usual` is the conduction that the muscle is used to.
    pub(super) fn new(condition: Condition, physiology: &Physiology, usual: &Conduction) -> Self {
        let heart = Heart::new(&physiology.shape);
        let lattice = Lattice::new(&heart);
        let waves = waves(condition, &heart, &lattice, physiology, usual);
        let fibrillation = if condition == Condition::AtrialFibrillation {
            flutter(&lattice, physiology)
        } else {
            Vec::new()
        };
        Self {
            lattice,
            waves,
            fibrillation,
        }
    }
}

/// A unit dipole's way, turning in a plane of its own with a wandering rate and a sharp front.
pub(super) fn turning(chance: &mut ChaCha8Rng, rate_hz: f64, n: usize) -> Vec<Vec3> {
    let (base_hz, mut phase) = (
        between(chance, 4.8, 7.5),
        std::f64::consts::TAU * chance.random::<f64>(),
    );
    let plane: [Vec3; 2] =
        std::array::from_fn(|_| std::array::from_fn(|_| normal(chance) / 3f64.sqrt()));
    let (mut drift, mut size) = (0.0, 1.0);
    let mut out = Vec::with_capacity(n);
    for _ in 0..n {
        drift += (-drift * 2.0 + 3.0 * normal(chance) * rate_hz.sqrt()) / rate_hz;
        size += ((1.0 - size) * 3.0 + 1.0 * normal(chance) * rate_hz.sqrt()) / rate_hz;
        phase += std::f64::consts::TAU * (base_hz + drift).clamp(4.0, 9.0) / rate_hz;
        let (sin, cos) = (
            phase.sin() + 0.3 * (2.0 * phase).sin(),
            phase.cos() + 0.2 * (2.0 * phase).cos(),
        );
        out.push(std::array::from_fn(|it| {
            size * (plane[0][it] * sin + plane[1][it] * cos)
        }));
    }
    out
}

/// What the waves of one heart are made from.
struct Making<'a> {
    heart: &'a Heart,
    lattice: &'a Lattice,
    physiology: &'a Physiology,
    /// When the usual beat reaches each voxel, ms.
    usual_ms: Vec<f64>,
    /// Share of each voxel's sources that is left.
    viable: Vec<f64>,
}

impl Making<'_> {
    /// The wave of the ventricles, or of the atria, that are reached at these times.
    fn wave(&self, times_ms: &[f64], ventricles: bool) -> Wave {
        let it = self.physiology;
        let forms = action_potential::forms(
            self.heart,
            &it.repolarisation,
            &it.lesions,
            &self.usual_ms,
            times_ms,
        );
        let settings = Settings {
            ventricles,
            length_ms: LENGTHS_MS[usize::from(!ventricles)],
            repolarisation: &it.repolarisation,
            strength: &it.strength,
            viable: &self.viable,
        };
        Wave::new(self.heart, self.lattice, &forms, &settings)
    }
}

/// First voxels of the ventricles over both bundles.
fn bundles(heart: &Heart, conduction: &Conduction) -> Vec<(usize, f64)> {
    let sites = [&conduction.left_sites[..], &conduction.right_sites].concat();
    activation::sources(heart, &sites)
}

/// Every wave that the patient's beats can show.
fn waves(
    condition: Condition,
    heart: &Heart,
    lattice: &Lattice,
    it: &Physiology,
    usual: &Conduction,
) -> Vec<(Kind, Wave)> {
    let node = activation::sinus_node(heart, it.shape.right_atrium_mm, it.shape.atrial_radii_mm[0]);
    let starts = [bundles(heart, usual), node.clone()].concat();
    let left_by = |voxel: &Voxel| {
        let scars = it.lesions.iter();
        scars
            .map(|lesion| 1.0 - lesion.scar * voxel.share_in(lesion))
            .product()
    };
    let making = Making {
        heart,
        lattice,
        physiology: it,
        usual_ms: Paths::new(heart, usual, &[]).times(&starts),
        viable: heart.voxels.iter().map(left_by).collect(),
    };
    let paths = Paths::new(heart, &it.conduction, &it.lesions);
    let extra = activation::sources(heart, &condition.extra_sites());
    let mut conducted = bundles(heart, &it.conduction);
    if condition == Condition::Wpw {
        conducted.extend(&extra);
    }
    let mut waves = vec![(
        Kind::Ventricles,
        making.wave(&paths.times(&conducted), true),
    )];
    if matches!(condition, Condition::PvcRvot | Condition::PvcLeft) {
        let mut slow = it.conduction.clone();
        slow.left_network *= 0.55;
        slow.right_network *= 0.55;
        let times = Paths::new(heart, &slow, &it.lesions).times(&extra);
        waves.push((Kind::EctopicVentricles, making.wave(&times, true)));
    }
    if condition != Condition::AtrialFibrillation {
        waves.push((Kind::Atria, making.wave(&paths.times(&node), false)));
    }
    if condition == Condition::Pac {
        let low = heart.nearest(it.shape.left_atrium_mm.map(|mm| mm - 12.0), |voxel| {
            voxel.tissue == Tissue::LeftAtrium
        });
        let focus: Vec<(usize, f64)> = low.map(|voxel| (voxel, 0.0)).into_iter().collect();
        waves.push((Kind::EctopicAtria, making.wave(&paths.times(&focus), false)));
    }
    waves
}

/// Fibrillation waves come from a few places of both atria.
fn flutter(lattice: &Lattice, it: &Physiology) -> Vec<Flutter> {
    let places = [
        (it.shape.right_atrium_mm, [12.0, 0.0, -8.0], 1.0),
        (it.shape.right_atrium_mm, [-6.0, 12.0, -12.0], 0.8),
        (it.shape.left_atrium_mm, [0.0, 0.0, -10.0], 0.6),
    ];
    // About the dipole of a sinus P wave: the front's area times the source strength, shared among
    // the places.
    let whole = it.strength.gain * it.strength.atria * 80.0;
    let near = |at: Vec3| {
        let squared_distance = |node: &usize| {
            let off = sub(lattice.nodes_mm[*node], at);
            dot(off, off)
        };
        (0..lattice.nodes_mm.len())
            .min_by(|a, b| squared_distance(a).total_cmp(&squared_distance(b)))
    };
    let one = |(centre, offset, share): (Vec3, Vec3, f64)| {
        Some(Flutter {
            node: near(add(centre, offset))?,
            moment: whole * share,
        })
    };
    places.into_iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    fn kinds(condition: Condition) -> Vec<Kind> {
        let physiology = Physiology::median();
        let beating = Beating::new(condition, &physiology, &physiology.conduction);
        let is_fibrillating = condition == Condition::AtrialFibrillation;
        assert_eq!(beating.fibrillation.len(), 3 * usize::from(is_fibrillating));
        beating.waves.iter().map(|wave| wave.0).collect()
    }

    #[test]
    fn each_condition_has_the_waves_that_its_beats_show() {
        use Kind::{Atria, EctopicAtria, EctopicVentricles, Ventricles};
        assert_eq!(kinds(Condition::Normal), [Ventricles, Atria]);
        assert_eq!(kinds(Condition::AtrialFibrillation), [Ventricles]);
        assert_eq!(
            kinds(Condition::PvcLeft),
            [Ventricles, EctopicVentricles, Atria]
        );
        assert_eq!(kinds(Condition::Pac), [Ventricles, Atria, EctopicAtria]);
    }

    #[test]
    fn fibrillating_dipoles_turn_at_four_to_nine_hertz() {
        let (rate_hz, seconds) = (500.0, 60);
        let mut chance = ChaCha8Rng::seed_from_u64(9);
        for _ in 0..3 {
            let path = turning(&mut chance, rate_hz, 500 * seconds);
            let turns = path
                .windows(2)
                .filter(|it| it[0][0] < 0.0 && 0.0 <= it[1][0])
                .count();
            let hz = turns as f64 / seconds as f64;
            assert!((3.5..10.0).contains(&hz), "{hz} Hz");
            assert!(path.iter().flatten().all(|it| it.abs() < 10.0));
        }
    }
}
