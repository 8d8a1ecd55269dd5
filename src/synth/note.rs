//! What happened on the way of a calibration.

use serde::{Deserialize, Serialize};

use super::{device::DeviceReason, unused::Unused};
use crate::ecg::{LeadName, LimbElectrodes};

/// Something worth knowing about a calibration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Note {
    /// The network corrects the population.
    Network {
        /// Name of its weights.
        name: String,
        /// `CPU`, or the adapter's name.
        device: String,
        /// Why there.
        reason: DeviceReason,
    },
    /// The population stands alone.
    PriorAlone {
        /// What the network failed with.
        problem: String,
    },
    /// The limb electrodes sat elsewhere than on the limbs: the network has no say.
    LimbElectrodes {
        /// Where.
        limbs: LimbElectrodes,
    },
    /// A recorded lead takes no part.
    Unused(Unused),
    /// Standard leads that are neither recorded nor follow from recorded ones.
    NotRecorded {
        /// Which.
        leads: Vec<LeadName>,
    },
}
