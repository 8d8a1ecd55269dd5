//! What happened on the way of a calibration.

use super::{Label, Translator};
use crate::synth::{DeviceReason, Note, Step, WhyUnused};

impl Translator {
    /// What is being computed.
    pub fn step(self, step: Step) -> &'static str {
        self.tr(match step {
            Step::Starting => Label::Calibrating,
            Step::Reading => Label::StepReading,
            Step::FittingField => Label::StepFitting,
            Step::LeavingEachOut => Label::StepLeavingOut,
            Step::LoadingNetwork => Label::StepNetwork,
            Step::Calibrated => Label::StepCalibrated,
            Step::WithholdingEachLead => Label::StepWithholding,
        })
    }

    /// Something worth knowing about a calibration, as a sentence.
    pub fn note(self, note: &Note) -> String {
        match note {
            Note::Network {
                name,
                device,
                reason,
            } => self.fill(
                Label::NoteNetwork,
                &[name, device, &self.device_reason(reason)],
            ),
            Note::LimbElectrodes { limbs } => self.fill(Label::NoteLimbElectrodes, &[limbs.name()]),
            Note::PriorAlone { problem } => self.fill(Label::NotePriorAlone, &[problem]),
            Note::Unused(unused) => {
                let why = self.tr(why_unused(unused.why));
                self.fill(Label::NoteUnused, &[&unused.lead.to_string(), why])
            }
            Note::NotRecorded { leads } => {
                self.fill(Label::NoteNotRecorded, &[&self.lead_list(leads)])
            }
        }
    }

    /// Why the network runs where it does.
    pub fn device_reason(self, reason: &DeviceReason) -> String {
        let ms = |value: &Option<f64>| match value {
            Some(ms) => format!("{} ms", self.number(*ms, 1)),
            None => self.tr(Label::DeviceFailed).to_owned(),
        };
        match reason {
            DeviceReason::AsAsked => self.tr(Label::DeviceAsAsked).to_owned(),
            DeviceReason::FastEnough => self.tr(Label::DeviceFastEnough).to_owned(),
            DeviceReason::NoSuchAdapter { number } => {
                self.fill(Label::DeviceNoSuchAdapter, &[&number.to_string()])
            }
            DeviceReason::NoAdapter => self.tr(Label::DeviceNoAdapter).to_owned(),
            DeviceReason::OnlySoftware { adapter } => {
                self.fill(Label::DeviceOnlySoftware, &[adapter])
            }
            DeviceReason::Unusable { adapter, problem } => {
                self.fill(Label::DeviceUnusable, &[adapter, problem])
            }
            DeviceReason::Trial {
                cpu_ms,
                adapter,
                adapter_ms,
            } => self.fill(Label::DeviceTrial, &[&ms(cpu_ms), adapter, &ms(adapter_ms)]),
            DeviceReason::SearchFailed => self.tr(Label::DeviceSearchFailed).to_owned(),
        }
    }
}

fn why_unused(why: WhyUnused) -> Label {
    match why {
        WhyUnused::Withheld => Label::UnusedWithheld,
        WhyUnused::Follows => Label::UnusedFollows,
        WhyUnused::NoPlace => Label::UnusedNoPlace,
        WhyUnused::Synthesised => Label::UnusedSynthesised,
        WhyUnused::Flat => Label::UnusedFlat,
        WhyUnused::Gaps => Label::UnusedGaps,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::check, *};
    use crate::{ecg::LeadName, synth::Unused};

    #[test]
    fn notes_in_five_languages() {
        let check = |note: Note, english: &str, german: &str| {
            check(|translator| translator.note(&note), english, german);
        };
        check(
            Note::Unused(Unused {
                lead: LeadName::V3,
                why: WhyUnused::Flat,
            }),
            "V3 not used: flat: electrode off?",
            "V3 nicht verwendet: flach: Elektrode ab?",
        );
        check(
            Note::NotRecorded {
                leads: vec![LeadName::V1, LeadName::V2],
            },
            "not recorded: V1, V2",
            "nicht aufgezeichnet: V1, V2",
        );
        check(
            Note::Network {
                name: "shipped".into(),
                device: "CPU".into(),
                reason: DeviceReason::Trial {
                    cpu_ms: Some(12.34),
                    adapter: "Arc".into(),
                    adapter_ms: None,
                },
            },
            "network shipped on CPU (trial: CPU 12.3 ms, Arc failed)",
            "Netz shipped auf CPU (Versuch: CPU 12,3 ms, Arc gescheitert)",
        );
    }

    /// In English the catalogue and the errors say the same.
    #[test]
    fn reasons_are_worded_once() {
        for why in [
            WhyUnused::Withheld,
            WhyUnused::Follows,
            WhyUnused::NoPlace,
            WhyUnused::Synthesised,
            WhyUnused::Flat,
            WhyUnused::Gaps,
        ] {
            assert_eq!(Translator::default().tr(why_unused(why)), why.to_string());
        }
    }
}
