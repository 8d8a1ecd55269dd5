//! Dead leads, plateaus, motion, and the time that it takes: disturbances added to recordings.

use std::{path::Path, time::Instant};

use super::{super::EvaluateError, data::records, dice::Dice};
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
        like(lead, {
            let mut dice = Dice::new(1);
            let dead = lead.samples_mv.iter();
            dead.map(|_| (DEAD_MV * dice.normal()) as f32).collect()
        })
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
    let before_s = core_s(start);
    for record in &records {
        let found = analyse(&record.leads);
        std::hint::black_box(Measurements::of(&found));
        std::hint::black_box(quality_of(&record.leads, &found));
    }
    let ms = 1000.0 * (core_s(start) - before_s) / records.len() as f64;
    text += &format!("time of one core per recording, all measured: {ms:.1} ms\n");
    Ok(text)
}

/// Seconds that this thread has had a core to itself (Linux); elsewhere, and where the system does
/// not say, seconds on the clock.
fn core_s(start: Instant) -> f64 {
    let ran_ns = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let ran_ns = ran_ns.and_then(|it| it.split(' ').next()?.parse::<f64>().ok());
    ran_ns.map_or_else(|| start.elapsed().as_secs_f64(), |ns| 1e-9 * ns)
}
