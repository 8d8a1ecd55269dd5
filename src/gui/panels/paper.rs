//! The recorded leads as ECG paper: grid, traces, calibration pulse, cursor and calipers.

use std::sync::Arc;

use eframe::egui::{
    Align2, Color32, ComboBox, CursorIcon, FontId, PointerButton, Pos2, Rect, Response, Sense,
    Shape, Stroke, StrokeKind, Ui, Vec2, pos2, vec2,
};

use super::super::{
    gpu::Paper,
    panel_context::{PanelContext, key},
    theme::{colour32, strong},
    view::Tool,
    widgets::{MeshCache, name_area, trace_points},
};
use crate::{
    draw::{Cell, Chart, Frame, Palette},
    ecg::{LeadSet, PageLayout, PaperSettings},
    session::{
        Command, Edit, Exam,
        document::{Caliper, CaliperKind},
    },
    signal::FilterSettings,
    words::{Label, layout_label},
};

/// Meshes kept between frames.
#[derive(Default)]
pub struct PaperCache {
    chart: Option<(u64, Arc<Chart>)>,
    traces: MeshCache,
}

impl PaperCache {
    /// Laying out sorts every trace: done once per change, not per frame.
    fn chart(&mut self, exam: &Exam, settings: &PaperSettings, frame: Frame) -> Arc<Chart> {
        let size = [
            frame.width_mm,
            frame.height_mm,
            settings.speed_mm_s,
            settings.gain_mm_mv,
        ]
        .map(f64::to_bits);
        let choices = (
            settings.layout as u8,
            settings.cabrera,
            settings.half_gain_chest,
        );
        let wanted = key((
            size,
            choices,
            exam.revision,
            Arc::as_ptr(&exam.shown) as usize,
        ));
        match &self.chart {
            Some((kept, chart)) if *kept == wanted => chart.clone(),
            _ => {
                let chart = Arc::new(Chart::new(
                    &on_page(&exam.shown, settings.layout),
                    settings,
                    frame,
                    0.0,
                    3600.0,
                ));
                self.chart = Some((wanted, chart.clone()));
                chart
            }
        }
    }
}

/// Twelve rows are the twelve leads: others that the file has are compared with, not crammed in.
fn on_page(leads: &LeadSet, layout: PageLayout) -> LeadSet {
    let standard: Vec<_> = leads
        .leads()
        .iter()
        .filter(|it| it.name.is_standard())
        .cloned()
        .collect();
    if layout != PageLayout::TwelveByOne || standard.len() < 12 {
        return leads.clone();
    }
    LeadSet::new(leads.rate(), standard).unwrap_or_else(|_| leads.clone())
}

/// How millimetres of the paper lie on the screen.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// Screen place of the paper's corner.
    pub origin: Pos2,
    /// Points per millimetre.
    pub per_mm: f32,
}

impl Scale {
    /// A place on the paper.
    pub fn at(&self, x_mm: f64, y_mm: f64) -> Pos2 {
        pos2(
            self.origin.x + self.per_mm * x_mm as f32,
            self.origin.y + self.per_mm * y_mm as f32,
        )
    }

    /// Millimetres of a place on the screen.
    pub fn mm(&self, at: Pos2) -> (f64, f64) {
        (
            f64::from((at.x - self.origin.x) / self.per_mm),
            f64::from((at.y - self.origin.y) / self.per_mm),
        )
    }
}

/// Which pane of [`Paper`] the page is; the strips follow it.
pub const PANE: usize = 0;

/// Ground and lines of the paper.
pub fn ground(palette: &Palette) -> [Color32; 3] {
    [palette.paper, palette.minor_grid, palette.major_grid].map(colour32)
}

/// Margin right of the last second, mm.
const RIGHT_MM: f64 = 4.0;

/// Points per millimetre so that ten seconds at 25 mm/s fit the width, or true millimetres where
/// asked for.
pub fn points_per_mm(cx: &PanelContext<'_>, width: f32) -> f32 {
    let exam_s = cx
        .session
        .exam
        .as_ref()
        .map_or(10.0, |it| it.leads.duration_s());
    let paper_mm = (exam_s * cx.session.document.page.speed_mm_s).clamp(60.0, 250.0)
        + Chart::PULSE_ZONE_MM
        + RIGHT_MM;
    let fitted = width / paper_mm as f32;
    let plain = if cx.view.true_size {
        cx.session
            .settings
            .points_per_mm(cx.monitor)
            .unwrap_or(96.0 / 25.4)
    } else {
        fitted
    };
    plain * cx.view.paper_zoom
}

/// The bar above the paper.
pub fn toolbar(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    ui.horizontal_wrapped(|ui| {
        let mut page = cx.session.document.page;
        choose(
            ui,
            cx.tr(Label::Layout),
            &mut page.layout,
            PageLayout::ALL.map(|it| (it, cx.tr(layout_label(it)).to_owned())),
        );
        choose(
            ui,
            cx.tr(Label::PaperSpeed),
            &mut page.speed_mm_s,
            PaperSettings::SPEEDS_MM_S.map(|it| (it, format!("{it} mm/s"))),
        );
        choose(
            ui,
            cx.tr(Label::Gain),
            &mut page.gain_mm_mv,
            PaperSettings::GAINS_MM_MV.map(|it| (it, format!("{it} mm/mV"))),
        );
        filters(ui, cx);
        more(ui, cx, &mut page);
        if page != cx.session.document.page {
            cx.push(Edit::SetPage(page));
        }
        ui.separator();
        tools(ui, cx);
    });
}

fn choose<T: PartialEq + Clone, const N: usize>(
    ui: &mut Ui,
    name: &str,
    value: &mut T,
    choices: [(T, String); N],
) {
    let shown = choices
        .iter()
        .find(|it| it.0 == *value)
        .map_or_else(|| "…".to_owned(), |it| it.1.clone());
    let combo = ComboBox::from_id_salt(name)
        .selected_text(shown)
        .width(20.0)
        .show_ui(ui, |ui| {
            for (choice, label) in choices {
                ui.selectable_value(value, choice, label);
            }
        });
    let name = name.to_owned();
    combo.response.widget_info(|| {
        eframe::egui::WidgetInfo::labeled(eframe::egui::Role::ComboBox, true, name.clone())
    });
    combo.response.on_hover_text(name);
}

/// The filters in short.
fn filters_text(cx: &PanelContext<'_>) -> String {
    let filters = cx.session.document.filters;
    if filters.is_off() {
        cx.tr(Label::FiltersOff).to_owned()
    } else {
        filters.label()
    }
}

fn filters(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let now = cx.session.document.filters;
    let mut wanted = now;
    ui.menu_button(filters_text(cx), |ui| {
        ui.set_min_width(280.0);
        let mut row = |name: Label, value: &mut Option<f64>, choices: &[f64]| {
            ui.horizontal(|ui| {
                ui.label(cx.tr(name));
                ui.selectable_value(value, None, cx.tr(Label::Off));
                for hz in choices {
                    ui.selectable_value(value, Some(*hz), format!("{hz} Hz"));
                }
            });
        };
        row(Label::HighPass, &mut wanted.high_pass_hz, &[0.05, 0.5]);
        row(
            Label::LowPass,
            &mut wanted.low_pass_hz,
            &[40.0, 100.0, 150.0],
        );
        row(Label::Mains, &mut wanted.notch_hz, &[50.0, 60.0]);
        if wanted.low_pass_hz.is_some_and(|it| it < 150.0) {
            ui.colored_label(
                cx.look.colours.warning,
                format!("⚠ {}", cx.tr(Label::LowPassCaution)),
            );
        }
        if wanted != FilterSettings::default() && ui.button(cx.tr(Label::AllOff)).clicked() {
            wanted = FilterSettings::default();
        }
    })
    .response
    .on_hover_text(cx.tr(Label::FiltersHint));
    if wanted != now {
        cx.push(Edit::SetFilters(wanted));
    }
}

fn more(ui: &mut Ui, cx: &mut PanelContext<'_>, page: &mut PaperSettings) {
    ui.menu_button(cx.tr(Label::Paper), |ui| {
        ui.checkbox(&mut page.cabrera, cx.tr(Label::CabreraOrder));
        ui.checkbox(&mut page.half_gain_chest, cx.tr(Label::ChestHalfGain));
        let mut dark = cx.session.settings.dark_paper;
        if ui.checkbox(&mut dark, cx.tr(Label::DarkPaper)).changed() {
            let settings = crate::session::settings::Settings {
                dark_paper: dark,
                ..cx.session.settings.clone()
            };
            cx.push(Command::SetSettings(Box::new(settings)));
        }
        let name = cx.tr(Label::TrueMillimetres);
        ui.checkbox(&mut cx.view.true_size, name);
        if ui.button(cx.tr(Label::MeasureScreenMenu)).clicked() {
            cx.view.dialog = Some(super::super::view::Dialog::Ruler { card_points: 323.0 });
        }
    })
    .response
    .on_hover_text(cx.tr(Label::PaperHint));
}

fn tools(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    for (tool, name, hint) in [
        (Tool::Caliper, Label::Calipers, Label::CalipersHint),
        (Tool::March, Label::March, Label::MarchHint),
    ] {
        let is_on = cx.view.tool == tool;
        if ui
            .selectable_label(is_on, cx.tr(name))
            .on_hover_text(cx.tr(hint))
            .clicked()
        {
            cx.view.tool = if is_on { Tool::Cursor } else { tool };
        }
    }
    if ui
        .selectable_label(cx.view.median, cx.tr(Label::MedianBeat))
        .on_hover_text(cx.tr(Label::MedianHint))
        .clicked()
    {
        cx.view.median = !cx.view.median;
    }
    if !cx.session.document.calipers.is_empty() && ui.button(cx.tr(Label::ClearCalipers)).clicked()
    {
        cx.push(Edit::ClearCalipers);
    }
    if 1.0 != cx.view.paper_zoom || cx.view.paper_pan != Vec2::ZERO {
        if ui
            .button(cx.tr(Label::Fit))
            .on_hover_text(cx.tr(Label::FitHint))
            .clicked()
        {
            (cx.view.paper_zoom, cx.view.paper_pan) = (1.0, Vec2::ZERO);
        }
    }
    if let Some(exam) = &cx.session.exam {
        window_bar(ui, exam, cx);
    }
}

/// Pages through recordings longer than one window.
fn window_bar(ui: &mut Ui, exam: &Exam, cx: &mut PanelContext<'_>) {
    let last_s = exam.duration_s - crate::session::document::WINDOW_S;
    if last_s <= 0.05 {
        return;
    }
    let mut start_s = cx.session.document.window_start_s;
    let earlier = ui
        .button(cx.tr(Label::BackTenSeconds))
        .on_hover_text(cx.tr(Label::EarlierHint));
    let place = eframe::egui::DragValue::new(&mut start_s)
        .range(0.0..=last_s)
        .speed(0.5)
        .suffix(" s")
        .fixed_decimals(1);
    let typed = ui.add(place).on_hover_text(cx.tr(Label::FirstSecond));
    let later = ui.button("10 s →").on_hover_text(cx.tr(Label::LaterHint));
    if earlier.clicked() {
        start_s -= crate::session::document::WINDOW_S;
    }
    if later.clicked() {
        start_s += crate::session::document::WINDOW_S;
    }
    let start_s = start_s.clamp(0.0, last_s);
    if start_s != cx.session.document.window_start_s && !typed.dragged() {
        cx.push(Edit::SetWindow(start_s));
        cx.push(Command::EndGesture);
    }
}

/// The paper. Returns its scale, so that the strips below share the time axis.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>, ink: &mut PaperCache) -> Option<(Scale, f64)> {
    let exam = cx.session.exam.as_ref()?;
    let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::click_and_drag());
    let per_mm = points_per_mm(cx, rect.width());
    let scale = Scale {
        origin: rect.min - cx.view.paper_pan,
        per_mm,
    };
    let size_mm = [
        f64::from(rect.width() / per_mm),
        f64::from(rect.height() / per_mm),
    ]
    .map(|it| it * f64::from(cx.view.paper_zoom.max(1.0)));
    let frame = Frame {
        left_mm: 0.0,
        top_mm: 0.0,
        width_mm: size_mm[0] - RIGHT_MM.min(0.3 * size_mm[0]),
        height_mm: size_mm[1],
    };
    let settings = cx.session.document.page;
    let chart = ink.chart(exam, &settings, frame);

    let painter = ui.painter_at(rect);
    let palette = cx.look.paper;
    painter.add(
        Paper {
            pane: PANE,
            origin: scale.origin,
            per_mm,
            colours: ground(&palette),
        }
        .into_shape(rect),
    );
    let pixels = ui.ctx().pixels_per_point();
    let bits = |it: f32| it.to_bits();
    let place = [
        rect.min.x,
        rect.min.y,
        rect.max.x,
        rect.max.y,
        scale.origin.x,
        scale.origin.y,
        per_mm,
        pixels,
    ]
    .map(bits);
    let page = &cx.session.document.page;
    let chosen = (
        page.layout as u8,
        page.cabrera,
        page.half_gain_chest,
        page.speed_mm_s.to_bits(),
        page.gain_mm_mv.to_bits(),
    );
    let trace_colour = colour32(palette.recorded);
    let trace_key = key((
        place,
        chosen,
        exam.revision,
        Arc::as_ptr(&exam.shown) as usize,
        trace_colour,
    ));
    painter.add(ink.traces.mesh(trace_key, pixels, || {
        trace_shapes(&chart, &exam.shown, scale, trace_colour, pixels)
    }));
    labels(&painter, &chart, scale, cx, rect);
    interact(ui, cx, &response, &chart, &exam.shown, scale);
    cursor(&painter, &chart, scale, cx, rect);
    calipers(&painter, &chart, scale, cx, rect);
    let name = format!(
        "ECG paper, {} leads, {}",
        exam.shown.leads().len(),
        settings.label()
    );
    name_area(&response, name);
    Some((scale, chart.seconds))
}

fn trace_shapes(
    chart: &Chart,
    leads: &LeadSet,
    scale: Scale,
    colour: Color32,
    pixels: f32,
) -> Vec<Shape> {
    let stroke = Stroke::new((0.28 * scale.per_mm).clamp(1.0, 2.0), colour);
    let mut shapes = Vec::new();
    for cell in chart.cells.iter().filter(|it| it.present) {
        let Some(lead) = leads.get(&cell.name) else {
            continue;
        };
        let range = cell.samples(leads);
        let first = range.start;
        let rate = leads.rate();
        let x = |it: f64| scale.at(cell.x_mm((first as f64 + it) / rate.hz()), 0.0).x;
        let y = |mv: f64| scale.at(0.0, cell.y_mm(mv)).y;
        for run in trace_points(&lead.samples_mv[range], x, y, pixels) {
            if 1 < run.len() {
                shapes.push(Shape::line(run, stroke));
            }
        }
        if 0.01 < cell.start_s - chart.start_s {
            // A tick where one lead ends and the next begins.
            let (top, bottom) = (
                scale.at(cell.left_mm, cell.baseline_mm - 4.0),
                scale.at(cell.left_mm, cell.baseline_mm - 1.5),
            );
            shapes.push(Shape::line_segment([top, bottom], Stroke::new(1.0, colour)));
        }
    }
    // 1 mV over 5 mm at the start of every row.
    for (row, baseline) in chart.baselines_mm.iter().enumerate() {
        let Some(cell) = chart.cells.iter().find(|it| it.row == row) else {
            continue;
        };
        let up = baseline - cell.gain_mm_mv;
        let corners = [
            (1.5, *baseline),
            (2.5, *baseline),
            (2.5, up),
            (7.5, up),
            (7.5, *baseline),
            (8.5, *baseline),
        ];
        shapes.push(Shape::line(
            corners.map(|(x, y)| scale.at(x, y)).to_vec(),
            stroke,
        ));
    }
    shapes
}

fn labels(
    painter: &eframe::egui::Painter,
    chart: &Chart,
    scale: Scale,
    cx: &PanelContext<'_>,
    rect: Rect,
) {
    let ink = colour32(cx.look.paper.recorded);
    let size = (3.6 * scale.per_mm).clamp(11.0, 16.0);
    for cell in &chart.cells {
        let above = cell_top_mm(chart, cell);
        let at = scale.at(cell.left_mm + 1.0, above);
        let text = if cell.present {
            cell.label.clone()
        } else {
            format!("{} {}", cell.label, cx.tr(Label::NotRecorded))
        };
        let galley = painter.layout_no_wrap(text, strong(size), ink);
        let back = Rect::from_min_size(at, galley.size()).expand2(vec2(2.0, 0.0));
        painter.rect_filled(back, 2.0, colour32(cx.look.paper.paper).gamma_multiply(0.8));
        painter.galley(at, galley, ink);
    }
    let text = format!(
        "{} · {}",
        cx.session.document.page.label(),
        filters_text(cx)
    );
    grounded(
        painter,
        rect.right_bottom() - vec2(6.0, 3.0),
        Align2::RIGHT_BOTTOM,
        text,
        FontId::proportional(11.0),
        colour32(cx.look.paper.muted),
        cx,
    );
}

/// Small words on a ground of paper, so that no grid line runs through them.
pub fn grounded(
    painter: &eframe::egui::Painter,
    at: Pos2,
    anchor: Align2,
    text: String,
    font: FontId,
    ink: Color32,
    cx: &PanelContext<'_>,
) {
    let galley = painter.layout_no_wrap(text, font, ink);
    let place = anchor.anchor_size(at, galley.size());
    painter.rect_filled(
        place.expand2(vec2(3.0, 1.0)),
        2.0,
        colour32(cx.look.paper.paper).gamma_multiply(0.85),
    );
    painter.galley(place.min, galley, ink);
}

/// Height of a lead's name: above its trace, inside its row.
fn cell_top_mm(chart: &Chart, cell: &Cell) -> f64 {
    let before = cell
        .row
        .checked_sub(1)
        .and_then(|it| chart.baselines_mm.get(it));
    let room = before.map_or(cell.baseline_mm - chart.frame.top_mm, |it| {
        cell.baseline_mm - it
    });
    (cell.baseline_mm - room.min(12.0).max(0.55 * room.min(20.0))).max(chart.frame.top_mm + 0.5)
}

fn interact(
    ui: &Ui,
    cx: &mut PanelContext<'_>,
    response: &Response,
    chart: &Chart,
    leads: &LeadSet,
    scale: Scale,
) {
    zoom(ui, cx, response);
    let start_s = cx.session.document.window_start_s;
    let Some(pointer) = response.hover_pos().or(response.interact_pointer_pos()) else {
        return;
    };
    let (x_mm, y_mm) = scale.mm(pointer);
    let Some(cell) = chart.cell_at(x_mm, y_mm) else {
        return;
    };
    let time_s = start_s + cell.time_s(x_mm);
    if response.hovered() && cx.session.cursor_s != Some(time_s) {
        cx.push(Command::SetCursor(Some(time_s)));
    }
    if cx.view.tool == Tool::Cursor {
        if response.dragged_by(PointerButton::Primary) && cx.view.paper_zoom != 1.0 {
            cx.view.paper_pan -= response.drag_delta();
            ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
        }
        return;
    }
    ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
    let free = ui.input(|it| it.modifiers.alt);
    let level = if free {
        cell.mv(y_mm)
    } else {
        sample_at(leads, cell, time_s - start_s).unwrap_or_else(|| cell.mv(y_mm))
    };
    if response.drag_started_by(PointerButton::Primary) {
        if let Some(grabbed) = grabbed(cx, chart, scale, pointer) {
            cx.view.caliper = Some(grabbed);
        } else {
            let kind = if cx.view.tool == Tool::March {
                CaliperKind::Marching
            } else {
                CaliperKind::Pair
            };
            cx.view.caliper = Some((cx.session.document.calipers.len(), 1));
            cx.push(Edit::AddCaliper(Caliper {
                kind,
                lead: cell.name.clone(),
                times_s: [time_s; 2],
                levels_mv: [level; 2],
            }));
        }
    } else if response.dragged_by(PointerButton::Primary) {
        if let Some((idx, end)) = cx.view.caliper
            && let Some(before) = cx.session.document.calipers.get(idx)
        {
            let mut caliper = before.clone();
            (caliper.times_s[end], caliper.levels_mv[end]) = (time_s, level);
            cx.push(Edit::MoveCaliper(idx, caliper));
        }
    }
    if response.drag_stopped() {
        cx.view.caliper = None;
        cx.push(Command::EndGesture);
    }
    if response.secondary_clicked()
        && let Some((idx, _)) = grabbed(cx, chart, scale, pointer)
    {
        cx.push(Edit::RemoveCaliper(idx));
    }
}

fn sample_at(leads: &LeadSet, cell: &Cell, time_s: f64) -> Option<f64> {
    let idx = leads.rate().samples_in(time_s.max(0.0));
    leads
        .get(&cell.name)?
        .samples_mv
        .get(idx)
        .map(|it| f64::from(*it))
        .filter(|it| it.is_finite())
}

fn zoom(ui: &Ui, cx: &mut PanelContext<'_>, response: &Response) {
    if response.double_clicked() {
        (cx.view.paper_zoom, cx.view.paper_pan) = (1.0, Vec2::ZERO);
    }
    if !response.hovered() {
        return;
    }
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
    if let Some(pointer) = response.hover_pos() {
        let inside = pointer - response.rect.min + cx.view.paper_pan;
        cx.view.paper_pan += inside * (after / before - 1.0);
    }
    cx.view.paper_zoom = after;
    let most = response.rect.size() * (after - 1.0);
    cx.view.paper_pan = cx.view.paper_pan.clamp(Vec2::ZERO, most);
    if after <= 1.001 {
        (cx.view.paper_zoom, cx.view.paper_pan) = (1.0, Vec2::ZERO);
    }
}

/// The caliper and its end under the pointer.
fn grabbed(
    cx: &PanelContext<'_>,
    chart: &Chart,
    scale: Scale,
    pointer: Pos2,
) -> Option<(usize, usize)> {
    let start_s = cx.session.document.window_start_s;
    cx.session
        .document
        .calipers
        .iter()
        .enumerate()
        .rev()
        .find_map(|(idx, caliper)| {
            let cell = caliper_cell(chart, caliper, start_s)?;
            let end = (0..2).find(|end| {
                let x = scale.at(cell.x_mm(caliper.times_s[*end] - start_s), 0.0).x;
                let y = scale.at(0.0, cell.baseline_mm).y;
                (x - pointer.x).abs() < 6.0 && (y - pointer.y).abs() < 16.0 * scale.per_mm
            })?;
            Some((idx, end))
        })
}

fn caliper_cell<'a>(chart: &'a Chart, caliper: &Caliper, start_s: f64) -> Option<&'a Cell> {
    let time_s = caliper.times_s[0] - start_s;
    let mut of_lead = chart.cells.iter().filter(|it| it.name == caliper.lead);
    of_lead
        .clone()
        .find(|it| it.start_s <= time_s && time_s <= it.start_s + it.seconds)
        .or_else(|| of_lead.next())
}

fn cursor(
    painter: &eframe::egui::Painter,
    chart: &Chart,
    scale: Scale,
    cx: &PanelContext<'_>,
    rect: Rect,
) {
    let Some(time_s) = cx.session.cursor_s else {
        return;
    };
    let start_s = cx.session.document.window_start_s;
    let colour = colour32(cx.look.paper.notice);
    for cell in chart.cells_at_time(time_s - start_s) {
        let x = scale.at(cell.x_mm(time_s - start_s), 0.0).x;
        let half = 0.5 * chart.pitch_mm.min(26.0);
        let (top, bottom) = (
            scale.at(0.0, cell.baseline_mm - half).y,
            scale.at(0.0, cell.baseline_mm + 0.6 * half).y,
        );
        painter.vline(
            x,
            top..=bottom,
            Stroke::new(1.0, colour.gamma_multiply(0.75)),
        );
    }
    let at = pos2(rect.left() + 6.0, rect.bottom() - 3.0);
    grounded(
        painter,
        at,
        Align2::LEFT_BOTTOM,
        format!("{time_s:.3} s"),
        FontId::proportional(11.0),
        colour,
        cx,
    );
}

fn calipers(
    painter: &eframe::egui::Painter,
    chart: &Chart,
    scale: Scale,
    cx: &PanelContext<'_>,
    rect: Rect,
) {
    let start_s = cx.session.document.window_start_s;
    let colour = colour32(cx.look.paper.notice);
    let stroke = Stroke::new(1.2, colour);
    for caliper in &cx.session.document.calipers {
        let Some(cell) = caliper_cell(chart, caliper, start_s) else {
            continue;
        };
        let xs = caliper
            .times_s
            .map(|it| scale.at(cell.x_mm(it - start_s), 0.0).x);
        let (top, bottom) = (
            scale.at(0.0, cell.baseline_mm - 11.0).y,
            scale.at(0.0, cell.baseline_mm + 6.0).y,
        );
        for (x, mv) in xs.into_iter().zip(caliper.levels_mv) {
            painter.vline(x, top..=bottom, stroke);
            painter.circle_filled(pos2(x, scale.at(0.0, cell.y_mm(mv)).y), 2.5, colour);
        }
        painter.hline(xs[0].min(xs[1])..=xs[0].max(xs[1]), top, stroke);
        let step = (xs[1] - xs[0]).abs();
        if caliper.kind == CaliperKind::Marching && 4.0 < step {
            let (from, to) = (
                scale.at(Chart::PULSE_ZONE_MM, 0.0).x.max(rect.left()),
                rect.right(),
            );
            let first = xs[0] - ((xs[0] - from) / step).floor() * step;
            let n = ((to - first) / step).floor().clamp(0.0, 500.0) as usize;
            for it in 0..=n {
                painter.vline(
                    first + it as f32 * step,
                    top..=bottom,
                    Stroke::new(1.0, colour.gamma_multiply(0.5)),
                );
            }
        }
        let rate = caliper
            .rate_bpm()
            .map(|it| format!(" · {it:.0}/min"))
            .unwrap_or_default();
        let text = format!(
            "{:.0} ms{rate} · {:+.0} µV",
            caliper.interval_ms(),
            caliper.amplitude_uv()
        );
        let galley = painter.layout_no_wrap(text, FontId::proportional(12.0), colour);
        let at = pos2(
            xs[0].min(xs[1]) + 4.0,
            (top - galley.size().y - 2.0).max(rect.top()),
        );
        let back = Rect::from_min_size(at, galley.size()).expand2(vec2(3.0, 1.0));
        painter.rect(
            back,
            3.0,
            colour32(cx.look.paper.paper),
            Stroke::new(1.0, colour),
            StrokeKind::Outside,
        );
        painter.galley(at, galley, colour);
    }
}
