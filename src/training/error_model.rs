//! Fits the error model on recordings of other patients: how errors are put together, and the
//! population's covariance.
//!
//! Each chest lead of each recording is withheld in turn; the calibration sees the first five
//! seconds, errors are taken from the last five, with the network where it has a say. Fitted on
//! those patients of the `train` split that the network was not trained on, since its errors on the
//! others flatter; coverage and ordering are reported on `valid`, which no fit ever sees.

use std::path::Path;

use rayon::prelude::*;
use serde::Serialize;

use super::exams::Split;
use crate::{
    ecg::{LeadName, LeadSet, Target},
    evaluate::{EvaluateError, LabelledExam, read_exams},
    signal::FilterSettings,
    synth::{
        BandScale, CalibrationOptions, DeviceChoice, FittedConstants, SynthError, calibrate_quickly,
    },
};

/// What the constants are worth on recordings that they were not fitted on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ErrorModelReport {
    /// Recordings times withheld leads.
    pub cases: usize,
    /// Share of samples inside the 90 % band.
    pub coverage: f64,
    /// The same for each withheld lead.
    pub coverage_by_lead: Vec<(LeadName, f64)>,
    /// Spearman's rank correlation of expected and true RMSE.
    pub ordering: f64,
    /// Median of true RMSE, µV.
    pub median_rmse_uv: f64,
    /// Median of expected RMSE, µV.
    pub median_expected_uv: f64,
}

/// One withheld lead of one recording.
struct Case {
    lead: LeadName,
    true_rmse_mv: f64,
    /// Error of each kept sample.
    errors_mv: Vec<f32>,
    /// Unscaled variances of each kept sample, in the order of [`scales`].
    parts: Vec<[f32; PARTS]>,
    /// The same variances, mean over the calibration window.
    mean: [f64; PARTS],
}

/// Parts of the error: spread, slope, own, moment, power, noise.
const PARTS: usize = 6;

/// The weight of each part.
fn scales(it: &mut BandScale) -> [&mut f64; PARTS] {
    [
        &mut it.spread,
        &mut it.slope,
        &mut it.own,
        &mut it.moment,
        &mut it.power,
        &mut it.noise,
    ]
}

/// Every `STRIDE`-th sample is kept: neighbours at 500 Hz say the same.
const STRIDE: usize = 10;

/// Fits on train patients in `folder` whom the network has not met and reports on `valid`, raw and
/// behind a 0.5 Hz high-pass.
pub fn fit_error_model(
    folder: &Path,
) -> Result<(FittedConstants, Vec<(String, ErrorModelReport)>), EvaluateError> {
    let (exams, _) = read_exams(&[folder.to_owned()])?;
    let of_split = |split: &'static str| exams.iter().filter(move |exam| exam.split == split);
    let is_set_apart = |exam: &&LabelledExam| Split::of_patient(&exam.patient) == Split::Dev;
    let (unmet, met): (Vec<&LabelledExam>, Vec<&LabelledExam>) =
        of_split("train").partition(is_set_apart);
    let (unmet, met) = (whole_recordings(unmet), whole_recordings(met));
    let valid = whole_recordings(of_split("valid"));
    let filtered = |recordings: &[LeadSet]| -> Vec<LeadSet> {
        let high_pass = FilterSettings::high_pass(0.5);
        recordings
            .iter()
            .map(|leads| high_pass.apply(leads))
            .collect()
    };
    let steady = filtered(&unmet);
    let fitted_on: Vec<Case> = cases(&steady).into_iter().chain(cases(&unmet)).collect();
    let band = fit(&fitted_on);
    let named = |name: &str, cases: &[Case]| (name.to_owned(), report(cases, &band));
    let reports = vec![
        named("train patients set apart, both", &fitted_on),
        named("valid, high-pass 0.5 Hz", &cases(&filtered(&valid))),
        named("valid, raw", &cases(&valid)),
    ];
    let made = format!(
        "fit-error-model on {} recordings of train patients whom the network was not trained on, raw and behind a 0.5 Hz high-pass, each chest lead withheld in turn, with the network",
        unmet.len()
    );
    let measured = format!(
        "share of samples of the last five seconds inside the 90 % band, mean over recordings and withheld chest leads (each of V1 to V6 withheld from input and calibration in turn, errors about their mean), over {} valid recordings; mean of high-passed {:.3} and raw {:.3}",
        valid.len(),
        reports[1].1.coverage,
        reports[2].1.coverage
    );
    let coverage = (reports[1].1.coverage + reports[2].1.coverage) / 2.0;
    let by_lead = |it: &ErrorModelReport| {
        it.coverage_by_lead
            .iter()
            .map(|(lead, share)| (lead.to_string(), rounded(*share)))
            .collect()
    };
    let constants = FittedConstants {
        made,
        band,
        coverage: rounded(coverage),
        coverage_means: measured,
        coverage_by_lead: [
            ("high-pass 0.5 Hz".to_owned(), by_lead(&reports[1].1)),
            ("raw".to_owned(), by_lead(&reports[2].1)),
        ]
        .into(),
        ordering: [
            (
                "high-pass 0.5 Hz".to_owned(),
                rounded(reports[1].1.ordering),
            ),
            ("raw".to_owned(), rounded(reports[2].1.ordering)),
        ]
        .into(),
        population_mv2: population(&filtered(&met)),
    };
    Ok((constants, reports))
}

fn rounded(it: f64) -> f64 {
    (1000.0 * it).round() / 1000.0
}

/// The eight recorded leads of exams of full length.
fn whole_recordings<'a>(exams: impl IntoIterator<Item = &'a LabelledExam>) -> Vec<LeadSet> {
    let eight = |exam: &LabelledExam| {
        let leads = LeadName::EIGHT
            .iter()
            .filter_map(|name| exam.leads.get(name).cloned());
        LeadSet::new(exam.leads.rate(), leads.collect()).ok()
    };
    let whole = exams
        .into_iter()
        .filter(|exam| 10.0 <= exam.leads.duration_s());
    whole.filter_map(eight).collect()
}

fn cases(recordings: &[LeadSet]) -> Vec<Case> {
    let pairs: Vec<_> = recordings
        .iter()
        .flat_map(|it| LeadName::CHEST.into_iter().map(move |lead| (it, lead)))
        .collect();
    pairs
        .into_par_iter()
        .filter_map(|(leads, lead)| case(leads, lead).ok())
        .collect()
}

fn case(leads: &LeadSet, lead: LeadName) -> Result<Case, SynthError> {
    let options = CalibrationOptions {
        device: DeviceChoice::Cpu,
        ..CalibrationOptions::default()
    }
    .withholding(&lead);
    let calibration = calibrate_quickly(leads, &options)?;
    let half = leads.n_samples() / 2;
    let last = leads
        .slice(half..leads.n_samples())
        .ok_or(SynthError::TooShort {
            found_s: 0.0,
            expected_s: 5.0,
        })?;
    let target = Target::lead(&lead)?;
    let zero = BandScale {
        spread: 0.0,
        slope: 0.0,
        own: 0.0,
        moment: 0.0,
        power: 0.0,
        noise: 0.0,
        half_width: 1.0,
        rmse: 1.0,
    };
    let unit = |which: usize| {
        let mut it = zero;
        *scales(&mut it)[which] = 1.0;
        it
    };
    let units: [BandScale; PARTS] = std::array::from_fn(unit);
    let made = calibration
        .mixing_with_each(&target, &units)
        .iter()
        .map(|it| it.apply(&last))
        .collect::<Result<Vec<_>, _>>()?;
    let truth = last
        .get(&lead)
        .ok_or_else(|| SynthError::MissingInput(lead.clone()))?;
    let error: Vec<f32> = truth
        .samples_mv
        .iter()
        .zip(made[0].lead.samples_mv.iter())
        .map(|(a, b)| a - b)
        .collect();
    let mean_error = error.iter().map(|it| f64::from(*it)).sum::<f64>() / error.len() as f64;
    let centred: Vec<f32> = error.iter().map(|it| it - mean_error as f32).collect();
    let kept = || (0..centred.len()).step_by(STRIDE);
    let errors_mv = kept().map(|it| centred[it]).collect();
    let parts = kept()
        .map(|at| std::array::from_fn(|it| made[it].band_mv[at].powi(2)))
        .collect();
    let true_rmse_mv =
        (centred.iter().map(|it| f64::from(it * it)).sum::<f64>() / centred.len() as f64).sqrt();
    let mean = std::array::from_fn(|it| (made[it].expected_rmse_uv / 1000.0).powi(2));
    Ok(Case {
        lead,
        true_rmse_mv,
        errors_mv,
        parts,
        mean,
    })
}

fn variance(parts: [f64; PARTS], scale: &BandScale) -> f64 {
    let mut scale = *scale;
    let sum: f64 = scales(&mut scale)
        .iter()
        .zip(parts)
        .map(|(weight, it)| **weight * it)
        .sum();
    sum + 1e-12
}

impl Case {
    /// Standard deviation to expect at each kept sample, mV.
    fn deviations(&self, scale: &BandScale) -> impl Iterator<Item = f64> {
        self.parts
            .iter()
            .map(move |it| variance(it.map(f64::from), scale).sqrt())
    }

    fn errors(&self) -> impl Iterator<Item = f64> {
        self.errors_mv.iter().map(|it| f64::from(it.abs()))
    }
}

/// Mean Laplace log-likelihood loss of the samples.
fn loss(cases: &[Case], scale: &BandScale) -> f64 {
    let of = |case: &Case| {
        let sum: f64 = case
            .deviations(scale)
            .zip(case.errors())
            .map(|(sigma, it)| sigma.ln() + std::f64::consts::SQRT_2 * it / sigma)
            .sum();
        sum / case.errors_mv.len() as f64
    };
    cases
        .par_iter()
        .map(of)
        .collect::<Vec<_>>()
        .iter()
        .sum::<f64>()
        / cases.len() as f64
}

/// Coordinate descent on a logarithmic grid, then the quantiles.
fn fit(cases: &[Case]) -> BandScale {
    let mut best = BandScale {
        spread: 1.0,
        slope: 1.0,
        own: 0.05,
        moment: 0.02,
        power: 0.005,
        noise: 1.0,
        half_width: 1.0,
        rmse: 1.0,
    };
    let mut lowest = loss(cases, &best);
    for step in [4.0f64, 2.0, 1.4, 1.1] {
        for _ in 0..4 {
            let before = lowest;
            for which in 0..PARTS {
                for factor in [step, 1.0 / step] {
                    let mut tried = best;
                    *scales(&mut tried)[which] *= factor;
                    let found = loss(cases, &tried);
                    if found < lowest {
                        (best, lowest) = (tried, found);
                    }
                }
            }
            if before - lowest < 1e-5 {
                break;
            }
        }
    }
    best.half_width = quantile(errors_in_deviations(cases, &best), 0.9);
    let ratios = cases
        .iter()
        .map(|it| it.true_rmse_mv / expected(it, &best))
        .collect();
    let rmse = quantile(ratios, 0.5);
    // `surprise` compares with the scaled error, so one factor moves both; absorb it in the
    // variances.
    scales(&mut best)
        .into_iter()
        .for_each(|it| *it *= rmse * rmse);
    BandScale {
        half_width: best.half_width / rmse,
        rmse: 1.0,
        ..best
    }
}

fn expected(case: &Case, scale: &BandScale) -> f64 {
    variance(case.mean, scale).sqrt()
}

fn errors_in_deviations(cases: &[Case], scale: &BandScale) -> Vec<f64> {
    let of = |case: &Case| {
        case.errors()
            .zip(case.deviations(scale))
            .map(|(it, sigma)| it / sigma)
            .collect::<Vec<_>>()
    };
    cases.iter().flat_map(of).collect()
}

fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values
        .get((share * last as f64).round() as usize)
        .copied()
        .unwrap_or(1.0)
}

fn report(cases: &[Case], scale: &BandScale) -> ErrorModelReport {
    let coverage = |cases: &[&Case]| {
        let inside = |case: &&Case| {
            let count = case
                .errors()
                .zip(case.deviations(scale))
                .filter(|(it, sigma)| *it <= scale.half_width * sigma)
                .count();
            count as f64 / case.errors_mv.len() as f64
        };
        cases.iter().map(inside).sum::<f64>() / cases.len().max(1) as f64
    };
    let all: Vec<&Case> = cases.iter().collect();
    let of_lead = |lead: LeadName| {
        let those: Vec<&Case> = cases.iter().filter(|it| it.lead == lead).collect();
        (lead, coverage(&those))
    };
    let truth: Vec<f64> = cases.iter().map(|it| 1000.0 * it.true_rmse_mv).collect();
    let expected: Vec<f64> = cases
        .iter()
        .map(|it| 1000.0 * expected(it, scale))
        .collect();
    ErrorModelReport {
        cases: cases.len(),
        coverage: coverage(&all),
        coverage_by_lead: LeadName::CHEST.into_iter().map(of_lead).collect(),
        ordering: spearman(&expected, &truth),
        median_rmse_uv: quantile(truth, 0.5),
        median_expected_uv: quantile(expected, 0.5),
    }
}

/// Spearman's rank correlation.
fn spearman(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (ranks(a), ranks(b));
    let mean = (a.len() as f64 - 1.0) / 2.0;
    let cross: f64 = a.iter().zip(&b).map(|(x, y)| (x - mean) * (y - mean)).sum();
    let square = |it: &[f64]| it.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
    cross / (square(&a) * square(&b)).sqrt()
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|i, j| values[*i].total_cmp(&values[*j]));
    let mut out = vec![0.0; values.len()];
    order
        .into_iter()
        .enumerate()
        .for_each(|(rank, idx)| out[idx] = rank as f64);
    out
}

/// Mean covariance of the eight leads.
fn population(recordings: &[LeadSet]) -> Vec<f64> {
    let mut sum = vec![0.0; 64];
    for leads in recordings {
        let rows: Vec<&[f32]> = LeadName::EIGHT
            .iter()
            .filter_map(|it| leads.get(it))
            .map(|it| &*it.samples_mv)
            .collect();
        let mean = |i: usize, j: usize| {
            rows[i]
                .iter()
                .zip(rows[j])
                .map(|(a, b)| f64::from(*a) * f64::from(*b))
                .sum::<f64>()
                / rows[i].len() as f64
        };
        sum.iter_mut()
            .enumerate()
            .for_each(|(at, it)| *it += mean(at / 8, at % 8) / recordings.len() as f64);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spearman_of_a_monotone_map_is_one() {
        let a = [1.0, 5.0, 2.0, 9.0];
        assert!((spearman(&a, &a.map(f64::exp)) - 1.0).abs() < 1e-12);
        assert!((spearman(&a, &a.map(|it| -it)) + 1.0).abs() < 1e-12);
    }
}
