//! Second moments of an exam's leads: all that a linear estimate needs of it.

use crate::ecg::{LeadName, LeadSet};

/// Second moments among `names`, row-major, mV²; about the mean if `centred`. Samples with a gap in
/// any lead do not count.
pub fn moments(leads: &LeadSet, names: &[LeadName], centred: bool) -> Option<Vec<f64>> {
    let all: Vec<_> = names
        .iter()
        .map(|it| leads.get(it).map(|it| it.samples_mv.clone()))
        .collect::<Option<_>>()?;
    let n = names.len();
    let (mut sums, mut products, mut count) = (vec![0.0; n], vec![0.0; n * n], 0.0);
    for at in 0..leads.n_samples() {
        if all.iter().any(|it| !it[at].is_finite()) {
            continue;
        }
        count += 1.0;
        for i in 0..n {
            let value = f64::from(all[i][at]);
            sums[i] += value;
            for j in 0..=i {
                products[n * i + j] += value * f64::from(all[j][at]);
            }
        }
    }
    let mean = |it: usize| if centred { sums[it] / count } else { 0.0 };
    let moment = |i: usize, j: usize| products[n * i.max(j) + i.min(j)] / count - mean(i) * mean(j);
    (0.0 < count).then(|| (0..n * n).map(|it| moment(it / n, it % n)).collect())
}
