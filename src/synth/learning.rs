//! Learning from the first seconds of a recording.

use std::ops::ControlFlow;

use crate::ecg::{LeadSet, LimbElectrodes};

use super::{
    Calibration, CalibrationOptions, Note, Progress, Step, SynthError, WeightSet,
    electrode_relocation, evidence::Evidence, model::Model, noise::noise, skin::Base,
};

/// Learns from the first seconds of `leads`. `on_progress` may stop it.
pub fn calibrate(
    leads: &LeadSet,
    options: &CalibrationOptions,
    on_progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Calibration, SynthError> {
    learn(leads, options, options.refine, on_progress)
}

/// The same without looking for the places of the recorded electrodes: for many recordings whose
/// electrodes are where they belong.
pub fn calibrate_quickly(
    leads: &LeadSet,
    options: &CalibrationOptions,
) -> Result<Calibration, SynthError> {
    learn(leads, options, false, &mut |_| ControlFlow::Continue(()))
}

/// The same; `seek` says whether to leave each lead out and look for the places of the recorded
/// electrodes, which changes no lead.
pub(crate) fn learn(
    leads: &LeadSet,
    options: &CalibrationOptions,
    seek: bool,
    on_progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Calibration, SynthError> {
    let mut tell = |fraction, step| match on_progress(Progress { fraction, step }) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(SynthError::Cancelled),
    };
    tell(0.0, Step::Reading)?;
    let mut evidence = Evidence::gather(leads, options)?;
    tell(0.1, Step::FittingField)?;
    let base = Base::of(match options.limbs {
        LimbElectrodes::Standard => options.weights,
        // Lead fields as drawn know limb electrodes on the limbs alone.
        _ => WeightSet::Shipped,
    });
    let noise = noise(&evidence);
    let left_out = match seek {
        true => electrode_relocation::relocate(
            &mut evidence,
            base,
            noise,
            options.relocate_electrodes,
            &mut |share| tell(0.2 + 0.7 * share, Step::LeavingEachOut).is_ok(),
        )?,
        false => Vec::new(),
    };
    let model = Model::new(&evidence, base)?;
    let evidence_steady = evidence.steady.clone();
    let mut calibration = Calibration::assemble(options, evidence, model, left_out, noise);
    if options.limbs != LimbElectrodes::Standard {
        calibration.notes.push(Note::LimbElectrodes {
            limbs: options.limbs,
        });
    } else if options.refine {
        tell(0.9, Step::LoadingNetwork)?;
        calibration.add_network(&evidence_steady);
    }
    tell(1.0, Step::Calibrated)?;
    Ok(calibration)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::model::tests::dipole_leads;

    #[test]
    fn a_calibration_stops_when_asked() {
        let options = CalibrationOptions::closed_form();
        let mut heard = 0;
        let found = learn(&dipole_leads(), &options, true, &mut |_| {
            heard += 1;
            if heard < 4 {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        assert!(matches!(found, Err(SynthError::Cancelled)) && heard == 4);
    }
}
