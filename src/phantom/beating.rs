//! How one heart beats: the dipoles of every kind of beat that its condition knows, on one lattice.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::{
    action_potential,
    activation::{self, Paths},
    changes::muscle_site,
    draw::{between, normal},
    heart::{Heart, Tissue, Voxel},
    physiology::{Conduction, Physiology, Wall},
    rhythm::Kind,
    source::{Lattice, Settings, Wave},
    surface::Reached,
    virtual_heart::{HeartRhythm, VirtualHeart},
};
use crate::ecg::vec3::{Vec3, add, dot, sub};

/// Length of a ventricular and of an atrial wave, ms.
pub(super) const LENGTHS_MS: [f64; 2] = [760.0, 420.0];

/// Where ectopics start unless another place is set: the outflow tract.
const OUTFLOW_MM: Vec3 = [26.0, -32.0, -14.0];

/// All that a heart can show.
pub(super) struct Beating {
    pub lattice: Lattice,
    pub waves: Vec<(Kind, Wave)>,
    pub fibrillation: Vec<Flutter>,
    /// When the beat reaches the voxels of the ventricles after its first activation.
    pub reached: Vec<Reached>,
}

/// A site of fibrillating atria: a node of the lattice and the size of its dipole.
pub(super) struct Flutter {
    pub node: usize,
    pub moment: f64,
}

impl Beating {
    /// `usual` is the conduction that the muscle is used to.
    pub(super) fn new(set: &VirtualHeart, physiology: &Physiology, usual: &Conduction) -> Self {
        let heart = Heart::new(&physiology.shape);
        let lattice = Lattice::new(&heart);
        let (waves, reached_ms) = waves(set, &heart, &lattice, physiology, usual);
        let fibrillation = if set.rhythm == HeartRhythm::Fibrillation {
            flutter(&lattice, physiology)
        } else {
            Vec::new()
        };
        Self {
            lattice,
            waves,
            fibrillation,
            reached: reached(&heart, &reached_ms),
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

fn reached(heart: &Heart, reached_ms: &[f64]) -> Vec<Reached> {
    let voxels = heart.voxels.iter().zip(reached_ms);
    let ventricles = voxels.filter(|(voxel, _)| voxel.tissue.is_ventricle());
    let times = ventricles.clone().map(|(_, ms)| *ms);
    let first_ms = times.fold(f64::INFINITY, f64::min);
    ventricles
        .map(|(voxel, ms)| Reached {
            at_mm: voxel.at_mm,
            ms: ms - first_ms,
        })
        .collect()
}

/// A front that runs over the heart in one kind of beat.
struct Front<'a> {
    kind: Kind,
    paths: &'a Paths,
    /// First voxels, with their times.
    starts: Vec<(usize, f64)>,
}

/// Every wave that the patient's beats can show, and when the beat looked at first reaches each
/// voxel: the ectopic one where there is one.
fn waves(
    set: &VirtualHeart,
    heart: &Heart,
    lattice: &Lattice,
    it: &Physiology,
    usual: &Conduction,
) -> (Vec<(Kind, Wave)>, Vec<f64>) {
    let node = activation::sinus_node(heart, it.shape.right_atrium_mm, it.shape.atrial_radii_mm[0]);
    let starts = [bundles(heart, usual), node.clone()].concat();
    let left_by = |voxel: &Voxel| {
        let scars = it.lesions.iter();
        scars
            .map(|lesion| 1.0 - lesion.scar * voxel.share_in(lesion))
            .product()
    };
    let mut slow = it.conduction.clone();
    slow.left_network *= 0.55;
    slow.right_network *= 0.55;
    let (usual_ms, (paths, slow_paths)) = rayon::join(
        || Paths::new(heart, usual, &[]).times(&starts),
        || {
            let is_slow = set.rhythm == HeartRhythm::VentricularEctopics;
            let paths = |of: &Conduction| Paths::new(heart, of, &it.lesions);
            (paths(&it.conduction), is_slow.then(|| paths(&slow)))
        },
    );
    let making = Making {
        heart,
        lattice,
        physiology: it,
        usual_ms,
        viable: heart.voxels.iter().map(left_by).collect(),
    };
    let fronts = fronts(
        set,
        heart,
        it,
        node,
        [&paths, slow_paths.as_ref().unwrap_or(&paths)],
    );
    let run = |front: &Front<'_>| {
        let times_ms = front.paths.times(&front.starts);
        let wave = making.wave(&times_ms, front.kind.is_of_ventricles());
        (front.kind, wave, times_ms)
    };
    let all: Vec<(Kind, Wave, Vec<f64>)> = fronts.par_iter().map(run).collect();
    let mut reached_ms = Vec::new();
    let wave = |(kind, wave, times_ms): (Kind, Wave, Vec<f64>)| {
        if kind.is_of_ventricles() {
            reached_ms = times_ms;
        }
        (kind, wave)
    };
    (all.into_iter().map(wave).collect(), reached_ms)
}

/// The fronts of every kind of beat, from the sinus `node` where it leads; `slow` are the paths of
/// a beat that starts in the muscle.
fn fronts<'a>(
    set: &VirtualHeart,
    heart: &Heart,
    it: &Physiology,
    node: Vec<(usize, f64)>,
    [paths, slow]: [&'a Paths; 2],
) -> Vec<Front<'a>> {
    let front = |kind, paths, starts| Front {
        kind,
        paths,
        starts,
    };
    let mut conducted = bundles(heart, &it.conduction);
    if let Some(pathway) = set.pathway {
        let site = muscle_site(pathway.at_mm, Wall::LeftEndocardium);
        conducted.extend(activation::sources(heart, &[site]));
    }
    let mut fronts = vec![front(Kind::Ventricles, paths, conducted)];
    if set.rhythm == HeartRhythm::VentricularEctopics {
        let focus = muscle_site(set.focus_mm.unwrap_or(OUTFLOW_MM), Wall::Muscle);
        let starts = activation::sources(heart, &[focus]);
        fronts.push(front(Kind::EctopicVentricles, slow, starts));
    }
    if set.rhythm != HeartRhythm::Fibrillation {
        fronts.push(front(Kind::Atria, paths, node));
    }
    if set.rhythm == HeartRhythm::AtrialEctopics {
        let low = heart.nearest(it.shape.left_atrium_mm.map(|mm| mm - 12.0), |voxel| {
            voxel.tissue == Tissue::LeftAtrium
        });
        let focus = low.map(|voxel| (voxel, 0.0)).into_iter().collect();
        fronts.push(front(Kind::EctopicAtria, paths, focus));
    }
    fronts
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

    fn kinds(rhythm: HeartRhythm) -> Vec<Kind> {
        let physiology = Physiology::median();
        let set = VirtualHeart {
            rhythm,
            ..VirtualHeart::default()
        };
        let beating = Beating::new(&set, &physiology, &physiology.conduction);
        let is_fibrillating = rhythm == HeartRhythm::Fibrillation;
        assert_eq!(beating.fibrillation.len(), 3 * usize::from(is_fibrillating));
        beating.waves.iter().map(|wave| wave.0).collect()
    }

    #[test]
    fn each_rhythm_has_the_waves_that_its_beats_show() {
        use Kind::{Atria, EctopicAtria, EctopicVentricles, Ventricles};
        assert_eq!(kinds(HeartRhythm::Sinus), [Ventricles, Atria]);
        assert_eq!(kinds(HeartRhythm::Fibrillation), [Ventricles]);
        assert_eq!(
            kinds(HeartRhythm::VentricularEctopics),
            [Ventricles, EctopicVentricles, Atria]
        );
        assert_eq!(
            kinds(HeartRhythm::AtrialEctopics),
            [Ventricles, Atria, EctopicAtria]
        );
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
