//! Exchanged electrodes: how many are found where two were exchanged by arithmetic, and how many
//! are told of recordings as they are.

use std::path::Path;

use super::{
    super::EvaluateError,
    data::{Record, records},
};
use crate::{
    ecg::LeadSet,
    signal::{Exchange, Sign, quality},
};

const TRIED: [(&str, Exchange); 6] = [
    ("RA/LA", Exchange::RightArmLeftArm),
    ("RA/LL", Exchange::RightArmLeftLeg),
    ("LA/LL", Exchange::LeftArmLeftLeg),
    ("V1/V2", Exchange::Neighbours(1)),
    ("V2/V3", Exchange::Neighbours(2)),
    ("V3/V4", Exchange::Neighbours(3)),
];

/// The table, over every `stride`-th record in sinus rhythm of the split; false alarms in flutter
/// over all of them.
pub(super) fn table(folder: &Path, split: &str, stride: usize) -> Result<String, EvaluateError> {
    let records = records(folder)?;
    let of_split = || records.iter().filter(|it| it.column("split") == split);
    let sinus: Vec<&Record> = of_split()
        .filter(|it| it.is_sinus())
        .step_by(stride.max(1))
        .collect();
    let flutter: Vec<&Record> = of_split().filter(|it| it.has_label("AFLT")).collect();
    let mut text = String::from("exchange | n | told, % | told rightly, %\n");
    let mut line = |name: &str, told: &[Vec<Exchange>], right: Option<Exchange>| {
        let share = |of: &dyn Fn(&Vec<Exchange>) -> bool| {
            100.0 * told.iter().filter(|it| of(it)).count() as f64 / told.len().max(1) as f64
        };
        let any = share(&|told| match right {
            Some(exchange) => told
                .iter()
                .any(|it| it.is_of_limbs() == exchange.is_of_limbs()),
            None => !told.is_empty(),
        });
        let right = share(&|told| right.is_some_and(|exchange| told.contains(&exchange)));
        text += &format!("{name} | {} | {any:.1} | {right:.1}\n", told.len());
    };
    for (name, exchange) in TRIED {
        let exchanged = sinus.iter().map(|it| with_exchange(&it.leads, exchange));
        let told: Vec<_> = exchanged.map(|leads| told(&leads)).collect();
        line(name, &told, Some(exchange));
    }
    for (rhythm, of) in [("sinus", &sinus), ("flutter", &flutter)] {
        let plain: Vec<_> = of.iter().map(|it| told(&it.leads)).collect();
        for (what, limbs) in [("limbs", true), ("chest", false)] {
            let only = |told: &Vec<Exchange>| -> Vec<Exchange> {
                let told = told.iter().copied();
                told.filter(|it| it.is_of_limbs() == limbs).collect()
            };
            let told: Vec<_> = plain.iter().map(only).collect();
            line(&format!("none: {what}, {rhythm}"), &told, None);
        }
    }
    Ok(text)
}

fn told(leads: &LeadSet) -> Vec<Exchange> {
    let signs = quality(leads).exchanges;
    signs.iter().filter_map(Sign::exchange).collect()
}

/// The exchanges tried are their own inverse.
fn with_exchange(leads: &LeadSet, exchange: Exchange) -> LeadSet {
    exchange.undo(leads).unwrap_or_else(|| leads.clone())
}
