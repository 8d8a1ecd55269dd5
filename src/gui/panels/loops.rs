//! The heart's vector in three planes, one beat, with the moment under the cursor and what is read
//! from the loops.

use eframe::egui::{Align2, FontId, Painter, Rect, Sense, Shape, Stroke, Ui, Vec2, pos2, vec2};

use super::super::{
    panel_context::PanelContext,
    theme::strong,
    widgets::{muted, name_area, strong_text},
};
use crate::{
    signal::{VectorBeat, heart_vectors},
    words::Label,
};

/// A plane that a loop is looked at in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plane {
    /// From the front: patient's left is right, down is down.
    Frontal,
    /// From above: patient's left is right, anterior is down.
    Horizontal,
    /// From the patient's right side: anterior is right, down is down.
    Sagittal,
}

impl Plane {
    const ALL: [Self; 3] = [Self::Frontal, Self::Horizontal, Self::Sagittal];

    /// (right, up) on screen of a point (anterior, left, superior).
    fn project(self, [anterior, left, superior]: [f64; 3]) -> [f64; 2] {
        match self {
            Self::Frontal => [left, superior],
            Self::Horizontal => [left, -anterior],
            Self::Sagittal => [anterior, superior],
        }
    }
}

/// The three planes.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let Some(beat) = beat(cx) else {
        ui.label(cx.tr(Label::LoopsNeed));
        return;
    };
    let note = cx.tr(Label::LoopsMethod);
    ui.label(muted(note, &cx.look.colours).small());
    let room = ui.available_size();
    let (is_square, side) = arrangement(room);
    let (rect, response) = ui.allocate_exact_size(room, Sense::hover());
    name_area(
        &response,
        format!(
            "{}: {}",
            cx.tr(Label::VectorLoops),
            cx.translator.vector_figures(&beat).join(", ")
        ),
    );
    let most = beat
        .path
        .iter()
        .flatten()
        .fold(0.25f64, |most, it| most.max(it.abs()));
    let corner = |idx: usize| {
        let (column, row) = if is_square {
            (idx % 2, idx / 2)
        } else {
            (idx, 0)
        };
        rect.min + vec2(column as f32, row as f32) * (side + GAP)
    };
    let painter = ui.painter_at(rect);
    for (idx, plane) in Plane::ALL.into_iter().enumerate() {
        panel(
            &painter,
            cx,
            &beat,
            plane,
            Rect::from_min_size(corner(idx), Vec2::splat(side)),
            most,
        );
    }
    let free = if is_square {
        Rect::from_min_size(corner(3), Vec2::splat(side))
    } else {
        rect.with_min_y(rect.top() + side + GAP)
    };
    if 60.0 < free.height() {
        let mut inner = ui.new_child(eframe::egui::UiBuilder::new().max_rect(free.shrink(4.0)));
        for line in cx.translator.vector_figures(&beat) {
            inner.label(strong_text(line));
        }
        inner.label(muted(cx.tr(Label::LoopsNote), &cx.look.colours).small());
    }
}

/// The height of `room` that is made use of: a row of three, with the figures where these have room.
pub fn height_in(room: Vec2) -> f32 {
    let row = (room.x - 2.0 * GAP) / 3.0 + NOTE;
    let with_figures = row + FIGURES;
    match with_figures <= room.y {
        true => with_figures,
        false => row.min(room.y),
    }
}

/// Height of the line above the planes, and of the figures below them, points.
const NOTE: f32 = 34.0;
const FIGURES: f32 = 124.0;
/// Between two planes, points.
const GAP: f32 = 10.0;

/// Whether the planes stand two by two, where that makes them larger than a row of three; and how
/// wide and high each is.
fn arrangement(room: Vec2) -> (bool, f32) {
    let row = ((room.x - 2.0 * GAP) / 3.0).min(room.y);
    let square = ((room.x - GAP) / 2.0).min((room.y - GAP) / 2.0);
    (row < square, row.max(square).max(60.0))
}

fn beat(cx: &PanelContext<'_>) -> Option<VectorBeat> {
    let exam = cx.session.exam.as_ref()?;
    let start_s = cx.session.document.window_start_s;
    let rate = exam.shown.rate();
    let cursor = cx
        .session
        .cursor_s
        .map(|time_s| rate.samples_in((time_s - start_s).max(0.0)));
    VectorBeat::near(&heart_vectors(&exam.shown)?, &exam.beats, cursor)
}

fn panel(
    painter: &Painter,
    cx: &PanelContext<'_>,
    beat: &VectorBeat,
    plane: Plane,
    rect: Rect,
    most: f64,
) {
    let colours = &cx.look.colours;
    painter.rect(
        rect,
        4.0,
        colours.card,
        Stroke::new(1.0, colours.edge),
        eframe::egui::StrokeKind::Inside,
    );
    let per_mv = 0.42 * f64::from(rect.width()) / most;
    let centre = rect.center();
    let place = |[x, y]: [f64; 2]| {
        pos2(
            centre.x + (x * per_mv) as f32,
            centre.y - (y * per_mv) as f32,
        )
    };
    grid(painter, cx, rect, per_mv);
    let points: Vec<_> = beat
        .path
        .iter()
        .map(|it| place(plane.project(*it)))
        .collect();
    arrows(painter, &points, colours.text);
    painter.add(Shape::line(points.clone(), Stroke::new(1.6, colours.text)));
    if let Some(now) = beat.now.and_then(|it| points.get(it)) {
        painter.line_segment([centre, *now], Stroke::new(1.0, colours.notice));
        painter.circle_filled(*now, 4.5, colours.notice);
    }
    directions(painter, cx, plane, rect);
}

/// Lines each half millivolt, through the middle stronger ones.
fn grid(painter: &Painter, cx: &PanelContext<'_>, rect: Rect, per_mv: f64) {
    let (colours, middle) = (&cx.look.colours, rect.center());
    let thin = Stroke::new(1.0, colours.edge.gamma_multiply(0.55));
    let lines = (0.5 * f64::from(rect.width()) / (0.5 * per_mv)) as i32;
    for line in -lines..=lines {
        let stroke = if line == 0 {
            Stroke::new(1.0, colours.muted)
        } else {
            thin
        };
        let away = (0.5 * f64::from(line) * per_mv) as f32;
        painter.vline(middle.x + away, rect.y_range(), stroke);
        painter.hline(rect.x_range(), middle.y - away, stroke);
    }
}

/// What the plane is called, and where its edges lie.
fn directions(painter: &Painter, cx: &PanelContext<'_>, plane: Plane, rect: Rect) {
    let colours = &cx.look.colours;
    let (name, [left, right, top, bottom]) = match plane {
        Plane::Frontal => (Label::Frontal, ["R", "L", "sup", "inf"]),
        Plane::Horizontal => (Label::Horizontal, ["R", "L", "post", "ant"]),
        Plane::Sagittal => (Label::Sagittal, ["post", "ant", "sup", "inf"]),
    };
    let name = painter.text(
        rect.left_top() + vec2(6.0, 4.0),
        Align2::LEFT_TOP,
        cx.tr(name),
        strong(12.0),
        colours.text,
    );
    let beside_name = pos2(
        f32::max(rect.center().x + 4.0, name.right() + 6.0),
        rect.top() + 4.0,
    );
    let small = || FontId::proportional(11.0);
    for (at, anchor, text) in [
        (rect.left_center() + vec2(4.0, 1.0), Align2::LEFT_TOP, left),
        (
            rect.right_center() + vec2(-4.0, 1.0),
            Align2::RIGHT_TOP,
            right,
        ),
        (beside_name, Align2::LEFT_TOP, top),
        (
            rect.center_bottom() + vec2(4.0, -3.0),
            Align2::LEFT_BOTTOM,
            bottom,
        ),
    ] {
        painter.text(at, anchor, text, small(), colours.muted);
    }
}

/// Which way round the loop goes: heads where it has run a while.
fn arrows(painter: &Painter, points: &[eframe::egui::Pos2], ink: eframe::egui::Color32) {
    let mut run = 0.0;
    for pair in points.windows(2) {
        let step = pair[1] - pair[0];
        run += step.length();
        if 46.0 < run && 0.5 < step.length() {
            run = 0.0;
            let along = step.normalized();
            let aside = along.rot90();
            let head = vec![
                pair[1] + 5.0 * along,
                pair[1] - 2.0 * along + 3.5 * aside,
                pair[1] - 2.0 * along - 3.5 * aside,
            ];
            painter.add(Shape::convex_polygon(head, ink, Stroke::NONE));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_show_left_on_the_right() {
        assert_eq!(
            Plane::ALL.map(|plane| plane.project([1.0, 2.0, 3.0])),
            [[2.0, 3.0], [2.0, -1.0], [1.0, 3.0]]
        );
    }
}
