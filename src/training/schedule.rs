//! How fast to learn at each step.

/// Learning rate at `step` of `steps`: warm-up to `highest`, then half a cosine.
pub(super) fn learning_rate(highest: f64, step: u64, steps: u64) -> f64 {
    let share = step as f64 / steps as f64;
    highest
        * ((step + 1) as f64 / 100.0).min(1.0)
        * 0.5
        * (1.0 + (std::f64::consts::PI * share).cos())
        + 1e-5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_quickly_and_falls_slowly() {
        let rates: Vec<f64> = (0..10_000)
            .map(|step| learning_rate(1e-3, step, 10_000))
            .collect();
        let highest = rates.iter().copied().fold(0.0, f64::max);
        assert!((highest - 1e-3).abs() < 2e-5, "{highest}");
        let turn = rates.iter().position(|rate| *rate == highest).unwrap();
        assert!((98..=100).contains(&turn), "{turn}");
        assert!(rates[..turn].is_sorted() && rates[turn..].iter().rev().is_sorted());
        // It never stands still: a hundred-thousandth is left at the end.
        assert!((rates[9_999] - 1e-5).abs() < 1e-6, "{}", rates[9_999]);
    }
}
