//! A calibrated recording, ready to give any lead.

use std::sync::{Arc, OnceLock};

use crate::ecg::{Lead, LeadName, LeadSet, Montage, SampleRate, Target, ViewAngle};

use super::{
    BodyMap, Calibration, Mixing, SynthError, Synthesis,
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

    /// Potentials at `directions` at any instant.
    pub fn body_map(&self, directions: Arc<[ViewAngle]>) -> BodyMap {
        let weights = self.calibration.weights(&directions);
        self.inputs().context(); // Made here, so that no instant has to wait for it.
        let inputs = (self.inputs.clone(), self.rate);
        BodyMap::new(directions, &weights, inputs, self.context.clone())
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
        let map = synthesizer.body_map(views.into());
        let mut largest_mv = 0.0f32;
        for (at, made) in synthesizer.views(&views).iter().enumerate() {
            for sample in [0, 70, 71, 1204, 2499] {
                let off = map.at(sample)[at] - made.lead.samples_mv[sample];
                assert!(off.abs() < 1e-4, "{off}");
            }
            let own = made.lead.samples_mv.iter();
            largest_mv = own.fold(largest_mv, |most, mv| most.max(mv.abs()));
        }
        assert!(map.at(2500).is_empty(), "beyond the recording");
        let share = map.largest_mv / largest_mv;
        assert!(
            (0.7..1.001).contains(&share),
            "{share} of the largest potential"
        );
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
