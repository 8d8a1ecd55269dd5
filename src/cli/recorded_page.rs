//! What stands on the pages of a recording as it is.

use crate::{
    draw::{Page, PageContent, Remark, Section, all_pages},
    ecg::{LeadName, PaperSettings, Recording},
    formats::ImportReport,
    session::cart_intervals,
    signal::{Analysis, FilterSettings, Measurements, analyse, quality},
    words::Translator,
};

/// Warnings that the foot of a page holds in any case.
const WARNINGS_ON_PAGE: usize = 2;
/// Which part of a recording is on the page.
pub(super) struct Stretch {
    /// Seconds of the file before the first sample that was read.
    pub offset_s: f64,
    /// Seconds of the file.
    pub whole_s: f64,
    /// The page's first second, counted from the first sample that was read.
    pub start_s: f64,
    /// Seconds on the page.
    pub seconds: f64,
}

/// The pages of a recording behind `filters`, with what was measured and what is to be known of it.
/// `file` is its name, where that may be told.
pub(super) fn pages(
    recording: &Recording,
    report: &ImportReport,
    file: Option<String>,
    filters: FilterSettings,
    stretch: Stretch,
    settings: &PaperSettings,
) -> Vec<Page> {
    let filters = filters.at(recording.leads.rate());
    let leads = filters.apply(&recording.leads);
    let found = analyse(&leads);
    let (english, table) = (Translator::default(), Measurements::of(&found));
    let cart = english.cart_differs(&table, &cart_intervals(&report.cart));
    let measured_on: Vec<String> = cart.into_iter().chain([measured_on(&found)]).collect();
    let signs = quality(&recording.leads).signs();
    let warnings = report.warnings.iter().cloned().chain(lost(report));
    let warnings = warnings
        .chain(filters.warning())
        .chain(signs.iter().map(|sign| english.sign(sign)));
    let warnings: Vec<String> = warnings.collect();
    // The foot of a page has room for some of them.
    let sections = (WARNINGS_ON_PAGE < warnings.len()).then(|| Section {
        title: "Warnings".into(),
        lines: warnings.clone(),
    });
    let content = PageContent {
        leads: &leads,
        notes: english.truth_notes(recording),
        filters: filters.label(),
        offset_s: stretch.offset_s,
        whole_s: stretch.whole_s,
        start_s: stretch.start_s,
        seconds: stretch.seconds,
        measurements: english.measurements(&table),
        measured_on: measured_on.join("; "),
        facts: facts(recording, report, file),
        warnings: warnings.into_iter().map(Remark::from).collect(),
        sections: sections.into_iter().collect(),
        ..PageContent::of(recording)
    };
    all_pages(&content, settings)
}

fn measured_on(found: &Analysis) -> String {
    let Some(median) = &found.median else {
        return "no beats found to measure".to_owned();
    };
    let left_out = match median.rejected {
        0 => String::new(),
        rejected => format!(", {rejected} of other shape left out"),
    };
    format!("measured on the median of {} beats{left_out}", median.used)
}

/// Stretches in which a lead shows nothing.
fn lost(report: &ImportReport) -> Vec<String> {
    let flat = report
        .leads
        .iter()
        .filter_map(|it| Some(format!("{} is flat for {:.1} s", it.name, it.flat_s?)));
    let clipped = report.leads.iter().filter(|it| 0 < it.clipped_samples);
    flat.chain(
        clipped.map(|it| format!("{} is clipped in {} samples", it.name, it.clipped_samples)),
    )
    .collect()
}

/// File, format and what was derived or stated.
fn facts(recording: &Recording, report: &ImportReport, file: Option<String>) -> Vec<String> {
    let names = |all: &[LeadName]| {
        let all: Vec<String> = all.iter().map(LeadName::to_string).collect();
        all.join(", ")
    };
    let derived = (!report.derived.is_empty())
        .then(|| format!("{} derived from I and II", names(&report.derived)));
    let missing = (!report.missing.is_empty() && report.missing.len() < 12)
        .then(|| format!("not in the file: {}", names(&report.missing)));
    let stated = match report.filters.words() {
        words if words.is_empty() => "device filters not stated in the file".to_owned(),
        words => format!("filtered by the device: {words}"),
    };
    file.into_iter()
        .chain([format_and_leads(recording, report), stated])
        .chain(derived)
        .chain(missing)
        .collect()
}

fn format_and_leads(recording: &Recording, report: &ImportReport) -> String {
    let leads = match report.leads.len() {
        1 => "1 lead".to_owned(),
        n => format!("{n} leads"),
    };
    let all = recording.leads.leads().iter();
    match all.filter(|lead| lead.origin.is_synthesised()).count() {
        0 => format!("{}, {leads} as recorded", report.format),
        made => format!("{}, {leads}, {made} of them synthesised", report.format),
    }
}
