//! When each voxel is reached: the fastest path from the first sites, over muscle and the network
//! under the endocardium.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{
    heart::{Bond, Heart, Tissue},
    physiology::{Conduction, Lesion, Site},
};

/// Neighbours with travel times, voxel by voxel.
pub(super) struct Paths {
    first: Vec<u32>,
    edges: Vec<(u32, f32)>,
}

const BASE_MM: f64 = -10.0;

impl Paths {
    pub(super) fn new(heart: &Heart, conduction: &Conduction, lesions: &[Lesion]) -> Self {
        let speed = speeds(heart, conduction, lesions);
        let mut first = vec![0u32; heart.voxels.len() + 1];
        heart
            .bonds
            .iter()
            .flat_map(|it| it.pair)
            .for_each(|it| first[it as usize + 1] += 1);
        (1..first.len()).for_each(|it| first[it] += first[it - 1]);
        let mut next = first.clone();
        let mut edges = vec![(0, 0.0); 2 * heart.bonds.len()];
        for bond in &heart.bonds {
            let time = (bond.distance_mm / bond_speed(bond, heart, &speed)) as f32;
            for [from, to] in [bond.pair, [bond.pair[1], bond.pair[0]]] {
                edges[next[from as usize] as usize] = (to, time);
                next[from as usize] += 1;
            }
        }
        Self { first, edges }
    }

    /// Time of activation of every voxel, ms, from sources with their start times; infinite where
    /// none leads.
    pub(super) fn times(&self, sources: &[(usize, f64)]) -> Vec<f64> {
        let mut times = vec![f64::INFINITY; self.first.len() - 1];
        let mut queue = BinaryHeap::new();
        for (voxel, start) in sources {
            times[*voxel] = times[*voxel].min(*start);
            queue.push(Reverse((Ordered(*start), *voxel as u32)));
        }
        while let Some(Reverse((Ordered(now), at))) = queue.pop() {
            if times[at as usize] < now {
                continue;
            }
            for (to, cost) in
                &self.edges[self.first[at as usize] as usize..self.first[at as usize + 1] as usize]
            {
                let then = now + f64::from(*cost);
                if then < times[*to as usize] {
                    times[*to as usize] = then;
                    queue.push(Reverse((Ordered(then), *to)));
                }
            }
        }
        self.rounded(times)
    }

    /// Every voxel pulled halfway towards the mean of its neighbours: cells share current, so no
    /// front has corners.
    fn rounded(&self, times: Vec<f64>) -> Vec<f64> {
        let one = |at: usize| {
            let near = &self.edges[self.first[at] as usize..self.first[at + 1] as usize];
            let (sum, count) = near
                .iter()
                .map(|it| times[it.0 as usize])
                .filter(|it| it.is_finite())
                .fold((0.0, 0.0), |acc, it| (acc.0 + it, acc.1 + 1.0));
            if count == 0.0 || !times[at].is_finite() {
                times[at]
            } else {
                (times[at] + sum / count) / 2.0
            }
        };
        (0..times.len()).map(one).collect()
    }
}

/// Voxels of the sites with their times.
pub(super) fn sources(heart: &Heart, sites: &[Site]) -> Vec<(usize, f64)> {
    sites
        .iter()
        .filter_map(|it| {
            Some((
                heart.nearest(it.at_mm, |voxel| voxel.lies_on(it.wall))?,
                it.time_ms,
            ))
        })
        .collect()
}

/// The sinus node: superior and posterior in the right atrium.
pub(super) fn sinus_node(
    heart: &Heart,
    right_atrium_mm: [f64; 3],
    radius_mm: f64,
) -> Vec<(usize, f64)> {
    let [x, y, z] = right_atrium_mm;
    let place = [x + 6.0, y - 10.0, z - radius_mm + 3.0];
    heart
        .nearest(place, |it| it.tissue == Tissue::RightAtrium)
        .map(|it| (it, 0.0))
        .into_iter()
        .collect()
}

#[derive(PartialEq)]
struct Ordered(f64);

impl Eq for Ordered {}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// Speeds of a voxel: of its muscle, and of the network under the left and right endocardium (0
/// where there is none).
type Speeds = [f64; 3];

fn speeds(heart: &Heart, conduction: &Conduction, lesions: &[Lesion]) -> Vec<Speeds> {
    let of = |it: &super::heart::Voxel| {
        let slowed: f64 = lesions
            .iter()
            .map(|lesion| 1.0 - (1.0 - lesion.speed) * it.share_in(lesion))
            .product();
        let muscle = match it.tissue {
            Tissue::LeftVentricle => conduction.left_muscle,
            Tissue::RightVentricle => conduction.right_muscle,
            _ => conduction.atrial,
        };
        let complete = ((it.at_mm[2] - BASE_MM) / (conduction.network_from_mm - BASE_MM + 1e-9))
            .clamp(0.0, 1.0);
        let network = |side: usize, full: f64| {
            if it.touches[side] {
                conduction.base + (full - conduction.base) * complete
            } else {
                0.0
            }
        };
        [
            muscle,
            network(0, conduction.left_network),
            network(1, conduction.right_network),
        ]
        .map(|it| it * slowed)
    };
    heart.voxels.iter().map(of).collect()
}

fn bond_speed(bond: &Bond, heart: &Heart, speeds: &[Speeds]) -> f64 {
    let [a, b] = bond.pair.map(|it| it as usize);
    let mut speed = speeds[a][0].min(speeds[b][0]);
    for side in 0..2 {
        if heart.voxels[a].touches[side] && heart.voxels[b].touches[side] {
            speed = speed.max((speeds[a][1 + side] + speeds[b][1 + side]) / 2.0);
        }
    }
    speed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phantom::{heart::Voxel, physiology::Physiology};

    /// Six voxels of left ventricular muscle in a row, away from any cavity, and one by itself.
    fn row() -> Heart {
        let voxel = |k: u32| Voxel {
            at_mm: [0.0, 0.0, 3.0 * f64::from(k)],
            tissue: Tissue::LeftVentricle,
            depth: 0.5,
            septum: false,
            touches: [false; 2],
        };
        let bond = |k: u32| Bond {
            pair: [k, k + 1],
            distance_mm: 3.0,
            axis: Some(2),
        };
        Heart {
            voxels: (0..7).map(voxel).collect(),
            bonds: (0..5).map(bond).collect(),
        }
    }

    fn check(sources: &[(usize, f64)], lesions: &[Lesion], expected: [f64; 6]) {
        let conduction = Conduction {
            left_muscle: 0.5,
            ..Physiology::median().conduction
        };
        let times = Paths::new(&row(), &conduction, lesions).times(sources);
        for (voxel, (found, expected)) in times.iter().zip(expected).enumerate() {
            assert!((found - expected).abs() < 0.01, "voxel {voxel}: {times:?}");
        }
        assert!(
            times[6].is_infinite(),
            "nothing leads to the seventh: {times:?}"
        );
    }

    #[test]
    fn a_front_runs_at_the_speed_of_the_muscle() {
        // 3 mm at 0.5 mm/ms are 6 ms; each end is pulled halfway to its one neighbour.
        check(&[(0, 10.0)], &[], [13.0, 16.0, 22.0, 28.0, 34.0, 37.0]);
        check(&[(5, 0.0)], &[], [27.0, 24.0, 18.0, 12.0, 6.0, 3.0]);
    }

    #[test]
    fn the_first_of_two_fronts_counts() {
        // From both ends: they meet in the middle, at 12 ms.
        check(&[(0, 0.0), (5, 0.0)], &[], [3.0, 6.0, 10.5, 10.5, 6.0, 3.0]);
        // A late source changes nothing.
        check(
            &[(0, 0.0), (5, 99.0)],
            &[],
            [3.0, 6.0, 12.0, 18.0, 24.0, 27.0],
        );
    }

    #[test]
    fn a_lesion_slows_what_lies_in_it() {
        let everywhere = Lesion {
            speed: 0.5,
            ..Lesion::at([0.0; 3], [1e3; 3])
        };
        check(
            &[(0, 0.0)],
            &[everywhere],
            [6.0, 12.0, 24.0, 36.0, 48.0, 54.0],
        );
    }

    #[test]
    fn a_healthy_heart_is_activated_from_the_septum_within_a_tenth_of_a_second() {
        let it = Physiology::median();
        let heart = Heart::new(&it.shape);
        let sites = [&it.conduction.left_sites[..], &it.conduction.right_sites].concat();
        let starts = sources(&heart, &sites);
        assert_eq!(starts.len(), sites.len());
        let times = Paths::new(&heart, &it.conduction, &[]).times(&starts);
        let of = |is: &dyn Fn(&Voxel) -> bool| -> Vec<f64> {
            let voxels = heart
                .voxels
                .iter()
                .zip(&times)
                .filter(|(voxel, _)| is(voxel));
            voxels.map(|(_, ms)| *ms).collect()
        };
        let ventricles = of(&|voxel| voxel.tissue.is_ventricle());
        let last = ventricles.iter().copied().fold(0.0, f64::max);
        assert!(
            (55.0..110.0).contains(&last),
            "last activation at {last} ms"
        );
        let mean = |times: Vec<f64>| times.iter().sum::<f64>() / times.len() as f64;
        let septum = mean(of(&|voxel| voxel.septum));
        let base = mean(of(&|voxel| {
            voxel.tissue.is_ventricle() && voxel.at_mm[2] < 5.0
        }));
        assert!(septum < base, "septum {septum} ms, base {base} ms");
        assert!(
            of(&|voxel| !voxel.tissue.is_ventricle())
                .iter()
                .all(|ms| ms.is_infinite())
        );
    }

    #[test]
    fn the_sinus_node_lies_high_in_the_right_atrium() {
        let shape = Physiology::median().shape;
        let heart = Heart::new(&shape);
        let node = sinus_node(&heart, shape.right_atrium_mm, shape.atrial_radii_mm[0]);
        let [(voxel, start_ms)] = node[..] else {
            panic!("one node: {node:?}");
        };
        assert_eq!(
            (heart.voxels[voxel].tissue, start_ms),
            (Tissue::RightAtrium, 0.0)
        );
        // Base to apex is the third axis: above the centre means less.
        assert!(heart.voxels[voxel].at_mm[2] < shape.right_atrium_mm[2]);
    }
}
