//! Fits how the skin departs from everybody's map in patients of a kind: kernel ridge regression, in
//! closed form, from all virtual patients on to the likeness to some.

use faer::{
    Accum, Mat, Par, Scale, Side,
    linalg::{
        matmul::matmul,
        solvers::Solve,
        triangular_solve::{solve_lower_triangular_in_place, solve_upper_triangular_in_place},
    },
};

use crate::{
    ecg::{LeadName, N_PHASES},
    field::Population,
};

const LEADS: usize = LeadName::EIGHT.len();
/// Ridge, as a share of the mean power of a lead; chosen as the width of likeness was. Ten times more
/// costs a Brugada patient's J point at V2@2ICS, ten times less the tank .4 dB.
const RIDGE: f64 = 1e-5;
/// Share of a centre's likeness to itself that keeps centres apart which are nearly one.
const APART: f64 = 1e-6;

/// How the skin of a virtual patient covaries with the eight leads and these with one another, by
/// phase.
pub(super) struct VirtualSkin {
    /// Eight leads × eight leads.
    among: [Mat<f64>; N_PHASES],
    /// Rows of a member × eight leads.
    across: [Mat<f64>; N_PHASES],
}

impl VirtualSkin {
    /// Of the skin's covariances, of which the eight leads read `eight`.
    pub(super) fn new(skins: &[Mat<f64>; N_PHASES], eight: &Mat<f64>) -> Self {
        let across = skins.each_ref().map(|it| it * eight.transpose());
        Self {
            among: across.each_ref().map(|it| eight * it),
            across,
        }
    }
}

/// So many centres, the first of the patients, and what being like each adds to the `usual` map to
/// directions (`components`, rows of a member × directions), both as a population holds them. `None`
/// if there is no patient.
pub(super) fn departures(
    patients: &[VirtualSkin],
    components: &Mat<f64>,
    usual: &[Mat<f64>],
    centres: usize,
) -> Option<(Mat<f64>, Mat<f64>)> {
    let places: Vec<Vec<f64>> = patients
        .iter()
        .map(|it| Population::roots(&it.among))
        .collect();
    let centres = matrix(places.get(..centres.min(places.len()))?);
    let n = centres.nrows();
    // Likeness to the centres, made independent of one another: their own is L Lᵀ.
    let columns = centres.transpose().to_owned();
    let like: Vec<Vec<f64>> = places
        .iter()
        .map(|it| Population::likeness(&columns, it))
        .collect();
    let like = matrix(&like);
    let own = like.subrows(0, n) + Mat::<f64>::identity(n, n) * Scale(APART);
    let factor = own.llt(Side::Lower).ok()?;
    let mut independent = like.transpose().to_owned();
    solve_lower_triangular_in_place(factor.L(), independent.as_mut(), Par::rayon(0));
    let mut weights = Mat::zeros(n, 0);
    for (phase, usual) in usual.iter().enumerate() {
        let left_over = |it: &VirtualSkin| {
            components.transpose() * &it.across[phase] - usual * &it.among[phase]
        };
        let among: Vec<&Mat<f64>> = patients.iter().map(|it| &it.among[phase]).collect();
        let left_over: Vec<Mat<f64>> = patients.iter().map(left_over).collect();
        let found = ridge(&independent, &among, &left_over)?;
        let directions = found.ncols();
        let column = |of: usize, centre: usize| found[(of % LEADS * n + centre, of / LEADS)];
        let before = weights.ncols();
        weights.resize_with(n, before + directions * LEADS, |centre, it| {
            column(it - before, centre)
        });
    }
    // From what is independent back to likeness.
    solve_upper_triangular_in_place(factor.L().transpose(), weights.as_mut(), Par::rayon(0));
    Some((centres, weights))
}

/// Rows of numbers as a matrix.
pub(super) fn matrix(rows: &[Vec<f64>]) -> Mat<f64> {
    Mat::from_fn(rows.len(), rows.first().map_or(0, Vec::len), |i, j| {
        rows[i][j]
    })
}

/// Map to directions from each of some features times each of the eight leads, where the features of
/// each patient are a column and the leads covary as `among`, with the directions as `across`: lead
/// after lead, features × directions.
fn ridge(features: &Mat<f64>, among: &[&Mat<f64>], across: &[Mat<f64>]) -> Option<Mat<f64>> {
    let (n, patients) = features.shape();
    let directions = across.first()?.nrows();
    let mut gram = Mat::zeros(LEADS * n, LEADS * n);
    let mut sums = Mat::zeros(LEADS * n, directions);
    for i in 0..LEADS {
        for j in 0..=i {
            let weighed = Mat::from_fn(n, patients, |row, it| {
                features[(row, it)] * among[it][(i, j)]
            });
            let block = gram.submatrix_mut(i * n, j * n, n, n);
            matmul(
                block,
                Accum::Replace,
                &weighed,
                features.transpose(),
                1.0,
                Par::rayon(0),
            );
        }
        let across = Mat::from_fn(patients, directions, |it, to| across[it][(to, i)]);
        sums.submatrix_mut(i * n, 0, n, directions)
            .copy_from(features * across);
    }
    let powers = among
        .iter()
        .flat_map(|it| (0..LEADS).map(|lead| it[(lead, lead)]));
    let ridge = RIDGE * powers.sum::<f64>() / LEADS as f64;
    (0..LEADS * n).for_each(|it| gram[(it, it)] += ridge);
    gram.llt(Side::Lower).ok()?.solve_in_place(sums.as_mut());
    Some(sums)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A patient of a kind from 0 to 1: of the leads some are strong or others, and the first of two
    /// directions is a lead, more or less of it.
    fn patient(kind: f64) -> (VirtualSkin, f64) {
        let among = Mat::from_fn(LEADS, LEADS, |i, j| match i == j {
            true => 0.2 + (kind * (1 + i) as f64).sin().powi(2),
            false => 0.0,
        });
        let truth = (5.0 * kind).sin();
        let map = Mat::from_fn(
            2,
            LEADS,
            |to, lead| {
                if (to, lead) == (0, 3) { truth } else { 0.0 }
            },
        );
        let each = |it: &Mat<f64>| std::array::from_fn(|_| it.clone());
        let across = map * &among;
        let skin = VirtualSkin {
            among: each(&among),
            across: each(&across),
        };
        (skin, truth)
    }

    #[test]
    fn what_departs_in_a_patient_of_a_kind_is_found_in_one_never_seen() {
        let patients: Vec<VirtualSkin> = (0..200)
            .map(|it| patient((0.618 * f64::from(it)).fract()).0)
            .collect();
        let directions = Mat::identity(2, 2);
        let usual = vec![Mat::zeros(2, LEADS); N_PHASES];
        let (centres, weights) = departures(&patients, &directions, &usual, 30).unwrap();
        let columns = centres.transpose().to_owned();
        assert_eq!(centres.nrows(), 30);
        assert_eq!(weights.shape(), (30, N_PHASES * 2 * LEADS));
        for kind in [0.15, 0.4, 0.55, 0.83] {
            let (skin, truth) = patient(kind);
            let like = Population::likeness(&columns, &Population::roots(&skin.among));
            let found = weights.transpose() * faer::ColRef::from_slice(&like);
            assert!(
                (found[3] - truth).abs() < 0.02,
                "{kind}: {} for {truth}",
                found[3]
            );
            assert!(found[LEADS + 3].abs() < 1e-6 && found[5].abs() < 0.02);
        }
    }

    #[test]
    fn without_patients_there_is_nothing_to_fit() {
        let usual = vec![Mat::zeros(2, LEADS); N_PHASES];
        assert!(departures(&[], &Mat::identity(2, 2), &usual, 30).is_none());
    }
}
