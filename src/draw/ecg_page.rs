//! The printed ECG: chart, header and footer, on as many sheets as its leads need.

use super::{
    BeatsContent, Chart, ChartContent, ChartPlan, Frame, Medium, Page, PageContent, Terms,
    beat_items, chart_items,
    findings_page::{findings_behind, findings_pages},
    footer::{Foot, footer},
    header::header,
    page_content::SYNTHESISED,
    sheet::{Drawing, MARGIN_MM, number},
};
use crate::ecg::PaperSettings;

const HEADER_MM: f64 = 19.0;
const FOOTER_MM: f64 = 17.0;
/// Ten seconds at 25 mm/s: the row of a page that cannot hold everything.
const ROW_MM: f64 = 250.0;
/// Such a row, the pulse, and a little air: the width of most pages.
const WIDEST_MM: f64 = 265.0;

/// Lays out landscape sheets: the first with the recorded leads, and every synthesised lead where
/// there is room for it.
pub fn ecg_pages(content: &PageContent, settings: &PaperSettings) -> Vec<Page> {
    sheets(content, settings, 0)
}

/// The same with the sheets of words behind them, numbered through.
pub fn all_pages(content: &PageContent, settings: &PaperSettings) -> Vec<Page> {
    let further = findings_pages(content, settings).len();
    let mut pages = sheets(content, settings, further);
    let before = pages.len();
    pages.extend(findings_behind(content, settings, before));
    pages
}

/// The sheets of the chart and the median beats, with `further` ones behind them.
fn sheets(content: &PageContent, settings: &PaperSettings, further: usize) -> Vec<Page> {
    let size_mm = settings.size.size_mm();
    let plan = ChartPlan {
        leads: content.leads,
        settings,
        others: content.others,
        notes: &content.notes,
        terms: Terms::ENGLISH,
        medium: Medium::PRINT,
        aside_mm: 0.0,
        frame: chart_frame(size_mm, content, settings),
        start_s: content.start_s,
        seconds: content.seconds,
    };
    let charts = Chart::pages(&plan);
    let bands = content.bands.iter();
    let shown = ChartContent {
        plan: &plan,
        bands: bands.map(|(name, band)| (name, &band[..])).collect(),
        offset_s: content.offset_s,
    };
    let own = charts.len() + usize::from(content.beats.is_some());
    let sheets = own + further;
    let page = |(idx, chart): (usize, &Chart)| {
        let mut sheet = Drawing::new(size_mm, title(content), chart.frame);
        sheet.page.items.extend(chart_items(chart, &shown));
        header(&mut sheet, content);
        let foot = Foot::of_chart(&charts, idx, content, settings);
        footer(&mut sheet, &foot, &number(idx, sheets));
        sheet.page
    };
    let mut pages: Vec<Page> = charts.iter().enumerate().map(page).collect();
    let beats = content.beats.as_ref();
    let frame = plan.frame;
    pages.extend(
        beats.map(|beats| beats_page(beats, content, (size_mm, frame), &number(own - 1, sheets))),
    );
    pages
}

/// The sheet of median beats and their table.
fn beats_page(
    beats: &BeatsContent,
    content: &PageContent,
    (size_mm, frame): ([f64; 2], Frame),
    number: &str,
) -> Page {
    let mut sheet = Drawing::new(size_mm, title(content), frame);
    let scale = beats.scale(&frame, Medium::PRINT);
    sheet
        .page
        .items
        .extend(beat_items(beats, &frame, Medium::PRINT));
    header(&mut sheet, content);
    footer(&mut sheet, &Foot::of_beats(beats, scale, content), number);
    sheet.page
}

/// The chart: as wide as the traces need, in whole major squares, centred.
fn chart_frame(
    [width, height]: [f64; 2],
    content: &PageContent,
    settings: &PaperSettings,
) -> Frame {
    let room = width - 2.0 * MARGIN_MM;
    let seconds = content
        .seconds
        .min(content.leads.duration_s() - content.start_s)
        .max(0.0);
    let need = Chart::PULSE_ZONE_MM + seconds * settings.speed_mm_s + 5.0;
    let squares = |mm: f64| (mm / 5.0).floor() * 5.0;
    let width_mm = squares(if need <= room {
        room.min(WIDEST_MM.max(need))
    } else {
        room.min(ROW_MM + Chart::PULSE_ZONE_MM)
    });
    let height_mm = squares(height - 2.0 * MARGIN_MM - HEADER_MM - FOOTER_MM);
    Frame {
        left_mm: (0.5 * (width - width_mm)).round(),
        top_mm: MARGIN_MM + HEADER_MM,
        width_mm,
        height_mm,
    }
}

fn title(content: &PageContent) -> String {
    let synthesised = content
        .leads
        .leads()
        .iter()
        .any(|it| it.origin.is_synthesised());
    if synthesised {
        format!("Electrocardiogram with leads that are {SYNTHESISED}")
    } else {
        "Electrocardiogram".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        draw::{Item, Mark, Role, Section, page_content::PURPOSE},
        ecg::{Lead, LeadName, LeadSet, PageLayout, Recording, SampleRate},
    };

    fn recording(seconds: f64) -> Recording {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let wave = |k: usize| {
            (0..rate.samples_in(seconds))
                .map(|n| ((n + 90 * k) as f32 / 40.0).sin())
                .collect::<Vec<f32>>()
        };
        let leads = LeadName::TWELVE
            .into_iter()
            .enumerate()
            .map(|(k, it)| Lead::measured(it, wave(k)));
        Recording::from_leads(LeadSet::new(rate, leads.collect()).unwrap())
    }

    fn page(content: &PageContent, settings: &PaperSettings) -> Page {
        ecg_pages(content, settings).remove(0)
    }

    fn trace(page: &Page, label: &str) -> Vec<Vec<[f64; 2]>> {
        let of_label = page
            .items
            .iter()
            .filter(|it| it.role == Role::Trace(label.into()));
        of_label
            .map(|it| {
                if let Mark::Polyline { points_mm, .. } = &it.mark {
                    points_mm.clone()
                } else {
                    Vec::new()
                }
            })
            .collect()
    }

    #[test]
    fn the_page_says_what_was_truly_used() {
        let recording = recording(30.0);
        let content = PageContent {
            start_s: 5.0,
            seconds: 10.0,
            filters: "high-pass 0.5 Hz (zero-phase)".into(),
            ..PageContent::of(&recording)
        };
        let settings = PaperSettings {
            gain_mm_mv: 5.0,
            half_gain_chest: true,
            ..Default::default()
        };
        let words = page(&content, &settings).words();
        for expected in [
            "25 mm/s · 5 mm/mV (chest leads 2.5 mm/mV)",
            "high-pass 0.5 Hz (zero-phase)",
            "500 Hz · 5.0 to 15.0 s of 30.0 s",
            PURPOSE,
        ] {
            assert!(words.contains(expected), "{expected:?} in {words}");
        }
    }

    #[test]
    fn all_pages_are_numbered_through() {
        let recording = recording(10.0);
        let section = |title: &str| Section {
            title: title.into(),
            lines: vec!["word ".repeat(4000)],
        };
        let content = PageContent {
            sections: ["Report", "Model"].map(section).into(),
            ..PageContent::of(&recording)
        };
        let pages = all_pages(&content, &PaperSettings::default());
        let n = pages.len();
        assert!(2 < n);
        for (idx, page) in pages.iter().enumerate() {
            let number = format!("page {} of {n}", idx + 1);
            assert!(page.words().contains(&number), "{number}: {}", page.words());
        }
    }

    #[test]
    fn cabrera_turns_avr_over() {
        let recording = recording(10.0);
        let settings = PaperSettings {
            layout: PageLayout::TwelveByOne,
            ..Default::default()
        };
        let upright = trace(&page(&PageContent::of(&recording), &settings), "aVR");
        let turned = trace(
            &page(
                &PageContent::of(&recording),
                &PaperSettings {
                    cabrera: true,
                    ..settings
                },
            ),
            "−aVR",
        );
        let deviations = |it: &[[f64; 2]]| {
            it.windows(2)
                .map(|it| it[1][1] - it[0][1])
                .collect::<Vec<_>>()
        };
        let (a, b) = (deviations(&upright[0]), deviations(&turned[0]));
        assert!(a.len() == b.len() && a.iter().zip(&b).all(|(x, y)| (x + y).abs() < 1e-6));
    }

    #[test]
    fn a_lead_that_is_gap_or_absent_is_named_and_not_drawn() {
        let full = recording(10.0);
        let mut leads: Vec<Lead> = full.leads.leads().to_vec();
        leads.retain(|it| it.name != LeadName::V6);
        leads[6].samples_mv = vec![f32::NAN; 5000].into();
        let recording = Recording::from_leads(LeadSet::new(full.leads.rate(), leads).unwrap());
        let page = page(&PageContent::of(&recording), &PaperSettings::default());
        assert!(
            page.words().contains("V6\nnot recorded")
                && trace(&page, "V6").is_empty()
                && trace(&page, "V1").is_empty()
        );
        let finite = |it: &Item| {
            if let Mark::Polyline { points_mm, .. } = &it.mark {
                points_mm.iter().flatten().all(|it| it.is_finite())
            } else {
                true
            }
        };
        assert!(page.items.iter().all(finite));
    }
}
