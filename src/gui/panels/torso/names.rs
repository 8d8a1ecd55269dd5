//! Names beside places of a picture, none of which covers another.

use eframe::egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, Vec2, pos2, vec2};

use super::super::super::theme::strong;

/// Names that are placed one after the other, each where it covers nothing that is already there.
pub(super) struct Names<'a> {
    painter: &'a Painter,
    ground: Color32,
    taken: Vec<Rect>,
}

impl<'a> Names<'a> {
    pub(super) fn new(painter: &'a Painter, ground: Color32) -> Self {
        Self {
            painter,
            ground,
            taken: Vec::new(),
        }
    }

    /// Keeps names away from here.
    pub(super) fn keep_free(&mut self, rect: Rect) {
        self.taken.push(rect);
    }

    /// Writes `text` beside `at`; a thin line joins the two where the name had to go farther off.
    pub(super) fn write(&mut self, at: Pos2, text: &str, ink: Color32) {
        let galley = self
            .painter
            .layout_no_wrap(text.to_owned(), strong(11.0), ink);
        let size = galley.size() + vec2(6.0, 2.0);
        let bounds = self.painter.clip_rect();
        let place = |it: &(f32, f32, f32)| {
            let (x, y, away) = *it;
            let centre = at
                + vec2(x, y) * away
                + vec2(
                    0.5 * x.signum() * size.x * f32::from(u8::from(x != 0.0)),
                    0.5 * y * size.y,
                );
            Rect::from_center_size(centre, size)
        };
        let covered = |rect: &Rect| {
            self.taken
                .iter()
                .map(|it| area(it.intersect(*rect)))
                .sum::<f32>()
        };
        let outside = |rect: &Rect| area(*rect) - area(rect.intersect(bounds));
        let cost = |rect: &Rect| covered(rect) + outside(rect) + 0.12 * rect.center().distance(at);
        let Some(best) = PLACES
            .iter()
            .map(place)
            .min_by(|a, b| cost(a).total_cmp(&cost(b)))
        else {
            return;
        };
        let best = best.translate(inwards(best, bounds));
        if 26.0 < nearest(best, at).distance(at) - 4.0 {
            self.painter.add(Shape::line_segment(
                [at, nearest(best, at)],
                Stroke::new(1.0, ink.gamma_multiply(0.6)),
            ));
        }
        self.painter
            .rect_filled(best, 3.0, self.ground.gamma_multiply(0.82));
        self.painter.galley(best.min + vec2(3.0, 1.0), galley, ink);
        self.taken.push(best);
    }
}

/// Where a name may go: direction from its point, and points away.
#[rustfmt::skip]
const PLACES: [(f32, f32, f32); 20] = [
    (0.8, -0.6, 9.0), (0.8, 0.6, 9.0), (-0.8, -0.6, 9.0), (-0.8, 0.6, 9.0), (0.0, -1.0, 9.0), (0.0, 1.0, 9.0), (1.0, 0.0, 10.0), (-1.0, 0.0, 10.0),
    (0.8, -0.6, 20.0), (0.8, 0.6, 20.0), (-0.8, -0.6, 20.0), (-0.8, 0.6, 20.0), (0.0, -1.0, 20.0), (0.0, 1.0, 20.0),
    (0.8, -0.6, 36.0), (0.8, 0.6, 36.0), (-0.8, -0.6, 36.0), (-0.8, 0.6, 36.0), (0.0, -1.0, 36.0), (0.0, 1.0, 36.0),
];

fn area(rect: Rect) -> f32 {
    rect.width().max(0.0) * rect.height().max(0.0)
}

/// The point of `rect` that is nearest to `at`.
fn nearest(rect: Rect, at: Pos2) -> Pos2 {
    pos2(
        at.x.clamp(rect.left(), rect.right()),
        at.y.clamp(rect.top(), rect.bottom()),
    )
}

/// How to move `rect` so that it lies inside `bounds`.
fn inwards(rect: Rect, bounds: Rect) -> Vec2 {
    let axis = |low: f32, high: f32, least: f32, most: f32| {
        if low < least {
            least - low
        } else {
            (most - high).min(0.0)
        }
    };
    vec2(
        axis(rect.left(), rect.right(), bounds.left(), bounds.right()),
        axis(rect.top(), rect.bottom(), bounds.top(), bounds.bottom()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_moved_inside() {
        let bounds = Rect::from_min_size(pos2(0.0, 0.0), vec2(100.0, 50.0));
        let moved = |x: f32, y: f32| {
            let rect = Rect::from_min_size(pos2(x, y), vec2(20.0, 10.0));
            rect.translate(inwards(rect, bounds))
        };
        assert!(bounds.contains_rect(moved(90.0, 45.0)) && bounds.contains_rect(moved(-5.0, -5.0)));
        assert_eq!(moved(10.0, 10.0).min, pos2(10.0, 10.0));
        assert_eq!(
            area(bounds.intersect(Rect::from_min_size(pos2(200.0, 0.0), vec2(5.0, 5.0)))),
            0.0
        );
    }
}
