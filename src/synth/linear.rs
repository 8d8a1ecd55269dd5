//! Small dense systems, row-major: a dozen leads at most, where a library call would cost more than
//! the sum.

/// `a⁻¹ b` for an `n × n` matrix `a` and an `n × m` matrix `b`, by elimination with partial
/// pivoting. `None` if `a` is singular.
pub(crate) fn solve(a: &[f64], b: &[f64], n: usize) -> Option<Vec<f64>> {
    let m = b.len().checked_div(n)?;
    let (mut a, mut b) = (a.to_vec(), b.to_vec());
    for col in 0..n {
        let pivot =
            (col..n).max_by(|i, j| a[i * n + col].abs().total_cmp(&a[j * n + col].abs()))?;
        let value = a[pivot * n + col];
        if !value.is_finite() || value.abs() < 1e-300 {
            return None;
        }
        swap_rows(&mut a, n, col, pivot);
        swap_rows(&mut b, m, col, pivot);
        for row in (0..n).filter(|it| *it != col) {
            let factor = a[row * n + col] / a[col * n + col];
            if factor != 0.0 {
                (col..n).for_each(|k| a[row * n + k] -= factor * a[col * n + k]);
                (0..m).for_each(|k| b[row * m + k] -= factor * b[col * m + k]);
            }
        }
    }
    for row in 0..n {
        (0..m).for_each(|k| b[row * m + k] /= a[row * n + row]);
    }
    Some(b)
}

fn swap_rows(a: &mut [f64], width: usize, i: usize, j: usize) {
    if i != j {
        (0..width).for_each(|k| a.swap(i * width + k, j * width + k));
    }
}

/// `xᵀ` (1 × n) times `a` (n × m).
pub(crate) fn times(x: &[f64], a: &[f64]) -> Vec<f64> {
    let m = if x.is_empty() { 0 } else { a.len() / x.len() };
    let mut out = vec![0.0; m];
    for (value, row) in x.iter().zip(a.chunks_exact(m.max(1))) {
        out.iter_mut().zip(row).for_each(|(o, it)| *o += value * it);
    }
    out
}

/// `xᵀ a y`.
pub(crate) fn form(x: &[f64], a: &[f64], y: &[f64]) -> f64 {
    dot(&times(x, a), y)
}

/// `x · y`.
pub(crate) fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(a, b)| a * b).sum()
}

/// `pᵀ s p` for `s` (n × n) and `p` (n × m).
pub(crate) fn sandwich(p: &[f64], s: &[f64], n: usize, m: usize) -> Vec<f64> {
    let column = |j: usize| (0..n).map(|i| p[i * m + j]).collect::<Vec<_>>();
    let columns: Vec<_> = (0..m).map(column).collect();
    let half: Vec<_> = columns.iter().map(|it| times(it, s)).collect();
    half.iter()
        .flat_map(|row| columns.iter().map(move |it| dot(row, it)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_what_it_multiplied() {
        let a = [4.0, 1.0, 0.5, 0.0, 3.0, -1.0, 2.0, 0.0, 5.0];
        let x = [1.0, -2.0, 0.5];
        let b: Vec<f64> = a.chunks_exact(3).map(|row| dot(row, &x)).collect();
        let found = solve(&a, &b, 3).unwrap();
        assert!(
            found.iter().zip(x).all(|(f, e)| (f - e).abs() < 1e-12),
            "{found:?}"
        );
        assert_eq!(solve(&[1.0, 1.0, 1.0, 1.0], &[1.0, 2.0], 2), None);
    }

    #[test]
    fn sandwich_is_the_congruence() {
        let (p, s) = ([1.0, 2.0], [2.0, 1.0, 1.0, 3.0]);
        assert_eq!(sandwich(&p, &s, 2, 1), vec![form(&p, &s, &p)]);
    }
}
