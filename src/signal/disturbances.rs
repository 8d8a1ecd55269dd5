//! Movement that passes for beats: a peak of another shape than the beats around it, where these
//! leave no room for a beat. An early ectopic beat is followed by a pause, or comes in the place of
//! a beat, or is seen in nearly all leads; it stays.

use std::ops::Range;

use super::{
    median::{levelled, most_alike},
    metrics::correlation,
};
use crate::ecg::{Lead, LeadName, SampleRate, statistics};

/// Seconds around the fiducial point that shapes are compared in, and by which they are shifted.
const SHAPE_S: f64 = 0.06;
const SHIFTS_S: [f64; 5] = [0.0, -0.006, 0.006, -0.012, 0.012];
/// Beats this alike the dominant one are beyond doubt.
const ALIKE: f64 = 0.7;
/// The same of one view by itself, and the share of views that is enough.
const SURELY_ALIKE: f64 = 0.85;
const ENOUGH_VIEWS: f64 = 0.4;
/// Height of a lead in an ectopic beat over that in a usual one, and how many leads keep to it.
const SHARES: std::ops::Range<f32> = 0.35..4.0;
const MOST_LEADS: f64 = 0.8;
/// Beats beyond doubt that lie no further apart than this (in typical intervals) have no other
/// between them; one that is not between two of them lies at least so far from one.
const NEIGHBOURS: f64 = 1.45;
const APART: f64 = 0.6;

/// The peaks, in order of time, without those that are movement.
pub(super) fn without_disturbances(
    leads: &[&Lead],
    peaks: Vec<usize>,
    rate: SampleRate,
) -> Vec<usize> {
    let views = Views::of(leads);
    let sure = sure_beats(leads, &views, &peaks, rate);
    let mut intervals: Vec<f64> = sure.windows(2).map(|it| (it[1] - it[0]) as f64).collect();
    let Some(typical) = statistics::median(&mut intervals).filter(|_| peaks.len() < 3 * sure.len())
    else {
        return peaks;
    };
    let mut kept = sure.clone();
    let ends = [None].into_iter().chain(sure.iter().copied().map(Some));
    for (before, after) in ends.zip(sure.iter().copied().map(Some).chain([None])) {
        let from = before.map_or(0, |before| peaks.partition_point(|at| *at <= before));
        let to = after.map_or(peaks.len(), |after| peaks.partition_point(|at| *at < after));
        let between = peaks[from..to.max(from)].to_vec();
        kept.extend(views.beats_among(between, before, after, typical, rate));
    }
    kept.sort_unstable();
    kept
}

/// What the heart is seen in: the leads, and the differences of neighbouring chest leads, in which
/// no movement of a limb's electrode shows.
struct Views<'a>(Vec<View<'a>>);

/// A lead, or a lead less another.
type View<'a> = (&'a [f32], Option<&'a [f32]>);

impl<'a> Views<'a> {
    fn of(leads: &[&'a Lead]) -> Self {
        let chest: Vec<&Lead> = LeadName::CHEST
            .iter()
            .filter_map(|name| leads.iter().find(|lead| lead.name == *name).copied())
            .collect();
        let alone = leads.iter().map(|lead| (&lead.samples_mv[..], None));
        let pairs = chest.windows(2);
        let apart = pairs.map(|pair| (&pair[0].samples_mv[..], Some(&pair[1].samples_mv[..])));
        Self(alone.chain(apart).collect())
    }

    /// One view's samples within `window`.
    fn part(view: &View, window: Range<usize>) -> Vec<f32> {
        let plus = view.0.get(window.clone()).unwrap_or_default();
        let Some(minus) = view.1.and_then(|it| it.get(window)) else {
            return plus.to_vec();
        };
        plus.iter().zip(minus).map(|(a, b)| a - b).collect()
    }

    /// Which of the peaks between two sure beats are beats: those that nearly all views take part
    /// in, as in an ectopic beat that is interpolated, and as many others as there is room for,
    /// those first that more views take part in. Movement is that of one electrode.
    fn beats_among(
        &self,
        mut peaks: Vec<usize>,
        before: Option<usize>,
        after: Option<usize>,
        typical: f64,
        rate: SampleRate,
    ) -> Vec<usize> {
        let Some(beat) = before.or(after) else {
            return peaks;
        };
        let room = match (before, after) {
            (Some(before), Some(after)) => {
                let gap = (after - before) as f64 / typical;
                if gap < NEIGHBOURS {
                    0
                } else {
                    gap.round() as usize - 1
                }
            }
            _ => {
                peaks.retain(|at| APART * typical < at.abs_diff(beat) as f64);
                let far = peaks.iter().map(|at| at.abs_diff(beat)).max().unwrap_or(0);
                (far as f64 / typical).ceil() as usize
            }
        };
        let mut ranked: Vec<(f64, usize)> = peaks
            .iter()
            .map(|at| (self.share_that_takes_part(*at, beat, rate), *at))
            .collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        let stays = ranked
            .iter()
            .enumerate()
            .filter(|(rank, (share, _))| *rank < room || MOST_LEADS <= *share);
        stays.map(|(_, (_, at))| *at).collect()
    }

    /// Share of the views that are about as high at `at` as in the beat at `beat`.
    fn share_that_takes_part(&self, at: usize, beat: usize, rate: SampleRate) -> f64 {
        let reach = rate.samples_in(SHAPE_S);
        let n = self.0.first().map_or(0, |it| it.0.len());
        let height = |view: &View, at: usize| {
            let part = Self::part(view, at.saturating_sub(reach)..(at + reach).min(n));
            let (low, high) = part
                .iter()
                .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), mv| {
                    (low.min(*mv), high.max(*mv))
                });
            high - low
        };
        let takes_part = |view: &&View<'a>| {
            let share = height(view, at) / height(view, beat).max(0.05);
            SHARES.contains(&share)
        };
        let part = self.0.iter().filter(takes_part).count();
        part as f64 / self.0.len().max(1) as f64
    }
}

/// Beats of the dominant shape: in all leads together, or in enough views by themselves.
fn sure_beats(leads: &[&Lead], views: &Views, peaks: &[usize], rate: SampleRate) -> Vec<usize> {
    let reach = rate.samples_in(SHAPE_S).max(2);
    let margin = reach + rate.samples_in(0.012);
    let n = leads.first().map_or(0, |lead| lead.samples_mv.len());
    let inside = |at: &usize| margin <= *at && at + margin < n;
    let whole: Vec<usize> = peaks.iter().copied().filter(inside).collect();
    let window = |at: usize| at - reach..at + reach + 1;
    let Some(template_at) = most_alike(leads, &whole, &window) else {
        return Vec::new();
    };
    let shape = |at: usize| -> Vec<Vec<f32>> {
        let parts = views.0.iter();
        parts
            .map(|view| levelled(&Views::part(view, window(at))))
            .collect()
    };
    let template = shape(template_at);
    let shifts: Vec<isize> = SHIFTS_S
        .iter()
        .map(|s| (s * rate.hz()).round() as isize)
        .collect();
    let is_alike = |at: &usize| {
        let moved = shifts
            .iter()
            .filter_map(|shift| at.checked_add_signed(*shift));
        moved.map(shape).any(|moved| {
            let together = correlation(
                &template[..leads.len()].concat(),
                &moved[..leads.len()].concat(),
            );
            let each = template.iter().zip(&moved);
            let alike = each
                .filter(|(a, b)| SURELY_ALIKE <= correlation(a, b))
                .count();
            ALIKE <= together || ENOUGH_VIEWS * template.len() as f64 <= alike as f64
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
