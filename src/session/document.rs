//! What a session keeps: everything the user decided, nothing computed. It can be saved, undone and
//! compared.

use std::path::PathBuf;

use crate::{
    ecg::{LeadName, ViewAngle, montage, site},
    signal::FilterSettings,
};

/// Where the recording comes from.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceRef {
    /// A file of the user's.
    File {
        /// Where it was.
        path: PathBuf,
        /// SHA-256 of its bytes, hexadecimal; of files over a gigabyte of pieces of them.
        sha256: String,
    },
    /// A recording inside this program.
    Demo {
        /// Its short name.
        name: String,
    },
}

/// How leads share the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageLayout {
    /// Three rows of four, no rhythm strip.
    ThreeByFour,
    /// Three rows of four and one rhythm strip.
    #[default]
    ThreeByFourRhythm,
    /// Three rows of four and three rhythm strips.
    ThreeByFourThree,
    /// Six rows of two.
    SixByTwo,
    /// Twelve rows.
    TwelveByOne,
}

impl PageLayout {
    /// All, in the order of menus.
    pub const ALL: [Self; 5] = [
        Self::ThreeByFour,
        Self::ThreeByFourRhythm,
        Self::ThreeByFourThree,
        Self::SixByTwo,
        Self::TwelveByOne,
    ];

    /// What menus call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::ThreeByFour => "3×4",
            Self::ThreeByFourRhythm => "3×4 + rhythm",
            Self::ThreeByFourThree => "3×4 + 3 rhythm",
            Self::SixByTwo => "6×2",
            Self::TwelveByOne => "12×1",
        }
    }
}

/// Paper settings.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct PageSettings {
    /// How leads share the page.
    pub layout: PageLayout,
    /// Paper speed, mm/s.
    pub speed_mm_s: f64,
    /// Gain, mm/mV.
    pub gain_mm_mv: f64,
    /// Chest leads at half the gain.
    pub half_gain_chest: bool,
    /// Limb leads in Cabrera's order.
    pub cabrera: bool,
}

impl Default for PageSettings {
    fn default() -> Self {
        Self {
            layout: PageLayout::default(),
            speed_mm_s: 25.0,
            gain_mm_mv: 10.0,
            half_gain_chest: false,
            cabrera: false,
        }
    }
}

/// What to synthesise: a direction seen from the heart, or a lead of the catalogue.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// One electrode there, against Wilson's terminal.
    View(ViewAngle),
    /// A named lead.
    Lead(LeadName),
}

impl Target {
    /// Direction of the exploring electrode; `None` for leads between several electrodes.
    pub fn view(&self) -> Option<ViewAngle> {
        match self {
            Self::View(view) => Some(*view),
            Self::Lead(name) => Some(site(montage(name)?.exploring_site()?)?.view),
        }
    }
}

/// A virtual lead that the user keeps.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct VirtualLead {
    /// Never reused within a session.
    pub id: u32,
    /// What it is.
    pub target: Target,
    /// The user's own name for it, if any.
    pub name: Option<String>,
    /// Kept at the top of the list.
    pub pinned: bool,
}

/// What a caliper measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaliperKind {
    /// Two times and the amplitude between them.
    Pair,
    /// The same interval marched over the whole strip.
    Marching,
}

/// Two points on a trace.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Caliper {
    /// What it measures.
    pub kind: CaliperKind,
    /// The lead it was set on.
    pub lead: LeadName,
    /// Times from the start of the recording, seconds.
    pub times_s: [f64; 2],
    /// Amplitudes, mV.
    pub levels_mv: [f64; 2],
}

impl Caliper {
    /// Length of the interval, ms.
    pub fn interval_ms(&self) -> f64 {
        1000.0 * (self.times_s[1] - self.times_s[0]).abs()
    }

    /// Rate that the interval stands for, per minute; `None` for no interval.
    pub fn rate_bpm(&self) -> Option<f64> {
        let interval_ms = self.interval_ms();
        (1.0 <= interval_ms).then(|| 60_000.0 / interval_ms)
    }

    /// Difference of the two levels, µV.
    pub fn amplitude_uv(&self) -> f64 {
        1000.0 * (self.levels_mv[1] - self.levels_mv[0])
    }
}

/// Everything the user decided.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Document {
    /// The recording.
    pub source: Option<SourceRef>,
    /// Paper settings.
    pub page: PageSettings,
    /// Display filters; off unless the user asks.
    pub filters: FilterSettings,
    /// First second of the page.
    pub window_start_s: f64,
    /// The point on the skin.
    pub point: ViewAngle,
    /// Name of the preset that the point stands on, if it does.
    pub preset: Option<LeadName>,
    /// Leads kept beside the standard ones.
    pub virtual_leads: Vec<VirtualLead>,
    /// Calipers on the page.
    pub calipers: Vec<Caliper>,
    /// Patient-specific calibration on; off shows what the average torso would say.
    pub calibrated: bool,
    /// No identity on screen and in exports.
    pub deidentified: bool,
}

impl Document {
    /// What the point asks for: the preset it stands on, or its direction.
    pub fn point_target(&self) -> Target {
        self.preset
            .clone()
            .map_or(Target::View(self.point), Target::Lead)
    }

    /// An id that no virtual lead has.
    pub fn fresh_id(&self) -> u32 {
        1 + self.virtual_leads.iter().map(|it| it.id).max().unwrap_or(0)
    }

    /// Whether nothing panics on it: a saved session is a file like any other.
    pub fn is_sound(&self) -> bool {
        let page = &self.page;
        let finite = [page.speed_mm_s, page.gain_mm_mv, self.window_start_s]
            .iter()
            .all(|it| it.is_finite());
        let calipers = self.calipers.iter().all(|it| {
            it.times_s
                .iter()
                .chain(&it.levels_mv)
                .all(|x| x.is_finite())
        });
        let (theta, phi) = self.point.degrees();
        finite
            && calipers
            && theta.is_finite()
            && phi.is_finite()
            && 0.0 < page.speed_mm_s
            && 0.0 < page.gain_mm_mv
    }
}

impl Default for Document {
    fn default() -> Self {
        let high_v2 = LeadName::Named("V2@3ICS".into());
        let fallback = ViewAngle::from_degrees(62.0, 2.0);
        #[allow(clippy::expect_used)] // Finite constants are a direction.
        let point = Target::Lead(high_v2.clone())
            .view()
            .or(fallback)
            .expect("constant direction");
        Self {
            source: None,
            page: PageSettings::default(),
            filters: FilterSettings::default(),
            window_start_s: 0.0,
            point,
            preset: Some(high_v2),
            virtual_leads: Vec::new(),
            calipers: Vec::new(),
            calibrated: true,
            deidentified: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_survives_json() {
        // JSON may cost an angle its last bit: straight up has none to lose.
        let point = ViewAngle::from_vector([0.0, 0.0, 1.0]).unwrap();
        let mut document = Document {
            point,
            preset: None,
            ..Document::default()
        };
        document.virtual_leads.push(VirtualLead {
            id: 3,
            target: Target::Lead(LeadName::parse("V9")),
            name: None,
            pinned: true,
        });
        let text = serde_json::to_string(&document).unwrap();
        assert_eq!(serde_json::from_str::<Document>(&text).unwrap(), document);
        assert_eq!(document.fresh_id(), 4);
        assert!(document.is_sound());
    }

    #[test]
    fn calipers_read_out() {
        let caliper = Caliper {
            kind: CaliperKind::Pair,
            lead: LeadName::II,
            times_s: [1.0, 1.8],
            levels_mv: [0.0, -0.35],
        };
        assert!(
            (caliper.interval_ms() - 800.0).abs() < 1e-9
                && (caliper.amplitude_uv() + 350.0).abs() < 1e-9
        );
        assert_eq!(caliper.rate_bpm().map(f64::round), Some(75.0));
    }
}
