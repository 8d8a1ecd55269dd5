//! Electrode sites on the reference torso, and every lead as weighted electrodes.

use std::{collections::BTreeMap, sync::LazyLock};

use super::{
    LeadName, ViewAngle,
    vec3::{self, Vec3},
};

/// A named place on the skin of the reference torso.
#[derive(Clone, Debug, PartialEq)]
pub struct Electrode {
    /// Site name: `V1`, `LA`, `manubrium` …
    pub name: String,
    /// Anterior, left, superior, mm.
    pub position_mm: Vec3,
    /// Direction from the heart's centre.
    pub view: ViewAngle,
}

/// What stands behind one term of a montage.
#[derive(Clone, Debug, PartialEq)]
pub enum Terminal {
    /// One electrode site by name.
    Site(&'static str),
    /// Wilson's central terminal: the mean of RA, LA, LL.
    Wilson,
}

/// A lead as a weighted sum of electrode potentials. The weights sum to zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Montage {
    /// The lead's name.
    pub name: LeadName,
    /// Group it belongs to: `standard`, `high`, `low`, `posterior`, `right`, `frank`, `easi`,
    /// `bipolar`, `device`, `limb`, `panobench`.
    pub group: &'static str,
    /// Weighted electrodes.
    pub terms: Vec<(Terminal, f64)>,
    /// Where that is, in words.
    pub place: &'static str,
}

impl Montage {
    /// The exploring electrode, where the lead is one electrode against Wilson's terminal.
    pub fn exploring_site(&self) -> Option<&'static str> {
        match self.terms.as_slice() {
            [(Terminal::Site(site), 1.0), (Terminal::Wilson, -1.0)] => Some(site),
            _ => None,
        }
    }

    /// Direction of the exploring electrode; `None` for leads between several electrodes.
    pub fn exploring_view(&self) -> Option<ViewAngle> {
        Some(site(self.exploring_site()?)?.view)
    }

    /// Direction from the heart: of the exploring electrode, or of the weighted sum of electrodes
    /// for other leads.
    pub fn view(&self) -> ViewAngle {
        self.exploring_view().unwrap_or_else(|| {
            let mut sum = [0.0; 3];
            for (name, weight) in self.sites() {
                if let Some(electrode) = site(name) {
                    sum = vec3::add(sum, electrode.position_mm.map(|mm| weight * mm));
                }
            }
            ViewAngle::from_vector(sum).unwrap_or(ViewAngle::ANTERIOR)
        })
    }

    /// Sites with their weights, Wilson's terminal spelled out, each site once.
    pub fn sites(&self) -> Vec<(&'static str, f64)> {
        let mut sites: Vec<(&'static str, f64)> = Vec::new();
        let mut add =
            |name: &'static str, weight: f64| match sites.iter_mut().find(|site| site.0 == name) {
                Some(found) => found.1 += weight,
                None => sites.push((name, weight)),
            };
        for (terminal, weight) in &self.terms {
            match terminal {
                Terminal::Site(name) => add(name, *weight),
                Terminal::Wilson => WILSON.iter().for_each(|name| add(name, weight / 3.0)),
            }
        }
        sites
    }
}

/// The limb electrodes that Wilson's terminal is the mean of.
pub const WILSON: [&str; 3] = ["RA", "LA", "LL"];

/// Centre that view angles are measured from on the reference torso, mm.
pub const HEART_CENTRE_MM: Vec3 = [61.6, 22.0, 470.0];

/// Site on the reference torso by name.
pub fn site(name: &str) -> Option<&'static Electrode> {
    SITES.get(name)
}

/// How a lead is connected, by name.
pub fn montage(name: &LeadName) -> Option<&'static Montage> {
    CATALOGUE.iter().find(|it| it.name == *name)
}

/// All leads this program knows by name.
pub fn catalogue() -> &'static [Montage] {
    &CATALOGUE
}

static SITES: LazyLock<BTreeMap<String, Electrode>> = LazyLock::new(|| {
    #[derive(serde::Deserialize)]
    struct File {
        electrodes: BTreeMap<String, Site>,
    }
    #[derive(serde::Deserialize)]
    struct Site {
        pos_mm: Vec3,
    }
    #[allow(clippy::expect_used)] // The asset is part of the binary and a test reads it.
    let file: File = serde_json::from_str(include_str!("../../assets/electrodes.json"))
        .expect("embedded electrode sites");
    file.electrodes
        .into_iter()
        .filter_map(|(name, it)| Some((name.clone(), electrode(name, it.pos_mm)?)))
        .collect()
});

fn electrode(name: String, position_mm: Vec3) -> Option<Electrode> {
    Some(Electrode {
        name,
        position_mm,
        view: ViewAngle::from_vector(vec3::sub(position_mm, HEART_CENTRE_MM))?,
    })
}

static CATALOGUE: LazyLock<Vec<Montage>> = LazyLock::new(|| {
    let limb = LIMB
        .iter()
        .map(|(name, place, terms)| bipolar(name.clone(), "standard", place, terms));
    let chest = LeadName::CHEST
        .into_iter()
        .zip(CHEST)
        .map(|(name, (site, place))| unipolar(name, "standard", site, place));
    let extra = UNIPOLAR
        .iter()
        .map(|(name, group, site, place)| unipolar(named(name), group, site, place));
    let other = BIPOLAR
        .iter()
        .map(|(name, group, place, terms)| bipolar(named(name), group, place, terms));
    limb.chain(chest).chain(extra).chain(other).collect()
});

fn named(name: &str) -> LeadName {
    LeadName::Named(name.into())
}

fn unipolar(
    name: LeadName,
    group: &'static str,
    site: &'static str,
    place: &'static str,
) -> Montage {
    Montage {
        name,
        group,
        terms: vec![(Terminal::Site(site), 1.0), (Terminal::Wilson, -1.0)],
        place,
    }
}

fn bipolar(
    name: LeadName,
    group: &'static str,
    place: &'static str,
    terms: &[(&'static str, f64)],
) -> Montage {
    Montage {
        name,
        group,
        terms: terms
            .iter()
            .map(|(site, weight)| (Terminal::Site(site), *weight))
            .collect(),
        place,
    }
}

type Terms = &'static [(&'static str, f64)];

#[rustfmt::skip]
const LIMB: [(LeadName, &str, Terms); 6] = [
    (LeadName::I,   "left arm − right arm",                &[("LA", 1.0), ("RA", -1.0)]),
    (LeadName::II,  "left leg − right arm",                &[("LL", 1.0), ("RA", -1.0)]),
    (LeadName::III, "left leg − left arm",                 &[("LL", 1.0), ("LA", -1.0)]),
    (LeadName::AVR, "right arm − mean of the other limbs", &[("RA", 1.0), ("LA", -0.5), ("LL", -0.5)]),
    (LeadName::AVL, "left arm − mean of the other limbs",  &[("LA", 1.0), ("RA", -0.5), ("LL", -0.5)]),
    (LeadName::AVF, "left leg − mean of the other limbs",  &[("LL", 1.0), ("RA", -0.5), ("LA", -0.5)]),
];

#[rustfmt::skip]
const CHEST: [(&str, &str); 6] = [
    ("V1", "4th intercostal space, right sternal border"),
    ("V2", "4th intercostal space, left sternal border"),
    ("V3", "midway between V2 and V4"),
    ("V4", "5th intercostal space, left midclavicular line"),
    ("V5", "left anterior axillary line, level of V4"),
    ("V6", "left mid-axillary line, level of V4"),
];

/// Name, group, exploring site, place. High, posterior, right: see `reference` in the README; one
/// electrode against Wilson's terminal.
#[rustfmt::skip]
const UNIPOLAR: [(&str, &str, &str, &str); 16] = [
    ("V1@2ICS", "high",      "V1@2ICS", "2nd intercostal space, right sternal border"),
    ("V2@2ICS", "high",      "V2@2ICS", "2nd intercostal space, left sternal border"),
    ("V1@3ICS", "high",      "V1@3ICS", "3rd intercostal space, right sternal border"),
    ("V2@3ICS", "high",      "V2@3ICS", "3rd intercostal space, left sternal border"),
    ("V3@3ICS", "high",      "V3@3ICS", "one intercostal space above V3"),
    ("V1@5ICS", "low",       "V1@5ICS", "5th intercostal space, right sternal border"),
    ("V2@5ICS", "low",       "V2@5ICS", "5th intercostal space, left sternal border"),
    ("V7",      "posterior", "V7",      "left posterior axillary line, level of V6"),
    ("V8",      "posterior", "V8",      "left mid-scapular line, level of V6"),
    ("V9",      "posterior", "V9",      "left of the spine, level of V6"),
    ("V3R",     "right",     "V3R",     "midway between V1 and V4R"),
    ("V4R",     "right",     "V4R",     "5th intercostal space, right midclavicular line"),
    ("V5R",     "right",     "V5R",     "right anterior axillary line, level of V4R"),
    ("V6R",     "right",     "V6R",     "right mid-axillary line, level of V4R"),
    ("V7R",     "right",     "V7R",     "right posterior axillary line, level of V4R"),
    ("ILR",     "device",    "ILR",     "implantable loop recorder site, single electrode"),
];

/// Leads that are not one electrode against Wilson's terminal: name, group, place, weighted
/// electrodes.
#[rustfmt::skip]
const BIPOLAR: [(&str, &str, &str, Terms); 25] = [
    ("X", "frank", "Frank X, right to left",            &[("Frank A", 0.610), ("Frank C", 0.171), ("Frank I", -0.781)]),
    ("Y", "frank", "Frank Y, head to foot",             &[("Frank F", 0.655), ("Frank M", 0.345), ("Frank H", -1.0)]),
    ("Z", "frank", "Frank Z, front to back",            &[("Frank A", 0.133), ("Frank M", 0.736), ("Frank I", -0.264), ("Frank E", -0.374), ("Frank C", -0.231)]),
    ("ES", "easi", "lower sternum − manubrium",         &[("EASI E", 1.0), ("EASI S", -1.0)]),
    ("AS", "easi", "left mid-axilla − manubrium",       &[("EASI A", 1.0), ("EASI S", -1.0)]),
    ("AI", "easi", "left − right mid-axilla",           &[("EASI A", 1.0), ("EASI I", -1.0)]),
    ("Lewis (S5)", "bipolar", "4th right space − manubrium, for P waves", &[("R4ICS", 1.0), ("manubrium", -1.0)]),
    ("Fontaine FI", "bipolar", "xiphoid − manubrium",   &[("xiphoid", 1.0), ("manubrium", -1.0)]),
    ("Fontaine FII", "bipolar", "V4 − manubrium",       &[("V4", 1.0), ("manubrium", -1.0)]),
    ("Fontaine FIII", "bipolar", "V4 − xiphoid",        &[("V4", 1.0), ("xiphoid", -1.0)]),
    ("CM5", "bipolar", "V5 − manubrium",                &[("V5", 1.0), ("manubrium", -1.0)]),
    ("CC5", "bipolar", "V5 − right anterior axilla",    &[("V5", 1.0), ("V5R", -1.0)]),
    ("CB5", "bipolar", "V5 − right scapula",            &[("V5", 1.0), ("R-scapula", -1.0)]),
    ("CM2", "bipolar", "V2 − manubrium",                &[("V2", 1.0), ("manubrium", -1.0)]),
    ("MCL1", "bipolar", "V1 − left infraclavicular",    &[("V1", 1.0), ("L-infraclav", -1.0)]),
    ("MCL6", "bipolar", "V6 − left infraclavicular",    &[("V6", 1.0), ("L-infraclav", -1.0)]),
    ("Nehb D", "bipolar", "Nehb dorsal",                &[("Nehb Nax", 1.0), ("Nehb Nst", -1.0)]),
    ("Nehb A", "bipolar", "Nehb anterior",              &[("Nehb Nap", 1.0), ("Nehb Nst", -1.0)]),
    ("Nehb J", "bipolar", "Nehb inferior",              &[("Nehb Nap", 1.0), ("Nehb Nax", -1.0)]),
    ("S-ICD primary", "device", "can − proximal ring B", &[("S-ICD can", 1.0), ("S-ICD prox(B)", -1.0)]),
    ("S-ICD secondary", "device", "can − distal tip A",  &[("S-ICD can", 1.0), ("S-ICD tip(A)", -1.0)]),
    ("S-ICD alternate", "device", "ring B − tip A",      &[("S-ICD prox(B)", 1.0), ("S-ICD tip(A)", -1.0)]),
    ("ILR parasternal", "device", "oblique between V2 and V3", &[("ILR2", 1.0), ("ILR", -1.0)]),
    ("ML-I", "limb", "Mason-Likar I",                   &[("L-infraclav", 1.0), ("R-infraclav", -1.0)]),
    ("ML-II", "limb", "Mason-Likar II",                 &[("R-costal-margin", 1.0), ("R-infraclav", -1.0)]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_montage_names_sites_that_exist_and_sums_to_zero() {
        for lead in catalogue() {
            let sum: f64 = lead.terms.iter().map(|it| it.1).sum();
            assert!(sum.abs() < 1e-9, "{}: weights sum to {sum}", lead.name);
            for (terminal, _) in &lead.terms {
                if let Terminal::Site(name) = terminal {
                    assert!(site(name).is_some(), "{}: no site {name}", lead.name);
                }
            }
        }
    }
}
