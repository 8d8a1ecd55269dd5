//! The transmembrane potential of a voxel over time, as a share of its upstroke above rest.

use super::{
    heart::{Heart, Voxel},
    physiology::{Lesion, Repolarisation},
};

/// Rise of the upstroke in ventricles and atria, ms: wide enough that a front crosses voxels
/// without steps.
const UPSTROKE_MS: [f64; 2] = [2.3, 4.0];
/// Half of what an upstroke spans, ms.
const RISE_MS: f64 = 24.0;
/// Decay of phase 1, ms.
const PHASE_1_MS: f64 = 12.0;
const AFTER_WIDTH_MS: f64 = 45.0;
/// After-potentials are over that long after the end, ms.
const HUMP_MS: f64 = 400.0;

/// Form of one voxel's action potential.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ActionPotential {
    pub start_ms: f64,
    pub duration_ms: f64,
    /// Share of the full amplitude.
    pub amplitude: f64,
    /// Early loss and how long it lasts.
    pub notch: [f64; 2],
    /// Loss that grows with the square of the time spent, complete at the end: a triangular action
    /// potential.
    pub bend: f64,
    pub after_potential: f64,
    pub atrial: bool,
}

/// Forms of all voxels. Durations follow `usual_ms`, the times of an undisturbed beat, which is
/// what the muscle is used to; `times_ms` are those of this beat.
pub(super) fn forms(
    heart: &Heart,
    it: &Repolarisation,
    lesions: &[Lesion],
    usual_ms: &[f64],
    times_ms: &[f64],
) -> Vec<ActionPotential> {
    let ventricular = heart
        .voxels
        .iter()
        .zip(usual_ms)
        .filter(|it| it.0.tissue.is_ventricle() && it.1.is_finite());
    let (sum, count) = ventricular.fold((0.0, 0.0), |acc, it| (acc.0 + it.1, acc.1 + 1.0));
    let mean_ms = sum / f64::max(count, 1.0);
    let form = |((voxel, usual), start): ((&Voxel, &f64), &f64)| {
        let ventricle = voxel.tissue.is_ventricle();
        let mut form = ActionPotential {
            start_ms: *start,
            duration_ms: if ventricle {
                duration(voxel, it, usual - mean_ms)
            } else {
                it.atrial_ms
            },
            amplitude: 1.0,
            notch: [0.0, 60.0],
            bend: if ventricle { bend(voxel, it) } else { 0.0 },
            atrial: !ventricle,
            after_potential: if ventricle && voxel.touches != [false; 2] {
                it.after_potential
            } else {
                0.0
            },
        };
        if ventricle {
            lesions
                .iter()
                .for_each(|lesion| damage(&mut form, lesion, voxel.share_in(lesion)));
        }
        form
    };
    heart
        .voxels
        .iter()
        .zip(usual_ms)
        .zip(times_ms)
        .map(form)
        .collect()
}

fn damage(form: &mut ActionPotential, lesion: &Lesion, share: f64) {
    form.amplitude *= 1.0 - lesion.injury * share;
    form.duration_ms += lesion.duration_ms * share;
    form.bend += lesion.bend * share;
    if form.notch[0] < lesion.notch * share {
        form.notch = [lesion.notch * share, lesion.notch_ms];
    }
}

fn duration(voxel: &Voxel, it: &Repolarisation, later_ms: f64) -> f64 {
    let [x, y, z] = voxel.at_mm;
    it.duration_ms
        - it.per_activation * later_ms
        - it.transmural_ms * (wall_depth(voxel) - 0.5)
        - it.apicobasal_ms * (z - 30.0) / 40.0
        + if voxel.tissue == super::heart::Tissue::RightVentricle {
            it.right_ms
        } else {
            0.0
        }
        - it.superior_ms * y / 30.0
        + if voxel.septum { it.septal_ms } else { 0.0 }
        + it.rightward_ms * x / 30.0
}

/// How far from a square the action potential is at this place.
fn bend(voxel: &Voxel, it: &Repolarisation) -> f64 {
    let right = if voxel.tissue == super::heart::Tissue::RightVentricle {
        it.right_bend
    } else {
        0.0
    };
    it.bend + it.transmural_bend * (wall_depth(voxel) - 0.5)
        - it.superior_bend * voxel.at_mm[1] / 30.0
        + it.rightward_bend * voxel.at_mm[0] / 30.0
        + right
}

/// 0 at the endocardium, 1 at the epicardium; the septum is endocardium on both sides.
fn wall_depth(voxel: &Voxel) -> f64 {
    if voxel.septum {
        1.0 - (1.0 - 2.0 * voxel.depth).abs()
    } else {
        voxel.depth
    }
}

/// A function of time by table, constant beyond its ends: a beat asks some million times.
struct Table {
    from_ms: f64,
    values: Vec<f32>,
}

const PER_MS: f64 = 4.0;

impl Table {
    fn new(from_ms: f64, to_ms: f64, value: impl Fn(f64) -> f64) -> Self {
        let n = ((to_ms - from_ms) * PER_MS) as usize + 2;
        Self {
            from_ms,
            values: (0..n)
                .map(|it| value(from_ms + it as f64 / PER_MS) as f32)
                .collect(),
        }
    }

    fn at(&self, ms: f64) -> f64 {
        let place = ((ms - self.from_ms) * PER_MS).clamp(0.0, (self.values.len() - 2) as f64);
        let below = place as usize;
        let share = place - below as f64;
        f64::from(self.values[below]) * (1.0 - share) + f64::from(self.values[below + 1]) * share
    }
}

/// The parts that the action potentials of one heart share.
pub(super) struct Curves {
    /// Of ventricles and atria.
    upstrokes: [Table; 2],
    spike: Table,
    descent: Table,
    hump: Table,
    plateau_slope: f64,
}

impl Curves {
    pub(super) fn new(it: &Repolarisation) -> Self {
        let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
        let (slow, fast) = (it.slow_ms, it.fast_ms);
        Self {
            upstrokes: UPSTROKE_MS
                .map(|rise| Table::new(-RISE_MS, RISE_MS, |ms| logistic(ms / rise))),
            spike: Table::new(0.0, 120.0, |ms| it.notch * (-ms / PHASE_1_MS).exp()),
            descent: Table::new(-12.0 * fast, 10.0 * slow, |left| {
                logistic(left / fast) * logistic((left + 12.0) / slow)
            }),
            hump: Table::new(0.0, HUMP_MS, |past| {
                (-((past - it.after_delay_ms) / AFTER_WIDTH_MS).powi(2)).exp()
            }),
            plateau_slope: it.plateau_slope,
        }
    }
}

impl ActionPotential {
    /// Samples at `step_ms` from `from_ms` on.
    pub(super) fn sample(&self, curves: &Curves, from_ms: f64, step_ms: f64, out: &mut [f32]) {
        let quiet =
            ((self.start_ms - RISE_MS - from_ms) / step_ms).clamp(0.0, out.len() as f64) as usize;
        let after_ms = match self.after_potential {
            0.0 => -curves.descent.from_ms,
            _ => HUMP_MS,
        };
        let over_ms = self.start_ms + self.duration_ms + after_ms - from_ms;
        let over = (over_ms / step_ms + 1.0).clamp(0.0, out.len() as f64) as usize;
        let value = |idx: usize| {
            let since = from_ms + step_ms * idx as f64 - self.start_ms;
            (self.amplitude * self.value(curves, since)) as f32
        };
        let lasting = over.max(quiet);
        (quiet..lasting).for_each(|idx| out[idx] = value(idx));
        // Afterwards all curves are flat.
        if lasting < out.len() {
            let rest = value(lasting);
            out[lasting..].fill(rest);
        }
    }

    fn value(&self, curves: &Curves, since: f64) -> f64 {
        let (after, left) = (since.max(0.0), self.duration_ms - since);
        let spent = (after / self.duration_ms).min(1.0);
        let plateau =
            1.0 - (curves.plateau_slope + self.bend * spent) * spent + curves.spike.at(after);
        let lost = if self.notch[0] == 0.0 {
            0.0
        } else {
            self.notch[0] * (1.0 - (-after / 5.0).exp()) * (-(after / self.notch[1]).powi(2)).exp()
        };
        let hump = if self.after_potential == 0.0 || 0.0 < left {
            0.0
        } else {
            self.after_potential * curves.hump.at(-left)
        };
        let risen = if RISE_MS < since {
            1.0
        } else {
            curves.upstrokes[usize::from(self.atrial)].at(since)
        };
        risen * curves.descent.at(left) * (plateau - lost) + hump
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phantom::{heart::Tissue, physiology::Physiology};

    #[test]
    fn rises_rests_and_falls_when_it_should() {
        let curves = Curves::new(&Physiology::median().repolarisation);
        let form = ActionPotential {
            start_ms: 30.0,
            duration_ms: 260.0,
            amplitude: 1.0,
            notch: [0.0, 60.0],
            bend: 0.0,
            after_potential: 0.0,
            atrial: false,
        };
        let mut out = [0.0f32; 400];
        form.sample(&curves, -20.0, 2.0, &mut out);
        let at = |ms: f64| out[((ms + 20.0) / 2.0) as usize];
        assert!(
            at(0.0) < 0.01 && (0.4..0.6).contains(&at(30.0)),
            "upstroke at its time: {}",
            at(30.0)
        );
        assert!(
            0.85 < at(100.0) && at(100.0) < 1.05,
            "plateau {}",
            at(100.0)
        );
        assert!(
            at(230.0) > at(290.0) && at(290.0) > at(330.0) && at(420.0) < 0.02,
            "falls around its end"
        );
    }

    #[test]
    fn a_table_follows_its_function_and_holds_its_ends() {
        let table = Table::new(-10.0, 20.0, |ms| 3.0 * ms + 1.0);
        for ms in [-10.0, -3.3, 0.0, 7.77, 20.0] {
            assert!((table.at(ms) - (3.0 * ms + 1.0)).abs() < 1e-4, "at {ms}");
        }
        assert_eq!(table.at(-99.0), table.at(-10.0));
        assert!((table.at(99.0) - 61.0).abs() < 1.0);
    }

    /// The form of one voxel of the left ventricle, activated with the mean.
    fn form(voxel: Voxel, lesions: &[Lesion], later_ms: f64) -> ActionPotential {
        let other = Voxel {
            at_mm: [0.0, 0.0, 30.0],
            ..voxel.clone()
        };
        let heart = Heart {
            voxels: vec![voxel, other],
            bonds: Vec::new(),
        };
        let times = [40.0 + later_ms, 40.0 - later_ms];
        let repolarisation = Physiology::median().repolarisation;
        forms(&heart, &repolarisation, lesions, &times, &times).remove(0)
    }

    fn muscle(depth: f64) -> Voxel {
        Voxel {
            at_mm: [0.0, 0.0, 30.0],
            tissue: Tissue::LeftVentricle,
            depth,
            septum: false,
            touches: [false; 2],
        }
    }

    #[test]
    fn what_is_activated_later_repolarises_sooner() {
        let it = Physiology::median().repolarisation;
        let [early, late] = [-10.0, 10.0].map(|later_ms| form(muscle(0.5), &[], later_ms));
        let shorter = early.duration_ms - late.duration_ms;
        assert!(
            (shorter - 20.0 * it.per_activation).abs() < 1e-9,
            "{shorter}"
        );
        assert_eq!((early.start_ms, late.start_ms), (30.0, 50.0));
    }

    #[test]
    fn the_endocardium_stays_longer_than_the_epicardium() {
        let it = Physiology::median().repolarisation;
        let [inner, outer] = [0.0, 1.0].map(|depth| form(muscle(depth), &[], 0.0));
        let longer = inner.duration_ms - outer.duration_ms;
        assert!((longer - it.transmural_ms).abs() < 1e-9, "{longer}");
        // The septum is endocardium on both sides.
        let septum = |depth| Voxel {
            septum: true,
            ..muscle(depth)
        };
        assert_eq!(wall_depth(&septum(0.0)), wall_depth(&septum(1.0)));
        assert_eq!(wall_depth(&septum(0.5)), 1.0);
    }

    #[test]
    fn a_lesion_lowers_shortens_and_notches() {
        let lesion = Lesion {
            injury: 0.6,
            duration_ms: -20.0,
            notch: 0.5,
            bend: 0.7,
            ..Lesion::at([0.0, 0.0, 30.0], [1e3; 3])
        };
        let (whole, hurt) = (
            form(muscle(0.5), &[], 0.0),
            form(muscle(0.5), &[lesion], 0.0),
        );
        let near = |found: f64, expected: f64| (found - expected).abs() < 0.01;
        assert!(near(hurt.amplitude, 0.4), "{}", hurt.amplitude);
        assert!(near(hurt.duration_ms, whole.duration_ms - 20.0));
        assert!(near(hurt.bend, whole.bend + 0.7) && near(hurt.notch[0], 0.5));
    }
}
