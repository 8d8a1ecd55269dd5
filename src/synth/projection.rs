//! Leads that only calibrate, from those that are mixed: by this patient's own first seconds, by
//! phase of the beat.

use faer::{Mat, Scale};

use crate::ecg::N_PHASES;

use super::{linear, wave_power::WavePower};

/// Ridge as a share of the inputs' mean power.
const RIDGE: f64 = 5e-4;
/// Share of the whole beat beside each phase: without it a phase with little power follows its
/// noise. On 150 train recordings of PTB-XL, I, II, V3 in and the others shown first, phases were
/// worth 2.3 dB with it, 2.4 with a third of it.
const WHOLE_BEAT: f64 = 0.01;
/// Variance beyond the seconds that were learned from, over that within them, at the two thirds of
/// leads for which an error is stated; on the same recordings.
const BEYOND: f64 = 1.25;

/// Known leads as mixes of the inputs, where not all known leads are inputs.
#[derive(Clone)]
pub(crate) struct Projection {
    /// Known leads × inputs, over the whole beat.
    whole: Mat<f64>,
    /// What is added to that in QRS, ST, T and the rest.
    departures: [Mat<f64>; N_PHASES],
    /// Covariance of what that misses of the known leads, mV².
    missed: [Mat<f64>; N_PHASES],
}

impl Projection {
    /// Of known leads with these moments. `None` where all of them are `inputs`, or where the inputs
    /// cannot be told apart.
    pub(crate) fn new(waves: &WavePower, inputs: &[usize]) -> Option<Self> {
        let n = waves.covariance[0].nrows();
        if inputs.len() == n {
            return None;
        }
        let parts: [Mat<f64>; N_PHASES] =
            std::array::from_fn(|wave| &waves.covariance[wave] * Scale(waves.shares[wave]));
        let all = parts.iter().fold(Mat::zeros(n, n), |sum, it| sum + it);
        let whole = from_inputs(&all, inputs)?;
        let phase = |part: &Mat<f64>| {
            from_inputs(&(part + &all * Scale(WHOLE_BEAT)), inputs).unwrap_or_else(|| whole.clone())
        };
        let phases = parts.each_ref().map(phase);
        let missed = |wave: usize| {
            let left = left(&phases[wave], inputs);
            &left * &waves.covariance[wave] * left.transpose() * Scale(BEYOND)
        };
        Some(Self {
            missed: std::array::from_fn(missed),
            departures: phases.each_ref().map(|it| it - &whole),
            whole,
        })
    }

    /// Weights of the inputs, and what is added to them by phase, for a lead that the known leads
    /// make by `weights` and `departures`.
    pub(crate) fn of_inputs(
        &self,
        weights: &[f64],
        departures: &[Vec<f64>; N_PHASES],
    ) -> (Vec<f64>, [Vec<f64>; N_PHASES]) {
        let departure = |phase: usize| {
            let own = linear::times(&departures[phase], self.whole.as_ref());
            let added = linear::times(
                &sum(weights, &departures[phase]),
                self.departures[phase].as_ref(),
            );
            sum(&own, &added)
        };
        let whole = linear::times(weights, self.whole.as_ref());
        (whole, std::array::from_fn(departure))
    }

    /// A quadratic form of the known leads as one of the inputs.
    pub(crate) fn form_of_inputs(&self, form: &Mat<f64>) -> Mat<f64> {
        self.whole.transpose() * form * &self.whole
    }

    /// Variance that comes on top of what the known leads leave open, in one wave, mV².
    pub(crate) fn missed_mv2(&self, weights: &[f64], wave: usize) -> f64 {
        linear::form(weights, self.missed[wave].as_ref())
    }
}

/// All leads from `inputs` by second moments among all, leads × inputs; an input is itself.
fn from_inputs(moments: &Mat<f64>, inputs: &[usize]) -> Option<Mat<f64>> {
    let n = moments.nrows();
    let all: Vec<usize> = (0..n).collect();
    let solved = linear::regression(moments.as_ref(), inputs, &all, RIDGE)?;
    let own = |row: usize| inputs.iter().position(|it| *it == row);
    Some(Mat::from_fn(n, inputs.len(), |row, col| {
        own(row).map_or(solved[(col, row)], |own| f64::from(u8::from(own == col)))
    }))
}

/// I − P: what a map leaves of each lead, as a mix of all.
fn left(map: &Mat<f64>, inputs: &[usize]) -> Mat<f64> {
    let mut left = Mat::<f64>::identity(map.nrows(), map.nrows());
    for (col, input) in inputs.iter().enumerate() {
        (0..map.nrows()).for_each(|row| left[(row, *input)] -= map[(row, col)]);
    }
    left
}

fn sum(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two leads of different sources; a third that follows the first in QRS, the second else.
    fn waves() -> WavePower {
        let covariance = |wave: usize| {
            let (a, b) = if wave == 0 { (4.0, 1.0) } else { (0.2, 0.5) };
            let leads = Mat::from_fn(3, 2, |lead, source| match (lead, wave, source) {
                (2, 0, 0) | (0, _, 0) | (1, _, 1) => 1.0,
                (2, 1.., 1) => 1.0,
                _ => 0.0,
            });
            let sources = Mat::from_fn(2, 2, |i, j| if i != j { 0.0 } else { [a, b][i] });
            &leads * sources * leads.transpose()
        };
        WavePower {
            covariance: std::array::from_fn(covariance),
            shares: [0.1, 0.1, 0.2, 0.6],
        }
    }

    fn third(projection: &Projection, phase: usize) -> Vec<f64> {
        let none = std::array::from_fn(|_| vec![0.0; 3]);
        let (weights, departures) = projection.of_inputs(&[0.0, 0.0, 1.0], &none);
        sum(&weights, &departures[phase])
    }

    #[test]
    fn a_lead_is_made_as_each_phase_shows_it_and_an_input_is_itself() {
        let projection = Projection::new(&waves(), &[0, 1]).unwrap();
        let (qrs, rest) = (third(&projection, 0), third(&projection, 3));
        assert!(0.95 < qrs[0] && qrs[1] < 0.05, "{qrs:?}");
        assert!(rest[0] < 0.1 && 0.9 < rest[1], "{rest:?}");
        let none = std::array::from_fn(|_| vec![0.0; 3]);
        let (own, departures) = projection.of_inputs(&[1.0, 0.0, 0.0], &none);
        assert_eq!((own, &departures[0]), (vec![1.0, 0.0], &vec![0.0, 0.0]));
        // What the whole beat would miss is hardly missed by phase.
        assert!(projection.missed_mv2(&[0.0, 0.0, 1.0], 0) < 0.01);
        assert!(Projection::new(&waves(), &[0, 1, 2]).is_none());
    }

    #[test]
    fn departures_of_known_leads_go_through_the_phase_as_well() {
        let projection = Projection::new(&waves(), &[0, 1]).unwrap();
        let departing = std::array::from_fn(|it| vec![0.0, 0.0, if it == 0 { 1.0 } else { 0.0 }]);
        let (weights, departures) = projection.of_inputs(&[0.0; 3], &departing);
        assert_eq!(weights, [0.0, 0.0]);
        assert_eq!(sum(&weights, &departures[0]), third(&projection, 0));
        assert_eq!(departures[3], [0.0, 0.0]);
    }
}
