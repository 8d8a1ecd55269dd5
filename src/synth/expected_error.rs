//! What error a calibration expects of a lead, by wave of the beat, and how it is shared out over the
//! samples.

use faer::{Mat, Scale};

use crate::ecg::{N_PHASES, Target};

use super::{
    Calibration, FittedConstants, N_FEATURES, WaveErrors,
    estimate::Estimate,
    held_out,
    lead_group::group_shares,
    linear,
    mixing::ErrorModel,
    projection::{IN_BAND, TOO_MUCH_IN_ALL},
    wave_error::Known,
};

/// Share of a band's width that does not follow the signal.
const SHAPELESS: f64 = 0.5;

impl Calibration {
    /// Variance per product of two known leads, and the rest of the error model.
    pub(super) fn error(&self, target: &Target, estimate: &Estimate) -> (Mat<f64>, ErrorModel) {
        let constants = &FittedConstants::shipped().errors;
        let shares = group_shares(target);
        let shape = self.shape(estimate);
        // What the inputs leave open of the known leads comes on top of what these leave open.
        let missed: [f64; N_PHASES] = std::array::from_fn(|wave| match &self.projection {
            Some(projection) => projection.missed_mv2(&estimate.weights, wave),
            None => 0.0,
        });
        let stated = |wave: usize| {
            let known = constants.rmse_mv(wave, &shares, &self.features(estimate, wave));
            (known.powi(2) + missed[wave]).sqrt()
        };
        let rmse_mv: [f64; N_PHASES] = std::array::from_fn(stated);
        let half_width = |wave: usize| {
            let covariance = self.waves.covariance[wave].as_ref();
            let mean = linear::inner(shape.as_ref(), covariance) + SHAPELESS;
            let more = (IN_BAND[wave] - 1.0) * missed[wave];
            let rmse_mv = (rmse_mv[wave].powi(2) + more).sqrt();
            constants.half_width(wave, &shares) * rmse_mv / mean.sqrt()
        };
        let squares = rmse_mv.map(|it| it * it);
        let mean = |squares: &[f64]| linear::dot(squares, &self.waves.shares);
        let whole = constants.whole(&shares).powi(2);
        let error = ErrorModel {
            quadratic: Vec::new(),
            constant: SHAPELESS,
            baseline_mv: self.input_baseline_mv.clone(),
            half_width: std::array::from_fn(half_width),
            mean: whole * (mean(&squares) - TOO_MUCH_IN_ALL * mean(&missed)),
            by_wave: WaveErrors::of(rmse_mv.map(|it| 1000.0 * it)),
        };
        (shape, error)
    }

    /// How a lead's error is shared out over the samples: as its spread, what a displacement would
    /// change, and the lead itself, in equal parts.
    fn shape(&self, estimate: &Estimate) -> Mat<f64> {
        let covariance = self.model.covariance.as_ref();
        let own = linear::outer(&estimate.weights);
        let parts = [&estimate.spread, &estimate.slope, &own];
        let n = self.model.known.len();
        let add = |sum: Mat<f64>, part: &Mat<f64>| {
            let mean = linear::inner(part.as_ref(), covariance);
            match 0.0 < mean {
                true => sum + part * Scale(1.0 / (parts.len() as f64 * mean)),
                false => sum,
            }
        };
        parts.into_iter().fold(Mat::zeros(n, n), add)
    }

    /// What is known of an estimate's error in one wave.
    pub(super) fn features(&self, estimate: &Estimate, wave: usize) -> [f64; N_FEATURES] {
        let covariance = self.waves.covariance[wave].as_ref();
        let n = covariance.nrows();
        let pairs = estimate.weights.iter().zip(&estimate.departures[wave]);
        let weights: Vec<f64> = pairs.map(|(a, b)| a + b).collect();
        Known {
            parts: &held_out::parts(estimate, covariance, self.noise),
            own_mv2: linear::form(&weights, covariance),
            departs_mv2: linear::form(&estimate.departures[wave], covariance),
            power_mv2: (0..n).map(|it| covariance[(it, it)]).sum::<f64>() / n as f64,
            open: estimate.open,
            near: estimate.near,
            surprise: self.surprise,
        }
        .features()
    }
}
