//! Noise, wander, hum and plateaus of one lead.

use serde::Serialize;

use super::{
    super::{MedianBeat, filter::Section, gaps, metrics::correlation, sign::LeadTrouble},
    powerline::Powerline,
    saturation::is_saturated,
};
use crate::ecg::{BeatGrid, Lead, LeadName, SampleRate, statistics};

/// Quality of one lead.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeadQuality {
    /// Which lead.
    pub name: LeadName,
    /// Share of samples that are gaps.
    pub gap_share: f64,
    /// Whether nothing but an amplifier's noise was recorded: nearly all samples within 22 µV.
    pub flat: bool,
    /// Whether the tallest waves end in a plateau, as at the end of an amplifier's range.
    pub saturated: bool,
    /// Noise between 35 and 150 Hz outside QRS, root mean square, µV, without the mains.
    pub noise_uv: Option<f64>,
    /// Amplitude of the mains hum at 50 or 60 Hz (the stronger), µV.
    pub mains_uv: Option<f64>,
    /// Which of the two, Hz.
    pub mains_hz: Option<f64>,
    /// Wander below 0.5 Hz, peak to peak, µV.
    pub wander_uv: Option<f64>,
    /// Median height of QRS from trough to peak, µV.
    pub qrs_uv: Option<f64>,
    /// Signal quality 0 to 1: mean likeness of the beats to the median beat in this lead.
    pub sqi: Option<f64>,
}

impl LeadQuality {
    /// Whether the lead has this trouble.
    pub fn has(&self, what: LeadTrouble) -> bool {
        let beyond = |value: Option<f64>, limit: f64| value.is_some_and(|value| limit < value);
        match what {
            LeadTrouble::Flat => self.flat,
            LeadTrouble::Saturated => self.saturated,
            LeadTrouble::Gaps => 0.01 < self.gap_share && !self.flat,
            LeadTrouble::Powerline => beyond(self.mains_uv, 25.0),
            LeadTrouble::Noise => beyond(self.noise_uv, 30.0),
            LeadTrouble::Wander => beyond(self.wander_uv, 1000.0),
            LeadTrouble::UnlikeBeats => self.sqi.is_some_and(|sqi| sqi < 0.7),
        }
    }
}

/// What the leads of one recording are looked at with.
pub(super) struct LeadCheck<'a> {
    pub(super) rate: SampleRate,
    pub(super) beats: &'a BeatGrid,
    pub(super) median: Option<&'a MedianBeat>,
    pub(super) powerline: Option<Powerline>,
}

impl LeadCheck<'_> {
    pub(super) fn look(&self, lead: &Lead) -> LeadQuality {
        let samples = &lead.samples_mv;
        let finite = samples.iter().filter(|sample| sample.is_finite());
        let mut finite: Vec<f64> = finite.map(|sample| f64::from(*sample)).collect();
        let n_beats = self.beats.peaks().len();
        let mut found = LeadQuality {
            name: lead.name.clone(),
            gap_share: 1.0 - finite.len() as f64 / samples.len().max(1) as f64,
            flat: is_flat(&mut finite),
            saturated: is_saturated(samples, n_beats),
            noise_uv: None,
            mains_uv: None,
            mains_hz: None,
            wander_uv: None,
            qrs_uv: self
                .median
                .and_then(|median| qrs_height(median, &lead.name))
                .map(|mv| 1000.0 * mv),
            sqi: self
                .median
                .and_then(|median| likeness(samples, &lead.name, self.beats, median)),
        };
        let (Some(values), false) = (gaps::bridged(samples), found.flat) else {
            return found;
        };
        found.wander_uv = Some(1000.0 * wander(&values, self.rate));
        let hum = self.powerline.as_ref().and_then(|it| it.stronger(&values));
        (found.mains_uv, found.mains_hz) = (hum.map(|it| it.0), hum.map(|it| it.1));
        found.noise_uv = noise(&values, self.rate, self.beats).map(|mv| 1000.0 * mv);
        found
    }
}

/// Least and greatest of nearly all samples lie within what an amplifier's own noise spans.
fn is_flat(finite: &mut [f64]) -> bool {
    let low = statistics::quantile(finite, 0.005);
    let high = statistics::quantile(finite, 0.995);
    low.zip(high).is_none_or(|(low, high)| high - low <= 0.022)
}

/// Peak to peak of what lies below 0.5 Hz, without the outermost half percents and, where the rest
/// is long enough, without the second at either end: a recording that begins within a tall QRS or T
/// makes the filter start far off the baseline.
fn wander(values: &[f64], rate: SampleRate) -> f64 {
    let mut slow = Section::low_pass(0.5, rate).zero_phase(values);
    let second = rate.samples_in(1.0);
    if 4 * second < slow.len() {
        slow.truncate(slow.len() - second);
        slow.drain(..second);
    }
    let (Some(low), Some(high)) = (
        statistics::quantile(&mut slow, 0.005),
        statistics::quantile(&mut slow, 0.995),
    ) else {
        return 0.0;
    };
    high - low
}

/// Root mean square above 35 Hz away from QRS.
fn noise(values: &[f64], rate: SampleRate, beats: &BeatGrid) -> Option<f64> {
    if rate.hz() < 130.0 {
        return None;
    }
    let no_mains = [50.0, 60.0].iter().fold(values.to_vec(), |it, hz| {
        Section::notch(*hz, rate).zero_phase(&it)
    });
    let fast = Section::high_pass(35.0, rate).zero_phase(&no_mains);
    let far = rate.samples_in(0.12);
    let mut next = 0;
    let outside = fast.iter().enumerate().filter(|(idx, _)| {
        while beats.peaks().get(next).is_some_and(|it| it + far < *idx) {
            next += 1;
        }
        beats
            .peaks()
            .get(next)
            .is_none_or(|it| far < it.abs_diff(*idx))
    });
    let (sum, n) = outside.fold((0.0, 0.0), |s, it| (s.0 + it.1 * it.1, s.1 + 1.0));
    (100.0 < n).then(|| f64::sqrt(sum / n))
}

/// QRS from trough to peak in the median beat, mV.
pub(super) fn qrs_height(median: &MedianBeat, name: &LeadName) -> Option<f64> {
    let reach = median.leads.rate().samples_in(0.07);
    let samples = &median.leads.get(name)?.samples_mv;
    let near = samples
        .get(median.r_index.saturating_sub(reach)..(median.r_index + reach).min(samples.len()))?;
    let [low, high] = statistics::extremes(near.iter().copied())?;
    Some(f64::from(high - low))
}

/// Median over beats of the correlation with the median beat between 0.1 s before and 0.3 s after
/// R, in one lead.
fn likeness(
    samples: &[f32],
    name: &LeadName,
    beats: &BeatGrid,
    median: &MedianBeat,
) -> Option<f64> {
    let template = &median.leads.get(name)?.samples_mv;
    let ratio = median.leads.rate().hz() / beats.rate().hz();
    let [before, after] = [0.1, 0.3].map(|s| beats.rate().samples_in(s) as isize);
    // Steps from the fiducial point that lie within the median beat, and its values there.
    let value = |step: isize| {
        let at = median.r_index as f64 + step as f64 * ratio;
        template.get(at.round() as usize).filter(|_| 0.0 <= at)
    };
    let steps: Vec<isize> = (-before..after).filter(|it| value(*it).is_some()).collect();
    let part: Vec<f32> = steps.iter().filter_map(|it| value(*it).copied()).collect();
    let (first, last) = (*steps.first()?, *steps.last()?);
    let of_beat = |at: &usize| {
        let beat = samples.get(at.checked_add_signed(first)?..=at.checked_add_signed(last)?)?;
        Some(correlation(&part, beat)).filter(|it| it.is_finite())
    };
    statistics::median(&mut beats.peaks().iter().filter_map(of_beat).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::testing::noise as even_noise;

    #[test]
    fn a_dead_lead_with_an_amplifier_s_noise_is_flat_and_a_small_one_is_not() {
        let check = |gain_mv: f64, noise_mv: f64, expected: bool| {
            let value = |n: usize| gain_mv * ((n % 400) / 380) as f64 + noise_mv * even_noise(n);
            assert_eq!(
                is_flat(&mut (0..5000).map(value).collect::<Vec<_>>()),
                expected
            );
        };
        check(0.0, 0.0, true);
        check(0.0, 0.006, true);
        check(0.06, 0.003, false);
        check(0.0, 0.02, false);
    }
}
