//! What the average patient would have looked like: a lead as the population's linear map of the
//! recorded ones.

use crate::{
    ecg::LeadName,
    synth::{FittedConstants, linear},
};

/// Ridge of the population map, as a share of the mean power of the leads.
const RIDGE: f64 = 1e-3;

/// Weights over `known` with which the population's covariance gives `wanted`. `None` unless both
/// are among I, II, V1 … V6. Leads of `known` outside those eight get weight zero.
pub fn population_linear(known: &[LeadName], wanted: &LeadName) -> Option<Vec<f64>> {
    let covariance = &FittedConstants::shipped().population_mv2;
    let at = |name: &LeadName| LeadName::EIGHT.iter().position(|it| it == name);
    let target = at(wanted)?;
    let used: Vec<(usize, usize)> = known
        .iter()
        .enumerate()
        .filter_map(|(idx, it)| Some((idx, at(it)?)))
        .collect();
    if used.is_empty() || covariance.len() != 64 {
        return None;
    }
    let n = used.len();
    let ridge = RIDGE * used.iter().map(|it| covariance[9 * it.1]).sum::<f64>() / n as f64;
    let value = |i: usize, j: usize| {
        covariance[8 * used[i].1 + used[j].1] + if i == j { ridge } else { 0.0 }
    };
    let gram: Vec<f64> = (0..n * n).map(|it| value(it / n, it % n)).collect();
    let side: Vec<f64> = used
        .iter()
        .map(|it| covariance[8 * it.1 + target])
        .collect();
    let solved = linear::solve(&gram, &side, n)?;
    let mut weights = vec![0.0; known.len()];
    used.iter()
        .zip(solved)
        .for_each(|((idx, _), it)| weights[*idx] = it);
    Some(weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v3_of_the_average_patient_lies_between_v2_and_v4() {
        let known: Vec<LeadName> = LeadName::EIGHT
            .into_iter()
            .filter(|it| *it != LeadName::V3)
            .collect();
        let weights = population_linear(&known, &LeadName::V3).unwrap();
        let of = |name: LeadName| weights[known.iter().position(|it| *it == name).unwrap()];
        assert!(
            0.2 < of(LeadName::V2) && 0.2 < of(LeadName::V4),
            "{weights:?}"
        );
        assert_eq!(population_linear(&known, &LeadName::parse("V9")), None);
    }
}
