//! Movement that passes for beats: a peak of another shape than the beats around it, where these
//! follow one another as usual without it. An early ectopic beat is followed by a pause, or comes
//! in the place of a beat; it stays.

use super::{
    gaps,
    median::{levelled, most_alike},
    metrics::correlation,
};
use crate::ecg::{Lead, SampleRate};

/// Seconds around the fiducial point that shapes are compared in, and by which they are shifted.
const SHAPE_S: f64 = 0.06;
const SHIFTS_S: [f64; 5] = [0.0, -0.006, 0.006, -0.012, 0.012];
/// Beats this alike the dominant one are beyond doubt.
const ALIKE: f64 = 0.7;
/// Height of a lead in an ectopic beat over that in a usual one, and how many leads keep to it.
const SHARES: std::ops::Range<f32> = 0.35..4.0;
const MOST_LEADS: f64 = 0.9;
/// Beats beyond doubt that lie no further apart than this (in typical intervals) have no other
/// between them; one that is not between two of them lies at least so far from one.
const NEIGHBOURS: f64 = 1.45;
const APART: f64 = 0.6;

/// The peaks without those that are movement.
pub(super) fn without_disturbances(
    leads: &[&Lead],
    peaks: Vec<usize>,
    rate: SampleRate,
) -> Vec<usize> {
    let sure = sure_beats(leads, &peaks, rate);
    let mut intervals: Vec<f64> = sure.windows(2).map(|it| (it[1] - it[0]) as f64).collect();
    let Some(typical) = gaps::median(&mut intervals).filter(|_| peaks.len() < 3 * sure.len())
    else {
        return peaks;
    };
    let stays = |peak: &usize| {
        let next = sure.partition_point(|at| at < peak);
        let after = sure.get(next).copied();
        let before = next.checked_sub(1).map(|at| sure[at]);
        match (before, after) {
            (_, Some(at)) if at == *peak => true,
            (Some(before), Some(after)) => {
                NEIGHBOURS * typical < (after - before) as f64
                    || is_of_all_leads(leads, *peak, before, rate)
            }
            (Some(at), None) | (None, Some(at)) => APART * typical < at.abs_diff(*peak) as f64,
            (None, None) => true,
        }
    };
    peaks.iter().copied().filter(stays).collect()
}

/// Whether nearly all leads take part in the peak at `at` about as in the beat at `beat`, as in an
/// ectopic beat that is interpolated; movement is that of one electrode.
fn is_of_all_leads(leads: &[&Lead], at: usize, beat: usize, rate: SampleRate) -> bool {
    let reach = rate.samples_in(SHAPE_S);
    let height = |lead: &Lead, at: usize| {
        let from = at.saturating_sub(reach);
        let part = lead
            .samples_mv
            .get(from..(at + reach).min(lead.samples_mv.len()));
        let (low, high) = part
            .unwrap_or_default()
            .iter()
            .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), mv| {
                (low.min(*mv), high.max(*mv))
            });
        high - low
    };
    let takes_part = |lead: &&&Lead| {
        let share = height(lead, at) / height(lead, beat).max(0.05);
        SHARES.contains(&share)
    };
    MOST_LEADS * leads.len() as f64 <= leads.iter().filter(takes_part).count() as f64
}

/// Beats of the dominant shape.
fn sure_beats(leads: &[&Lead], peaks: &[usize], rate: SampleRate) -> Vec<usize> {
    let reach = rate.samples_in(SHAPE_S).max(2);
    let margin = reach + rate.samples_in(0.012);
    let n = leads.first().map_or(0, |lead| lead.samples_mv.len());
    let inside = |at: &usize| margin <= *at && at + margin < n;
    let whole: Vec<usize> = peaks.iter().copied().filter(inside).collect();
    let window = |at: usize| at - reach..at + reach + 1;
    let Some(template_at) = most_alike(leads, &whole, &window) else {
        return Vec::new();
    };
    let shape = |at: usize| -> Vec<f32> {
        let parts = leads.iter();
        parts
            .flat_map(|lead| levelled(&lead.samples_mv[window(at)]))
            .collect()
    };
    let template = shape(template_at);
    let shifts: Vec<isize> = SHIFTS_S
        .iter()
        .map(|s| (s * rate.hz()).round() as isize)
        .collect();
    let is_alike = |at: &usize| {
        shifts.iter().any(|shift| {
            let moved = at.checked_add_signed(*shift).map(shape);
            moved.is_some_and(|moved| ALIKE <= correlation(&template, &moved))
        })
    };
    whole.into_iter().filter(is_alike).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ecg::LeadName, signal::testing};

    /// Beats every 0.8 s at 500 Hz in two leads, and at `extra` a bump in one or both.
    fn check(extra: usize, in_both: bool, without: Option<usize>, stays: bool) {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let lead = |name: LeadName, has_bump: bool| {
            let mut samples = testing::ecg(500.0, 10.0, 1.0, |_| 0.0);
            for (k, value) in testing::wide_beat(500.0).iter().enumerate() {
                samples[extra - 100 + k] += if has_bump { *value } else { 0.0 };
            }
            Lead::measured(name, samples)
        };
        let leads = [lead(LeadName::I, in_both), lead(LeadName::II, true)];
        let mut peaks: Vec<usize> = (0..12).map(|k| 250 + 400 * k).collect();
        peaks.retain(|peak| Some(*peak) != without);
        peaks.push(extra);
        peaks.sort_unstable();
        let found = without_disturbances(&leads.each_ref(), peaks, rate);
        assert_eq!(found.contains(&extra), stays, "{extra}: {found:?}");
        assert!(found.contains(&650) && found.contains(&3050), "{found:?}");
    }

    #[test]
    fn movement_of_one_lead_goes_and_ectopic_beats_stay() {
        check(2050, false, None, false);
        check(2050, true, None, true);
        check(1750, false, Some(1850), true);
    }
}
