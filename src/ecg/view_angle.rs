//! A direction as seen from the heart, in the one frame of this program:
//! x anterior, y patient's left, z superior.

use std::f64::consts::PI;

/// Direction from the heart: `theta_rad` from superior (0) to inferior (π); `phi_rad` the azimuth
/// atan2(y, x): 0 anterior, +π/2 left, −π/2 right, ±π posterior.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ViewAngle {
    theta_rad: f64,
    phi_rad: f64,
}

impl ViewAngle {
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
    pub fn from_vector(v: [f64; 3]) -> Option<Self> {
        let norm = v.iter().map(|it| it * it).sum::<f64>().sqrt();
        (norm.is_finite() && 1e-12 < norm).then(|| Self {
            theta_rad: (v[2] / norm).clamp(-1.0, 1.0).acos(),
            phi_rad: v[1].atan2(v[0]),
        })
    }

    /// Table 8 of the NEF-NET v2 paper (Panobench), whose phi is the unsigned angle from the
    /// anterior axis with the sign of y: x = cos φ, z = cos θ, y = sign(φ)·√(1 − x² − z²).
    pub fn from_panobench(theta_deg: f64, phi_deg: f64) -> Option<Self> {
        let (x, z) = (phi_deg.to_radians().cos(), theta_deg.to_radians().cos());
        let y = (1.0 - x * x - z * z).max(0.0).sqrt();
        Self::from_vector([x, if phi_deg < 0.0 { -y } else { y }, z])
    }

    /// Chest electrodes in the paper's 12-lead table are torso azimuths, not heart-centred ones:
    /// V1…V6 = −10, 10, 15, 30, 60, 90 there are −31, 2, 23, 41, 78, 102 seen from the heart
    /// (measured on our torso). Between and beyond them the map is linear. Theta is kept.
    pub fn from_paper_chest(theta_deg: f64, phi_deg: f64) -> Option<Self> {
        const KNOTS: [(f64, f64); 9] = [
            (-180.0, -180.0),
            (-90.0, -99.0),
            (-10.0, -31.0),
            (10.0, 2.0),
            (15.0, 23.0),
            (30.0, 41.0),
            (60.0, 78.0),
            (90.0, 102.0),
            (180.0, 180.0),
        ];
        let phi = phi_deg.clamp(-180.0, 180.0);
        let piece = KNOTS.windows(2).find(|it| phi <= it[1].0)?;
        let share = (phi - piece[0].0) / (piece[1].0 - piece[0].0);
        Self::from_degrees(theta_deg, piece[0].1 + share * (piece[1].1 - piece[0].1))
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
    pub fn unit(self) -> [f64; 3] {
        let (sin, cos) = self.theta_rad.sin_cos();
        [sin * self.phi_rad.cos(), sin * self.phi_rad.sin(), cos]
    }

    /// Angle between two directions, radians in 0..=π.
    pub fn angle_to(self, other: Self) -> f64 {
        let dot: f64 = self
            .unit()
            .iter()
            .zip(other.unit())
            .map(|(a, b)| a * b)
            .sum();
        dot.clamp(-1.0, 1.0).acos()
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
        check(ViewAngle::from_panobench(48.0, 42.0), 48.0, 0.0);
        check(ViewAngle::from_panobench(54.0, -51.0), 54.0, -38.9);
        check(ViewAngle::from_paper_chest(90.0, -10.0), 90.0, -31.0);
        check(ViewAngle::from_paper_chest(96.0, 90.0), 96.0, 102.0);
        assert!(ViewAngle::from_degrees(f64::NAN, 0.0).is_none());
    }

    #[test]
    fn moving_wraps_around_the_body() {
        let back = ViewAngle::from_degrees(90.0, 179.0)
            .unwrap()
            .moved(0.0, 2f64.to_radians());
        check(Some(back), 90.0, -179.0);
    }
}
