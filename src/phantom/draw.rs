//! Random numbers in the shapes that patients need.

use rand::{Rng, RngExt};

/// One draw of the standard normal distribution (Box and Muller).
pub(super) fn normal(chance: &mut impl Rng) -> f64 {
    let (u, v): (f64, f64) = (chance.random(), chance.random());
    (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// Normal, cut at two and a half deviations so that no patient is absurd.
pub(super) fn spread(chance: &mut impl Rng, mean: f64, sd: f64) -> f64 {
    mean + sd * normal(chance).clamp(-2.5, 2.5)
}

/// Evenly between two bounds.
pub(super) fn between(chance: &mut impl Rng, low: f64, high: f64) -> f64 {
    low + (high - low) * chance.random::<f64>()
}

/// A factor around one: log-normal, cut at two and a half deviations.
pub(super) fn factor(chance: &mut impl Rng, sd: f64) -> f64 {
    spread(chance, 0.0, sd).exp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    const N: usize = 20_000;

    fn draws(mut one: impl FnMut(&mut ChaCha8Rng) -> f64) -> Vec<f64> {
        let mut chance = ChaCha8Rng::seed_from_u64(3);
        (0..N).map(|_| one(&mut chance)).collect()
    }

    fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
        let mean = values.iter().sum::<f64>() / N as f64;
        let square = values.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / N as f64;
        (mean, square.sqrt())
    }

    #[test]
    fn normal_draws_are_normal() {
        let values = draws(normal);
        let (mean, deviation) = mean_and_deviation(&values);
        assert!(
            mean.abs() < 0.02 && (deviation - 1.0).abs() < 0.02,
            "{mean} {deviation}"
        );
        // 68.3 % lie within one deviation, 95.4 % within two.
        for (reach, share) in [(1.0, 0.683), (2.0, 0.954)] {
            let within = values.iter().filter(|it| it.abs() < reach).count() as f64 / N as f64;
            assert!((within - share).abs() < 0.01, "{within} within {reach}");
        }
    }

    #[test]
    fn nobody_is_absurd() {
        let heights = draws(|chance| spread(chance, 170.0, 8.0));
        assert!(heights.iter().all(|it| (it - 170.0).abs() <= 20.0));
        let (mean, deviation) = mean_and_deviation(&heights);
        assert!(
            (mean - 170.0).abs() < 0.2 && (deviation - 7.8).abs() < 0.2,
            "{mean} {deviation}"
        );
        let shares = draws(|chance| between(chance, -1.0, 3.0));
        assert!(shares.iter().all(|it| (-1.0..3.0).contains(it)));
        let factors = draws(|chance| factor(chance, 0.2));
        assert!(factors.iter().all(|it| it.ln().abs() <= 0.5 + 1e-12));
    }
}
