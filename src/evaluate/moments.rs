//! Second moments of an exam's leads: all that a linear estimate needs of it.

use faer::Mat;

use crate::ecg::{LeadName, LeadSet};

/// Second moments among `names`, mV²; about the mean if `centred`. Samples with a gap in any lead do
/// not count. `None` if a lead is missing or no sample is whole.
pub fn moments(leads: &LeadSet, names: &[LeadName], centred: bool) -> Option<Mat<f64>> {
    let all: Vec<_> = names
        .iter()
        .map(|name| leads.get(name).map(|lead| &*lead.samples_mv))
        .collect::<Option<_>>()?;
    let n = names.len();
    let (mut sums, mut products, mut count) = (vec![0.0; n], Mat::<f64>::zeros(n, n), 0.0);
    for at in 0..leads.n_samples() {
        if all.iter().any(|lead| !lead[at].is_finite()) {
            continue;
        }
        count += 1.0;
        for i in 0..n {
            let value = f64::from(all[i][at]);
            sums[i] += value;
            for j in 0..=i {
                products[(i, j)] += value * f64::from(all[j][at]);
            }
        }
    }
    let mean = |it: usize| if centred { sums[it] / count } else { 0.0 };
    let moment = |i: usize, j: usize| products[(i.max(j), i.min(j))] / count - mean(i) * mean(j);
    (0.0 < count).then(|| Mat::from_fn(n, n, moment))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{Lead, SampleRate};

    #[test]
    fn gaps_do_not_count_and_means_may() {
        let leads = vec![
            Lead::measured(LeadName::I, vec![1.0, 3.0, f32::NAN]),
            Lead::measured(LeadName::II, vec![2.0, -2.0, 100.0]),
        ];
        let leads = LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads).unwrap();
        let names = [LeadName::I, LeadName::II];
        let of = |centred| moments(&leads, &names, centred).unwrap();
        assert_eq!(of(false), faer::mat![[5.0, -2.0], [-2.0, 4.0]]);
        assert_eq!(of(true), faer::mat![[1.0, -2.0], [-2.0, 4.0]]);
        assert_eq!(moments(&leads, &[LeadName::V1], true), None);
    }
}
