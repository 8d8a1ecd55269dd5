//! Electrodes that are not where their names say: what goes wrong at the bedside, as values.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{LeadName, LimbElectrodes, Montage, WILSON, montage, site};

/// An electrode that is worn at another one's place, or not at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Misplacement {
    /// The electrode, by the site that it is meant for.
    pub electrode: String,
    /// The site where it is; `None` where it fell off and the machine prints a flat line.
    pub worn_at: Option<String>,
}

impl Misplacement {
    /// The electrode at that site.
    pub fn at(electrode: &str, worn_at: &str) -> Self {
        Self {
            electrode: electrode.to_owned(),
            worn_at: Some(worn_at.to_owned()),
        }
    }

    /// Two electrodes, each at the other's place.
    pub fn exchange(one: &str, other: &str) -> [Self; 2] {
        [Self::at(one, other), Self::at(other, one)]
    }

    /// Whether both sites exist. Only a chest electrode may be off: without a limb electrode no
    /// machine prints anything.
    pub fn is_possible(&self) -> bool {
        let is_chest = LeadName::parse(&self.electrode).is_chest();
        let exists = site(&self.electrode).is_some();
        let worn_at = self.worn_at.as_ref();
        exists && worn_at.map_or(is_chest, |it| site(it).is_some())
    }
}

impl fmt::Display for Misplacement {
    /// As recordings note it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let electrode = &self.electrode;
        match &self.worn_at {
            Some(worn_at) => write!(f, "SIMULATED misplacement: {electrode} worn at {worn_at}"),
            None => write!(f, "SIMULATED misplacement: {electrode} off"),
        }
    }
}

/// A usual way to get electrodes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlacementError {
    /// V1 and V2 in the 2nd intercostal space.
    SecondSpace,
    /// V1 and V2 in the 3rd intercostal space.
    ThirdSpace,
    /// Right arm and left arm exchanged.
    Arms,
    /// Right arm and left leg exchanged.
    RightArmLeftLeg,
    /// Limb electrodes on the trunk.
    MasonLikar,
    /// A chest electrode off.
    Off(LeadName),
    /// A chest electrode where another lead's belongs.
    Moved {
        /// The lead of the electrode.
        electrode: LeadName,
        /// The lead from whose place it is worn.
        worn_at: LeadName,
    },
}

impl PlacementError {
    /// Those that are chosen by name, in the order of menus.
    pub const ALL: [Self; 11] = [
        Self::SecondSpace,
        Self::ThirdSpace,
        Self::Arms,
        Self::RightArmLeftLeg,
        Self::MasonLikar,
        Self::Off(LeadName::V1),
        Self::Off(LeadName::V2),
        Self::Off(LeadName::V3),
        Self::Off(LeadName::V4),
        Self::Off(LeadName::V5),
        Self::Off(LeadName::V6),
    ];

    /// The error that misplaces just these electrodes.
    pub fn of(misplaced: &[Misplacement]) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|it| it.electrodes() == misplaced)
            .or_else(|| Self::moved(misplaced))
    }

    fn moved(misplaced: &[Misplacement]) -> Option<Self> {
        let [one] = misplaced else { return None };
        let moved = Self::Moved {
            electrode: LeadName::parse(&one.electrode),
            worn_at: LeadName::parse(one.worn_at.as_ref()?),
        };
        (moved.electrodes() == misplaced).then_some(moved)
    }

    /// Which electrodes sit where.
    pub fn electrodes(&self) -> Vec<Misplacement> {
        let high = |suffix: &str| {
            let both = ["V1", "V2"].map(|it| Misplacement::at(it, &format!("{it}{suffix}")));
            both.to_vec()
        };
        match self {
            Self::SecondSpace => high("@2ICS"),
            Self::ThirdSpace => high("@3ICS"),
            Self::Arms => Misplacement::exchange("RA", "LA").to_vec(),
            Self::RightArmLeftLeg => Misplacement::exchange("RA", "LL").to_vec(),
            Self::MasonLikar => {
                let worn_at = |it| LimbElectrodes::MasonLikar.site(it);
                WILSON.map(|it| Misplacement::at(it, worn_at(it))).to_vec()
            }
            Self::Off(lead) => vec![Misplacement {
                electrode: lead.to_string(),
                worn_at: None,
            }],
            Self::Moved { electrode, worn_at } => {
                let site = |lead| montage(lead).and_then(Montage::exploring_site);
                let both = site(electrode).zip(site(worn_at));
                let moved = both.filter(|(own, other)| own != other);
                let moved = moved.map(|(own, other)| Misplacement::at(own, other));
                moved.into_iter().collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_moves_known_electrodes_to_known_places() {
        for error in PlacementError::ALL {
            let moved = error.electrodes();
            assert_eq!(PlacementError::of(&moved), Some(error.clone()));
            assert!(
                !moved.is_empty() && moved.iter().all(Misplacement::is_possible),
                "{error:?}"
            );
        }
        let limb_off = Misplacement {
            electrode: "RA".into(),
            worn_at: None,
        };
        assert!(!limb_off.is_possible());
        assert!(!Misplacement::at("V1", "the moon").is_possible());
    }

    #[test]
    fn one_electrode_goes_to_any_place_of_another_lead() {
        let moved = |worn_at: &str| PlacementError::Moved {
            electrode: LeadName::V1,
            worn_at: LeadName::parse(worn_at),
        };
        let high = moved("V2@2ICS");
        assert_eq!(high.electrodes(), [Misplacement::at("V1", "V2@2ICS")]);
        assert_eq!(PlacementError::of(&high.electrodes()), Some(high));
        assert_eq!(moved("V1").electrodes(), []);
        assert_eq!(moved("aVR").electrodes(), [], "no electrode is aVR's own");
    }

    #[test]
    fn an_electrode_survives_json_as_it_was_written_before_one_could_fall_off() {
        let worn: Misplacement =
            serde_json::from_str(r#"{"electrode":"V1","worn_at":"V1@2ICS"}"#).unwrap();
        assert_eq!(worn, Misplacement::at("V1", "V1@2ICS"));
        let off = PlacementError::Off(LeadName::V4).electrodes();
        let text = serde_json::to_string(&off).unwrap();
        assert_eq!(
            serde_json::from_str::<Vec<Misplacement>>(&text).unwrap(),
            off
        );
    }
}
