//! What is added to a mix instant by instant: the weights' departures by phase of the beat, what the
//! inputs' changes around an instant say, and what the network learned. Computed at the network's own
//! rate, drawn in between by a smooth curve.

use std::sync::{Arc, Mutex, OnceLock};

use super::wave_power::WavePower;
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

/// The inputs at the network's rate, with the phase of the beat of every instant.
#[derive(Clone, Debug)]
pub(crate) struct BeatContext(ContextSamples);

impl Inputs<'_> {
    /// Made once per recording, at the first query.
    pub(crate) fn context(&self) -> &BeatContext {
        self.context
            .get_or_init(|| BeatContext::new(&self.samples, self.rate))
    }

    /// How much a sample belongs to QRS, ST, T and the rest.
    pub(crate) fn shares(&self) -> impl Fn(usize) -> [f64; N_PHASES] {
        let phases = self.context().0.phases();
        let step = INTERNAL_RATE_HZ / self.rate.hz();
        move |at| {
            let place = (at as f64 * step).round() as usize;
            let found = phases.get(place).or_else(|| phases.last());
            found.copied().unwrap_or([0.0, 0.0, 0.0, 1.0])
        }
    }
}

impl BeatContext {
    pub(super) fn new(samples: &[&[f32]], rate: SampleRate) -> Self {
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
        Self(ContextSamples::new(&rows, phases.unwrap_or_default()))
    }

    /// What `n` departing weights at a place between two samples are multiplied with: of each phase
    /// that the place belongs to, the inputs without their baseline, then their changes.
    pub(crate) fn departing(&self, place: f64, n: usize) -> Vec<(usize, Vec<f32>)> {
        let phases = self.0.phases();
        let (places, shares) = neighbours(phases.len(), place);
        let near = places.map(|at| {
            let mut moment = vec![0.0; n];
            if at < self.0.time() {
                self.0.with_changes(at, &mut moment);
            }
            moment
        });
        let of_phase = |phase: usize| {
            let counts = places.map(|at| phases.get(at).map_or(0.0, |it| it[phase] as f32));
            let value = |row: usize| -> f32 {
                let near = near.iter().zip(shares).zip(counts);
                near.map(|((moment, share), count)| share * count * moment[row])
                    .sum()
            };
            let belongs = counts.iter().any(|it| 0.0 < *it);
            belongs.then(|| (phase, (0..n).map(value).collect()))
        };
        (0..N_PHASES).filter_map(of_phase).collect()
    }

    /// Second moments by phase of all leads and, after them, of the changes of `inputs`; `None` where
    /// gaps leave less than half of the time.
    pub(super) fn moments(&self, inputs: &[usize]) -> Option<WavePower> {
        let whole = self.0.whole_near();
        if 2 * whole.iter().filter(|it| **it).count() < whole.len().max(1) {
            return None;
        }
        let n = self.0.leads().len();
        let mut moment = vec![0.0; n * (1 + ContextSamples::N_CHANGES)];
        let changes = (n..moment.len()).filter(|row| inputs.contains(&(row % n)));
        let rows: Vec<usize> = (0..n).chain(changes).collect();
        let fill = |at: usize, values: &mut [f32]| {
            self.0.with_changes(at, &mut moment);
            let pairs = values.iter_mut().zip(&rows);
            pairs.for_each(|(to, row)| *to = moment[*row]);
            whole[at]
        };
        Some(WavePower::of_rows(rows.len(), self.0.phases(), fill))
    }

    /// Adds what weights that depart by phase add to the mix of the inputs without their baseline,
    /// and of their changes where there are weights for those.
    fn add_departures(&self, departures: &[Vec<f64>; N_PHASES], to: &mut [f32]) {
        let mut moment = vec![0.0; departures[0].len()];
        for (at, (to, shares)) in to.iter_mut().zip(self.0.phases()).enumerate() {
            self.0.with_changes(at, &mut moment);
            for (departure, share) in departures.iter().zip(shares).filter(|it| 0.0 < *it.1) {
                let pairs = departure.iter().zip(&moment);
                let sum: f64 = pairs.map(|(weight, mv)| weight * f64::from(*mv)).sum();
                *to += (share * sum) as f32;
            }
        }
    }
}

/// One view's residual, to be applied to any samples of its inputs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Residual {
    /// What is added to the weights of the inputs in QRS, ST, T and the rest; after them the weights
    /// of the inputs' changes around an instant, where these have a say.
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
            Some(corrector.residual(&it.query, &context.0))
        });
        let mut found = learned.unwrap_or_else(|| vec![0.0; context.0.time()]);
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

    /// Beats of three sources in eight leads, twelve seconds; the first reaches one lead after
    /// another.
    fn leads() -> LeadSet {
        let wave =
            |t: f32, centre: f32, width: f32| (-(((t % 0.8) - centre) / width).powi(2)).exp();
        let lead = |(k, name): (usize, LeadName)| {
            let k = k as f32;
            let at = |it: usize| {
                let t = it as f32 / 500.0;
                (0.9 - 0.2 * k) * wave(t, 0.28 + 0.002 * k, 0.012)
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

    fn mixing(leads: &LeadSet, lead: &LeadName, options: &CalibrationOptions) -> Mixing {
        let calibration = calibrate(leads, options, &mut |_| ControlFlow::Continue(())).unwrap();
        calibration.mixing(&Target::lead(lead).unwrap())
    }

    fn v2(leads: &LeadSet) -> Mixing {
        let options = CalibrationOptions::default().withholding(&LeadName::V2);
        mixing(leads, &LeadName::V2, &options)
    }

    /// By what I, II and V3 do around each instant.
    fn v1_shown_first(leads: &LeadSet) -> Mixing {
        let options = CalibrationOptions {
            inputs: Some(vec![LeadName::I, LeadName::II, LeadName::V3]),
            ..CalibrationOptions::closed_form()
        };
        mixing(leads, &LeadName::V1, &options)
    }

    #[test]
    fn a_piece_comes_out_as_in_the_whole_but_for_its_margins() {
        let leads = leads();
        for mixing in [v2(&leads), v1_shown_first(&leads)] {
            let margin = (mixing.reach_s() * 500.0).ceil() as usize;
            assert!(0 < margin, "there is a residual path");
            let piece = leads.slice(2000..5000).unwrap();
            let piece = mixing.samples_mv(&piece).unwrap();
            let whole = mixing.samples_mv(&leads).unwrap();
            let off = (margin..3000 - margin)
                .map(|it| (whole[2000 + it] - piece[it]).abs())
                .fold(0.0, f32::max);
            assert!(off < 1e-4, "{off} mV");
            let alone = Mixing {
                residual: None,
                ..mixing
            };
            let alone = alone.samples_mv(&leads).unwrap();
            let apart = whole.iter().zip(&alone).any(|(a, b)| 2e-3 < (a - b).abs());
            assert!(apart, "the residual has a say");
        }
    }

    /// Changes are counted in seconds, whatever the rate.
    #[test]
    fn a_lead_shown_first_is_the_same_at_every_rate() {
        let leads = leads();
        let mixing = v1_shown_first(&leads);
        let hz = |hz| SampleRate::from_hz(hz).unwrap();
        let back = |rate: SampleRate, samples_mv: Vec<f32>| {
            let lead = Lead::measured(LeadName::V1, samples_mv);
            let set = LeadSet::new(rate, vec![lead]).unwrap();
            resample(&set, hz(500.0)).leads()[0].samples_mv.clone()
        };
        let at_500 = mixing.samples_mv(&leads).unwrap();
        for rate in [250.0, 360.0, 1000.0].map(hz) {
            let other = resample(&leads, rate);
            let found = back(rate, mixing.samples_mv(&other).unwrap());
            let off = (600..5400)
                .map(|it| (found[it] - at_500[it]).abs())
                .fold(0.0, f32::max);
            assert!(off < 0.02, "{off} mV at {} Hz", rate.hz());
        }
    }

    #[test]
    fn a_gap_stays_one_gap() {
        let leads = leads();
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
        for mixing in [v2(&leads), v1_shown_first(&leads)] {
            let found = mixing.samples_mv(&holed).unwrap();
            assert!((0..6000).all(|it| found[it].is_nan() == (3000..3010).contains(&it)));
        }
    }

    /// With a gap every tenth of a second nothing is known of changes; the rest goes on.
    #[test]
    fn leads_in_rags_are_mixed_at_each_instant() {
        let ragged = |it: &Lead| {
            let mut samples = it.samples_mv.to_vec();
            if it.name == LeadName::V5 {
                samples.chunks_mut(50).for_each(|it| it[..8].fill(f32::NAN));
            }
            Lead {
                samples_mv: samples.into(),
                ..it.clone()
            }
        };
        let leads = leads();
        let ragged = leads.leads().iter().map(ragged).collect();
        let mixing = v1_shown_first(&LeadSet::new(leads.rate(), ragged).unwrap());
        let residual = mixing.residual.as_ref().unwrap();
        assert_eq!((mixing.weights.len(), residual.departures[0].len()), (3, 3));
        assert!(
            mixing
                .samples_mv(&leads)
                .unwrap()
                .iter()
                .all(|it| it.is_finite())
        );
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
