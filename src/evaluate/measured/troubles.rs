//! Dead leads, plateaus, motion, and the time that it takes: disturbances added to recordings.

use std::{path::Path, time::Instant};

use super::{super::EvaluateError, data::records};
use crate::{
    ecg::{Lead, LeadName, LeadSet},
    signal::{LeadTrouble, Measurements, analyse, quality_of},
};

/// Noise of a dead lead: standard deviation, mV.
const DEAD_MV: f64 = 0.003;

/// The table: how many dead and clipped leads are told, how many whole ones, and the time per
/// recording.
pub(super) fn table(folder: &Path) -> Result<String, EvaluateError> {
    let records = records(folder)?;
    let mut text = String::from("trouble | n | told, %\n");
    let mut line = |name: &str, what: LeadTrouble, change: &dyn Fn(&Lead) -> Lead| {
        let told = records.iter().filter(|record| {
            let changed = record.leads.leads().iter().map(|lead| match lead.name {
                LeadName::V2 => change(lead),
                _ => lead.clone(),
            });
            let leads = LeadSet::new(record.leads.rate(), changed.collect());
            let leads = leads.unwrap_or_else(|_| record.leads.clone());
            let quality = quality_of(&leads, &analyse(&leads));
            let v2 = quality.leads.iter().find(|lead| lead.name == LeadName::V2);
            v2.is_some_and(|lead| lead.has(what))
        });
        let share = 100.0 * told.count() as f64 / records.len() as f64;
        text += &format!("{name} | {} | {share:.1}\n", records.len());
    };
    let like = |lead: &Lead, samples: Vec<f32>| Lead::measured(lead.name.clone(), samples);
    line("V2 flat with 3 µV of noise", LeadTrouble::Flat, &|lead| {
        like(
            lead,
            (0..lead.samples_mv.len())
                .map(|n| (DEAD_MV * normal(n)) as f32)
                .collect(),
        )
    });
    line("V2 as it is, flat", LeadTrouble::Flat, &Lead::clone);
    line(
        "V2 cut at 0.7 of its extremes",
        LeadTrouble::Saturated,
        &|lead| {
            let finite = || lead.samples_mv.iter().copied().filter(|it| it.is_finite());
            let (high, low) = (finite().fold(0.0, f32::max), finite().fold(0.0, f32::min));
            let cut = lead
                .samples_mv
                .iter()
                .map(|mv| mv.clamp(0.7 * low, 0.7 * high));
            like(lead, cut.collect())
        },
    );
    line("V2 as it is, cut", LeadTrouble::Saturated, &Lead::clone);
    let start = Instant::now();
    for record in &records {
        let found = analyse(&record.leads);
        std::hint::black_box(Measurements::of(&found));
        std::hint::black_box(quality_of(&record.leads, &found));
    }
    let ms = 1000.0 * start.elapsed().as_secs_f64() / records.len() as f64;
    text += &format!("time per recording, all measured on one core: {ms:.1} ms\n");
    Ok(text)
}

/// About normal noise that is the same on every machine.
fn normal(n: usize) -> f64 {
    let mut hash = n as u64 + 1;
    let mut even = || {
        hash = (hash ^ (hash >> 30))
            .wrapping_mul(0xBF58_476D_1CE4_E5B9)
            .wrapping_add(0x9E37);
        hash = (hash ^ (hash >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (hash >> 11) as f64 / (1u64 << 53) as f64
    };
    (0..12).map(|_| even()).sum::<f64>() - 6.0
}
