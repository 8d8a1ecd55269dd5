//! Round numbers for axes.

/// At most `most` round values (1, 2, 5 times a power of ten) inside `low..=high`, ascending. Empty
/// if the range is not finite or empty.
pub fn nice_ticks(low: f64, high: f64, most: usize) -> Vec<f64> {
    if !(low.is_finite() && high.is_finite() && low < high) || most == 0 {
        return Vec::new();
    }
    let rough = (high - low) / most as f64;
    let decade = 10f64.powf(rough.log10().floor());
    let inside = |step: f64| {
        (
            (low / step).ceil() as i64,
            (high / step * (1.0 + 1e-12)).floor() as i64,
        )
    };
    let steps = [1.0, 2.0, 5.0, 10.0, 20.0].map(|it| it * decade);
    let step = steps
        .into_iter()
        .find(|it| inside(*it).1 - inside(*it).0 < most as i64)
        .unwrap_or(50.0 * decade);
    let (first, last) = inside(step);
    (first..=last).map(|it| it as f64 * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(low: f64, high: f64, most: usize, expected: &[f64]) {
        let found = nice_ticks(low, high, most);
        assert!(
            found.len() == expected.len()
                && found
                    .iter()
                    .zip(expected)
                    .all(|(a, b)| (a - b).abs() < 1e-9),
            "{found:?}"
        );
    }

    #[test]
    fn round_values() {
        check(0.0, 10.0, 6, &[0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        check(-0.3, 1.1, 4, &[0.0, 0.5, 1.0]);
        check(
            0.02,
            0.09,
            8,
            &[0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09],
        );
        check(1.0, 1.0, 5, &[]);
        check(f64::NAN, 1.0, 5, &[]);
        check(3.1, 3.9, 1, &[3.5]);
    }
}
