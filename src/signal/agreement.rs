//! Two recordings of one lead against each other, beat by beat: without the offset between them,
//! median beats, and the difference of each beat against its size (after Bland and Altman).

use std::ops::Range;

use crate::ecg::statistics::{extremes, mean, median, standard_deviation};

/// A recorded lead and its synthesis over the same beats.
pub struct Pair<'a> {
    /// As recorded, mV.
    pub recorded_mv: &'a [f32],
    /// As synthesised, mV.
    pub synthesised_mv: &'a [f32],
    /// R peaks, in samples.
    pub peaks: &'a [usize],
    /// Samples per second.
    pub rate_hz: f64,
}

/// Bias and 95 % limits of agreement, µV.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// Mean of synthesised less recorded.
    pub bias_uv: f64,
    /// Lower limit.
    pub low_uv: f64,
    /// Upper limit.
    pub high_uv: f64,
}

/// Seconds before and after the R peak that a beat is shown over.
const BEAT_S: [f64; 2] = [0.30, 0.50];
/// Seconds around the R peak that hold the QRS complex.
const QRS_S: f64 = 0.08;

impl Pair<'_> {
    /// Median of recorded less synthesised, mV. Electrodes have offsets that no synthesis can know:
    /// comparisons are made without them.
    pub fn offset_mv(&self) -> f32 {
        let both = self.recorded_mv.iter().zip(self.synthesised_mv);
        let differences = both.map(|(a, b)| a - b).filter(|mv| mv.is_finite());
        let differences = differences.map(f64::from);
        median(&mut differences.collect::<Vec<_>>()).unwrap_or(0.0) as f32
    }

    /// The synthesised lead with that offset added, mV.
    pub fn levelled_mv(&self) -> Vec<f32> {
        let offset = self.offset_mv();
        self.synthesised_mv.iter().map(|mv| mv + offset).collect()
    }

    /// The middle of all beats at each moment, recorded and synthesised (levelled): milliseconds
    /// from the R peak, mV.
    pub fn median_beats(&self) -> [Vec<[f64; 2]>; 2] {
        let beats: Vec<Range<usize>> = self
            .peaks
            .iter()
            .filter_map(|peak| self.around(*peak, BEAT_S[0], BEAT_S[1]))
            .collect();
        let of = |samples: &[f32]| -> Vec<[f64; 2]> {
            let moment = |at: usize| {
                let values = beats.iter().map(|beat| samples[beat.start + at]);
                let values = values.filter(|mv| mv.is_finite()).map(f64::from);
                let middle = median(&mut values.collect::<Vec<_>>())?;
                let ms = 1000.0 * (at as f64 / self.rate_hz - BEAT_S[0]);
                Some([ms, middle])
            };
            let length = beats.first().map_or(0, Range::len);
            (0..length).filter_map(moment).collect()
        };
        [of(self.recorded_mv), of(&self.levelled_mv())]
    }

    /// Height of the QRS complex of each beat, recorded and synthesised, µV.
    pub fn qrs_heights_uv(&self) -> Vec<(f64, f64)> {
        let beat = |peak: &usize| {
            let range = self.around(*peak, QRS_S, QRS_S)?;
            let recorded = height_uv(&self.recorded_mv[range.clone()])?;
            Some((recorded, height_uv(&self.synthesised_mv[range])?))
        };
        self.peaks.iter().filter_map(beat).collect()
    }

    fn around(&self, peak: usize, before_s: f64, after_s: f64) -> Option<Range<usize>> {
        let samples = |seconds: f64| (seconds * self.rate_hz).round() as usize;
        let range = peak.checked_sub(samples(before_s))?..peak + samples(after_s);
        let n = self.recorded_mv.len().min(self.synthesised_mv.len());
        (range.end <= n).then_some(range)
    }
}

impl Agreement {
    /// Of pairs of recorded and synthesised; `None` for fewer than three.
    pub fn of(pairs_uv: &[(f64, f64)]) -> Option<Self> {
        if pairs_uv.len() < 3 {
            return None;
        }
        let differences: Vec<f64> = pairs_uv.iter().map(|(a, b)| b - a).collect();
        let (bias_uv, spread) = (mean(&differences), standard_deviation(&differences)?);
        Some(Self {
            bias_uv,
            low_uv: bias_uv - 1.96 * spread,
            high_uv: bias_uv + 1.96 * spread,
        })
    }
}

/// Highest less lowest sample, µV; `None` where all are gaps.
fn height_uv(samples_mv: &[f32]) -> Option<f64> {
    let [low, high] = extremes(samples_mv.iter().copied())?;
    Some(1000.0 * f64::from(high - low))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three beats, each synthesised at 0.9 of its height and 0.05 mV too high.
    #[test]
    fn heights_limits_and_median_beats() {
        let mut recorded = vec![0.0f32; 1500];
        for (peak, mv) in [(300, 1.0), (700, 1.2), (1100, 1.4)] {
            recorded[peak] = mv;
        }
        let synthesised: Vec<f32> = recorded.iter().map(|mv| 0.9 * mv + 0.05).collect();
        let pair = Pair {
            recorded_mv: &recorded,
            synthesised_mv: &synthesised,
            peaks: &[10, 300, 700, 1100, 1490],
            rate_hz: 500.0,
        };
        assert!((pair.offset_mv() + 0.05).abs() < 1e-6);
        let heights = pair.qrs_heights_uv();
        assert_eq!(heights.len(), 3, "beats that are cut off are left out");
        assert!(heights.iter().all(|(a, b)| (0.9 * a - b).abs() < 0.1));
        // Differences −100, −120, −140 µV: mean −120, sample deviation 20.
        let found = Agreement::of(&heights).unwrap();
        assert!((found.bias_uv + 120.0).abs() < 0.5, "{found:?}");
        assert!((found.high_uv - found.bias_uv - 39.2).abs() < 0.5);
        assert!((found.bias_uv - found.low_uv - 39.2).abs() < 0.5);
        assert_eq!(Agreement::of(&heights[..2]), None);
        let [median, synthesised] = pair.median_beats();
        let top = |beat: &[[f64; 2]]| {
            let higher = |a: &&[f64; 2], b: &&[f64; 2]| a[1].total_cmp(&b[1]);
            *beat.iter().max_by(higher).unwrap()
        };
        let [at_ms, mv] = top(&median);
        assert!(at_ms.abs() < 1.0 && (mv - 1.2).abs() < 1e-6, "{at_ms} {mv}");
        assert!((top(&synthesised)[1] - 1.08).abs() < 1e-6);
    }

    #[test]
    fn gaps_count_for_nothing() {
        let gaps = [f32::NAN; 400];
        let pair = Pair {
            recorded_mv: &gaps,
            synthesised_mv: &[0.0; 400],
            peaks: &[200],
            rate_hz: 250.0,
        };
        assert_eq!(pair.offset_mv(), 0.0);
        assert!(pair.qrs_heights_uv().is_empty());
        assert!(pair.median_beats()[0].is_empty());
    }
}
