//! The transmembrane potential of a voxel over time, as a share of its upstroke above rest.

use super::{
    heart::{Heart, Voxel},
    physiology::{Lesion, Repolarisation},
};

/// Rise of the upstroke, ms: wide enough that a front crosses voxels without steps.
const UPSTROKE_MS: f64 = 1.2;
/// Decay of phase 1, ms.
const PHASE_1_MS: f64 = 12.0;
const AFTER_WIDTH_MS: f64 = 45.0;

/// Form of one voxel's action potential.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ActionPotential {
    pub start_ms: f64,
    pub duration_ms: f64,
    /// Share of the full amplitude.
    pub amplitude: f64,
    /// Early loss and how long it lasts.
    pub notch: [f64; 2],
    pub after_potential: f64,
}

/// Forms of all voxels. Durations follow `usual_ms`, the times of an undisturbed beat, which is what the muscle is used to;
/// `times_ms` are those of this beat.
pub(super) fn forms(heart: &Heart, it: &Repolarisation, lesions: &[Lesion], usual_ms: &[f64], times_ms: &[f64]) -> Vec<ActionPotential> {
    let ventricular = heart.voxels.iter().zip(usual_ms).filter(|it| it.0.tissue.is_ventricle() && it.1.is_finite());
    let (sum, count) = ventricular.fold((0.0, 0.0), |acc, it| (acc.0 + it.1, acc.1 + 1.0));
    let mean_ms = sum / f64::max(count, 1.0);
    let form = |((voxel, usual), start): ((&Voxel, &f64), &f64)| {
        let ventricle = voxel.tissue.is_ventricle();
        let mut form = ActionPotential {
            start_ms: *start,
            duration_ms: if ventricle { duration(voxel, it, usual - mean_ms) } else { it.atrial_ms },
            amplitude: 1.0,
            notch: [0.0, 60.0],
            after_potential: if ventricle && voxel.touches != [false; 2] { it.after_potential } else { 0.0 },
        };
        if ventricle {
            lesions.iter().for_each(|lesion| damage(&mut form, lesion, lesion.share(voxel)));
        }
        form
    };
    heart.voxels.iter().zip(usual_ms).zip(times_ms).map(form).collect()
}

fn damage(form: &mut ActionPotential, lesion: &Lesion, share: f64) {
    form.amplitude *= 1.0 - lesion.injury * share;
    form.duration_ms += lesion.duration_ms * share;
    if form.notch[0] < lesion.notch * share {
        form.notch = [lesion.notch * share, lesion.notch_ms];
    }
}

fn duration(voxel: &Voxel, it: &Repolarisation, later_ms: f64) -> f64 {
    let depth = if voxel.septum { 1.0 - (1.0 - 2.0 * voxel.depth).abs() } else { voxel.depth };
    let [x, y, z] = voxel.at_mm;
    it.duration_ms - it.per_activation * later_ms - it.transmural_ms * (depth - 0.5) - it.apicobasal_ms * (z - 30.0) / 40.0
        + if voxel.tissue == super::heart::Tissue::RightVentricle { it.right_ms } else { 0.0 }
        - it.superior_ms * y / 30.0
        + if voxel.septum { it.septal_ms } else { 0.0 }
        + it.rightward_ms * x / 30.0
}

/// Logistic function by table: the simulator asks for it some ten million times per beat.
pub(super) struct Logistic(Vec<f32>);

const SPAN: f64 = 16.0;
const PER_UNIT: f64 = 64.0;

impl Logistic {
    pub(super) fn new() -> Self {
        let n = (2.0 * SPAN * PER_UNIT) as usize + 2;
        Self((0..n).map(|it| (1.0 / (1.0 + (SPAN - it as f64 / PER_UNIT).exp())) as f32).collect())
    }

    fn at(&self, x: f64) -> f64 {
        let place = (x + SPAN) * PER_UNIT;
        if place <= 0.0 {
            return 0.0;
        }
        if 2.0 * SPAN * PER_UNIT <= place {
            return 1.0;
        }
        let below = place as usize;
        let share = place - below as f64;
        f64::from(self.0[below]) * (1.0 - share) + f64::from(self.0[below + 1]) * share
    }
}

impl ActionPotential {
    /// Samples at `step_ms` from `from_ms` on.
    pub(super) fn sample(&self, it: &Repolarisation, logistic: &Logistic, from_ms: f64, step_ms: f64, out: &mut [f32]) {
        for (idx, slot) in out.iter_mut().enumerate() {
            let since = from_ms + step_ms * idx as f64 - self.start_ms;
            *slot = if since < -SPAN * UPSTROKE_MS || !since.is_finite() {
                0.0
            } else {
                (self.amplitude * self.value(it, logistic, since)) as f32
            };
        }
    }

    fn value(&self, it: &Repolarisation, logistic: &Logistic, since: f64) -> f64 {
        let (after, left) = (since.max(0.0), self.duration_ms - since);
        let tail = left < -SPAN * it.slow_ms.max(it.fast_ms);
        let descent = if tail { 0.0 } else { logistic.at(left / it.fast_ms) * logistic.at((left + 12.0) / it.slow_ms) };
        let spike = if after < 120.0 { it.notch * (-after / PHASE_1_MS).exp() } else { 0.0 };
        let plateau = 1.0 - it.plateau_slope * (since / self.duration_ms).clamp(0.0, 1.0) + spike;
        let lost = if self.notch[0] <= 0.0 {
            0.0
        } else {
            self.notch[0] * (1.0 - (-after / 5.0).exp()) * (-(after / self.notch[1]).powi(2)).exp()
        };
        let late = (-left - it.after_delay_ms) / AFTER_WIDTH_MS;
        let hump = if self.after_potential == 0.0 || 3.0 < late.abs() { 0.0 } else { self.after_potential * (-late * late).exp() };
        logistic.at(since / UPSTROKE_MS) * descent * (plateau - lost) + hump
    }
}
