//! A sheet: the leads that one clinical question wants, over the whole pane, with median beats and
//! the table of ST below them.

use eframe::egui::{Align2, FontId, Painter, Rect, Response, ScrollArea, Sense, Ui, vec2};

use super::{
    super::{
        panel_context::{PanelContext, key, page_key},
        theme::colour32,
        widgets::{Drawing, DrawingCache, Part, Scale, grounded, name_area, one_row, screen},
    },
    calipers,
    paper::{self, PANE, RIGHT_MM, grid, settings_key, terms},
    strip::waiting,
    surface::{self, Surface},
};
use crate::{
    draw::{
        BeatsContent, Chart, ChartContent, ChartPlan, Frame, Medium, Others, Terms, beat_items,
        chart_items,
    },
    ecg::{Lead, LeadName, LeadSet, PaperSettings, Sheet},
    session::{Command, Edit, Exam, PageLeads},
    words::{Label, sheet_labels},
};

/// A panel of median beats is so high, mm.
const PANEL_MM: f64 = 62.0;
/// Between the traces and the median beats, mm.
const GAP_MM: f64 = 5.0;

/// The sheets to choose from, one click each; what has no room is in the menu at the end.
pub fn bar(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    const PARTS: [Part; 7] = [
        |ui, cx| choice(ui, cx, None),
        |ui, cx| choice(ui, cx, Some(Sheet::Brugada)),
        |ui, cx| choice(ui, cx, Some(Sheet::Posterior)),
        |ui, cx| choice(ui, cx, Some(Sheet::RightSided)),
        |ui, cx| choice(ui, cx, Some(Sheet::Fifteen)),
        |ui, cx| choice(ui, cx, Some(Sheet::Eighteen)),
        |ui, cx| choice(ui, cx, Some(Sheet::Kept)),
    ];
    one_row(ui, cx, "sheets", &PARTS);
}

fn choice(ui: &mut Ui, cx: &mut PanelContext<'_>, sheet: Option<Sheet>) {
    let [name, hint] = sheet_labels(sheet).map(|label| cx.tr(label));
    let is_on = cx.session.document.sheet == sheet;
    let label = ui.selectable_label(is_on, name).on_hover_text(hint);
    if label.clicked() {
        cx.push(Edit::ShowSheet(sheet));
    }
}

/// What a sheet shows, made anew when a lead, its error or the words change.
#[derive(Default)]
pub struct SheetCache {
    key: Option<u64>,
    shown: Option<Shown>,
    drawing: DrawingCache,
}

/// The leads of a sheet and all that is said of them.
struct Shown {
    leads: LeadSet,
    notes: Vec<(LeadName, String)>,
    bands: Vec<(LeadName, Vec<f32>)>,
    beats: Option<BeatsContent>,
    /// For the screen reader.
    labels: String,
    /// Leads of it are still being computed.
    is_incomplete: bool,
}

impl Shown {
    fn of(cx: &PanelContext<'_>, exam: &Exam, sheet: Sheet) -> Option<Self> {
        let page = PageLeads::new(&cx.session.document, exam, &cx.session.results)?;
        let leads = sheet.select(&page.leads)?;
        let labels: Vec<String> = leads.leads().iter().map(Lead::label).collect();
        Some(Self {
            notes: page.notes(cx.translator),
            bands: page.bands(),
            beats: page.beats(sheet, cx.translator),
            labels: labels.join(", "),
            is_incomplete: page.placed.len() < cx.session.document.virtual_leads.len(),
            leads,
        })
    }
}

/// The sheet in the place of paper and strips.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>, sheet: Sheet, cache: &mut SheetCache) {
    let Some(exam) = &cx.session.exam else { return };
    let now = key((sheet.name(), page_key(cx)));
    if cache.key != Some(now) {
        (cache.key, cache.shown) = (Some(now), Shown::of(cx, exam, sheet));
    }
    let Some(shown) = &cache.shown else {
        ui.label(cx.tr(Label::SheetLacksLeads));
        return;
    };
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let pane = ui.available_size();
        let per_mm = paper::points_per_mm(cx, pane.x) / cx.view.paper_zoom;
        let size_mm = [pane.x, pane.y].map(|points| f64::from(points / per_mm));
        let medium = screen(cx.look.paper, per_mm);
        let settings = &cx.session.document.page;
        let wanted = key((
            now,
            size_mm.map(f64::to_bits),
            medium.note_mm.to_bits(),
            settings_key(settings),
            cx.look.paper.paper.rgb,
        ));
        let terms = terms(cx);
        let drawing = cache.drawing.drawing(wanted, || {
            let offset_s = cx.session.document.window_start_s;
            lay_out(shown, settings, (size_mm, offset_s), (medium, terms))
        });
        let height = pane.y.max(per_mm * drawing.bottom_mm() as f32);
        let sense = Sense::click_and_drag();
        let (rect, response) = ui.allocate_exact_size(vec2(pane.x, height), sense);
        let scale = Scale {
            origin: rect.min,
            per_mm,
        };
        let seen = rect.intersect(ui.clip_rect());
        let painter = ui.painter_at(seen);
        painter.add(grid(cx, PANE, scale, seen));
        cache.drawing.paint(&painter, scale);
        measure(ui, cx, &response, (shown, cache.drawing.shown(), scale));
        if shown.is_incomplete {
            waits(&painter, cx, seen);
        }
        let name = cx.tr(sheet_labels(Some(sheet))[0]);
        name_area(&response, format!("{name}: {}", shown.labels));
    });
}

/// The time cursor, and calipers on every trace.
fn measure(
    ui: &Ui,
    cx: &mut PanelContext<'_>,
    response: &Response,
    (shown, drawing, scale): (&Shown, &Drawing, Scale),
) {
    // All but the ground of the median beats, which has no leads.
    let n_charts = drawing
        .charts
        .iter()
        .filter(|chart| !chart.cells.is_empty());
    let charts = &drawing.charts[..n_charts.count()];
    if let Some(pointer) = surface::moved_to(ui, response) {
        let (x_mm, y_mm) = scale.mm(pointer);
        let mut under = charts.iter().filter(|chart| y_mm < chart.frame.bottom_mm());
        let cell = under.next().and_then(|chart| chart.cell_at(x_mm, y_mm));
        let start_s = cx.session.document.window_start_s;
        let time_s = cell.map(|cell| start_s + cell.time_s(x_mm));
        if time_s.is_some() && time_s != cx.session.cursor_s {
            cx.push(Command::SetCursor(time_s));
        }
    }
    let surface = Surface {
        charts,
        lead: &|cell| shown.leads.get(&cell.name),
        rate: shown.leads.rate(),
        scale,
    };
    let seen = response.rect.intersect(ui.clip_rect());
    let painter = ui.painter_at(seen);
    for chart in charts {
        surface::cursor(&painter, chart, scale, cx);
    }
    calipers::show(ui, cx, response, &surface, drawing);
}

fn waits(painter: &Painter, cx: &PanelContext<'_>, seen: Rect) {
    let place = (seen.center_bottom() - vec2(0.0, 6.0), Align2::CENTER_BOTTOM);
    let ink = colour32(cx.look.paper.synthesised);
    let font = FontId::proportional(13.0);
    let paper = colour32(cx.look.paper.paper);
    grounded(painter, place, waiting(cx), (font, ink), paper);
}

/// The traces, and the median beats with their table below them.
fn lay_out(
    shown: &Shown,
    settings: &PaperSettings,
    ([width_mm, height_mm], offset_s): ([f64; 2], f64),
    (medium, terms): (Medium, Terms<'_>),
) -> Drawing {
    let beats = shown.beats.as_ref();
    let beats_mm = beats.map_or(0.0, |beats| GAP_MM + beats.height_mm(PANEL_MM, medium));
    let plan = ChartPlan {
        leads: &shown.leads,
        settings,
        others: Others::Shown,
        notes: &shown.notes,
        terms,
        medium,
        aside_mm: 0.0,
        frame: Frame {
            left_mm: 0.0,
            top_mm: 0.0,
            width_mm: width_mm - RIGHT_MM,
            height_mm: (height_mm - beats_mm).max(40.0),
        },
        start_s: 0.0,
        seconds: f64::INFINITY,
    };
    let charts = Chart::stacked(&plan);
    let bands = shown.bands.iter();
    let content = ChartContent {
        plan: &plan,
        bands: bands.map(|(name, band)| (name, &band[..])).collect(),
        offset_s,
    };
    let items = charts.iter().flat_map(|chart| chart_items(chart, &content));
    let mut drawing = Drawing {
        items: items.collect(),
        charts,
    };
    if let Some(beats) = beats {
        let frame = Frame {
            top_mm: drawing.bottom_mm() + GAP_MM,
            height_mm: beats.height_mm(PANEL_MM, medium),
            ..plan.frame
        };
        drawing.items.extend(beat_items(beats, &frame, medium));
        drawing.charts.push(Chart::empty(frame));
    }
    drawing
}
