//! A calibrated recording, ready to give any lead.

use std::{
    ops::Range,
    sync::{Arc, OnceLock},
};

use crate::{
    ecg::{Lead, LeadName, LeadSet, Montage, N_PHASES, SampleRate, Target, ViewAngle},
    geovt::INTERNAL_RATE_HZ,
};

use super::{
    Calibration, Mixing, SynthError, Synthesis,
    calibration::PhasedWeights,
    residual::{BeatContext, Inputs},
};

/// A recording with its calibration. Angle-independent work is done; each further lead costs a mix
/// of the inputs.
#[derive(Clone, Debug)]
pub struct Synthesizer {
    rate: SampleRate,
    inputs: Vec<Arc<[f32]>>,
    context: Arc<OnceLock<BeatContext>>,
    calibration: Calibration,
}

/// Potentials against Wilson's terminal at many places over a range of samples.
#[derive(Clone, Debug, PartialEq)]
pub struct BodyMap {
    /// The places.
    pub directions: Vec<ViewAngle>,
    /// Samples of the recording.
    pub range: Range<usize>,
    /// Sample after sample, a value per direction, mV.
    pub values_mv: Vec<f32>,
}

impl BodyMap {
    /// One value per direction at sample `at` of the recording; empty outside the range.
    pub fn at(&self, at: usize) -> &[f32] {
        let n = self.directions.len();
        match self.range.contains(&at) {
            true => &self.values_mv[(at - self.range.start) * n..(at - self.range.start + 1) * n],
            false => &[],
        }
    }
}

impl Synthesizer {
    /// `leads` must hold the inputs of the calibration: normally the recording it was learned from.
    pub fn new(leads: &LeadSet, calibration: Calibration) -> Result<Self, SynthError> {
        let samples = |name: &LeadName| {
            leads
                .get(name)
                .map(|it| it.samples_mv.clone())
                .ok_or_else(|| SynthError::MissingInput(name.clone()))
        };
        let inputs = calibration
            .inputs()
            .iter()
            .map(samples)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            rate: leads.rate(),
            inputs,
            context: Arc::default(),
            calibration,
        })
    }

    /// What was learned.
    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// One electrode in direction `view` against Wilson's terminal.
    pub fn view(&self, view: ViewAngle) -> Synthesis {
        self.target(&Target::View(view))
    }

    /// A lead of the catalogue.
    pub fn montage(&self, montage: &'static Montage) -> Synthesis {
        self.target(&Target::Lead(montage))
    }

    /// Any target.
    pub fn target(&self, target: &Target) -> Synthesis {
        self.calibration.mixing(target).of(&self.inputs())
    }

    /// Any target, and how it was made.
    pub fn made(&self, target: &Target) -> (Synthesis, Mixing) {
        let mixing = self.calibration.mixing(target);
        (mixing.of(&self.inputs()), mixing)
    }

    /// Several directions.
    pub fn views(&self, views: &[ViewAngle]) -> Vec<Synthesis> {
        self.targets(&views.iter().map(|it| Target::View(*it)).collect::<Vec<_>>())
    }

    /// Several targets.
    pub fn targets(&self, targets: &[Target]) -> Vec<Synthesis> {
        let inputs = self.inputs();
        self.calibration
            .mixings(targets)
            .iter()
            .map(|it| it.of(&inputs))
            .collect()
    }

    /// The 48 views of the panorama: limb leads, then `view-1` to `view-42`.
    pub fn panorama(&self) -> Vec<Synthesis> {
        let (names, targets): (Vec<LeadName>, Vec<Target>) = Target::panorama().into_iter().unzip();
        let named = |(name, it): (LeadName, Synthesis)| Synthesis {
            lead: Lead { name, ..it.lead },
            ..it
        };
        names
            .into_iter()
            .zip(self.targets(&targets))
            .map(named)
            .collect()
    }

    /// Potentials at `directions` over samples `range`, clamped to the recording.
    pub fn body_map(&self, directions: &[ViewAngle], range: Range<usize>) -> BodyMap {
        let range = range.start..range.end.min(self.n_samples()).max(range.start);
        let inputs: Vec<&[f32]> = self
            .inputs
            .iter()
            .map(|it| it.get(range.clone()).unwrap_or(&[]))
            .collect();
        let weights = self.calibration.weights(directions);
        // For each input its weight in all places, which lie beside one another in memory.
        let columns = |of: &dyn Fn(&PhasedWeights) -> &[f64]| -> Vec<Vec<f32>> {
            let n = weights.iter().map(|it| of(it).len()).max().unwrap_or(0);
            let weight = |it: &PhasedWeights, input| of(it).get(input).map_or(0.0, |it| *it as f32);
            let column = |input| weights.iter().map(|it| weight(it, input)).collect();
            (0..n).map(column).collect()
        };
        let whole = columns(&|it| &it.weights);
        let by_phase: [Vec<Vec<f32>>; N_PHASES] =
            std::array::from_fn(|phase| columns(&|it| &it.departures[phase]));
        let n_departing = by_phase[0].len();
        let all = self.inputs();
        let (context, step) = (all.context(), INTERNAL_RATE_HZ / self.rate.hz());
        let n_samples = inputs.first().map_or(0, |it| it.len());
        let mut values_mv = vec![0.0; directions.len() * n_samples];
        let add = |to: &mut [f32], columns: &[Vec<f32>], moment: &mut dyn Iterator<Item = f32>| {
            for (mv, column) in moment.zip(columns) {
                let places = to.iter_mut().zip(column);
                places.for_each(|(sum, weight)| *sum += weight * mv);
            }
        };
        let moments = values_mv.chunks_exact_mut(directions.len().max(1));
        for (at, moment) in moments.enumerate() {
            add(moment, &whole, &mut inputs.iter().map(|it| it[at]));
            let place = (range.start + at) as f64 * step;
            for (phase, departures) in context.departing(place, n_departing) {
                add(moment, &by_phase[phase], &mut departures.iter().copied());
            }
        }
        BodyMap {
            directions: directions.to_vec(),
            range,
            values_mv,
        }
    }

    /// How to make a lead, to be applied to any part of the recording.
    pub fn mixing(&self, target: &Target) -> Mixing {
        self.calibration.mixing(target)
    }

    /// Samples per second.
    pub fn rate(&self) -> SampleRate {
        self.rate
    }

    /// Samples of the recording.
    pub fn n_samples(&self) -> usize {
        self.inputs.first().map_or(0, |it| it.len())
    }

    fn inputs(&self) -> Inputs<'_> {
        Inputs {
            samples: self.inputs.iter().map(|it| &**it).collect(),
            rate: self.rate,
            context: &self.context,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ecg::site,
        synth::{CalibrationOptions, calibrate_quickly, model::tests::dipole_leads},
    };

    fn synthesizer() -> Synthesizer {
        with_inputs(None)
    }

    fn with_inputs(inputs: Option<Vec<LeadName>>) -> Synthesizer {
        let leads = dipole_leads();
        let options = CalibrationOptions {
            inputs,
            ..CalibrationOptions::closed_form()
        };
        let calibration = calibrate_quickly(&leads, &options).unwrap();
        Synthesizer::new(&leads, calibration).unwrap()
    }

    /// A map of the body at an instant is each direction's lead at that instant.
    #[test]
    fn a_map_is_its_views() {
        let three = vec![LeadName::I, LeadName::II, LeadName::V3];
        for inputs in [None, Some(three)] {
            check_map(&with_inputs(inputs));
        }
    }

    fn check_map(synthesizer: &Synthesizer) {
        let views = ["V2", "V5", "V8"].map(|name| site(name).unwrap().view.moved(0.1, 0.1));
        let map = synthesizer.body_map(&views, 70..75);
        assert_eq!((map.range.clone(), map.values_mv.len()), (70..75, 15));
        for (at, made) in synthesizer.views(&views).iter().enumerate() {
            for sample in 70..75 {
                let off = map.at(sample)[at] - made.lead.samples_mv[sample];
                assert!(off.abs() < 1e-4, "{off}");
            }
        }
        assert!(map.at(69).is_empty() && map.at(75).is_empty());
        let beyond = synthesizer.body_map(&views, 2499..9000);
        assert_eq!(beyond.range, 2499..2500, "clamped to the recording");
    }

    #[test]
    fn the_panorama_is_named_and_whole() {
        let synthesizer = synthesizer();
        let all = synthesizer.panorama();
        assert_eq!(
            (all.len(), all[47].lead.name.to_string()),
            (48, "view-42".into())
        );
        assert!(
            all.iter()
                .all(|it| it.lead.samples_mv.len() == synthesizer.n_samples())
        );
        assert!(!all[0].lead.origin.is_synthesised(), "lead I is recorded");
    }

    #[test]
    fn a_recording_without_an_input_is_refused() {
        let leads = dipole_leads();
        let few = LeadSet::new(leads.rate(), leads.leads()[..7].to_vec()).unwrap();
        let calibration = synthesizer().calibration().clone();
        let found = Synthesizer::new(&few, calibration).err();
        assert_eq!(found, Some(SynthError::MissingInput(LeadName::V6)));
    }
}
