//! The ventricles as they are seen from one side, coloured by when the beat reaches them. Time is a
//! coordinate of a texture with one texel for a part of a millisecond, so that isochrones are sharp
//! at every magnification.

use eframe::egui::{Color32, ColorImage, Mesh, Pos2, Rect, TextureOptions, pos2, vec2};

use crate::{
    draw::vertex_normals,
    ecg::{
        statistics::mean,
        vec3::{Vec3, dot, norm, sub},
    },
    session::lab::Activation,
};

/// One step of colour, ms: the edges between steps are isochrones.
pub const STEP_MS: f64 = 10.0;
/// The shortest scale, ms: a fast beat is not stretched over all colours.
const SHORTEST_MS: f64 = 60.0;
/// Texels of the scale; the last one stands for what is never reached.
const TEXELS: usize = 2048;
/// Darkness of an isochrone, and how many milliseconds of the surface it takes.
const LINE: (f64, f64) = (0.55, 0.5);

/// From where the heart is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The sternum.
    Front,
    /// The spine.
    Back,
}

impl Side {
    /// (right, up, towards the eye) of a point of the body.
    fn project(self, [anterior, left, superior]: Vec3) -> Vec3 {
        match self {
            Self::Front => [left, superior, anterior],
            Self::Back => [-left, superior, -anterior],
        }
    }
}

/// Colours from the first to the last activation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeScale {
    /// Where it ends, ms.
    pub end_ms: f64,
}

impl TimeScale {
    /// For a beat that takes so long.
    pub fn of(last_ms: f64) -> Self {
        let steps = (last_ms / (2.0 * STEP_MS)).ceil();
        Self {
            end_ms: (2.0 * STEP_MS * steps).max(SHORTEST_MS),
        }
    }

    /// Early is light, late is dark: the order survives a grey print (viridis, the other way round).
    pub fn colour(self, after_ms: f64) -> Color32 {
        const STOPS: [[f64; 3]; 6] = [
            [253.0, 231.0, 37.0],
            [122.0, 209.0, 81.0],
            [34.0, 168.0, 132.0],
            [42.0, 120.0, 142.0],
            [65.0, 68.0, 135.0],
            [68.0, 1.0, 84.0],
        ];
        if after_ms.is_nan() {
            return Color32::from_gray(150);
        }
        let step = (after_ms / STEP_MS).floor() * STEP_MS;
        let share = step / (self.end_ms - STEP_MS);
        let place = share.clamp(0.0, 0.9999) * (STOPS.len() - 1) as f64;
        let (below, part) = (place as usize, place.fract());
        let [r, g, b] = std::array::from_fn(|it| {
            (STOPS[below][it] * (1.0 - part) + STOPS[below + 1][it] * part) as u8
        });
        Color32::from_rgb(r, g, b)
    }

    /// Its colours with isochrones between them, as a picture one texel high.
    pub fn picture(self) -> ColorImage {
        let texel = |idx: usize| {
            if idx == TEXELS - 1 {
                return self.colour(f64::NAN);
            }
            let ms = self.end_ms * idx as f64 / (TEXELS - 1) as f64;
            let colour = self.colour(ms);
            if STEP_MS <= ms && ms % STEP_MS < LINE.1 {
                colour.lerp_to_gamma(Color32::BLACK, LINE.0 as f32)
            } else {
                colour
            }
        };
        ColorImage::new([TEXELS, 1], (0..TEXELS).map(texel).collect())
    }

    /// Texels are told apart, not mixed.
    pub const OPTIONS: TextureOptions = TextureOptions::NEAREST;

    fn coordinate(self, after_ms: f64) -> Pos2 {
        let last = (TEXELS - 1) as f64 / TEXELS as f64;
        let u = if after_ms.is_nan() {
            0.5 * (1.0 + last)
        } else {
            last * (after_ms / self.end_ms).clamp(0.0, 0.9999)
        };
        pos2(u as f32, 0.5)
    }
}

/// The heart as it is seen from one side.
pub struct Seen {
    /// What is painted, farthest triangles first.
    pub mesh: Mesh,
    depths: Vec<f64>,
    middle: f64,
    heart_mm: Vec<Vec3>,
}

impl Seen {
    /// In that area, as large as it fits.
    pub fn new(activation: &Activation, side: Side, area: Rect) -> Self {
        let places = activation.surface.vertices_mm.iter();
        let projected: Vec<Vec3> = places.map(|it| side.project(*it)).collect();
        let onto = fit(&projected, area);
        let scale = TimeScale::of(activation.last_ms());
        let mut mesh = Mesh::default();
        let normals = vertex_normals(&activation.surface);
        for ((at, normal), ms) in projected.iter().zip(normals).zip(&activation.after_ms) {
            mesh.vertices.push(eframe::egui::epaint::Vertex {
                pos: onto(at),
                uv: scale.coordinate(*ms),
                color: shade(side.project(normal)),
            });
        }
        let mut facing: Vec<[usize; 3]> = activation.surface.triangles.clone();
        facing.retain(|it| faces_eye(it.map(|corner| projected[corner])));
        let depth = |it: &[usize; 3]| it.iter().map(|corner| projected[*corner][2]).sum::<f64>();
        facing.sort_by(|a, b| depth(a).total_cmp(&depth(b)));
        mesh.indices = facing.iter().flatten().map(|it| *it as u32).collect();
        let depths: Vec<f64> = projected.iter().map(|it| it[2]).collect();
        Self {
            mesh,
            middle: mean(&depths),
            depths,
            heart_mm: activation.heart_mm.clone(),
        }
    }

    /// The place in the heart under the pointer, in its own axes, mm.
    pub fn pick(&self, at: Pos2) -> Option<Vec3> {
        let place = |corner: u32| self.mesh.vertices[corner as usize].pos;
        let triangles = self.mesh.indices.chunks_exact(3).rev();
        let mut hit = triangles.filter(|it| contains([it[0], it[1], it[2]].map(place), at));
        let corners = hit.next()?.iter().copied();
        let away = |corner: &u32| place(*corner).distance_sq(at);
        let nearest = corners.min_by(|a, b| away(a).total_cmp(&away(b)))?;
        Some(self.heart_mm[nearest as usize])
    }

    /// Where `value` of places in the heart is 0 on this side: pieces of a line over the surface.
    pub fn level_line(&self, value: impl Fn(Vec3) -> f64) -> Vec<[Pos2; 2]> {
        let values: Vec<f64> = self.heart_mm.iter().map(|it| value(*it)).collect();
        let crossing = |[a, b]: [u32; 2]| {
            let [low, high] = [a, b].map(|it| values[it as usize]);
            let [from, to] = [a, b].map(|it| self.mesh.vertices[it as usize].pos);
            let is_crossed = (low < 0.0) != (high < 0.0);
            is_crossed.then(|| from.lerp(to, (low / (low - high)) as f32))
        };
        let piece = |it: &[u32]| {
            let edges = [[it[0], it[1]], [it[1], it[2]], [it[2], it[0]]];
            let mut crossings = edges.into_iter().filter_map(crossing);
            Some([crossings.next()?, crossings.next()?])
        };
        self.mesh
            .indices
            .chunks_exact(3)
            .filter_map(piece)
            .collect()
    }

    /// Where a place in the heart is seen, if it is on this side.
    pub fn place_of(&self, heart_mm: Vec3) -> Option<Pos2> {
        let away = |it: &usize| norm(sub(self.heart_mm[*it], heart_mm));
        let all = 0..self.heart_mm.len();
        let nearest = all.min_by(|a, b| away(a).total_cmp(&away(b)))?;
        let is_here = self.middle <= self.depths[nearest];
        is_here.then(|| self.mesh.vertices[nearest].pos)
    }
}

/// From projected millimetres to points: as large as the area holds.
fn fit(projected: &[Vec3], area: Rect) -> impl Fn(&Vec3) -> Pos2 {
    let bounds = |axis: usize| {
        let all = projected.iter().map(|it| it[axis]);
        let low = all.clone().fold(f64::INFINITY, f64::min);
        [low, all.fold(f64::NEG_INFINITY, f64::max)]
    };
    let [[left, right], [low, high]] = [0, 1].map(bounds);
    let room = [f64::from(area.width()), f64::from(area.height())];
    let per_mm = (room[0] / (right - left)).min(room[1] / (high - low));
    move |it| {
        let (x, y) = (it[0] - 0.5 * (left + right), it[1] - 0.5 * (low + high));
        area.center() + vec2((x * per_mm) as f32, (-y * per_mm) as f32)
    }
}

/// A little light from above on the left: enough for a form, too little to be taken for a time.
fn shade(normal: Vec3) -> Color32 {
    const LIGHT: Vec3 = [-0.40, 0.50, 0.77];
    let light = 0.78 + 0.22 * dot(normal, LIGHT).max(0.0);
    Color32::from_gray((255.0 * light) as u8)
}

fn faces_eye([a, b, c]: [Vec3; 3]) -> bool {
    let (p, q) = (sub(b, a), sub(c, a));
    0.0 < p[0] * q[1] - p[1] * q[0]
}

fn contains([a, b, c]: [Pos2; 3], at: Pos2) -> bool {
    let turns = |from: Pos2, to: Pos2| {
        let (p, q) = (to - from, at - from);
        p.x * q.y - p.y * q.x
    };
    let all = [turns(a, b), turns(b, c), turns(c, a)];
    all.iter().all(|it| *it <= 0.0) || all.iter().all(|it| 0.0 <= *it)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phantom::{VirtualHeart, VirtualPatient};

    /// The line of a ball round a place on the front is closed round it, on the front alone.
    #[test]
    fn a_level_line_goes_round_its_place() {
        let activation = VirtualPatient::of(VirtualHeart::default()).activation();
        let area = Rect::from_min_size(pos2(0.0, 0.0), vec2(400.0, 400.0));
        let seen = Seen::new(&activation, Side::Front, area);
        let middle_mm = seen.pick(area.center()).unwrap();
        let line = seen.level_line(|it| norm(sub(it, middle_mm)) - 15.0);
        let middle = seen.place_of(middle_mm).unwrap();
        let away = |at: &Pos2| at.distance(middle);
        let ends: Vec<f32> = line.iter().flatten().map(away).collect();
        assert!(
            10 < line.len() && ends.iter().all(|it| 5.0 < *it && *it < 120.0),
            "{ends:?}"
        );
        let beside = |at: Pos2| {
            line.iter()
                .flatten()
                .filter(|it| it.distance(at) < 0.01)
                .count()
        };
        assert!(
            line.iter().flatten().filter(|it| beside(**it) < 2).count() <= 4,
            "closed"
        );
        assert!(seen.level_line(|_| 1.0).is_empty());
    }

    #[test]
    fn later_is_darker_and_a_step_has_one_colour() {
        let scale = TimeScale::of(93.0);
        assert_eq!(scale.end_ms, 100.0);
        assert_eq!(TimeScale::of(12.0).end_ms, SHORTEST_MS);
        let light = |ms: f64| {
            let it = scale.colour(ms);
            0.3 * f64::from(it.r()) + 0.6 * f64::from(it.g()) + 0.1 * f64::from(it.b())
        };
        let shades: Vec<f64> = (0..10).map(|step| light(10.0 * f64::from(step))).collect();
        assert!(
            shades.windows(2).all(|it| it[1] < it[0] - 8.0),
            "{shades:?}"
        );
        assert!(
            shades[0] - shades[9] > 150.0,
            "from light to dark: {shades:?}"
        );
        assert_eq!(scale.colour(20.0), scale.colour(29.9));
        assert_ne!(scale.colour(29.9), scale.colour(30.1));
    }

    #[test]
    fn an_isochrone_stands_at_each_step() {
        let scale = TimeScale::of(80.0);
        let picture = scale.picture();
        let at = |ms: f64| {
            let u = scale.coordinate(ms).x;
            picture.pixels[(u * TEXELS as f32) as usize]
        };
        for step in 1..8 {
            let ms = 10.0 * f64::from(step);
            let sum = |it: Color32| u32::from(it.r()) + u32::from(it.g()) + u32::from(it.b());
            assert!(sum(at(ms + 0.2)) < sum(at(ms + 2.0)), "at {ms} ms");
            assert_eq!(at(ms + 5.0), scale.colour(ms));
        }
        assert_eq!(at(f64::NAN), scale.colour(f64::NAN));
    }

    #[test]
    fn the_whole_outline_is_filled_and_a_click_takes_what_is_in_front() {
        let activation = VirtualPatient::of(VirtualHeart::default()).activation();
        let area = Rect::from_min_size(Pos2::ZERO, vec2(300.0, 240.0));
        let [front, back] =
            [Side::Front, Side::Back].map(|side| Seen::new(&activation, side, area));
        // Row by row what is hit is one stretch, but for the valves' openings at the base.
        let mut rows = 0;
        for y in (0..240).map(|y| y as f32 + 0.5) {
            let hits: Vec<bool> = (0..300)
                .map(|x| front.pick(pos2(x as f32 + 0.5, y)).is_some())
                .collect();
            let starts = hits.windows(2).filter(|it| !it[0] && it[1]).count();
            rows += usize::from(starts == 1);
            assert!(starts <= 3, "{starts} stretches in row {y}");
        }
        assert!(190 < rows, "{rows} rows of one stretch");
        let centre = area.center();
        let [near, far] = [&front, &back].map(|it| it.pick(centre).unwrap());
        assert!(20.0 < norm(sub(near, far)), "{near:?} {far:?}");
        assert!(front.place_of(near).is_some() && back.place_of(far).is_some());
        assert!(back.place_of(near).is_none(), "it is in front");
        assert_eq!(front.pick(area.left_top()), None);
    }
}
