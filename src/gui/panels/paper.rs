//! The recorded leads as ECG paper: what `draw` lays out, painted, with cursor, calipers, zoom.

use std::sync::Arc;

use eframe::egui::{
    Align2, CursorIcon, FontId, Painter, PointerButton, Rect, Response, Sense, Shape, Ui, Vec2,
    vec2,
};

use super::{
    super::{
        gpu::Paper,
        panel_context::{PanelContext, key},
        theme::colour32,
        view::Tool,
        widgets::{Drawing, DrawingCache, Scale, name_area, screen},
    },
    calipers,
    paper_toolbar::filters_text,
    surface::{self, Surface},
};
use crate::{
    draw::{Chart, ChartContent, ChartPlan, Frame, Medium, Others, Terms, chart_items},
    ecg::{LeadName, LeadSet, Origin, PaperSettings},
    session::{Command, Exam},
    words::Label,
};

/// Which pane of [`Paper`] the page is; the strips follow it.
pub const PANE: usize = 0;

/// Ground and lines of the paper under a drawing of that scale; no two panes of a frame share a
/// number.
pub fn grid(cx: &PanelContext<'_>, pane: usize, scale: Scale, rect: Rect) -> Shape {
    let palette = &cx.look.paper;
    let paper = Paper {
        pane,
        origin: scale.origin,
        per_mm: scale.per_mm,
        colours: [palette.paper, palette.minor_grid, palette.major_grid].map(colour32),
    };
    paper.into_shape(rect)
}

/// Margin right of the last second, mm.
pub const RIGHT_MM: f64 = 4.0;

/// Points per millimetre so that ten seconds at 25 mm/s fit the width, or true millimetres where
/// asked for.
pub fn points_per_mm(cx: &PanelContext<'_>, width: f32) -> f32 {
    let exam_s = cx
        .session
        .exam
        .as_ref()
        .map_or(10.0, |exam| exam.leads.duration_s());
    let paper_mm = (exam_s * cx.session.document.page.speed_mm_s).clamp(60.0, 250.0)
        + Chart::PULSE_ZONE_MM
        + RIGHT_MM;
    let plain = if cx.view.true_size {
        cx.session
            .settings
            .points_per_mm(cx.monitor)
            .unwrap_or(96.0 / 25.4)
    } else {
        width / paper_mm as f32
    };
    plain * cx.view.paper_zoom
}

/// The words of a chart in the language of the window.
pub fn terms(cx: &PanelContext<'_>) -> Terms<'static> {
    Terms {
        synthesised: cx.tr(Label::Synthesised),
        not_recorded: cx.tr(Label::NotRecorded),
        from: cx.tr(Label::FromTime),
        cut: Some(cx.tr(Label::TraceCut)),
    }
}

/// The recorded leads from `start_s` of the window on, some with notes beside their names, in a frame,
/// which reaches as far down as they need.
pub fn lay_out(
    leads: &LeadSet,
    settings: &PaperSettings,
    notes: &[(LeadName, String)],
    (frame, start_s): (Frame, f64),
    words: (Medium, Terms<'_>),
) -> Drawing {
    let plan = ChartPlan {
        start_s,
        ..plan(leads, settings, notes, frame, words)
    };
    drawn(&plan, vec![Chart::whole(&plan)])
}

/// The same with all seconds, stretch below stretch where a row does not hold them.
pub fn lay_out_all(
    leads: &LeadSet,
    settings: &PaperSettings,
    notes: &[(LeadName, String)],
    frame: Frame,
    words: (Medium, Terms<'_>),
) -> Drawing {
    let plan = plan(leads, settings, notes, frame, words);
    drawn(&plan, Chart::stacked(&plan))
}

fn plan<'a>(
    leads: &'a LeadSet,
    settings: &'a PaperSettings,
    notes: &'a [(LeadName, String)],
    frame: Frame,
    (medium, terms): (Medium, Terms<'a>),
) -> ChartPlan<'a> {
    ChartPlan {
        leads,
        settings,
        others: Others::Named,
        notes,
        terms,
        medium,
        aside_mm: 0.0,
        frame,
        start_s: 0.0,
        seconds: f64::INFINITY,
    }
}

fn drawn(plan: &ChartPlan<'_>, charts: Vec<Chart>) -> Drawing {
    let content = ChartContent {
        plan,
        bands: Vec::new(),
        offset_s: 0.0,
    };
    let items = charts.iter().flat_map(|chart| chart_items(chart, &content));
    Drawing {
        items: items.collect(),
        charts,
    }
}

/// The paper.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>, cache: &mut DrawingCache) {
    let Some(exam) = &cx.session.exam else { return };
    let pane = ui.available_rect_before_wrap();
    let (above, below) = pane.split_top_bottom_at_y(pane.bottom() - STATUS);
    let (rect, response) = ui.allocate_exact_size(above.size(), Sense::click_and_drag());
    status(ui.painter(), cx, below);
    let per_mm = points_per_mm(cx, rect.width());
    let settings = cx.session.document.page;
    let latest_s = exam.leads.duration_s() - cx.view.page.seconds;
    cx.view.page.from_s = cx.view.page.from_s.clamp(0.0, latest_s.max(0.0));
    let drawing = drawing(cx, exam, cache, rect, per_mm);
    let Some(chart) = drawing.charts.first().cloned() else {
        return;
    };
    cx.view.page.seconds = chart.seconds;
    let size_mm = vec2(
        (chart.frame.width_mm + RIGHT_MM) as f32,
        chart.frame.height_mm as f32,
    );
    // What is larger than the pane can be moved about in it, and no further.
    let most = (per_mm * size_mm - rect.size()).max(Vec2::ZERO);
    cx.view.paper_pan = cx.view.paper_pan.clamp(Vec2::ZERO, most);
    let scale = Scale {
        origin: rect.min - cx.view.paper_pan,
        per_mm,
    };
    let painter = ui.painter_at(rect);
    painter.add(grid(cx, PANE, scale, rect));
    cache.paint(&painter, scale);
    zoom(ui, cx, &response, most);
    let shown = exam.shown.clone();
    move_cursor(ui, cx, &response, &chart, scale, most);
    let charts = [chart];
    let surface = Surface {
        charts: &charts,
        lead: &|cell| shown.get(&cell.name),
        rate: shown.rate(),
        scale,
    };
    surface::cursor(&painter, &charts[0], scale, cx);
    calipers::show(ui, cx, &response, &surface, cache.shown());
    let n = shown.leads().len().to_string();
    let words = [n.as_str(), &settings.label(cx.tr(Label::ChestLeads))];
    name_area(&response, cx.translator.fill(Label::EcgPaperOf, &words));
}

/// Laying out sorts every trace: done once per change, not per frame.
fn drawing<'a>(
    cx: &PanelContext<'_>,
    exam: &Exam,
    cache: &'a mut DrawingCache,
    rect: Rect,
    per_mm: f32,
) -> &'a Drawing {
    let zoom = f64::from(cx.view.paper_zoom.max(1.0));
    let [width, height] =
        [rect.width(), rect.height()].map(|points| f64::from(points / per_mm) * zoom);
    let frame = Frame {
        left_mm: 0.0,
        top_mm: 0.0,
        width_mm: width - RIGHT_MM.min(0.3 * width),
        height_mm: height,
    };
    let (medium, terms) = (screen(cx.look.paper, per_mm), terms(cx));
    let settings = cx.session.document.page;
    let start_s = cx.view.page.from_s;
    let wanted = key((
        [width, height, f64::from(per_mm), start_s].map(f64::to_bits),
        settings_key(&settings),
        (exam.revision, Arc::as_ptr(&exam.shown) as usize),
        (cx.look.paper.paper.rgb, terms.not_recorded),
    ));
    cache.drawing(wanted, || {
        let notes = cx.translator.truth_notes(&exam.recording);
        lay_out(
            &exam.shown,
            &settings,
            &notes,
            (frame, start_s),
            (medium, terms),
        )
    })
}

/// Changes when the paper's settings do.
pub fn settings_key(settings: &PaperSettings) -> u64 {
    key((
        settings.layout as u8,
        settings.cabrera,
        settings.half_gain_chest,
        settings.speed_mm_s.to_bits(),
        settings.gain_mm_mv.to_bits(),
    ))
}

/// Height of the line below the paper.
const STATUS: f32 = 18.0;

/// Speed, gain, filters and the cursor's time, below the paper.
fn status(painter: &Painter, cx: &PanelContext<'_>, rect: Rect) {
    let font = FontId::proportional(11.0);
    let exam = cx.session.exam.as_ref();
    let mut leads = exam.iter().flat_map(|exam| exam.shown.leads());
    let text = format!(
        "{} · {}{}",
        cx.session.document.page.label(cx.tr(Label::ChestLeads)),
        filters_text(cx),
        if leads.any(|lead| matches!(lead.origin, Origin::Derived { .. })) {
            cx.tr(Label::DerivedMark)
        } else {
            ""
        }
    );
    let ink = cx.look.colours.muted;
    let right = rect.right_center() - vec2(6.0, 0.0);
    painter.text(right, Align2::RIGHT_CENTER, text, font.clone(), ink);
    if let Some(time_s) = cx.session.cursor_s {
        let left = rect.left_center() + vec2(6.0, 0.0);
        let time = format!("{} s", cx.translator.number(time_s, 3));
        painter.text(
            left,
            Align2::LEFT_CENTER,
            time,
            font,
            cx.look.colours.notice,
        );
    }
}

/// The time cursor follows the pointer; a drag moves paper that is larger than its pane.
fn move_cursor(
    ui: &Ui,
    cx: &mut PanelContext<'_>,
    response: &Response,
    chart: &Chart,
    scale: Scale,
    most: Vec2,
) {
    if let Some(pointer) = surface::moved_to(ui, response)
        && let (x_mm, y_mm) = scale.mm(pointer)
        && let Some(cell) = chart.cell_at(x_mm, y_mm)
    {
        let time_s = cx.session.document.window_start_s + cell.time_s(x_mm);
        if cx.session.cursor_s != Some(time_s) {
            cx.push(Command::SetCursor(Some(time_s)));
        }
    }
    let is_drag = response.dragged_by(PointerButton::Primary) && cx.view.tool == Tool::Cursor;
    if is_drag && most != Vec2::ZERO {
        cx.view.paper_pan -= response.drag_delta();
        ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
    }
}

/// Pinch or wheel about the pointer; a double click shows the whole page again.
fn zoom(ui: &Ui, cx: &mut PanelContext<'_>, response: &Response, most: Vec2) {
    if response.double_clicked() {
        (cx.view.paper_zoom, cx.view.paper_pan) = (1.0, Vec2::ZERO);
    }
    let Some(pointer) = response.hover_pos().filter(|_| response.hovered()) else {
        return;
    };
    let (pinch, scroll, modifiers) =
        ui.input(|it| (it.zoom_delta(), it.smooth_scroll_delta(), it.modifiers));
    let factor = if pinch != 1.0 {
        pinch
    } else if modifiers.is_none() {
        (0.004 * scroll.y).exp()
    } else {
        1.0
    };
    if factor == 1.0 {
        return;
    }
    let before = cx.view.paper_zoom;
    let after = (before * factor).clamp(1.0, 12.0);
    let inside = pointer - response.rect.min + cx.view.paper_pan;
    let grown = (most + response.rect.size()) * (after / before) - response.rect.size();
    cx.view.paper_pan = (cx.view.paper_pan + inside * (after / before - 1.0))
        .clamp(Vec2::ZERO, grown.max(Vec2::ZERO));
    cx.view.paper_zoom = after;
}
