//! The end of T by the tangent: where the line of T's steepest descent meets the level before QRS
//! (Lepeschkin and Surawicz 1952). Shorter than the end by a threshold where T fades slowly.

use super::{
    delineation::Delineation,
    filter::Section,
    gaps,
    leads::{ecg_leads, not_synthesised},
    median::MedianBeat,
};
use crate::ecg::statistics;

/// T waves lower than this have no tangent to speak of, mV.
const LEAST_T_MV: f64 = 0.1;
/// What lies above this is no part of T, Hz.
const T_BAND_HZ: f64 = 15.0;
/// How far past the end by threshold a tangent may end, and how far before the peak never.
const LATEST_S: f64 = 0.06;

/// Onset of QRS to the end of T by the tangent, ms: the median over the leads whose T is tall
/// enough.
pub(super) fn qt_tangent_ms(beat: &MedianBeat, waves: &Delineation) -> Option<f64> {
    let rate = beat.leads.rate();
    let t = waves.t?;
    let last = (t.end + rate.samples_in(LATEST_S)).min(beat.leads.n_samples().checked_sub(2)?);
    let of_lead = |samples_mv: &[f32]| {
        let level = beat.level_before(samples_mv, waves.qrs.onset)?;
        let raw = gaps::bridged(samples_mv)?;
        let slow = Section::low_pass(T_BAND_HZ, rate).zero_phase(&raw);
        let away = |at: usize| slow[at] - level;
        let peak =
            (t.onset.max(1)..t.end).max_by(|a, b| away(*a).abs().total_cmp(&away(*b).abs()))?;
        let sign = away(peak).signum();
        let fall = |at: usize| sign * (slow[at - 1] - slow[at + 1]) / 2.0;
        let steepest = (peak..last).max_by(|a, b| fall(*a).total_cmp(&fall(*b)))?;
        let end = steepest as f64 + sign * away(steepest) / fall(steepest);
        let is_sound = LEAST_T_MV <= away(peak).abs() && (peak as f64..last as f64).contains(&end);
        is_sound.then_some(end)
    };
    let leads = not_synthesised(ecg_leads(&beat.leads)).into_iter();
    let mut ends: Vec<f64> = leads.filter_map(|lead| of_lead(&lead.samples_mv)).collect();
    let end = statistics::median(&mut ends)?;
    Some(1000.0 * (end - waves.qrs.onset as f64) / rate.hz())
}

#[cfg(test)]
mod tests {
    use crate::{
        ecg::{Lead, LeadName, LeadSet, SampleRate},
        signal::{Measurements, analyse, testing},
    };

    /// The test beat's T is a Gaussian of σ 45 ms at 270 ms: its tangent ends 2 σ after the peak,
    /// its threshold later.
    #[test]
    fn the_tangent_of_a_gaussian_ends_two_deviations_after_its_peak() {
        let lead = |name: LeadName, gain: f64| {
            Lead::measured(name, testing::ecg(500.0, 10.0, gain, |_| 0.0))
        };
        let leads = vec![lead(LeadName::II, 1.0), lead(LeadName::V5, 1.4)];
        let leads = LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads).unwrap();
        let found = analyse(&leads);
        let table = Measurements::of(&found);
        let by_tangent = table.qt_tangent_ms.unwrap();
        let onset_to_r = 2.0
            * (found.median.as_ref().unwrap().r_index - found.intervals.qrs_onset.unwrap()) as f64;
        assert!(
            (by_tangent - onset_to_r - 360.0).abs() < 8.0,
            "{by_tangent} {onset_to_r}"
        );
        assert!(by_tangent + 10.0 < table.qt_ms.unwrap());
    }
}
