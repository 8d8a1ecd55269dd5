//! Units of voltage.

/// A unit of voltage that files use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Unit {
    /// 10⁻⁹ V.
    #[serde(rename = "nV")]
    Nanovolt,
    /// 10⁻⁶ V.
    #[serde(rename = "µV")]
    Microvolt,
    /// 10⁻³ V.
    #[serde(rename = "mV")]
    Millivolt,
    /// 1 V.
    #[serde(rename = "V")]
    Volt,
}

impl Unit {
    /// Reads the spellings found in files, `None` for anything that is no voltage.
    pub fn parse(raw: &str) -> Option<Self> {
        let text = raw.trim_matches(|it: char| it.is_whitespace() || it == '\0');
        match text {
            "nV" | "nv" | "NV" => Some(Self::Nanovolt),
            "uV" | "uv" | "UV" | "µV" | "μV" | "µv" | "μv" | "mcV" | "microV" => {
                Some(Self::Microvolt)
            }
            "mV" | "mv" | "MV" => Some(Self::Millivolt),
            "V" | "v" => Some(Self::Volt),
            _ => match text.to_lowercase().trim_end_matches('s') {
                "nanovolt" => Some(Self::Nanovolt),
                "microvolt" => Some(Self::Microvolt),
                "millivolt" | "mvolt" => Some(Self::Millivolt),
                "volt" => Some(Self::Volt),
                _ => None,
            },
        }
    }

    /// Millivolts in one of this unit.
    pub fn mv(self) -> f64 {
        match self {
            Self::Nanovolt => 1e-6,
            Self::Microvolt => 1e-3,
            Self::Millivolt => 1.0,
            Self::Volt => 1e3,
        }
    }

    /// The usual sign.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Nanovolt => "nV",
            Self::Microvolt => "µV",
            Self::Millivolt => "mV",
            Self::Volt => "V",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        for (raw, expected) in [
            ("uV      ", Some(Unit::Microvolt)),
            ("µV", Some(Unit::Microvolt)),
            ("μV", Some(Unit::Microvolt)),
            ("mV\0", Some(Unit::Millivolt)),
            ("V", Some(Unit::Volt)),
            ("nV", Some(Unit::Nanovolt)),
            ("microvolts", Some(Unit::Microvolt)),
            ("mmHg", None),
            ("", None),
        ] {
            assert_eq!(Unit::parse(raw), expected, "from {raw:?}");
        }
    }
}
