//! How the skin departs from everybody's map in patients of a kind: a kernel ridge regression on
//! virtual patients, from how the eight leads covary in each wave of the beat.

use faer::{ColRef, Mat, Side};

use super::population_parts::LEADS;
use crate::ecg::N_PHASES;

/// Waves that tell patients apart: QRS, ST and T.
const WAVES: usize = N_PHASES - 1;
/// Squared distance between two patients' roots at which one is e times less like the other; those of
/// a wave are at most √2 apart. Chosen on other virtual patients, with measured Frank leads and the
/// measured tank in view: at 2 the tank, which is like no virtual patient, was .7 dB worse.
const WIDTH: f64 = 1.0;

/// Some virtual patients, and what being like them adds to everybody's map. A patient's numbers lie
/// together: all of them are read for every calibration. They are added one patient after another, so
/// that the sum does not depend on the number of threads.
pub(super) struct Departures {
    /// Numbers of [`roots`] × patients.
    centres: Mat<f64>,
    /// Of each patient, phase after phase, directions × eight leads row after row.
    weights: Vec<Vec<f32>>,
}

impl Departures {
    /// Of both as patients × numbers.
    pub(super) fn new(centres: &Mat<f64>, weights: &Mat<f64>) -> Self {
        let rows = weights.row_iter();
        Self {
            centres: centres.transpose().to_owned(),
            weights: rows
                .map(|row| row.iter().map(|it| *it as f32).collect())
                .collect(),
        }
    }

    /// What a patient's map from the eight leads to each direction adds to everybody's, by phase, of
    /// covariances of the eight leads by phase.
    pub(super) fn of(&self, waves: &[Mat<f64>]) -> Vec<Mat<f64>> {
        let likeness = likeness(&self.centres, &roots(waves));
        let mut numbers = vec![0.0; self.weights.first().map_or(0, Vec::len)];
        for (like, weights) in likeness.iter().zip(&self.weights) {
            let like = *like as f32;
            let pairs = numbers.iter_mut().zip(weights);
            pairs.for_each(|(to, it): (&mut f32, &f32)| *to += like * it);
        }
        let directions = numbers.len() / (N_PHASES * LEADS);
        let of_phase = |phase: usize| {
            Mat::from_fn(directions, LEADS, |i, j| {
                f64::from(numbers[(phase * directions + i) * LEADS + j])
            })
        };
        (0..N_PHASES).map(of_phase).collect()
    }
}

/// How much like each of `centres`, a column each, somebody with these [`roots`] is, 0 to 1.
pub(super) fn likeness(centres: &Mat<f64>, roots: &[f64]) -> Vec<f64> {
    let roots = ColRef::from_slice(roots);
    let like = |it: ColRef<'_, f64>| (-(it - roots).squared_norm_l2() / WIDTH).exp();
    centres.col_iter().map(like).collect()
}

/// Roots of the covariances of the eight leads in QRS, ST and T, each of a total power of one, entry
/// by entry; zeros where a wave is silent. Roots, since a strong wave would outweigh all others.
pub(super) fn roots(waves: &[Mat<f64>]) -> Vec<f64> {
    waves.iter().take(WAVES).flat_map(root).collect()
}

fn root(covariance: &Mat<f64>) -> Vec<f64> {
    let silent = || vec![0.0; LEADS * LEADS];
    let Ok(eigen) = covariance.self_adjoint_eigen(Side::Lower) else {
        return silent();
    };
    let power: f64 = eigen.S().column_vector().iter().map(|it| it.max(0.0)).sum();
    if !(0.0 < power) {
        return silent();
    }
    let size = |it: usize| (eigen.S()[it].max(0.0) / power).sqrt();
    let sized = Mat::from_fn(LEADS, LEADS, |i, j| eigen.U()[(i, j)] * size(j));
    let root = sized * eigen.U().transpose();
    root.row_iter()
        .flat_map(|it| it.iter().copied().collect::<Vec<_>>())
        .collect()
}

#[cfg(test)]
mod tests {
    use faer::Scale;

    use super::*;

    /// Covariances of leads that are strong or weak in turn.
    fn waves(strong: usize) -> Vec<Mat<f64>> {
        let power = |it: usize| if it % 2 == strong { 2.0 } else { 0.1 };
        let wave = Mat::from_fn(LEADS, LEADS, |i, j| if i == j { power(i) } else { 0.05 });
        vec![wave; N_PHASES]
    }

    #[test]
    fn roots_are_of_shapes_and_not_of_sizes() {
        let found = roots(&waves(0));
        assert_eq!(found.len(), WAVES * LEADS * LEADS);
        let power: f64 = found.iter().map(|it| it * it).sum();
        assert!((power - WAVES as f64).abs() < 1e-9);
        let larger: Vec<Mat<f64>> = waves(0).iter().map(|it| it * Scale(9.0)).collect();
        let apart = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f64>();
        assert!(apart(&found, &roots(&larger)) < 1e-9);
        assert!(1.0 < apart(&found, &roots(&waves(1))));
        let gone = [0.0, f64::NAN].map(|it| roots(&vec![Mat::full(LEADS, LEADS, it); N_PHASES]));
        assert!(gone.iter().flatten().all(|it| *it == 0.0));
    }

    #[test]
    fn a_patient_departs_as_those_of_the_same_kind_do() {
        let centres = Mat::from_fn(2, WAVES * LEADS * LEADS, |it, at| roots(&waves(it))[at]);
        let weights = Mat::from_fn(2, N_PHASES * LEADS, |it, at| {
            (1 + at) as f64 * if it == 0 { 1.0 } else { -1.0 }
        });
        let departures = Departures::new(&centres, &weights);
        let found = departures.of(&waves(0));
        assert_eq!((found.len(), found[2].shape()), (N_PHASES, (1, LEADS)));
        // The other kind is not wholly unlike.
        let all = 1.0 + (2 * LEADS) as f64;
        assert!(0.5 * all < found[2][(0, 0)] && found[2][(0, 0)] < all);
        let opposite = departures.of(&waves(1));
        assert!((&found[2] + &opposite[2]).norm_max() < 1e-4);
    }
}
