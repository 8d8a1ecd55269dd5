//! What a synthesis is held against: a lead as a linear map of the recorded ones, of the average
//! patient or of this one.

use crate::{
    ecg::LeadName,
    synth::{Evidence, FittedConstants, linear},
};

/// Weights over `inputs` with which the population's covariance gives `wanted`. `None` unless it is
/// among I, II, V1 … V6. Inputs outside those eight get weight zero.
pub(super) fn population_weights(inputs: &[LeadName], wanted: &LeadName) -> Option<Vec<f64>> {
    /// Ridge as a share of the mean power of the leads.
    const RIDGE: f64 = 1e-3;
    let population = &FittedConstants::shipped().population_mv2;
    let position = |name: &LeadName| LeadName::EIGHT.iter().position(|other| other == name);
    let target = position(wanted)?;
    let (at, among): (Vec<usize>, Vec<usize>) = inputs
        .iter()
        .enumerate()
        .filter_map(|(at, name)| Some((at, position(name)?)))
        .unzip();
    let solved = ridge(|i, j| population[8 * i + j], &among, target, RIDGE)?;
    let mut weights = vec![0.0; inputs.len()];
    at.iter().zip(solved).for_each(|(at, it)| weights[*at] = it);
    Some(weights)
}

/// Least squares of `wanted` on `inputs` over the seconds learned from, which saw it.
pub(super) fn own_weights(
    evidence: &Evidence,
    inputs: &[LeadName],
    wanted: &LeadName,
) -> Option<Vec<f64>> {
    const RIDGE: f64 = 1e-4;
    let n = evidence.known.len();
    let position = |name: &LeadName| evidence.known.iter().position(|known| known.name == *name);
    let among: Vec<usize> = inputs.iter().map(position).collect::<Option<_>>()?;
    let covariance = |i: usize, j: usize| evidence.covariance[i * n + j];
    ridge(covariance, &among, position(wanted)?, RIDGE)
}

/// Ridge regression by a covariance: weights of `inputs` for `wanted`, all by index. `share` is the
/// ridge over the inputs' mean power.
fn ridge(
    covariance: impl Fn(usize, usize) -> f64,
    inputs: &[usize],
    wanted: usize,
    share: f64,
) -> Option<Vec<f64>> {
    let n = inputs.len();
    let power = inputs.iter().map(|it| covariance(*it, *it)).sum::<f64>() / n as f64;
    let mut gram: Vec<f64> = inputs
        .iter()
        .flat_map(|i| inputs.iter().map(|j| covariance(*i, *j)))
        .collect();
    (0..n).for_each(|it| gram[it * n + it] += share * power);
    let side: Vec<f64> = inputs.iter().map(|it| covariance(*it, wanted)).collect();
    linear::solve(&gram, &side, n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v3_of_the_average_patient_lies_between_v2_and_v4() {
        let inputs: Vec<LeadName> = LeadName::EIGHT
            .into_iter()
            .filter(|name| *name != LeadName::V3)
            .collect();
        let weights = population_weights(&inputs, &LeadName::V3).unwrap();
        let of = |name: LeadName| weights[inputs.iter().position(|it| *it == name).unwrap()];
        let (v2, v4) = (of(LeadName::V2), of(LeadName::V4));
        assert!(0.2 < v2 && 0.2 < v4, "{weights:?}");
        assert_eq!(population_weights(&inputs, &LeadName::parse("V9")), None);
        assert_eq!(population_weights(&[], &LeadName::V3), None);
    }

    #[test]
    fn a_lead_of_another_kind_gets_no_weight() {
        let inputs = [LeadName::V2, LeadName::parse("X"), LeadName::V4];
        let weights = population_weights(&inputs, &LeadName::V3).unwrap();
        assert_eq!((weights.len(), weights[1]), (3, 0.0));
    }

    /// Two unit inputs with correlation 0.5, and their sum: without a ridge the weights are 1 and 1.
    #[test]
    fn ridge_shrinks_an_exact_sum_a_little() {
        let covariance = [[1.0, 0.5, 1.5], [0.5, 1.0, 1.5], [1.5, 1.5, 3.0]];
        let with = |share: f64| ridge(|i, j| covariance[i][j], &[0, 1], 2, share).unwrap();
        assert!(with(0.0).iter().all(|it| (it - 1.0).abs() < 1e-12));
        // By hand: 1.5 / (1.5 + share).
        assert!(with(0.1).iter().all(|it| (it - 1.5 / 1.6).abs() < 1e-12));
    }
}
