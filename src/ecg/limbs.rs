//! Where the limb electrodes sit: leads of electrodes on the trunk are another lead system.

use std::str::FromStr;

/// Places of the limb electrodes RA, LA and LL.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum LimbElectrodes {
    /// On the limbs, or where they leave the trunk.
    #[default]
    Standard,
    /// Below the collar bones and at the left costal margin (Mason and Likar 1966): exercise tests,
    /// Holters, telemetry.
    MasonLikar,
    /// On the upper arms at the level of the axillary fold and at the left hip (Pahlm and others
    /// 1992).
    Lund,
}

/// Neither `standard`, `mason-likar` nor `lund`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("limb electrodes {0:?}: expected standard, mason-likar or lund")]
pub struct UnknownLimbElectrodes(pub String);

impl LimbElectrodes {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Standard, Self::MasonLikar, Self::Lund];

    /// As on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::MasonLikar => "mason-likar",
            Self::Lund => "lund",
        }
    }

    /// The site of the reference torso where the electrode sits that leads call `name`; other
    /// electrodes sit where they are called.
    pub fn site(self, name: &str) -> &str {
        match (self, name) {
            (Self::MasonLikar, "RA") => "R-infraclav",
            (Self::MasonLikar, "LA") => "L-infraclav",
            (Self::MasonLikar, "LL") => "L-costal-margin",
            (Self::Lund, "RA") => "Lund RA",
            (Self::Lund, "LA") => "Lund LA",
            (Self::Lund, "LL") => "Lund LL",
            _ => name,
        }
    }
}

impl FromStr for LimbElectrodes {
    type Err = UnknownLimbElectrodes;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownLimbElectrodes(text.to_owned());
        let known = Self::ALL.into_iter().find(|it| it.name() == text);
        known.ok_or_else(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{WILSON, site};

    #[test]
    fn every_place_is_known_and_named() {
        for limbs in LimbElectrodes::ALL {
            assert_eq!(limbs.name().parse(), Ok(limbs));
            assert!(WILSON.iter().all(|it| site(limbs.site(it)).is_some()));
            assert_eq!(limbs.site("V3"), "V3");
        }
        assert!("torso".parse::<LimbElectrodes>().is_err());
    }

    /// On twelve real torsos Wilson's terminal moves forward by 52 to 96 mm.
    #[test]
    fn mason_and_likar_move_the_terminal_forward() {
        let forward = |limbs: LimbElectrodes| {
            let places = WILSON.iter().filter_map(|it| site(limbs.site(it)));
            places.map(|it| it.position_mm[0]).sum::<f64>() / 3.0
        };
        let moved = forward(LimbElectrodes::MasonLikar) - forward(LimbElectrodes::Standard);
        assert!((50.0..=130.0).contains(&moved), "{moved}");
    }
}
