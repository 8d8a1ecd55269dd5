//! How noisy the recorded leads are.

use super::evidence::Evidence;

/// Variance of what is not the heart: wander, and the noise above it, from the difference of
/// neighbouring samples, mV².
pub(crate) fn noise(evidence: &Evidence) -> f64 {
    let explored: Vec<usize> = (0..evidence.known.len())
        .filter(|it| evidence.known[*it].exploring_site().is_some())
        .collect();
    let of = if explored.is_empty() {
        (0..evidence.known.len()).collect()
    } else {
        explored
    };
    let wander = |idx: usize| {
        let (raw, steady) = (
            &evidence.raw.leads()[idx].samples_mv,
            &evidence.steady.leads()[idx].samples_mv,
        );
        let slow: Vec<f64> = raw
            .iter()
            .zip(steady.iter())
            .map(|(a, b)| f64::from(a - b))
            .filter(|it| it.is_finite())
            .collect();
        let mean = slow.iter().sum::<f64>() / slow.len().max(1) as f64;
        slow.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / slow.len().max(1) as f64
    };
    of.iter()
        .map(|it| wander(*it) + jitter(&evidence.raw.leads()[*it].samples_mv))
        .sum::<f64>()
        / of.len() as f64
}

/// Noise variance, mV², from the median second difference, which the QRS complexes do not move.
pub(crate) fn jitter(samples: &[f32]) -> f64 {
    let second = |it: &[f32]| f64::from(it[0] - 2.0 * it[1] + it[2]).abs();
    let mut all: Vec<f64> = samples
        .windows(3)
        .map(second)
        .filter(|it| it.is_finite())
        .collect();
    all.sort_unstable_by(f64::total_cmp);
    let median = all.get(all.len() / 2).copied().unwrap_or(0.0);
    // The median of |N(0, 6σ²)| is 0.6745·√6·σ.
    (median / (0.6745 * 6f64.sqrt())).powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_is_the_noise_and_not_the_slope() {
        let line: Vec<f32> = (0..100).map(|it| it as f32).collect();
        assert_eq!(jitter(&line), 0.0);
        let mut zigzag: Vec<f32> = (0..100)
            .map(|it| if it % 2 == 0 { 0.5 } else { -0.5 })
            .collect();
        // Every second difference is 2 mV.
        let expected = (2.0 / (0.6745 * 6f64.sqrt())).powi(2);
        assert!((jitter(&zigzag) - expected).abs() < 1e-9);
        zigzag[50] = f32::NAN;
        assert!(
            (jitter(&zigzag) - expected).abs() < 1e-9,
            "a gap is left out"
        );
        assert_eq!(jitter(&[]), 0.0);
    }
}
