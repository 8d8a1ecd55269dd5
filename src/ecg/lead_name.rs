//! Names of leads, and the spellings of them found in files.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, LazyLock},
};

use super::lead_table;

/// A lead's name. The twelve standard leads are variants; every other one keeps its canonical text:
/// `V7`…`V9`, `V3R`…`V7R`, `V1@2ICS` (high intercostal), `X` `Y` `Z` (Frank), or whatever a file
/// says.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)] // The variants are the names themselves.
pub enum LeadName {
    I,
    II,
    III,
    AVR,
    AVL,
    AVF,
    V1,
    V2,
    V3,
    V4,
    V5,
    V6,
    /// Any other lead, by its canonical text.
    Named(Arc<str>),
}

impl LeadName {
    /// The standard twelve in their usual order.
    pub const TWELVE: [Self; 12] = [
        Self::I,
        Self::II,
        Self::III,
        Self::AVR,
        Self::AVL,
        Self::AVF,
        Self::V1,
        Self::V2,
        Self::V3,
        Self::V4,
        Self::V5,
        Self::V6,
    ];
    /// The six chest leads.
    pub const CHEST: [Self; 6] = [Self::V1, Self::V2, Self::V3, Self::V4, Self::V5, Self::V6];
    /// The eight that are linearly independent.
    pub const EIGHT: [Self; 8] = [
        Self::I,
        Self::II,
        Self::V1,
        Self::V2,
        Self::V3,
        Self::V4,
        Self::V5,
        Self::V6,
    ];
    /// III, aVR, aVL, aVF as multiples of I and II (Einthoven, Goldberger).
    pub const LIMB_FROM_I_II: [(Self, f32, f32); 4] = [
        (Self::III, -1.0, 1.0),
        (Self::AVR, -0.5, -0.5),
        (Self::AVL, 1.0, -0.5),
        (Self::AVF, -0.5, 1.0),
    ];

    /// Frank's X, Y, Z.
    pub fn frank() -> [Self; 3] {
        ["X", "Y", "Z"].map(|it| Self::Named(it.into()))
    }

    /// Reads any spelling seen in files: case, `Lead `, `ECG `, `EKG `, `MDC_ECG_LEAD_`,
    /// `MDC_ECG_ELEC_POTL_` prefixes, `-Ref`/`-WCT` endings, trailing NULs and blanks, `aVR+`,
    /// `V1-2ICS`, `V1h`, `vx`. What is not known keeps its trimmed text.
    pub fn parse(raw: &str) -> Self {
        let trimmed = raw.trim_matches(|it: char| it.is_whitespace() || it == '\0');
        // Romance languages write "DI" for a derivation. A small d would say that it was computed.
        let key = match trimmed {
            "DI" => "I".to_owned(),
            "DII" => "II".to_owned(),
            "DIII" => "III".to_owned(),
            _ => stem(trimmed),
        };
        if let Some(standard) = Self::TWELVE
            .iter()
            .find(|it| it.to_string().to_uppercase() == key)
        {
            return standard.clone();
        }
        if let Some(known) = extra(&key) {
            return Self::Named(known.into());
        }
        let catalogued = catalogued().get(&trimmed.to_uppercase());
        Self::Named(catalogued.copied().unwrap_or(trimmed).into())
    }

    /// How the lead is written where it is synthesised: with the prefix `d`, as GE 12RL and the MDC
    /// codes do.
    pub fn synthesised_label(&self) -> String {
        format!("d{self}")
    }

    /// One of the standard twelve.
    pub fn is_standard(&self) -> bool {
        !matches!(self, Self::Named(_))
    }

    /// V1 to V6.
    pub fn is_chest(&self) -> bool {
        Self::CHEST.contains(self)
    }

    /// I, II, III, aVR, aVL, aVF.
    pub fn is_limb(&self) -> bool {
        self.is_standard() && !self.is_chest()
    }

    /// Whether the name stands for a lead at all: a standard one or one of the catalogue.
    pub fn is_known(&self) -> bool {
        match self {
            Self::Named(text) => lead_table::names().any(|name| name == &**text),
            _ => true,
        }
    }
}

/// Names of the catalogue by their upper case. A file may hold hundreds of names, so they are not
/// compared one by one.
fn catalogued() -> &'static HashMap<String, &'static str> {
    static NAMES: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
        let names = lead_table::names().rev();
        names.map(|name| (name.to_uppercase(), name)).collect()
    });
    &NAMES
}

/// Upper case without the decorations of file formats.
fn stem(trimmed: &str) -> String {
    let mut key = trimmed.to_uppercase();
    for prefix in [
        "MDC_",
        "ECG_ELEC_POTL_",
        "ECG_",
        "ECG-",
        "ECG ",
        "EKG_",
        "EKG-",
        "EKG ",
        "LEAD_",
        "LEAD-",
        "LEAD ",
    ] {
        if let Some(rest) = key.strip_prefix(prefix) {
            key = rest.trim().to_owned();
        }
    }
    for suffix in ["-REF", "-WCT", " LEAD", "+", "."] {
        if let Some(rest) = key.strip_suffix(suffix) {
            key = rest.trim().to_owned();
        }
    }
    key
}

/// Canonical text of the leads beyond the twelve.
fn extra(key: &str) -> Option<String> {
    // An inverted lead is another one.
    if key.starts_with('-') {
        return None;
    }
    let compact: String = key
        .chars()
        .filter(|it| !matches!(it, ' ' | '_' | '-' | '@' | '(' | ')'))
        .collect();
    match compact.as_str() {
        "V7" | "V8" | "V9" | "V3R" | "V4R" | "V5R" | "V6R" | "V7R" => return Some(compact),
        "X" | "VX" | "FRANKX" => return Some("X".into()),
        "Y" | "VY" | "FRANKY" => return Some("Y".into()),
        "Z" | "VZ" | "FRANKZ" => return Some("Z".into()),
        "V1H" | "V1HIGH" => return Some("V1@3ICS".into()),
        "V2H" | "V2HIGH" => return Some("V2@3ICS".into()),
        _ => {}
    }
    let mut leads = ["V1", "V2", "V3"].into_iter();
    leads.find_map(|lead| {
        let space = intercostal_space(compact.strip_prefix(lead)?)?;
        Some(format!("{lead}@{space}"))
    })
}

/// The space that a lead of V1 to V3 was recorded in, as the catalogue writes it.
fn intercostal_space(text: &str) -> Option<&'static str> {
    match text {
        "2ICS" | "2NDICS" | "IC2" | "ICS2" => Some("2ICS"),
        "3ICS" | "3RDICS" | "IC3" | "ICS3" => Some("3ICS"),
        "5ICS" | "5THICS" | "IC5" | "ICS5" => Some("5ICS"),
        _ => None,
    }
}

impl fmt::Display for LeadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::I => "I",
            Self::II => "II",
            Self::III => "III",
            Self::AVR => "aVR",
            Self::AVL => "aVL",
            Self::AVF => "aVF",
            Self::V1 => "V1",
            Self::V2 => "V2",
            Self::V3 => "V3",
            Self::V4 => "V4",
            Self::V5 => "V5",
            Self::V6 => "V6",
            Self::Named(text) => text,
        })
    }
}

impl serde::Serialize for LeadName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for LeadName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::parse(&String::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_found_in_files() {
        for (raw, expected) in [
            ("AVR", "aVR"),
            ("Lead aVR", "aVR"),
            ("MDC_ECG_LEAD_AVR", "aVR"),
            ("ECG V2", "V2"),
            ("V2\0\0 ", "V2"),
            ("v5", "V5"),
            ("ii", "II"),
            ("EKG II", "II"),
            ("vx", "X"),
            ("V1@2ics", "V1@2ICS"),
            ("V1 2ICS", "V1@2ICS"),
            ("V2-3rdICS", "V2@3ICS"),
            ("v4r", "V4R"),
            ("MDC_ECG_LEAD_V7", "V7"),
            ("Resp", "Resp"),
            ("-X", "-X"),
            ("-V7", "-V7"),
        ] {
            assert_eq!(LeadName::parse(raw).to_string(), expected, "from {raw:?}");
        }
        assert!(LeadName::parse("V7").is_known() && !LeadName::parse("Resp").is_known());
    }

    /// Every name that this program writes.
    fn known() -> impl Iterator<Item = LeadName> {
        lead_table::names().map(LeadName::parse)
    }

    #[test]
    fn every_known_name_reads_back_in_any_case() {
        for (text, name) in lead_table::names().zip(known()) {
            assert_eq!(name.to_string(), text);
            assert!(name.is_known(), "{name}");
            for spelling in [
                text.to_uppercase(),
                text.to_lowercase(),
                format!(" {text}\0\0"),
            ] {
                assert_eq!(LeadName::parse(&spelling), name, "from {spelling:?}");
            }
            let json = serde_json::to_string(&name).unwrap();
            assert_eq!(serde_json::from_str::<LeadName>(&json).unwrap(), name);
        }
    }

    #[test]
    fn decorations_of_file_formats_come_off() {
        for name in LeadName::TWELVE {
            for raw in [
                format!("MDC_ECG_LEAD_{name}"),
                format!("MDC_ECG_ELEC_POTL_{name}"),
                format!("ECG Lead {name}"),
                format!("ECG_{name}"),
                format!("EKG {name}"),
                format!("Lead-{name}"),
                format!("{name} lead"),
                format!("{name}-Ref"),
                format!("{name}-WCT"),
                format!("{name}+"),
            ] {
                assert_eq!(LeadName::parse(&raw), name, "from {raw:?}");
            }
        }
    }

    #[test]
    fn high_and_low_leads_have_many_spellings() {
        for (space, words) in [("2", "2nd"), ("3", "3rd"), ("5", "5th")] {
            for lead in ["V1", "V2", "V3"] {
                let expected = format!("{lead}@{space}ICS");
                for raw in [
                    format!("{lead}-{space}ICS"),
                    format!("{lead} ({words} ICS)"),
                    format!("{lead}_IC{space}"),
                    format!("{lead}@ics{space}"),
                ] {
                    assert_eq!(LeadName::parse(&raw).to_string(), expected, "from {raw:?}");
                }
            }
        }
        assert_eq!(LeadName::parse("V2h").to_string(), "V2@3ICS");
        assert_eq!(
            LeadName::parse("V1 4ICS").to_string(),
            "V1 4ICS",
            "no other name for V1"
        );
    }

    #[test]
    fn reading_twice_changes_nothing() {
        let strange = [
            "",
            "d",
            "dV1",
            "V10",
            "Lead",
            "MDC_",
            "ECG ECG II",
            "Ⅱ",
            "ß",
            "-REF",
            "V1@9ICS",
        ];
        let names = strange
            .iter()
            .map(|raw| LeadName::parse(raw))
            .chain(known());
        for name in names {
            assert_eq!(LeadName::parse(&name.to_string()), name);
        }
    }

    #[test]
    fn the_twelve_are_six_and_six() {
        for name in LeadName::TWELVE {
            assert!(
                name.is_standard() && name.is_limb() != name.is_chest(),
                "{name}"
            );
        }
        assert!(
            known()
                .skip(12)
                .all(|it| !it.is_standard() && !it.is_limb())
        );
        assert!(LeadName::EIGHT.iter().all(LeadName::is_standard));
    }

    #[test]
    fn the_limb_leads_obey_einthoven_and_goldberger() {
        // Potentials of right arm, left arm and left leg, made up.
        let (ra, la, ll) = (0.1f32, 0.35, 0.9);
        let (i, ii) = (la - ra, ll - ra);
        let expected = [
            ll - la,
            ra - (la + ll) / 2.0,
            la - (ra + ll) / 2.0,
            ll - (ra + la) / 2.0,
        ];
        for ((name, from_i, from_ii), expected) in LeadName::LIMB_FROM_I_II.iter().zip(expected) {
            let found = from_i * i + from_ii * ii;
            assert!(
                (found - expected).abs() < 1e-6,
                "{name}: {found} {expected}"
            );
        }
    }
}
