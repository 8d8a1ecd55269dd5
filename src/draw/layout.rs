//! How leads are laid out on paper: rows of slots, and the settings of the paper.

use crate::ecg::{Lead, LeadName, LeadSet, montage};

/// Arrangement of the standard leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Layout {
    /// Three rows of four.
    #[serde(rename = "3x4")]
    ThreeByFour,
    /// Three rows of four, and II as rhythm.
    #[default]
    #[serde(rename = "3x4+1")]
    ThreeByFourPlus1,
    /// Three rows of four, and V1, II, V5 as rhythm.
    #[serde(rename = "3x4+3")]
    ThreeByFourPlus3,
    /// Six rows of two: limb leads beside chest leads.
    #[serde(rename = "6x2")]
    SixByTwo,
    /// Each lead over the whole width; every other recorded lead below.
    #[serde(rename = "12x1")]
    TwelveByOne,
}

impl Layout {
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

    fn rhythm(self) -> &'static [LeadName] {
        match self {
            Self::ThreeByFourPlus1 => &[LeadName::II],
            Self::ThreeByFourPlus3 => &[LeadName::V1, LeadName::II, LeadName::V5],
            _ => &[],
        }
    }
}

/// Size of the sheet, landscape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sheet {
    /// 297 × 210 mm.
    #[default]
    A4,
    /// 11 × 8.5 inches.
    Letter,
}

impl Sheet {
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
    pub layout: Layout,
    /// Limb leads in the order of Cabrera: aVL, I, −aVR, II, aVF, III.
    pub cabrera: bool,
    /// Sheet of paper, for files.
    pub sheet: Sheet,
}

impl Default for PaperSettings {
    fn default() -> Self {
        Self {
            speed_mm_s: 25.0,
            gain_mm_mv: 10.0,
            half_gain_chest: false,
            layout: Layout::default(),
            cabrera: false,
            sheet: Sheet::default(),
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

    /// Speed and gain as printed: `25 mm/s`, `10 mm/mV, chest leads 5 mm/mV`.
    pub fn label(&self) -> String {
        let chest = if self.half_gain_chest {
            format!(" (chest leads {} mm/mV)", 0.5 * self.gain_mm_mv)
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

/// Place for one lead.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    /// Which lead.
    pub name: LeadName,
    /// What to write at the trace.
    pub label: String,
    /// 1, or −1 for Cabrera's −aVR.
    pub sign: f32,
    /// Whether the recording has the lead.
    pub present: bool,
}

impl Slot {
    fn of(lead: &Lead) -> Self {
        Self {
            name: lead.name.clone(),
            label: lead.label(),
            sign: 1.0,
            present: true,
        }
    }

    fn named(leads: &LeadSet, name: &LeadName) -> Self {
        leads.get(name).map_or_else(
            || Self {
                name: name.clone(),
                label: name.to_string(),
                sign: 1.0,
                present: false,
            },
            Self::of,
        )
    }

    fn inverted(self) -> Self {
        Self {
            label: format!("−{}", self.label),
            sign: -self.sign,
            ..self
        }
    }
}

/// Fewer standard leads than this, and each recorded lead gets a row instead of the grid of twelve.
const LEAST_FOR_GRID: usize = 7;
/// Rows that such a listing has at most.
const MOST_LISTED: usize = 24;

/// Rows of slots: the grid of the twelve, rhythm rows, then a row for each synthesised lead. In
/// each row the slots share the width.
pub(super) fn rows(leads: &LeadSet, settings: &PaperSettings) -> Vec<Vec<Slot>> {
    let measured = |it: &&Lead| !it.origin.is_synthesised();
    let standard = leads
        .leads()
        .iter()
        .filter(measured)
        .filter(|it| it.name.is_standard())
        .count();
    let mut rows = if standard < LEAST_FOR_GRID {
        leads
            .leads()
            .iter()
            .filter(measured)
            .take(MOST_LISTED)
            .map(|it| vec![Slot::of(it)])
            .collect()
    } else {
        grid(leads, settings)
    };
    let synthesised = leads.leads().iter().filter(|it| it.origin.is_synthesised());
    rows.extend(synthesised.map(|it| vec![Slot::of(it)]));
    rows
}

fn grid(leads: &LeadSet, settings: &PaperSettings) -> Vec<Vec<Slot>> {
    use LeadName::{AVF, AVL, AVR, I, II, III};
    let order = if settings.cabrera {
        [AVL, I, AVR, II, AVF, III]
    } else {
        [I, II, III, AVR, AVL, AVF]
    };
    let slot = |name: &LeadName| {
        let slot = Slot::named(leads, name);
        if settings.cabrera && *name == AVR {
            slot.inverted()
        } else {
            slot
        }
    };
    let twelve: Vec<Slot> = order.iter().chain(&LeadName::CHEST).map(slot).collect();
    let columns = settings.layout.columns();
    let n_rows = twelve.len() / columns;
    let row = |r: usize| {
        (0..columns)
            .map(|c| twelve[c * n_rows + r].clone())
            .collect()
    };
    let rhythm = settings
        .layout
        .rhythm()
        .iter()
        .filter(|it| leads.get(it).is_some());
    let mut rows: Vec<Vec<Slot>> = (0..n_rows)
        .map(row)
        .chain(rhythm.map(|it| vec![Slot::named(leads, it)]))
        .collect();
    if settings.layout == Layout::TwelveByOne {
        rows.extend(others(leads).map(|it| vec![Slot::of(it)]));
    }
    rows
}

/// Recorded leads beyond the twelve.
pub(super) fn others(leads: &LeadSet) -> impl Iterator<Item = &Lead> {
    leads
        .leads()
        .iter()
        .filter(|it| !it.name.is_standard() && !it.origin.is_synthesised())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::SampleRate;

    fn twelve(extra: &[&str]) -> LeadSet {
        let names = LeadName::TWELVE
            .into_iter()
            .chain(extra.iter().map(|it| LeadName::parse(it)));
        let leads = names.map(|it| Lead::measured(it, vec![0.0; 10])).collect();
        LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads).unwrap()
    }

    fn labels(leads: &LeadSet, layout: Layout, cabrera: bool) -> String {
        let settings = PaperSettings {
            layout,
            cabrera,
            ..Default::default()
        };
        rows(leads, &settings)
            .iter()
            .map(|row| {
                row.iter()
                    .map(|it| it.label.as_str())
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect::<Vec<_>>()
            .join(" / ")
    }

    #[test]
    fn arrangements() {
        let leads = twelve(&["X"]);
        assert_eq!(
            labels(&leads, Layout::ThreeByFourPlus1, false),
            "I aVR V1 V4 / II aVL V2 V5 / III aVF V3 V6 / II"
        );
        assert_eq!(
            labels(&leads, Layout::ThreeByFourPlus3, true),
            "aVL II V1 V4 / I aVF V2 V5 / −aVR III V3 V6 / V1 / II / V5"
        );
        assert_eq!(
            labels(&leads, Layout::SixByTwo, false),
            "I V1 / II V2 / III V3 / aVR V4 / aVL V5 / aVF V6"
        );
        assert!(labels(&leads, Layout::TwelveByOne, false).ends_with("/ V6 / X"));
    }

    #[test]
    fn few_leads_are_listed() {
        let leads = LeadSet::new(
            SampleRate::from_hz(250.0).unwrap(),
            vec![Lead::measured(LeadName::V5, vec![0.0; 9])],
        )
        .unwrap();
        assert_eq!(labels(&leads, Layout::ThreeByFourPlus1, true), "V5");
    }

    #[test]
    fn names_parse_back() {
        for layout in Layout::ALL {
            assert_eq!(Layout::parse(layout.name()), Some(layout));
            assert_eq!(
                serde_json::to_string(&layout).unwrap(),
                format!("\"{}\"", layout.name())
            );
        }
        assert_eq!(
            (Layout::parse("3×4+1"), Layout::parse("4x4")),
            (Some(Layout::ThreeByFourPlus1), None)
        );
    }
}
