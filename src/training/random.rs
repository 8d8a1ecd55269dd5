//! Seeded random numbers that can be resumed at any step.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A stream of random numbers for one step of one run.
pub struct Random(ChaCha8Rng);

impl Random {
    /// The stream of `step` in the run `seed`: the same whether or not the run was interrupted.
    pub fn at(seed: u64, step: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(step);
        Self(rng)
    }

    /// Uniform in 0..1.
    pub fn uniform(&mut self) -> f64 {
        (f64::from(self.0.next_u32()) + 0.5) / 4_294_967_296.0
    }

    /// Standard normal (Box & Muller).
    pub fn normal(&mut self) -> f64 {
        let (a, b) = (self.uniform(), self.uniform());
        (-2.0 * a.ln()).sqrt() * (2.0 * std::f64::consts::PI * b).cos()
    }

    /// One of `0..n` by remainder: what the shipped field prior was drawn with.
    pub fn choice(&mut self, n: usize) -> usize {
        self.0.next_u32() as usize % n
    }

    /// Uniform in 0..n.
    pub fn below(&mut self, n: usize) -> usize {
        ((self.uniform() * n as f64) as usize).min(n.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_has_its_own_stream() {
        let draw = |step| {
            (0..4)
                .map(|_| Random::at(7, step).below(1000))
                .collect::<Vec<_>>()
        };
        assert_eq!(draw(3), draw(3));
        assert_ne!(Random::at(7, 3).uniform(), Random::at(7, 4).uniform());
        let mean = (0..4000).map(|it| Random::at(1, it).normal()).sum::<f64>() / 4000.0;
        assert!(mean.abs() < 0.06, "{mean}");
    }
}
