//! Real spherical harmonics of a direction: smooth over the whole sphere, without a seam at ±180°,
//! unlike sines of the raw angles.

/// Harmonics of degree 1 to 3.
pub const N_HARMONICS: usize = 15;

/// Real harmonics of degree 1 to 3 of a unit vector (unnormalised polynomials).
pub fn harmonics([x, y, z]: [f64; 3]) -> [f64; N_HARMONICS] {
    [
        x,
        y,
        z,
        x * y,
        y * z,
        x * z,
        x * x - y * y,
        3.0 * z * z - 1.0,
        x * (x * x - 3.0 * y * y),
        y * (3.0 * x * x - y * y),
        z * (x * x - y * y),
        x * y * z,
        x * (5.0 * z * z - 1.0),
        y * (5.0 * z * z - 1.0),
        z * (5.0 * z * z - 3.0),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Even degrees look the same from the opposite side, odd ones change their sign.
    #[test]
    fn parity_follows_the_degree() {
        let unit = [0.48, -0.6, 0.64];
        let (here, there) = (harmonics(unit), harmonics(unit.map(|axis| -axis)));
        for (at, (a, b)) in here.into_iter().zip(there).enumerate() {
            let sign = if (3..8).contains(&at) { 1.0 } else { -1.0 };
            assert!((a - sign * b).abs() < 1e-12, "harmonic {at}: {a} {b}");
        }
    }

    /// Over an even grid of directions each has mean zero, and no two are alike.
    #[test]
    fn they_are_orthogonal_over_the_sphere() {
        const N: usize = 4000;
        let golden = std::f64::consts::PI * (3.0 - 5f64.sqrt());
        let mut gram = [[0.0; N_HARMONICS]; N_HARMONICS];
        for idx in 0..N {
            let z = 1.0 - (2 * idx + 1) as f64 / N as f64;
            let (sin, cos) = (golden * idx as f64).sin_cos();
            let r = (1.0 - z * z).sqrt();
            let all = harmonics([r * cos, r * sin, z]);
            for (row, a) in gram.iter_mut().zip(all) {
                row.iter_mut()
                    .zip(all)
                    .for_each(|(to, b)| *to += a * b / N as f64);
            }
        }
        for (i, row) in gram.iter().enumerate() {
            let off = |j: usize| row[j].abs() / (row[i] * gram[j][j]).sqrt();
            assert!(
                (0..N_HARMONICS).all(|j| i == j || off(j) < 2e-2),
                "row {i}: {row:?}"
            );
        }
    }
}
