//! The median beat of every lead, synthesised ones too, with the intervals that were measured on it.

use std::sync::Arc;

use eframe::egui::{Align2, FontId, ScrollArea, Sense, Ui, vec2};

use super::{
    super::{
        panel_context::{PanelContext, key, page_key},
        widgets::{Drawing, DrawingCache, Scale, name_area, screen},
    },
    paper::{PANE, RIGHT_MM, grid},
};
use crate::{
    draw::{BeatsContent, Chart, Frame, Medium, beat_items},
    session::PageLeads,
    signal::{Intervals, MedianBeat},
    words::Label,
};

/// A panel is at least so high, mm.
const LEAST_PANEL_MM: f64 = 34.0;

/// The page.
pub fn show(ui: &mut Ui, cx: &PanelContext<'_>, cache: &mut DrawingCache) {
    let exam = cx.session.exam.as_ref();
    let Some((exam, median, intervals)) =
        exam.and_then(|exam| Some((exam, exam.median.as_ref()?, exam.intervals.as_ref()?)))
    else {
        let (ink, text) = (cx.look.colours.muted, cx.tr(Label::TooFewForMedian));
        let font = FontId::proportional(14.0);
        let middle = ui.available_rect_before_wrap().center();
        ui.painter()
            .text(middle, Align2::CENTER_CENTER, text, font, ink);
        return;
    };
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let pane = ui.available_size();
        let per_mm = super::paper::points_per_mm(cx, pane.x) / cx.view.paper_zoom;
        let size_mm = [pane.x, pane.y].map(|points| f64::from(points / per_mm));
        let wanted = key((
            "median beats",
            page_key(cx),
            size_mm.map(f64::to_bits),
            cx.look.paper.paper.rgb,
            cx.session
                .before
                .as_ref()
                .map(|it| Arc::as_ptr(&it.beat) as usize),
            cx.tr(Label::MedianBeat),
        ));
        let drawing = cache.drawing(wanted, || {
            let medium = screen(cx.look.paper, per_mm);
            let page = PageLeads::new(&cx.session.document, exam, &cx.session.results);
            let beats = page.and_then(|page| {
                page.median_beats(
                    cx.session.before.as_ref(),
                    note(cx, median, intervals),
                    cx.translator,
                )
            });
            beats.map_or_else(Drawing::default, |beats| lay_out(&beats, size_mm, medium))
        });
        let height = pane.y.max(per_mm * drawing.bottom_mm() as f32);
        let (rect, response) = ui.allocate_exact_size(vec2(pane.x, height), Sense::hover());
        let seen = rect.intersect(ui.clip_rect());
        let painter = ui.painter_at(seen);
        let scale = Scale {
            origin: rect.min,
            per_mm,
        };
        painter.add(grid(cx, PANE, scale, seen));
        cache.paint(&painter, scale);
        let words = interval_words(intervals).join(", ");
        name_area(&response, format!("{}: {words}", cx.tr(Label::MedianBeat)));
    });
}

fn note(cx: &PanelContext<'_>, median: &MedianBeat, intervals: &Intervals) -> String {
    format!(
        "{} ({} {}, {} {}) · {}",
        cx.tr(Label::MedianBeat),
        median.used,
        cx.tr(Label::Beats),
        median.rejected,
        cx.tr(Label::Rejected),
        interval_words(intervals).join(" · ")
    )
}

/// Panels that fill the pane, or more where they would be too low; the scale stands in the note.
fn lay_out(beats: &BeatsContent, [width_mm, height_mm]: [f64; 2], medium: Medium) -> Drawing {
    let frame = Frame {
        left_mm: 0.0,
        top_mm: 0.0,
        width_mm: width_mm - RIGHT_MM,
        height_mm: height_mm.max(beats.height_mm(LEAST_PANEL_MM, medium)),
    };
    let scale = beats.scale(&frame, medium);
    let (speed, gain) = (scale.speed_mm_s, scale.gain_mm_mv);
    let beats = BeatsContent {
        note: format!("{} · {speed} mm/s · {gain} mm/mV", beats.note),
        ..beats.clone()
    };
    Drawing {
        items: beat_items(&beats, &frame, medium),
        charts: vec![Chart::empty(frame)],
    }
}

/// The intervals, each with its unit; QT corrected by the formula that comes first in print too.
pub fn interval_words(intervals: &Intervals) -> Vec<String> {
    let ms = |name: &str, value: Option<f64>| value.map(|it| format!("{name} {it:.0} ms"));
    let rate = intervals.heart_rate_bpm.map(|it| format!("{it:.0}/min"));
    let corrected = intervals
        .qtc_fridericia_ms()
        .map(|it| format!("QTc {it:.0} ms (Fridericia)"));
    let all = [
        rate,
        ms("PR", intervals.pr_ms),
        ms("QRS", intervals.qrs_ms),
        ms("QT", intervals.qt_ms),
        corrected,
    ];
    all.into_iter().flatten().collect()
}
