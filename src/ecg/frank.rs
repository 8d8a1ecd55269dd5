//! Frank's leads from the twelve, as regressions on real hearts have them.

/// Kors et al. 1990: X (left), Y (down), Z (back) from I, II, V1 … V6.
pub const KORS: [[f64; 8]; 3] = [
    [0.38, -0.07, -0.13, 0.05, -0.01, 0.14, 0.06, 0.54],
    [-0.07, 0.93, 0.06, -0.02, -0.05, 0.06, -0.17, 0.13],
    [0.11, -0.23, -0.43, -0.06, -0.14, -0.20, -0.11, 0.31],
];

/// Edenbrandt & Pahlm 1988, the inverse of Dower's matrix: likewise.
pub const INVERSE_DOWER: [[f64; 8]; 3] = [
    [0.156, -0.010, -0.172, -0.074, 0.122, 0.231, 0.239, 0.194],
    [-0.227, 0.887, 0.057, -0.019, -0.106, -0.022, 0.041, 0.048],
    [0.022, 0.102, -0.229, -0.310, -0.246, -0.063, 0.055, 0.108],
];
