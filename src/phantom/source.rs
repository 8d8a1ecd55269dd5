//! Current sources: where the transmembrane potential differs across a voxel's face, a current
//! dipole stands. Dipoles are gathered on a coarse lattice by trilinear shares, so that a lead
//! needs its field only there.

use rayon::prelude::*;

use super::{
    action_potential::{ActionPotential, Curves},
    heart::{Heart, Tissue, VOXEL_MM},
    physiology::{Repolarisation, Strength},
};

/// Edge of a cell of the lattice, mm.
const CELL_MM: f64 = 15.0;
/// Time between samples of a wave, ms.
pub(super) const STEP_MS: f64 = 2.0;
/// Times before the first activation that a wave holds, ms.
pub(super) const LEAD_IN_MS: f64 = 20.0;

/// The lattice of one heart: nodes that carry dipoles.
#[derive(Clone, Debug)]
pub(super) struct Lattice {
    /// Nodes in the heart's axes, mm.
    pub nodes_mm: Vec<[f64; 3]>,
    low_mm: [f64; 3],
    count: [usize; 3],
    used: Vec<u32>,
}

/// Dipole moments on the lattice over one beat of the ventricles or of the atria.
#[derive(Clone, Debug)]
pub(super) struct Wave {
    /// `[3·node + axis][time]`, times from −[`LEAD_IN_MS`] at [`STEP_MS`].
    pub moments: Vec<f32>,
    pub n_times: usize,
    /// Last activation, ms.
    pub activated_ms: f64,
}

/// A face between two voxels: which, along which axis, how strong.
struct Face {
    pair: [u32; 2],
    axis: usize,
    weight: f32,
    middle_mm: [f64; 3],
}

impl Lattice {
    pub(super) fn new(heart: &Heart) -> Self {
        let bound = |pick: fn(f64, f64) -> f64, start: f64, axis: usize| {
            heart
                .voxels
                .iter()
                .fold(start, |acc, it| pick(acc, it.at_mm[axis]))
        };
        let low_mm: [f64; 3] =
            std::array::from_fn(|it| bound(f64::min, f64::INFINITY, it) - VOXEL_MM);
        let count = std::array::from_fn(|it| {
            ((bound(f64::max, f64::NEG_INFINITY, it) + VOXEL_MM - low_mm[it]) / CELL_MM).ceil()
                as usize
                + 1
        });
        let mut lattice = Self {
            nodes_mm: Vec::new(),
            low_mm,
            count,
            used: vec![u32::MAX; count.iter().product()],
        };
        for voxel in &heart.voxels {
            for (node, _) in lattice.shares(voxel.at_mm) {
                lattice.used[node] = 0;
            }
        }
        lattice.number();
        lattice
    }

    /// Numbers the nodes in use.
    fn number(&mut self) {
        let [_, ny, nz] = self.count;
        for flat in 0..self.used.len() {
            if self.used[flat] == 0 {
                self.used[flat] = self.nodes_mm.len() as u32;
                let cell = [flat / (ny * nz), flat / nz % ny, flat % nz];
                self.nodes_mm.push(std::array::from_fn(|it| {
                    self.low_mm[it] + CELL_MM * cell[it] as f64
                }));
            }
        }
    }

    /// The eight nodes around a point with their shares.
    fn shares(&self, at_mm: [f64; 3]) -> [(usize, f64); 8] {
        let place: [f64; 3] = std::array::from_fn(|it| (at_mm[it] - self.low_mm[it]) / CELL_MM);
        let cell = place.map(|it| it as usize);
        std::array::from_fn(|corner| {
            let step = [corner >> 2 & 1, corner >> 1 & 1, corner & 1];
            let share = (0..3)
                .map(|it| {
                    if step[it] == 1 {
                        place[it] - cell[it] as f64
                    } else {
                        1.0 - place[it] + cell[it] as f64
                    }
                })
                .product();
            let at: [usize; 3] =
                std::array::from_fn(|it| (cell[it] + step[it]).min(self.count[it] - 1));
            (
                (at[0] * self.count[1] + at[1]) * self.count[2] + at[2],
                share,
            )
        })
    }
}

impl Lattice {
    /// Dipoles along one axis: `[node][time]`, from the potentials of the voxels, `[voxel][time]`.
    fn gathered(
        &self,
        heart: &Heart,
        settings: &Settings<'_>,
        potentials: &[f32],
        axis: usize,
    ) -> Vec<f32> {
        let n_times = potentials.len() / heart.voxels.len().max(1);
        let mut moments = vec![0.0f32; self.nodes_mm.len() * n_times];
        let mut difference = vec![0.0f32; n_times];
        for face in faces(heart, settings).filter(|it| it.axis == axis) {
            let [a, b] = face
                .pair
                .map(|it| &potentials[it as usize * n_times..][..n_times]);
            difference
                .iter_mut()
                .zip(a.iter().zip(b))
                .for_each(|(out, (a, b))| *out = face.weight * (a - b));
            // Nothing flows before the front comes, nor once both voxels are at rest again.
            let flows = |it: &f32| *it != 0.0;
            let Some(first) = difference.iter().position(flows) else {
                continue;
            };
            let last = difference.iter().rposition(flows).unwrap_or(first);
            for (node, share) in self.shares(face.middle_mm) {
                let row = self.used[node] as usize * n_times;
                let share = share as f32;
                moments[row + first..=row + last]
                    .iter_mut()
                    .zip(&difference[first..=last])
                    .for_each(|(out, it)| *out += share * it);
            }
        }
        moments
    }
}

impl Wave {
    /// The wave of the voxels for which `active` holds.
    pub(super) fn new(
        heart: &Heart,
        lattice: &Lattice,
        forms: &[ActionPotential],
        settings: &Settings,
    ) -> Self {
        let n_times = ((LEAD_IN_MS + settings.length_ms) / STEP_MS) as usize;
        let curves = Curves::new(settings.repolarisation);
        let mut potentials = vec![0.0f32; n_times * heart.voxels.len()];
        let rows = potentials.par_chunks_exact_mut(n_times);
        let voxels = heart.voxels.par_iter().zip(forms);
        voxels.zip(rows).for_each(|((voxel, form), row)| {
            if voxel.tissue.is_ventricle() == settings.ventricles {
                form.sample(&curves, -LEAD_IN_MS, STEP_MS, row);
            }
        });
        let along = |axis| lattice.gathered(heart, settings, &potentials, axis);
        let axes: Vec<Vec<f32>> = (0..3).into_par_iter().map(along).collect();
        let mut moments = Vec::with_capacity(3 * lattice.nodes_mm.len() * n_times);
        for node in 0..lattice.nodes_mm.len() {
            let rows = axes.iter().map(|it| &it[node * n_times..][..n_times]);
            rows.for_each(|row| moments.extend_from_slice(row));
        }
        let active = heart
            .voxels
            .iter()
            .zip(forms)
            .filter(|it| it.0.tissue.is_ventricle() == settings.ventricles);
        let activated_ms = active
            .map(|it| it.1.start_ms)
            .filter(|it| it.is_finite())
            .fold(0.0, f64::max);
        Self {
            moments,
            n_times,
            activated_ms,
        }
    }

    /// The wave at leads whose fields on the lattice are `fields[lead][3·node + axis]`:
    /// `[lead][time]`.
    pub(super) fn at_leads(&self, fields: &[Vec<f32>]) -> Vec<Vec<f32>> {
        let at = |field: &Vec<f32>| {
            let mut out = vec![0.0f32; self.n_times];
            for (weight, row) in field.iter().zip(self.moments.chunks_exact(self.n_times)) {
                out.iter_mut()
                    .zip(row)
                    .for_each(|(out, it)| *out += weight * it);
            }
            out
        };
        fields.par_iter().map(at).collect()
    }
}

/// What a wave is made of.
pub(super) struct Settings<'a> {
    pub ventricles: bool,
    pub length_ms: f64,
    pub repolarisation: &'a Repolarisation,
    pub strength: &'a Strength,
    /// Share of each voxel's sources that is left.
    pub viable: &'a [f64],
}

fn faces<'a>(heart: &'a Heart, settings: &'a Settings<'_>) -> impl Iterator<Item = Face> + 'a {
    let strength = settings.strength;
    let weight = |it: usize| {
        let voxel = &heart.voxels[it];
        settings.viable[it]
            * match voxel.tissue {
                Tissue::LeftVentricle if voxel.septum => strength.septum,
                Tissue::LeftVentricle => 1.0,
                Tissue::RightVentricle => strength.right,
                _ => strength.atria,
            }
    };
    heart.bonds.iter().filter_map(move |it| {
        let [a, b] = it.pair.map(|it| it as usize);
        let axis = usize::from(it.axis?);
        if heart.voxels[a].tissue.is_ventricle() != settings.ventricles {
            return None;
        }
        let middle_mm = std::array::from_fn(|axis| {
            (heart.voxels[a].at_mm[axis] + heart.voxels[b].at_mm[axis]) / 2.0
        });
        let weight = (strength.gain * VOXEL_MM * VOXEL_MM * (weight(a) + weight(b)) / 2.0) as f32;
        Some(Face {
            pair: it.pair,
            axis,
            weight,
            middle_mm,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phantom::physiology::Physiology;

    fn median() -> (Heart, Physiology) {
        let physiology = Physiology::median();
        (Heart::new(&physiology.shape), physiology)
    }

    /// The ventricles' wave where each voxel starts when `start_ms` says.
    fn wave(
        heart: &Heart,
        lattice: &Lattice,
        physiology: &Physiology,
        start_ms: impl Fn([f64; 3]) -> f64,
    ) -> Wave {
        let form = |at_mm| ActionPotential {
            start_ms: start_ms(at_mm),
            duration_ms: 250.0,
            amplitude: 1.0,
            notch: [0.0, 60.0],
            bend: 0.0,
            after_potential: 0.0,
            atrial: false,
        };
        let forms: Vec<_> = heart.voxels.iter().map(|voxel| form(voxel.at_mm)).collect();
        let settings = Settings {
            ventricles: true,
            length_ms: 400.0,
            repolarisation: &physiology.repolarisation,
            strength: &physiology.strength,
            viable: &vec![1.0; heart.voxels.len()],
        };
        Wave::new(heart, lattice, &forms, &settings)
    }

    /// The sum of all dipoles over time, one row an axis: what a uniform field along it sees.
    fn total(wave: &Wave, lattice: &Lattice) -> Vec<Vec<f32>> {
        let along = |axis: usize| {
            (0..3 * lattice.nodes_mm.len())
                .map(|row| f32::from(u8::from(row % 3 == axis)))
                .collect()
        };
        wave.at_leads(&[along(0), along(1), along(2)])
    }

    #[test]
    fn shares_put_a_point_where_it_was() {
        let (heart, _) = median();
        let lattice = Lattice::new(&heart);
        for voxel in heart.voxels.iter().step_by(37) {
            let (mut sum, mut place) = (0.0, [0.0; 3]);
            for (node, share) in lattice.shares(voxel.at_mm) {
                let node_mm = lattice.nodes_mm[lattice.used[node] as usize];
                sum += share;
                (0..3).for_each(|axis| place[axis] += share * node_mm[axis]);
            }
            assert!((sum - 1.0).abs() < 1e-12);
            assert!((0..3).all(|axis| (place[axis] - voxel.at_mm[axis]).abs() < 1e-9));
        }
    }

    #[test]
    fn without_a_front_there_is_no_current() {
        let (heart, physiology) = median();
        let lattice = Lattice::new(&heart);
        let wave = wave(&heart, &lattice, &physiology, |_| 0.0);
        let largest = wave
            .moments
            .iter()
            .fold(0.0f32, |acc, it| acc.max(it.abs()));
        // Voxels of unequal strength still cancel: both sides of a face have one potential.
        assert!(largest < 1e-6, "{largest}");
        assert_eq!(wave.n_times, 210);
    }

    #[test]
    fn a_front_is_a_dipole_towards_where_it_goes() {
        let (heart, physiology) = median();
        let lattice = Lattice::new(&heart);
        // Base to apex at 1 mm/ms.
        let wave = wave(&heart, &lattice, &physiology, |at_mm| 20.0 + at_mm[2]);
        let [x, y, z] = &total(&wave, &lattice)[..] else {
            panic!("three axes");
        };
        let at = |ms: f64| ((ms + LEAD_IN_MS) / STEP_MS) as usize;
        let early = at(40.0);
        assert!(10.0 * x[early].abs() < z[early].abs() && 10.0 * y[early].abs() < z[early].abs());
        // Repolarisation in the same order sends the dipole back.
        let late = at(40.0 + 250.0);
        assert!(z[early] * z[late] < 0.0, "{} and {}", z[early], z[late]);
        assert!(
            (80.0..100.0).contains(&wave.activated_ms),
            "{}",
            wave.activated_ms
        );
    }
}
