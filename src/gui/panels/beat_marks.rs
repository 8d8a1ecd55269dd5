//! Beats under the reader's hand: marks above every row while their tool is chosen, and what a click
//! says of a beat.

use eframe::egui::{CursorIcon, Painter, Pos2, Response, Stroke, Ui, pos2, vec2};

use super::{
    super::{panel_context::PanelContext, theme::colour32},
    surface::{Surface, peak_near},
};
use crate::{
    session::{
        Edit,
        document::{BeatMark, BeatSaid},
    },
    signal::BeatMarks,
};

/// How far from a beat a click still means it, points.
const REACH: f32 = 12.0;
/// A beat that is put in goes to the peak within this, seconds.
const SNAP_S: f64 = 0.06;
/// Half the size of a mark, points.
const HALF: f32 = 4.0;

/// How a beat stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// It is in the median beat.
    Used,
    /// It is not, by its shape or its place at the edge.
    Unlike,
    /// The reader said so.
    Said(BeatSaid),
}

/// Marks, and what the pointer does to them.
pub fn show(ui: &Ui, cx: &mut PanelContext<'_>, response: &Response, surface: &Surface<'_>) {
    let beats = beats(cx);
    let painter = ui.painter_at(response.rect.intersect(ui.clip_rect()));
    for (time_s, standing) in &beats {
        for chart in surface.charts {
            for cell in chart.cells_at_time(*time_s) {
                let x = surface.scale.at(cell.x_mm(*time_s), 0.0).x;
                let y = surface.scale.at(0.0, chart.rows[cell.row].top_mm).y + 2.0 * HALF;
                mark(&painter, cx, pos2(x, y), *standing);
            }
        }
    }
    if response.hovered() {
        ui.ctx().set_cursor_icon(CursorIcon::PointingHand);
    }
    let is_struck = response.secondary_clicked();
    let pointer = response.interact_pointer_pos();
    if let Some(at) = pointer.filter(|_| is_struck || response.clicked()) {
        click(cx, surface, (at, is_struck), &beats);
    }
}

/// All beats of the window, seconds from its start.
fn beats(cx: &PanelContext<'_>) -> Vec<(f64, Standing)> {
    let Some(exam) = &cx.session.exam else {
        return Vec::new();
    };
    let start_s = cx.session.document.window_start_s;
    let rate = exam.beats.rate();
    let used = exam.median.as_ref().map_or(&[][..], |median| &median.beats);
    let is_near = |a: f64, b: f64| (a - b).abs() < BeatMarks::REACH_S;
    let marks = || cx.session.document.beats.iter();
    let found = exam.beats.peaks().iter().map(|peak| {
        let time_s = rate.seconds_at(*peak);
        let said = marks().find(|mark: &&BeatMark| is_near(mark.time_s - start_s, time_s));
        let is_used = used.iter().any(|at| is_near(rate.seconds_at(*at), time_s));
        let standing = match (said, is_used) {
            (Some(mark), _) => Standing::Said(mark.said),
            (None, true) => Standing::Used,
            (None, false) => Standing::Unlike,
        };
        (time_s, standing)
    });
    let removed = marks().filter(|mark| mark.said == BeatSaid::Removed);
    let removed = removed.map(|mark| (mark.time_s - start_s, Standing::Said(mark.said)));
    found.chain(removed).collect()
}

fn click(
    cx: &mut PanelContext<'_>,
    surface: &Surface<'_>,
    (at, is_struck): (Pos2, bool),
    beats: &[(f64, Standing)],
) {
    let Some(cell) = surface.cell_at(at) else {
        return;
    };
    let away = |time_s: f64| (surface.scale.at(cell.x_mm(time_s), 0.0).x - at.x).abs();
    let nearest = beats.iter().min_by(|a, b| away(a.0).total_cmp(&away(b.0)));
    let start_s = cx.session.document.window_start_s;
    match nearest.filter(|beat| away(beat.0) < REACH) {
        Some((time_s, standing)) => {
            let said = match (standing, is_struck) {
                (Standing::Said(_), _) => None,
                (_, true) => Some(BeatSaid::Removed),
                (_, false) => Some(BeatSaid::Excluded),
            };
            cx.push(Edit::MarkBeat(start_s + time_s, said));
        }
        None if !is_struck => {
            let samples = (surface.lead)(cell).map_or(&[][..], |lead| &lead.samples_mv);
            let time_s = cell.time_s(surface.scale.mm(at).0).max(0.0);
            let reach = surface.rate.samples_in(SNAP_S);
            let peak = peak_near(samples, surface.rate.samples_in(time_s), reach);
            let time_s = start_s + surface.rate.seconds_at(peak);
            cx.push(Edit::MarkBeat(time_s, Some(BeatSaid::Added)));
        }
        None => {}
    }
}

/// A disc for a beat that is used, a ring for one that is not, a cross for none, a plus for one put
/// in.
fn mark(painter: &Painter, cx: &PanelContext<'_>, at: Pos2, standing: Standing) {
    let palette = cx.look.paper;
    let (notice, muted) = (colour32(palette.notice), colour32(palette.muted));
    let stroke = Stroke::new(1.5, notice);
    let line = |x: f32, y: f32| {
        let half = HALF * vec2(x, y);
        painter.line_segment([at - half, at + half], stroke);
    };
    match standing {
        Standing::Used => {
            painter.circle_filled(at, HALF - 1.0, notice);
        }
        Standing::Unlike => {
            painter.circle_stroke(at, HALF - 0.5, Stroke::new(1.5, muted));
        }
        Standing::Said(BeatSaid::Excluded) => {
            painter.circle_stroke(at, HALF - 0.5, stroke);
            line(0.7, -0.7);
        }
        Standing::Said(BeatSaid::Removed) => {
            line(0.8, 0.8);
            line(0.8, -0.8);
        }
        Standing::Said(BeatSaid::Added) => {
            line(1.0, 0.0);
            line(0.0, 1.0);
        }
    }
}
