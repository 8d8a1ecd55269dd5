//! Where P, QRS and T of the median beat begin, culminate and end: over all leads together and lead
//! by lead.
//!
//! A global bound is the earliest onset or the latest end that at least two leads share, as readers
//! mark it: one noisy lead does not move it. It is found on the root mean square over leads of the
//! slope, which rises above a few µV per ms where a reader sees a wave begin. The constants were
//! chosen on LUDB's odd records (`docs/measurements.md`).

use std::ops::Range;

use super::{
    filter::Section,
    leads::{ecg_leads, not_synthesised},
    median::MedianBeat,
};
use crate::ecg::{Lead, LeadName, SampleRate, statistics};

/// Onset, peak and end of a wave, samples of the median beat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Wave {
    /// First sample of the wave.
    pub onset: usize,
    /// Where it is largest.
    pub peak: usize,
    /// First sample after it; of QRS the J point.
    pub end: usize,
}

impl Wave {
    /// Samples from onset to end.
    pub fn range(&self) -> Range<usize> {
        self.onset..self.end
    }

    /// From onset to end, ms.
    pub fn length_ms(&self, rate: SampleRate) -> f64 {
        1000.0 * rate.seconds_at(self.end - self.onset)
    }
}

/// Waves of one lead.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadWaves {
    /// Which lead.
    pub name: LeadName,
    /// P, where it stands out of this lead.
    pub p: Option<Wave>,
    /// QRS, where it stands out of this lead.
    pub qrs: Option<Wave>,
    /// T, where it stands out of this lead.
    pub t: Option<Wave>,
}

/// Waves of a median beat.
#[derive(Clone, Debug, PartialEq)]
pub struct Delineation {
    /// The bump before QRS, if there is one. Whether it is a P wave is for the rhythm to say.
    pub p: Option<Wave>,
    /// QRS over all leads.
    pub qrs: Wave,
    /// T over all leads.
    pub t: Option<Wave>,
    /// Each lead by itself, synthesised ones among them.
    pub leads: Vec<LeadWaves>,
}

impl Delineation {
    /// Without P in all leads: the rhythm has none.
    pub(super) fn forget_p(&mut self) {
        self.p = None;
        for lead in &mut self.leads {
            lead.p = None;
        }
    }
}

impl Delineation {
    /// The waves of one lead of a median beat at `rate`, looked for within the global ones.
    pub(super) fn of_lead(&self, lead: &Lead, rate: SampleRate) -> LeadWaves {
        let samples = &lead.samples_mv;
        let raw: Vec<f64> = samples.iter().map(|mv| f64::from(*mv)).collect();
        let is_whole = self.qrs.end < raw.len() && raw.iter().all(|mv| mv.is_finite());
        let found = |wave: Option<Wave>, corner_hz: f64, share: f64, least_mv: f64| {
            let wave = wave.filter(|wave| is_whole && wave.end < raw.len())?;
            let slopes = Slopes::new(std::slice::from_ref(&raw), corner_hz, 0.004, rate);
            within(&slopes, wave, share, least_mv)
        };
        LeadWaves {
            name: lead.name.clone(),
            p: found(self.p, 25.0, 0.2, 0.015),
            qrs: found(Some(self.qrs), 40.0, 0.06, 0.03),
            t: found(self.t, 8.0, T_SHARE, 0.03),
        }
    }
}

/// Slopes below which nothing is seen, µV per ms as root mean square over leads.
const QRS_ONSET_UV_MS: f64 = 1.5;
const QRS_END_UV_MS: f64 = 2.0;
const P_ONSET_UV_MS: f64 = 0.4;
const P_END_UV_MS: f64 = 0.45;
/// The same as a share of the steepest slope of QRS, and of the descent of T.
const QRS_SHARE: f64 = 0.02;
const T_SHARE: f64 = 0.2;
/// What the smoothing adds to each bound, seconds.
const QRS_ONSET_LATE_S: f64 = 0.0055;
const QRS_END_EARLY_S: f64 = 0.0015;
const P_ONSET_LATE_S: f64 = 0.003;
const P_END_LATE_S: f64 = 0.008;
const T_END_LATE_S: f64 = 0.0065;
/// Least height of a bump before QRS, mV as root mean square over leads.
const LEAST_P_MV: f64 = 0.018;
/// Least height of T above the level before QRS, likewise.
const LEAST_T_MV: f64 = 0.03;

/// Millivolts of the recorded leads that have no gap.
fn whole_leads(beat: &MedianBeat) -> Vec<Vec<f64>> {
    let whole = |lead: &&Lead| lead.samples_mv.iter().all(|sample| sample.is_finite());
    let leads = not_synthesised(ecg_leads(&beat.leads)).into_iter();
    let mv = |lead: &Lead| lead.samples_mv.iter().map(|it| f64::from(*it)).collect();
    leads.filter(whole).map(mv).collect()
}

/// Finds the waves of a median beat; `None` where no lead is whole.
pub fn delineate(beat: &MedianBeat) -> Option<Delineation> {
    let rate = beat.leads.rate();
    let raw = whole_leads(beat);
    if raw.first()?.len() < rate.samples_in(0.2) {
        return None;
    }
    let sharp = Slopes::new(&raw, 40.0, 0.004, rate);
    let qrs = qrs(&sharp, beat.r_index, rate)?;
    let p = p_wave(
        &Slopes::new(&raw, 25.0, 0.008, rate),
        &Slopes::new(&raw, 40.0, 0.008, rate),
        qrs.onset,
        rate,
    );
    let next_p = p
        .zip(beat.rr_s)
        .map(|(p, rr)| p.onset + rate.samples_in(rr));
    let t = t_wave(&Slopes::new(&raw, 8.0, 0.008, rate), &qrs, beat, next_p);
    let mut waves = Delineation {
        p,
        qrs,
        t,
        leads: Vec::new(),
    };
    let leads = beat.leads.leads().iter();
    waves.leads = leads.map(|lead| waves.of_lead(lead, rate)).collect();
    Some(waves)
}

/// Smoothed leads and the root mean square over them of their slopes.
struct Slopes {
    leads: Vec<Vec<f64>>,
    uv_per_ms: Vec<f64>,
}

impl Slopes {
    /// Slopes over `reach_s` to either side of leads smoothed below `corner_hz`.
    fn new(raw: &[Vec<f64>], corner_hz: f64, reach_s: f64, rate: SampleRate) -> Self {
        let smooth = |lead: &Vec<f64>| {
            if corner_hz < 0.45 * rate.hz() {
                Section::low_pass(corner_hz, rate).zero_phase(lead)
            } else {
                lead.clone()
            }
        };
        let leads: Vec<Vec<f64>> = raw.iter().map(smooth).collect();
        let reach = rate.samples_in(reach_s).max(1);
        let n = leads.first().map_or(0, Vec::len);
        let uv_per_ms = (0..n).map(|at| {
            root_mean_square(
                leads
                    .iter()
                    .map(|lead| slope_uv_per_ms(lead, at, reach, rate)),
            )
        });
        Self {
            uv_per_ms: uv_per_ms.collect(),
            leads,
        }
    }

    fn steepest(&self, within: Range<usize>) -> Option<usize> {
        within.max_by(|a, b| self.uv_per_ms[*a].total_cmp(&self.uv_per_ms[*b]))
    }

    /// Backwards from `from` to the first sample that, with `held` before it, is not steeper than
    /// `limit`; where there is none, the flattest place.
    fn calm_before(&self, from: usize, least: usize, limit: f64, held: usize) -> usize {
        let least = least.min(from);
        (least..=from)
            .rev()
            .find(|at| self.is_calm(at.saturating_sub(held)..=*at, limit))
            .unwrap_or_else(|| self.flattest(least..=from))
    }

    fn calm_after(&self, from: usize, most: usize, limit: f64, held: usize) -> usize {
        let last = self.uv_per_ms.len() - 1;
        let most = most.min(last).max(from);
        (from..=most)
            .find(|at| self.is_calm(*at..=(at + held).min(last), limit))
            .unwrap_or_else(|| self.flattest(from..=most))
    }

    fn is_calm(&self, mut range: std::ops::RangeInclusive<usize>, limit: f64) -> bool {
        range.all(|at| self.uv_per_ms[at] <= limit)
    }

    fn flattest(&self, range: std::ops::RangeInclusive<usize>) -> usize {
        let first = *range.start();
        range
            .min_by(|a, b| self.uv_per_ms[*a].total_cmp(&self.uv_per_ms[*b]))
            .unwrap_or(first)
    }
}

fn slope_uv_per_ms(lead: &[f64], at: usize, reach: usize, rate: SampleRate) -> f64 {
    let (from, to) = (at.saturating_sub(reach), (at + reach).min(lead.len() - 1));
    // mV per second are µV per ms.
    (lead[to] - lead[from]) / rate.seconds_at((to - from).max(1))
}

fn root_mean_square(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = values.fold((0.0, 0.0), |s, it| (s.0 + it * it, s.1 + 1.0));
    f64::sqrt(sum / f64::max(n, 1.0))
}

/// From the steepest point outwards until the slope stays low.
fn qrs(slopes: &Slopes, r_index: usize, rate: SampleRate) -> Option<Wave> {
    let n = slopes.uv_per_ms.len();
    let near = rate.samples_in(0.08);
    let steepest = slopes.steepest(r_index.saturating_sub(near)..(r_index + near).min(n))?;
    let top = slopes.uv_per_ms[steepest];
    let before = r_index.saturating_sub(rate.samples_in(0.14)).max(1);
    let quiet = statistics::quantile(&mut slopes.uv_per_ms[..before.min(n)].to_vec(), 0.2)?;
    let limit = |least: f64| least.max(QRS_SHARE * top).max(1.5 * quiet).min(0.3 * top);
    let held = rate.samples_in(0.008).max(1);
    let reach = rate.samples_in(0.14);
    let calm = slopes.calm_before(
        steepest,
        steepest.saturating_sub(reach),
        limit(QRS_ONSET_UV_MS),
        held,
    );
    let onset = calm.saturating_sub(rate.samples_in(QRS_ONSET_LATE_S));
    let calm = slopes.calm_after(
        steepest,
        steepest + reach + reach / 2,
        limit(QRS_END_UV_MS),
        held,
    );
    let end = (calm + rate.samples_in(QRS_END_EARLY_S)).min(n - 1);
    (onset < end).then_some(Wave {
        onset,
        peak: r_index.clamp(onset, end),
        end,
    })
}

/// The bump before QRS, where it stands out of the line from the end of the T before it to QRS.
/// Its onset is read from the smoother slopes: it must not follow the noise of the long flat part
/// before it.
fn p_wave(smooth: &Slopes, sharp: &Slopes, onset: usize, rate: SampleRate) -> Option<Wave> {
    let first = onset.saturating_sub(rate.samples_in(0.3)).max(2);
    let last = onset
        .checked_sub(rate.samples_in(0.024))
        .filter(|last| first + 8 < *last)?;
    let height = bulge(&smooth.leads, first, onset);
    let peak = (first..last).max_by(|a, b| height[*a].total_cmp(&height[*b]))?;
    if peak < first + rate.samples_in(0.02) || height[peak] < LEAST_P_MV {
        return None;
    }
    let reach = rate.samples_in(0.08);
    let rise = smooth.steepest(peak.saturating_sub(reach).max(first)..peak + 1)?;
    let fall = sharp.steepest(peak..(peak + reach).min(last.max(peak + 1)))?;
    let start = smooth.p_start(rise, rate);
    let end = sharp.p_end(fall, last, onset, rate);
    let start = start.saturating_sub(rate.samples_in(P_ONSET_LATE_S));
    let end = end.saturating_sub(rate.samples_in(P_END_LATE_S)).min(onset);
    (start < peak && peak < end).then_some(Wave {
        onset: start,
        peak,
        end,
    })
}

/// A P wave may have two humps: a second one within this is part of it, where its slope is between
/// these shares of the first one's.
const HUMP_S: f64 = 0.05;
const HUMP_SHARE: Range<f64> = 0.45..1.3;

impl Slopes {
    /// Where the P that rises at `rise` begins.
    fn p_start(&self, rise: usize, rate: SampleRate) -> usize {
        let top = self.uv_per_ms[rise];
        let limit = P_ONSET_UV_MS.max(0.2 * top);
        let [far, hump] = [0.06, HUMP_S].map(|it| rate.samples_in(it));
        let start = |rise: usize| self.calm_before(rise, rise.saturating_sub(far).max(2), limit, 0);
        let found = start(rise);
        let earlier = self.steepest(found.saturating_sub(hump)..found);
        earlier
            .filter(|at| HUMP_SHARE.contains(&(self.uv_per_ms[*at] / top)))
            .map(start)
            .filter(|at| self.uv_per_ms[*at] <= limit)
            .unwrap_or(found)
    }

    /// Where the P that falls at `fall` ends, before `last` if it has a second hump and before
    /// `onset` in any case.
    fn p_end(&self, fall: usize, last: usize, onset: usize, rate: SampleRate) -> usize {
        let top = self.uv_per_ms[fall];
        let limit = P_END_UV_MS.max(0.1 * top);
        let end = |fall: usize| self.calm_after(fall, onset, limit, 0);
        let found = end(fall);
        let later = self.steepest(found..(found + rate.samples_in(HUMP_S)).min(last));
        later
            .filter(|at| HUMP_SHARE.contains(&(self.uv_per_ms[*at] / top)))
            .map(end)
            .filter(|at| self.uv_per_ms[*at] <= limit && *at < last)
            .unwrap_or(found)
    }
}

/// Root mean square over leads of the distance from the straight line between two places; 0
/// outside them.
fn bulge(leads: &[Vec<f64>], from: usize, to: usize) -> Vec<f64> {
    let n = leads.first().map_or(0, Vec::len);
    let distance = |lead: &Vec<f64>, at: usize| {
        let share = (at - from) as f64 / (to - from) as f64;
        lead[at] - lead[from] - (lead[to] - lead[from]) * share
    };
    (0..n)
        .map(|at| {
            if (from..=to).contains(&at) {
                root_mean_square(leads.iter().map(|lead| distance(lead, at)))
            } else {
                0.0
            }
        })
        .collect()
}

/// The largest deflection after QRS; it ends where the slope has fallen to a fifth of its steepest
/// descent.
fn t_wave(slopes: &Slopes, qrs: &Wave, beat: &MedianBeat, next_p: Option<usize>) -> Option<Wave> {
    let rate = beat.leads.rate();
    let n = slopes.uv_per_ms.len();
    let latest = beat
        .rr_s
        .map_or(n, |rr| beat.r_index + rate.samples_in(0.8 * rr))
        .min(next_p.unwrap_or(n))
        .min(n);
    let first = qrs.end + rate.samples_in(0.06);
    let last = latest
        .checked_sub(rate.samples_in(0.012))
        .filter(|last| first + rate.samples_in(0.04) < *last)?;
    let level_from = qrs.onset.saturating_sub(rate.samples_in(0.016));
    let level = |lead: &Vec<f64>| statistics::mean(&lead[level_from..=qrs.onset]);
    let levels: Vec<f64> = slopes.leads.iter().map(level).collect();
    let above = |at: usize| {
        let of_lead = |(lead, level): (&Vec<f64>, &f64)| lead[at] - level;
        root_mean_square(slopes.leads.iter().zip(&levels).map(of_lead))
    };
    let height: Vec<f64> = (0..last).map(above).collect();
    // A raised ST segment may stand higher than T itself.
    let first = (first..last - 1)
        .find(|at| height[*at] < height[at + 1])
        .unwrap_or(first);
    let peak = (first..last).max_by(|a, b| height[*a].total_cmp(&height[*b]))?;
    if height[peak] < LEAST_T_MV || last <= peak + 4 {
        return None;
    }
    let fall = slopes.steepest(peak..(peak + rate.samples_in(0.15)).min(latest))?;
    let limit = T_SHARE * slopes.uv_per_ms[fall];
    let end = slopes.calm_after(fall, (fall + rate.samples_in(0.16)).min(latest), limit, 0);
    let end = end.saturating_sub(rate.samples_in(T_END_LATE_S));
    let rise = slopes.steepest(first..peak.max(first + 1))?;
    let onset = slopes.calm_before(rise, first.min(rise), T_SHARE * slopes.uv_per_ms[rise], 0);
    (onset <= peak && peak < end).then_some(Wave { onset, peak, end })
}

/// The part of `wave` where this lead is steeper than `share` of its steepest there; `None` where
/// it stays within `least_mv`.
fn within(slopes: &Slopes, wave: Wave, share: f64, least_mv: f64) -> Option<Wave> {
    let lead = slopes.leads.first()?;
    let (start, stop) = (lead[wave.onset], lead[wave.end]);
    let line = |at: usize| {
        start + (stop - start) * (at - wave.onset) as f64 / (wave.end - wave.onset).max(1) as f64
    };
    let away = |at: usize| (lead[at] - line(at)).abs();
    let peak = wave.range().max_by(|a, b| away(*a).total_cmp(&away(*b)))?;
    let limit = share * slopes.uv_per_ms[slopes.steepest(wave.range())?];
    let steep = |at: &usize| limit < slopes.uv_per_ms[*at];
    let onset = wave.range().find(steep)?;
    let end = 1 + wave.range().rev().find(steep)?;
    (least_mv <= away(peak) && onset < end).then_some(Wave {
        onset,
        peak: peak.clamp(onset, end),
        end,
    })
}
