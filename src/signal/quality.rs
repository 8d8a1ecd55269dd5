//! What in the signals should make a reader careful: noise, loose leads, electrodes in the wrong
//! place, unusual beats. Signs, not diagnoses: each is what was seen.

use serde::Serialize;

use super::{
    Intervals, MedianBeat, detect_beats,
    filter::Section,
    gaps, measure,
    median::levelled,
    median_beat,
    metrics::correlation,
    sign::{LeadTrouble, Sign},
};
use crate::ecg::{BeatGrid, Lead, LeadName, LeadSet, Origin, SampleRate};

/// Quality of one lead.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeadQuality {
    /// Which lead.
    pub name: LeadName,
    /// Share of samples that are gaps.
    pub gap_share: f64,
    /// Whether nothing but one value (within 5 µV) was recorded.
    pub flat: bool,
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

/// What was seen in a recording.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Quality {
    /// Lead by lead.
    pub leads: Vec<LeadQuality>,
    /// Beats found.
    pub beats: usize,
    /// Root mean square of III − (II − I) over that of III, where III was recorded itself.
    pub einthoven_residual: Option<f64>,
    /// Signs that limb electrodes are exchanged.
    pub limb_reversal: Vec<Sign>,
    /// Signs that V1 or V2 sit too high.
    pub high_chest: Option<Sign>,
    /// Whether pacing spikes were seen.
    pub paced: bool,
    /// QRS of 120 ms or more: its length, ms.
    pub wide_qrs_ms: Option<f64>,
    /// QRS below 0.5 mV in all limb leads, or below 1 mV in all chest leads.
    pub low_amplitude: bool,
    /// How the second half's rhythm differs from the first's.
    pub rhythm_differs: Option<Sign>,
    /// Beats of another shape than the dominant one.
    pub other_beats: usize,
}

/// Looks the recorded leads over. Synthesised ones are left out.
pub fn quality(leads: &LeadSet) -> Quality {
    let beats = detect_beats(leads);
    let median = median_beat(leads, &beats);
    let intervals = median.as_ref().map(measure).unwrap_or_default();
    let recorded = leads
        .leads()
        .iter()
        .filter(|it| !it.origin.is_synthesised());
    let each: Vec<LeadQuality> = recorded
        .map(|it| lead_quality(it, leads.rate(), &beats, median.as_ref()))
        .collect();
    let shape = median.as_ref().map(|it| Shape {
        median: it,
        intervals: &intervals,
    });
    Quality {
        beats: beats.peaks().len(),
        einthoven_residual: einthoven_residual(leads),
        limb_reversal: shape.as_ref().map(Shape::limb_reversal).unwrap_or_default(),
        high_chest: shape.as_ref().and_then(Shape::high_chest),
        paced: has_pacing(leads, &beats),
        wide_qrs_ms: intervals.qrs_ms.filter(|it| 120.0 <= *it),
        low_amplitude: is_low(&each),
        rhythm_differs: rhythm_change(leads, &beats),
        other_beats: median.as_ref().map_or(0, |it| it.rejected),
        leads: each,
    }
}

impl Quality {
    /// What should make a reader careful, most important first. Empty when nothing was seen.
    pub fn signs(&self) -> Vec<Sign> {
        let no_beats = (self.beats == 0).then_some(Sign::NoBeats);
        let misfit = self.einthoven_residual.filter(|share| 0.05 < *share);
        let other_beats = Some(self.other_beats).filter(|beats| 2 <= *beats);
        let about = |what: LeadTrouble| {
            let leads = self.leads.iter().filter(|lead| lead.has(what));
            let leads: Vec<LeadName> = leads.map(|lead| lead.name.clone()).collect();
            (!leads.is_empty()).then_some(Sign::Leads { what, leads })
        };
        no_beats
            .into_iter()
            .chain(self.limb_reversal.iter().cloned())
            .chain(self.high_chest.iter().cloned())
            .chain(misfit.map(|share| Sign::LimbLeadsDisagree { share }))
            .chain(self.paced.then_some(Sign::Paced))
            .chain(self.wide_qrs_ms.map(|ms| Sign::WideQrs { ms }))
            .chain(self.low_amplitude.then_some(Sign::LowAmplitude))
            .chain(self.rhythm_differs.clone())
            .chain(other_beats.map(|beats| Sign::OtherBeats { beats }))
            .chain(LeadTrouble::ALL.into_iter().filter_map(about))
            .collect()
    }
}

impl LeadQuality {
    /// Whether the lead has this trouble.
    pub fn has(&self, what: LeadTrouble) -> bool {
        let beyond = |value: Option<f64>, limit: f64| value.is_some_and(|value| limit < value);
        match what {
            LeadTrouble::Flat => self.flat,
            LeadTrouble::Gaps => 0.01 < self.gap_share && !self.flat,
            LeadTrouble::Powerline => beyond(self.mains_uv, 25.0),
            LeadTrouble::Noise => beyond(self.noise_uv, 30.0),
            LeadTrouble::Wander => beyond(self.wander_uv, 1000.0),
            LeadTrouble::UnlikeBeats => self.sqi.is_some_and(|sqi| sqi < 0.7),
        }
    }
}

fn lead_quality(
    lead: &Lead,
    rate: SampleRate,
    beats: &BeatGrid,
    median: Option<&MedianBeat>,
) -> LeadQuality {
    let samples = &lead.samples_mv;
    let finite: Vec<f64> = samples
        .iter()
        .filter(|it| it.is_finite())
        .map(|it| f64::from(*it))
        .collect();
    let (low, high) = finite
        .iter()
        .fold((f64::MAX, f64::MIN), |s, it| (s.0.min(*it), s.1.max(*it)));
    let mut found = LeadQuality {
        name: lead.name.clone(),
        gap_share: 1.0 - finite.len() as f64 / samples.len().max(1) as f64,
        flat: finite.is_empty() || high - low <= 0.005,
        noise_uv: None,
        mains_uv: None,
        mains_hz: None,
        wander_uv: None,
        qrs_uv: median
            .and_then(|it| qrs_height(it, &lead.name))
            .map(|it| 1000.0 * it),
        sqi: median.and_then(|it| likeness(samples, &lead.name, beats, it)),
    };
    let (Some(values), false) = (gaps::bridged(samples), found.flat) else {
        return found;
    };
    found.wander_uv = Some(1000.0 * wander(&values, rate));
    if let Some((uv, hz)) = mains(&values, rate) {
        (found.mains_uv, found.mains_hz) = (Some(uv), Some(hz));
    }
    found.noise_uv = noise(&values, rate, beats).map(|it| 1000.0 * it);
    found
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
        gaps::quantile(&mut slow, 0.005),
        gaps::quantile(&mut slow, 0.995),
    ) else {
        return 0.0;
    };
    high - low
}

/// Amplitude of the stronger of 50 and 60 Hz above its neighbourhood, µV, and which.
fn mains(values: &[f64], rate: SampleRate) -> Option<(f64, f64)> {
    if rate.hz() < 130.0 || values.len() < rate.samples_in(1.0) {
        return None;
    }
    let second = rate.samples_in(1.0);
    let hum = |hz: f64| {
        let per_second = |it: &[f64]| {
            amplitude(it, hz, rate)
                - 0.5 * (amplitude(it, hz - 6.0, rate) + amplitude(it, hz + 6.0, rate))
        };
        let mut each: Vec<f64> = values.chunks_exact(second).map(per_second).collect();
        1000.0 * gaps::median(&mut each).unwrap_or(0.0).max(0.0)
    };
    [50.0, 60.0]
        .map(|hz| (hum(hz), hz))
        .into_iter()
        .max_by(|a, b| a.0.total_cmp(&b.0))
}

/// Amplitude of one frequency under a Hann window.
fn amplitude(values: &[f64], hz: f64, rate: SampleRate) -> f64 {
    let (mut re, mut im, mut total) = (0.0, 0.0, 0.0);
    for (n, value) in values.iter().enumerate() {
        let window = (std::f64::consts::PI * (n as f64 + 0.5) / values.len() as f64)
            .sin()
            .powi(2);
        let angle = 2.0 * std::f64::consts::PI * hz * n as f64 / rate.hz();
        re += window * value * angle.cos();
        im += window * value * angle.sin();
        total += window;
    }
    2.0 * f64::hypot(re, im) / total
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
fn qrs_height(median: &MedianBeat, name: &LeadName) -> Option<f64> {
    let reach = median.leads.rate().samples_in(0.07);
    let samples = &median.leads.get(name)?.samples_mv;
    let near = samples
        .get(median.r_index.saturating_sub(reach)..(median.r_index + reach).min(samples.len()))?;
    let (low, high) = near
        .iter()
        .fold((f32::MAX, f32::MIN), |s, it| (s.0.min(*it), s.1.max(*it)));
    (low <= high).then(|| f64::from(high - low))
}

/// Median over beats of the correlation with the median beat between 0.1 s before and 0.3 s after
/// R, in one lead.
fn likeness(
    samples: &[f32],
    name: &LeadName,
    beats: &BeatGrid,
    median: &MedianBeat,
) -> Option<f64> {
    let rate = median.leads.rate();
    let template = &median.leads.get(name)?.samples_mv;
    let (before, after) = (
        rate.samples_in(0.1).min(median.r_index),
        rate.samples_in(0.3)
            .min(template.len() - median.r_index - 1),
    );
    let part = &template[median.r_index - before..median.r_index + after];
    let of_beat = |at: &usize| {
        let beat = samples.get(at.checked_sub(before)?..at + after)?;
        Some(correlation(part, beat)).filter(|it| it.is_finite())
    };
    gaps::median(&mut beats.peaks().iter().filter_map(of_beat).collect::<Vec<_>>())
}

/// Where III was recorded itself: how far it is from II − I, each about its own mean.
fn einthoven_residual(leads: &LeadSet) -> Option<f64> {
    let [i, ii, iii] = [LeadName::I, LeadName::II, LeadName::III]
        .map(|it| leads.get(&it).filter(|it| it.origin == Origin::Measured));
    let (i, ii, iii) = (i?, ii?, iii?);
    let both = i
        .samples_mv
        .iter()
        .zip(ii.samples_mv.iter())
        .zip(iii.samples_mv.iter());
    let pairs: Vec<(f64, f64)> = both
        .map(|((i, ii), iii)| (f64::from(*iii), f64::from(*ii) - f64::from(*i)))
        .filter(|it| (it.0 + it.1).is_finite())
        .collect();
    let n = pairs.len() as f64;
    let mean = pairs
        .iter()
        .fold((0.0, 0.0), |s, it| (s.0 + it.0 / n, s.1 + it.1 / n));
    let (off, size) = pairs.iter().fold((0.0, 0.0), |s, it| {
        let (a, b) = (it.0 - mean.0, it.1 - mean.1);
        (s.0 + (a - b) * (a - b), s.1 + a * a)
    });
    (0.0 < size).then(|| f64::sqrt(off / size))
}

fn is_low(leads: &[LeadQuality]) -> bool {
    let all_below = |chosen: &dyn Fn(&LeadName) -> bool, limit_uv: f64| {
        let heights: Vec<f64> = leads
            .iter()
            .filter(|it| chosen(&it.name) && !it.flat)
            .filter_map(|it| it.qrs_uv)
            .collect();
        3 <= heights.len() && heights.iter().all(|it| *it < limit_uv)
    };
    all_below(&LeadName::is_limb, 500.0) || all_below(&LeadName::is_chest, 1000.0)
}

/// Spikes of a millisecond or two just before most QRS complexes: in the raw samples the second
/// difference there stands far out of the QRS's own.
fn has_pacing(leads: &LeadSet, beats: &BeatGrid) -> bool {
    let rate = leads.rate();
    if rate.hz() < 400.0 || beats.peaks().len() < 3 {
        return false;
    }
    let spiky = |lead: &&Lead| {
        let bend = |at: usize| {
            let it = &lead.samples_mv[at - 1..at + 2];
            f64::from((it[0] - 2.0 * it[1] + it[2]).abs())
        };
        let spike = |at: &&usize| {
            let (from, to) = (
                at.saturating_sub(rate.samples_in(0.14)).max(1),
                at.saturating_sub(rate.samples_in(0.014)).max(2),
            );
            let last = (**at + rate.samples_in(0.08)).min(leads.n_samples() - 1);
            let before = (from..to.min(last)).map(bend).fold(0.0, f64::max);
            let own = (to.min(last)..last).map(bend).fold(0.0, f64::max);
            0.25 < before && 3.0 * own < before
        };
        2 * beats.peaks().iter().filter(spike).count() > beats.peaks().len()
    };
    1 < leads
        .leads()
        .iter()
        .filter(|it| it.origin == Origin::Measured)
        .filter(spiky)
        .count()
}

/// Compares rate, evenness and shape between the first and the second half (calibration sees the
/// first, scores come from the second).
fn rhythm_change(leads: &LeadSet, beats: &BeatGrid) -> Option<Sign> {
    let middle = leads.n_samples() / 2;
    let half = |range: std::ops::Range<usize>| {
        let peaks = beats
            .peaks()
            .iter()
            .copied()
            .filter(|it| range.contains(it))
            .collect();
        BeatGrid::new(leads.rate(), peaks)
    };
    let halves = [half(0..middle), half(middle..leads.n_samples())];
    if halves.iter().any(|it| it.peaks().len() < 3) {
        return None;
    }
    let [first_bpm, second_bpm] = [halves[0].heart_rate_bpm()?, halves[1].heart_rate_bpm()?];
    if 1.25 < (first_bpm / second_bpm).max(second_bpm / first_bpm) {
        return Some(Sign::RateDiffers {
            first_bpm,
            second_bpm,
        });
    }
    let shapes = halves.map(|it| median_beat(leads, &it));
    let [Some(a), Some(b)] = shapes else {
        return None;
    };
    let beat = |it: &MedianBeat| -> Vec<f32> {
        let reach = leads.rate().samples_in(0.1).min(it.r_index);
        it.leads
            .leads()
            .iter()
            .flat_map(|lead| {
                levelled(
                    &lead.samples_mv
                        [it.r_index - reach..(it.r_index + reach).min(lead.samples_mv.len())],
                )
            })
            .collect()
    };
    let correlation = correlation(&beat(&a), &beat(&b));
    (correlation < 0.9).then_some(Sign::ShapeDiffers { correlation })
}

/// Signs in the median beat.
struct Shape<'a> {
    median: &'a MedianBeat,
    intervals: &'a Intervals,
}

impl Shape<'_> {
    /// Mean over QRS above the level before it, mV·s as a sign of direction.
    fn qrs_area(&self, name: &LeadName) -> Option<f64> {
        self.mean_above_level(name, self.intervals.qrs_onset?, self.intervals.j_point?)
    }

    fn p_area(&self, name: &LeadName) -> Option<f64> {
        self.mean_above_level(name, self.intervals.p_onset?, self.intervals.p_end?)
    }

    fn mean_above_level(&self, name: &LeadName, from: usize, to: usize) -> Option<f64> {
        let lead = self
            .median
            .leads
            .get(name)
            .filter(|it| it.origin == Origin::Measured || name.is_limb())?;
        let onset = self.intervals.qrs_onset?;
        let level = &lead.samples_mv
            [onset.saturating_sub(self.median.leads.rate().samples_in(0.016))..=onset];
        let level = level.iter().sum::<f32>() / level.len() as f32;
        let part = lead.samples_mv.get(from..to).filter(|it| !it.is_empty())?;
        let mean = f64::from(part.iter().map(|it| it - level).sum::<f32>() / part.len() as f32);
        mean.is_finite().then_some(mean)
    }

    /// The usual signs of exchanged limb electrodes.
    fn limb_reversal(&self) -> Vec<Sign> {
        let [i, ii] = [LeadName::I, LeadName::II].map(|it| (self.p_area(&it), self.qrs_area(&it)));
        let avr = (self.p_area(&LeadName::AVR), self.qrs_area(&LeadName::AVR));
        let inverted = |it: (Option<f64>, Option<f64>), p: f64, qrs: f64| {
            it.0.is_some_and(|it| it < -p) && it.1.is_some_and(|it| it < -qrs)
        };
        let upright = |it: (Option<f64>, Option<f64>)| it.0.is_some_and(|it| 0.005 < it);
        let exchanged = if inverted(i, 0.008, 0.02) && upright(avr) {
            let v6 = self.qrs_area(&LeadName::V6);
            let may_be_dextrocardia = v6.is_some_and(|area| area < -0.02);
            Some(Sign::ArmReversal {
                may_be_dextrocardia,
            })
        } else {
            (inverted(ii, 0.008, 0.02) && upright(avr)).then_some(Sign::RightArmLeftLeg)
        };
        let between_legs = [LeadName::I, LeadName::II, LeadName::III]
            .into_iter()
            .filter(|lead| self.is_almost_flat(lead))
            .map(|lead| Sign::FlatLimbLead { lead });
        exchanged.into_iter().chain(between_legs).collect()
    }

    /// A limb lead between both legs shows nearly nothing.
    fn is_almost_flat(&self, name: &LeadName) -> bool {
        let height = |it: &LeadName| qrs_height(self.median, it).unwrap_or(0.0);
        let largest = LeadName::TWELVE
            .iter()
            .filter(|it| it.is_limb())
            .map(height)
            .fold(0.0, f64::max);
        self.median.leads.get(name).is_some() && 0.4 < largest && height(name) < 0.06
    }

    /// P negative in V2, or wholly negative in V1 with a second r after the S. A negative P in V1
    /// alone is too common to tell: one in five of PTB-XL's recordings has it.
    fn high_chest(&self) -> Option<Sign> {
        let [v1, v2] = [LeadName::V1, LeadName::V2].map(|it| self.p_range(&it));
        let negative = |it: Option<(f64, f64)>, depth: f64, most: f64| {
            it.is_some_and(|(low, high)| low < -depth && high < most)
        };
        if negative(v2, 0.05, 0.02) {
            let in_v1_too = negative(v1, 0.05, 0.02);
            return Some(Sign::NegativePInV2 { in_v1_too });
        }
        let is_v1_high = negative(v1, 0.06, 0.01) && self.has_second_r(&LeadName::V1);
        is_v1_high.then_some(Sign::SecondRInV1)
    }

    /// Whether QRS ends with a positive wave after its deepest point.
    fn has_second_r(&self, name: &LeadName) -> bool {
        let found = || {
            let (onset, end) = (self.intervals.qrs_onset?, self.intervals.j_point?);
            let qrs = self.median.leads.get(name)?.samples_mv.get(onset..=end)?;
            let deepest = (0..qrs.len()).min_by(|a, b| qrs[*a].total_cmp(&qrs[*b]))?;
            let second = qrs[deepest..].iter().copied().fold(f32::MIN, f32::max);
            Some(qrs[0] + 0.05 < second && qrs[qrs.len() - 1] + 0.05 < second)
        };
        found().unwrap_or(false)
    }

    /// Least and greatest value of P above the level at its ends, mV.
    fn p_range(&self, name: &LeadName) -> Option<(f64, f64)> {
        let (from, to) = (self.intervals.p_onset?, self.intervals.p_end?);
        let samples = &self
            .median
            .leads
            .get(name)
            .filter(|it| it.origin == Origin::Measured)?
            .samples_mv;
        let part = samples.get(from..=to)?;
        let (start, end) = (f64::from(*part.first()?), f64::from(*part.last()?));
        let above = |(k, value): (usize, &f32)| {
            f64::from(*value) - start - (end - start) * k as f64 / (part.len() - 1).max(1) as f64
        };
        let range = part
            .iter()
            .enumerate()
            .map(above)
            .fold((f64::MAX, f64::MIN), |s, it| (s.0.min(it), s.1.max(it)));
        range.0.is_finite().then_some(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::testing;

    /// Six limb leads and two chest leads with the given gains of I and II.
    fn exam(gain_i: f64, gain_ii: f64, extra: impl Fn(usize) -> f64 + Copy) -> LeadSet {
        let lead = |name: LeadName, gain: f64, seed: usize| {
            Lead::measured(
                name,
                testing::ecg(500.0, 10.0, gain, |n| {
                    0.004 * testing::noise(n + seed) + extra(n)
                }),
            )
        };
        let leads = vec![
            lead(LeadName::I, gain_i, 0),
            lead(LeadName::II, gain_ii, 50_000),
            lead(LeadName::V2, -0.9, 100_000),
            lead(LeadName::V6, 1.2, 150_000),
        ];
        LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads)
            .unwrap()
            .with_derived_limb_leads()
    }

    fn check(leads: &LeadSet, is_expected: impl Fn(&Sign) -> bool) {
        let signs = quality(leads).signs();
        assert!(signs.iter().any(is_expected), "{signs:?}");
    }

    fn is_about(what: LeadTrouble) -> impl Fn(&Sign) -> bool {
        move |sign| matches!(sign, Sign::Leads { what: found, .. } if *found == what)
    }

    #[test]
    fn a_clean_exam_gives_no_warning_about_noise_or_limbs() {
        let found = quality(&exam(0.6, 1.0, |_| 0.0));
        assert!(
            found.limb_reversal.is_empty() && !found.paced && found.rhythm_differs.is_none(),
            "{:?}",
            found.signs()
        );
        assert!(
            found.leads.iter().all(|it| it.mains_uv.unwrap() < 5.0
                && it.noise_uv.unwrap() < 8.0
                && it.sqi.unwrap() > 0.98),
            "{:#?}",
            found.leads
        );
        assert_eq!(found.einthoven_residual, None);
    }

    #[test]
    fn hum_wander_and_noise_are_measured() {
        let hum = quality(&exam(0.6, 1.0, |n| {
            0.05 * (n as f64 * 0.628_318_530_7).sin()
        }));
        assert!(
            hum.leads
                .iter()
                .filter(|it| !it.name.is_limb())
                .all(|it| (it.mains_uv.unwrap() - 50.0).abs() < 5.0 && it.mains_hz == Some(50.0))
        );
        check(
            &exam(0.6, 1.0, |n| 1.2 * (n as f64 / 800.0).sin()),
            is_about(LeadTrouble::Wander),
        );
        check(
            &exam(0.6, 1.0, |n| 0.15 * testing::noise(n + 7)),
            is_about(LeadTrouble::Noise),
        );
        let cut_into_a_beat = quality(&exam(0.6, 1.0, |n| if n < 40 { -3.0 } else { 0.0 }));
        assert!(
            !cut_into_a_beat
                .signs()
                .iter()
                .any(is_about(LeadTrouble::Wander)),
            "{:?}",
            cut_into_a_beat.signs()
        );
    }

    #[test]
    fn exchanged_arms_are_noticed() {
        check(&exam(-0.6, 0.4, |_| 0.0), |sign| {
            matches!(sign, Sign::ArmReversal { .. })
        });
        check(&exam(0.01, 1.0, |_| 0.0), |sign| {
            *sign == Sign::FlatLimbLead { lead: LeadName::I }
        });
    }

    #[test]
    fn limb_leads_that_do_not_fit_are_noticed() {
        let fine = exam(0.6, 1.0, |_| 0.0);
        let wrong: Vec<f32> = fine
            .get(&LeadName::III)
            .unwrap()
            .samples_mv
            .iter()
            .map(|it| -it)
            .collect();
        let leads = fine
            .leads()
            .iter()
            .filter(|it| it.name != LeadName::III)
            .cloned()
            .chain([Lead::measured(LeadName::III, wrong)]);
        let set = LeadSet::new(fine.rate(), leads.collect()).unwrap();
        assert!(1.5 < quality(&set).einthoven_residual.unwrap());
        check(&set, |sign| matches!(sign, Sign::LimbLeadsDisagree { .. }));
    }

    #[test]
    fn flat_leads_low_amplitude_and_silence() {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let flat = LeadSet::new(rate, vec![Lead::measured(LeadName::V1, vec![0.2; 5000])]).unwrap();
        check(&flat, is_about(LeadTrouble::Flat));
        check(&flat, |sign| *sign == Sign::NoBeats);
        check(&exam(0.2, 0.3, |_| 0.0), |sign| *sign == Sign::LowAmplitude);
        let nothing = LeadSet::new(
            rate,
            vec![Lead::measured(LeadName::V1, vec![f32::NAN; 5000])],
        )
        .unwrap();
        assert_eq!(quality(&nothing).leads[0].gap_share, 1.0);
    }

    #[test]
    fn a_negative_p_in_v1_or_v2_is_a_sign_of_a_high_electrode() {
        let chest = |v1: f64, v2: f64| {
            let fine = exam(0.6, 1.0, |_| 0.0);
            let lead = |name: LeadName, gain: f64| {
                Lead::measured(name, testing::ecg(500.0, 10.0, gain, |_| 0.0))
            };
            let others = fine
                .leads()
                .iter()
                .filter(|it| it.name != LeadName::V2)
                .cloned();
            LeadSet::new(
                fine.rate(),
                others
                    .chain([lead(LeadName::V1, v1), lead(LeadName::V2, v2)])
                    .collect(),
            )
            .unwrap()
        };
        check(&chest(-0.9, -0.9), |sign| {
            *sign == Sign::NegativePInV2 { in_v1_too: true }
        });
        check(&chest(-0.9, 0.9), |sign| *sign == Sign::SecondRInV1);
        assert!(quality(&chest(0.5, 0.9)).high_chest.is_none());
    }

    #[test]
    fn pacing_spikes_are_seen() {
        let spike = |n: usize| {
            if (250..).step_by(400).take(12).any(|r| r - 30 == n) {
                2.0
            } else {
                0.0
            }
        };
        check(&exam(0.6, 1.0, spike), |sign| *sign == Sign::Paced);
    }
}
