//! A lens over traces: what lies under the pointer, larger, with the pointer's own place unmoved.

use eframe::egui::{Painter, Pos2, Rect, Stroke, StrokeKind, Vec2, vec2};

use super::{
    super::theme::colour32,
    page_painter::{Drawing, Scale, paint_items},
};
use crate::draw::{Item, Mark, Palette};

/// How much larger.
const TIMES: f32 = 3.0;
/// Of the lens, points.
const SIZE: Vec2 = vec2(320.0, 200.0);

/// Paints the lens; gives what to paint into it and at which scale, for what lies over the traces.
pub fn magnified(
    painter: &Painter,
    (drawing, scale): (&Drawing, Scale),
    at: Pos2,
    palette: &Palette,
) -> (Painter, Scale) {
    let within = painter.clip_rect();
    let size = SIZE.min(within.size());
    let middle = at.clamp(within.min + 0.5 * size, within.max - 0.5 * size);
    let lens = Rect::from_center_size(middle, size);
    let larger = Scale {
        origin: at - TIMES * (at - scale.origin),
        per_mm: TIMES * scale.per_mm,
    };
    painter.rect_filled(lens, 4.0, colour32(palette.paper));
    let inside = painter.with_clip_rect(lens);
    grid(&inside, lens, larger, palette);
    let [from, to] = [lens.min, lens.max].map(|corner| larger.mm(corner));
    let seen: Vec<Item> = drawing
        .items
        .iter()
        .filter_map(|item| part(item, [from.0, to.0]))
        .collect();
    paint_items(&inside, &seen, larger);
    let edge = Stroke::new(1.5, colour32(palette.notice));
    painter.rect_stroke(lens, 4.0, edge, StrokeKind::Inside);
    (inside, larger)
}

/// Lines each millimetre, stronger ones each fifth.
fn grid(painter: &Painter, lens: Rect, scale: Scale, palette: &Palette) {
    let (from, to) = (scale.mm(lens.min), scale.mm(lens.max));
    let stroke = |k: i64| {
        let is_major = k % 5 == 0;
        let colour = if is_major {
            palette.major_grid
        } else {
            palette.minor_grid
        };
        Stroke::new(if is_major { 1.2 } else { 1.0 }, colour32(colour))
    };
    for k in from.0.ceil() as i64..=to.0.floor() as i64 {
        painter.vline(scale.at(k as f64, 0.0).x, lens.y_range(), stroke(k));
    }
    for k in from.1.ceil() as i64..=to.1.floor() as i64 {
        painter.hline(lens.x_range(), scale.at(0.0, k as f64).y, stroke(k));
    }
}

/// What of a mark lies between two places, and a little more.
fn part(item: &Item, [from, to]: [f64; 2]) -> Option<Item> {
    const BESIDE_MM: f64 = 2.0;
    let is_near = |x: f64| from - BESIDE_MM <= x && x <= to + BESIDE_MM;
    let mark = match &item.mark {
        Mark::Polyline { points_mm, stroke } => Mark::Polyline {
            points_mm: points_mm
                .iter()
                .copied()
                .filter(|point| is_near(point[0]))
                .collect(),
            stroke: *stroke,
        },
        Mark::Lines { lines_mm, stroke } => {
            let reaches = |line: &[[f64; 2]; 2]| line[0][0] <= to && from <= line[1][0];
            Mark::Lines {
                lines_mm: lines_mm.iter().copied().filter(reaches).collect(),
                stroke: *stroke,
            }
        }
        Mark::Band { edges_mm, colour } => Mark::Band {
            edges_mm: edges_mm
                .iter()
                .copied()
                .filter(|edge| is_near(edge[0]))
                .collect(),
            colour: *colour,
        },
        Mark::Fill { .. } | Mark::Text(_) => item.mark.clone(),
    };
    let is_empty = matches!(&mark, Mark::Polyline { points_mm, .. } if points_mm.len() < 2);
    (!is_empty).then(|| Item {
        role: item.role.clone(),
        mark,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::{Colour, Role};

    #[test]
    fn the_lens_holds_what_lies_under_it_and_no_more() {
        let points_mm: Vec<[f64; 2]> = (0..1000).map(|k| [f64::from(k) / 10.0, 5.0]).collect();
        let stroke = crate::draw::Stroke::solid(Colour::hex(0), 0.3);
        let trace = Item {
            role: Role::Trace("II".into()),
            mark: Mark::Polyline { points_mm, stroke },
        };
        let Some(Mark::Polyline { points_mm, .. }) = part(&trace, [20.0, 30.0]).map(|it| it.mark)
        else {
            panic!("a piece of the trace")
        };
        assert_eq!((points_mm.len(), points_mm[0][0]), (141, 18.0));
        assert!(part(&trace, [200.0, 210.0]).is_none());
    }
}
