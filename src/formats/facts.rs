//! What the samples of one lead say about themselves: gaps, flat stretches, rails.

/// Facts of one lead.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Facts {
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

pub(super) fn facts(samples_mv: &[f32], rails_mv: Option<(f32, f32)>) -> Facts {
    let present = || samples_mv.iter().copied().filter(|it| it.is_finite());
    let n = present().count();
    if n == 0 {
        let gaps = if samples_mv.is_empty() {
            vec![]
        } else {
            vec![(0, samples_mv.len())]
        };
        return Facts {
            missing: samples_mv.len(),
            gaps,
            ..Facts::default()
        };
    }
    let (min, max) = present().fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), it| {
        (low.min(it), high.max(it))
    });
    let mean = present().map(f64::from).sum::<f64>() / n as f64;
    let at_rail = |it: f32| rails_mv.is_some_and(|(low, high)| it <= low || high <= it);
    let mut out = Facts {
        min_mv: Some(min),
        max_mv: Some(max),
        mean_mv: Some(mean as f32),
        missing: samples_mv.len() - n,
        ..Facts::default()
    };
    let mut at = 0;
    while at < samples_mv.len() {
        let value = samples_mv[at];
        let same = samples_mv[at..]
            .iter()
            .take_while(|it| **it == value || (it.is_nan() && value.is_nan()))
            .count()
            .max(1);
        if value.is_nan() {
            if out.gaps.len() < GAPS {
                out.gaps.push((at, same));
            }
        } else {
            out.longest_flat = out.longest_flat.max(same);
            let plateau =
                PLATEAU <= same && PLATEAU_MV <= value.abs() && (value == min || value == max);
            out.clipped += if (at_rail(value) || plateau) && min < max {
                same
            } else {
                0
            };
        }
        at += same;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_plateaus_and_rails() {
        let mut samples = vec![0.1_f32, 0.2, f32::NAN, f32::NAN, 0.3];
        samples.extend([5.0; 8]);
        let found = facts(&samples, None);
        assert_eq!(
            (
                found.missing,
                found.gaps.as_slice(),
                found.longest_flat,
                found.clipped
            ),
            (2, [(2, 2)].as_slice(), 8, 8)
        );
        assert_eq!(facts(&[0.0, 3.2, 0.1], Some((-3.2, 3.2))).clipped, 1);
        assert_eq!(facts(&[0.0; 5], None).longest_flat, 5);
        assert_eq!(facts(&[f32::NAN; 2], None).gaps, [(0, 2)]);
        assert_eq!(facts(&[f32::NAN, 1.0], None).mean_mv, Some(1.0));
    }
}
