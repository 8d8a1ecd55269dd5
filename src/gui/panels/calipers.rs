//! Calipers on every trace, recorded or synthesised: set and moved with the pointer, painted with
//! what they measure.

use eframe::egui::{
    Color32, CursorIcon, FontId, Painter, PointerButton, Pos2, Rect, Response, Stroke, StrokeKind,
    Ui, pos2, vec2,
};

use super::super::{
    panel_context::PanelContext,
    theme::colour32,
    view::Tool,
    widgets::{Drawing, magnified},
};
use super::{
    beat_marks,
    surface::{self, Surface},
};
use crate::{
    draw::{Cell, Chart},
    session::{
        Command, Edit,
        document::{Caliper, CaliperKind},
    },
    words::Label,
};

/// How far a caliper reaches above and below the baseline, mm.
const ABOVE_MM: f64 = 11.0;
const BELOW_MM: f64 = 6.0;

/// Sets, moves and paints calipers on a drawing; through the lens too, where that is on.
pub fn show(
    ui: &Ui,
    cx: &mut PanelContext<'_>,
    response: &Response,
    surface: &Surface<'_>,
    drawing: &Drawing,
) {
    match cx.view.tool {
        Tool::Cursor => {}
        Tool::Beats => beat_marks::show(ui, cx, response, surface),
        Tool::Caliper | Tool::March | Tool::AllLeads => interact(ui, cx, response, surface),
    }
    let seen = response.rect.intersect(ui.clip_rect());
    let painter = ui.painter_at(seen);
    paint(&painter, cx, surface, seen);
    let pointer = response.hover_pos().or(response.interact_pointer_pos());
    if let Some(at) = pointer.filter(|at| cx.view.magnifier && seen.contains(*at)) {
        let traces = (drawing, surface.scale);
        let (inside, scale) = magnified(&painter, traces, at, &cx.look.paper);
        for chart in surface.charts {
            surface::cursor(&inside, chart, scale, cx);
        }
        let surface = Surface { scale, ..*surface };
        paint(&inside, cx, &surface, inside.clip_rect());
    }
}

/// What the pointer does to calipers while one of their tools is chosen.
fn interact(ui: &Ui, cx: &mut PanelContext<'_>, response: &Response, surface: &Surface<'_>) {
    let begins = response.drag_started_by(PointerButton::Primary);
    let now = response.interact_pointer_pos().or(response.hover_pos());
    let Some(pointer) = now else { return };
    let Some(cell) = surface.cell_at(pointer) else {
        return;
    };
    ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
    let modifiers = ui.input(|it| it.modifiers);
    if begins {
        // A drag is known as one after some pixels: the first edge belongs where the button went
        // down.
        let pressed = ui.input(|it| it.pointer.press_origin()).unwrap_or(pointer);
        let cell = surface.cell_at(pressed).unwrap_or(cell);
        begin(
            cx,
            surface,
            cell,
            [pressed, pointer].map(|at| (at, surface.point(cell, at, modifiers))),
        );
    } else if response.dragged_by(PointerButton::Primary)
        && let Some((idx, end)) = cx.view.caliper
        && let Some(before) = cx.session.document.calipers.get(idx)
    {
        // The level is that of the caliper's own lead, wherever the pointer strays.
        let own = surface.cell_of(before, cell.time_s(surface.scale.mm(pointer).0));
        let (time_s, level) = surface.point(own.unwrap_or(cell), pointer, modifiers);
        let mut caliper = before.clone();
        caliper.times_s[end] = cx.session.document.window_start_s + time_s;
        caliper.levels_mv[end] = level;
        cx.push(Edit::MoveCaliper(idx, caliper));
    }
    if response.drag_stopped() {
        cx.view.caliper = None;
        cx.push(Command::EndGesture);
    }
    if response.secondary_clicked()
        && let Some((idx, _)) = grabbed(cx, surface, pointer)
    {
        cx.push(Edit::RemoveCaliper(idx));
    }
}

/// Takes the caliper under the first place, or sets a new one from it to the second.
fn begin(
    cx: &mut PanelContext<'_>,
    surface: &Surface<'_>,
    cell: &Cell,
    [(pressed, first), (_, second)]: [(Pos2, (f64, f64)); 2],
) {
    if let Some(grabbed) = grabbed(cx, surface, pressed) {
        cx.view.caliper = Some(grabbed);
        return;
    }
    let kind = match cx.view.tool {
        Tool::March => CaliperKind::Marching,
        Tool::AllLeads => CaliperKind::AllLeads,
        Tool::Caliper | Tool::Cursor | Tool::Beats => CaliperKind::Pair,
    };
    let start_s = cx.session.document.window_start_s;
    cx.view.caliper = Some((cx.session.document.calipers.len(), 1));
    cx.push(Edit::AddCaliper(Caliper {
        kind,
        lead: cell.name.clone(),
        synthesised: cell.synthesised,
        times_s: [first.0, second.0].map(|time_s| start_s + time_s),
        levels_mv: [first.1, second.1],
    }));
}

/// The caliper and its end under the pointer.
fn grabbed(cx: &PanelContext<'_>, surface: &Surface<'_>, pointer: Pos2) -> Option<(usize, usize)> {
    let (start_s, scale) = (cx.session.document.window_start_s, surface.scale);
    let calipers = cx.session.document.calipers.iter().enumerate().rev();
    calipers.into_iter().find_map(|(idx, caliper)| {
        let end = (0..2).find(|end| {
            let time_s = caliper.times_s[*end] - start_s;
            let cell = match caliper.kind {
                CaliperKind::AllLeads => surface.cell_at(pointer),
                CaliperKind::Pair | CaliperKind::Marching => surface.cell_of(caliper, time_s),
            };
            cell.is_some_and(|cell| {
                let x = scale.at(cell.x_mm(time_s), 0.0).x;
                let y = scale.at(0.0, cell.baseline_mm).y;
                (x - pointer.x).abs() < 6.0 && (y - pointer.y).abs() < 16.0 * scale.per_mm
            })
        })?;
        Some((idx, end))
    })
}

/// All calipers on these traces.
fn paint(painter: &Painter, cx: &PanelContext<'_>, surface: &Surface<'_>, rect: Rect) {
    for caliper in &cx.session.document.calipers {
        match caliper.kind {
            CaliperKind::AllLeads => paint_through(painter, cx, surface, (caliper, rect)),
            CaliperKind::Pair | CaliperKind::Marching => {
                paint_one(painter, cx, surface, (caliper, rect));
            }
        }
    }
}

/// Two lines through every row that shows these times.
fn paint_through(
    painter: &Painter,
    cx: &PanelContext<'_>,
    surface: &Surface<'_>,
    (caliper, rect): (&Caliper, Rect),
) {
    let colour = colour32(cx.look.paper.notice);
    let scale = surface.scale;
    let mut first = None;
    for time_s in caliper
        .times_s
        .map(|time_s| time_s - cx.session.document.window_start_s)
    {
        for chart in surface.charts {
            for cell in chart.cells_at_time(time_s) {
                let row = &chart.rows[cell.row];
                let x = scale.at(cell.x_mm(time_s), 0.0).x;
                let y = |mm: f64| scale.at(0.0, mm).y;
                let line = y(row.top_mm)..=y(row.bottom_mm);
                painter.vline(x, line, Stroke::new(1.2, colour));
                let top = pos2(x + 4.0, y(row.top_mm) + 16.0);
                first.get_or_insert(top);
            }
        }
    }
    if let Some(at) = first {
        readout(painter, cx, caliper, at, (rect, colour));
    }
}

fn paint_one(
    painter: &Painter,
    cx: &PanelContext<'_>,
    surface: &Surface<'_>,
    (caliper, rect): (&Caliper, Rect),
) {
    let (start_s, scale) = (cx.session.document.window_start_s, surface.scale);
    let times_s = caliper.times_s.map(|time_s| time_s - start_s);
    let Some(cell) = surface.cell_of(caliper, times_s[0]) else {
        return;
    };
    let colour = colour32(cx.look.paper.notice);
    let stroke = Stroke::new(1.2, colour);
    let xs = times_s.map(|time_s| scale.at(cell.x_mm(time_s), 0.0).x);
    let (top, bottom) = (
        scale.at(0.0, cell.baseline_mm - ABOVE_MM).y,
        scale.at(0.0, cell.baseline_mm + BELOW_MM).y,
    );
    for (x, mv) in xs.into_iter().zip(caliper.levels_mv) {
        painter.vline(x, top..=bottom, stroke);
        painter.circle_filled(pos2(x, scale.at(0.0, cell.y_mm(mv)).y), 2.5, colour);
    }
    let left = xs[0].min(xs[1]);
    painter.hline(left..=xs[0].max(xs[1]), top, stroke);
    if caliper.kind == CaliperKind::Marching {
        let from = scale.at(Chart::PULSE_ZONE_MM, 0.0).x.max(rect.left());
        let faint = Stroke::new(1.0, colour.gamma_multiply(0.5));
        for x in marched(xs, from, rect.right()) {
            painter.vline(x, top..=bottom, faint);
        }
    }
    readout(painter, cx, caliper, pos2(left + 4.0, top), (rect, colour));
}

/// Where an interval falls when it is repeated over the strip.
fn marched([first, second]: [f32; 2], from: f32, to: f32) -> impl Iterator<Item = f32> {
    let step = (second - first).abs();
    let start = first - ((first - from) / step.max(1e-3)).floor() * step;
    let n = ((to - start) / step.max(1e-3)).floor().clamp(0.0, 500.0) as usize;
    let count = if 4.0 < step { n + 1 } else { 0 };
    (0..count).map(move |k| start + k as f32 * step)
}

/// What a caliper measures: time, rate, and on one lead the amplitude in mV and mm, with the error
/// of a synthesised lead.
fn words(cx: &PanelContext<'_>, caliper: &Caliper) -> String {
    let number = |value: f64, decimals| cx.translator.number(value, decimals);
    let interval = format!("{} ms", number(caliper.interval_ms(), 0));
    let rate = caliper
        .rate_bpm()
        .map(|bpm| format!("{}/min", number(bpm, 0)));
    let amplitude = (caliper.kind != CaliperKind::AllLeads).then(|| {
        let uv = caliper.amplitude_uv();
        let mv = cx.translator.signed(uv / 1000.0, 2);
        format!("{mv} mV ({} mm)", cx.translator.signed(uv / 100.0, 1))
    });
    let error = error_uv(cx, caliper).map(|uv| {
        let mv = number(uv / 1000.0, 2);
        format!("{} ± {mv} mV", cx.tr(Label::Synthesised))
    });
    let parts = [Some(interval), rate, amplitude, error];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The error to expect of the synthesised lead that a caliper is on.
fn error_uv(cx: &PanelContext<'_>, caliper: &Caliper) -> Option<f64> {
    let results = &cx.session.results;
    let mut made = results.point.iter().chain(results.listed.values());
    let lead = made.find(|lead| lead.synthesis.lead.name == caliper.lead);
    let is_amplitude = caliper.synthesised && caliper.kind != CaliperKind::AllLeads;
    lead.filter(|_| is_amplitude)
        .map(|lead| lead.synthesis.expected_rmse_uv)
}

fn readout(
    painter: &Painter,
    cx: &PanelContext<'_>,
    caliper: &Caliper,
    at: Pos2,
    (rect, colour): (Rect, Color32),
) {
    let text = words(cx, caliper);
    let galley = painter.layout_no_wrap(text, FontId::proportional(12.0), colour);
    let most = (rect.right() - galley.size().x - 4.0).max(rect.left());
    let at = pos2(
        at.x.min(most),
        (at.y - galley.size().y - 2.0).max(rect.top()),
    );
    painter.rect(
        Rect::from_min_size(at, galley.size()).expand2(vec2(3.0, 1.0)),
        3.0,
        colour32(cx.look.paper.paper),
        Stroke::new(1.0, colour),
        StrokeKind::Outside,
    );
    painter.galley(at, galley, colour);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_marches_both_ways_and_narrow_ones_stay_put() {
        let found: Vec<f32> = marched([50.0, 60.0], 25.0, 85.0).collect();
        assert_eq!(found, [30.0, 40.0, 50.0, 60.0, 70.0, 80.0]);
        assert_eq!(marched([50.0, 52.0], 0.0, 100.0).count(), 0);
        assert_eq!(marched([50.0, 50.0], 0.0, 100.0).count(), 0);
    }
}
