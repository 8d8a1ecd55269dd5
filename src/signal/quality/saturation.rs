//! Waves cut off at the end of an amplifier's range.

use crate::ecg::statistics::median;

/// Samples this near to the extreme one belong to a plateau, mV.
const PLATEAU_MV: f32 = 0.002;
/// A plateau lies at least this far from the lead's middle, mV.
const LEAST_HEIGHT_MV: f32 = 0.3;
/// Samples of one plateau, and of all together, that no wave has by itself.
const LEAST_RUN: usize = 3;
const LEAST_SAMPLES: usize = 8;

/// Whether the highest or the lowest waves of a lead end in plateaus at one and the same value.
pub(super) fn is_saturated(samples_mv: &[f32], n_beats: usize) -> bool {
    let finite = samples_mv.iter().filter(|it| it.is_finite());
    let mut finite: Vec<f64> = finite.map(|it| f64::from(*it)).collect();
    let Some(middle) = median(&mut finite) else {
        return false;
    };
    let middle = middle as f32;
    let least = LEAST_SAMPLES.max(n_beats);
    [1.0, -1.0].into_iter().any(|sign| {
        let heights = samples_mv.iter().map(|mv| sign * (mv - middle));
        let top = heights
            .clone()
            .filter(|it| it.is_finite())
            .fold(0.0, f32::max);
        let on_plateau: Vec<bool> = heights.map(|it| top - it <= PLATEAU_MV).collect();
        let runs: Vec<usize> = on_plateau
            .split(|is_on| !is_on)
            .map(<[bool]>::len)
            .filter(|length| LEAST_RUN <= *length)
            .collect();
        LEAST_HEIGHT_MV <= top && 2 <= runs.len() && least <= runs.iter().sum()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::testing::{ecg, noise};

    fn check(limit_mv: f32, gain_mv: f64, expected: bool) {
        let samples: Vec<f32> = ecg(500.0, 10.0, gain_mv, |n| 0.002 * noise(n))
            .into_iter()
            .map(|mv| mv.clamp(-limit_mv, limit_mv))
            .collect();
        assert_eq!(
            is_saturated(&samples, 12),
            expected,
            "{limit_mv} of {gain_mv} mV"
        );
    }

    #[test]
    fn plateaus_are_seen_and_tips_are_not() {
        check(10.0, 1.0, false);
        check(0.8, 1.0, true);
        check(0.8, -1.0, true);
        check(10.0, 0.2, false);
        assert!(!is_saturated(&[f32::NAN; 9], 0));
        assert!(!is_saturated(&[0.5; 5000], 0));
    }
}
