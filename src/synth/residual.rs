//! What the network adds to a mix instant by instant: computed at the network's own rate, drawn in
//! between by a smooth curve.

use std::sync::{Arc, Mutex, OnceLock};

use crate::{
    ecg::{Lead, LeadName, LeadSet, SampleRate},
    geovt::{ContextSamples, Corrector, INTERNAL_RATE_HZ, ResidualQuery},
    signal::resample,
};

/// One thread at a time works with tensors.
pub(super) type SharedCorrector = Arc<Mutex<Corrector>>;

/// How far a residual sees beyond an instant, seconds: baseline, neighbours and the change of rate.
pub(crate) const REACH_S: f64 = ContextSamples::REACH as f64 / INTERNAL_RATE_HZ + 0.25;

/// The inputs of a mix: the samples, and once made, what the residual path reads of them.
pub(crate) struct Inputs<'a> {
    pub samples: Vec<&'a [f32]>,
    pub rate: SampleRate,
    pub context: &'a OnceLock<ContextSamples>,
}

impl Inputs<'_> {
    /// Made once per recording, at the first query.
    fn context(&self) -> &ContextSamples {
        self.context.get_or_init(|| {
            let lead = |it: (usize, &&[f32])| {
                Lead::measured(LeadName::Named(it.0.to_string().into()), it.1.to_vec())
            };
            let set = LeadSet::new(
                self.rate,
                self.samples.iter().enumerate().map(lead).collect(),
            )
            .ok();
            let slow = set
                .zip(SampleRate::from_hz(INTERNAL_RATE_HZ))
                .map(|(set, rate)| resample(&set, rate));
            let rows = slow
                .iter()
                .flat_map(|it| it.leads())
                .map(|it| &*it.samples_mv)
                .collect::<Vec<_>>();
            ContextSamples::new(&rows)
        })
    }
}

/// One view's residual, to be applied to any samples of its inputs.
#[derive(Clone)]
pub(crate) struct Residual {
    pub(super) corrector: SharedCorrector,
    pub(super) query: Arc<ResidualQuery>,
}

impl Residual {
    /// Adds the residual to the mix of `inputs`.
    pub(crate) fn add_to(&self, sum: &mut [f32], inputs: &Inputs) {
        let Ok(corrector) = self.corrector.lock() else {
            return;
        };
        let found = corrector.residual(&self.query, inputs.context());
        drop(corrector);
        let step = INTERNAL_RATE_HZ / inputs.rate.hz();
        sum.iter_mut()
            .enumerate()
            .for_each(|(at, it)| *it += curve(&found, at as f64 * step));
    }
}

impl PartialEq for Residual {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.corrector, &other.corrector) && self.query == other.query
    }
}

impl std::fmt::Debug for Residual {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Residual")
            .field("gate", &self.query.gate)
            .finish_non_exhaustive()
    }
}

/// Catmull & Rom's curve through samples at whole places; flat beyond the ends, zero without
/// samples.
fn curve(samples: &[f32], place: f64) -> f32 {
    let Some(last) = samples.len().checked_sub(1) else {
        return 0.0;
    };
    let whole = (place as usize).min(last);
    let t = (place - whole as f64).clamp(0.0, 1.0) as f32;
    let at = |off: isize| samples[whole.saturating_add_signed(off).min(last)];
    let (a, b, c, d) = (at(-1), at(0), at(1), at(2));
    b + 0.5 * t * (c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a)))
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::{
        ecg::Target,
        synth::{CalibrationOptions, Mixing, calibrate},
    };

    /// Beats of three sources in eight leads, twelve seconds.
    fn leads() -> LeadSet {
        let wave =
            |t: f32, centre: f32, width: f32| (-(((t % 0.8) - centre) / width).powi(2)).exp();
        let lead = |(k, name): (usize, LeadName)| {
            let k = k as f32;
            let at = |it: usize| {
                let t = it as f32 / 500.0;
                (0.9 - 0.2 * k) * wave(t, 0.28, 0.012)
                    + 0.15 * k * wave(t, 0.31, 0.015)
                    + 0.1 * (k - 2.0) * wave(t, 0.55, 0.05)
            };
            Lead::measured(name, (0..6000).map(at).collect::<Vec<f32>>())
        };
        LeadSet::new(
            SampleRate::from_hz(500.0).unwrap(),
            LeadName::EIGHT.into_iter().enumerate().map(lead).collect(),
        )
        .unwrap()
    }

    fn v2(leads: &LeadSet) -> Mixing {
        let options = CalibrationOptions::default().withholding(&LeadName::V2);
        let calibration = calibrate(leads, &options, &mut |_| ControlFlow::Continue(())).unwrap();
        calibration.mixing(&Target::lead(&LeadName::V2).unwrap())
    }

    #[test]
    fn a_piece_comes_out_as_in_the_whole_but_for_its_margins() {
        let leads = leads();
        let mixing = v2(&leads);
        let margin = (mixing.reach_s() * 500.0).ceil() as usize;
        assert!(0 < margin, "the shipped weights have a residual path");
        let (whole, piece) = (
            mixing.samples_mv(&leads).unwrap(),
            mixing
                .samples_mv(&leads.slice(2000..5000).unwrap())
                .unwrap(),
        );
        let off = (margin..3000 - margin)
            .map(|it| (whole[2000 + it] - piece[it]).abs())
            .fold(0.0, f32::max);
        assert!(off < 1e-4, "{off} mV");
        let alone = Mixing {
            residual: None,
            ..mixing.clone()
        }
        .samples_mv(&leads)
        .unwrap();
        assert!(
            whole.iter().zip(&alone).any(|(a, b)| 2e-3 < (a - b).abs()),
            "the residual has a say"
        );
    }

    #[test]
    fn a_gap_stays_one_gap() {
        let leads = leads();
        let mixing = v2(&leads);
        let holed = |it: &Lead| {
            let mut samples = it.samples_mv.to_vec();
            if it.name == LeadName::V3 {
                samples[3000..3010].fill(f32::NAN);
            }
            Lead {
                samples_mv: samples.into(),
                ..it.clone()
            }
        };
        let holed = LeadSet::new(leads.rate(), leads.leads().iter().map(holed).collect()).unwrap();
        let found = mixing.samples_mv(&holed).unwrap();
        assert!((0..6000).all(|it| found[it].is_nan() == (3000..3010).contains(&it)));
    }

    #[test]
    fn a_curve_passes_through_its_samples_and_keeps_lines() {
        let line = [0.0, 2.0, 4.0, 6.0, 8.0];
        assert_eq!(curve(&line, 3.0), 6.0);
        assert!(
            (curve(&line, 1.25) - 2.5).abs() < 1e-6
                && curve(&line, 9.0) == 8.0
                && curve(&[], 1.0) == 0.0
        );
    }
}
