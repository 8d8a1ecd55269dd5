//! Sheets: the leads that one clinical question wants beside one another, recorded ones and those to
//! synthesise.

use super::{Lead, LeadName, LeadSet, Target};

/// A set of leads on one sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sheet {
    /// V1 and V2 at the 4th, 3rd and 2nd intercostal space.
    Brugada,
    /// V6 and on round the back: V7 to V9.
    Posterior,
    /// V1 and on over the right side: V3R to V6R.
    RightSided,
    /// The twelve, V4R, V8 and V9.
    Fifteen,
    /// The twelve, V3R to V5R and V7 to V9.
    Eighteen,
    /// The twelve and every lead that is kept.
    Kept,
}

impl Sheet {
    /// All, in the order of menus.
    pub const ALL: [Self; 6] = [
        Self::Brugada,
        Self::Posterior,
        Self::RightSided,
        Self::Fifteen,
        Self::Eighteen,
        Self::Kept,
    ];

    /// The name users type.
    pub fn name(self) -> &'static str {
        match self {
            Self::Brugada => "brugada",
            Self::Posterior => "posterior",
            Self::RightSided => "right",
            Self::Fifteen => "15",
            Self::Eighteen => "18",
            Self::Kept => "kept",
        }
    }

    /// The sheet of that name.
    pub fn parse(name: &str) -> Option<Self> {
        let plain = name.trim().to_lowercase();
        Self::ALL.into_iter().find(|sheet| sheet.name() == plain)
    }

    /// Recorded leads on it.
    fn recorded(self) -> &'static [LeadName] {
        match self {
            Self::Brugada => &[LeadName::V1, LeadName::V2],
            Self::Posterior => &[LeadName::V6],
            Self::RightSided => &[LeadName::V1],
            Self::Fifteen | Self::Eighteen | Self::Kept => &LeadName::TWELVE,
        }
    }

    fn beside(self) -> &'static [&'static str] {
        match self {
            Self::Brugada => &["V1@3ICS", "V2@3ICS", "V1@2ICS", "V2@2ICS"],
            Self::Posterior => &["V7", "V8", "V9"],
            Self::RightSided => &["V3R", "V4R", "V5R", "V6R"],
            Self::Fifteen => &["V4R", "V8", "V9"],
            Self::Eighteen => &["V3R", "V4R", "V5R", "V7", "V8", "V9"],
            Self::Kept => &[],
        }
    }

    /// Whether the median beat of this lead is shown with it: of all twelve beside others it would
    /// crowd out the others.
    pub fn has_beat_of(self, lead: &Lead) -> bool {
        let is_small = self.recorded().len() < LeadName::TWELVE.len();
        is_small || !lead.name.is_standard()
    }

    /// Leads to synthesise for it, where the recording lacks them.
    pub fn targets(self) -> impl Iterator<Item = Target> {
        let names = self.beside().iter().map(|name| LeadName::parse(name));
        names.filter_map(|name| Target::lead(&name).ok())
    }

    /// Leads whose median beats belong over one another: the same line, space by space downwards.
    pub fn overlaid(self) -> Vec<[LeadName; 3]> {
        let column = |names: [&str; 3]| names.map(LeadName::parse);
        match self {
            Self::Brugada => vec![
                column(["V1", "V1@3ICS", "V1@2ICS"]),
                column(["V2", "V2@3ICS", "V2@2ICS"]),
            ],
            _ => Vec::new(),
        }
    }

    /// Names of the leads on it, in its order: what is compared stands together.
    fn names(self) -> Vec<LeadName> {
        let columns = self.overlaid();
        if !columns.is_empty() {
            return columns.concat();
        }
        let beside = self.beside().iter().map(|name| LeadName::parse(name));
        self.recorded().iter().cloned().chain(beside).collect()
    }

    /// Of `leads` those on it, in its order; `None` where none is. A recorded lead stands for the
    /// synthesised one of its name.
    pub fn select(self, leads: &LeadSet) -> Option<LeadSet> {
        let names = self.names();
        let mut chosen: Vec<_> = names
            .iter()
            .filter_map(|name| leads.get(name))
            .cloned()
            .collect();
        if self == Self::Kept {
            let made = leads.leads().iter();
            chosen.extend(made.filter(|lead| lead.origin.is_synthesised()).cloned());
        }
        LeadSet::new(leads.rate(), chosen).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{Origin, SampleRate, ViewAngle};

    fn leads(recorded: &[&str], made: &[&str]) -> LeadSet {
        let lead = |name: &&str| Lead::measured(LeadName::parse(name), vec![0.0; 4]);
        let synthesised = |name: &&str| Lead {
            origin: Origin::Synthesised {
                view: ViewAngle::ANTERIOR,
                by: "a test".into(),
            },
            ..lead(name)
        };
        let all = recorded
            .iter()
            .map(lead)
            .chain(made.iter().map(synthesised));
        LeadSet::new(SampleRate::from_hz(500.0).unwrap(), all.collect()).unwrap()
    }

    fn labels(sheet: Sheet, leads: &LeadSet) -> String {
        let chosen = sheet.select(leads);
        let leads = chosen.iter().flat_map(|chosen| chosen.leads());
        let labels: Vec<String> = leads.map(Lead::label).collect();
        labels.join(" ")
    }

    #[test]
    fn names_parse_back_and_every_lead_has_its_place() {
        for sheet in Sheet::ALL {
            assert_eq!(Sheet::parse(sheet.name()), Some(sheet));
            assert_eq!(sheet.targets().count(), sheet.beside().len());
        }
        assert_eq!(Sheet::parse(" Brugada "), Some(Sheet::Brugada));
        assert_eq!(Sheet::parse("a4"), None);
    }

    #[test]
    fn a_recorded_lead_stands_for_the_synthesised_one() {
        let all = leads(&["V1", "V6", "V7"], &["V8", "V9", "X"]);
        assert_eq!(labels(Sheet::Posterior, &all), "V6 V7 dV8 dV9");
        assert_eq!(labels(Sheet::Kept, &all), "V1 V6 dV8 dV9 dX");
        assert_eq!(labels(Sheet::Brugada, &all), "V1");
        let high = leads(&["V1", "V2"], &["V1@3ICS", "V2@3ICS", "V1@2ICS", "V2@2ICS"]);
        assert_eq!(
            labels(Sheet::Brugada, &high),
            "V1 dV1@3ICS dV1@2ICS V2 dV2@3ICS dV2@2ICS"
        );
        assert!(Sheet::RightSided.select(&leads(&["II"], &[])).is_none());
    }
}
