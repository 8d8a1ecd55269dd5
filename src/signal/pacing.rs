//! Spikes of a pacemaker: found, and bridged before anything else is looked for.
//!
//! A spike lasts a sample or two: its bend (second difference, root mean square over leads) stands
//! far above any bend beside it. The tip of a narrow R does so too at times; it lies at the fiducial
//! point, a spike lies before it. A single disturbance has no beat that follows it at the interval
//! of others.

use super::leads::{ecg_leads, not_synthesised};
use crate::ecg::{BeatGrid, Lead, LeadSet, SampleRate};

/// Below this rate a spike is no longer a spike.
const LEAST_HZ: f64 = 400.0;
/// Bend of the smallest spike, mV.
const LEAST_BEND_MV: f64 = 0.05;
/// How far a bend stands above those beside it: at least, and where one spike has to speak for
/// itself.
const LEAST_RATIO: f64 = 3.0;
const SURE_RATIO: f64 = 8.0;
/// Seconds before and after a bend that belong to it (what follows may ring), and those to either
/// side that it is compared with.
const OWN_S: [f64; 2] = [0.009, 0.024];
const BESIDE_S: f64 = 0.07;
/// Seconds from a spike to the fiducial point of the beat that it starts; less where the bend is
/// larger than any R has.
const DELAY_S: std::ops::Range<f64> = 0.032..0.36;
const LEAST_DELAY_S: f64 = 0.016;
const HUGE_MV: f64 = 1.0;
/// Spikes of one lead of the pacemaker come at delays within this of one another, seconds.
const SPREAD_S: f64 = 0.012;
/// What is bridged before and after a spike, seconds.
const BRIDGE_S: [f64; 2] = [0.006, 0.02];

/// A bend that stands out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bend {
    pub(super) at: usize,
    ratio: f64,
    size_mv: f64,
}

/// Bends of the recorded leads that may be spikes.
pub(super) fn sharp_bends(leads: &LeadSet) -> Vec<Bend> {
    let rate = leads.rate();
    if rate.hz() < LEAST_HZ {
        return Vec::new();
    }
    let bends = bends_mv(&not_synthesised(ecg_leads(leads)), rate);
    let [before, after, beside] = [OWN_S[0], OWN_S[1], BESIDE_S].map(|it| rate.samples_in(it));
    let largest = |from: usize, to: usize| bends[from..to].iter().copied().fold(0.0, f64::max);
    let inside = beside..bends.len().saturating_sub(beside);
    let mut found: Vec<Bend> = Vec::new();
    for at in inside.filter(|at| LEAST_BEND_MV <= bends[*at]) {
        let around = largest(at - beside, at - before).max(largest(at + after, at + beside));
        let ratio = bends[at] / (around + 0.001);
        if ratio < LEAST_RATIO {
            continue;
        }
        let size_mv = bends[at];
        let bend = Bend { at, ratio, size_mv };
        match found.last_mut().filter(|last| at - last.at <= after) {
            Some(last) if last.ratio < ratio => *last = bend,
            Some(_) => {}
            None => found.push(bend),
        }
    }
    found
}

/// Root mean square over leads of the second difference over 2 ms.
fn bends_mv(leads: &[&Lead], rate: SampleRate) -> Vec<f64> {
    let step = rate.samples_in(0.002).max(1);
    let n = leads.first().map_or(0, |lead| lead.samples_mv.len());
    let mut squares = vec![0.0; n];
    for lead in leads {
        let samples = &lead.samples_mv;
        for at in step..n.saturating_sub(step) {
            let bend = f64::from(samples[at - step] - 2.0 * samples[at] + samples[at + step]);
            if bend.is_finite() {
                squares[at] += bend * bend;
            }
        }
    }
    let count = leads.len().max(1) as f64;
    squares.iter().map(|it| f64::sqrt(it / count)).collect()
}

/// Which of `bends` are spikes that start a beat of `beats`, in order of time: those that share
/// their delay with others, and single ones beyond doubt.
pub(super) fn spikes(bends: &[Bend], beats: &BeatGrid) -> Vec<usize> {
    let rate = beats.rate();
    let delay = |bend: &Bend| {
        let next = beats.peaks().partition_point(|peak| *peak <= bend.at);
        let least = if HUGE_MV <= bend.size_mv {
            LEAST_DELAY_S
        } else {
            DELAY_S.start
        };
        let at_a_beat = beats.peaks()[..next]
            .last()
            .is_some_and(|peak| rate.seconds_at(bend.at - peak) < least);
        let after = rate.seconds_at(beats.peaks().get(next)? - bend.at);
        (!at_a_beat && (least..DELAY_S.end).contains(&after)).then_some(after)
    };
    let timed: Vec<(Bend, f64)> = bends
        .iter()
        .filter_map(|bend| Some((*bend, delay(bend)?)))
        .collect();
    let companions = |delay: f64| {
        let near = |other: &&(Bend, f64)| (other.1 - delay).abs() <= SPREAD_S;
        timed.iter().filter(near).count()
    };
    timed
        .iter()
        .filter(|(bend, delay)| 3 <= companions(*delay) || SURE_RATIO <= bend.ratio && *delay < 0.1)
        .map(|(bend, _)| bend.at)
        .collect()
}

/// The leads with straight lines in the place of `spikes`.
pub(super) fn bridged(leads: &LeadSet, spikes: &[usize]) -> LeadSet {
    if spikes.is_empty() {
        return leads.clone();
    }
    let [before, after] = BRIDGE_S.map(|it| leads.rate().samples_in(it));
    let bridge = |lead: &Lead| {
        let mut samples = lead.samples_mv.to_vec();
        for at in spikes {
            let (from, to) = (
                at.saturating_sub(before),
                (at + after).min(samples.len() - 1),
            );
            let (start, stop) = (samples[from], samples[to]);
            let step = (stop - start) / (to - from).max(1) as f32;
            for (k, sample) in samples[from..to].iter_mut().enumerate() {
                *sample = start + step * k as f32;
            }
        }
        Lead {
            samples_mv: samples.into(),
            ..lead.clone()
        }
    };
    LeadSet::new(leads.rate(), leads.leads().iter().map(bridge).collect())
        .unwrap_or_else(|_| leads.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ecg::{LeadName, SampleRate},
        signal::{analyse, testing},
    };

    /// Twelve beats at 500 Hz, a spike of 2 mV 60 ms before those of `paced`.
    fn exam(paced: &[usize]) -> LeadSet {
        let lead = |name: LeadName, gain: f64| {
            let spike = |n: usize| paced.iter().any(|beat| 250 + 400 * beat == n + 30);
            let extra = |n: usize| f64::from(u8::from(spike(n))) * 2.0 * gain;
            Lead::measured(name, testing::ecg(500.0, 10.0, gain, extra))
        };
        let leads = vec![lead(LeadName::II, 1.0), lead(LeadName::V2, -0.9)];
        LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads).unwrap()
    }

    fn check(paced: &[usize], rate_of_all: usize) {
        let found = analyse(&exam(paced));
        let expected: Vec<usize> = paced.iter().map(|beat| 220 + 400 * beat).collect();
        assert_eq!(found.spikes, expected);
        assert_eq!(found.rhythm.unwrap().paced_beats, paced.len());
        assert_eq!(found.beats.peaks().len(), rate_of_all);
    }

    #[test]
    fn spikes_are_found_all_some_one_or_none() {
        check(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 12);
        check(&[2, 5, 8], 12);
        check(&[6], 12);
        check(&[], 12);
    }

    #[test]
    fn what_is_bridged_is_as_it_would_be_without_spikes() {
        let found = analyse(&exam(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]));
        let plain = analyse(&exam(&[]));
        let [paced_ms, plain_ms] = [&found, &plain].map(|it| it.intervals.qrs_ms.unwrap());
        assert!((paced_ms - plain_ms).abs() <= 8.0, "{paced_ms} {plain_ms}");
    }
}
