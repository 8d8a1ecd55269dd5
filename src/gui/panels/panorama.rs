//! Forty-eight small views in place of the paper: the limb leads beside forty-two synthesised ones,
//! laid out as on the chest.

use eframe::egui::{
    Align2, Color32, FontId, Painter, Pos2, Rect, Sense, Shape, Stroke, StrokeKind, Ui, Vec2, pos2,
    vec2,
};

use super::super::{
    panel_context::PanelContext,
    theme::{colour32, strong},
    torso_model::TorsoModel,
    widgets::{name_area, trace_points},
};
use crate::{
    ecg::{LeadName, Origin, Place, ViewAngle, montage, statistics::extremes},
    session::{Command, Edit, Query, Synthesis},
    words::Label,
};

/// Seconds shown before and after the R peak.
const BEAT_S: [f64; 2] = [0.25, 0.45];
/// Space for the words above and below the tiles.
const HEAD: f32 = 22.0;
const FOOT: f32 = 22.0;

/// The page.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::click());
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 0.0, colour32(cx.look.paper.paper));
    let session = cx.session;
    let Some(views) = &session.results.panorama else {
        if cx.session.calibrating.summary().is_some() {
            cx.push(Query::Panorama);
        }
        let (text, font) = (cx.tr(Label::ComputingViews), FontId::proportional(13.0));
        let ink = colour32(cx.look.paper.muted);
        painter.text(rect.center(), Align2::CENTER_CENTER, text, font, ink);
        return;
    };
    name_area(&response, cx.tr(Label::SynthesisedViews48));
    let tiles = tiles(views, rect);
    let scale = Scale {
        per_mv: gain(cx, &tiles),
        pixels: ui.ctx().pixels_per_point(),
    };
    let hover = response.hover_pos();
    let is_hot = |tile: &&Tile| {
        tile.view.is_some() && hover.is_some_and(|pointer| tile.rect.contains(pointer))
    };
    tiles
        .iter()
        .for_each(|tile| draw(&painter, cx, tile, is_hot(&tile), &scale));
    let hot = tiles.iter().rfind(is_hot);
    if let Some((tile, view)) = hot.and_then(|tile| Some((tile.rect, tile.view?))) {
        if response.clicked() {
            cx.push(Edit::MovePoint(view));
            cx.push(Command::EndGesture);
        }
        hint(&painter, cx, rect, tile, view);
    }
    captions(&painter, cx, rect, scale.per_mv);
}

/// That the views are estimated, above them, and what a click does and their scale below.
fn captions(painter: &Painter, cx: &PanelContext<'_>, rect: Rect, per_mv: f64) {
    let [views, estimated] =
        [Label::SynthesisedViews48, Label::MapEstimated].map(|label| cx.tr(label));
    let (at, said) = (
        rect.left_top() + vec2(8.0, 4.0),
        format!("{views}: {estimated}"),
    );
    let ink = colour32(cx.look.paper.synthesised);
    painter.text(at, Align2::LEFT_TOP, said, strong(13.0), ink);
    let at = rect.left_bottom() + vec2(8.0, -4.0);
    let text = format!("{} · 1 mV = {per_mv:.0} px", cx.tr(Label::ViewsNote));
    let (font, ink) = (FontId::proportional(11.0), colour32(cx.look.paper.muted));
    painter.text(at, Align2::LEFT_BOTTOM, text, font, ink);
}

/// One view and where it is drawn.
struct Tile<'a> {
    synthesis: &'a Synthesis,
    /// Where it is seen from; not for limb leads.
    view: Option<ViewAngle>,
    rect: Rect,
}

/// Points of a millivolt, and pixels of a point.
struct Scale {
    per_mv: f64,
    pixels: f32,
}

/// The limb leads below one another, the views as on the chest.
fn tiles(views: &[Synthesis], rect: Rect) -> Vec<Tile<'_>> {
    let inner = rect.shrink(6.0);
    let inner = inner
        .with_min_y(rect.top() + HEAD)
        .with_max_y(rect.bottom() - FOOT);
    let limb_width = (0.10 * inner.width()).clamp(48.0, 110.0);
    let (limbs, chest) = (
        inner.with_max_x(inner.left() + limb_width),
        inner.with_min_x(inner.left() + limb_width + 10.0),
    );
    let seen: Vec<Option<ViewAngle>> = views.iter().map(torso_view).collect();
    let n_limbs = seen.iter().filter(|it| it.is_none()).count().max(1);
    let row = limbs.height() / n_limbs as f32;
    let places = spread(&seen.iter().flatten().copied().collect::<Vec<_>>(), chest);
    let (mut next_limb, mut next) = (0, 0);
    let place = |(synthesis, view): (_, Option<ViewAngle>)| {
        let rect = if view.is_some() {
            next += 1;
            places[next - 1]
        } else {
            next_limb += 1;
            Rect::from_min_size(
                limbs.min + vec2(0.0, (next_limb - 1) as f32 * row),
                vec2(limbs.width(), row - 4.0),
            )
        };
        Tile {
            synthesis,
            view,
            rect,
        }
    };
    views.iter().zip(seen.iter().copied()).map(place).collect()
}

/// Tiles at their directions, pushed apart until none covers another.
fn spread(views: &[ViewAngle], rect: Rect) -> Vec<Rect> {
    let size = vec2(
        (rect.width() / 9.6).clamp(34.0, 150.0),
        (rect.height() / 9.4).clamp(20.0, 90.0),
    );
    let span = |of: fn(ViewAngle) -> f64| {
        let each = || views.iter().map(|it| of(*it));
        [
            each().fold(f64::INFINITY, f64::min),
            each().fold(f64::NEG_INFINITY, f64::max),
        ]
    };
    let (phi, theta) = (span(ViewAngle::phi_rad), span(ViewAngle::theta_rad));
    let share = |value: f64, [low, high]: [f64; 2]| ((value - low) / (high - low).max(1e-6)) as f32;
    let room = rect.shrink2(0.5 * size);
    let at = |it: &ViewAngle| {
        pos2(
            room.left() + share(it.phi_rad(), phi) * room.width(),
            room.top() + share(it.theta_rad(), theta) * room.height(),
        )
    };
    let mut centres: Vec<Pos2> = views.iter().map(at).collect();
    let least = size + vec2(4.0, 4.0);
    for _ in 0..80 {
        for one in 1..centres.len() {
            for other in 0..one {
                let away = push(centres[one] - centres[other], least);
                centres[one] += away;
                centres[other] -= away;
            }
        }
        centres
            .iter_mut()
            .for_each(|it| *it = it.clamp(room.min, room.max));
    }
    centres
        .into_iter()
        .map(|it| Rect::from_center_size(it, size))
        .collect()
}

/// Half of what parts two tiles on the axis that needs less.
fn push(between: Vec2, least: Vec2) -> Vec2 {
    let lack = least - between.abs();
    if lack.x <= 0.0 || lack.y <= 0.0 {
        return Vec2::ZERO;
    }
    let sign = |it: f32| if it < 0.0 { -1.0 } else { 1.0 };
    if lack.x / least.x < lack.y / least.y {
        vec2(0.5 * lack.x * sign(between.x), 0.0)
    } else {
        vec2(0.0, 0.5 * lack.y * sign(between.y))
    }
}

/// Points per millivolt: one for all, so that sizes can be compared, and the largest fills its tile.
fn gain(cx: &PanelContext<'_>, tiles: &[Tile]) -> f64 {
    let of_view = tiles.iter().find(|tile| tile.view.is_some());
    let height = of_view.map_or(30.0, |tile| f64::from(tile.rect.height()));
    let beats = tiles.iter().map(|tile| beat_of(cx, tile.synthesis));
    let heights = beats.filter_map(|beat| Some(beat?.1));
    let large = heights.reduce(f64::max).unwrap_or(2.0);
    0.9 * height / large.clamp(0.3, 12.0)
}

/// The samples around the second R peak, and how many millivolts they span.
fn beat_of<'a>(cx: &PanelContext<'_>, synthesis: &'a Synthesis) -> Option<(&'a [f32], f64)> {
    let exam = cx.session.exam.as_ref()?;
    let rate = exam.leads.rate();
    let peaks = exam.beats.peaks();
    let peak = peaks.get(1).or(peaks.first()).copied().unwrap_or(0);
    let samples = &synthesis.lead.samples_mv;
    let first = peak
        .saturating_sub(rate.samples_in(BEAT_S[0]))
        .min(samples.len());
    let part = &samples[first..(peak + rate.samples_in(BEAT_S[1])).min(samples.len())];
    let [low, high] = extremes(part.iter().copied())?.map(f64::from);
    Some((part, high - low))
}

fn draw(painter: &Painter, cx: &PanelContext<'_>, tile: &Tile, is_hot: bool, scale: &Scale) {
    let Tile {
        synthesis,
        view,
        rect,
    } = *tile;
    let palette = cx.look.paper;
    let is_synthesised = synthesis.lead.origin.is_synthesised();
    let ink = colour32(if is_synthesised {
        palette.synthesised
    } else {
        palette.recorded
    });
    let fill = ink.gamma_multiply(if is_hot { 0.12 } else { 0.05 });
    let edge = Stroke::new(0.5, ink.gamma_multiply(0.4));
    painter.rect(rect, 3.0, fill, edge, StrokeKind::Inside);
    let Some((part, _)) = beat_of(cx, synthesis) else {
        return;
    };
    let room = rect.expand2(vec2(0.0, 0.6 * rect.height()));
    let clipped = painter.with_clip_rect(room.intersect(painter.clip_rect()));
    trace(&clipped, part, rect, ink, scale);
    if is_synthesised {
        hatch(painter, rect, ink);
    }
    if let Some(text) = label(synthesis, view) {
        let at = rect.left_top() + vec2(4.0, 1.0);
        clipped.text(at, Align2::LEFT_TOP, text, strong(10.0), ink);
    }
}

/// A beat, its highest and lowest samples as far from the middle of the tile.
fn trace(painter: &Painter, part: &[f32], rect: Rect, ink: Color32, scale: &Scale) {
    let first = part.first().copied().filter(|mv| mv.is_finite());
    let base = f64::from(first.unwrap_or(0.0));
    let [low, high] = extremes(part.iter().copied()).unwrap_or_default();
    let (low, high) = (
        (f64::from(low) - base).min(0.0),
        (f64::from(high) - base).max(0.0),
    );
    let middle = rect.center().y + (0.5 * (high + low) * scale.per_mv) as f32;
    let n = part.len().max(2) as f64 - 1.0;
    let x = |at: f64| rect.left() + 3.0 + (at / n) as f32 * (rect.width() - 6.0);
    let y = |mv: f64| middle - ((mv - base) * scale.per_mv) as f32;
    let stroke = Stroke::new(1.1, ink);
    for run in trace_points(part, x, y, scale.pixels) {
        painter.add(Shape::line(run, stroke));
    }
}

/// A hatched lower edge, as below every synthesised trace: it survives greyscale.
fn hatch(painter: &Painter, tile: Rect, ink: Color32) {
    const STEP: f32 = 4.0;
    let inner = tile.shrink(1.5);
    let stroke = Stroke::new(0.7, ink.gamma_multiply(0.6));
    for k in 0..((inner.width() - STEP) / STEP).max(0.0) as usize {
        let foot = inner.left_bottom() + vec2(STEP * k as f32, 0.0);
        painter.line_segment([foot, foot + vec2(3.0, -3.0)], stroke);
    }
}

/// A limb lead's name, or that of the chest lead that is recorded about here.
fn label(synthesis: &Synthesis, view: Option<ViewAngle>) -> Option<String> {
    const NEAR_DEG: f64 = 8.0;
    let Some(view) = view else {
        return Some(synthesis.lead.name.to_string());
    };
    let near = LeadName::CHEST.into_iter().filter_map(|name| {
        let away = montage(&name)?
            .exploring_view()?
            .angle_to(view)
            .to_degrees();
        (away <= NEAR_DEG).then_some((name, away))
    });
    near.min_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(name, _)| format!("≈ {name}"))
}

/// Where the view under the pointer is.
fn hint(painter: &Painter, cx: &PanelContext<'_>, rect: Rect, tile: Rect, view: ViewAngle) {
    let ink = colour32(cx.look.paper.synthesised);
    let text = format!(
        "d {view} · {}",
        cx.translator
            .place(Place::of(TorsoModel::shipped().skin_at(view)))
    );
    let galley = painter.layout_no_wrap(text, FontId::proportional(12.0), ink);
    let most = (rect.right() - galley.size().x - 4.0).max(rect.left() + 4.0);
    let below = tile.bottom() + 3.0;
    let y = if rect.bottom() < below + galley.size().y + 4.0 {
        tile.top() - galley.size().y - 3.0
    } else {
        below
    };
    let at = pos2(
        (tile.center().x - 0.5 * galley.size().x).clamp(rect.left() + 4.0, most),
        y,
    );
    painter.rect_filled(
        Rect::from_min_size(at, galley.size()).expand(3.0),
        3.0,
        colour32(cx.look.paper.paper),
    );
    painter.galley(at, galley, ink);
}

fn torso_view(synthesis: &Synthesis) -> Option<ViewAngle> {
    match (&synthesis.lead.origin, &synthesis.lead.name) {
        (_, name) if name.is_limb() => None,
        (Origin::Synthesised { view, .. }, _) => Some(*view),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::site;

    #[test]
    fn no_tile_covers_another() {
        let views: Vec<ViewAngle> = (1..=42)
            .filter_map(|it| Some(site(&format!("view-{it}"))?.view))
            .collect();
        for size in [vec2(690.0, 380.0), vec2(1100.0, 480.0), vec2(560.0, 300.0)] {
            let rect = Rect::from_min_size(pos2(10.0, 20.0), size);
            let tiles = spread(&views, rect);
            assert_eq!(tiles.len(), 42);
            for (idx, one) in tiles.iter().enumerate() {
                assert!(
                    rect.expand(0.5).contains_rect(*one),
                    "{one:?} sticks out of {rect:?}"
                );
                let shared = |other: &Rect| {
                    let common = other.intersect(*one);
                    common.width().max(0.0) * common.height().max(0.0)
                };
                let worst = tiles[..idx].iter().map(shared).fold(0.0, f32::max);
                assert!(
                    worst < 0.15 * one.area(),
                    "{size:?}: tile {idx} is covered by {worst:.0} of {:.0}",
                    one.area()
                );
            }
        }
    }
}
