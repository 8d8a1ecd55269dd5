//! The foot of a page: at what scale and with which filters it was drawn, what must be said of it, and
//! a ruler to check the print with.

use super::{
    Anchor, BeatScale, BeatsContent, Cell, Chart, Colour, Mark, PageContent, Remark, Role, Stroke,
    Weight,
    chart_items::{DERIVED, leaving},
    font::{fitted, shrunk, text_width_mm},
    layout::others,
    page_content::SYNTHESISED,
    sheet::{Drawing, PALETTE},
};
use crate::ecg::{LeadName, LeadSet, Origin, PaperSettings};

/// Em of remarks, mm.
const REMARK_MM: f64 = 2.7;
/// Lines of remarks on a sheet.
const REMARK_LINES: usize = 3;

/// What stands at the foot of one sheet.
pub(super) struct Foot {
    /// Scale, filters and time.
    pub scale: String,
    /// What must be said, most important first.
    pub remarks: Vec<(String, Colour)>,
    /// What the page is for, who made it, which page it is.
    pub maker: String,
}

impl Foot {
    /// That of the sheet of this chart.
    pub fn of_chart(
        charts: &[Chart],
        page: usize,
        content: &PageContent,
        settings: &PaperSettings,
    ) -> Self {
        let chart = &charts[page];
        let is_derived = |cell: &Cell| {
            let lead = content.leads.get(&cell.name);
            lead.is_some_and(|lead| matches!(lead.origin, Origin::Derived { .. }))
        };
        let derived = if chart.cells.iter().any(is_derived) {
            format!(" · {DERIVED} computed from other leads")
        } else {
            String::new()
        };
        Self {
            scale: format!(
                "{} · {} · {}",
                settings.label("chest leads"),
                content.filters,
                timing(chart, content)
            ),
            remarks: remarks(charts, page, content),
            maker: maker(content) + &derived,
        }
    }

    /// That of the sheet of median beats.
    pub fn of_beats(beats: &BeatsContent, scale: BeatScale, content: &PageContent) -> Self {
        let curves = beats.panels.iter().flat_map(|panel| &panel.curves);
        let is_marked = curves.clone().any(|curve| curve.synthesised);
        let marked =
            format!("violet lines with marks, on tinted ground with a hatched edge: {SYNTHESISED}");
        let marked = is_marked.then_some((marked, PALETTE.synthesised));
        let is_on = |_: &LeadName| true;
        let warnings = warnings(content, &is_on);
        Self {
            scale: format!(
                "Median beats · {} mm/s · {} mm/mV · {}",
                scale.speed_mm_s, scale.gain_mm_mv, content.filters
            ),
            remarks: marked.into_iter().chain(warnings).collect(),
            maker: maker(content),
        }
    }
}

fn maker(content: &PageContent) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!("{} · ECG Panorama {version}", content.purpose())
}

/// Scale, remarks, purpose, ruler; `number` counts the sheets where there are several.
pub(super) fn footer(sheet: &mut Drawing, foot: &Foot, number: &str) {
    let (left, top) = (sheet.frame.left_mm, sheet.frame.bottom_mm());
    let room = sheet.frame.width_mm - 62.0;
    let bold = (Anchor::Start, Weight::SemiBold, PALETTE.text);
    fitted_line(sheet, &foot.scale, ([left, top + 5.0], 3.2, room), bold);
    for (idx, (note, colour)) in within_lines(&foot.remarks, room).iter().enumerate() {
        let at = [left, top + 8.6 + 3.4 * idx as f64];
        let style = (Anchor::Start, Weight::Regular, *colour);
        fitted_line(sheet, note, (at, REMARK_MM, room), style);
    }
    let maker = format!("{}{number}", foot.maker);
    let muted = (Anchor::Start, Weight::Regular, PALETTE.muted);
    let place = ([left, top + 18.8], REMARK_MM, sheet.frame.width_mm);
    fitted_line(sheet, &maker, place, muted);
    ruler(sheet);
}

/// A line of words, smaller where it is long.
fn fitted_line(
    sheet: &mut Drawing,
    text: &str,
    (at, size_mm, room_mm): ([f64; 2], f64, f64),
    (anchor, weight, colour): (Anchor, Weight, Colour),
) {
    let size_mm = shrunk(text, weight, size_mm, room_mm);
    let text = fitted(text, weight, size_mm, room_mm);
    sheet.text(Role::Words, at, text, size_mm, (anchor, weight, colour));
}

/// As many whole remarks as have room, a line each. The others are counted: all of them stand on the
/// sheet of findings.
fn within_lines(remarks: &[(String, Colour)], room_mm: f64) -> Vec<(String, Colour)> {
    let fits = |text: &str| {
        let size_mm = shrunk(text, Weight::Regular, REMARK_MM, room_mm);
        text_width_mm(text, Weight::Regular, size_mm) <= room_mm + 1e-9
    };
    let more = |n: usize| match n {
        1 => "1 more remark: see the findings".to_owned(),
        n => format!("{n} more remarks: see the findings"),
    };
    let mut lines: Vec<(String, Colour)> = Vec::new();
    let mut left = remarks;
    while let Some(((text, colour), others)) = left.split_first()
        && lines.len() < REMARK_LINES
    {
        let is_last_line = lines.len() + 1 == REMARK_LINES;
        let with_rest = match others.len() {
            n if 0 < n && is_last_line => format!("{text} · {}", more(n)),
            _ => text.clone(),
        };
        if !fits(&with_rest) {
            break;
        }
        lines.push((with_rest, *colour));
        left = if is_last_line { &[] } else { others };
    }
    if let Some((_, colour)) = left.first() {
        lines.push((more(left.len()), *colour));
    }
    lines
}

/// Warnings about the recording, and about the leads that are on the sheet.
fn warnings(
    content: &PageContent,
    is_on: &dyn Fn(&LeadName) -> bool,
) -> impl Iterator<Item = (String, Colour)> {
    let said = |remark: &Remark| {
        let on_sheet = remark.of.iter().filter(|name| is_on(name));
        let labels = on_sheet.filter_map(|name| Some(content.leads.get(name)?.label()));
        let labels: Vec<String> = labels.collect();
        let is_said = remark.of.is_empty() || !labels.is_empty();
        let text = match labels.is_empty() {
            true => remark.text.clone(),
            false => format!("{}: {}", labels.join(", "), remark.text),
        };
        is_said.then_some((text, PALETTE.warning))
    };
    content
        .warnings
        .iter()
        .filter_map(said)
        .collect::<Vec<_>>()
        .into_iter()
}

/// 50 mm to hold a ruler against: the proof that the page was printed at its true size.
fn ruler(sheet: &mut Drawing) {
    const LENGTH_MM: f64 = 50.0;
    let (x, y) = (
        sheet.frame.right_mm() - LENGTH_MM,
        sheet.frame.bottom_mm() + 4.0,
    );
    let ticks = (0..=50).map(|k| {
        let length = if k % 10 == 0 {
            2.4
        } else if k % 5 == 0 {
            1.7
        } else {
            1.0
        };
        [[x + f64::from(k), y], [x + f64::from(k), y + length]]
    });
    let lines_mm = std::iter::once([[x, y], [x + LENGTH_MM, y]])
        .chain(ticks)
        .collect();
    sheet.page.push(
        Role::Ruler,
        Mark::Lines {
            lines_mm,
            stroke: Stroke::solid(PALETTE.text, 0.12),
        },
    );
    for (at, text, anchor) in [
        (0.0, "0", Anchor::Middle),
        (10.0, "10", Anchor::Middle),
        (50.0, "50 mm", Anchor::End),
    ] {
        sheet.text(
            Role::Ruler,
            [x + at, y + 5.0],
            text,
            2.4,
            (anchor, Weight::Regular, PALETTE.text),
        );
    }
    let words = "printed to size if this measures 50.0 mm";
    sheet.text(
        Role::Ruler,
        [x + LENGTH_MM, y + 8.6],
        words,
        2.4,
        (Anchor::End, Weight::Regular, PALETTE.muted),
    );
}

/// What must be said of this page, most important first.
fn remarks(charts: &[Chart], page: usize, content: &PageContent) -> Vec<(String, Colour)> {
    let chart = &charts[page];
    let is_on = |name: &LeadName| chart.cells.iter().any(|cell| cell.name == *name);
    let band = if content.bands.is_empty() {
        ""
    } else {
        "; the shaded band should hold 9 samples of 10"
    };
    let made = format!("violet on a tinted strip with a hatched edge: {SYNTHESISED}{band}");
    let has_made = chart.cells.iter().any(|cell| cell.synthesised);
    let made = has_made.then_some((made, PALETTE.synthesised));
    let cut = leaving(chart, content.leads);
    let text = format!("{} leaves the paper: choose a lower gain", cut.join(", "));
    let cut = (!cut.is_empty()).then_some((text, PALETTE.warning));
    let warnings = warnings(content, &is_on);
    let unshown = unshown(charts, content.leads).map(|text| (text, PALETTE.muted));
    made.into_iter()
        .chain(cut)
        .chain(warnings)
        .chain(unshown)
        .collect()
}

/// Rate and stretch of time on the page.
fn timing(chart: &Chart, content: &PageContent) -> String {
    let rate = content.leads.rate().hz();
    let rate = if (rate - rate.round()).abs() < 1e-6 {
        format!("{rate:.0} Hz")
    } else {
        format!("{rate:.2} Hz")
    };
    let end = chart
        .cells
        .iter()
        .map(|it| it.start_s + it.seconds)
        .fold(chart.start_s, f64::max);
    if (end - chart.start_s - content.whole_s).abs() < 0.01 {
        return format!("{rate} · {:.1} s", content.whole_s);
    }
    let (start, end) = (content.offset_s + chart.start_s, content.offset_s + end);
    format!(
        "{rate} · {start:.1} to {end:.1} s of {:.1} s",
        content.whole_s
    )
}

/// Recorded leads that this layout has no place for.
fn unshown(charts: &[Chart], leads: &LeadSet) -> Option<String> {
    let missing = others(leads).filter(|it| {
        !charts
            .iter()
            .flat_map(|chart| &chart.cells)
            .any(|cell| cell.name == it.name)
    });
    let names: Vec<String> = missing.map(|it| it.name.to_string()).collect();
    (!names.is_empty()).then(|| format!("Also recorded, not on this page: {}", names.join(", ")))
}
