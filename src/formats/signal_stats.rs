//! What the samples of one lead say about themselves: gaps, flat stretches, saturation.

use crate::ecg::statistics::extremes;

/// Facts about one lead.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct SignalStats {
    pub min_mv: Option<f32>,
    pub max_mv: Option<f32>,
    pub mean_mv: Option<f32>,
    pub missing: usize,
    /// Longest stretch of one and the same value, samples.
    pub longest_flat: usize,
    /// Samples at the limits of what the file can express, or on a plateau at the lead's own
    /// extremes.
    pub clipped: usize,
    /// First sample and length of each stretch that was not recorded; the first [`GAPS`].
    pub gaps: Vec<(usize, usize)>,
}

/// Gaps that a report lists.
pub(super) const GAPS: usize = 100;

/// A plateau at an extreme counts as clipping from this many samples on.
const PLATEAU: usize = 8;
/// … and from this height on, millivolts: a low resolution makes plateaus near zero.
const PLATEAU_MV: f32 = 2.0;

impl SignalStats {
    /// Of samples in a file that can express `limits_mv` and nothing beyond.
    pub fn of(samples_mv: &[f32], limits_mv: Option<(f32, f32)>) -> Self {
        let present = || samples_mv.iter().copied().filter(|it| it.is_finite());
        let n = present().count();
        let range = extremes(present());
        let mean = || (present().map(f64::from).sum::<f64>() / n as f64) as f32;
        let mut out = Self {
            missing: samples_mv.len() - n,
            min_mv: range.map(|[min, _]| min),
            max_mv: range.map(|[_, max]| max),
            mean_mv: range.map(|_| mean()),
            ..Self::default()
        };
        let [min, max] = range.unwrap_or_default();
        let is_limit = |it: f32| limits_mv.is_some_and(|(low, high)| it <= low || high <= it);
        let mut at = 0;
        for same in samples_mv.chunk_by(|a, b| a == b || (a.is_nan() && b.is_nan())) {
            let (value, len) = (same[0], same.len());
            if value.is_nan() {
                if out.gaps.len() < GAPS {
                    out.gaps.push((at, len));
                }
            } else {
                out.longest_flat = out.longest_flat.max(len);
                let is_extreme = value == min || value == max;
                let is_plateau = PLATEAU <= len && PLATEAU_MV <= value.abs() && is_extreme;
                if (is_limit(value) || is_plateau) && min < max {
                    out.clipped += len;
                }
            }
            at += len;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_plateaus_and_rails() {
        let mut samples = vec![0.1_f32, 0.2, f32::NAN, f32::NAN, 0.3];
        samples.extend([5.0; 8]);
        let found = SignalStats::of(&samples, None);
        assert_eq!(
            (
                found.missing,
                found.gaps.as_slice(),
                found.longest_flat,
                found.clipped
            ),
            (2, [(2, 2)].as_slice(), 8, 8)
        );
        assert_eq!(
            SignalStats::of(&[0.0, 3.2, 0.1], Some((-3.2, 3.2))).clipped,
            1
        );
        assert_eq!(SignalStats::of(&[0.0; 5], None).longest_flat, 5);
        assert_eq!(SignalStats::of(&[f32::NAN; 2], None).gaps, [(0, 2)]);
        assert_eq!(SignalStats::of(&[f32::NAN, 1.0], None).mean_mv, Some(1.0));
    }
}
