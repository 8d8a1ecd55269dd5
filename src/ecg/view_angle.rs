//! A direction as seen from the heart, in the one frame of this program:
//! x anterior, y patient's left, z superior.

use std::f64::consts::{FRAC_PI_2, PI};

use super::vec3::{self, Vec3};

/// Direction from the heart: `theta_rad` from superior (0) to inferior (π); `phi_rad` the azimuth
/// atan2(y, x): 0 anterior, +π/2 left, −π/2 right, ±π posterior.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ViewAngle {
    theta_rad: f64,
    phi_rad: f64,
}

impl ViewAngle {
    /// Straight ahead.
    pub const ANTERIOR: Self = Self {
        theta_rad: FRAC_PI_2,
        phi_rad: 0.0,
    };

    /// Any finite angles; a theta beyond the poles is carried over to the other side. `None` if not
    /// finite.
    pub fn from_degrees(theta_deg: f64, phi_deg: f64) -> Option<Self> {
        let (theta, phi) = (theta_deg.to_radians(), phi_deg.to_radians());
        Self::from_vector([
            theta.sin() * phi.cos(),
            theta.sin() * phi.sin(),
            theta.cos(),
        ])
    }

    /// Direction of `v` (any length). `None` for a zero or non-finite vector.
    pub fn from_vector(v: Vec3) -> Option<Self> {
        Some(Self {
            theta_rad: vec3::unit(v)?[2].clamp(-1.0, 1.0).acos(),
            phi_rad: v[1].atan2(v[0]),
        })
    }

    /// Polar angle from superior, radians in 0..=π.
    pub fn theta_rad(self) -> f64 {
        self.theta_rad
    }

    /// Azimuth from anterior towards the patient's left, radians in −π..=π.
    pub fn phi_rad(self) -> f64 {
        self.phi_rad
    }

    /// (theta, phi) in degrees.
    pub fn degrees(self) -> (f64, f64) {
        (self.theta_rad.to_degrees(), self.phi_rad.to_degrees())
    }

    /// Unit vector (anterior, left, superior).
    pub fn unit(self) -> Vec3 {
        let (sin, cos) = self.theta_rad.sin_cos();
        [sin * self.phi_rad.cos(), sin * self.phi_rad.sin(), cos]
    }

    /// Angle between two directions, radians in 0..=π.
    pub fn angle_to(self, other: Self) -> f64 {
        vec3::dot(self.unit(), other.unit()).clamp(-1.0, 1.0).acos()
    }

    /// `steps` of (down, towards the patient's left) in radians, as arrow keys move it; stays on
    /// the sphere.
    pub fn moved(self, down_rad: f64, left_rad: f64) -> Self {
        let phi = self.phi_rad + left_rad;
        let wrapped = (phi + PI).rem_euclid(2.0 * PI) - PI;
        Self {
            theta_rad: (self.theta_rad + down_rad).clamp(0.0, PI),
            phi_rad: wrapped,
        }
    }
}

impl std::fmt::Display for ViewAngle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (theta, phi) = self.degrees();
        let phi = if phi.round() == 0.0 { 0.0 } else { phi };
        write!(
            f,
            "θ {theta:.0}° φ {}{:.0}°",
            if phi < 0.0 { "−" } else { "" },
            phi.abs()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(found: Option<ViewAngle>, theta: f64, phi: f64) {
        let (t, p) = found.unwrap().degrees();
        assert!(
            (t - theta).abs() < 0.6 && (p - phi).abs() < 0.6,
            "found {t} {p}, expected {theta} {phi}"
        );
    }

    #[test]
    fn frames_convert() {
        check(ViewAngle::from_degrees(48.0, -38.0), 48.0, -38.0);
        assert!(ViewAngle::from_degrees(f64::NAN, 0.0).is_none());
    }

    #[test]
    fn moving_wraps_around_the_body() {
        let back = ViewAngle::from_degrees(90.0, 179.0)
            .unwrap()
            .moved(0.0, 2f64.to_radians());
        check(Some(back), 90.0, -179.0);
    }

    /// Directions all over the sphere, poles and the seam behind included.
    fn sphere() -> Vec<ViewAngle> {
        let rings = (0..=12).flat_map(|ring| (0..24).map(move |step| (ring, step)));
        rings
            .filter_map(|(ring, step)| {
                ViewAngle::from_degrees(15.0 * f64::from(ring), 15.0 * f64::from(step) - 180.0)
            })
            .collect()
    }

    #[test]
    fn a_direction_is_its_unit_vector() {
        for view in sphere() {
            assert!((vec3::norm(view.unit()) - 1.0).abs() < 1e-12, "{view}");
            let again = ViewAngle::from_vector(view.unit().map(|x| 40.0 * x)).unwrap();
            assert!(again.angle_to(view) < 1e-6, "{view} came back as {again}");
            let (theta, phi) = view.degrees();
            assert!((0.0..=180.0).contains(&theta) && (-180.0..=180.0).contains(&phi));
        }
        assert!(ViewAngle::ANTERIOR.unit()[2].abs() < 1e-15);
        for bad in [[0.0; 3], [f64::NAN, 1.0, 0.0], [f64::INFINITY, 0.0, 0.0]] {
            assert_eq!(ViewAngle::from_vector(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn the_axes_of_the_frame() {
        for (theta, phi, axis) in [
            (90.0, 0.0, [1.0, 0.0, 0.0]),
            (90.0, 90.0, [0.0, 1.0, 0.0]),
            (0.0, 0.0, [0.0, 0.0, 1.0]),
            (180.0, 0.0, [0.0, 0.0, -1.0]),
            (90.0, -90.0, [0.0, -1.0, 0.0]),
        ] {
            let unit = ViewAngle::from_degrees(theta, phi).unwrap().unit();
            assert!(
                vec3::norm(vec3::sub(unit, axis)) < 1e-12,
                "{theta} {phi}: {unit:?}"
            );
        }
    }

    #[test]
    fn a_theta_beyond_a_pole_comes_down_on_the_other_side() {
        check(ViewAngle::from_degrees(-20.0, 30.0), 20.0, -150.0);
        check(ViewAngle::from_degrees(200.0, 30.0), 160.0, -150.0);
    }

    #[test]
    fn angles_are_distances() {
        let views = sphere();
        for (a, b) in views.iter().zip(views.iter().rev()) {
            let apart = a.angle_to(*b);
            assert!((apart - b.angle_to(*a)).abs() < 1e-12);
            let by_way_of = a.angle_to(ViewAngle::ANTERIOR) + ViewAngle::ANTERIOR.angle_to(*b);
            assert!(apart <= by_way_of + 1e-9, "{a} {b}");
        }
    }

    #[test]
    fn steps_stay_on_the_sphere() {
        for view in sphere() {
            for (down, left) in [(0.3, 0.0), (-4.0, 0.1), (4.0, -7.0)] {
                let moved = view.moved(down, left);
                assert!((0.0..=PI).contains(&moved.theta_rad()), "{moved}");
                assert!((-PI..=PI).contains(&moved.phi_rad()), "{moved}");
            }
        }
    }

    #[test]
    fn angles_are_written_whole_and_without_minus_zero() {
        for (theta, phi, text) in [
            (48.4, -38.2, "θ 48° φ −38°"),
            (90.0, -0.2, "θ 90° φ 0°"),
            (61.7, 120.6, "θ 62° φ 121°"),
        ] {
            let view = ViewAngle::from_degrees(theta, phi).unwrap();
            assert_eq!(view.to_string(), text);
        }
    }
}
