//! What is added to a mix instant by instant: the weights' departures by phase of the beat, and what
//! the network learned. Computed at the network's own rate, drawn in between by a smooth curve.

use std::sync::{Arc, Mutex, OnceLock};

use crate::{
    ecg::{Lead, LeadName, LeadSet, N_PHASES, SampleRate},
    geovt::{ContextSamples, Corrector, INTERNAL_RATE_HZ, ResidualQuery},
    signal::{detect_beats, resample},
};

/// One thread at a time works with tensors.
pub(super) type SharedCorrector = Arc<Mutex<Corrector>>;

/// How far a residual sees beyond an instant, seconds: baseline, neighbours and the change of rate;
/// the beat before.
pub(crate) const REACH_S: f64 = 1.0 + ContextSamples::REACH as f64 / INTERNAL_RATE_HZ;

/// The inputs of a mix: the samples, and once made, what is read of them instant by instant.
pub(crate) struct Inputs<'a> {
    pub samples: Vec<&'a [f32]>,
    pub rate: SampleRate,
    pub context: &'a OnceLock<BeatContext>,
}

/// The inputs at the network's rate, and the phase of the beat of every instant.
#[derive(Clone, Debug)]
pub(crate) struct BeatContext {
    samples: ContextSamples,
    phases: Vec<[f64; N_PHASES]>,
}

impl Inputs<'_> {
    /// Made once per recording, at the first query.
    pub(crate) fn context(&self) -> &BeatContext {
        self.context
            .get_or_init(|| BeatContext::new(&self.samples, self.rate))
    }

    /// How much a sample belongs to QRS, ST, T and the rest.
    pub(crate) fn shares(&self) -> impl Fn(usize) -> [f64; N_PHASES] {
        let phases = &self.context().phases;
        let step = INTERNAL_RATE_HZ / self.rate.hz();
        move |at| {
            let place = (at as f64 * step).round() as usize;
            let found = phases.get(place).or_else(|| phases.last());
            found.copied().unwrap_or([0.0, 0.0, 0.0, 1.0])
        }
    }
}

impl BeatContext {
    fn new(samples: &[&[f32]], rate: SampleRate) -> Self {
        let lead = |(at, samples): (usize, &&[f32])| {
            Lead::measured(LeadName::Named(at.to_string().into()), samples.to_vec())
        };
        let leads = samples.iter().enumerate().map(lead).collect();
        let slow = LeadSet::new(rate, leads)
            .ok()
            .zip(SampleRate::from_hz(INTERNAL_RATE_HZ))
            .map(|(set, rate)| resample(&set, rate));
        let rows = slow
            .iter()
            .flat_map(|it| it.leads())
            .map(|it| &*it.samples_mv)
            .collect::<Vec<_>>();
        let phases = slow
            .as_ref()
            .map(|it| detect_beats(it).phases(it.n_samples()));
        Self {
            samples: ContextSamples::new(&rows),
            phases: phases.unwrap_or_default(),
        }
    }

    /// What departures at a place between two samples are multiplied with: of each phase that the
    /// place belongs to, the inputs without their baseline.
    pub(crate) fn departing(&self, place: f64) -> Vec<(usize, Vec<f32>)> {
        let (places, shares) = neighbours(self.phases.len(), place);
        let leads = self.samples.leads();
        let of_phase = |phase: usize| {
            let counts = places.map(|at| self.phases.get(at).map_or(0.0, |it| it[phase] as f32));
            let lead = |lead: &Vec<f32>| -> f32 {
                let near = places.iter().zip(shares).zip(counts);
                near.map(|((at, share), count)| share * count * lead[*at])
                    .sum()
            };
            let belongs = counts.iter().any(|it| 0.0 < *it);
            belongs.then(|| (phase, leads.iter().map(lead).collect()))
        };
        (0..N_PHASES).filter_map(of_phase).collect()
    }

    /// Adds what weights that depart by phase add to the mix of the inputs without their baseline.
    fn add_departures(&self, departures: &[Vec<f64>; N_PHASES], to: &mut [f32]) {
        let leads = self.samples.leads();
        for (at, (to, shares)) in to.iter_mut().zip(&self.phases).enumerate() {
            for (departure, share) in departures.iter().zip(shares).filter(|it| 0.0 < *it.1) {
                let pairs = departure.iter().zip(leads);
                let sum: f64 = pairs
                    .map(|(weight, lead)| weight * f64::from(lead[at]))
                    .sum();
                *to += (share * sum) as f32;
            }
        }
    }
}

/// One view's residual, to be applied to any samples of its inputs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Residual {
    /// What is added to the weights of the inputs in QRS, ST, T and the rest.
    pub(super) departures: [Vec<f64>; N_PHASES],
    pub(super) learned: Option<LearnedResidual>,
}

/// What the network adds.
#[derive(Clone)]
pub(crate) struct LearnedResidual {
    pub(super) corrector: SharedCorrector,
    pub(super) query: Arc<ResidualQuery>,
}

impl Residual {
    /// Adds the residual to the mix of `inputs`.
    pub(crate) fn add_to(&self, sum: &mut [f32], inputs: &Inputs) {
        let context = inputs.context();
        let learned = self.learned.as_ref().and_then(|it| {
            let corrector = it.corrector.lock().ok()?;
            Some(corrector.residual(&it.query, &context.samples))
        });
        let mut found = learned.unwrap_or_else(|| vec![0.0; context.samples.time()]);
        context.add_departures(&self.departures, &mut found);
        let step = INTERNAL_RATE_HZ / inputs.rate.hz();
        sum.iter_mut()
            .enumerate()
            .for_each(|(at, it)| *it += curve(&found, at as f64 * step));
    }
}

impl PartialEq for LearnedResidual {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.corrector, &other.corrector) && self.query == other.query
    }
}

impl std::fmt::Debug for LearnedResidual {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LearnedResidual")
            .field("gate", &self.query.gate)
            .finish_non_exhaustive()
    }
}

/// Catmull & Rom's curve through samples at whole places; flat beyond the ends, zero without
/// samples.
fn curve(samples: &[f32], place: f64) -> f32 {
    let (places, shares) = neighbours(samples.len(), place);
    let near = places.into_iter().zip(shares);
    near.map(|(at, share)| share * samples.get(at).copied().unwrap_or(0.0))
        .sum()
}

/// The four of `n` samples that such a curve at a place depends on, and how much each counts.
fn neighbours(n: usize, place: f64) -> ([usize; 4], [f32; 4]) {
    let last = n.saturating_sub(1);
    let whole = (place as usize).min(last);
    let t = (place - whole as f64).clamp(0.0, 1.0) as f32;
    let at = |off: isize| whole.saturating_add_signed(off).min(last);
    let (square, cube) = (t * t, t * t * t);
    let shares = [
        0.5 * (2.0 * square - t - cube),
        1.0 + 0.5 * (3.0 * cube - 5.0 * square),
        0.5 * (t + 4.0 * square - 3.0 * cube),
        0.5 * (cube - square),
    ];
    ([at(-1), at(0), at(1), at(2)], shares)
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
