//! The window shows what the file will hold: the marks of both held against each other.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    paper,
    strip::{self, StripPlan, StripRow},
};
use crate::{
    draw::{Frame, Item, Mark, Medium, PageContent, Role, Terms, Weight, ecg_pages},
    ecg::{
        Lead, LeadName, LeadSet, Origin, PageLayout, PaperSettings, Recording, SampleRate,
        ViewAngle,
    },
};

fn wave(k: usize) -> Vec<f32> {
    let sample = |n: usize| {
        let t = (n % 400) as f32;
        (0.3 + 0.1 * k as f32) * (-((t - 150.0) / 6.0).powi(2)).exp() - 0.02 * k as f32
    };
    (0..5000).map(sample).collect()
}

/// Twelve leads, of which aVF is computed, and `n` synthesised ones.
fn exam(n: usize) -> LeadSet {
    let mut leads: Vec<Lead> = LeadName::TWELVE
        .into_iter()
        .enumerate()
        .map(|(k, name)| Lead::measured(name, wave(k)))
        .collect();
    leads[5].origin = Origin::Derived {
        from: vec![LeadName::I, LeadName::II],
    };
    let names = ["V7", "V8", "V1@2ICS", "Z", "V4R"];
    leads.extend(names.iter().take(n).enumerate().map(|(k, name)| Lead {
        name: LeadName::parse(name),
        origin: Origin::Synthesised {
            view: ViewAngle::from_degrees(70.0, 20.0).unwrap(),
            by: "test".into(),
        },
        samples_mv: wave(k + 3).into(),
    }));
    LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads).unwrap()
}

/// Tenths of a micrometre from the first point on.
fn shape(points: impl Iterator<Item = [f64; 2]> + Clone) -> Vec<[i64; 2]> {
    let first = points.clone().next().unwrap_or_default();
    let unit = |mm: f64| (1e4 * mm).round() as i64;
    points
        .map(|[x, y]| [unit(x - first[0]), unit(y - first[1])])
        .collect()
}

/// What a list of marks says wherever it lies: traces, bands and strips by label, the forms of the
/// pulse, and names.
#[derive(Debug, Default, PartialEq)]
struct Said {
    traces: BTreeMap<String, Vec<Vec<[i64; 2]>>>,
    bands: BTreeMap<String, Vec<Vec<[i64; 2]>>>,
    strips: BTreeSet<String>,
    pulses: BTreeSet<Vec<[i64; 2]>>,
    names: BTreeMap<String, usize>,
}

fn said<'a>(items: impl Iterator<Item = &'a Item>) -> Said {
    let mut said = Said::default();
    for item in items {
        match (&item.role, &item.mark) {
            (Role::Trace(label), Mark::Polyline { points_mm, .. }) => {
                let traces = said.traces.entry(label.clone()).or_default();
                traces.push(shape(points_mm.iter().copied()));
            }
            (Role::Band(label), Mark::Band { edges_mm, .. }) => {
                let corners = edges_mm.iter().flat_map(|[x, a, b]| [[*x, *a], [*x, *b]]);
                let bands = said.bands.entry(label.clone()).or_default();
                bands.push(shape(corners));
            }
            (Role::Strip(label), _) => {
                said.strips.insert(label.clone());
            }
            (Role::Calibration, Mark::Polyline { points_mm, .. }) => {
                said.pulses.insert(shape(points_mm.iter().copied()));
            }
            (Role::LeadLabel, Mark::Text(text)) if text.weight == Weight::SemiBold => {
                *said.names.entry(text.text.clone()).or_default() += 1;
            }
            _ => {}
        }
    }
    said
}

fn window(leads: &LeadSet, settings: &PaperSettings, bands: &[(LeadName, Vec<f32>)]) -> Vec<Item> {
    let is_synthesised = |lead: &&Lead| lead.origin.is_synthesised();
    let of_file: Vec<Lead> = leads
        .leads()
        .iter()
        .filter(|lead| !is_synthesised(lead))
        .cloned()
        .collect();
    let recorded = LeadSet::new(leads.rate(), of_file).unwrap();
    let frame = Frame {
        left_mm: 0.0,
        top_mm: 0.0,
        width_mm: 260.0,
        height_mm: 160.0,
    };
    let words = (Medium::PRINT, Terms::ENGLISH);
    let mut items = paper::lay_out(&recorded, settings, &[], (frame, 0.0), words).items;
    for lead in leads.leads().iter().filter(is_synthesised) {
        let band = bands.iter().find(|band| band.0 == lead.name);
        let row = StripRow {
            lead: lead.clone(),
            band_mv: band.map_or(&[], |band| &band.1),
            note: "somewhere".into(),
        };
        let plan = StripPlan {
            rate: leads.rate(),
            settings,
            medium: Medium::PRINT,
            terms: Terms::ENGLISH,
            aside_mm: 0.0,
            size_mm: [260.0, 40.0],
            start_s: 0.0,
            seconds: 10.0,
        };
        items.extend(strip::lay_out(&[row], &plan).items);
    }
    items
}

fn check(n: usize, settings: PaperSettings, (offset_s, whole_s): (f64, f64)) {
    let leads = exam(n);
    let recording = Recording::from_leads(leads.clone());
    let content = PageContent {
        bands: vec![(LeadName::parse("V7"), vec![0.05; 5000])],
        offset_s,
        whole_s,
        ..PageContent::of(&recording)
    };
    let pages = ecg_pages(&content, &settings);
    let in_file = said(pages.iter().flat_map(|page| &page.items));
    let in_window = said(window(&leads, &settings, &content.bands).iter());
    assert_eq!(in_file.names, in_window.names, "{settings:?}");
    assert!(in_file == in_window, "{settings:?}: the marks differ");
    assert!(!in_file.pulses.is_empty() && in_file.strips.len() == n);
}

const PLAIN: (f64, f64) = (0.0, 10.0);

#[test]
fn a_plain_exam_is_the_same_in_window_and_file() {
    check(0, PaperSettings::default(), PLAIN);
}

#[test]
fn five_virtual_leads_are_the_same() {
    check(5, PaperSettings::default(), PLAIN);
}

#[test]
fn cabrera_is_the_same() {
    let settings = PaperSettings {
        cabrera: true,
        half_gain_chest: true,
        ..PaperSettings::default()
    };
    check(2, settings, PLAIN);
}

#[test]
fn twelve_rows_are_the_same_at_every_speed_that_shows_ten_seconds() {
    for speed_mm_s in [12.5, 25.0] {
        let settings = PaperSettings {
            layout: PageLayout::TwelveByOne,
            speed_mm_s,
            ..PaperSettings::default()
        };
        check(1, settings, PLAIN);
    }
}

#[test]
fn a_window_of_a_long_recording_is_the_same() {
    check(1, PaperSettings::default(), (25.0, 3600.0));
}
