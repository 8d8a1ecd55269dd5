//! Virtual patients as exams whose every view is known.

use rayon::prelude::*;

use super::{LabelledExam, method::view};
use crate::{
    ecg::{Lead, LeadName, LeadSet, Montage, SampleRate, catalogue, montage, panobench_views},
    phantom::{Condition, Device, VirtualPatient},
};

/// Views that are the electrodes of I and II themselves: exact algebra, so no test.
const LIMB_VIEWS: [usize; 3] = [4, 34, 39];

/// Leads beyond the twelve that virtual patients wear: Panobench's views, then high, right and
/// posterior electrodes.
pub(super) fn extra_leads() -> Vec<Montage> {
    let views = (1..)
        .zip(panobench_views())
        .filter(|(number, _)| !LIMB_VIEWS.contains(number))
        .map(|(_, view)| view.clone());
    let wanted = ["high", "low", "right", "posterior"];
    views
        .chain(
            catalogue()
                .iter()
                .filter(|it| wanted.contains(&it.group))
                .cloned(),
        )
        .collect()
}

/// The part of the body a lead looks from.
pub(super) fn group(name: &LeadName) -> Option<&'static str> {
    let (theta, phi) = view(name)?.degrees();
    Some(match (theta, phi) {
        _ if 110.0 <= phi.abs() => "posterior",
        _ if theta < 75.0 => "high",
        _ if phi < -35.0 => "right",
        _ => "front",
    })
}

/// `n` virtual patients of seeds that training does not use: half of them normal, the others of
/// every condition in turn.
pub(super) fn exams(n: usize) -> Vec<LabelledExam> {
    const FIRST_SEED: u64 = 900_000;
    let extra = extra_leads();
    let eight: Vec<&Montage> = LeadName::EIGHT.iter().filter_map(montage).collect();
    let all: Vec<&Montage> = eight.into_iter().chain(&extra).collect();
    let one = |idx: usize| {
        let condition = if idx.is_multiple_of(2) {
            Condition::Normal
        } else {
            Condition::ALL[(idx / 2) % Condition::ALL.len()]
        };
        let patient = VirtualPatient::new(condition, FIRST_SEED + idx as u64);
        let recording =
            patient.record(&all, SampleRate::from_hz(500.0)?, 10.0, &Device::ideal())?;
        let name = format!("{condition:?} {}", FIRST_SEED + idx as u64);
        Some(LabelledExam {
            name,
            source: "phantom".into(),
            patient: String::new(),
            split: "valid".into(),
            labels: String::new(),
            leads: recording.leads.with_derived_limb_leads(),
        })
    };
    (0..n).into_par_iter().filter_map(one).collect()
}

/// A virtual patient in an ordinary exam of twelve leads by a clinical recorder; with `misplaced`
/// (a lead, and that at which its electrode really sits) one lead is recorded elsewhere.
pub(super) fn ordinary_exam(
    seed: u64,
    misplaced: Option<&(LeadName, LeadName)>,
) -> Option<LeadSet> {
    const FIRST_SEED: u64 = 910_000;
    let condition = if seed.is_multiple_of(2) {
        Condition::Normal
    } else {
        Condition::ALL[(seed / 2) as usize % Condition::ALL.len()]
    };
    let patient = VirtualPatient::new(condition, FIRST_SEED + seed);
    let really_at = |name| match misplaced {
        Some((lead, place)) if lead == name => place,
        _ => name,
    };
    let worn: Option<Vec<&Montage>> = LeadName::EIGHT
        .iter()
        .map(|name| montage(really_at(name)))
        .collect();
    let rate = SampleRate::from_hz(500.0)?;
    let recording = patient.record(&worn?, rate, 10.0, &Device::clinical())?;
    let named = recording.leads.leads().iter().zip(&LeadName::EIGHT);
    let named = named.map(|(lead, name)| Lead::measured(name.clone(), lead.samples_mv.clone()));
    let leads = LeadSet::new(recording.leads.rate(), named.collect()).ok()?;
    Some(leads.with_derived_limb_leads())
}
