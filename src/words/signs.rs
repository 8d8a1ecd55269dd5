//! What was seen in the signals.

use super::{Label, Translator};
use crate::{
    ecg::LeadName,
    signal::{Exchange, LeadTrouble, Sign},
};

impl Translator {
    /// One sign as a sentence.
    pub fn sign(self, sign: &Sign) -> String {
        let number = |value: f64, decimals| self.number(value, decimals);
        match sign {
            Sign::NoBeats => self.tr(Label::SignNoBeats).to_owned(),
            Sign::ArmReversal {
                may_be_dextrocardia: true,
            } => self.tr(Label::SignArmsOrDextrocardia).to_owned(),
            Sign::ArmReversal {
                may_be_dextrocardia: false,
            } => self.tr(Label::SignArms).to_owned(),
            Sign::RightArmLeftLeg => self.tr(Label::SignRightArmLeftLeg).to_owned(),
            Sign::FlatLimbLead { lead } => {
                let exchanged = self.tr(match lead {
                    LeadName::I => Label::LeftArmRightLegOrBoth,
                    LeadName::II => Label::RightArmRightLeg,
                    _ => Label::LeftArmRightLeg,
                });
                self.fill(Label::SignFlatLimbLead, &[&lead.to_string(), exchanged])
            }
            Sign::NegativePInV2 { in_v1_too: true } => {
                self.tr(Label::SignNegativePInBoth).to_owned()
            }
            Sign::NegativePInV2 { in_v1_too: false } => self.tr(Label::SignNegativeP).to_owned(),
            Sign::SecondRInV1 => self.tr(Label::SignSecondR).to_owned(),
            Sign::LimbLeadsDisagree { share } => {
                self.fill(Label::SignLimbLeadsDisagree, &[&number(100.0 * share, 0)])
            }
            Sign::Paced { beats, of } => {
                self.fill(Label::SignPaced, &[&beats.to_string(), &of.to_string()])
            }
            Sign::NoP { irregular: true } => self.tr(Label::SignNoPIrregular).to_owned(),
            Sign::NoP { irregular: false } => self.tr(Label::SignNoP).to_owned(),
            Sign::FlutterLike => self.tr(Label::SignFlutterLike).to_owned(),
            Sign::Exchanged {
                exchange,
                probability,
            } => {
                let percent = number((100.0 * probability).min(99.0), 0);
                self.fill(Label::SignExchanged, &[&self.exchange(*exchange), &percent])
            }
            Sign::WideQrs { ms } => self.fill(Label::SignWideQrs, &[&number(*ms, 0)]),
            Sign::LowAmplitude => self.tr(Label::SignLowAmplitude).to_owned(),
            Sign::RateDiffers {
                first_bpm,
                second_bpm,
            } => {
                let rates = [number(*first_bpm, 0), number(*second_bpm, 0)];
                self.fill(Label::SignRateDiffers, &[&rates[0], &rates[1]])
            }
            Sign::ShapeDiffers { correlation } => {
                self.fill(Label::SignShapeDiffers, &[&number(*correlation, 2)])
            }
            Sign::OtherBeats { beats } => self.fill(Label::SignOtherBeats, &[&beats.to_string()]),
            Sign::Leads { what, leads } => self.fill(trouble(*what), &[&self.lead_list(leads)]),
        }
    }

    /// That the exam is seen with electrodes changed back.
    pub fn exchange_undone(self, exchange: Exchange) -> String {
        self.fill(Label::ExchangeUndone, &[&self.exchange(exchange)])
    }

    /// Which electrodes.
    fn exchange(self, exchange: Exchange) -> String {
        let label = match exchange {
            Exchange::RightArmLeftArm => Label::ExchangedArms,
            Exchange::RightArmLeftLeg => Label::ExchangedRightArmLeftLeg,
            Exchange::LeftArmLeftLeg => Label::ExchangedLeftArmLeftLeg,
            Exchange::LimbsForward | Exchange::LimbsBackward => Label::ExchangedThreeLimbs,
            Exchange::ChestReversed => Label::ExchangedChestOrder,
            Exchange::V1V3 => return self.lead_list(&[LeadName::V1, LeadName::V3]),
            Exchange::Neighbours(first) => {
                let first = usize::from(first.clamp(1, 5));
                return self.lead_list(&LeadName::CHEST[first - 1..=first]);
            }
        };
        self.tr(label).to_owned()
    }

    /// Names of leads, one after the other.
    pub fn lead_list(self, leads: &[LeadName]) -> String {
        let names: Vec<String> = leads.iter().map(LeadName::to_string).collect();
        names.join(", ")
    }
}

fn trouble(what: LeadTrouble) -> Label {
    match what {
        LeadTrouble::Flat => Label::SignFlat,
        LeadTrouble::Saturated => Label::SignSaturated,
        LeadTrouble::Gaps => Label::SignGaps,
        LeadTrouble::Powerline => Label::SignPowerline,
        LeadTrouble::Noise => Label::SignNoise,
        LeadTrouble::Wander => Label::SignWander,
        LeadTrouble::UnlikeBeats => Label::SignUnlikeBeats,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::check, *};

    #[test]
    fn every_sign_is_said_in_five_languages() {
        let check = |sign: Sign, english: &str, german: &str| {
            check(|translator| translator.sign(&sign), english, german);
        };
        check(
            Sign::ShapeDiffers { correlation: 0.853 },
            "the beats of the second half differ in shape from those of the first (correlation 0.85)",
            "die Schläge der zweiten Hälfte weichen in der Form von denen der ersten ab (Korrelation 0,85)",
        );
        check(
            Sign::Exchanged {
                exchange: Exchange::Neighbours(1),
                probability: 0.913,
            },
            "electrodes seem exchanged: V1, V2 (91 % sure)",
            "Elektroden scheinen vertauscht: V1, V2 (91 % sicher)",
        );
        check(
            Sign::NoP { irregular: true },
            "no PR: irregular, no P wave",
            "kein PR: unregelmäßig, keine P-Welle",
        );
        check(
            Sign::FlatLimbLead { lead: LeadName::II },
            "II is almost flat while other limb leads are not: sign of right arm and right leg exchanged",
            "II ist fast flach, andere Extremitätenableitungen nicht: Zeichen einer Vertauschung (rechter Arm und rechtes Bein)",
        );
        check(
            Sign::Leads {
                what: LeadTrouble::Noise,
                leads: vec![LeadName::V1, LeadName::V2],
            },
            "noise over 30 µV in V1, V2",
            "Rauschen über 30 µV in V1, V2",
        );
        check(
            Sign::ArmReversal {
                may_be_dextrocardia: true,
            },
            "sign of arm reversal: P and QRS inverted in I and P upright in aVR (dextrocardia is possible too)",
            "Zeichen vertauschter Arme: P und QRS in I negativ, P in aVR positiv (eine Dextrokardie ist auch möglich)",
        );
    }
}
