//! What calls for caution, as values.

use serde::{Deserialize, Serialize};

use super::grade::Grade;
use crate::{ecg::LeadName, signal::Sign};

/// One reason for caution, in the recording or at the place. None is a diagnosis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Warning {
    /// Fewer independent leads than a 12-lead exam has.
    FewLeads {
        /// How many.
        recorded: usize,
    },
    /// A lead of one value: electrode off?
    Flat {
        /// Which.
        lead: LeadName,
    },
    /// A lead with more gaps than signal.
    Gaps {
        /// Which.
        lead: LeadName,
    },
    /// Too short to test on other seconds than those learned from.
    TestedOnLearned {
        /// Length of the recording.
        seconds: f64,
    },
    /// Shorter than usual.
    Short {
        /// Length of the recording.
        seconds: f64,
    },
    /// Sampled so slowly that narrow deflections are lost.
    LowRate {
        /// Samples per second.
        hz: f64,
    },
    /// An electrode looks as if it sat elsewhere than its lead's name says.
    ElectrodeMoved {
        /// Its lead.
        lead: LeadName,
        /// Degrees towards the feet.
        down_deg: f64,
        /// Degrees to the patient's left.
        left_deg: f64,
        /// Whether it is taken to sit there.
        is_applied: bool,
    },
    /// Hardly any beat was found.
    FewBeats {
        /// How many.
        beats: usize,
    },
    /// Noise and wander that rival the signal.
    Noise {
        /// Of noise and wander, µV.
        noise_uv: f64,
        /// Of the signal, µV.
        signal_uv: f64,
    },
    /// Leads that are much noisier in the seconds learned from than in those tested, or the other
    /// way round.
    NoiseInOneHalf {
        /// Where.
        half: Half,
        /// In the noisiest lead, µV.
        most_uv: f64,
        /// In which leads.
        leads: Vec<LeadName>,
    },
    /// A wide complex: published errors are largest there.
    WideComplexes {
        /// Length of QRS, ms.
        qrs_ms: f64,
    },
    /// A low-pass in the file that rounds off narrow deflections.
    LowPass {
        /// Its corner.
        hz: f64,
    },
    /// A high-pass in the file that may displace ST segments.
    HighPass {
        /// Its corner.
        hz: f64,
    },
    /// A child: all that was learned from are adults.
    Age {
        /// Years.
        years: f64,
    },
    /// On the back, where no published view was ever measured.
    Posterior {
        /// Azimuth of the place, degrees.
        phi_deg: f64,
    },
    /// Outside the region that any published measurement covers.
    Outside,
    /// A lead in which a sign that is not shown is not excluded.
    NotExcluded {
        /// Which.
        sign: MissedSign,
    },
    /// Small complexes: published correlations fall there.
    SmallComplexes {
        /// Height of QRS, µV.
        qrs_uv: f64,
    },
    /// Something in the signals.
    #[serde(untagged)]
    Sign(Sign),
}

/// A sign that a synthesised lead may fail to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissedSign {
    /// Brugada's first type, in V1 and V2 one or two spaces up.
    Brugada,
    /// ST elevation of the posterior wall and the direction of T, in V8 and V9.
    Posterior,
}

/// Part of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Half {
    /// The seconds learned from.
    Learned,
    /// The seconds tested.
    Tested,
}

impl Warning {
    /// Whether it is about the place of one lead rather than about the recording.
    pub fn is_of_place(&self) -> bool {
        matches!(
            self,
            Self::Posterior { .. }
                | Self::Outside
                | Self::NotExcluded { .. }
                | Self::SmallComplexes { .. }
        )
    }

    /// The best grade that a lead can have in spite of it.
    pub fn best_grade(&self) -> Grade {
        match self {
            Self::ElectrodeMoved { .. } if self.is_high_v1_or_v2() => Grade::C,
            Self::FewBeats { .. } => Grade::C,
            Self::Sign(sign) => sign_grade(sign),
            Self::TestedOnLearned { .. }
            | Self::Short { .. }
            | Self::ElectrodeMoved { .. }
            | Self::Noise { .. }
            | Self::NoiseInOneHalf { .. }
            | Self::WideComplexes { .. }
            | Self::LowPass { .. }
            | Self::HighPass { .. }
            | Self::Age { .. }
            | Self::SmallComplexes { .. } => Grade::B,
            // The place says it by itself, or the other leads make up for it.
            Self::FewLeads { .. }
            | Self::Flat { .. }
            | Self::Gaps { .. }
            | Self::LowRate { .. }
            | Self::Posterior { .. }
            | Self::NotExcluded { .. }
            | Self::Outside => Grade::A,
        }
    }

    /// V1 or V2 recorded well above its place: common, and it changes what synthesis stands on.
    fn is_high_v1_or_v2(&self) -> bool {
        const HIGH_DEG: f64 = -15.0;
        matches!(self, Self::ElectrodeMoved { lead: LeadName::V1 | LeadName::V2, down_deg, .. } if *down_deg < HIGH_DEG)
    }
}

fn sign_grade(sign: &Sign) -> Grade {
    match sign {
        Sign::NoBeats
        | Sign::Exchanged { .. }
        | Sign::ArmReversal { .. }
        | Sign::RightArmLeftLeg
        | Sign::FlatLimbLead { .. }
        | Sign::NegativePInV2 { .. }
        | Sign::SecondRInV1 => Grade::C,
        Sign::LimbLeadsDisagree { .. }
        | Sign::Paced { .. }
        | Sign::NoP { .. }
        | Sign::FlutterLike
        | Sign::WideQrs { .. }
        | Sign::LowAmplitude
        | Sign::RateDiffers { .. }
        | Sign::ShapeDiffers { .. }
        | Sign::OtherBeats { .. }
        | Sign::Leads { .. } => Grade::B,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(warning: Warning, grade: Grade, json: &str) {
        assert_eq!(warning.best_grade(), grade, "{warning:?}");
        assert_eq!(serde_json::to_string(&warning).unwrap(), json);
        assert_eq!(serde_json::from_str::<Warning>(json).unwrap(), warning);
    }

    #[test]
    fn each_has_a_code_with_fields_and_a_best_grade() {
        check(Warning::Outside, Grade::A, r#"{"kind":"outside"}"#);
        check(
            Warning::FewLeads { recorded: 5 },
            Grade::A,
            r#"{"kind":"few_leads","recorded":5}"#,
        );
        check(
            Warning::Sign(Sign::Paced { beats: 9, of: 10 }),
            Grade::B,
            r#"{"kind":"paced","beats":9,"of":10}"#,
        );
        check(
            Warning::Sign(Sign::ArmReversal {
                may_be_dextrocardia: true,
            }),
            Grade::C,
            r#"{"kind":"arm_reversal","may_be_dextrocardia":true}"#,
        );
    }

    #[test]
    fn v1_far_above_its_place_weighs_more_than_another_electrode() {
        let moved = |lead: LeadName, down_deg: f64| Warning::ElectrodeMoved {
            lead,
            down_deg,
            left_deg: 3.0,
            is_applied: false,
        };
        assert_eq!(moved(LeadName::V1, -22.0).best_grade(), Grade::C);
        assert_eq!(moved(LeadName::V1, -9.0).best_grade(), Grade::B);
        assert_eq!(moved(LeadName::V1, 22.0).best_grade(), Grade::B);
        assert_eq!(moved(LeadName::V5, -22.0).best_grade(), Grade::B);
    }
}
