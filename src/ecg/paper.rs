//! ECG paper: how leads share a page, and the settings that a reader chooses.

use super::{LeadName, montage};

/// Arrangement of the standard leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum PageLayout {
    /// Three rows of four.
    #[serde(rename = "3x4", alias = "three_by_four")]
    ThreeByFour,
    /// Three rows of four, and II as rhythm.
    #[default]
    #[serde(rename = "3x4+1", alias = "three_by_four_rhythm")]
    ThreeByFourPlus1,
    /// Three rows of four, and V1, II, V5 as rhythm.
    #[serde(rename = "3x4+3", alias = "three_by_four_three")]
    ThreeByFourPlus3,
    /// Six rows of two: limb leads beside chest leads.
    #[serde(rename = "6x2", alias = "six_by_two")]
    SixByTwo,
    /// Each lead over the whole width; every other recorded lead below.
    #[serde(rename = "12x1", alias = "twelve_by_one")]
    TwelveByOne,
}

impl PageLayout {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::ThreeByFour,
        Self::ThreeByFourPlus1,
        Self::ThreeByFourPlus3,
        Self::SixByTwo,
        Self::TwelveByOne,
    ];

    /// The name users type.
    pub fn name(self) -> &'static str {
        match self {
            Self::ThreeByFour => "3x4",
            Self::ThreeByFourPlus1 => "3x4+1",
            Self::ThreeByFourPlus3 => "3x4+3",
            Self::SixByTwo => "6x2",
            Self::TwelveByOne => "12x1",
        }
    }

    /// The layout of that name; `×` may stand for `x`.
    pub fn parse(name: &str) -> Option<Self> {
        let plain = name.trim().to_lowercase().replace('×', "x");
        Self::ALL.into_iter().find(|it| it.name() == plain)
    }

    /// Leads side by side in the grid of the twelve.
    pub fn columns(self) -> usize {
        match self {
            Self::ThreeByFour | Self::ThreeByFourPlus1 | Self::ThreeByFourPlus3 => 4,
            Self::SixByTwo => 2,
            Self::TwelveByOne => 1,
        }
    }

    /// Leads that get a row of their own below the grid.
    pub fn rhythm(self) -> &'static [LeadName] {
        match self {
            Self::ThreeByFourPlus1 => &[LeadName::II],
            Self::ThreeByFourPlus3 => &[LeadName::V1, LeadName::II, LeadName::V5],
            _ => &[],
        }
    }
}

/// Size of the paper, landscape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaperSize {
    /// 297 × 210 mm.
    #[default]
    A4,
    /// 11 × 8.5 inches.
    Letter,
}

impl PaperSize {
    /// Width and height, mm.
    pub fn size_mm(self) -> [f64; 2] {
        match self {
            Self::A4 => [297.0, 210.0],
            Self::Letter => [279.4, 215.9],
        }
    }
}

/// What a reader chooses about the paper.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct PaperSettings {
    /// Paper speed, mm per second: 12.5, 25, 50 or 100.
    pub speed_mm_s: f64,
    /// Gain, mm per millivolt: 5, 10 or 20.
    pub gain_mm_mv: f64,
    /// Chest leads at half the gain.
    pub half_gain_chest: bool,
    /// Arrangement.
    pub layout: PageLayout,
    /// Limb leads in the order of Cabrera: aVL, I, −aVR, II, aVF, III.
    pub cabrera: bool,
    /// Size of the paper, for files.
    #[serde(alias = "sheet")]
    pub size: PaperSize,
}

impl Default for PaperSettings {
    fn default() -> Self {
        Self {
            speed_mm_s: 25.0,
            gain_mm_mv: 10.0,
            half_gain_chest: false,
            layout: PageLayout::default(),
            cabrera: false,
            size: PaperSize::default(),
        }
    }
}

impl PaperSettings {
    /// Paper speeds to choose from, mm per second.
    pub const SPEEDS_MM_S: [f64; 4] = [12.5, 25.0, 50.0, 100.0];
    /// Gains to choose from, mm per millivolt.
    pub const GAINS_MM_MV: [f64; 3] = [5.0, 10.0, 20.0];

    /// Gain of one lead.
    pub fn gain_of(&self, name: &LeadName) -> f64 {
        if self.half_gain_chest && is_chest_like(name) {
            0.5 * self.gain_mm_mv
        } else {
            self.gain_mm_mv
        }
    }

    /// Speed and gain as printed: `25 mm/s · 10 mm/mV (chest leads 5 mm/mV)`, where `chest_leads` is
    /// what those are called.
    pub fn label(&self, chest_leads: &str) -> String {
        let chest = if self.half_gain_chest {
            format!(" ({chest_leads} {} mm/mV)", 0.5 * self.gain_mm_mv)
        } else {
            String::new()
        };
        format!(
            "{} mm/s · {} mm/mV{chest}",
            self.speed_mm_s, self.gain_mm_mv
        )
    }
}

/// V1 to V6 and every lead of one electrode against Wilson's terminal.
fn is_chest_like(name: &LeadName) -> bool {
    name.is_chest() || montage(name).is_some_and(|it| it.exploring_site().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back() {
        for layout in PageLayout::ALL {
            let name = layout.name();
            assert_eq!(PageLayout::parse(name), Some(layout));
            let json = serde_json::to_string(&layout).unwrap();
            assert_eq!(json, format!("\"{name}\""));
            assert_eq!(serde_json::from_str::<PageLayout>(&json).unwrap(), layout);
        }
        assert_eq!(
            (PageLayout::parse(" 3×4+1"), PageLayout::parse("4x4")),
            (Some(PageLayout::ThreeByFourPlus1), None)
        );
    }

    #[test]
    fn settings_saved_before_layouts_had_short_names_are_read() {
        let saved =
            r#"{"layout":"three_by_four_three","speed_mm_s":50.0,"cabrera":true,"sheet":"letter"}"#;
        let settings: PaperSettings = serde_json::from_str(saved).unwrap();
        let expected = PaperSettings {
            layout: PageLayout::ThreeByFourPlus3,
            speed_mm_s: 50.0,
            cabrera: true,
            size: PaperSize::Letter,
            ..PaperSettings::default()
        };
        assert_eq!(settings, expected);
    }

    #[test]
    fn chest_leads_alone_lose_half_their_gain() {
        let settings = PaperSettings {
            half_gain_chest: true,
            ..PaperSettings::default()
        };
        for (name, gain) in [
            ("II", 10.0),
            ("aVR", 10.0),
            ("V3", 5.0),
            ("V8", 5.0),
            ("V1@2ICS", 5.0),
            ("X", 10.0),
            ("Resp", 10.0),
        ] {
            assert_eq!(settings.gain_of(&LeadName::parse(name)), gain, "{name}");
        }
        assert_eq!(
            settings.label("chest leads"),
            "25 mm/s · 10 mm/mV (chest leads 5 mm/mV)"
        );
    }
}
