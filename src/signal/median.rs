//! The median beat: what the beats of the dominant shape have in common, with the count of beats
//! used and rejected.

use std::ops::Range;

use rayon::prelude::*;

use super::{
    beat_marks::is_marked,
    leads::{ecg_leads, not_synthesised},
    metrics::correlation,
    resample,
};
use crate::ecg::{BeatGrid, Lead, LeadSet, SampleRate, statistics};

/// Beats less alike the template than this are another shape (ectopic, aberrant, disturbed).
const LEAST_LIKENESS: f64 = 0.85;
/// Beats compared with one another to find the dominant shape; the rest are only compared with it.
const MOST_COMPARED: usize = 40;
/// Beats are shifted by up to this to lie upon one another.
const ALIGN_S: f64 = 0.024;
/// Seconds around the fiducial point by which beats are told apart: QRS, ST and most of T. An
/// ectopic beat nearby is then no reason to take a normal one for another shape.
const SHAPE_S: [f64; 2] = [0.14, 0.32];
/// A beat of fewer samples a second is brought to `FINE_HZ`: bounds of waves are read between
/// coarse samples.
const LEAST_HZ: f64 = 400.0;
const FINE_HZ: f64 = 500.0;
/// Samples between the shifts tried first; the best is then refined.
const COARSE: usize = 3;

/// Median over the beats of the dominant shape, sample by sample and lead by lead.
#[derive(Clone, Debug, PartialEq)]
pub struct MedianBeat {
    /// The beat in every lead (names and origins kept).
    pub leads: LeadSet,
    /// Sample of the fiducial point.
    pub r_index: usize,
    /// Beats that went in.
    pub used: usize,
    /// Where the fiducial point lies in the recording for each of them, samples of the recording.
    pub beats: Vec<usize>,
    /// Whole beats left out because their shape differs.
    pub rejected: usize,
    /// Median interval between successive beats of the recording, seconds.
    pub rr_s: Option<f64>,
    /// Median difference of successive intervals as a share of the median interval: about 0.02 in
    /// sinus rhythm, above 0.12 in most atrial fibrillation.
    pub irregularity: f64,
}

impl MedianBeat {
    /// The same beats of another lead of the recording, whose rate is `rate`.
    pub fn of_other(&self, lead: &Lead, rate: SampleRate) -> Option<Lead> {
        let fine = self.leads.rate();
        let in_recording = |samples: usize| rate.samples_in(fine.seconds_at(samples));
        let before = in_recording(self.r_index);
        let after = in_recording(self.leads.n_samples() - 1 - self.r_index);
        let window = |at: usize| at.saturating_sub(before)..at + after + 1;
        let inside = |at: &usize| before <= *at && at + after < lead.samples_mv.len();
        let beats: Vec<usize> = self.beats.iter().copied().filter(inside).collect();
        let samples_mv = median_of(&lead.samples_mv, &beats, &[], &window).into();
        let coarse = Lead {
            samples_mv,
            ..lead.clone()
        };
        let leads = LeadSet::new(rate, vec![coarse]).ok()?;
        let leads = resample(&leads, fine).slice(0..self.leads.n_samples())?;
        leads.leads().first().cloned()
    }
}

/// Median beat around the peaks of `beats`; `None` without a whole beat. Wander between beats is
/// removed, the recording's level stays.
pub fn median_beat(leads: &LeadSet, beats: &BeatGrid) -> Option<MedianBeat> {
    median_beat_without(leads, beats, &[])
}

/// The same without the beats at these samples, which still part others.
pub(super) fn median_beat_without(
    leads: &LeadSet,
    beats: &BeatGrid,
    excluded: &[usize],
) -> Option<MedianBeat> {
    let rate = leads.rate();
    let rr_s = statistics::median(&mut beats.rr_s());
    let [before, after] = reach(rr_s).map(|it| rate.samples_in(it));
    let margin = rate.samples_in(ALIGN_S);
    let fits = |at: &usize| before + margin <= *at && at + after + margin < leads.n_samples();
    let is_used = |at: &usize| fits(at) && !is_marked(excluded, *at, rate);
    let peaks: Vec<usize> = beats.peaks().iter().copied().filter(is_used).collect();
    let voters = not_synthesised(ecg_leads(leads));
    let window = |at: usize| at - before..at + after + 1;
    let [early, late] = SHAPE_S.map(|it| rate.samples_in(it));
    let shape = |at: usize| at - early.min(before)..at + late.min(after) + 1;
    let aligned = dominant(&voters, &peaks, &shape, margin)?;
    // A beat lasts until the next begins: what follows, an early ectopic beat above all, is not
    // part of it.
    let until = |at: &usize| {
        beats
            .peaks()
            .iter()
            .find(|it| at + early < **it)
            .map_or(usize::MAX, |next| next + before - early - at)
    };
    let until: Vec<usize> = aligned.iter().map(until).collect();
    let of = |it: &Lead| median_of(&it.samples_mv, &aligned, &until, &window).into();
    let median = leads.leads().iter().map(|it| Lead {
        samples_mv: of(it),
        ..it.clone()
    });
    let leads = LeadSet::new(rate, median.collect()).ok()?;
    let fine = if rate.hz() < LEAST_HZ {
        SampleRate::from_hz(FINE_HZ)?
    } else {
        rate
    };
    // Beyond the last sample nothing is known.
    let last = (rate.seconds_at(leads.n_samples() - 1) * fine.hz()) as usize;
    Some(MedianBeat {
        leads: resample(&leads, fine).slice(0..last + 1)?,
        r_index: fine.samples_in(rate.seconds_at(before)),
        used: aligned.len(),
        rejected: peaks.len() - aligned.len(),
        beats: aligned,
        rr_s,
        irregularity: irregularity(beats),
    })
}

/// How much neighbouring intervals differ, as a share of the median interval.
fn irregularity(beats: &BeatGrid) -> f64 {
    let mut intervals = beats.rr_s();
    let changes = intervals.windows(2).map(|it| (it[1] - it[0]).abs());
    let change = statistics::median(&mut changes.collect::<Vec<_>>());
    let rr_s = statistics::median(&mut intervals);
    change.zip(rr_s).map_or(0.0, |(change, rr)| change / rr)
}

/// One beat of a recording by itself, at the rate and over the samples of `median`; `None` where it
/// is not whole.
pub(super) fn resampled_beat(
    leads: &LeadSet,
    at: usize,
    median: &MedianBeat,
) -> Option<MedianBeat> {
    let (rate, fine) = (leads.rate(), median.leads.rate());
    let in_recording = |samples: usize| rate.samples_in(fine.seconds_at(samples));
    let before = in_recording(median.r_index);
    let after = in_recording(median.leads.n_samples() - 1 - median.r_index);
    let whole = leads.slice(at.checked_sub(before)?..at + after + 1)?;
    let leads = resample(&whole, fine).slice(0..median.leads.n_samples())?;
    (leads.n_samples() == median.leads.n_samples()).then(|| MedianBeat {
        leads,
        r_index: median.r_index,
        used: 1,
        beats: vec![at],
        rejected: 0,
        rr_s: median.rr_s,
        irregularity: median.irregularity,
    })
}

/// Seconds before and after the fiducial point: the whole of P to T, short of the neighbouring
/// beats.
fn reach(rr_s: Option<f64>) -> [f64; 2] {
    let rr_s = rr_s.unwrap_or(1.0);
    [(0.5 * rr_s).min(0.4), (0.8 * rr_s).min(0.68)]
}

/// Peaks of the dominant shape, shifted so that the beats lie upon one another.
fn dominant(
    leads: &[&Lead],
    peaks: &[usize],
    window: &(impl Fn(usize) -> Range<usize> + Sync),
    margin: usize,
) -> Option<Vec<usize>> {
    let template_at = most_alike(leads, peaks, window)?;
    let mut template = stacked(leads, window(template_at));
    let mut kept = Vec::new();
    for _ in 0..2 {
        kept = peaks
            .par_iter()
            .filter_map(|at| aligned_to(&template, leads, *at, window, margin))
            .collect();
        if kept.is_empty() {
            return Some(vec![template_at]);
        }
        template = leads
            .iter()
            .flat_map(|it| levelled(&median_of(&it.samples_mv, &kept, &[], window)))
            .collect();
    }
    Some(kept)
}

/// The beat that most others resemble.
pub(super) fn most_alike(
    leads: &[&Lead],
    peaks: &[usize],
    window: &impl Fn(usize) -> Range<usize>,
) -> Option<usize> {
    let stride = peaks.len().div_ceil(MOST_COMPARED).max(1);
    let some: Vec<(usize, Vec<f32>)> = peaks
        .iter()
        .step_by(stride)
        .map(|at| (*at, stacked(leads, window(*at))))
        .collect();
    let typical = |(at, beat): &(usize, Vec<f32>)| {
        let mut likeness: Vec<f64> = some
            .iter()
            .filter(|it| it.0 != *at)
            .map(|it| correlation(beat, &it.1))
            .filter(|it| it.is_finite())
            .collect();
        statistics::median(&mut likeness).unwrap_or(0.0)
    };
    some.iter()
        .map(|it| (it.0, typical(it)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|it| it.0)
}

/// The peak moved to where the beat is most like the template; `None` if it is not like it
/// anywhere.
fn aligned_to(
    template: &[f32],
    leads: &[&Lead],
    at: usize,
    window: &impl Fn(usize) -> Range<usize>,
    margin: usize,
) -> Option<usize> {
    let likeness = |it: usize| {
        Some((it, correlation(template, &stacked(leads, window(it))))).filter(|it| it.1.is_finite())
    };
    let better = |places: &mut dyn Iterator<Item = usize>| {
        places
            .filter_map(likeness)
            .max_by(|a, b| a.1.total_cmp(&b.1))
    };
    let coarse = better(&mut (at - margin..=at + margin).step_by(COARSE))?.0;
    let near =
        coarse.saturating_sub(COARSE - 1).max(at - margin)..=(coarse + COARSE - 1).min(at + margin);
    let best = better(&mut near.into_iter())?;
    (LEAST_LIKENESS <= best.1).then_some(best.0)
}

/// One beat of all leads in a row, each without its own slope and level, so that wander does not
/// make beats unlike.
fn stacked(leads: &[&Lead], window: Range<usize>) -> Vec<f32> {
    let mut out = Vec::with_capacity(leads.len() * window.len());
    for lead in leads {
        add_levelled(&lead.samples_mv[window.clone()], &mut out);
    }
    out
}

/// Samples less their regression line over time.
pub(super) fn levelled(samples: &[f32]) -> Vec<f32> {
    let mut out = Vec::with_capacity(samples.len());
    add_levelled(samples, &mut out);
    out
}

/// The same at the end of `out`.
fn add_levelled(samples: &[f32], out: &mut Vec<f32>) {
    let finite = || {
        samples
            .iter()
            .enumerate()
            .filter(|it| it.1.is_finite())
            .map(|it| (it.0 as f64, f64::from(*it.1)))
    };
    let (n, sum_x, sum_y) =
        finite().fold((0.0, 0.0, 0.0), |s, it| (s.0 + 1.0, s.1 + it.0, s.2 + it.1));
    let (mean_x, mean_y) = (sum_x / n, sum_y / n);
    let (xy, xx) = finite().fold((0.0, 0.0), |s, it| {
        (
            s.0 + (it.0 - mean_x) * (it.1 - mean_y),
            s.1 + (it.0 - mean_x) * (it.0 - mean_x),
        )
    });
    let slope = if 0.0 < xx { xy / xx } else { 0.0 };
    out.extend(
        samples
            .iter()
            .enumerate()
            .map(|(x, y)| (f64::from(*y) - mean_y - slope * (x as f64 - mean_x)) as f32),
    );
}

fn level(samples: &[f32]) -> Option<f64> {
    statistics::median(
        &mut samples
            .iter()
            .filter(|it| it.is_finite())
            .map(|it| f64::from(*it))
            .collect::<Vec<_>>(),
    )
}

/// Median over beats, each brought to the median level of all.
fn median_of(
    samples: &[f32],
    peaks: &[usize],
    until: &[usize],
    window: &impl Fn(usize) -> Range<usize>,
) -> Vec<f32> {
    let beats: Vec<&[f32]> = peaks.iter().map(|it| &samples[window(*it)]).collect();
    let levels: Vec<f64> = beats
        .iter()
        .map(|it| level(it).unwrap_or(f64::NAN))
        .collect();
    let common = statistics::median(
        &mut levels
            .iter()
            .copied()
            .filter(|it| it.is_finite())
            .collect::<Vec<_>>(),
    )
    .unwrap_or(0.0);
    let longest = until.iter().copied().max().unwrap_or(usize::MAX).max(1);
    let at = |k: usize| {
        // Where every beat is over, the last value stands.
        let k = k.min(longest - 1);
        let lasts = |idx: usize| until.get(idx).is_none_or(|it| k < *it);
        let values = beats
            .iter()
            .zip(&levels)
            .enumerate()
            .filter(|it| lasts(it.0));
        let values = values.map(|(_, (beat, level))| f64::from(beat[k]) - level + common);
        statistics::median(&mut values.filter(|it| it.is_finite()).collect::<Vec<_>>())
            .map_or(f32::NAN, |it| it as f32)
    };
    (0..beats.first().map_or(0, |it| it.len()))
        .map(at)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ecg::{LeadName, SampleRate},
        signal::{detect_beats, testing},
    };

    #[test]
    fn the_dominant_shape_is_found_and_others_are_counted() {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let mut samples = testing::ecg(500.0, 12.0, 1.0, |n| {
            0.02 * testing::noise(n) + 0.5 * (n as f64 / 700.0).sin()
        });
        let (fourth, odd) = (rate.samples_in(0.5 + 0.8 * 4.0), testing::wide_beat(500.0));
        for (k, value) in odd.iter().enumerate() {
            samples[fourth - 100 + k] = *value;
        }
        let set = LeadSet::new(rate, vec![Lead::measured(LeadName::II, samples)]).unwrap();
        let median = median_beat(&set, &detect_beats(&set)).unwrap();
        assert_eq!(
            (median.used, median.rejected),
            (13, 1),
            "{:?}",
            detect_beats(&set).peaks()
        );
        let beat = levelled(&median.leads.leads()[0].samples_mv);
        let clean = testing::ecg(500.0, 2.0, 1.0, |_| 0.0);
        let expected = levelled(&clean[650 - median.r_index..650 - median.r_index + beat.len()]);
        assert!(
            0.995 < correlation(&beat, &expected),
            "{}",
            correlation(&beat, &expected)
        );
        assert!((median.rr_s.unwrap() - 0.8).abs() < 0.005);
    }

    #[test]
    fn an_early_ectopic_beat_is_not_part_of_the_beat_before_it() {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let normal: Vec<f64> = (0..8)
            .flat_map(|it| [3.0 * f64::from(it) + 1.0, 3.0 * f64::from(it) + 3.0])
            .collect();
        let ectopic: Vec<f64> = (0..8).map(|it| 3.0 * f64::from(it) + 1.5).collect();
        let bump = |t: f64, centre: f64, width: f64| (-((t - centre) / width).powi(2)).exp();
        let value = |t: f64| {
            let own: f64 = normal
                .iter()
                .map(|it| bump(t, *it, 0.01) + 0.3 * bump(t, it + 0.26, 0.04))
                .sum();
            own - 1.5 * ectopic.iter().map(|it| bump(t, *it, 0.05)).sum::<f64>()
        };
        let samples: Vec<f32> = (0..12_500)
            .map(|it| value(it as f64 / 500.0) as f32)
            .collect();
        let set = LeadSet::new(rate, vec![Lead::measured(LeadName::II, samples)]).unwrap();
        let peaks = normal
            .iter()
            .chain(&ectopic)
            .map(|it| (it * 500.0) as usize)
            .collect();
        let median = median_beat(&set, &BeatGrid::new(rate, peaks)).unwrap();
        assert_eq!((median.used, median.rejected), (16, 8));
        let beat = &median.leads.leads()[0].samples_mv;
        let at = |seconds: f64| {
            beat[median.r_index + (seconds * 500.0) as usize] - beat[median.r_index + 200]
        };
        assert!(
            (at(0.0) - 1.0).abs() < 0.05 && (at(0.26) - 0.3).abs() < 0.05 && at(0.5).abs() < 0.05,
            "{} {}",
            at(0.26),
            at(0.5)
        );
    }

    #[test]
    fn nothing_comes_of_nothing() {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let flat = LeadSet::new(rate, vec![Lead::measured(LeadName::II, vec![0.0; 5000])]).unwrap();
        assert_eq!(median_beat(&flat, &BeatGrid::new(rate, vec![])), None);
        assert_eq!(
            median_beat(&flat, &BeatGrid::new(rate, vec![3, 4999])),
            None
        );
        let gap = LeadSet::new(
            rate,
            vec![Lead::measured(LeadName::II, vec![f32::NAN; 5000])],
        )
        .unwrap();
        assert!(
            median_beat(&gap, &BeatGrid::new(rate, vec![1000, 1500])).is_some_and(|it| it
                .leads
                .leads()[0]
                .samples_mv[0]
                .is_nan())
        );
    }
}
