//! Frank's leads: the patient's lead field says how this patient departs from the mean patient, a
//! regression on real hearts (Kors et al. 1990) where that mean lies.
//!
//! The field's own X, Y, Z rest on one shape of body; the regression rests on people with both sets
//! of leads, but is the same for all.

use serde::{Deserialize, Serialize};

use crate::ecg::{KORS, LeadName, Montage};

use super::{Calibration, linear};

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
    /// From patients of whom all eight leads are known; the others are passed over.
    pub fn of_calibrations(calibrations: &[Calibration]) -> Self {
        let whole = calibrations
            .iter()
            .map(Calibration::model)
            .filter(|it| it.names() == LeadName::EIGHT);
        let patients: Vec<_> = whole
            .map(|it| (it.covariance.clone(), it.frank_by_field()))
            .collect();
        Self::of(&patients).unwrap_or_default()
    }

    /// From many patients: covariance of I, II, V1 … V6 (row-major) and the field's weights of them
    /// for X, Y, Z. `None` if the leads of all of them together do not tell eight leads apart.
    fn of(patients: &[(Vec<f64>, [Vec<f64>; 3])]) -> Option<Self> {
        let mut mean = vec![0.0; LEADS * LEADS];
        let mut made = vec![0.0; LEADS * 3];
        for (covariance, weights) in patients {
            let power: f64 = (0..LEADS).map(|it| covariance[it * LEADS + it]).sum();
            let share: Vec<f64> = covariance.iter().map(|it| it / power).collect();
            mean.iter_mut().zip(&share).for_each(|(to, it)| *to += it);
            for (axis, weights) in weights.iter().enumerate() {
                linear::times(weights, &share)
                    .iter()
                    .enumerate()
                    .for_each(|(lead, it)| made[lead * 3 + axis] += it);
            }
        }
        // The linear map that on all patients together comes nearest to the field's leads: its
        // normal equations.
        let solved = linear::solve(&mean, &made, LEADS)?;
        let usual =
            |axis: usize| -> Vec<f64> { (0..LEADS).map(|lead| solved[lead * 3 + axis]).collect() };
        let gain = std::array::from_fn(|axis| {
            let usual = usual(axis);
            linear::form(&usual, &mean, &KORS[axis]) / linear::form(&usual, &mean, &usual)
        });
        let offset = std::array::from_fn(|axis| {
            let usual = usual(axis);
            std::array::from_fn(|lead| KORS[axis][lead] - gain[axis] * usual[lead])
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
        let covariance = |k: usize| -> Vec<f64> {
            (0..64)
                .map(|it| {
                    (if it / 8 == it % 8 {
                        1.0 + ((it * k) % 5) as f64
                    } else {
                        0.3
                    }) * k as f64
                })
                .collect()
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
