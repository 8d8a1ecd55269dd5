//! Where the torso is seen from, and the way between body millimetres and screen points.

use eframe::egui::{Pos2, Rect, Vec2, pos2};

use crate::ecg::{
    ViewAngle,
    vec3::{Vec3, cross, dot, norm},
};

/// Middle of what is shown, mm.
const FOCUS_MM: Vec3 = [40.0, 0.0, 470.0];
/// Height of what fits at a zoom of one, mm: from the neck to the waist.
const HEIGHT_MM: f64 = 470.0;
/// Width that must fit too, mm.
const WIDTH_MM: f64 = 590.0;
/// Distance of the eye, mm: far enough to be nearly parallel.
const DISTANCE_MM: f64 = 1800.0;

/// A view of the torso: turned about the vertical, tilted, zoomed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// Azimuth of the eye from anterior towards the patient's left, radians.
    pub azimuth: f64,
    /// Elevation of the eye above the horizontal, radians.
    pub elevation: f64,
    /// 1 = the torso fits.
    pub zoom: f64,
}

impl Camera {
    /// From the front, slightly from the patient's left and above.
    pub const START: Self = Self {
        azimuth: 0.24,
        elevation: 0.12,
        zoom: 1.0,
    };
    /// From straight ahead.
    pub const FRONT: Self = Self {
        azimuth: 0.0,
        elevation: 0.0,
        zoom: 1.0,
    };
    /// From the patient's left.
    pub const LEFT: Self = Self {
        azimuth: std::f64::consts::FRAC_PI_2,
        elevation: 0.0,
        zoom: 1.0,
    };
    /// From behind.
    pub const BACK: Self = Self {
        azimuth: std::f64::consts::PI,
        elevation: 0.0,
        zoom: 1.0,
    };
    /// From the patient's right.
    pub const RIGHT: Self = Self {
        azimuth: -std::f64::consts::FRAC_PI_2,
        elevation: 0.0,
        zoom: 1.0,
    };

    /// Turned so that `view` is looked at, unless it is plainly in sight.
    pub fn facing(self, view: ViewAngle) -> Self {
        const IN_SIGHT: f64 = 0.55; // Cosine of the angle up to which a place is read with ease.
        let unit = view.unit();
        if IN_SIGHT < dot(self.axes()[2], unit) {
            return self;
        }
        let is_polar = unit[0].hypot(unit[1]) < 0.2;
        Self {
            azimuth: if is_polar {
                self.azimuth
            } else {
                view.phi_rad()
            },
            elevation: unit[2].asin().clamp(-0.5, 0.5),
            ..self
        }
    }

    /// Turned by a drag of `delta` points.
    pub fn turned(self, delta: Vec2) -> Self {
        let azimuth = self.azimuth - 0.008 * f64::from(delta.x);
        let elevation = (self.elevation + 0.008 * f64::from(delta.y)).clamp(-1.4, 1.4);
        Self {
            azimuth,
            elevation,
            ..self
        }
    }

    /// Nearer or farther.
    pub fn zoomed(self, factor: f64) -> Self {
        Self {
            zoom: (self.zoom * factor).clamp(0.6, 6.0),
            ..self
        }
    }

    /// Unit vectors right, up and towards the eye.
    pub fn axes(self) -> [Vec3; 3] {
        let (sa, ca) = self.azimuth.sin_cos();
        let (se, ce) = self.elevation.sin_cos();
        let towards = [ce * ca, ce * sa, se];
        let right = [-sa, ca, 0.0];
        let up = cross(towards, right);
        [right, up, towards]
    }

    /// The eye, mm.
    pub fn eye_mm(self) -> Vec3 {
        let towards = self.axes()[2];
        std::array::from_fn(|it| FOCUS_MM[it] + DISTANCE_MM * towards[it])
    }

    /// Clip from body, column by column, for a picture of this aspect (width over height).
    pub fn clip_from_body(self, aspect: f64) -> [[f32; 4]; 4] {
        let [right, up, towards] = self.axes();
        let along = |axis: Vec3| [axis[0], axis[1], axis[2], -dot(axis, FOCUS_MM)];
        let scale = self.scale(aspect);
        let (near, far) = (DISTANCE_MM - 600.0, DISTANCE_MM + 600.0);
        let depth = |row: [f64; 4]| row.map(|it| -it); // distance along the view direction, less DISTANCE_MM
        let (x, y, d) = (along(right), along(up), depth(along(towards)));
        let w =
            std::array::from_fn::<f64, 4, _>(|it| d[it] + if it == 3 { DISTANCE_MM } else { 0.0 });
        // z/w runs from 0 at near to 1 at far: z = far/(far-near) * (w - near).
        let k = far / (far - near);
        let z =
            std::array::from_fn::<f64, 4, _>(|it| k * (w[it] - if it == 3 { near } else { 0.0 }));
        let rows = [
            x.map(|it| it * scale / aspect),
            y.map(|it| it * scale),
            z,
            w,
        ];
        std::array::from_fn(|col| std::array::from_fn(|row| rows[row][col] as f32))
    }

    fn scale(self, aspect: f64) -> f64 {
        2.0 * self.zoom * DISTANCE_MM / HEIGHT_MM.max(WIDTH_MM / aspect)
    }

    /// Where a point of the body is on the screen, and its distance from the eye, mm.
    pub fn screen_from_body(self, rect: Rect, body_mm: Vec3) -> (Pos2, f64) {
        let m = self.clip_from_body(f64::from(rect.aspect_ratio()));
        let clip = |row: usize| {
            (0..3)
                .map(|col| f64::from(m[col][row]) * body_mm[col])
                .sum::<f64>()
                + f64::from(m[3][row])
        };
        let w = clip(3);
        let (x, y) = (clip(0) / w, clip(1) / w);
        let centre = rect.center();
        (
            pos2(
                centre.x + 0.5 * rect.width() * x as f32,
                centre.y - 0.5 * rect.height() * y as f32,
            ),
            w,
        )
    }

    /// The ray from the eye through a point of the screen: origin in mm and unit direction.
    pub fn ray(self, rect: Rect, at: Pos2) -> (Vec3, Vec3) {
        let [right, up, towards] = self.axes();
        let centre = rect.center();
        let aspect = f64::from(rect.aspect_ratio());
        let scale = self.scale(aspect);
        let x = f64::from((at.x - centre.x) / (0.5 * rect.width())) * aspect / scale;
        let y = f64::from((centre.y - at.y) / (0.5 * rect.height())) / scale;
        let direction: Vec3 = std::array::from_fn(|it| x * right[it] + y * up[it] - towards[it]);
        let length = norm(direction);
        (self.eye_mm(), direction.map(|x| x / length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::vec3::sub;

    #[test]
    fn a_ray_goes_back_through_the_point_it_was_drawn_at() {
        let rect = Rect::from_min_size(pos2(30.0, 50.0), Vec2::new(400.0, 300.0));
        for camera in [
            Camera::START,
            Camera::LEFT,
            Camera::BACK.zoomed(2.0),
            Camera::FRONT.turned(Vec2::new(30.0, -80.0)),
        ] {
            let body = [138.6, -25.0, 478.0];
            let (screen, _) = camera.screen_from_body(rect, body);
            let (origin, direction) = camera.ray(rect, screen);
            let off = norm(cross(sub(body, origin), direction));
            assert!(off < 0.5, "{camera:?} misses by {off} mm");
        }
    }

    #[test]
    fn the_patients_left_is_on_the_right_of_a_front_view() {
        let rect = Rect::from_min_size(pos2(0.0, 0.0), Vec2::new(100.0, 100.0));
        let x = |body| Camera::FRONT.screen_from_body(rect, body).0.x;
        assert!(x([100.0, -90.0, 450.0]) < x([100.0, 90.0, 450.0]));
        assert!(Camera::BACK.screen_from_body(rect, [0.0, 90.0, 450.0]).0.x < 50.0);
    }

    fn cameras() -> impl Iterator<Item = Camera> {
        let drags = (-6..=6).map(|step| Vec2::new(60.0 * step as f32, 35.0 * step as f32));
        drags.map(|drag| Camera::START.turned(drag).zoomed(1.3))
    }

    #[test]
    fn the_axes_are_a_right_handed_frame() {
        for camera in cameras() {
            let [right, up, towards] = camera.axes();
            assert!(norm(sub(cross(right, up), towards)) < 1e-12, "{camera:?}");
            assert!(
                (norm(right) - 1.0).abs() < 1e-12 && right[2] == 0.0,
                "no tilt of the horizon"
            );
        }
    }

    #[test]
    fn the_camera_turns_to_a_place_that_it_does_not_see() {
        let place = |theta, phi| ViewAngle::from_degrees(theta, phi).unwrap();
        for (theta, phi) in [(90.0, 170.0), (80.0, -100.0), (110.0, 120.0), (95.0, 90.0)] {
            let view = place(theta, phi);
            let turned = Camera::START.zoomed(2.0).facing(view);
            assert!(0.9 < dot(turned.axes()[2], view.unit()), "{view}");
            assert_eq!(turned.zoom, 2.0);
            assert_eq!(turned.facing(view), turned, "and stays");
        }
        assert_eq!(Camera::FRONT.facing(place(62.0, 2.0)), Camera::FRONT);
    }

    #[test]
    fn turning_and_zooming_stay_within_reach() {
        let over = Camera::FRONT.turned(Vec2::new(0.0, 1e6));
        assert_eq!(over.elevation, 1.4, "never past the pole");
        assert_eq!(over.turned(Vec2::new(0.0, -1e9)).elevation, -1.4);
        // A drag to the right shows more of the patient's right side.
        assert!(Camera::FRONT.turned(Vec2::new(50.0, 0.0)).azimuth < 0.0);
        assert_eq!(Camera::FRONT.zoomed(100.0).zoom, 6.0);
        assert_eq!(Camera::FRONT.zoomed(0.001).zoom, 0.6);
    }

    #[test]
    fn what_is_nearer_the_eye_is_in_front() {
        let rect = Rect::from_min_size(pos2(0.0, 0.0), Vec2::new(300.0, 300.0));
        for camera in cameras() {
            let towards = camera.axes()[2];
            let at = |mm: f64| towards.map(|x| mm * x);
            let depth = |mm: f64| {
                let m = camera.clip_from_body(1.0);
                let body = sub(FOCUS_MM, at(-mm));
                let clip = |row: usize| {
                    let sum: f64 = (0..3).map(|col| f64::from(m[col][row]) * body[col]).sum();
                    sum + f64::from(m[3][row])
                };
                clip(2) / clip(3)
            };
            assert!(
                depth(100.0) < depth(0.0) && depth(0.0) < depth(-100.0),
                "{camera:?}"
            );
            assert!((0.0..=1.0).contains(&depth(500.0)) && (0.0..=1.0).contains(&depth(-500.0)));
            let (centre, away) = camera.screen_from_body(rect, FOCUS_MM);
            assert!(
                (centre - rect.center()).length() < 1e-2,
                "the focus is in the middle"
            );
            assert!((away - DISTANCE_MM).abs() < 1e-2);
        }
    }
}
