//! Frank's leads from the twelve, as regressions on real hearts have them.

/// Kors et al. 1990: X (left), Y (down), Z (back) from I, II, V1 … V6.
pub const KORS: [[f64; 8]; 3] = [
    [0.38, -0.07, -0.13, 0.05, -0.01, 0.14, 0.06, 0.54],
    [-0.07, 0.93, 0.06, -0.02, -0.05, 0.06, -0.17, 0.13],
    [0.11, -0.23, -0.43, -0.06, -0.14, -0.20, -0.11, 0.31],
];

/// Dower's lead vectors (1968, 1980) of I, II, V1 … V6: left, inferior, posterior.
#[cfg(test)]
pub(crate) const DOWER: [[f64; 3]; 8] = [
    [0.632, -0.235, 0.059],
    [0.235, 1.066, -0.132],
    [-0.515, 0.157, -0.917],
    [0.044, 0.164, -1.387],
    [0.882, 0.098, -1.277],
    [1.213, 0.127, -0.601],
    [1.125, 0.127, -0.086],
    [0.831, 0.076, 0.230],
];

/// Edenbrandt & Pahlm 1988, the inverse of Dower's matrix: likewise.
pub const INVERSE_DOWER: [[f64; 8]; 3] = [
    [0.156, -0.010, -0.172, -0.074, 0.122, 0.231, 0.239, 0.194],
    [-0.227, 0.887, 0.057, -0.019, -0.106, -0.022, 0.041, 0.048],
    [0.022, 0.102, -0.229, -0.310, -0.246, -0.063, 0.055, 0.108],
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{LeadName, montage};

    fn seen_by(leads: &[[f64; 3]; 8], xyz: [f64; 3]) -> [f64; 8] {
        leads.map(|lead| (0..3).map(|axis| lead[axis] * xyz[axis]).sum())
    }

    fn back(matrix: &[[f64; 8]; 3], leads: [f64; 8]) -> [f64; 3] {
        matrix.map(|row| row.iter().zip(leads).map(|(weight, mv)| weight * mv).sum())
    }

    /// Each axis seen by Dower's leads and taken back: 1 on the axis itself, 0 across.
    fn check(matrix: &[[f64; 8]; 3], tolerance: f64) {
        for axis in 0..3 {
            let unit = std::array::from_fn(|k| f64::from(u8::from(k == axis)));
            let found = back(matrix, seen_by(&DOWER, unit));
            for k in 0..3 {
                let off = (found[k] - unit[k]).abs();
                assert!(off < tolerance, "axis {axis}: {found:?}");
            }
        }
    }

    #[test]
    fn the_inverse_takes_back_what_dower_sees() {
        // Printed to three decimals.
        check(&INVERSE_DOWER, 0.005);
        // Fitted to recorded Frank leads, not to Dower's torso.
        check(&KORS, 0.4);
    }

    #[test]
    fn dowers_leads_look_from_where_their_electrodes_are() {
        for (name, [left, inferior, posterior]) in LeadName::EIGHT.iter().zip(DOWER) {
            let view = montage(name).unwrap().view();
            let dower = crate::ecg::ViewAngle::from_vector([-posterior, left, -inferior]).unwrap();
            let apart = view.angle_to(dower).to_degrees();
            assert!(apart < 40.0, "{name}: {apart:.0}° apart");
        }
    }
}
