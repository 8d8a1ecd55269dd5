//! The surface of the ventricles over their voxels, with the moment at which a beat reaches it:
//! naive surface nets (Gibson 1998) through the smoothed share of muscle.

use super::heart::VOXEL_MM;
use crate::ecg::vec3::Vec3;

/// Share of muscle at the surface: low enough that a wall of one voxel has no holes.
const AT_SURFACE: f64 = 0.35;
/// Empty voxels round the heart: the smoothing reaches two of them.
const MARGIN: usize = 3;

/// A voxel of the ventricles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reached {
    /// In the heart's axes, mm.
    pub at_mm: Vec3,
    /// When the beat reaches it, ms; infinite if it never does.
    pub ms: f64,
}

/// A closed surface with a time at each vertex.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Surface {
    /// In the heart's axes, mm.
    pub vertices_mm: Vec<Vec3>,
    /// Outward, counterclockwise.
    pub triangles: Vec<[usize; 3]>,
    /// When the beat reaches the vertex, ms; NaN where it never does.
    pub ms: Vec<f64>,
}

/// The surface round these voxels.
pub(super) fn surface(voxels: &[Reached]) -> Surface {
    if voxels.is_empty() {
        return Surface::default();
    }
    let grid = Grid::of(voxels);
    let mut surface = Surface::default();
    let mut vertex_of = vec![usize::MAX; grid.muscle.len()];
    for (flat, vertex) in vertex_of.iter_mut().enumerate() {
        if let Some((at_mm, ms)) = grid.vertex(flat) {
            *vertex = surface.vertices_mm.len();
            surface.vertices_mm.push(at_mm);
            surface.ms.push(ms);
        }
    }
    for flat in 0..grid.muscle.len() {
        for axis in 0..3 {
            surface.triangles.extend(grid.faces(flat, axis, &vertex_of));
        }
    }
    surface
}

/// Points of space, `VOXEL_MM` apart.
struct Grid {
    low_mm: Vec3,
    count: [usize; 3],
    /// Share of muscle near the point.
    muscle: Vec<f64>,
    /// Share of muscle that the beat reaches, and that times its moment, ms.
    reached: Vec<f64>,
    moment: Vec<f64>,
}

impl Grid {
    fn of(voxels: &[Reached]) -> Self {
        let bound = |axis: usize, pick: fn(f64, f64) -> f64, from: f64| {
            voxels.iter().map(|it| it.at_mm[axis]).fold(from, pick)
        };
        let margin_mm = MARGIN as f64 * VOXEL_MM;
        let low_mm = [0, 1, 2].map(|axis| bound(axis, f64::min, f64::INFINITY) - margin_mm);
        let count = [0, 1, 2].map(|axis| {
            let high_mm = bound(axis, f64::max, f64::NEG_INFINITY) + margin_mm;
            ((high_mm - low_mm[axis]) / VOXEL_MM).round() as usize + 1
        });
        let n = count.iter().product();
        let mut grid = Self {
            low_mm,
            count,
            muscle: vec![0.0; n],
            reached: vec![0.0; n],
            moment: vec![0.0; n],
        };
        for voxel in voxels {
            let cell =
                |axis: usize| ((voxel.at_mm[axis] - grid.low_mm[axis]) / VOXEL_MM).round() as usize;
            let flat = grid.flat([0, 1, 2].map(cell));
            grid.muscle[flat] = 1.0;
            if voxel.ms.is_finite() {
                (grid.reached[flat], grid.moment[flat]) = (1.0, voxel.ms);
            }
        }
        let strides = [count[1] * count[2], count[2], 1];
        let smooth_over = |field: &mut Vec<f64>| {
            strides.iter().for_each(|stride| smooth(field, *stride));
        };
        smooth_over(&mut grid.muscle);
        // Twice, so that isochrones do not follow the voxels' edges.
        for field in [&mut grid.reached, &mut grid.moment] {
            smooth_over(field);
            smooth_over(field);
        }
        grid
    }

    fn flat(&self, [x, y, z]: [usize; 3]) -> usize {
        (x * self.count[1] + y) * self.count[2] + z
    }

    fn cell(&self, flat: usize) -> [usize; 3] {
        let [_, ny, nz] = self.count;
        [flat / (ny * nz), flat / nz % ny, flat % nz]
    }

    fn is_inside(&self, flat: usize) -> bool {
        AT_SURFACE <= self.muscle[flat]
    }

    /// The vertex of the cube whose lowest corner this is, where the surface crosses it: the middle
    /// of the crossings of its edges.
    fn vertex(&self, flat: usize) -> Option<(Vec3, f64)> {
        let low = self.cell(flat);
        if (0..3).any(|axis| self.count[axis] <= low[axis] + 1) {
            return None;
        }
        let corner = |bits: usize| [0, 1, 2].map(|axis| low[axis] + (bits >> axis & 1));
        let corners: [usize; 8] = std::array::from_fn(|bits| self.flat(corner(bits)));
        let (mut sum, mut n) = ([0.0; 3], 0.0);
        for a in 0..8 {
            for axis in (0..3).filter(|axis| a >> axis & 1 == 0) {
                let pair = [a, a | 1 << axis].map(|bits| corners[bits]);
                if self.is_inside(pair[0]) == self.is_inside(pair[1]) {
                    continue;
                }
                let [from, to] = pair.map(|it| self.muscle[it]);
                let mut place = corner(a).map(|it| it as f64);
                place[axis] += (AT_SURFACE - from) / (to - from);
                (0..3).for_each(|it| sum[it] += place[it]);
                n += 1.0;
            }
        }
        let of = |field: &[f64]| corners.iter().map(|it| field[*it]).sum::<f64>();
        let ms = of(&self.moment) / of(&self.reached);
        let at_mm = [0, 1, 2].map(|it| self.low_mm[it] + VOXEL_MM * sum[it] / n);
        (0.0 < n).then_some((at_mm, ms))
    }

    /// The two triangles across the edge from this point along `axis`, where the surface crosses it.
    fn faces(
        &self,
        flat: usize,
        axis: usize,
        vertex_of: &[usize],
    ) -> impl Iterator<Item = [usize; 3]> {
        let at = self.cell(flat);
        let strides = [self.count[1] * self.count[2], self.count[2], 1];
        let (b, c) = (strides[(axis + 1) % 3], strides[(axis + 2) % 3]);
        let is_within = (0..3).all(|it| 0 < at[it] && at[it] + 1 < self.count[it]);
        let crossing = is_within.then(|| [flat, flat + strides[axis]].map(|it| self.is_inside(it)));
        let quad = || [flat, flat - b, flat - b - c, flat - c].map(|it| vertex_of[it]);
        let quad = match crossing {
            Some([true, false]) => Some(quad()),
            Some([false, true]) => {
                let [p, q, r, s] = quad();
                Some([s, r, q, p])
            }
            _ => None,
        };
        quad.into_iter()
            .flat_map(|[p, q, r, s]| [[p, q, r], [p, r, s]])
    }
}

/// Each value becomes half itself and a quarter of both its neighbours. Values at the margin are
/// zero, so that none wraps round.
fn smooth(field: &mut [f64], stride: usize) {
    let old = field.to_vec();
    for at in stride..field.len() - stride {
        field[at] = 0.5 * old[at] + 0.25 * (old[at - stride] + old[at + stride]);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::ecg::vec3::{cross, dot, norm, sub};

    /// A shell of one voxel: the thinnest wall, early at one pole and late at the other.
    fn shell(radius_mm: f64) -> Vec<Reached> {
        let side = (2.0 * radius_mm / VOXEL_MM) as i32;
        let all = (-side..=side)
            .flat_map(|x| (-side..=side).flat_map(move |y| (-side..=side).map(move |z| [x, y, z])));
        let at = all.map(|it| it.map(|steps| VOXEL_MM * f64::from(steps)));
        at.filter(|it| (norm(*it) - radius_mm).abs() <= 0.6 * VOXEL_MM)
            .map(|at_mm| Reached {
                at_mm,
                ms: 50.0 + at_mm[2],
            })
            .collect()
    }

    #[test]
    fn a_thin_wall_has_no_gaps_and_looks_outward() {
        let it = surface(&shell(30.0));
        let mut edges: HashMap<[usize; 2], i32> = HashMap::new();
        let mut volume = 0.0;
        for &[a, b, c] in &it.triangles {
            for [from, to] in [[a, b], [b, c], [c, a]] {
                *edges.entry([from.min(to), from.max(to)]).or_default() +=
                    if from < to { 1 } else { -1 };
            }
            let [p, q, r] = [a, b, c].map(|vertex| it.vertices_mm[vertex]);
            volume += dot(p, cross(sub(q, p), sub(r, p))) / 6.0;
        }
        assert!(
            edges.values().all(|once| *once == 0),
            "each edge is run along once in each direction"
        );
        let shell_mm3 = 4.0 * std::f64::consts::PI * 30.0f64.powi(2) * 2.0 * VOXEL_MM;
        assert!(
            0.5 * shell_mm3 < volume && volume < 1.2 * shell_mm3,
            "{volume} mm³"
        );
        for vertex in &it.vertices_mm {
            assert!((norm(*vertex) - 30.0).abs() < 5.0, "{vertex:?}");
        }
    }

    #[test]
    fn a_vertex_is_reached_with_the_muscle_near_it() {
        let it = surface(&shell(30.0));
        for (vertex, ms) in it.vertices_mm.iter().zip(&it.ms) {
            assert!((ms - 50.0 - vertex[2]).abs() < 3.0, "{vertex:?} {ms}");
        }
        let never = shell(30.0).into_iter().map(|it| Reached {
            ms: f64::INFINITY,
            ..it
        });
        let never: Vec<Reached> = never.collect();
        assert!(surface(&never).ms.iter().all(|ms| ms.is_nan()));
        assert_eq!(surface(&[]), Surface::default());
    }
}
