//! Where the QRS complexes are, from any subset of leads.
//!
//! Each lead's slope in the QRS band is scaled by its own typical QRS and weighted by how far that
//! stands out of the lead's own background, so a noisy or loose lead loses its vote. The sum is
//! compared with a threshold that follows the recording.

use super::{disturbances::without_disturbances, filter::Section, gaps::bridged, leads::ecg_leads};
use crate::ecg::{
    BeatGrid, Lead, LeadSet, SampleRate,
    statistics::{median, quantile},
};

/// QRS band, Hz.
const BAND_HZ: (f64, f64) = (7.0, 28.0);
/// A QRS whose power spreads by more than this (standard deviation) is a wide one.
const WIDE_S: f64 = 0.023;
/// Width of the smoothing window over the slope: about a QRS.
const WINDOW_S: f64 = 0.09;
/// No two beats within this.
const REFRACTORY_S: f64 = 0.2;
/// Length of the blocks whose largest slope is the typical QRS.
const BLOCK_S: f64 = 2.0;
/// A lead whose typical QRS does not exceed its background by this factor holds no visible QRS:
/// noise reaches 2.4, one lead in a hundred of PTB-XL stays below 7.4 (both measured with the
/// smoothing below).
const LEAST_CONTRAST: f64 = 3.0;
/// A lead whose in-band peak stays below this is taken as flat, mV.
const LEAST_PEAK_MV: f64 = 0.015;
/// Share of the typical QRS that a beat must reach, and a share that is enough where one is
/// overdue.
const THRESHOLD: f64 = 0.34;
const OVERDUE_THRESHOLD: f64 = 0.17;
/// A gap of this many typical intervals is searched again.
const OVERDUE: f64 = 1.6;

/// Finds the QRS complexes; the fiducial point is the largest in-band excursion over all leads.
/// Synthesised leads take no part.
pub fn detect_beats(leads: &LeadSet) -> BeatGrid {
    let rate = leads.rate();
    let mut votes = LeadVotes {
        total: 0.0,
        slope: vec![0.0; leads.n_samples()],
        excursion: vec![0.0; leads.n_samples()],
    };
    let recorded: Vec<&Lead> = ecg_leads(leads)
        .into_iter()
        .filter(|lead| !lead.origin.is_synthesised())
        .collect();
    recorded
        .iter()
        .filter_map(|lead| LeadDetector::new(&lead.samples_mv, rate))
        .for_each(|detector| votes.add(&detector));
    if votes.total == 0.0 {
        return BeatGrid::new(rate, Vec::new());
    }
    let activity = smoothed(&votes.slope, rate.samples_in(WINDOW_S).max(1));
    let candidates = peaks(&activity, rate.samples_in(REFRACTORY_S).max(1));
    let levels = Levels::new(&activity, rate);
    let accepted = choose(&candidates, &activity, &levels, rate);
    let fiducials = accepted
        .into_iter()
        .map(|at| fiducial(&votes.excursion, at, rate));
    let mut peaks: Vec<usize> = fiducials.collect();
    peaks.sort_unstable();
    BeatGrid::new(rate, without_disturbances(&recorded, peaks, rate))
}

/// Weighted sums over the leads; one lead at a time, so that a day of twelve leads does not fill
/// the memory.
struct LeadVotes {
    total: f64,
    slope: Vec<f64>,
    excursion: Vec<f64>,
}

impl LeadVotes {
    fn add(&mut self, detector: &LeadDetector) {
        self.total += detector.weight;
        for (sums, values) in [
            (&mut self.slope, &detector.slope),
            (&mut self.excursion, &detector.excursion),
        ] {
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum += detector.weight * value;
            }
        }
    }
}

/// One lead's slope and excursion in the QRS band, in units of its typical QRS, and its weight.
struct LeadDetector {
    weight: f64,
    slope: Vec<f64>,
    excursion: Vec<f64>,
}

impl LeadDetector {
    fn new(samples_mv: &[f32], rate: SampleRate) -> Option<Self> {
        let gap_share = samples_mv.iter().filter(|it| !it.is_finite()).count() as f64
            / samples_mv.len().max(1) as f64;
        if 0.8 < gap_share || rate.hz() < 2.5 * BAND_HZ.1 {
            return None;
        }
        let raw = bridged(samples_mv)?;
        let high = Section::high_pass(BAND_HZ.0, rate).zero_phase(&raw);
        let band = Section::low_pass(BAND_HZ.1, rate).zero_phase(&high);
        let reach = rate.samples_in(0.006).max(1);
        let slope: Vec<f64> = (0..band.len())
            .map(|it| {
                (band[(it + reach).min(band.len() - 1)] - band[it.saturating_sub(reach)]).abs()
            })
            .collect();
        let excursion: Vec<f64> = band.iter().map(|it| it.abs()).collect();
        let (typical_slope, typical_peak) = (
            typical_maximum(&slope, rate)?,
            typical_maximum(&excursion, rate)?,
        );
        let width = rate.samples_in(WINDOW_S).max(1);
        let mut calm = smoothed(&slope, width);
        let contrast = typical_maximum(&calm, rate)? / median(&mut calm)?.max(1e-9);
        if contrast < LEAST_CONTRAST || typical_peak < LEAST_PEAK_MV {
            return None;
        }
        let scaled = |values: Vec<f64>, typical: f64| {
            values
                .into_iter()
                .map(|it| (it / typical).min(2.0))
                .collect()
        };
        Some(Self {
            weight: contrast.min(30.0),
            slope: scaled(slope, typical_slope),
            excursion: scaled(excursion, typical_peak),
        })
    }
}

/// Median over blocks of the largest value in each.
fn typical_maximum(values: &[f64], rate: SampleRate) -> Option<f64> {
    let mut maxima: Vec<f64> = values
        .chunks(rate.samples_in(BLOCK_S).max(1))
        .map(|it| it.iter().copied().fold(0.0, f64::max))
        .collect();
    median(&mut maxima)
}

/// Centred moving mean.
fn smoothed(values: &[f64], width: usize) -> Vec<f64> {
    let half = width / 2;
    let mut sums = Vec::with_capacity(values.len() + 1);
    sums.push(0.0);
    for value in values {
        sums.push(sums[sums.len() - 1] + value);
    }
    let mean = |idx: usize| {
        let (from, to) = (idx.saturating_sub(half), (idx + half + 1).min(values.len()));
        (sums[to] - sums[from]) / (to - from) as f64
    };
    (0..values.len()).map(mean).collect()
}

/// Local maxima, the largest first chosen, none within `refractory` of a larger one; in order of
/// time.
fn peaks(values: &[f64], refractory: usize) -> Vec<usize> {
    let is_peak = |it: &usize| {
        let before = it.checked_sub(1).map_or(f64::MIN, |at| values[at]);
        let after = values.get(it + 1).copied().unwrap_or(f64::MIN);
        before < values[*it] && after <= values[*it]
    };
    let mut by_size: Vec<usize> = (0..values.len()).filter(is_peak).collect();
    by_size.sort_by(|a, b| values[*b].total_cmp(&values[*a]));
    let mut taken = std::collections::BTreeSet::new();
    for at in by_size {
        if taken
            .range(at.saturating_sub(refractory)..=at + refractory)
            .next()
            .is_none()
        {
            taken.insert(at);
        }
    }
    taken.into_iter().collect()
}

/// The typical QRS activity around each place.
struct Levels {
    block: usize,
    typical: Vec<f64>,
}

impl Levels {
    fn new(activity: &[f64], rate: SampleRate) -> Self {
        let block = rate.samples_in(BLOCK_S).max(1);
        let maxima: Vec<f64> = activity
            .chunks(block)
            .map(|it| it.iter().copied().fold(0.0, f64::max))
            .collect();
        let around = |idx: usize| {
            let mut near = maxima[idx.saturating_sub(4)..(idx + 5).min(maxima.len())].to_vec();
            quantile(&mut near, 0.4).unwrap_or(0.0)
        };
        Self {
            block,
            typical: (0..maxima.len()).map(around).collect(),
        }
    }

    fn at(&self, idx: usize) -> f64 {
        self.typical[(idx / self.block).min(self.typical.len() - 1)]
    }
}

fn choose(candidates: &[usize], activity: &[f64], levels: &Levels, rate: SampleRate) -> Vec<usize> {
    let size = |at: usize| activity[at] / levels.at(at).max(1e-12);
    let mut beats: Vec<usize> = Vec::new();
    for at in candidates
        .iter()
        .copied()
        .filter(|it| THRESHOLD <= size(*it))
    {
        let too_soon = beats
            .last()
            .is_some_and(|last| at - last < rate.samples_in(0.36) && size(at) < 0.5 * size(*last));
        if !too_soon {
            beats.push(at);
        }
    }
    let mut intervals: Vec<f64> = beats.windows(2).map(|it| (it[1] - it[0]) as f64).collect();
    let Some(typical) = median(&mut intervals) else {
        return beats;
    };
    let overdue: Vec<usize> = beats
        .windows(2)
        .filter(|it| OVERDUE * typical < (it[1] - it[0]) as f64)
        .filter_map(|it| {
            let guard = (0.45 * typical) as usize;
            let inside = candidates
                .iter()
                .copied()
                .filter(|at| it[0] + guard < *at && *at + guard < it[1]);
            inside
                .max_by(|a, b| activity[*a].total_cmp(&activity[*b]))
                .filter(|at| OVERDUE_THRESHOLD <= size(*at))
        })
        .collect();
    beats.extend(overdue);
    beats
}

/// Largest excursion near the peak of activity; of a wide QRS, whose leads culminate up to 50 ms
/// apart, the centre.
fn fiducial(excursion: &[f64], at: usize, rate: SampleRate) -> usize {
    let reach = rate.samples_in(0.07);
    let near = at.saturating_sub(reach)..(at + reach + 1).min(excursion.len());
    // Mean of `value` over samples, each weighted by a power of the excursion there.
    let weighted = |power: i32, value: &dyn Fn(f64) -> f64| {
        let (sum, total) = near.clone().fold((0.0, 0.0), |sums, at| {
            let weight = excursion[at].powi(power);
            (sums.0 + weight * value(at as f64), sums.1 + weight)
        });
        sum / total.max(1e-12)
    };
    let middle = weighted(2, &|at| at);
    let spread = weighted(2, &|at| (at - middle).powi(2)).sqrt();
    if WIDE_S * rate.hz() < spread {
        return weighted(1, &|at| at).round() as usize;
    }
    near.max_by(|a, b| excursion[*a].total_cmp(&excursion[*b]))
        .unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ecg::{Lead, LeadName},
        signal::testing::{ecg, noise},
    };

    fn check(rate_hz: f64, leads: Vec<(LeadName, Vec<f32>)>) {
        let rate = SampleRate::from_hz(rate_hz).unwrap();
        let set = LeadSet::new(
            rate,
            leads
                .into_iter()
                .map(|(name, samples)| Lead::measured(name, samples))
                .collect(),
        )
        .unwrap();
        let found = detect_beats(&set);
        assert_eq!(found.peaks().len(), 12, "{:?}", found.peaks());
        for (k, at) in found.peaks().iter().enumerate() {
            let off = rate.seconds_at(*at) - 0.5 - 0.8 * k as f64;
            assert!(off.abs() < 0.012, "beat {k} is off by {off} s");
        }
    }

    #[test]
    fn any_rate_any_size_any_sign() {
        for rate in [100.0, 250.0, 500.0, 1000.0] {
            check(rate, vec![(LeadName::II, ecg(rate, 10.0, 1.0, |_| 0.0))]);
        }
        check(500.0, vec![(LeadName::V1, ecg(500.0, 10.0, -4.0, |_| 0.0))]);
        check(500.0, vec![(LeadName::I, ecg(500.0, 10.0, 0.1, |_| 0.0))]);
    }

    #[test]
    fn noise_wander_mains_and_a_loose_lead() {
        check(
            500.0,
            vec![(LeadName::II, ecg(500.0, 10.0, 1.0, |n| 0.12 * noise(n)))],
        );
        check(
            500.0,
            vec![(
                LeadName::II,
                ecg(500.0, 10.0, 1.0, |n| {
                    2.0 * (n as f64 / 900.0).sin() + 0.1 * (n as f64 * 0.628).sin()
                }),
            )],
        );
        let loose = ecg(500.0, 10.0, 0.0, |n| 3.0 * noise(n) * noise(n / 300));
        check(
            500.0,
            vec![
                (LeadName::V3, loose),
                (LeadName::II, ecg(500.0, 10.0, 1.0, |n| 0.05 * noise(n))),
            ],
        );
    }

    #[test]
    fn nothing_is_found_where_nothing_is() {
        let rate = SampleRate::from_hz(500.0).unwrap();
        for samples in [
            vec![0.0; 5000],
            vec![f32::NAN; 5000],
            (0..5000).map(|n| noise(n) as f32).collect(),
            vec![1.0],
        ] {
            let set = LeadSet::new(rate, vec![Lead::measured(LeadName::II, samples)]).unwrap();
            assert_eq!(detect_beats(&set).peaks(), &[] as &[usize]);
        }
    }
}
