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
