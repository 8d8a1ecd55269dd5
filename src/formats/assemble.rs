//! From an opened file to a recording: picks the signals that are leads, reads a window of them,
//! and reports.

use std::ops::Range;

use super::{
    Exam, FormatError, Gap, ImportReport, LeadReport, LimbLeads, ReadOptions, cart,
    contents::{Chunk, Container, Note, Signal},
    dates::later,
    names,
    plan::{Plan, samples_of},
    provenance,
    signal_stats::{GAPS, SignalStats},
};
use crate::ecg::{
    Filters, Lead, LeadName, LeadSet, Origin, Patient, Recording, SampleRate, plain_line,
};

/// A recording, and how it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// The recording, in millivolts.
    pub recording: Recording,
    /// What the file held and what became of it.
    pub report: ImportReport,
}

/// Reads `duration_s` from `start_s` on; both are clamped to what there is, and to whole samples.
pub(super) fn window(
    file: &dyn Container,
    plan: &Plan,
    start_s: f64,
    duration_s: f64,
    options: &ReadOptions,
) -> Result<Opened, FormatError> {
    let range = samples_of(plan, start_s, duration_s)?;
    let contents = file.contents();
    let picked: Vec<&Signal> = plan
        .main
        .iter()
        .chain(&plan.upsampled)
        .map(|it| &contents.signals[*it])
        .collect();
    check_size(&range, picked.len(), options)?;
    let mut chunk = samples(file, plan, &range)?;
    let mut warnings = contents.warnings.clone();
    let found_as: Vec<&str> = picked.iter().map(|it| it.name.as_str()).collect();
    let names = names::distinct(&found_as, &mut warnings);
    warnings.append(&mut chunk.warnings);
    warnings.dedup();
    let warnings = warnings.iter().map(|it| plain_line(it)).collect();

    let start_s = plan.rate.seconds_at(range.start as usize);
    let window_s = plan.rate.seconds_at((range.end - range.start) as usize);
    chunk.notes.extend(contents.timed_notes.iter().cloned());
    let notes = notes(&contents.notes, chunk.notes, start_s, window_s);
    let (leads, lead_reports, gaps) = leads(&picked, names, chunk.samples_mv, plan.rate);
    let (leads, derived) = with_derived(plan.rate, leads, options)?;
    let filters = stated_filters(&contents.filters, &picked);
    let duration_s = plan.n_samples as f64 / plan.rate.hz();
    let trunk = contents.limbs_on_trunk;
    let report = ImportReport {
        file: String::new(),
        format: contents.format.clone(),
        start: contents.start,
        duration_s,
        window_start_s: start_s,
        window_s,
        rate_hz: plan.rate.hz(),
        leads: lead_reports,
        derived,
        missing: missing(&leads),
        left_out: plan.left_out.clone(),
        filters: filters.clone(),
        gaps,
        notes: notes.len(),
        warnings,
        exams: exams(&contents.exams),
        exam: contents.exam,
        device: contents.device.as_deref().map(plain_line),
        cart: contents.cart.clone(),
        cautions: cart::cautions(&filters, contents.kind, trunk, duration_s),
    };
    let recording = Recording {
        leads,
        start: later(contents.start, start_s),
        patient: plain_patient(&contents.patient),
        study: contents.study.clone(),
        device: contents.device.as_deref().map(plain_line),
        filters,
        notes,
    };
    Ok(Opened { recording, report })
}

/// Everything a file says is made fit to be shown when it is read, here and nowhere else.
fn plain_patient(patient: &Patient) -> Patient {
    let text = |it: &Option<String>| it.as_deref().map(plain_line).filter(|it| !it.is_empty());
    Patient {
        name: text(&patient.name),
        id: text(&patient.id),
        ..patient.clone()
    }
}

fn exams(exams: &[Exam]) -> Vec<Exam> {
    let plain = |exam: &Exam| Exam {
        name: plain_line(&exam.name),
        ..exam.clone()
    };
    exams.iter().map(plain).collect()
}

fn missing(leads: &LeadSet) -> Vec<LeadName> {
    let is_missing = |name: &LeadName| leads.get(name).is_none();
    LeadName::TWELVE.into_iter().filter(is_missing).collect()
}

fn check_size(
    range: &Range<u64>,
    n_signals: usize,
    options: &ReadOptions,
) -> Result<(), FormatError> {
    let len = range.end - range.start;
    if len.saturating_mul(n_signals as u64) <= options.limits.samples {
        return Ok(());
    }
    let expected = format!("at most {} samples in all", options.limits.samples);
    Err(FormatError::new(
        "window",
        "its length",
        format!("{len} samples of {n_signals} signals"),
        expected,
    )
    .advise("read a shorter window"))
}

/// The main signals as they are, then those to be interpolated.
fn samples(file: &dyn Container, plan: &Plan, range: &Range<u64>) -> Result<Chunk, FormatError> {
    let mut chunk = file.read(&plan.main, range.clone())?;
    for idx in &plan.upsampled {
        let signal = &file.contents().signals[*idx];
        chunk
            .samples_mv
            .push(upsample(file, *idx, plan.rate, range)?);
        chunk.warnings.push(format!(
            "{} was interpolated from {} Hz",
            signal.name, signal.rate_hz
        ));
    }
    Ok(chunk)
}

/// The lead set, and the names of leads that were computed rather than found.
fn with_derived(
    rate: SampleRate,
    leads: Vec<Lead>,
    options: &ReadOptions,
) -> Result<(LeadSet, Vec<LeadName>), FormatError> {
    let found = LeadSet::new(rate, leads).map_err(|it| {
        FormatError::new("leads", "the lead set", it, "distinct leads of one length")
    })?;
    if options.limb_leads == LimbLeads::AsRecorded {
        return Ok((found, Vec::new()));
    }
    let known: Vec<LeadName> = found.leads().iter().map(|it| it.name.clone()).collect();
    let all = found.with_derived_limb_leads();
    let derived = all
        .leads()
        .iter()
        .map(|it| it.name.clone())
        .filter(|it| !known.contains(it))
        .collect();
    Ok((all, derived))
}

/// An annotation as a remark, counted from `start_s` on; how long it lasts stands behind its words.
fn timed_remark(note: Note, start_s: f64) -> (Option<f64>, String) {
    let text = match note.duration_s {
        Some(span) if 0.0 < span => format!("{} [{span} s]", note.text),
        _ => note.text,
    };
    (Some(note.onset_s - start_s), text)
}

/// Header remarks first, then annotations that begin in the window, in time, counted from its first
/// sample.
fn notes(
    header: &[String],
    annotations: Vec<Note>,
    start_s: f64,
    seconds: f64,
) -> Vec<(Option<f64>, String)> {
    let (remarks, mut timed): (Vec<Note>, Vec<Note>) = annotations
        .into_iter()
        .partition(|it| it.text.starts_with(provenance::COMMENT));
    timed.retain(|it| start_s <= it.onset_s + 1e-9 && it.onset_s <= start_s + seconds);
    timed.sort_by(|a, b| a.onset_s.total_cmp(&b.onset_s));
    // Said again by whoever writes the leads.
    let own = |it: &&str| !it.ends_with(provenance::SYNTHESISED);
    let remarks = remarks
        .iter()
        .filter_map(|it| it.text.strip_prefix(provenance::COMMENT))
        .filter(own)
        .map(str::to_owned);
    header
        .iter()
        .cloned()
        .chain(remarks)
        .map(|it| (None, it))
        .chain(timed.into_iter().map(|it| timed_remark(it, start_s)))
        .map(|(onset, text)| (onset, plain_line(&text)))
        .collect()
}

fn leads(
    picked: &[&Signal],
    names: Vec<LeadName>,
    samples: Vec<Vec<f32>>,
    rate: SampleRate,
) -> (Vec<Lead>, Vec<LeadReport>, Vec<Gap>) {
    let all: Vec<SignalStats> = picked
        .iter()
        .zip(&samples)
        .map(|(signal, samples)| SignalStats::of(samples, rails_mv(signal)))
        .collect();
    let shared = all
        .first()
        .map(|it| it.gaps.clone())
        .filter(|gaps| !gaps.is_empty() && all.iter().all(|it| it.gaps == *gaps));
    let gap = |lead: Option<LeadName>, (at, len): (usize, usize)| Gap {
        lead,
        start_s: rate.seconds_at(at),
        seconds: rate.seconds_at(len),
    };
    let gaps: Vec<Gap> = match shared {
        Some(gaps) => gaps
            .into_iter()
            .map(|it| gap(None, it))
            .take(GAPS)
            .collect(),
        None => names
            .iter()
            .zip(&all)
            .flat_map(|(name, it)| it.gaps.iter().map(|at| gap(Some(name.clone()), *at)))
            .take(GAPS)
            .collect(),
    };
    let reports = picked
        .iter()
        .zip(&names)
        .zip(&all)
        .map(|((signal, name), stats)| lead_report(signal, name, stats, rate))
        .collect();
    let leads = picked.iter().zip(names).zip(samples);
    let leads = leads
        .map(|((signal, name), samples)| Lead {
            name,
            origin: signal.origin.clone(),
            samples_mv: samples.into(),
        })
        .collect();
    (leads, reports, gaps)
}

fn rails_mv(signal: &Signal) -> Option<(f32, f32)> {
    let scale = signal.scale.as_ref().ok()?;
    scale
        .rails
        .map(|(low, high)| ((low * scale.mv) as f32, (high * scale.mv) as f32))
}

fn lead_report(
    signal: &Signal,
    name: &LeadName,
    stats: &SignalStats,
    rate: SampleRate,
) -> LeadReport {
    let scale = signal.scale.as_ref().ok();
    let flat_s = rate.seconds_at(stats.longest_flat);
    LeadReport {
        name: name.clone(),
        found_as: plain_line(&signal.name),
        origin: match signal.origin {
            Origin::Measured => "measured",
            Origin::Derived { .. } => "derived",
            Origin::Synthesised { .. } => provenance::SYNTHESISED,
        },
        unit: scale.map_or_else(String::new, |it| it.unit.clone()),
        step_uv: scale.and_then(|it| it.step.map(|step| step * it.mv * 1e3)),
        min_mv: stats.min_mv,
        max_mv: stats.max_mv,
        mean_mv: stats.mean_mv,
        missing_samples: stats.missing,
        clipped_samples: stats.clipped,
        flat_s: (1.0 <= flat_s).then_some(flat_s),
        prefilter: plain_line(&signal.prefilter),
    }
}

/// What the file states for all of its leads alike.
fn stated_filters(file: &Filters, picked: &[&Signal]) -> Filters {
    let each: Vec<Filters> = picked.iter().map(|it| prefilter(&it.prefilter)).collect();
    match each.split_first() {
        Some((first, rest))
            if *first != Filters::default() && rest.iter().all(|it| it == first) =>
        {
            first.clone()
        }
        _ => file.clone(),
    }
}

/// EDF+ writes "HP:0.05Hz LP:150Hz N:50Hz".
pub(super) fn prefilter(words: &str) -> Filters {
    let mut out = Filters::default();
    let upper = words.to_uppercase();
    for (key, slot) in [
        ("HP", &mut out.high_pass_hz),
        ("LP", &mut out.low_pass_hz),
        ("N", &mut out.notch_hz),
    ] {
        let values = upper
            .split([' ', ';', ','])
            .filter_map(|it| it.strip_prefix(key)?.strip_prefix([':', '=']));
        let number = |it: &str| {
            it.trim_end_matches(|it: char| it.is_alphabetic())
                .parse()
                .ok()
                .filter(|it: &f64| it.is_finite() && 0.0 < *it)
        };
        *slot = values.filter_map(number).next();
    }
    out
}

/// Straight lines between the samples of a slower signal.
fn upsample(
    file: &dyn Container,
    signal: usize,
    rate: SampleRate,
    range: &Range<u64>,
) -> Result<Vec<f32>, FormatError> {
    let it = &file.contents().signals[signal];
    let ratio = it.rate_hz / rate.hz();
    let first = ((range.start as f64 * ratio).floor() as u64).min(it.n_samples);
    let last = (((range.end - 1) as f64 * ratio).ceil() as u64 + 1).clamp(first, it.n_samples);
    let Chunk { samples_mv, .. } = file.read(&[signal], first..last)?;
    let slow = samples_mv.into_iter().next().unwrap_or_default();
    let value = |at: u64| {
        let place = at as f64 * ratio - first as f64;
        let (left, share) = (place.floor() as usize, place.fract() as f32);
        let here = slow.get(left).copied().unwrap_or(f32::NAN);
        if share == 0.0 {
            here
        } else {
            here + share * (slow.get(left + 1).copied().unwrap_or(f32::NAN) - here)
        }
    };
    Ok(range.clone().map(value).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stated_filters_are_read() {
        for (words, expected) in [
            (
                "HP:0.05Hz LP:150Hz N:50Hz",
                (Some(0.05), Some(150.0), Some(50.0)),
            ),
            ("HP:0.1Hz LP:75Hz", (Some(0.1), Some(75.0), None)),
            ("hp=0.5 lp=40", (Some(0.5), Some(40.0), None)),
            ("HP:DC; N:60", (None, None, Some(60.0))),
            ("prefiltering not recorded", (None, None, None)),
        ] {
            let found = prefilter(words);
            assert_eq!(
                (found.high_pass_hz, found.low_pass_hz, found.notch_hz),
                expected,
                "{words}"
            );
        }
    }
}
