//! The recordings that come with the program. All of them are simulated.

use crate::{
    formats::{self, FormatError, Opened, ReadOptions},
    phantom::Condition,
};

/// A demo as embedded, and how it was made: `ecg-panorama phantom demos FOLDER` makes it again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demo {
    /// Short name, also of its file.
    pub name: &'static str,
    /// What it shows.
    pub title: &'static str,
    /// The patient's condition.
    pub condition: Condition,
    /// The patient's seed.
    pub seed: u64,
    /// Its EDF+ file, deflated by the build.
    packed: &'static [u8],
}

impl Demo {
    /// Leads of every demo: the twelve, then the ones that a routine exam does not have, as the
    /// truth to compare with.
    #[rustfmt::skip]
    pub const LEADS: [&str; 23] = [
        "I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6",
        "V1@2ICS", "V2@2ICS", "V1@3ICS", "V2@3ICS", "V7", "V8", "V9", "V3R", "V4R", "V5R", "V6R",
    ];

    /// Its EDF+ file.
    #[allow(clippy::expect_used)] // The build packed it, and a test reads each.
    pub fn file(&self) -> Vec<u8> {
        miniz_oxide::inflate::decompress_to_vec(self.packed).expect("embedded demo")
    }

    /// Reads it.
    pub(super) fn open(&self) -> Result<Opened, FormatError> {
        let name = format!("{}.edf", self.name);
        formats::read_bytes(&name, &self.file(), &ReadOptions::default())
    }
}

/// The embedded demos, normal first.
pub fn demos() -> &'static [Demo] {
    &DEMOS
}

macro_rules! packed {
    ($name:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".deflated"))
    };
}

#[rustfmt::skip]
static DEMOS: [Demo; 6] = [
    Demo { name: "normal",       title: "Normal sinus rhythm",                                          condition: Condition::Normal,      seed: 12, packed: packed!("normal") },
    Demo { name: "brugada-1",    title: "Brugada type 1, hidden at the 4th intercostal space",          condition: Condition::Brugada1,    seed: 14, packed: packed!("brugada-1") },
    Demo { name: "mi-posterior", title: "Posterior myocardial infarction",                              condition: Condition::PosteriorMi, seed: 4,  packed: packed!("mi-posterior") },
    Demo { name: "lbbb",         title: "Left bundle branch block",                                     condition: Condition::Lbbb,        seed: 5,  packed: packed!("lbbb") },
    Demo { name: "rbbb",         title: "Right bundle branch block",                                    condition: Condition::Rbbb,        seed: 5,  packed: packed!("rbbb") },
    Demo { name: "pvc-rvot",     title: "Premature ventricular complexes from the right outflow tract", condition: Condition::PvcRvot,     seed: 13, packed: packed!("pvc-rvot") },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::LeadName;

    #[test]
    fn every_demo_opens_with_its_leads_and_says_that_it_is_simulated() {
        for demo in demos() {
            assert_eq!(demo.name, demo.condition.name());
            let recording = demo.open().unwrap().recording;
            let names: Vec<&LeadName> = recording.leads.leads().iter().map(|it| &it.name).collect();
            assert_eq!(names, Demo::LEADS.map(LeadName::parse).each_ref());
            let marked = recording
                .notes
                .iter()
                .any(|note| note.1.starts_with("SIMULATED"));
            assert!(marked, "{}: {:?}", demo.name, recording.notes);
        }
    }
}
