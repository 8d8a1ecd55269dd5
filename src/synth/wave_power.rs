//! How strong the recorded leads are in each wave of the beat.

use faer::{Mat, Scale};

use crate::{
    ecg::{LeadSet, N_PHASES},
    signal::detect_beats,
};

/// Second moments of leads in QRS, ST, T and the rest, in the seconds learned from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WavePower {
    /// mV², about the baseline.
    pub covariance: [Mat<f64>; N_PHASES],
    /// Share of the time that belongs to each wave.
    pub shares: [f64; N_PHASES],
}

impl WavePower {
    /// Of leads behind a high-pass. Samples with a gap do not count.
    pub(crate) fn of(steady: &LeadSet) -> Self {
        let n = steady.leads().len();
        let phases = detect_beats(steady).phases(steady.n_samples());
        Self::of_rows(n, &phases, |at, values| {
            let leads = values.iter_mut().zip(steady.leads());
            leads.for_each(|(to, lead)| *to = lead.samples_mv[at]);
            values.iter().all(|it| it.is_finite())
        })
    }

    /// Of some of the leads.
    pub(crate) fn pick(&self, leads: &[usize]) -> Self {
        let n = leads.len();
        let of = |it: &Mat<f64>| Mat::from_fn(n, n, |i, j| it[(leads[i], leads[j])]);
        Self {
            covariance: self.covariance.each_ref().map(of),
            shares: self.shares,
        }
    }

    /// What each wave has of the covariance over the whole time.
    pub(crate) fn parts(&self) -> [Mat<f64>; N_PHASES] {
        std::array::from_fn(|wave| &self.covariance[wave] * Scale(self.shares[wave]))
    }

    /// Of `n` rows that `fill` writes instant by instant, unless it says that one is not known.
    pub(crate) fn of_rows(
        n: usize,
        phases: &[[f64; N_PHASES]],
        mut fill: impl FnMut(usize, &mut [f32]) -> bool,
    ) -> Self {
        let mut covariance: [Mat<f64>; N_PHASES] = std::array::from_fn(|_| Mat::zeros(n, n));
        let mut time = [0.0; N_PHASES];
        let mut values = vec![0.0; n];
        for (at, shares) in phases.iter().enumerate() {
            if !fill(at, &mut values) {
                continue;
            }
            let value = |row: usize| f64::from(values[row]);
            for (wave, share) in shares.iter().enumerate().filter(|it| 0.0 < *it.1) {
                time[wave] += share;
                for (i, j) in (0..n).flat_map(|i| (0..=i).map(move |j| (i, j))) {
                    covariance[wave][(i, j)] += share * value(i) * value(j);
                }
            }
        }
        let whole = time.iter().sum::<f64>().max(1.0);
        for (moments, time) in covariance.iter_mut().zip(&time) {
            let scaled = &*moments * Scale(1.0 / time.max(1.0));
            *moments = Mat::from_fn(n, n, |i, j| scaled[(i.max(j), i.min(j))]);
        }
        Self {
            covariance,
            shares: time.map(|it| it / whole),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::model::tests::evidence;

    #[test]
    fn waves_together_are_the_whole_and_qrs_is_the_strongest() {
        let evidence = evidence();
        let found = WavePower::of(&evidence.steady);
        assert!((found.shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        let v2 = |wave: usize| found.covariance[wave][(3, 3)];
        let whole: f64 = (0..N_PHASES).map(|it| found.shares[it] * v2(it)).sum();
        assert!((whole / evidence.covariance[(3, 3)] - 1.0).abs() < 0.05);
        assert!(3.0 * v2(3) < v2(0));
    }
}
