//! What a session keeps: everything the user decided, nothing computed. It can be saved, undone and
//! compared.

use std::path::PathBuf;

use super::{lab::VirtualHeart, read_as::ReadAs};
use crate::{
    ecg::{LeadName, PaperSettings, Sheet, Target, ViewAngle},
    signal::{Exchange, FilterSettings},
};

/// Longest stretch that is shown and calibrated on at once, seconds.
pub const WINDOW_S: f64 = 10.0;

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
        /// What the user said of it that it does not say itself.
        #[serde(default, skip_serializing_if = "ReadAs::is_plain")]
        read_as: ReadAs,
    },
    /// A recording inside this program.
    Demo {
        /// Its short name.
        name: String,
    },
    /// A heart that the user sets.
    Simulated {
        /// The heart.
        heart: Box<VirtualHeart>,
    },
}

impl SourceRef {
    /// The heart that is set, where there is one.
    pub fn heart(&self) -> Option<&VirtualHeart> {
        match self {
            Self::Simulated { heart } => Some(heart),
            Self::File { .. } | Self::Demo { .. } => None,
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
    /// Who wanted it.
    #[serde(default)]
    pub kept: Kept,
}

/// Why a virtual lead is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// The user keeps it.
    #[default]
    ByHand,
    /// The sheet at hand has it; it goes when the sheet goes.
    WithSheet,
}

/// What a caliper measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaliperKind {
    /// Two times and the amplitude between them.
    Pair,
    /// The same interval marched over the whole strip.
    Marching,
    /// Two times through all leads.
    AllLeads,
}

/// Two points on a trace.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Caliper {
    /// What it measures.
    pub kind: CaliperKind,
    /// The lead it was set on.
    pub lead: LeadName,
    /// Whether that is a synthesised lead.
    #[serde(default)]
    pub synthesised: bool,
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

/// What a reader says of a beat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BeatSaid {
    /// Here is one that was not found.
    Added,
    /// This is none.
    Removed,
    /// The median beat goes without it.
    Excluded,
}

/// A beat that was set by hand.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct BeatMark {
    /// From the start of the recording, seconds.
    pub time_s: f64,
    /// What is said of it.
    pub said: BeatSaid,
}

/// Everything the user decided.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Document {
    /// The recording.
    pub source: Option<SourceRef>,
    /// Paper settings.
    pub page: PaperSettings,
    /// Display filters; off unless the user asks.
    pub filters: FilterSettings,
    /// First second of the page.
    pub window_start_s: f64,
    /// The point on the skin.
    pub point: ViewAngle,
    /// Name of the preset that the point stands on, if it does.
    pub preset: Option<LeadName>,
    /// Exploring electrodes that sat elsewhere than their lead's name says, as far as the user
    /// knows.
    pub electrodes: Vec<(LeadName, ViewAngle)>,
    /// Electrodes that the reader takes as exchanged, and sees changed back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchange_undone: Option<Exchange>,
    /// Leads kept beside the standard ones.
    pub virtual_leads: Vec<VirtualLead>,
    /// The sheet in the place of the page, if one is chosen.
    pub sheet: Option<Sheet>,
    /// The user's own words on the exam, for the page.
    pub report: String,
    /// Calipers on the page.
    pub calipers: Vec<Caliper>,
    /// Beats that were set by hand.
    pub beats: Vec<BeatMark>,
    /// Patient-specific calibration on; off shows what the average torso would say.
    pub calibrated: bool,
    /// No identity on screen and in exports.
    pub deidentified: bool,
}

/// Whether a name or a number may tell who the patient is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Privacy {
    /// As the recording has it.
    Shown,
    /// No identity on screen and in exports.
    Hidden,
}

impl Document {
    /// A fresh document with what outlives a recording: paper and privacy.
    pub fn emptied(&self) -> Self {
        Self {
            page: self.page,
            deidentified: self.deidentified,
            ..Self::default()
        }
    }

    /// A fresh document that takes along how exams of a list are looked at: paper and privacy, the
    /// point, the kept leads, the filters.
    pub fn carried(&self) -> Self {
        Self {
            filters: self.filters,
            point: self.point,
            preset: self.preset.clone(),
            virtual_leads: self.virtual_leads.clone(),
            ..self.emptied()
        }
    }

    /// Whether it holds work that [`Self::carried`] leaves behind, seen from what was saved.
    pub(super) fn leaves_behind(&self, saved: &Self) -> bool {
        let own = |document: &Self| Self {
            page: PaperSettings::default(),
            deidentified: false,
            filters: FilterSettings::default(),
            point: ViewAngle::ANTERIOR,
            preset: None,
            virtual_leads: Vec::new(),
            window_start_s: 0.0,
            ..document.clone()
        };
        own(self) != own(saved)
    }

    /// Whether identity may be seen.
    pub fn privacy(&self) -> Privacy {
        if self.deidentified {
            Privacy::Hidden
        } else {
            Privacy::Shown
        }
    }

    /// What the point asks for: the preset it stands on, or its direction.
    pub fn point_target(&self) -> Target {
        let preset = self.preset.as_ref().map(Target::lead);
        preset
            .and_then(Result::ok)
            .unwrap_or(Target::View(self.point))
    }

    /// How many beats were put in, struck out and left out of the median beat; `None` for none.
    pub fn beats_by_hand(&self) -> Option<[usize; 3]> {
        let said = [BeatSaid::Added, BeatSaid::Removed, BeatSaid::Excluded];
        let count = |said| self.beats.iter().filter(|mark| mark.said == said).count();
        (!self.beats.is_empty()).then(|| said.map(count))
    }

    /// Leads that the user keeps.
    pub fn kept_leads(&self) -> impl Iterator<Item = &VirtualLead> {
        let leads = self.virtual_leads.iter();
        leads.filter(|lead| lead.kept == Kept::ByHand)
    }

    /// Whether the lead of that id is this one.
    pub(super) fn lists(&self, id: u32, target: &Target) -> bool {
        let mut leads = self.virtual_leads.iter();
        leads.any(|lead| lead.id == id && lead.target == *target)
    }

    /// An id that no virtual lead has.
    pub fn fresh_id(&self) -> u32 {
        1 + self.virtual_leads.iter().map(|it| it.id).max().unwrap_or(0)
    }

    /// Follows signals that go by other names now.
    pub(super) fn rename(&mut self, names: &[(LeadName, LeadName)]) {
        for caliper in &mut self.calipers {
            let renamed = names.iter().find(|(was, _)| *was == caliper.lead);
            renamed
                .into_iter()
                .for_each(|(_, is)| caliper.lead = is.clone());
        }
    }

    /// As it is shown of a recording of `duration_s`: the point stands where its preset is, and the
    /// page starts within the recording.
    pub(super) fn fitted_to(mut self, duration_s: f64) -> Self {
        let latest_s = (duration_s - WINDOW_S).max(0.0);
        self.window_start_s = self.window_start_s.clamp(0.0, latest_s);
        let place = self.preset.as_ref().map(|name| Target::lead(name).ok());
        match place {
            Some(Some(target)) => self.point = target.exploring_view().unwrap_or(self.point),
            Some(None) => self.preset = None,
            None => {}
        }
        self
    }
}

impl Default for Document {
    fn default() -> Self {
        let high_v2 = LeadName::Named("V2@3ICS".into());
        let point = Target::lead(&high_v2).map_or(ViewAngle::ANTERIOR, |target| target.view());
        Self {
            source: None,
            page: PaperSettings::default(),
            filters: FilterSettings::default(),
            window_start_s: 0.0,
            point,
            preset: Some(high_v2),
            electrodes: Vec::new(),
            exchange_undone: None,
            virtual_leads: Vec::new(),
            sheet: None,
            report: String::new(),
            calipers: Vec::new(),
            beats: Vec::new(),
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
        // An angle of many digits, of which JSON may cost none.
        let point = ViewAngle::from_vector([0.31, -0.72, 0.41]).unwrap();
        let mut document = Document {
            point,
            preset: None,
            ..Document::default()
        };
        document.virtual_leads.push(VirtualLead {
            id: 3,
            target: "V9".parse().unwrap(),
            name: None,
            pinned: true,
            kept: Kept::WithSheet,
        });
        let text = serde_json::to_string(&document).unwrap();
        assert_eq!(serde_json::from_str::<Document>(&text).unwrap(), document);
        assert_eq!(document.fresh_id(), 4);
        assert_eq!(document.check(), Ok(()));
    }

    #[test]
    fn calipers_read_out() {
        let caliper = Caliper {
            kind: CaliperKind::Pair,
            lead: LeadName::II,
            synthesised: false,
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
