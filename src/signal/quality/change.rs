//! How the second half of a recording differs from the first: calibration sees the first, scores
//! come from the second.

use super::super::{MedianBeat, median::levelled, median_beat, metrics::correlation, sign::Sign};
use crate::ecg::{BeatGrid, LeadSet};

/// Compares rate and shape between the halves.
pub(super) fn rhythm_change(leads: &LeadSet, beats: &BeatGrid) -> Option<Sign> {
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
