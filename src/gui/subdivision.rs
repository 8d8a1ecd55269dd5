//! One step of Loop's subdivision: a surface of four times as many triangles, smooth where the
//! coarse one has edges, and values over it.

use std::collections::HashMap;

use crate::ecg::Mesh;

/// A finer surface whose corners are weighted sums of the corners of a coarse one.
pub struct LoopSubdivision {
    /// Corners of each triangle.
    pub triangles: Vec<[usize; 3]>,
    stencils: Vec<Vec<(usize, f32)>>,
}

impl LoopSubdivision {
    /// Each corner stays (smoothed a little), each edge gets one in its middle.
    pub fn of(mesh: &Mesh) -> Self {
        let n = mesh.vertices_mm.len();
        let mut neighbours: Vec<Vec<usize>> = vec![Vec::new(); n];
        // The corners that face an edge: two inside the surface, one on its border.
        let mut facing: HashMap<(usize, usize), Vec<usize>> = HashMap::new();
        for [a, b, c] in &mesh.triangles {
            for (one, two, third) in [(*a, *b, *c), (*b, *c, *a), (*c, *a, *b)] {
                facing.entry(edge(one, two)).or_default().push(third);
                for (from, to) in [(one, two), (two, one)] {
                    if !neighbours[from].contains(&to) {
                        neighbours[from].push(to);
                    }
                }
            }
        }
        let mut on_border = vec![false; n];
        facing
            .iter()
            .filter(|it| it.1.len() < 2)
            .for_each(|((a, b), _)| (on_border[*a], on_border[*b]) = (true, true));
        let mut stencils: Vec<Vec<(usize, f32)>> = (0..n)
            .map(|it| corner(it, &neighbours[it], on_border[it]))
            .collect();
        let mut middles: HashMap<(usize, usize), usize> = HashMap::new();
        let mut middle = |a: usize, b: usize| {
            *middles.entry(edge(a, b)).or_insert_with(|| {
                stencils.push(middle_of(
                    a,
                    b,
                    facing.get(&edge(a, b)).map_or(&[], Vec::as_slice),
                ));
                stencils.len() - 1
            })
        };
        let mut triangles = Vec::with_capacity(4 * mesh.triangles.len());
        for [a, b, c] in &mesh.triangles {
            let (ab, bc, ca) = (middle(*a, *b), middle(*b, *c), middle(*c, *a));
            triangles.extend([[*a, ab, ca], [ab, *b, bc], [ca, bc, *c], [ab, bc, ca]]);
        }
        Self {
            triangles,
            stencils,
        }
    }

    /// Corners of the finer surface.
    pub fn corners(&self) -> usize {
        self.stencils.len()
    }

    /// Values at the finer corners from `value` at the coarse ones.
    pub fn spread<const N: usize>(&self, value: impl Fn(usize) -> [f32; N]) -> Vec<[f32; N]> {
        let mixed = |stencil: &Vec<(usize, f32)>| {
            let mut sum = [0.0; N];
            for (idx, weight) in stencil {
                sum.iter_mut()
                    .zip(value(*idx))
                    .for_each(|(to, from)| *to += weight * from);
            }
            sum
        };
        self.stencils.iter().map(mixed).collect()
    }
}

fn edge(a: usize, b: usize) -> (usize, usize) {
    (a.min(b), a.max(b))
}

/// Loop's weights for a corner of that many neighbours.
fn corner(idx: usize, neighbours: &[usize], on_border: bool) -> Vec<(usize, f32)> {
    if on_border || neighbours.is_empty() {
        return vec![(idx, 1.0)];
    }
    let n = neighbours.len() as f32;
    let beta = (0.625 - (0.375 + 0.25 * (std::f32::consts::TAU / n).cos()).powi(2)) / n;
    std::iter::once((idx, 1.0 - n * beta))
        .chain(neighbours.iter().map(|it| (*it, beta)))
        .collect()
}

fn middle_of(a: usize, b: usize, facing: &[usize]) -> Vec<(usize, f32)> {
    match facing {
        [c, d] => vec![(a, 0.375), (b, 0.375), (*c, 0.125), (*d, 0.125)],
        _ => vec![(a, 0.5), (b, 0.5)],
    }
}

#[cfg(test)]
mod tests {
    use super::{super::torso_model::TorsoModel, *};

    #[test]
    fn four_times_the_triangles_and_the_same_body() {
        let skin = &TorsoModel::shipped().skin;
        let finer = LoopSubdivision::of(skin);
        assert_eq!(finer.triangles.len(), 4 * skin.triangles.len());
        assert!(
            finer
                .triangles
                .iter()
                .flatten()
                .all(|it| *it < finer.corners())
        );
        let ones = finer.spread(|_| [1.0]);
        assert!(
            ones.iter().all(|it| (it[0] - 1.0).abs() < 1e-5),
            "weights sum to one"
        );
        let places = finer.spread(|it| skin.vertices_mm[it].map(|x| x as f32));
        let moved = |it: usize| {
            (0..3)
                .map(|axis| (f64::from(places[it][axis]) - skin.vertices_mm[it][axis]).powi(2))
                .sum::<f64>()
                .sqrt()
        };
        let mut all: Vec<f64> = (0..skin.vertices_mm.len()).map(moved).collect();
        all.sort_unstable_by(f64::total_cmp);
        assert!(
            all[all.len() / 2] < 2.0 && all[all.len() * 9 / 10] < 8.0,
            "corners move {:.1} mm in the middle",
            all[all.len() / 2]
        );
    }
}
