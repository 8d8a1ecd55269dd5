//! Paints the marks of `draw` on the screen: lines and grounds as one mesh, kept between frames, and
//! words with the window's letters.

use eframe::egui::{
    Align2, Color32, FontFamily, FontId, Painter, Pos2, Rangef, Rect, Shape, Stroke,
    epaint::{BandPoint, BandShape},
    pos2, vec2,
};

use super::{
    super::{
        panel_context::key,
        theme::{colour32, strong_family},
    },
    mesh_cache::MeshCache,
};
use crate::draw::{Chart, Item, Mark, Medium, Palette, Role, Text, Weight, thinned};

/// How millimetres of the paper lie on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Screen place of the paper's corner.
    pub origin: Pos2,
    /// Points per millimetre.
    pub per_mm: f32,
}

impl Scale {
    /// A place on the paper.
    pub fn at(&self, x_mm: f64, y_mm: f64) -> Pos2 {
        pos2(
            self.origin.x + self.per_mm * x_mm as f32,
            self.origin.y + self.per_mm * y_mm as f32,
        )
    }

    /// Millimetres of a place on the screen.
    pub fn mm(&self, at: Pos2) -> (f64, f64) {
        (
            f64::from((at.x - self.origin.x) / self.per_mm),
            f64::from((at.y - self.origin.y) / self.per_mm),
        )
    }
}

/// The screen as a medium: words and traces keep a legible size, in points, at any scale.
pub fn screen(palette: Palette, per_mm: f32) -> Medium {
    let held =
        |mm: f32, least: f32, most: f32| f64::from((mm * per_mm).clamp(least, most) / per_mm);
    Medium {
        palette,
        name_mm: held(3.6, 13.0, 16.0),
        note_mm: held(2.6, 11.0, 13.0),
        head_mm: held(4.6, 22.0, 26.0),
        trace_mm: held(0.28, 1.0, 2.0),
    }
}

/// Charts below one another with all that is on them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawing {
    /// Where everything lies.
    pub charts: Vec<Chart>,
    /// The marks, from back to front.
    pub items: Vec<Item>,
}

impl Drawing {
    /// Lower edge of the lowest chart, mm.
    pub fn bottom_mm(&self) -> f64 {
        self.charts
            .iter()
            .fold(0.0, |most, chart| most.max(chart.frame.bottom_mm()))
    }
}

/// A drawing kept between frames: laid out anew when its key changes, tessellated anew when its
/// place does.
#[derive(Default)]
pub struct DrawingCache {
    key: Option<u64>,
    drawing: Drawing,
    mesh: MeshCache,
}

impl DrawingCache {
    /// The drawing for `key`; `lay_out` is called only if the key is new.
    pub fn drawing(&mut self, key: u64, lay_out: impl FnOnce() -> Drawing) -> &Drawing {
        if self.key != Some(key) {
            (self.key, self.drawing) = (Some(key), lay_out());
        }
        &self.drawing
    }

    /// The drawing that was asked for last.
    pub fn shown(&self) -> &Drawing {
        &self.drawing
    }

    /// Paints the drawing that was asked for last.
    pub fn paint(&mut self, painter: &Painter, scale: Scale) {
        let pixels = painter.pixels_per_point();
        let place = [scale.origin.x, scale.origin.y, scale.per_mm, pixels].map(f32::to_bits);
        let key = key((self.key, place));
        let items = &self.drawing.items;
        painter.add(self.mesh.mesh(key, pixels, || shapes(items, scale, pixels)));
        write_all(painter, items, scale);
    }
}

/// Paints marks that are not worth keeping.
pub(super) fn paint_items(painter: &Painter, items: &[Item], scale: Scale) {
    painter.extend(shapes(items, scale, painter.pixels_per_point()));
    write_all(painter, items, scale);
}

fn write_all(painter: &Painter, items: &[Item], scale: Scale) {
    for item in items {
        if let Mark::Text(text) = &item.mark {
            write(painter, text, scale);
        }
    }
}

/// Everything but words.
fn shapes(items: &[Item], scale: Scale, pixels: f32) -> Vec<Shape> {
    let line = |stroke: &crate::draw::Stroke| {
        Stroke::new(
            stroke.width_mm as f32 * scale.per_mm,
            colour32(stroke.colour),
        )
    };
    let on_screen = |points: &[[f64; 2]]| points.iter().map(|[x, y]| scale.at(*x, *y)).collect();
    let column_mm = 1.0 / f64::from(scale.per_mm * pixels);
    let mut shapes = Vec::new();
    for item in items {
        match &item.mark {
            Mark::Polyline { points_mm, stroke } => {
                let is_trace = matches!(item.role, Role::Trace(_));
                shapes.push(Shape::line(
                    if is_trace {
                        on_screen(&thinned(points_mm, column_mm))
                    } else {
                        on_screen(points_mm)
                    },
                    line(stroke),
                ));
            }
            Mark::Lines { lines_mm, stroke } => {
                let ends = lines_mm
                    .iter()
                    .map(|[a, b]| [*a, *b].map(|[x, y]| scale.at(x, y)));
                shapes.extend(ends.map(|ends| Shape::line_segment(ends, line(stroke))));
            }
            Mark::Fill { outline_mm, colour } => shapes.push(Shape::convex_polygon(
                on_screen(outline_mm),
                colour32(*colour),
                Stroke::NONE,
            )),
            Mark::Band { edges_mm, colour } => {
                shapes.push(band(edges_mm, scale, pixels, colour32(*colour)));
            }
            Mark::Text(_) => {}
        }
    }
    shapes
}

/// A band with a point per screen column.
fn band(edges_mm: &[[f64; 3]], scale: Scale, pixels: f32, fill: Color32) -> Shape {
    let column = |edge: &[f64; 3]| (edge[0] as f32 * scale.per_mm * pixels).floor();
    let points = edges_mm
        .chunk_by(|a, b| column(a) == column(b))
        .map(|part| {
            let [mut top, mut bottom] = [part[0][1], part[0][2]];
            for [_, upper, lower] in part {
                (top, bottom) = (top.min(*upper), bottom.max(*lower));
            }
            let (from, to) = (scale.at(part[0][0], top), scale.at(part[0][0], bottom));
            BandPoint::new(from.x, Rangef::new(from.y, to.y))
        });
    Shape::Band(BandShape::new(
        points.collect::<Vec<_>>(),
        fill,
        Stroke::NONE,
    ))
}

/// A line of words with its baseline where `draw` put it.
fn write(painter: &Painter, text: &Text, scale: Scale) {
    let family = match text.weight {
        Weight::Regular => FontFamily::Proportional,
        Weight::SemiBold => strong_family(),
    };
    let size = text.size_mm as f32 * scale.per_mm;
    let ink = colour32(text.colour);
    let galley = painter.layout_no_wrap(text.text.clone(), FontId::new(size, family), ink);
    let first = galley.rows.first();
    let baseline = first.and_then(|row| Some(row.pos.y + row.glyphs.first()?.pos.y));
    let shift = text.anchor.share() as f32;
    let at = scale.at(text.at_mm[0], text.at_mm[1]);
    let corner = at - vec2(shift * galley.size().x, baseline.unwrap_or(size));
    painter.galley(corner, galley, ink);
}

/// Small words on a ground of paper, so that no grid line runs through them.
pub fn grounded(
    painter: &Painter,
    (at, anchor): (Pos2, Align2),
    text: String,
    (font, ink): (FontId, Color32),
    paper: Color32,
) {
    let galley = painter.layout_no_wrap(text, font, ink);
    let place: Rect = anchor.anchor_size(at, galley.size());
    painter.rect_filled(
        place.expand2(vec2(3.0, 1.0)),
        2.0,
        paper.gamma_multiply(0.85),
    );
    painter.galley(place.min, galley, ink);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Colour;

    const SCALE: Scale = Scale {
        origin: pos2(10.0, 20.0),
        per_mm: 3.0,
    };

    fn item(role: Role, mark: Mark) -> Item {
        Item { role, mark }
    }

    #[test]
    fn millimetres_and_points_are_inverse() {
        let at = SCALE.at(7.0, 9.0);
        assert_eq!(at, pos2(31.0, 47.0));
        assert_eq!(SCALE.mm(at), (7.0, 9.0));
    }

    #[test]
    fn words_and_traces_keep_a_legible_size_at_any_scale() {
        for per_mm in [1.2, 2.9, 12.0, 40.0] {
            let medium = screen(Palette::LIGHT, per_mm);
            let points = |mm: f64| mm as f32 * per_mm;
            assert!(
                (12.99..=16.01).contains(&points(medium.name_mm)),
                "{per_mm}"
            );
            assert!((0.99..=2.01).contains(&points(medium.trace_mm)), "{per_mm}");
        }
    }

    #[test]
    fn traces_are_thinned_to_pixels_and_keep_their_peaks() {
        let stroke = crate::draw::Stroke::solid(Colour::hex(0), 0.3);
        let mut points_mm: Vec<[f64; 2]> = (0..9000).map(|k| [f64::from(k) / 90.0, 5.0]).collect();
        points_mm[4321][1] = 1.0;
        let trace = Mark::Polyline { points_mm, stroke };
        let drawn = shapes(&[item(Role::Trace("II".into()), trace)], SCALE, 1.0);
        let Shape::Path(path) = &drawn[0] else {
            panic!("a trace is a path")
        };
        assert!(path.points.len() < 700);
        let top = path.points.iter().map(|it| it.y).fold(f32::MAX, f32::min);
        assert_eq!(top, 23.0);
    }

    #[test]
    fn a_drawing_is_laid_out_once_for_each_key() {
        let mut cache = DrawingCache::default();
        let mut calls = 0;
        for key in [1, 1, 2, 2] {
            cache.drawing(key, || {
                calls += 1;
                Drawing::default()
            });
        }
        assert_eq!(calls, 2);
    }
}
