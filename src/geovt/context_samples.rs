//! A recording as the residual path reads it: leads without their baseline at
//! [`super::INTERNAL_RATE_HZ`], and of each instant a few neighbours. No query changes any of it,
//! so it is made once per recording.

/// Neighbours of an instant that are looked at, in samples: up to 304 ms on either side, which tells
/// in what part of the beat it is.
const LAGS: [isize; ContextSamples::N_LAGS] =
    [-38, -25, -16, -8, -4, -2, -1, 0, 1, 2, 4, 8, 16, 25, 38];
/// Other instants that changes are counted to, in samples: up to 64 ms on either side.
const CHANGES: [isize; ContextSamples::N_CHANGES] = [-8, -4, -2, -1, 1, 2, 4, 8];
/// Half-width of each of the two running means whose difference from the signal is its baseline:
/// half a second.
const HALF: usize = 62;

/// Leads of one recording, ready for any query.
#[derive(Clone, Debug, PartialEq)]
pub struct ContextSamples {
    leads: Vec<Vec<f32>>,
    /// Whether an instant and all its neighbours are known in every lead.
    whole: Vec<bool>,
    /// The same of the neighbours that changes are counted to.
    whole_near: Vec<bool>,
    /// How much each instant belongs to each phase of the beat.
    phases: Vec<[f64; ContextSamples::N_PHASES]>,
}

impl ContextSamples {
    /// Neighbours of an instant, itself among them.
    pub const N_LAGS: usize = 15;
    /// Other instants that changes are counted to.
    pub const N_CHANGES: usize = 8;
    /// Phases of the beat that a mix may depart in.
    pub const N_PHASES: usize = 4;
    /// How far a sample sees, in samples on either side: two running means and the longest lag.
    pub const REACH: usize = 2 * HALF + 38;

    /// From samples at [`super::INTERNAL_RATE_HZ`], all of one length, and the phases of as many
    /// instants; a gap is `NaN`.
    pub fn new(leads: &[&[f32]], mut phases: Vec<[f64; Self::N_PHASES]>) -> Self {
        let time = leads.iter().map(|it| it.len()).min().unwrap_or(0);
        let known = |t: isize| {
            usize::try_from(t)
                .ok()
                .filter(|it| *it < time)
                .is_none_or(|t| leads.iter().all(|it| it[t].is_finite()))
        };
        let finite: Vec<bool> = (0..time as isize).map(known).collect();
        let around = |t: usize, lags: &[isize]| {
            lags.iter().chain(&[0]).all(|lag| {
                t.checked_add_signed(*lag)
                    .and_then(|it| finite.get(it))
                    .is_none_or(|it| *it)
            })
        };
        phases.resize(time, [0.0; Self::N_PHASES]);
        Self {
            phases,
            leads: leads.iter().map(|it| high_passed(&it[..time])).collect(),
            whole: (0..time).map(|it| around(it, &LAGS)).collect(),
            whole_near: (0..time).map(|it| around(it, &CHANGES)).collect(),
        }
    }

    /// Instants.
    pub fn time(&self) -> usize {
        self.whole.len()
    }

    /// The leads without baseline; a gap is zero.
    pub fn leads(&self) -> &[Vec<f32>] {
        &self.leads
    }

    /// Whether an instant and its neighbours are known in every lead.
    pub fn whole(&self) -> &[bool] {
        &self.whole
    }

    /// Whether an instant and those that changes are counted to are known in every lead.
    pub fn whole_near(&self) -> &[bool] {
        &self.whole_near
    }

    /// Writes instant `at` to as much of `out` as there is: the leads, then how they differ from that
    /// at each instant in turn that changes are counted to. Beyond an end a lead stays as it was
    /// there; near a gap nothing differs.
    pub fn with_changes(&self, at: usize, out: &mut [f32]) {
        let last = self.time().saturating_sub(1);
        let mut groups = out.chunks_mut(self.leads.len().max(1));
        let level = groups.next().into_iter().flatten().zip(&self.leads);
        level.for_each(|(to, lead)| *to = lead[at]);
        for (group, lag) in groups.zip(CHANGES) {
            let near = if self.whole_near[at] {
                at.saturating_add_signed(lag).min(last)
            } else {
                at
            };
            let changes = group.iter_mut().zip(&self.leads);
            changes.for_each(|(to, lead)| *to = lead[near] - lead[at]);
        }
    }

    /// How much each instant belongs to each phase of the beat.
    pub fn phases(&self) -> &[[f64; Self::N_PHASES]] {
        &self.phases
    }

    /// Writes the neighbours of instant `at` of a lead to `out`; zero beyond the ends.
    pub fn neighbours(&self, lead: usize, at: usize, out: &mut [f32]) {
        neighbours(&self.leads[lead], at, out);
    }

    /// The neighbours of instant `at`, themselves; `None` beyond the ends.
    pub fn around(&self, at: usize) -> [Option<usize>; Self::N_LAGS] {
        LAGS.map(|lag| at.checked_add_signed(lag).filter(|it| *it < self.time()))
    }
}

/// Writes the neighbours of instant `at` of a signal to `out`; zero beyond the ends.
pub(super) fn neighbours(samples: &[f32], at: usize, out: &mut [f32]) {
    for (to, lag) in out.iter_mut().zip(LAGS) {
        *to = at
            .checked_add_signed(lag)
            .and_then(|it| samples.get(it))
            .copied()
            .unwrap_or(0.0);
    }
}

/// The signal without its baseline (a running mean of running means over one second each); a gap is
/// zero. A finite reach, so that the middle of a long recording comes out as in a short one.
fn high_passed(samples: &[f32]) -> Vec<f32> {
    let baseline = running_mean(&running_mean(samples));
    let above = |(it, base): (&f32, &f32)| if it.is_finite() { it - base } else { 0.0 };
    samples.iter().zip(&baseline).map(above).collect()
}

/// Mean of the finite samples within [`HALF`]; zero where there are none.
fn running_mean(samples: &[f32]) -> Vec<f32> {
    let mut sums = Vec::with_capacity(samples.len() + 1);
    sums.push((0.0f64, 0u32));
    let mut last = (0.0f64, 0u32);
    for it in samples {
        if it.is_finite() {
            last = (last.0 + f64::from(*it), last.1 + 1);
        }
        sums.push(last);
    }
    let mean = |at: usize| {
        let (from, to) = (
            sums[at.saturating_sub(HALF)],
            sums[(at + HALF + 1).min(samples.len())],
        );
        ((to.0 - from.0) / f64::from((to.1 - from.1).max(1))) as f32
    };
    (0..samples.len()).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(from: usize, n: usize) -> Vec<f32> {
        (from..from + n)
            .map(|t| (t as f32 * 0.3).sin() + 0.01 * t as f32)
            .collect()
    }

    #[test]
    fn a_baseline_goes_and_the_signal_stays() {
        let found = high_passed(&wave(0, 1000));
        assert!(
            (300..700).all(|t| (found[t] - (t as f32 * 0.3).sin()).abs() < 0.02),
            "{:?}",
            &found[300..310]
        );
    }

    #[test]
    fn the_middle_of_a_long_recording_is_as_in_a_short_one() {
        let (long, short) = (high_passed(&wave(0, 2000)), high_passed(&wave(500, 800)));
        let reach = 2 * HALF;
        assert!((reach..800 - reach).all(|t| (long[500 + t] - short[t]).abs() < 1e-4));
    }

    #[test]
    fn gaps_are_zero_and_tell_their_neighbours() {
        let mut holed = wave(0, 600);
        holed[300] = f32::NAN;
        let taps = ContextSamples::new(&[&holed, &wave(3, 600)], Vec::new());
        assert!(taps.leads()[0][300] == 0.0 && taps.leads()[1][300] != 0.0);
        let unsure: Vec<usize> = (0..600).filter(|it| !taps.whole()[*it]).collect();
        assert_eq!(
            unsure,
            [
                262, 275, 284, 292, 296, 298, 299, 300, 301, 302, 304, 308, 316, 325, 338
            ]
        );
        let unsure: Vec<usize> = (0..600).filter(|it| !taps.whole_near()[*it]).collect();
        assert_eq!(unsure, [292, 296, 298, 299, 300, 301, 302, 304, 308]);
    }

    #[test]
    fn changes_follow_the_leads_and_are_none_near_a_gap() {
        let mut samples = ContextSamples {
            leads: vec![vec![1.0, 2.0, 4.0], vec![0.0, 5.0, 9.0]],
            whole: vec![true; 3],
            whole_near: vec![true; 3],
            phases: vec![[0.0; ContextSamples::N_PHASES]; 3],
        };
        let mut out = [0.5; 2 * (1 + ContextSamples::N_CHANGES)];
        samples.with_changes(1, &mut out);
        let changes = [-1.0, -5.0, -1.0, -5.0, -1.0, -5.0, -1.0, -5.0];
        assert_eq!((&out[..2], &out[2..10]), (&[2.0, 5.0][..], &changes[..]));
        assert_eq!(out[10..], [2.0, 4.0, 2.0, 4.0, 2.0, 4.0, 2.0, 4.0]);
        samples.with_changes(2, &mut out[..2]);
        assert_eq!(out[..4], [4.0, 9.0, -1.0, -5.0], "as much as asked");
        samples.whole_near[1] = false;
        samples.with_changes(1, &mut out);
        assert_eq!((&out[..2], &out[2..]), (&[2.0, 5.0][..], &[0.0; 16][..]));
    }

    #[test]
    fn neighbours_stop_at_the_ends() {
        let samples = ContextSamples {
            leads: vec![vec![1.0, 2.0, 3.0]],
            whole: vec![true; 3],
            whole_near: vec![true; 3],
            phases: vec![[0.0; ContextSamples::N_PHASES]; 3],
        };
        let mut out = [1.0; ContextSamples::N_LAGS];
        samples.neighbours(0, 1, &mut out);
        assert_eq!(out[..6], [0.0; 6]);
        assert_eq!(out[6..9], [1.0, 2.0, 3.0]);
        assert_eq!(out[9..], [0.0; 6]);
        let inside: Vec<usize> = samples.around(1).into_iter().flatten().collect();
        assert_eq!(inside, [0, 1, 2]);
    }
}
