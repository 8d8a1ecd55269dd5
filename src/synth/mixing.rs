//! A synthesised lead as what it is: a signed mix of recorded leads, in millivolts, with bandwidth
//! and length untouched.

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ecg::{Lead, LeadName, LeadSet, N_PHASES, Origin, Target, ViewAngle, montage};

use super::{
    SynthError, WaveErrors, linear,
    placed::exact_sum,
    residual::{Inputs, REACH_S, Residual},
};

/// Recorded leads in one mix: more than any montage has.
const MOST_INPUTS: usize = 256;

/// A synthesised lead.
#[derive(Clone, Debug, PartialEq)]
pub struct Synthesis {
    /// The samples, with [`Origin::Synthesised`] (or [`Origin::Derived`] where electrode algebra
    /// gives the lead exactly).
    pub lead: Lead,
    /// Half-width of the 90 % band at each sample, mV.
    pub band_mv: Vec<f32>,
    /// How much of each recorded lead it contains, largest first.
    pub contributions: Vec<(LeadName, f64)>,
    /// Root mean square of the error to expect, µV.
    pub expected_rmse_uv: f64,
    /// The same in QRS, ST, T and between the beats.
    pub by_wave: WaveErrors,
}

/// How to make one lead from the recorded ones. Independent of any window of the recording: apply
/// it to as much signal as there is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mixing {
    /// What the lead will be called.
    pub name: LeadName,
    /// Direction from the heart.
    pub view: ViewAngle,
    /// The recorded leads that are mixed.
    #[serde(serialize_with = "inner", deserialize_with = "names")]
    pub inputs: Arc<[LeadName]>,
    /// Weight of each.
    pub weights: Vec<f64>,
    /// Whether the lead follows exactly from electrode algebra.
    pub exact: bool,
    /// What estimated it.
    #[serde(serialize_with = "inner", deserialize_with = "words")]
    pub by: Arc<str>,
    pub(crate) error: ErrorModel,
    /// What is added instant by instant; not written.
    #[serde(skip)]
    pub(crate) residual: Option<Residual>,
}

/// How large the error of a mix is to be expected, and where.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ErrorModel {
    /// How the error is shared out over the samples: a variance per product of two inputs,
    /// row-major, without a scale of its own.
    pub quadratic: Vec<f64>,
    /// The same at every sample.
    pub constant: f64,
    /// Baseline of each input, mV: the error follows the heart's signal, not the electrode's
    /// offset.
    pub baseline_mv: Vec<f64>,
    /// Half-width of the band, mV, in QRS, ST, T and the rest, where the above makes one.
    pub half_width: [f64; N_PHASES],
    /// Mean square of the error to expect, mV².
    pub mean: f64,
    /// The error to expect wave by wave.
    pub by_wave: WaveErrors,
}

fn inner<T: Serialize + ?Sized, S: Serializer>(
    shared: &Arc<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    (**shared).serialize(serializer)
}

fn names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<[LeadName]>, D::Error> {
    Vec::deserialize(deserializer).map(Into::into)
}

fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<str>, D::Error> {
    String::deserialize(deserializer).map(Into::into)
}

impl Mixing {
    /// The lead over all of `leads`, which must hold the inputs.
    pub fn apply(&self, leads: &LeadSet) -> Result<Synthesis, SynthError> {
        let samples = self.inputs_of(leads)?;
        Ok(self.of(&Inputs {
            samples,
            rate: leads.rate(),
            context: &OnceLock::new(),
        }))
    }

    /// The lead from its inputs in order.
    pub(crate) fn of(&self, inputs: &Inputs) -> Synthesis {
        Synthesis {
            lead: Lead {
                name: self.name.clone(),
                origin: self.origin(),
                samples_mv: self.mixed(inputs).into(),
            },
            band_mv: self.band(inputs),
            contributions: self.contributions(),
            expected_rmse_uv: self.expected_rmse_uv(),
            by_wave: self.by_wave(),
        }
    }

    /// The lead alone, without its band: for long recordings.
    pub fn samples_mv(&self, leads: &LeadSet) -> Result<Vec<f32>, SynthError> {
        let samples = self.inputs_of(leads)?;
        Ok(self.mixed(&Inputs {
            samples,
            rate: leads.rate(),
            context: &OnceLock::new(),
        }))
    }

    /// How much signal on either side, in seconds, has a say in a sample: what pieces of a long
    /// recording must overlap by.
    pub fn reach_s(&self) -> f64 {
        if self.residual.is_some() {
            REACH_S
        } else {
            0.0
        }
    }

    /// Where the samples come from.
    pub fn origin(&self) -> Origin {
        match self.exact {
            true => Origin::Derived {
                from: self.contributions().into_iter().map(|it| it.0).collect(),
            },
            false => Origin::Synthesised {
                view: self.view,
                by: self.by.clone(),
            },
        }
    }

    /// Whether it is a mix that calibration could have found for `target`: a mix from a file is held
    /// against this before it is applied. Only electrode algebra makes a lead exact.
    pub fn is_sound_for(&self, target: &Target) -> bool {
        let (n, error) = (self.inputs.len(), &self.error);
        let within = |values: &[f64], most: f64| values.iter().all(|it| it.abs() <= most);
        let by_wave = error.by_wave.each();
        let spelt = |name: &LeadName| LeadName::parse(&name.to_string());
        let is_once = |input: &LeadName| self.inputs.iter().filter(|it| *it == input).count() == 1;
        let has_lengths = (1..=MOST_INPUTS).contains(&n)
            && self.weights.len() == n
            && error.quadratic.len() == n * n
            && error.baseline_mv.len() == n;
        let has_ranges = within(&self.weights, 1e3)
            && within(&error.quadratic, 1e6)
            && within(&error.baseline_mv, 1e6)
            && [error.constant, error.mean]
                .iter()
                .chain(&error.half_width)
                .chain(&by_wave)
                .all(|it| (0.0..=1e6).contains(it));
        has_lengths
            && has_ranges
            && self.inputs.iter().all(is_once)
            && spelt(&self.name) == spelt(&target.name())
            && self.view.angle_to(target.view()) < 1e-6
            && (!self.exact || self.is_exact_sum(target))
    }

    /// Whether electrode algebra alone gives these weights.
    fn is_exact_sum(&self, target: &Target) -> bool {
        let Target::Lead(wanted) = target else {
            return false;
        };
        let inputs: Option<Vec<_>> = self.inputs.iter().map(montage).collect();
        let Some(expected) = inputs.and_then(|inputs| exact_sum(&inputs, wanted)) else {
            return false;
        };
        let mut pairs = self.weights.iter().zip(expected);
        self.error.mean == 0.0 && pairs.all(|(found, expected)| (found - expected).abs() < 1e-6)
    }

    /// Weight of each recorded lead, largest first; those that give nothing are left out.
    pub fn contributions(&self) -> Vec<(LeadName, f64)> {
        let mut out: Vec<_> = self
            .inputs
            .iter()
            .cloned()
            .zip(self.weights.iter().copied())
            .filter(|it| it.1 != 0.0)
            .collect();
        out.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        out
    }

    /// Root mean square of the error to expect, µV.
    pub fn expected_rmse_uv(&self) -> f64 {
        1000.0 * self.error.mean.sqrt()
    }

    /// The error to expect in QRS, ST, T and between the beats, µV.
    pub fn by_wave(&self) -> WaveErrors {
        self.error.by_wave
    }

    fn inputs_of<'a>(&self, leads: &'a LeadSet) -> Result<Vec<&'a [f32]>, SynthError> {
        let samples = |name: &LeadName| {
            leads
                .get(name)
                .map(|it| &*it.samples_mv)
                .ok_or_else(|| SynthError::MissingInput(name.clone()))
        };
        self.inputs.iter().map(samples).collect()
    }

    /// A lead of weight zero is left out, so that its gaps stay its own.
    fn mixed(&self, inputs: &Inputs) -> Vec<f32> {
        let n = inputs.samples.first().map_or(0, |it| it.len());
        let mut sum = vec![0.0f64; n];
        for (samples, weight) in inputs
            .samples
            .iter()
            .zip(&self.weights)
            .filter(|it| *it.1 != 0.0)
        {
            sum.iter_mut()
                .zip(*samples)
                .for_each(|(to, from)| *to += weight * f64::from(*from));
        }
        let mut sum: Vec<f32> = sum.into_iter().map(|it| it as f32).collect();
        if let Some(residual) = &self.residual {
            residual.add_to(&mut sum, inputs);
        }
        sum
    }

    fn band(&self, inputs: &Inputs) -> Vec<f32> {
        let n = inputs.samples.first().map_or(0, |it| it.len());
        if self.exact {
            return vec![0.0; n];
        }
        let error = &self.error;
        let shares = inputs.shares();
        let mut moment = vec![0.0; inputs.samples.len()];
        let half = |at: usize| {
            let pairs = inputs.samples.iter().zip(&error.baseline_mv);
            for (to, (samples, offset)) in moment.iter_mut().zip(pairs) {
                *to = f64::from(samples[at]) - offset;
            }
            let square = quadratic_form(&moment, &error.quadratic) + error.constant;
            (linear::dot(&shares(at), &error.half_width) * square.max(0.0).sqrt()) as f32
        };
        (0..n).map(half).collect()
    }
}

/// `xᵀ a x` for a symmetric `a`, half the products.
fn quadratic_form(x: &[f64], a: &[f64]) -> f64 {
    let n = x.len();
    (0..n)
        .map(|i| x[i] * (a[i * n + i] * x[i] + 2.0 * linear::dot(&a[i * n..i * n + i], &x[..i])))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::SampleRate;

    fn mixing(weights: &[f64]) -> Mixing {
        Mixing {
            name: LeadName::V3,
            view: ViewAngle::from_degrees(90.0, 0.0).unwrap(),
            inputs: [LeadName::V2, LeadName::V4].into(),
            weights: weights.to_vec(),
            exact: false,
            by: "test".into(),
            error: ErrorModel {
                quadratic: vec![0.01, 0.0, 0.0, 0.0],
                constant: 0.0,
                baseline_mv: vec![0.5, 0.0],
                mean: 0.0,
                half_width: [2.0; N_PHASES],
                by_wave: WaveErrors::default(),
            },
            residual: None,
        }
    }

    fn leads() -> LeadSet {
        let leads = vec![
            Lead::measured(LeadName::V4, vec![1.0, f32::NAN]),
            Lead::measured(LeadName::V2, vec![0.5, 1.5]),
        ];
        LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads).unwrap()
    }

    #[test]
    fn mixes_by_name_and_keeps_gaps() {
        let found = mixing(&[2.0, -1.0]).apply(&leads()).unwrap();
        assert!(found.lead.samples_mv[0] == 0.0 && found.lead.samples_mv[1].is_nan());
        assert_eq!(
            found.contributions,
            vec![(LeadName::V2, 2.0), (LeadName::V4, -1.0)]
        );
        assert!(found.lead.origin.is_synthesised() && found.lead.label() == "dV3");
        let alone = mixing(&[1.0, 0.0]).apply(&leads()).unwrap();
        assert_eq!(
            &*alone.lead.samples_mv,
            &[0.5, 1.5],
            "a gap in a lead of weight zero is not ours"
        );
    }

    #[test]
    fn band_follows_the_signal_above_its_baseline() {
        let found = mixing(&[1.0, 0.0]).apply(&leads()).unwrap();
        assert!((found.band_mv[0]).abs() < 1e-6);
    }

    #[test]
    fn half_the_products_are_enough() {
        let a = faer::mat![[2.0, 0.5, -1.0], [0.5, 3.0, 0.25], [-1.0, 0.25, 4.0]];
        let flat: Vec<f64> = a.col_iter().flat_map(|it| it.iter()).copied().collect();
        let x = [1.0, -2.0, 0.5];
        let expected = linear::form(&x, a.as_ref());
        assert!((quadratic_form(&x, &flat) - expected).abs() < 1e-12);
    }

    #[test]
    fn a_mix_from_a_file_must_be_one_that_calibration_could_have_found() {
        let check = |change: fn(&mut Mixing), expected: bool| {
            let target: Target = "V3".parse().unwrap();
            let mut mix = mixing(&[2.0, -1.0]);
            mix.view = target.view();
            change(&mut mix);
            assert_eq!(mix.is_sound_for(&target), expected, "{mix:?}");
        };
        check(|_| {}, true);
        check(|mix| mix.exact = true, false);
        check(|mix| mix.weights.truncate(1), false);
        check(|mix| mix.weights[0] = 1e300, false);
        check(|mix| mix.weights[0] = f64::NAN, false);
        check(|mix| mix.error.quadratic.truncate(3), false);
        check(|mix| mix.error.baseline_mv.clear(), false);
        check(|mix| mix.error.mean = -1.0, false);
        check(|mix| mix.name = LeadName::V4, false);
        check(|mix| mix.view = ViewAngle::ANTERIOR, false);
        check(
            |mix| mix.inputs = [LeadName::V2, LeadName::V2].into(),
            false,
        );
    }

    #[test]
    fn only_electrode_algebra_makes_a_lead_exact() {
        let check = |name: &str, weights: &[f64], expected: bool| {
            let target: Target = name.parse().unwrap();
            let mut mix = mixing(weights);
            (mix.name, mix.view, mix.exact) = (target.name(), target.view(), true);
            mix.inputs = [LeadName::I, LeadName::II].into();
            assert_eq!(mix.is_sound_for(&target), expected, "{name} {weights:?}");
        };
        check("III", &[-1.0, 1.0], true);
        check("III", &[-1.0, 1.1], false);
        check("V7", &[0.5, 0.5], false);
        check("90,30", &[0.5, 0.5], false);
    }

    #[test]
    fn an_absent_input_is_named() {
        let one = LeadSet::new(
            SampleRate::from_hz(500.0).unwrap(),
            vec![Lead::measured(LeadName::V2, vec![0.0])],
        )
        .unwrap();
        assert_eq!(
            mixing(&[1.0, 1.0]).apply(&one),
            Err(SynthError::MissingInput(LeadName::V4))
        );
    }
}
