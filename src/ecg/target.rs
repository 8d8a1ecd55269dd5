//! What may be synthesised: a lead of the catalogue, or a direction from the heart.

use std::str::FromStr;

use super::{LeadName, Montage, ViewAngle, montage, panobench_views};

/// A place to synthesise.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// One electrode in this direction from the heart, against Wilson's terminal.
    View(ViewAngle),
    /// A lead of the catalogue or a view of the panorama; saved as its name.
    Lead(#[serde(with = "by_name")] &'static Montage),
}

/// A name without a known place on the skin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "lead {0:?}: this name has no place on the skin here; use a lead of the catalogue, a view of the panorama such as view-12, or a direction such as 48,-38"
)]
pub struct UnknownLead(pub String);

impl Target {
    /// The catalogue's lead of that name, or the view of the panorama: `view-1` to `view-42`.
    pub fn lead(name: &LeadName) -> Result<Self, UnknownLead> {
        let text = name.to_string();
        let view = || {
            panobench_views()
                .iter()
                .find(|view| view.name.to_string().eq_ignore_ascii_case(&text))
        };
        montage(name)
            .or_else(view)
            .map(Self::Lead)
            .ok_or_else(|| UnknownLead(text.clone()))
    }

    /// The 48 views of the panorama with their names: the six limb leads, then the direction of
    /// each torso electrode.
    pub fn panorama() -> Vec<(LeadName, Self)> {
        let limb = LeadName::TWELVE
            .into_iter()
            .filter(LeadName::is_limb)
            .filter_map(|name| Some((name.clone(), Self::lead(&name).ok()?)));
        let torso = panobench_views()
            .iter()
            .map(|view| (view.name.clone(), Self::View(view.view())));
        limb.chain(torso).collect()
    }

    /// What to call the synthesised lead.
    pub fn name(&self) -> LeadName {
        match self {
            Self::View(view) => LeadName::Named(view.to_string().into()),
            Self::Lead(montage) => montage.name.clone(),
        }
    }

    /// Direction from the heart: of the exploring electrode, or of the weighted sum of electrodes
    /// for other leads.
    pub fn view(&self) -> ViewAngle {
        match self {
            Self::View(view) => *view,
            Self::Lead(montage) => montage.view(),
        }
    }

    /// Direction of the exploring electrode; `None` for leads between several electrodes.
    pub fn exploring_view(&self) -> Option<ViewAngle> {
        match self {
            Self::View(view) => Some(*view),
            Self::Lead(montage) => montage.exploring_view(),
        }
    }
}

/// `θ,φ` in degrees, or a lead's name in any spelling.
impl FromStr for Target {
    type Err = UnknownLead;

    fn from_str(text: &str) -> Result<Self, UnknownLead> {
        let numbers: Option<Vec<f64>> = text
            .trim_start_matches('@')
            .split(',')
            .map(|number| number.trim().parse().ok())
            .collect();
        if let Some(&[theta, phi]) = numbers.as_deref() {
            return ViewAngle::from_degrees(theta, phi)
                .map(Self::View)
                .ok_or_else(|| UnknownLead(text.into()));
        }
        Self::lead(&LeadName::parse(text))
    }
}

/// A lead of the catalogue in a saved file.
mod by_name {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    use super::{LeadName, Montage, Target};

    pub fn serialize<S: Serializer>(lead: &Montage, serializer: S) -> Result<S::Ok, S::Error> {
        lead.name.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<&'static Montage, D::Error> {
        match Target::lead(&LeadName::deserialize(deserializer)?).map_err(D::Error::custom)? {
            Target::Lead(montage) => Ok(montage),
            Target::View(_) => Err(D::Error::custom("expected a lead, found a direction")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{catalogue, site};

    fn target(text: &str) -> Target {
        text.parse().unwrap()
    }

    #[test]
    fn words_and_numbers() {
        assert_eq!(target("v1@2ics").name().to_string(), "V1@2ICS");
        for text in ["48, -38", "@48,-38"] {
            let (theta, phi) = target(text).view().degrees();
            assert!((theta - 48.0).abs() < 1e-9 && (phi + 38.0).abs() < 1e-9);
        }
        let twelfth = target("View-12");
        assert_eq!(
            (twelfth.name().to_string(), twelfth.view()),
            ("view-12".into(), site("view-12").unwrap().view)
        );
        for unknown in ["Resp", "view-43", "view-0", "nan,0", "1,2,3", ""] {
            assert_eq!(
                unknown.parse::<Target>(),
                Err(UnknownLead(unknown.into())),
                "{unknown:?}"
            );
        }
    }

    #[test]
    fn every_name_reads_back() {
        for lead in catalogue().iter().chain(panobench_views()) {
            assert_eq!(Target::lead(&lead.name), Ok(Target::Lead(lead)));
            assert_eq!(target(&lead.name.to_string()), Target::Lead(lead));
        }
    }

    #[test]
    fn the_panorama_has_forty_eight_views() {
        let names: Vec<String> = Target::panorama()
            .iter()
            .map(|(name, _)| name.to_string())
            .collect();
        assert_eq!(names.len(), 48);
        assert_eq!((&*names[0], &*names[5]), ("I", "aVF"));
        assert_eq!((&*names[6], &*names[47]), ("view-1", "view-42"));
    }

    #[test]
    fn saved_targets_read_back() {
        let json = |target: &Target| serde_json::to_string(target).unwrap();
        let read = |text: &str| serde_json::from_str::<Target>(text);
        assert_eq!(json(&target("V9")), r#"{"lead":"V9"}"#);
        for target in [target("V9"), target("view-3"), target("0,0")] {
            assert_eq!(read(&json(&target)).unwrap(), target);
        }
        assert!(read(r#"{"lead":"Resp"}"#).is_err());
    }

    #[test]
    fn only_one_electrode_has_a_direction_of_its_own() {
        assert_eq!(
            target("V4").exploring_view(),
            Some(site("V4").unwrap().view)
        );
        assert_eq!(target("V4").exploring_view(), Some(target("V4").view()));
        assert_eq!(target("CM5").exploring_view(), None);
        let (theta, phi) = target("I").view().degrees();
        assert!(
            (theta - 90.0).abs() < 15.0 && (phi - 90.0).abs() < 20.0,
            "lead I looks from the left: {theta} {phi}"
        );
    }
}
