//! Square roots of small symmetric matrices (cyclic Jacobi), row-major `f64`. Exact enough for a
//! dozen leads.

/// Eigenvalues and eigenvectors (columns) of a symmetric matrix of side `n`.
fn eigen(matrix: &[f64], n: usize) -> (Vec<f64>, Vec<f64>) {
    let mut a = matrix.to_vec();
    let mut v: Vec<f64> = (0..n * n)
        .map(|it| if it / n == it % n { 1.0 } else { 0.0 })
        .collect();
    for _ in 0..30 {
        let off: f64 = (0..n * n)
            .filter(|it| it / n != it % n)
            .map(|it| a[it] * a[it])
            .sum();
        let on: f64 = (0..n).map(|it| a[it * n + it] * a[it * n + it]).sum();
        if off <= 1e-26 * on {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, &mut v, n, p, q);
            }
        }
    }
    ((0..n).map(|it| a[it * n + it]).collect(), v)
}

/// One Jacobi rotation that makes entry (p, q) zero.
fn rotate(a: &mut [f64], v: &mut [f64], n: usize, p: usize, q: usize) {
    if a[p * n + q] == 0.0 {
        return;
    }
    let theta = (a[q * n + q] - a[p * n + p]) / (2.0 * a[p * n + q]);
    let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
    let c = 1.0 / (t * t + 1.0).sqrt();
    let s = t * c;
    for k in 0..n {
        let (x, y) = (a[k * n + p], a[k * n + q]);
        (a[k * n + p], a[k * n + q]) = (c * x - s * y, s * x + c * y);
    }
    for k in 0..n {
        let (x, y) = (a[p * n + k], a[q * n + k]);
        (a[p * n + k], a[q * n + k]) = (c * x - s * y, s * x + c * y);
        let (x, y) = (v[k * n + p], v[k * n + q]);
        (v[k * n + p], v[k * n + q]) = (c * x - s * y, s * x + c * y);
    }
}

/// Symmetric square root of a positive matrix, and its inverse. Eigenvalues below `floor` are
/// lifted to it.
pub(super) fn roots(matrix: &[f64], n: usize, floor: f64) -> (Vec<f64>, Vec<f64>) {
    let (values, vectors) = eigen(matrix, n);
    let rebuild = |f: &dyn Fn(f64) -> f64| {
        let mut out = vec![0.0; n * n];
        for (k, value) in values.iter().enumerate() {
            let scale = f(value.max(floor).sqrt());
            for i in 0..n {
                for j in 0..n {
                    out[i * n + j] += scale * vectors[i * n + k] * vectors[j * n + k];
                }
            }
        }
        out
    };
    (rebuild(&|it| it), rebuild(&|it| 1.0 / it))
}

/// Product of two square matrices.
pub(super) fn product(a: &[f64], b: &[f64], n: usize) -> Vec<f64> {
    let mut out = vec![0.0; n * n];
    for i in 0..n {
        for k in 0..n {
            let x = a[i * n + k];
            for j in 0..n {
                out[i * n + j] += x * b[k * n + j];
            }
        }
    }
    out
}

/// Matrix times vector.
pub(super) fn apply(a: &[f64], x: &[f64]) -> Vec<f64> {
    a.chunks_exact(x.len())
        .map(|row| row.iter().zip(x).map(|(p, q)| p * q).sum())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_square_back_and_cancel() {
        let n = 6;
        let x: Vec<f64> = (0..n * n)
            .map(|it| ((it * it * 7 + it * 3) % 19) as f64 / 9.0 - 1.0)
            .collect();
        let mut a = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..n {
                a[i * n + j] = (0..n).map(|k| x[i * n + k] * x[j * n + k]).sum::<f64>()
                    + if i == j { 0.1 } else { 0.0 };
            }
        }
        let (root, inverse) = roots(&a, n, 1e-12);
        let close = |x: &[f64], y: &[f64]| x.iter().zip(y).all(|(p, q)| (p - q).abs() < 1e-9);
        assert!(close(&product(&root, &root, n), &a));
        let unit: Vec<f64> = (0..n * n)
            .map(|it| if it / n == it % n { 1.0 } else { 0.0 })
            .collect();
        assert!(close(&product(&root, &inverse, n), &unit));
    }
}
