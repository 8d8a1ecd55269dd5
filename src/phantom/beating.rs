//! How one heart beats: the dipoles of every kind of beat that its condition knows, on one lattice.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::{
    action_potential,
    activation::{self, Paths},
    condition::Condition,
    draw::{between, normal},
    heart::{Heart, Tissue},
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

/// Every wave that the patient's beats can show.
fn waves(
    condition: Condition,
    heart: &Heart,
    lattice: &Lattice,
    it: &Physiology,
    usual: &Conduction,
) -> Vec<(Kind, Wave)> {
    let normal_paths = Paths::new(heart, usual, &[]);
    let both = |conduction: &Conduction| {
        let sites = conduction
            .left_sites
            .iter()
            .chain(&conduction.right_sites)
            .cloned()
            .collect::<Vec<_>>();
        activation::sources(heart, &sites)
    };
    let node = activation::sinus_node(heart, it.shape.right_atrium_mm, it.shape.atrial_radii_mm[0]);
    let usual_ms = normal_paths.times(&[both(usual), node.clone()].concat());
    let paths = Paths::new(heart, &it.conduction, &it.lesions);
    let viable: Vec<f64> = heart
        .voxels
        .iter()
        .map(|voxel| {
            it.lesions
                .iter()
                .map(|lesion| 1.0 - lesion.scar * voxel.share_in(lesion))
                .product()
        })
        .collect();
    let wave = |times_ms: &[f64], ventricles: bool| {
        let forms =
            action_potential::forms(heart, &it.repolarisation, &it.lesions, &usual_ms, times_ms);
        let length_ms = LENGTHS_MS[usize::from(!ventricles)];
        let settings = Settings {
            ventricles,
            length_ms,
            repolarisation: &it.repolarisation,
            strength: &it.strength,
            viable: &viable,
        };
        Wave::new(heart, lattice, &forms, &settings)
    };
    let extra = activation::sources(heart, &condition.extra_sites());
    let mut conducted = both(&it.conduction);
    if condition == Condition::Wpw {
        conducted.extend(&extra);
    }
    let mut out = vec![(Kind::Ventricles, wave(&paths.times(&conducted), true))];
    if matches!(condition, Condition::PvcRvot | Condition::PvcLeft) {
        let mut slow = it.conduction.clone();
        slow.left_network *= 0.55;
        slow.right_network *= 0.55;
        out.push((
            Kind::EctopicVentricles,
            wave(&Paths::new(heart, &slow, &it.lesions).times(&extra), true),
        ));
    }
    if condition != Condition::AtrialFibrillation {
        out.push((Kind::Atria, wave(&paths.times(&node), false)));
    }
    if condition == Condition::Pac {
        let low = heart
            .nearest(it.shape.left_atrium_mm.map(|it| it - 12.0), |it| {
                it.tissue == Tissue::LeftAtrium
            })
            .map(|it| (it, 0.0));
        out.push((
            Kind::EctopicAtria,
            wave(&paths.times(&low.into_iter().collect::<Vec<_>>()), false),
        ));
    }
    out
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
