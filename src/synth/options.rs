//! What a calibration may use, and how it tells how far it is.

use crate::ecg::{LeadName, LimbElectrodes, ViewAngle};

use super::DeviceChoice;

/// Which weights the network takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WeightSet {
    /// Those the program ships: trained on all twelve leads.
    #[default]
    Shipped,
    /// Those that never saw V2 and V6, for the benchmark of unseen views.
    Unseen,
}

/// What a calibration may use.
#[derive(Clone, Debug, PartialEq)]
pub struct CalibrationOptions {
    /// Leads mixed at synthesis. The other recorded leads then only calibrate. `None`: every
    /// recorded lead that has a place on the skin.
    pub inputs: Option<Vec<LeadName>>,
    /// Leads that must not be looked at, whether or not they are in the file.
    pub withhold: Vec<LeadName>,
    /// Seconds from the start of the recording that are learned from.
    pub seconds: f64,
    /// Exploring electrodes that sat elsewhere than their lead's name says, as far as the user
    /// knows.
    pub electrode_override: Vec<(LeadName, ViewAngle)>,
    /// Where the limb electrodes sat. On the trunk the network is silent: it never met such leads.
    pub limbs: LimbElectrodes,
    /// Whether an electrode that the other leads loudly place elsewhere is taken to be where they
    /// place it. Only when refining, and not unless asked: on virtual patients it won back half of
    /// what a wrong place had cost, on real ones its worth is not measured.
    pub relocate_electrodes: bool,
    /// Whether to go beyond the closed form: electrode offsets and the network's correction.
    pub refine: bool,
    /// Weights of the network.
    pub weights: WeightSet,
    /// Where the network runs.
    pub device: DeviceChoice,
}

impl Default for CalibrationOptions {
    fn default() -> Self {
        Self {
            inputs: None,
            withhold: Vec::new(),
            seconds: 5.0,
            electrode_override: Vec::new(),
            limbs: LimbElectrodes::default(),
            relocate_electrodes: false,
            refine: true,
            weights: WeightSet::default(),
            device: DeviceChoice::default(),
        }
    }
}

impl CalibrationOptions {
    /// The same with `name` withheld too.
    pub fn withholding(&self, name: &LeadName) -> Self {
        let mut withhold = self.withhold.clone();
        withhold.push(name.clone());
        Self {
            withhold,
            ..self.clone()
        }
    }

    /// The closed form alone: the population and the patient in it, milliseconds.
    pub fn closed_form() -> Self {
        Self {
            refine: false,
            ..Self::default()
        }
    }
}

/// How far a calibration is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// 0 to 1.
    pub fraction: f64,
    /// What is being done.
    pub step: Step,
}

/// What takes its time in a calibration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Step {
    /// Nothing has been heard yet.
    #[default]
    Starting,
    /// Reading the first seconds.
    Reading,
    /// Fitting the lead field.
    FittingField,
    /// Leaving each lead out in turn.
    LeavingEachOut,
    /// Loading the network.
    LoadingNetwork,
    /// Done.
    Calibrated,
    /// Withholding each chest lead in turn, to test.
    WithholdingEachLead,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn withholding_adds_one_lead_and_changes_nothing_else() {
        let options = CalibrationOptions {
            withhold: vec![LeadName::V1],
            ..CalibrationOptions::closed_form()
        };
        let more = options.withholding(&LeadName::V3);
        assert_eq!(more.withhold, [LeadName::V1, LeadName::V3]);
        assert_eq!(
            CalibrationOptions {
                withhold: options.withhold.clone(),
                ..more
            },
            options
        );
        assert!(!options.refine && CalibrationOptions::default().refine);
    }
}
