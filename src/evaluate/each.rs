//! Many exams at once.

use rayon::prelude::*;

/// What `one` makes of `0..n`: of the first on this thread, of the others in parallel. The first
/// makes what all share; were a thread of the pool to make it, others would wait for it that it
/// waits for itself.
pub(super) fn each<T: Send>(n: usize, one: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let first = (0..n.min(1)).map(&one);
    let mut found: Vec<T> = first.collect();
    found.par_extend((1..n).into_par_iter().map(&one));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_come_in_order() {
        assert_eq!(each(5, |at| at * at), [0, 1, 4, 9, 16]);
        assert_eq!(each(1, |at| at), [0]);
        assert!(each(0, |at| at).is_empty());
    }
}
