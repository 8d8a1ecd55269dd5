//! Three-component vectors: places in mm, directions, moments.

/// Three components along the body's axes: anterior, left, superior.
pub type Vec3 = [f64; 3];

/// `a + b`.
pub fn add(a: Vec3, b: Vec3) -> Vec3 {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

/// `a − b`.
pub fn sub(a: Vec3, b: Vec3) -> Vec3 {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

/// Inner product.
pub fn dot(a: Vec3, b: Vec3) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// Vector product, right-handed.
pub fn cross(a: Vec3, b: Vec3) -> Vec3 {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

/// Length.
pub fn norm(a: Vec3) -> f64 {
    dot(a, a).sqrt()
}

/// The same direction with length one. `None` where the length is zero to rounding, or no number.
pub fn unit(a: Vec3) -> Option<Vec3> {
    let length = norm(a);
    (length.is_finite() && 1e-12 < length).then(|| a.map(|x| x / length))
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Vec3 = [1.0, -2.0, 3.0];
    const B: Vec3 = [0.5, 4.0, -1.0];

    #[test]
    fn products_follow_from_one_another() {
        let product = cross(A, B);
        assert_eq!((dot(product, A), dot(product, B)), (0.0, 0.0));
        assert_eq!(cross(B, A), product.map(|x| -x));
        // Lagrange: |a × b|² = |a|²|b|² − (a·b)².
        let lagrange = dot(A, A) * dot(B, B) - dot(A, B).powi(2);
        assert!((dot(product, product) - lagrange).abs() < 1e-12);
        let axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        assert_eq!(cross(axes[0], axes[1]), axes[2], "right-handed");
        assert_eq!(add(sub(A, B), B), A);
    }

    #[test]
    fn a_direction_needs_a_length() {
        let direction = unit(A).unwrap();
        assert!((norm(direction) - 1.0).abs() < 1e-15);
        assert!(norm(cross(direction, A)) < 1e-15);
        assert_eq!((unit([0.0; 3]), unit([f64::NAN, 0.0, 1.0])), (None, None));
    }
}
