//! Forty-eight small synthesised views, laid out as on the chest.

use eframe::egui::{Align2, FontId, Rect, Sense, Shape, Stroke, Ui, pos2, vec2};

use super::super::{
    body::Body,
    cx::Cx,
    theme::colour32,
    widgets::{dashes, name_area, trace_points},
};
use crate::{
    ecg::{Origin, Place, ViewAngle},
    session::{Action, Calibrating, Synthesis},
};

/// The page.
pub fn show(ui: &mut Ui, cx: &mut Cx<'_>) {
    let Some(views) = &cx.session.panorama else {
        if matches!(cx.session.calibrating, Calibrating::Ready(_)) {
            cx.push(Action::AskPanorama);
        }
        ui.label(cx.t("Computing the views…"));
        return;
    };
    let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::click());
    name_area(&response, cx.t("48 synthesised views"));
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 4.0, colour32(cx.look.paper.paper));
    let places: Vec<(usize, ViewAngle)> = views.iter().enumerate().filter_map(|(idx, it)| Some((idx, torso_view(it)?))).collect();
    let layout = Layout::new(&places, rect);
    let pixels = ui.ctx().pixels_per_point();
    let hover = response.hover_pos();
    let mut hot = None;
    for (idx, view) in &places {
        let tile = layout.tile(*view);
        let is_hot = hover.is_some_and(|it| tile.contains(it));
        let ink = colour32(cx.look.paper.synthesised);
        painter.rect(
            tile,
            3.0,
            if is_hot { ink.gamma_multiply(0.10) } else { ink.gamma_multiply(0.03) },
            Stroke::new(0.5, ink.gamma_multiply(0.4)),
            eframe::egui::StrokeKind::Inside,
        );
        painter.extend(beat(cx, &views[*idx], tile, pixels));
        if is_hot {
            hot = Some((tile, *view));
        }
        if is_hot && response.clicked() {
            cx.push(Action::MovePoint(*view));
            cx.push(Action::Settle);
        }
    }
    if let Some((tile, view)) = hot {
        let text = format!("d {view} · {}", Place::of(Body::shipped().skin_at(view)));
        let galley = painter.layout_no_wrap(text, FontId::proportional(12.0), colour32(cx.look.paper.synthesised));
        let at = pos2(
            (tile.center().x - 0.5 * galley.size().x)
                .clamp(rect.left() + 4.0, (rect.right() - galley.size().x - 4.0).max(rect.left() + 4.0)),
            tile.bottom() + 3.0,
        );
        painter.rect_filled(Rect::from_min_size(at, galley.size()).expand(3.0), 3.0, colour32(cx.look.paper.paper));
        painter.galley(at, galley, colour32(cx.look.paper.synthesised));
    }
    let note = cx.t("synthesised · patient's right on the left · click a view to go there");
    painter.text(
        rect.left_bottom() + vec2(8.0, -4.0),
        Align2::LEFT_BOTTOM,
        note,
        FontId::proportional(11.0),
        colour32(cx.look.paper.muted),
    );
}

fn torso_view(synthesis: &Synthesis) -> Option<ViewAngle> {
    match (&synthesis.lead.origin, &synthesis.lead.name) {
        (_, name) if name.is_limb() => None,
        (Origin::Synthesised { view, .. }, _) => Some(*view),
        _ => None,
    }
}

struct Layout {
    rect: Rect,
    phi: [f64; 2],
    theta: [f64; 2],
    tile: eframe::egui::Vec2,
}

impl Layout {
    fn new(places: &[(usize, ViewAngle)], rect: Rect) -> Self {
        let tile = vec2((rect.width() / 10.5).clamp(28.0, 100.0), ((rect.height() - 24.0) / 11.0).clamp(16.0, 52.0));
        let span = |of: fn(ViewAngle) -> f64| {
            let each = || places.iter().map(|it| of(it.1));
            [each().fold(f64::INFINITY, f64::min), each().fold(f64::NEG_INFINITY, f64::max)]
        };
        Self { rect: rect.with_max_y(rect.bottom() - 20.0), phi: span(ViewAngle::phi_rad), theta: span(ViewAngle::theta_rad), tile }
    }

    fn tile(&self, view: ViewAngle) -> Rect {
        let share = |value: f64, [low, high]: [f64; 2]| ((value - low) / (high - low).max(1e-6)) as f32;
        let inner = self.rect.shrink2(0.5 * self.tile + vec2(4.0, 4.0));
        let x = inner.left() + share(view.phi_rad(), self.phi) * inner.width();
        let y = inner.top() + share(view.theta_rad(), self.theta) * inner.height();
        Rect::from_center_size(pos2(x, y), self.tile)
    }
}

/// One beat of a view, around the second R peak.
fn beat(cx: &Cx<'_>, synthesis: &Synthesis, tile: Rect, pixels: f32) -> Vec<Shape> {
    let Some(exam) = &cx.session.exam else { return Vec::new() };
    let rate = exam.leads.rate();
    let peaks = exam.beats.peaks();
    let peak = peaks.get(1).or(peaks.first()).copied().unwrap_or(0);
    let samples = &synthesis.lead.samples_mv;
    let first = peak.saturating_sub(rate.samples_in(0.25)).min(samples.len());
    let last = (peak + rate.samples_in(0.45)).min(samples.len());
    let part = &samples[first..last];
    let base = part.first().copied().unwrap_or(0.0);
    let n = part.len().max(2) as f64 - 1.0;
    let per_mv = f64::from(tile.height()) / 3.0;
    let x = |it: f64| tile.left() + 2.0 + (it / n) as f32 * (tile.width() - 4.0);
    let y = |mv: f64| tile.center().y - ((mv - f64::from(base)) * per_mv) as f32;
    let stroke = Stroke::new(1.0, colour32(cx.look.paper.synthesised));
    trace_points(part, x, y, pixels).iter().flat_map(|run| dashes(run, 7.0, 2.0, stroke)).collect()
}
