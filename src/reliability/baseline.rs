//! What a synthesis is held against: a lead as a linear map of the recorded ones, of the average
//! patient or of this one.

use faer::MatRef;

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
    let population = MatRef::from_row_major_slice(population, 8, 8);
    let solved = linear::regression(population, &among, &[target], RIDGE)?;
    let mut weights = vec![0.0; inputs.len()];
    let pairs = at.iter().zip(solved.col(0).iter());
    pairs.for_each(|(at, weight)| weights[*at] = *weight);
    Some(weights)
}

/// Least squares of `wanted` on `inputs` over the seconds learned from, which saw it.
pub(super) fn own_weights(
    evidence: &Evidence,
    inputs: &[LeadName],
    wanted: &LeadName,
) -> Option<Vec<f64>> {
    const RIDGE: f64 = 1e-4;
    let position = |name: &LeadName| evidence.known.iter().position(|known| known.name == *name);
    let among: Vec<usize> = inputs.iter().map(position).collect::<Option<_>>()?;
    let covariance = evidence.covariance.as_ref();
    let weights = linear::regression(covariance, &among, &[position(wanted)?], RIDGE)?;
    Some(weights.col(0).iter().copied().collect())
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
        let covariance = faer::mat![[1.0, 0.5, 1.5], [0.5, 1.0, 1.5], [1.5, 1.5, 3.0]];
        let check = |share: f64, expected: f64| {
            let found = linear::regression(covariance.as_ref(), &[0, 1], &[2], share).unwrap();
            assert!(
                (0..2).all(|it| (found[(it, 0)] - expected).abs() < 1e-12),
                "{found:?}"
            );
        };
        check(0.0, 1.0);
        // By hand: 1.5 / (1.5 + share).
        check(0.1, 1.5 / 1.6);
    }
}
