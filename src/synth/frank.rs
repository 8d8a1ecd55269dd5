//! Frank's leads: the patient's lead field says how this patient departs from the mean patient, a
//! regression on real hearts (Kors et al. 1990) where that mean lies.
//!
//! The field's own X, Y, Z rest on one shape of body; the regression rests on people with both sets
//! of leads, but is the same for all.

use faer::{ColRef, Mat, Scale, Side, linalg::solvers::Solve};
use serde::{Deserialize, Serialize};

use crate::ecg::{KORS, LeadName, Montage};

/// Independent leads: I, II, V1 … V6.
const LEADS: usize = 8;

/// Brings the field's X, Y, Z to Kors' regression, on average over patients: gain · field + offset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrankFit {
    /// Factor on the field's lead: Frank's network of resistors has a scale of its own.
    pub gain: [f64; 3],
    /// What is added, as a mix of I, II, V1 … V6.
    pub offset: [[f64; LEADS]; 3],
}

impl Default for FrankFit {
    /// The field alone.
    fn default() -> Self {
        Self {
            gain: [1.0; 3],
            offset: [[0.0; LEADS]; 3],
        }
    }
}

impl FrankFit {
    /// From many patients: covariance of I, II, V1 … V6 and the field's weights of them for X, Y, Z.
    /// `None` if the leads of all of them together do not tell eight leads apart.
    pub fn of(patients: &[(Mat<f64>, [Vec<f64>; 3])]) -> Option<Self> {
        let mut mean = Mat::<f64>::zeros(LEADS, LEADS);
        let mut made = Mat::<f64>::zeros(LEADS, 3);
        for (covariance, weights) in patients {
            let power: f64 = (0..LEADS).map(|it| covariance[(it, it)]).sum();
            let share = covariance * Scale(1.0 / power);
            made += &share * Mat::from_fn(LEADS, 3, |lead, axis| weights[axis][lead]);
            mean += share;
        }
        // The linear map that on all patients together comes nearest to the field's leads: its
        // normal equations.
        let usual = mean.llt(Side::Lower).ok()?.solve(&made);
        let gain = std::array::from_fn(|axis| {
            let (kors, usual) = (ColRef::from_slice(&KORS[axis]), usual.col(axis));
            let power = usual.transpose() * &mean;
            (&power * kors) / (&power * usual)
        });
        let offset = std::array::from_fn(|axis| {
            std::array::from_fn(|lead| KORS[axis][lead] - gain[axis] * usual[(lead, axis)])
        });
        Some(Self { gain, offset })
    }
}

/// Which of X, Y, Z a lead is.
pub(crate) fn axis(montage: &Montage) -> Option<usize> {
    LeadName::frank().iter().position(|it| *it == montage.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_patient_gets_the_regression_and_others_their_departure() {
        let covariance = |k: usize| {
            Mat::from_fn(8, 8, |i, j| {
                let own = 1.0 + (((8 * i + j) * k) % 5) as f64;
                k as f64 * if i == j { own } else { 0.3 }
            })
        };
        let plain = [[0.2; 8], [0.1; 8], [-0.3; 8]];
        let with = |more: f64| {
            plain.map(|row| {
                row.iter()
                    .enumerate()
                    .map(|(lead, it)| it + more * lead as f64)
                    .collect::<Vec<f64>>()
            })
        };
        let alike: Vec<_> = (1..20).map(|k| (covariance(k), with(0.0))).collect();
        let fit = FrankFit::of(&alike).unwrap();
        for axis in 0..3 {
            for lead in 0..8 {
                let found = fit.gain[axis] * plain[axis][lead] + fit.offset[axis][lead];
                assert!(
                    (found - KORS[axis][lead]).abs() < 1e-9,
                    "axis {axis}, lead {lead}: {found}"
                );
            }
        }
        let both: Vec<_> = (1..20)
            .flat_map(|k| [(covariance(k), with(0.02)), (covariance(k), with(-0.02))])
            .collect();
        let same = FrankFit::of(&both).unwrap();
        assert!(
            (0..24)
                .all(|it| (same.offset[it / 8][it % 8] - fit.offset[it / 8][it % 8]).abs() < 1e-9)
        );
        assert_eq!(FrankFit::of(&[]), None);
    }
}
