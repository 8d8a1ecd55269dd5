//! What the network adds to a mix instant by instant: computed at the network's own rate, drawn in between by a smooth curve.

use std::sync::{Arc, OnceLock};

use crate::{
    ecg::{Lead, LeadName, LeadSet, SampleRate},
    geovt::{INTERNAL_RATE_HZ, Question, Taps},
    signal::resample,
};

use super::network::Shared;

/// How far a residual sees beyond an instant, seconds: baseline, neighbours and the change of rate.
pub(crate) const REACH_S: f64 = Taps::REACH as f64 / INTERNAL_RATE_HZ + 0.25;

/// The inputs of a mix: the samples, and once made, what the residual path reads of them.
pub(crate) struct Inputs<'a> {
    pub samples: Vec<&'a [f32]>,
    pub rate: SampleRate,
    pub taps: &'a OnceLock<Taps>,
}

impl Inputs<'_> {
    /// Made once per recording, at the first question.
    fn taps(&self) -> &Taps {
        self.taps.get_or_init(|| {
            let lead = |it: (usize, &&[f32])| Lead::measured(LeadName::Named(it.0.to_string().into()), it.1.to_vec());
            let set = LeadSet::new(self.rate, self.samples.iter().enumerate().map(lead).collect()).ok();
            let slow = set.zip(SampleRate::from_hz(INTERNAL_RATE_HZ)).map(|(set, rate)| resample(&set, rate));
            let rows = slow.iter().flat_map(|it| it.leads()).map(|it| &*it.samples_mv).collect::<Vec<_>>();
            Taps::new(&rows)
        })
    }
}

/// One view's residual, to be applied to any samples of its inputs.
#[derive(Clone)]
pub(crate) struct Residual {
    pub(super) network: Shared,
    pub(super) question: Arc<Question>,
}

impl Residual {
    /// Adds the residual to the mix of `inputs`.
    pub(crate) fn add_to(&self, sum: &mut [f32], inputs: &Inputs) {
        let Ok(network) = self.network.lock() else { return };
        let found = network.residual(&self.question, inputs.taps());
        drop(network);
        let step = INTERNAL_RATE_HZ / inputs.rate.hz();
        sum.iter_mut().enumerate().for_each(|(at, it)| *it += curve(&found, at as f64 * step));
    }
}

impl PartialEq for Residual {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.network, &other.network) && self.question == other.question
    }
}

impl std::fmt::Debug for Residual {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Residual").field("gate", &self.question.gate).finish_non_exhaustive()
    }
}

/// Catmull & Rom's curve through samples at whole places; flat beyond the ends, zero without samples.
fn curve(samples: &[f32], place: f64) -> f32 {
    let Some(last) = samples.len().checked_sub(1) else { return 0.0 };
    let whole = (place as usize).min(last);
    let t = (place - whole as f64).clamp(0.0, 1.0) as f32;
    let at = |off: isize| samples[whole.saturating_add_signed(off).min(last)];
    let (a, b, c, d) = (at(-1), at(0), at(1), at(2));
    b + 0.5 * t * (c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_passes_through_its_samples_and_keeps_lines() {
        let line = [0.0, 2.0, 4.0, 6.0, 8.0];
        assert_eq!(curve(&line, 3.0), 6.0);
        assert!((curve(&line, 1.25) - 2.5).abs() < 1e-6 && curve(&line, 9.0) == 8.0 && curve(&[], 1.0) == 0.0);
    }
}
