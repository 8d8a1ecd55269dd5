//! Leads whose truth is known, with what was synthesised in their place, both measured on the same
//! median beat of the recorded leads.

use std::{ops::ControlFlow, sync::Arc};

use super::super::{LabelledExam, each::each};
use crate::{
    ecg::{Lead, LeadName, LeadSet, Montage, Origin, SampleRate, Target, montage},
    phantom::{Condition, Device, VirtualPatient},
    signal::{FilterSettings, LeadMeasurements, MedianBeat, analyse},
    synth::{CalibrationOptions, DeviceChoice, Synthesizer, learn},
};

/// Samples of the median beat for the ridge: a value every 10 ms from 0.1 s before the fiducial
/// point to 0.5 s after it.
const STEP_S: f64 = 0.01;
const BEFORE_S: f64 = 0.1;
const AFTER_S: f64 = 0.5;

/// One lead of one exam.
pub(super) struct SignCase {
    /// The condition of a virtual patient; the source of a recording.
    pub group: String,
    /// Whose it is.
    pub exam: usize,
    pub lead: LeadName,
    pub truth: LeadMeasurements,
    pub shown: LeadMeasurements,
}

/// The leads of one exam, and the recorded leads' median beat as a row of numbers.
pub(super) struct ExamCases {
    pub cases: Vec<SignCase>,
    pub beat: Vec<f64>,
}

/// Leads that are asked of virtual patients.
pub(super) const EXTRA: [&str; 11] = [
    "V1@2ICS", "V2@2ICS", "V1@3ICS", "V2@3ICS", "V7", "V8", "V9", "V3R", "V4R", "V5R", "V6R",
];

/// `n` virtual patients of each condition whose name contains `label`, on devices of their own, with
/// seeds that training does not use.
pub(super) fn of_virtual_patients(n: usize, label: &str) -> Vec<ExamCases> {
    const FIRST_SEED: u64 = 910_000;
    let extra: Vec<&Montage> = EXTRA
        .iter()
        .filter_map(|it| montage(&LeadName::parse(it)))
        .collect();
    let eight = LeadName::EIGHT.iter().filter_map(montage);
    let all: Vec<&Montage> = eight.chain(extra.iter().copied()).collect();
    let one = |at: usize| {
        let condition = Condition::ALL[at % Condition::ALL.len()];
        if !condition.name().contains(label) {
            return None;
        }
        let seed = FIRST_SEED + at as u64;
        let patient = VirtualPatient::new(condition, seed);
        let rate = SampleRate::from_hz(500.0)?;
        let recording = patient.record(&all, rate, 10.0, &Device::drawn(seed))?;
        let leads = FilterSettings::high_pass(0.5).apply(&recording.leads);
        let asked: Vec<LeadName> = extra.iter().map(|it| it.name.clone()).collect();
        let known = without(&leads, &asked)?;
        let group = condition.name();
        exam_cases(
            at,
            group,
            &known,
            &leads,
            &asked,
            &CalibrationOptions::default(),
        )
    };
    let patients = each(n * Condition::ALL.len(), one);
    patients.into_iter().flatten().collect()
}

/// Each chest lead of each exam, withheld in turn.
pub(super) fn of_recordings(exams: &[LabelledExam]) -> Vec<ExamCases> {
    let one = |at: usize| {
        let exam = &exams[at];
        let eight = LeadName::EIGHT
            .iter()
            .filter_map(|it| exam.leads.get(it).cloned());
        let leads = LeadSet::new(exam.leads.rate(), eight.collect()).ok()?;
        let leads = FilterSettings::high_pass(0.5).apply(&leads);
        let group = if exam.source.is_empty() {
            "recorded"
        } else {
            &exam.source
        };
        let of_lead = |lead: LeadName| {
            let options = CalibrationOptions::default().withholding(&lead);
            let known = without(&leads, std::slice::from_ref(&lead))?;
            let found = exam_cases(at, group, &known, &leads, &[lead], &options)?;
            found.cases.into_iter().next()
        };
        Some(ExamCases {
            cases: LeadName::CHEST.into_iter().filter_map(of_lead).collect(),
            beat: Vec::new(),
        })
    };
    each(exams.len(), one).into_iter().flatten().collect()
}

fn without(leads: &LeadSet, hidden: &[LeadName]) -> Option<LeadSet> {
    let kept = leads.leads().iter();
    let kept = kept.filter(|lead| !hidden.contains(&lead.name)).cloned();
    LeadSet::new(leads.rate(), kept.collect()).ok()
}

/// Calibrates on the first half of `known` and measures `asked` over the last half.
fn exam_cases(
    exam: usize,
    group: &str,
    known: &LeadSet,
    truth: &LeadSet,
    asked: &[LeadName],
    options: &CalibrationOptions,
) -> Option<ExamCases> {
    let options = CalibrationOptions {
        device: DeviceChoice::Cpu,
        ..options.clone()
    };
    let go_on = &mut |_| ControlFlow::Continue(());
    let calibration = learn(known, &options, false, go_on).ok()?;
    let synthesizer = Synthesizer::new(known, calibration).ok()?;
    let tested = known.n_samples() / 2..known.n_samples();
    let last = known.slice(tested.clone())?;
    let analysis = analyse(&last);
    let (beat, waves) = (analysis.median?, analysis.waves?);
    let measured = |lead: &Lead| LeadMeasurements::beside(&beat, &waves, lead, known.rate());
    let case = |name: &LeadName| {
        let recorded = part(truth.get(name)?, &tested);
        let made = synthesizer.target(&Target::lead(name).ok()?).lead;
        Some(SignCase {
            group: group.to_owned(),
            exam,
            lead: name.clone(),
            truth: measured(&recorded)?,
            shown: measured(&part(&made, &tested))?,
        })
    };
    Some(ExamCases {
        cases: asked.iter().filter_map(case).collect(),
        beat: row(&beat)?,
    })
}

/// Some of a lead's samples, as measured, so that both are treated alike.
fn part(lead: &Lead, range: &std::ops::Range<usize>) -> Lead {
    let samples_mv: Arc<[f32]> = lead.samples_mv.get(range.clone()).unwrap_or(&[]).into();
    Lead {
        name: lead.name.clone(),
        origin: Origin::Measured,
        samples_mv,
    }
}

/// The beat as a row of numbers, mV above each lead's level. `None` where it is too short.
fn row(beat: &MedianBeat) -> Option<Vec<f64>> {
    let rate = beat.leads.rate();
    let steps = ((BEFORE_S + AFTER_S) / STEP_S).round() as usize;
    let start = beat.r_index.checked_sub(rate.samples_in(BEFORE_S))?;
    let value = |(lead, step): (&Lead, usize)| {
        let at = start + rate.samples_in(step as f64 * STEP_S);
        // A fast heart's beat ends earlier: its last value stands.
        let last = lead.samples_mv.last().copied();
        let mv = lead.samples_mv.get(at).copied().or(last)?;
        let level = lead.samples_mv.get(start).copied()?;
        Some(f64::from(mv - level))
    };
    let leads = beat.leads.leads().iter();
    leads
        .flat_map(|lead| (0..steps).map(move |step| (lead, step)))
        .map(value)
        .collect()
}
