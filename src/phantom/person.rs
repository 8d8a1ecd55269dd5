//! Who a virtual heart belongs to: the healthy heart, the body and the habits of one number.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{
    body::{Build, N_BUILDS, hash},
    draw::{between, factor, spread},
    physiology::Physiology,
    rhythm::Breathing,
};

/// A healthy person.
pub(super) struct Person {
    pub physiology: Physiology,
    pub build: Build,
    /// Usual interval between beats, s.
    pub rr_s: f64,
    /// Share of the interval that moves with breathing.
    pub sinus_arrhythmia: f64,
    pub breathing: Breathing,
    /// Decides how much of a condition the person has.
    pub chance: ChaCha8Rng,
}

impl Person {
    /// The person of that number: the same one every time.
    pub(super) fn of(number: u64) -> Self {
        let mut chance = ChaCha8Rng::seed_from_u64(number ^ hash("patient"));
        let physiology = Physiology::healthy(&mut chance);
        let build = Build::new(chance.random_range(0..N_BUILDS));
        let bpm = spread(&mut chance, 67.0, 9.0);
        let depth = factor(&mut ChaCha8Rng::seed_from_u64(number ^ hash("breath")), 0.4);
        let breathing = Breathing {
            hz: between(&mut chance, 0.18, 0.32),
            phase: std::f64::consts::TAU * chance.random::<f64>(),
            depth,
        };
        Self {
            physiology,
            build,
            rr_s: 60.0 / bpm,
            sinus_arrhythmia: between(&mut chance, 0.012, 0.09),
            breathing,
            chance,
        }
    }

    /// The middle of the population, in the reference torso.
    pub(super) fn median() -> Self {
        Self {
            physiology: Physiology::median(),
            build: Build::new(0),
            rr_s: 0.9,
            sinus_arrhythmia: 0.02,
            breathing: Breathing {
                hz: 0.25,
                phase: 0.0,
                depth: 1.0,
            },
            chance: ChaCha8Rng::seed_from_u64(hash("median")),
        }
    }
}
