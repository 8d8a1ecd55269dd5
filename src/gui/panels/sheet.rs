//! A sheet: the leads that one clinical question wants, over the whole pane, with median beats and
//! the table of ST below them.

use std::sync::Arc;

use eframe::egui::{Align2, FontId, Rect, ScrollArea, Sense, Ui, vec2};

use super::{
    super::{
        gpu::Paper,
        panel_context::{PanelContext, key},
        theme::colour32,
        view::Tool,
        widgets::{Drawing, DrawingCache, Part, Scale, grounded, name_area, one_row, screen},
    },
    calipers::{self, Surface},
    leads::waiting,
    paper::{self, PANE, RIGHT_MM, ground, settings_key, terms},
};
use crate::{
    draw::{BeatsContent, Chart, ChartContent, ChartPlan, Frame, Medium, beat_items, chart_items},
    ecg::{LeadSet, Sheet},
    session::{Command, Edit, Exam, PageLeads},
    words::{Label, sheet_labels},
};

/// A panel of median beats is so high, mm.
const PANEL_MM: f64 = 46.0;
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

/// The sheet in the place of paper and strips.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>, sheet: Sheet, cache: &mut DrawingCache) {
    let Some(exam) = &cx.session.exam else { return };
    let page = PageLeads::new(&cx.session.document, exam, &cx.session.results);
    let leads = page.as_ref().and_then(|page| sheet.select(&page.leads));
    let (Some(page), Some(leads)) = (page, leads) else {
        ui.label(cx.tr(Label::SheetLacksLeads));
        return;
    };
    let missing = page.placed.len() < cx.session.document.virtual_leads.len();
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let pane = ui.available_size();
        let per_mm = paper::points_per_mm(cx, pane.x) / cx.view.paper_zoom;
        let size_mm = [pane.x, pane.y].map(|points| f64::from(points / per_mm));
        let plan = SheetPlan {
            sheet,
            leads: &leads,
            page: &page,
            size_mm,
            medium: screen(cx.look.paper, per_mm),
        };
        let drawing = drawing(cx, exam, cache, &plan);
        let height = pane.y.max(per_mm * drawing.bottom_mm() as f32);
        let chart = drawing.charts.first().cloned();
        let (rect, response) =
            ui.allocate_exact_size(vec2(pane.x, height), Sense::click_and_drag());
        let Some(chart) = chart else { return };
        let scale = Scale {
            origin: rect.min,
            per_mm,
        };
        let seen = rect.intersect(ui.clip_rect());
        let painter = ui.painter_at(seen);
        let colours = ground(&cx.look.paper);
        let paper = Paper {
            pane: PANE,
            origin: scale.origin,
            per_mm,
            colours,
        };
        painter.add(paper.into_shape(seen));
        cache.paint(&painter, scale);
        if let Some(pointer) = response.hover_pos() {
            let (x_mm, y_mm) = scale.mm(pointer);
            let cell = chart
                .cell_at(x_mm, y_mm)
                .filter(|_| y_mm < chart.frame.bottom_mm());
            let start_s = cx.session.document.window_start_s;
            let time_s = cell.map(|cell| start_s + cell.time_s(x_mm));
            if time_s.is_some() && time_s != cx.session.cursor_s {
                cx.push(Command::SetCursor(time_s));
            }
        }
        let charts = [chart];
        let surface = Surface {
            charts: &charts,
            lead: &|cell| leads.get(&cell.name),
            rate: leads.rate(),
            scale,
        };
        if cx.view.tool != Tool::Cursor {
            calipers::interact(ui, cx, &response, &surface);
        }
        paper::cursor(&painter, &charts[0], scale, cx);
        calipers::paint(&painter, cx, &surface, seen);
        if missing {
            waits(&painter, cx, seen);
        }
        let name = cx.tr(sheet_labels(Some(sheet))[0]);
        let labels: Vec<String> = leads.leads().iter().map(|lead| lead.label()).collect();
        name_area(&response, format!("{name}: {}", labels.join(", ")));
    });
}

fn waits(painter: &eframe::egui::Painter, cx: &PanelContext<'_>, seen: Rect) {
    let place = (seen.center_bottom() - vec2(0.0, 6.0), Align2::CENTER_BOTTOM);
    let ink = colour32(cx.look.paper.synthesised);
    let font = FontId::proportional(13.0);
    let paper = colour32(cx.look.paper.paper);
    grounded(painter, place, waiting(cx), (font, ink), paper);
}

/// What a sheet is laid out from.
struct SheetPlan<'a> {
    sheet: Sheet,
    leads: &'a LeadSet,
    page: &'a PageLeads<'a>,
    size_mm: [f64; 2],
    medium: Medium,
}

/// Laid out anew when a lead, its error or the paper changes.
fn drawing<'a>(
    cx: &PanelContext<'_>,
    exam: &Exam,
    cache: &'a mut DrawingCache,
    plan: &SheetPlan<'_>,
) -> &'a Drawing {
    let settings = &cx.session.document.page;
    let terms = terms(cx);
    let placed: Vec<_> = plan
        .page
        .placed
        .iter()
        .map(|lead| {
            let samples = lead.made.synthesis.lead.samples_mv.as_ptr() as usize;
            (lead.name.clone(), samples, lead.reliability.is_some())
        })
        .collect();
    let wanted = key((
        (plan.sheet.name(), placed),
        plan.size_mm.map(f64::to_bits),
        plan.medium.note_mm.to_bits(),
        settings_key(settings),
        (exam.revision, Arc::as_ptr(&exam.shown) as usize),
        (cx.look.paper.paper.rgb, terms.not_recorded),
    ));
    cache.drawing(wanted, || {
        let beats = plan.page.beats(plan.sheet, cx.translator);
        let notes = plan.page.notes(cx.translator);
        let bands = plan.page.bands();
        let content = ChartContent {
            leads: plan.leads,
            bands: bands.iter().map(|(name, band)| (name, &band[..])).collect(),
            notes,
            terms,
            offset_s: 0.0,
            medium: plan.medium,
        };
        lay_out(plan, &content, settings, beats.as_ref())
    })
}

/// The traces, and the median beats with their table below them.
fn lay_out(
    plan: &SheetPlan<'_>,
    content: &ChartContent<'_>,
    settings: &crate::ecg::PaperSettings,
    beats: Option<&BeatsContent>,
) -> Drawing {
    let [width_mm, height_mm] = plan.size_mm;
    let beats_mm = beats.map_or(0.0, |beats| GAP_MM + beats.height_mm(PANEL_MM, plan.medium));
    let chart = Chart::whole(&ChartPlan {
        leads: plan.leads,
        settings,
        medium: plan.medium,
        frame: Frame {
            left_mm: 0.0,
            top_mm: 0.0,
            width_mm: width_mm - RIGHT_MM,
            height_mm: (height_mm - beats_mm).max(40.0),
        },
        start_s: 0.0,
        seconds: f64::INFINITY,
    });
    let mut drawing = Drawing {
        items: chart_items(&chart, content),
        charts: vec![chart],
    };
    if let Some(beats) = beats {
        let frame = Frame {
            left_mm: 0.0,
            top_mm: drawing.bottom_mm() + GAP_MM,
            width_mm: width_mm - RIGHT_MM,
            height_mm: beats.height_mm(PANEL_MM, plan.medium),
        };
        drawing.items.extend(beat_items(beats, &frame, plan.medium));
        drawing.charts.push(Chart::empty(frame));
    }
    drawing
}
