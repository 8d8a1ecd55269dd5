//! Means and order statistics, as every room takes them.

/// Arithmetic mean; 0 when empty.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Standard deviation of a sample, about its mean; `None` with fewer than two values.
pub fn standard_deviation(values: &[f64]) -> Option<f64> {
    let centre = mean(values);
    let squares: f64 = values.iter().map(|it| (it - centre).powi(2)).sum();
    (1 < values.len()).then(|| (squares / (values.len() - 1) as f64).sqrt())
}

/// Least and greatest of the values that are no gaps; `None` without any.
pub fn extremes(values: impl IntoIterator<Item = f32>) -> Option<[f32; 2]> {
    let finite = values.into_iter().filter(|it| it.is_finite());
    finite.fold(None, |found, it| {
        let [low, high] = found.unwrap_or([it; 2]);
        Some([low.min(it), high.max(it)])
    })
}

/// The middle value; of an even number the upper of the two. `None` when empty. Reorders `values`.
pub fn median(values: &mut [f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// Quantile `share` in 0..=1 (nearest rank); `None` when empty. Reorders `values`.
pub fn quantile(values: &mut [f64], share: f64) -> Option<f64> {
    let rank = (share * values.len().checked_sub(1)? as f64).round() as usize;
    Some(*values.select_nth_unstable_by(rank, f64::total_cmp).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_statistics() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&mut [3.0, 1.0, 2.0, 9.0]), Some(3.0));
        assert_eq!(quantile(&mut [4.0, 1.0, 2.0, 3.0, 5.0], 1.0), Some(5.0));
        assert_eq!(median(&mut []), None);
    }

    #[test]
    fn gaps_are_no_extremes() {
        assert_eq!(extremes([2.0, f32::NAN, -1.0]), Some([-1.0, 2.0]));
        assert_eq!(extremes([f32::NAN, f32::INFINITY]), None);
    }

    #[test]
    fn one_value_has_no_deviation() {
        assert_eq!(standard_deviation(&[1.0, 3.0]), Some(2f64.sqrt()));
        assert_eq!((standard_deviation(&[1.0]), mean(&[])), (None, 0.0));
    }
}
