//! The heart as voxels: two ventricles and two atria in the heart's own axes
//! (towards the right ventricle, towards the inferior wall, base to apex).

use super::physiology::{Lesion, Shape, Wall};

/// Edge of a voxel, mm.
pub(super) const VOXEL_MM: f64 = 3.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tissue {
    LeftVentricle,
    RightVentricle,
    RightAtrium,
    LeftAtrium,
}

impl Tissue {
    pub(super) fn is_ventricle(self) -> bool {
        matches!(self, Self::LeftVentricle | Self::RightVentricle)
    }
}

/// A piece of muscle.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Voxel {
    pub at_mm: [f64; 3],
    pub tissue: Tissue,
    /// 0 endocardium, 1 epicardium (in the septum: the right side).
    pub depth: f64,
    pub septum: bool,
    /// Touches the left, the right cavity.
    pub touches: [bool; 2],
}

impl Voxel {
    pub(super) fn lies_on(&self, wall: Wall) -> bool {
        match wall {
            Wall::LeftEndocardium => self.touches[0],
            Wall::FreeRight => self.touches[1] && self.tissue == Tissue::RightVentricle,
            Wall::RightSeptum => self.touches[1] && self.tissue == Tissue::LeftVentricle,
            Wall::Muscle => self.tissue.is_ventricle(),
        }
    }

    /// How much it belongs to a lesion: 1 inside, 0 outside, smooth between.
    pub(super) fn share_in(&self, lesion: &Lesion) -> f64 {
        if !self.tissue.is_ventricle()
            || (lesion.right_only && self.tissue != Tissue::RightVentricle)
        {
            return 0.0;
        }
        let radius = radius(self.at_mm, lesion.centre_mm, lesion.half_axes_mm);
        let inside = 1.0 / (1.0 + ((radius - 1.0) * 9.0).exp());
        let [from, to] = lesion.layer;
        let layer = ((self.depth - from + 0.15) / 0.15).clamp(0.0, 1.0)
            * ((to + 0.15 - self.depth) / 0.15).clamp(0.0, 1.0);
        inside * layer
    }
}

/// Two neighbouring voxels; `axis` where they share a face.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bond {
    pub pair: [u32; 2],
    pub distance_mm: f64,
    pub axis: Option<u8>,
}

#[derive(Clone, Debug)]
pub(super) struct Heart {
    pub voxels: Vec<Voxel>,
    pub bonds: Vec<Bond>,
}

/// What a point of space is.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Outside,
    LeftCavity,
    RightCavity,
    Muscle(Tissue),
}

const LOW_MM: [f64; 3] = [-60.0, -60.0, -78.0];
const COUNT: [usize; 3] = [47, 41, 56];
/// Height of the valves' plane, and its tilt: the outflow tract rises above it.
const BASE_MM: f64 = -10.0;
const OUTFLOW_TILT: f64 = 0.45;
const ATRIAL_WALL_MM: f64 = 3.0;

impl Heart {
    pub(super) fn new(shape: &Shape) -> Self {
        let places: Vec<Place> = (0..COUNT.iter().product())
            .map(|it| place(shape, point(cell(it))))
            .collect();
        let mut index = vec![u32::MAX; places.len()];
        let mut voxels = Vec::new();
        for (at, what) in places.iter().enumerate() {
            if let Place::Muscle(tissue) = *what {
                index[at] = voxels.len() as u32;
                voxels.push(voxel(shape, &places, at, tissue));
            }
        }
        let bonds = bonds(&index, &voxels);
        Self { voxels, bonds }
    }

    /// The voxel of `wall` nearest to a point.
    pub(super) fn nearest(&self, at_mm: [f64; 3], wall: impl Fn(&Voxel) -> bool) -> Option<usize> {
        let distance = |it: &Voxel| {
            (0..3)
                .map(|axis| (it.at_mm[axis] - at_mm[axis]).powi(2))
                .sum::<f64>()
        };
        let candidates = self.voxels.iter().enumerate().filter(|(_, it)| wall(it));
        candidates
            .min_by(|a, b| distance(a.1).total_cmp(&distance(b.1)))
            .map(|it| it.0)
    }
}

fn cell(flat: usize) -> [usize; 3] {
    [
        flat / (COUNT[1] * COUNT[2]),
        flat / COUNT[2] % COUNT[1],
        flat % COUNT[2],
    ]
}

fn point(cell: [usize; 3]) -> [f64; 3] {
    std::array::from_fn(|axis| LOW_MM[axis] + VOXEL_MM * cell[axis] as f64)
}

fn neighbour(flat: usize, step: [i32; 3]) -> Option<usize> {
    let at = cell(flat);
    let mut to = [0; 3];
    for axis in 0..3 {
        let moved = at[axis] as i32 + step[axis];
        if !(0..COUNT[axis] as i32).contains(&moved) {
            return None;
        }
        to[axis] = moved as usize;
    }
    Some((to[0] * COUNT[1] + to[1]) * COUNT[2] + to[2])
}

/// Distance from the centre in units of the half axes.
fn radius(at: [f64; 3], centre: [f64; 3], half: [f64; 3]) -> f64 {
    (0..3)
        .map(|it| ((at[it] - centre[it]) / half[it]).powi(2))
        .sum::<f64>()
        .sqrt()
}

/// Radii of a point in the outer and inner surface of the left and the right ventricle.
fn radii(shape: &Shape, at: [f64; 3]) -> [f64; 4] {
    let left = |r: f64, length: f64| radius(at, [0.0; 3], [r, r, length]);
    let right = |wall: f64| {
        radius(
            at,
            [shape.right_centre_mm, 0.0, -4.0],
            shape.right_half_axes_mm.map(|it| it - wall),
        )
    };
    [
        left(shape.left_outer_mm, shape.left_length_mm),
        left(shape.left_inner_mm, shape.left_cavity_length_mm),
        right(0.0),
        right(shape.right_wall_mm),
    ]
}

fn place(shape: &Shape, at: [f64; 3]) -> Place {
    let [left_outer, left_inner, right_outer, right_inner] = radii(shape, at);
    let (below_base, below_outflow, rightward) = (
        BASE_MM < at[2],
        BASE_MM + OUTFLOW_TILT * at[1] < at[2],
        -5.0 < at[0],
    );
    if left_outer <= 1.0 && below_base {
        return if left_inner <= 1.0 {
            Place::LeftCavity
        } else {
            Place::Muscle(Tissue::LeftVentricle)
        };
    }
    if 1.0 < left_outer && right_outer <= 1.0 && below_outflow && rightward {
        return if right_inner <= 1.0 {
            Place::RightCavity
        } else {
            Place::Muscle(Tissue::RightVentricle)
        };
    }
    let from = |centre: [f64; 3]| radius(at, centre, [1.0; 3]);
    let (right, left) = (from(shape.right_atrium_mm), from(shape.left_atrium_mm));
    let [right_radius, left_radius] = shape.atrial_radii_mm;
    let shell = |distance: f64, outer: f64| outer - ATRIAL_WALL_MM < distance && distance <= outer;
    if BASE_MM - 3.0 <= at[2] {
        return Place::Outside;
    }
    if shell(right, right_radius) && left_radius - ATRIAL_WALL_MM < left {
        return Place::Muscle(Tissue::RightAtrium);
    }
    if shell(left, left_radius) && right_radius - ATRIAL_WALL_MM < right {
        return Place::Muscle(Tissue::LeftAtrium);
    }
    Place::Outside
}

fn voxel(shape: &Shape, places: &[Place], flat: usize, tissue: Tissue) -> Voxel {
    const FACES: [[i32; 3]; 6] = [
        [1, 0, 0],
        [-1, 0, 0],
        [0, 1, 0],
        [0, -1, 0],
        [0, 0, 1],
        [0, 0, -1],
    ];
    let at_mm = point(cell(flat));
    let [left_outer, left_inner, right_outer, right_inner] = radii(shape, at_mm);
    let (outer, inner) = if tissue == Tissue::RightVentricle {
        (right_outer, right_inner)
    } else {
        (left_outer, left_inner)
    };
    let depth = ((inner - 1.0) / ((inner - 1.0) + (1.0 - outer) + 1e-9)).clamp(0.0, 1.0);
    let meets = |what: Place| {
        FACES
            .iter()
            .any(|step| neighbour(flat, *step).is_some_and(|it| places[it] == what))
    };
    let left = tissue == Tissue::LeftVentricle;
    let touches = [
        left && meets(Place::LeftCavity),
        tissue.is_ventricle() && meets(Place::RightCavity),
    ];
    Voxel {
        at_mm,
        tissue,
        depth,
        septum: left && right_outer < 1.0 && 0.0 < at_mm[0],
        touches,
    }
}

/// Each pair of neighbours (faces, edges, corners) once; atria and ventricles stay apart.
fn bonds(index: &[u32], voxels: &[Voxel]) -> Vec<Bond> {
    let mut out = Vec::new();
    let steps = (0..27)
        .map(|it| [it / 9 - 1, it / 3 % 3 - 1, it % 3 - 1])
        .filter(|it| [0, 0, 0] < *it)
        .collect::<Vec<[i32; 3]>>();
    for (flat, a) in index.iter().enumerate().filter(|it| *it.1 != u32::MAX) {
        for step in &steps {
            let Some(b) = neighbour(flat, *step)
                .map(|it| index[it])
                .filter(|it| *it != u32::MAX)
            else {
                continue;
            };
            if voxels[*a as usize].tissue.is_ventricle() == voxels[b as usize].tissue.is_ventricle()
            {
                let steps = step.iter().map(|it| it.abs()).sum::<i32>();
                let axis =
                    (steps == 1).then(|| step.iter().position(|it| *it != 0).unwrap_or(0) as u8);
                out.push(Bond {
                    pair: [*a, b],
                    distance_mm: VOXEL_MM * f64::from(steps).sqrt(),
                    axis,
                });
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::vec3::{norm, sub};
    use std::collections::HashSet;

    use crate::phantom::physiology::Physiology;

    fn median() -> Heart {
        Heart::new(&Physiology::median().shape)
    }

    #[test]
    fn a_heart_has_four_chambers_of_about_their_weight() {
        let heart = median();
        let count = |tissue| heart.voxels.iter().filter(|it| it.tissue == tissue).count() as f64;
        // A voxel is 27 mm³, muscle weighs 1.05 g/ml. Left ventricle of adults: 100 to 200 g.
        let grams = |tissue| count(tissue) * 27e-3 * 1.05;
        let left = grams(Tissue::LeftVentricle);
        let right = grams(Tissue::RightVentricle);
        assert!((90.0..200.0).contains(&left), "left ventricle {left:.0} g");
        assert!(
            0.2 * left < right && right < 0.7 * left,
            "right ventricle {right:.0} g"
        );
        for atrium in [grams(Tissue::RightAtrium), grams(Tissue::LeftAtrium)] {
            assert!((5.0..60.0).contains(&atrium), "an atrium of {atrium:.0} g");
        }
    }

    #[test]
    fn bonds_join_neighbours_once_and_never_atria_with_ventricles() {
        let heart = median();
        let mut met = HashSet::new();
        for bond in &heart.bonds {
            let [a, b] = bond.pair.map(|it| &heart.voxels[it as usize]);
            assert!(met.insert(bond.pair) && !met.contains(&[bond.pair[1], bond.pair[0]]));
            assert_eq!(a.tissue.is_ventricle(), b.tissue.is_ventricle());
            let off = sub(b.at_mm, a.at_mm);
            assert!((norm(off) - bond.distance_mm).abs() < 1e-9, "{bond:?}");
            let along = off.iter().position(|mm| *mm != 0.0);
            let is_face = (bond.distance_mm - VOXEL_MM).abs() < 1e-9;
            assert_eq!(bond.axis.map(usize::from), along.filter(|_| is_face));
        }
    }

    #[test]
    fn the_endocardium_is_shallow_and_the_septum_lies_between() {
        let heart = median();
        for voxel in &heart.voxels {
            assert!((0.0..=1.0).contains(&voxel.depth), "{voxel:?}");
            assert!(!voxel.septum || voxel.tissue == Tissue::LeftVentricle);
            let is_left = voxel.lies_on(Wall::LeftEndocardium);
            assert!(!is_left || voxel.depth < 0.6, "{voxel:?}");
            let walls = [Wall::FreeRight, Wall::RightSeptum];
            assert!(walls.iter().filter(|wall| voxel.lies_on(**wall)).count() <= 1);
        }
        let right_septum = heart.nearest([30.0, 0.0, 30.0], |it| it.lies_on(Wall::RightSeptum));
        assert!(heart.voxels[right_septum.unwrap()].septum);
        assert_eq!(heart.nearest([0.0; 3], |_| false), None);
    }

    #[test]
    fn a_lesion_has_a_soft_edge_and_keeps_to_its_layer() {
        let voxel = |x: f64, depth: f64, tissue| Voxel {
            at_mm: [x, 0.0, 0.0],
            tissue,
            depth,
            septum: false,
            touches: [false; 2],
        };
        let inner = Lesion {
            layer: [0.0, 0.5],
            ..Lesion::at([0.0; 3], [10.0, 20.0, 20.0])
        };
        let left = Tissue::LeftVentricle;
        let share = |x, depth, tissue| voxel(x, depth, tissue).share_in(&inner);
        assert!(0.99 < share(0.0, 0.2, left), "in the middle");
        assert!((share(10.0, 0.2, left) - 0.5).abs() < 1e-9, "at the edge");
        assert!(share(20.0, 0.2, left) < 0.001, "far outside");
        assert_eq!(share(0.0, 0.7, left), 0.0, "in the outer layer");
        assert_eq!(share(0.0, 0.2, Tissue::LeftAtrium), 0.0, "atria have none");
        let right_only = Lesion {
            right_only: true,
            ..inner.clone()
        };
        assert_eq!(voxel(0.0, 0.2, left).share_in(&right_only), 0.0);
        assert!(0.99 < voxel(0.0, 0.2, Tissue::RightVentricle).share_in(&right_only));
    }
}
