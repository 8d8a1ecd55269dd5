//! What was seen in a recording, as values.

use serde::{Deserialize, Serialize};

use super::exchange::Exchange;
use crate::ecg::LeadName;

/// Something in the signals that should make a reader careful.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Sign {
    /// No QRS complex was found.
    NoBeats,
    /// The beat is likelier with two electrodes exchanged.
    Exchanged {
        /// Which.
        exchange: Exchange,
        /// Probability, where one exam in a hundred has an exchange.
        probability: f64,
    },
    /// P and QRS inverted in I, P upright in aVR.
    ArmReversal {
        /// Whether V6 is negative too, as with the heart on the right.
        may_be_dextrocardia: bool,
    },
    /// P and QRS inverted in II, P upright in aVR: right arm and left leg exchanged.
    RightArmLeftLeg,
    /// I, II or III is almost flat while other limb leads are not: it lies between the legs.
    FlatLimbLead {
        /// Which of the three.
        lead: LeadName,
    },
    /// P is negative in V2: V1 and V2 may sit too high.
    NegativePInV2 {
        /// Whether in V1 as well.
        in_v1_too: bool,
    },
    /// P is wholly negative in V1 and a second r follows the S: V1 may sit too high.
    SecondRInV1,
    /// III is not II − I.
    LimbLeadsDisagree {
        /// Root mean square of the difference as a share of III's own.
        share: f64,
    },
    /// Spikes before QRS.
    Paced {
        /// Beats that a spike starts.
        beats: usize,
        /// Of how many.
        of: usize,
    },
    /// No P wave before each QRS, hence no PR.
    NoP {
        /// Whether the beats are irregular too, as in atrial fibrillation.
        irregular: bool,
    },
    /// Waves that repeat three to seven times a second, hence no PR.
    FlutterLike,
    /// QRS of 120 ms or more.
    WideQrs {
        /// Its length, ms.
        ms: f64,
    },
    /// QRS below 0.5 mV in all limb leads or below 1 mV in all chest leads.
    LowAmplitude,
    /// The heart rate of one half of the recording is not that of the other.
    RateDiffers {
        /// First half, beats per minute.
        first_bpm: f64,
        /// Second half, beats per minute.
        second_bpm: f64,
    },
    /// The beats of the second half are shaped differently from those of the first.
    ShapeDiffers {
        /// Their correlation.
        correlation: f64,
    },
    /// Beats of another shape than the dominant one.
    OtherBeats {
        /// How many.
        beats: usize,
    },
    /// Some leads are poorly recorded.
    Leads {
        /// In what way.
        what: LeadTrouble,
        /// Which.
        leads: Vec<LeadName>,
    },
}

impl Sign {
    /// The exchange of electrodes that it speaks of.
    pub fn exchange(&self) -> Option<Exchange> {
        match self {
            Self::Exchanged { exchange, .. } => Some(*exchange),
            Self::ArmReversal { .. } => Some(Exchange::RightArmLeftArm),
            Self::RightArmLeftLeg => Some(Exchange::RightArmLeftLeg),
            _ => None,
        }
    }
}

/// What can be wrong with the recording of one lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadTrouble {
    /// Nothing but an amplifier's noise.
    Flat,
    /// Its tallest waves end in plateaus.
    Saturated,
    /// More than 1 % of its samples are missing.
    Gaps,
    /// Mains hum over 25 µV.
    Powerline,
    /// Noise over 30 µV.
    Noise,
    /// Baseline wander over 1 mV.
    Wander,
    /// Beats unlike one another, as with movement or a loose electrode.
    UnlikeBeats,
}

impl LeadTrouble {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 7] = [
        Self::Flat,
        Self::Saturated,
        Self::Gaps,
        Self::Powerline,
        Self::Noise,
        Self::Wander,
        Self::UnlikeBeats,
    ];
}
