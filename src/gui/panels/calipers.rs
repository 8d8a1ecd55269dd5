//! Calipers on the paper: set and moved with the pointer, painted with what they measure.

use eframe::egui::{
    Color32, CursorIcon, FontId, Painter, PointerButton, Pos2, Rect, Response, Stroke, StrokeKind,
    Ui, pos2, vec2,
};

use super::super::{panel_context::PanelContext, theme::colour32, view::Tool, widgets::Scale};
use crate::{
    draw::{Cell, Chart},
    ecg::LeadSet,
    session::{
        Command, Edit,
        document::{Caliper, CaliperKind},
    },
};

/// What the pointer does to calipers while one of their tools is chosen.
pub fn interact(
    ui: &Ui,
    cx: &mut PanelContext<'_>,
    response: &Response,
    (chart, leads): (&Chart, &LeadSet),
    scale: Scale,
) {
    let begins = response.drag_started_by(PointerButton::Primary);
    // A drag is known as one after some pixels: the first edge belongs where the button went down.
    let pressed = ui.input(|it| it.pointer.press_origin()).filter(|_| begins);
    let Some(pointer) = pressed
        .or(response.interact_pointer_pos())
        .or(response.hover_pos())
    else {
        return;
    };
    let (x_mm, y_mm) = scale.mm(pointer);
    let Some(cell) = chart.cell_at(x_mm, y_mm) else {
        return;
    };
    ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
    let time_s = cx.session.document.window_start_s + cell.time_s(x_mm);
    let is_free = ui.input(|it| it.modifiers.alt);
    let snapped = sample_at(leads, cell, cell.time_s(x_mm)).filter(|_| !is_free);
    let level = snapped.unwrap_or_else(|| cell.mv(y_mm));
    if begins {
        begin(cx, chart, scale, pointer, (cell, time_s, level));
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

/// Takes the caliper under the pointer, or sets a new one.
fn begin(
    cx: &mut PanelContext<'_>,
    chart: &Chart,
    scale: Scale,
    pointer: Pos2,
    (cell, time_s, level_mv): (&Cell, f64, f64),
) {
    if let Some(grabbed) = grabbed(cx, chart, scale, pointer) {
        cx.view.caliper = Some(grabbed);
        return;
    }
    let kind = match cx.view.tool {
        Tool::March => CaliperKind::Marching,
        Tool::Caliper | Tool::Cursor => CaliperKind::Pair,
    };
    cx.view.caliper = Some((cx.session.document.calipers.len(), 1));
    cx.push(Edit::AddCaliper(Caliper {
        kind,
        lead: cell.name.clone(),
        times_s: [time_s; 2],
        levels_mv: [level_mv; 2],
    }));
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

/// All calipers of the page.
pub fn paint(painter: &Painter, cx: &PanelContext<'_>, chart: &Chart, scale: Scale, rect: Rect) {
    for caliper in &cx.session.document.calipers {
        paint_one(painter, cx, chart, scale, (caliper, rect));
    }
}

fn paint_one(
    painter: &Painter,
    cx: &PanelContext<'_>,
    chart: &Chart,
    scale: Scale,
    (caliper, rect): (&Caliper, Rect),
) {
    let start_s = cx.session.document.window_start_s;
    let Some(cell) = caliper_cell(chart, caliper, start_s) else {
        return;
    };
    let colour = colour32(cx.look.paper.notice);
    let stroke = Stroke::new(1.2, colour);
    let xs = caliper
        .times_s
        .map(|time_s| scale.at(cell.x_mm(time_s - start_s), 0.0).x);
    let (top, bottom) = (
        scale.at(0.0, cell.baseline_mm - 11.0).y,
        scale.at(0.0, cell.baseline_mm + 6.0).y,
    );
    for (x, mv) in xs.into_iter().zip(caliper.levels_mv) {
        painter.vline(x, top..=bottom, stroke);
        painter.circle_filled(pos2(x, scale.at(0.0, cell.y_mm(mv)).y), 2.5, colour);
    }
    let left = xs[0].min(xs[1]);
    painter.hline(left..=xs[0].max(xs[1]), top, stroke);
    if caliper.kind == CaliperKind::Marching {
        let from = scale.at(Chart::PULSE_ZONE_MM, 0.0).x.max(rect.left());
        for x in marched(xs, from, rect.right()) {
            painter.vline(
                x,
                top..=bottom,
                Stroke::new(1.0, colour.gamma_multiply(0.5)),
            );
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

/// What a caliper measures, above it.
fn readout(
    painter: &Painter,
    cx: &PanelContext<'_>,
    caliper: &Caliper,
    at: Pos2,
    (rect, colour): (Rect, Color32),
) {
    let rate = caliper.rate_bpm();
    let rate = rate.map(|bpm| format!(" · {bpm:.0}/min"));
    let text = format!(
        "{:.0} ms{} · {:+.0} µV",
        caliper.interval_ms(),
        rate.unwrap_or_default(),
        caliper.amplitude_uv()
    );
    let galley = painter.layout_no_wrap(text, FontId::proportional(12.0), colour);
    let at = pos2(at.x, (at.y - galley.size().y - 2.0).max(rect.top()));
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
