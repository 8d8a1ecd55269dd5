//! Least and greatest value per column, so that no peak is lost however far one zooms out.

/// Minimum and maximum of the samples in each of `columns` equal columns; `None` where a column
/// holds only gaps. Neighbouring columns share their border sample, so joined columns form an
/// unbroken line.
pub fn envelope(samples: &[f32], columns: usize) -> Vec<Option<(f32, f32)>> {
    envelope_between(samples, 0.0, samples.len() as f64, columns)
}

/// The same for the stretch from sample `from` to sample `to` (fractions allowed; beyond the ends
/// there is nothing).
pub fn envelope_between(
    samples: &[f32],
    from: f64,
    to: f64,
    columns: usize,
) -> Vec<Option<(f32, f32)>> {
    let width = (to - from) / columns.max(1) as f64;
    let index = |place: f64| place.clamp(0.0, samples.len() as f64) as usize;
    let column = |k: usize| {
        let (start, end) = (from + k as f64 * width, from + (k + 1) as f64 * width);
        if end <= 0.0 || samples.len() as f64 <= start {
            return None;
        }
        let (first, past) = (index(start.floor()), index(end.floor() + 1.0));
        extremes(&samples[first..past.max(first)])
    };
    (0..columns).map(column).collect()
}

fn extremes(samples: &[f32]) -> Option<(f32, f32)> {
    samples
        .iter()
        .filter(|it| it.is_finite())
        .fold(None, |found, it| match found {
            None => Some((*it, *it)),
            Some((low, high)) => Some((f32::min(low, *it), f32::max(high, *it))),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_peak_is_lost_at_any_width() {
        let mut samples = vec![0.0f32; 9973];
        samples[4321] = 5.0;
        samples[4400] = -3.0;
        for columns in [1, 7, 100, 333, 9973, 20000] {
            let found = envelope(&samples, columns);
            assert_eq!(found.len(), columns);
            let high = found.iter().flatten().map(|it| it.1).fold(0.0, f32::max);
            let low = found.iter().flatten().map(|it| it.0).fold(0.0, f32::min);
            assert_eq!((high, low), (5.0, -3.0), "{columns} columns");
        }
    }

    #[test]
    fn columns_join_and_gaps_show() {
        let samples: Vec<f32> = (0..100u8)
            .map(|it| {
                if (40..60).contains(&it) {
                    f32::NAN
                } else {
                    f32::from(it)
                }
            })
            .collect();
        let found = envelope(&samples, 10);
        assert_eq!(
            (found[0], found[1]),
            (Some((0.0, 10.0)), Some((10.0, 20.0)))
        );
        assert_eq!((found[4], found[5]), (None, Some((60.0, 60.0))));
        assert_eq!(envelope_between(&samples, -20.0, 0.0, 2), vec![None, None]);
        assert_eq!(envelope(&[], 3), vec![None; 3]);
    }
}
