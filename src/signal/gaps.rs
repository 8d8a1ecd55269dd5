//! Runs of samples between gaps.

use std::ops::Range;

/// Ranges of consecutive finite samples.
pub(super) fn finite_runs(samples: &[f32]) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut start = None;
    for (idx, value) in samples.iter().enumerate() {
        match (value.is_finite(), start) {
            (true, None) => start = Some(idx),
            (false, Some(from)) => {
                runs.push(from..idx);
                start = None;
            }
            _ => {}
        }
    }
    runs.extend(start.map(|from| from..samples.len()));
    runs
}

/// Samples with gaps bridged by straight lines (and held at the ends); `None` if nothing is finite.
pub(super) fn bridged(samples: &[f32]) -> Option<Vec<f64>> {
    let runs = finite_runs(samples);
    let (first, last) = (runs.first()?.clone(), runs.last()?.clone());
    let mut out: Vec<f64> = samples.iter().map(|it| f64::from(*it)).collect();
    let head = out[first.start];
    out[..first.start].fill(head);
    let tail = out[last.end - 1];
    out[last.end..].fill(tail);
    for pair in runs.windows(2) {
        draw_line(&mut out, pair[0].end - 1..pair[1].start);
    }
    Some(out)
}

/// Puts a straight line between the values at both ends of `range`.
pub(super) fn draw_line(samples: &mut [f64], range: Range<usize>) {
    let Some((start, stop)) = samples
        .get(range.start)
        .copied()
        .zip(samples.get(range.end).copied())
    else {
        return;
    };
    let steps = range.len().max(1) as f64;
    for (step, value) in samples[range].iter_mut().enumerate() {
        *value = start + (stop - start) * step as f64 / steps;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_bridges() {
        let samples = [f32::NAN, 1.0, 2.0, f32::NAN, f32::NAN, 5.0, f32::INFINITY];
        assert_eq!(finite_runs(&samples), vec![1..3, 5..6]);
        assert_eq!(
            bridged(&samples).unwrap(),
            vec![1.0, 1.0, 2.0, 3.0, 4.0, 5.0, 5.0]
        );
        assert!(bridged(&[f32::NAN; 3]).is_none());
    }
}
