//! The median beat of each lead, with the intervals that were measured on it.

use eframe::egui::{Align2, FontId, Rect, Sense, Shape, Stroke, Ui, pos2, vec2};

use super::super::{
    gpu::Paper,
    panel_context::PanelContext,
    theme::{colour32, strong},
    widgets::{name_area, trace_points},
};
use crate::{
    ecg::LeadName,
    signal::{Intervals, MedianBeat},
    words::Label,
};

/// The page.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
    let Some((median, intervals)) = cx
        .session
        .exam
        .as_ref()
        .and_then(|it| Some((it.median.as_ref()?, it.intervals.as_ref()?)))
    else {
        ui.painter().text(
            rect.center(),
            Align2::CENTER_CENTER,
            cx.tr(Label::TooFewForMedian),
            FontId::proportional(14.0),
            cx.look.colours.muted,
        );
        return;
    };
    name_area(
        &response,
        format!(
            "{}: {}",
            cx.tr(Label::MedianBeat),
            interval_words(intervals).join(", ")
        ),
    );
    let painter = ui.painter_at(rect);
    let palette = cx.look.paper;
    let seconds = median.leads.duration_s().max(0.1);
    let footer = 26.0;
    let cell = vec2(rect.width() / 4.0, (rect.height() - footer) / 3.0);
    let per_mm = (cell.x / (2.0 * 25.0 * seconds as f32)).min(cell.y / 22.0);
    let pixels = ui.ctx().pixels_per_point();
    painter.add(
        Paper {
            pane: super::paper::PANE,
            origin: rect.min,
            per_mm,
            colours: super::paper::ground(&palette),
        }
        .into_shape(rect),
    );
    let columns = [
        [LeadName::I, LeadName::II, LeadName::III],
        [LeadName::AVR, LeadName::AVL, LeadName::AVF],
        [LeadName::V1, LeadName::V2, LeadName::V3],
        [LeadName::V4, LeadName::V5, LeadName::V6],
    ];
    for (column, names) in columns.iter().enumerate() {
        for (row, name) in names.iter().enumerate() {
            let at = Rect::from_min_size(
                rect.min + vec2(column as f32 * cell.x, row as f32 * cell.y),
                cell,
            );
            beat(&painter, cx, median, intervals, name, at, per_mm, pixels);
        }
    }
    let held = match cx.session.before {
        Some(_) => format!(" · {}", cx.tr(Label::BeforeThin)),
        None => String::new(),
    };
    let text = format!(
        "{} ({} {}, {} {}) · 50 mm/s · 10 mm/mV · {}{held}",
        cx.tr(Label::MedianBeat),
        median.used,
        cx.tr(Label::Beats),
        median.rejected,
        cx.tr(Label::Rejected),
        interval_words(intervals).join(" · ")
    );
    painter.text(
        rect.left_bottom() + vec2(8.0, -6.0),
        Align2::LEFT_BOTTOM,
        text,
        strong(12.0),
        colour32(palette.text),
    );
}

/// Height of the baseline in a cell: the usual one, or where the whole beat has room below its
/// name.
fn middle_of(samples_mv: &[f32], height: impl Fn(f64) -> f32, at: Rect) -> f32 {
    let heights = samples_mv
        .iter()
        .filter(|it| it.is_finite())
        .map(|it| height(f64::from(*it)));
    let (low, high) = heights.fold((0.0f32, 0.0f32), |(low, high), it| {
        (low.min(it), high.max(it))
    });
    let (least, most) = (at.top() + 20.0 + high, at.bottom() - 4.0 + low);
    let usual = at.top() + 0.58 * at.height();
    if most < least {
        0.5 * (least + most)
    } else {
        usual.clamp(least, most)
    }
}

/// The intervals, each with its unit.
pub fn interval_words(intervals: &Intervals) -> Vec<String> {
    let ms = |name: &str, value: Option<f64>| value.map(|it| format!("{name} {it:.0} ms"));
    let rate = intervals.heart_rate_bpm.map(|it| format!("{it:.0}/min"));
    let bazett = intervals
        .qtc_bazett_ms()
        .map(|it| format!("QTc {it:.0} ms (Bazett)"));
    let all = [
        rate,
        ms("PR", intervals.pr_ms),
        ms("QRS", intervals.qrs_ms),
        ms("QT", intervals.qt_ms),
        bazett,
    ];
    all.into_iter().flatten().collect()
}

#[allow(clippy::too_many_arguments)] // One cell: what, where and how large.
fn beat(
    painter: &eframe::egui::Painter,
    cx: &PanelContext<'_>,
    median: &MedianBeat,
    intervals: &Intervals,
    name: &LeadName,
    at: Rect,
    per_mm: f32,
    pixels: f32,
) {
    let palette = cx.look.paper;
    let Some(lead) = median.leads.get(name) else {
        return;
    };
    let rate = median.leads.rate().hz();
    let left = at.left() + 6.0;
    let x = |sample: f64| left + (sample / rate * 50.0) as f32 * per_mm;
    let onset = intervals.qrs_onset.unwrap_or(median.r_index);
    let base = lead
        .samples_mv
        .get(onset)
        .copied()
        .filter(|it| it.is_finite())
        .unwrap_or(0.0);
    let height = |mv: f64| ((mv - f64::from(base)) * 10.0) as f32 * per_mm;
    let middle = middle_of(&lead.samples_mv, height, at);
    let y = |mv: f64| middle - height(mv);
    for (sample, is_j) in [
        (intervals.p_onset, false),
        (intervals.qrs_onset, false),
        (intervals.j_point, true),
        (intervals.t_end, false),
    ] {
        let Some(sample) = sample else { continue };
        let ink = colour32(if is_j {
            palette.warning
        } else {
            palette.notice
        })
        .gamma_multiply(0.45);
        painter.vline(
            x(sample as f64),
            at.top() + 20.0..=at.bottom() - 8.0,
            Stroke::new(1.0, ink),
        );
    }
    let axes = (&x as &dyn Fn(f64) -> f32, &y as &dyn Fn(f64) -> f32, base);
    before(painter, cx, median, name, axes, pixels);
    for run in trace_points(&lead.samples_mv, x, y, pixels) {
        painter.add(Shape::line(
            run,
            Stroke::new(1.4, colour32(palette.recorded)),
        ));
    }
    painter.text(
        pos2(left, at.top() + 4.0),
        Align2::LEFT_TOP,
        name.to_string(),
        strong(13.0),
        colour32(palette.recorded),
    );
    let st = median
        .st_mv(intervals, name, 0.0)
        .map(|it| format!("J {:+.0} µV", 1000.0 * it))
        .unwrap_or_default();
    painter.text(
        pos2(left + 34.0, at.top() + 6.0),
        Align2::LEFT_TOP,
        st,
        FontId::proportional(11.0),
        colour32(palette.muted),
    );
}

/// The beat that the lab holds this one against, thin: R over R, on the same level before QRS.
fn before(
    painter: &eframe::egui::Painter,
    cx: &PanelContext<'_>,
    now: &MedianBeat,
    name: &LeadName,
    (x, y, base): (&dyn Fn(f64) -> f32, &dyn Fn(f64) -> f32, f32),
    pixels: f32,
) {
    let Some(held) = &cx.session.before else {
        return;
    };
    let Some(lead) = held.beat.leads.get(name) else {
        return;
    };
    let shift = now.r_index as f64 - held.beat.r_index as f64;
    let own = held.onset.unwrap_or(held.beat.r_index);
    let level = lead.samples_mv.get(own).copied().unwrap_or(0.0);
    let at = |sample: f64| x(sample + shift);
    let height = |mv: f64| y(mv - f64::from(level) + f64::from(base));
    for run in trace_points(&lead.samples_mv, at, height, pixels) {
        let stroke = Stroke::new(1.0, colour32(cx.look.paper.muted));
        painter.add(Shape::line(run, stroke));
    }
}
