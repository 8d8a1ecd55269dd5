//! Beats found while electrodes move: R peaks of LUDB's unpaced records with steps of potential at
//! every electrode.

use std::path::Path;

use super::{
    super::EvaluateError,
    beats::Counts,
    data::records,
    dice::Dice,
    intervals::{bounds, waves},
};
use crate::{
    ecg::{Lead, LeadName, LeadSet},
    signal::analyse,
};

/// Largest steps, mV, and how many a second at each of the nine electrodes.
const TRIED: [(f64, f64); 4] = [(1.0, 0.5), (2.0, 0.5), (1.0, 1.0), (2.0, 1.0)];
/// How fast a step fades, seconds.
const FADING_S: f64 = 0.3;

/// The table: sensitivity and positive predictive value.
pub(super) fn table(folder: &Path) -> Result<String, EvaluateError> {
    let (bounds, records) = (bounds(folder)?, records(folder)?);
    let unpaced = records
        .iter()
        .enumerate()
        .filter(|(_, record)| record.column("Cardiac pacing").is_empty());
    let marked: Vec<(u64, &LeadSet, Vec<i64>)> = unpaced
        .filter_map(|(row, record)| {
            let waves = waves(bounds.get(&row.to_string())?, "N", 60);
            let peaks = waves.iter().map(|wave| wave.peak).collect();
            Some((row as u64, &record.leads, peaks))
        })
        .collect();
    let mut text =
        String::from("steps up to | a second | marked | sensitivity, % | predictive value, %\n");
    for (size_mv, per_s) in TRIED {
        let mut counts = Counts::default();
        for (row, leads, peaks) in &marked {
            let moved = with_steps(leads, size_mv, per_s, &mut Dice::new(*row));
            counts.add(peaks, &analyse(&moved).beats, leads.rate());
        }
        text += &counts.line(&format!("{size_mv} mV | {per_s}"));
    }
    Ok(text)
}

/// The eight leads with steps at RA, LA, LL and V1 to V6, and the four that follow.
fn with_steps(leads: &LeadSet, size_mv: f64, per_s: f64, dice: &mut Dice) -> LeadSet {
    let n = leads.n_samples();
    let electrodes: [Vec<f64>; 9] =
        std::array::from_fn(|_| steps(n, leads.rate().hz(), size_mv, per_s, dice));
    let [ra, la, ll, ..] = &electrodes;
    let moved = |(nth, name): (usize, &LeadName)| {
        let lead = leads.get(name)?;
        let at = |(at, mv): (usize, &f32)| {
            let moved_mv = match nth {
                0 => la[at] - ra[at],
                1 => ll[at] - ra[at],
                chest => electrodes[chest + 1][at] - (ra[at] + la[at] + ll[at]) / 3.0,
            };
            mv + moved_mv as f32
        };
        let samples: Vec<f32> = lead.samples_mv.iter().enumerate().map(at).collect();
        Some(Lead::measured(name.clone(), samples))
    };
    let moved = LeadName::EIGHT.iter().enumerate().filter_map(moved);
    LeadSet::new(leads.rate(), moved.collect())
        .map_or_else(|_| leads.clone(), LeadSet::with_derived_limb_leads)
}

/// Steps at random times, of even size up to `size_mv` either way, that fade exponentially.
fn steps(n: usize, rate_hz: f64, size_mv: f64, per_s: f64, dice: &mut Dice) -> Vec<f64> {
    let kept = (-1.0 / (FADING_S * rate_hz)).exp();
    let mut level = 0.0;
    let next = |_| {
        level *= kept;
        if dice.even() < per_s / rate_hz {
            level += size_mv * (2.0 * dice.even() - 1.0);
        }
        level
    };
    (0..n).map(next).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::SampleRate;

    #[test]
    fn steps_keep_einthovens_law_and_move_every_lead() {
        let silent = |name: LeadName| Lead::measured(name, vec![0.0; 5000]);
        let leads = LeadName::EIGHT.into_iter().map(silent).collect();
        let leads = LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads).unwrap();
        let moved = with_steps(&leads, 2.0, 1.0, &mut Dice::new(3));
        assert_eq!(moved.leads().len(), 12);
        for lead in moved.leads() {
            let tallest = lead
                .samples_mv
                .iter()
                .fold(0.0f32, |top, mv| top.max(mv.abs()));
            assert!((0.3..12.0).contains(&tallest), "{}: {tallest}", lead.name);
        }
    }
}
