//! Leads that only calibrate, from those that are mixed: by this patient's own first seconds, by
//! phase of the beat, and with how the inputs change around an instant: waves reach electrodes one
//! after another.

use faer::{Mat, Scale};

use crate::ecg::{LeadSet, N_PHASES};

use super::{linear, residual::BeatContext, wave_power::WavePower};

/// Ridge as a share of the inputs' mean power; the same for their changes. On 329 train recordings
/// of PTB-XL and 143 of other sources, I, II, V3 in and the others shown first, changes up to 64 ms
/// away were worth 2.4 dB (within 8 ms 1.6), .5 dB where V2 and V6 were never seen. With a lesser
/// ridge the mean is the same and recordings that lose by them lose more.
const RIDGE: f64 = 5e-4;
const RIDGE_OF_CHANGES: f64 = 1e-2;
/// Share of the whole beat beside each phase: without it a phase with little power follows its
/// noise. On 150 of those recordings phases are worth 2.3 dB with it, 2.4 with a third of it.
const WHOLE_BEAT: f64 = 0.01;
/// Variance beyond the seconds that were learned from, over that within them, at the two thirds of
/// leads for which an error is stated, in QRS, ST, T and the rest; on the same recordings, in QRS on 60
/// of them and 80 of other sources.
const BEYOND: [f64; N_PHASES] = [3.9, 4.2, 2.8, 2.5];
/// How much more of that the band holds: in QRS few samples err far. With it 87 % of the samples of
/// those of PTB-XL lie inside, 90 to 94 % of other sources'.
pub(super) const IN_BAND: [f64; N_PHASES] = [1.5, 1.0, 1.0, 1.0];
/// How much less that is over the whole beat, as a share of the waves' sum: no lead is unlucky in
/// all of them.
pub(super) const TOO_MUCH_IN_ALL: f64 = 0.1;

/// Known leads as mixes of the inputs, where not all known leads are inputs.
#[derive(Clone)]
pub(crate) struct Projection {
    /// Known leads × inputs, over the whole beat.
    whole: Mat<f64>,
    /// What is added to that in QRS, ST, T and the rest; after the inputs their changes.
    departures: [Mat<f64>; N_PHASES],
    /// Covariance of what that misses of the known leads, mV².
    missed: [Mat<f64>; N_PHASES],
}

impl Projection {
    /// Of known leads behind a high-pass, with their moments. `None` where all of them are `inputs`,
    /// or where the inputs cannot be told apart.
    pub(crate) fn new(steady: &LeadSet, waves: &WavePower, inputs: &[usize]) -> Option<Self> {
        let known: Vec<&[f32]> = steady.leads().iter().map(|it| &*it.samples_mv).collect();
        if inputs.len() == known.len() {
            return None;
        }
        let moments = BeatContext::new(&known, steady.rate()).moments(inputs);
        Self::of(moments.as_ref().unwrap_or(waves), known.len(), inputs)
    }

    /// Of moments of `n` known leads; where there are more, those are of the changes of `inputs`.
    fn of(waves: &WavePower, n: usize, inputs: &[usize]) -> Option<Self> {
        let rows = waves.covariance[0].nrows();
        let read: Vec<usize> = inputs.iter().copied().chain(n..rows).collect();
        let parts = waves.parts();
        let all = parts
            .iter()
            .fold(Mat::zeros(rows, rows), |sum, it| sum + it);
        let whole = known_from(&all, n, inputs)?;
        let at_once = Mat::from_fn(n, read.len(), |lead, col| match col < inputs.len() {
            true => whole[(lead, col)],
            false => 0.0,
        });
        let phase = |part: &Mat<f64>| {
            let found = known_from(&(part + &all * Scale(WHOLE_BEAT)), n, &read);
            found.unwrap_or_else(|| at_once.clone())
        };
        let phases = parts.each_ref().map(phase);
        let missed = |wave: usize| {
            let left = left(&phases[wave], &read, rows);
            &left * &waves.covariance[wave] * left.transpose() * Scale(BEYOND[wave])
        };
        Some(Self {
            missed: std::array::from_fn(missed),
            departures: phases.each_ref().map(|it| it - &at_once),
            whole,
        })
    }

    /// Weights of the inputs, and what is added to them by phase, after it the weights of their
    /// changes, for a lead that the known leads make by `weights` and `departures`.
    pub(crate) fn of_inputs(
        &self,
        weights: &[f64],
        departures: &[Vec<f64>; N_PHASES],
    ) -> (Vec<f64>, [Vec<f64>; N_PHASES]) {
        let departure = |phase: usize| {
            let own = linear::times(&departures[phase], self.whole.as_ref());
            let known = sum(weights, &departures[phase]);
            let mut added = linear::times(&known, self.departures[phase].as_ref());
            added.iter_mut().zip(own).for_each(|(to, own)| *to += own);
            added
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

/// The first `n` rows from those that are `read`, leads before their changes, by second moments
/// among all; a row that is read is itself.
fn known_from(moments: &Mat<f64>, n: usize, read: &[usize]) -> Option<Mat<f64>> {
    let leads = || read.iter().filter(|row| **row < n);
    let power = leads().map(|it| moments[(*it, *it)]).sum::<f64>() / leads().count() as f64;
    let ridge = |row: &usize| if *row < n { RIDGE } else { RIDGE_OF_CHANGES };
    let ridges: Vec<f64> = read.iter().map(|row| power * ridge(row)).collect();
    let known: Vec<usize> = (0..n).collect();
    let solved = linear::regression_held(moments.as_ref(), read, &known, &ridges)?;
    let own = |row: usize| read.iter().position(|it| *it == row);
    Some(Mat::from_fn(n, read.len(), |row, col| {
        own(row).map_or(solved[(col, row)], |own| f64::from(u8::from(own == col)))
    }))
}

/// I − P: what a map of the rows that are `read` leaves of each lead, as a mix of all `rows`.
fn left(map: &Mat<f64>, read: &[usize], rows: usize) -> Mat<f64> {
    let mut left = Mat::<f64>::identity(map.nrows(), rows);
    for (col, read) in read.iter().enumerate() {
        (0..map.nrows()).for_each(|lead| left[(lead, *read)] -= map[(lead, col)]);
    }
    left
}

fn sum(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{Lead, LeadName, SampleRate};

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
        let projection = Projection::of(&waves(), 3, &[0, 1]).unwrap();
        let (qrs, rest) = (third(&projection, 0), third(&projection, 3));
        assert!(0.95 < qrs[0] && qrs[1] < 0.05, "{qrs:?}");
        assert!(rest[0] < 0.1 && 0.9 < rest[1], "{rest:?}");
        let none = std::array::from_fn(|_| vec![0.0; 3]);
        let (own, departures) = projection.of_inputs(&[1.0, 0.0, 0.0], &none);
        assert_eq!((own, &departures[0]), (vec![1.0, 0.0], &vec![0.0, 0.0]));
        // What the whole beat would miss is hardly missed by phase.
        assert!(projection.missed_mv2(&[0.0, 0.0, 1.0], 0) < 0.01);
    }

    /// A third lead that comes 16 ms after the first is followed by the first's changes.
    #[test]
    fn a_lead_that_comes_later_is_followed() {
        let wave = |at: usize| (-((at % 100) as f32 / 4.0 - 10.0).powi(2)).exp();
        let other = |at: usize| (at as f32 / 11.0).sin();
        let lead = |name: LeadName, sample: &dyn Fn(usize) -> f32| {
            Lead::measured(name, (2..627).map(sample).collect::<Vec<f32>>())
        };
        let steady = LeadSet::new(
            SampleRate::from_hz(125.0).unwrap(),
            vec![
                lead(LeadName::I, &wave),
                lead(LeadName::II, &other),
                lead(LeadName::V1, &|at| wave(at - 2)),
            ],
        )
        .unwrap();
        let missed = |projection: Projection| projection.missed_mv2(&[0.0, 0.0, 1.0], 0);
        let waves = WavePower::of(&steady);
        let changes = Projection::new(&steady, &waves, &[0, 1]).unwrap();
        let at_once = Projection::of(&waves, 3, &[0, 1]).unwrap();
        let (with, without) = (missed(changes), missed(at_once));
        assert!(with < 0.05 * without, "{with} and {without} mV²");
        assert!(Projection::new(&steady, &waves, &[0, 1, 2]).is_none());
    }

    #[test]
    fn departures_of_known_leads_go_through_the_phase_as_well() {
        let projection = Projection::of(&waves(), 3, &[0, 1]).unwrap();
        let departing = std::array::from_fn(|it| vec![0.0, 0.0, if it == 0 { 1.0 } else { 0.0 }]);
        let (weights, departures) = projection.of_inputs(&[0.0; 3], &departing);
        assert_eq!(weights, [0.0, 0.0]);
        assert_eq!(sum(&weights, &departures[0]), third(&projection, 0));
        assert_eq!(departures[3], [0.0, 0.0]);
    }
}
