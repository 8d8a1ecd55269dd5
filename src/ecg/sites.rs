//! Electrode sites on the reference torso, and every lead as weighted electrodes.

use std::{collections::BTreeMap, sync::LazyLock};

use super::{
    LeadName, ViewAngle,
    lead_table::{BIPOLAR, CHEST, LIMB, Terms, UNIPOLAR},
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

/// Every site of the reference torso, by name.
pub fn sites() -> impl Iterator<Item = &'static Electrode> {
    SITES.values()
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
        .map(|(name, place, terms)| bipolar(name, "standard", place, terms));
    let chest = CHEST
        .iter()
        .map(|(site, place)| unipolar(site, "standard", site, place));
    let extra = UNIPOLAR
        .iter()
        .map(|(name, group, site, place)| unipolar(name, group, site, place));
    let other = BIPOLAR
        .iter()
        .map(|(name, group, place, terms)| bipolar(name, group, place, terms));
    limb.chain(chest).chain(extra).chain(other).collect()
});

fn unipolar(name: &str, group: &'static str, site: &'static str, place: &'static str) -> Montage {
    Montage {
        name: LeadName::parse(name),
        group,
        terms: vec![(Terminal::Site(site), 1.0), (Terminal::Wilson, -1.0)],
        place,
    }
}

fn bipolar(name: &str, group: &'static str, place: &'static str, terms: Terms) -> Montage {
    Montage {
        name: LeadName::parse(name),
        group,
        terms: terms
            .iter()
            .map(|(site, weight)| (Terminal::Site(site), *weight))
            .collect(),
        place,
    }
}

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

    #[test]
    fn angles_follow_from_positions() {
        // theta_deg and phi_deg of the file were computed by the script that placed the sites.
        #[derive(serde::Deserialize)]
        struct Angles {
            theta_deg: f64,
            phi_deg: f64,
        }
        let file: serde_json::Value =
            serde_json::from_str(include_str!("../../assets/electrodes.json")).unwrap();
        let all: BTreeMap<String, Angles> =
            serde_json::from_value(file["electrodes"].clone()).unwrap();
        for (name, angles) in all {
            let written = ViewAngle::from_degrees(angles.theta_deg, angles.phi_deg).unwrap();
            let apart = written.angle_to(site(&name).unwrap().view).to_degrees();
            assert!(apart < 0.15, "{name}: {apart}°");
        }
    }

    #[test]
    fn no_lead_has_two_montages() {
        for (idx, lead) in catalogue().iter().enumerate() {
            let first = catalogue().iter().position(|it| it.name == lead.name);
            assert_eq!(first, Some(idx), "{}", lead.name);
        }
    }

    /// The same weights from another way of wiring the lead.
    fn check(name: &str, parts: &[(&str, f64)]) {
        let wired = |name: &str| montage(&LeadName::parse(name)).unwrap().sites();
        let mut rest = wired(name);
        for (part, factor) in parts {
            for (site, weight) in wired(part) {
                match rest.iter_mut().find(|it| it.0 == site) {
                    Some(found) => found.1 -= factor * weight,
                    None => rest.push((site, -factor * weight)),
                }
            }
        }
        for (site, weight) in rest {
            assert!(weight.abs() < 1e-12, "{name}: {weight} left at {site}");
        }
    }

    #[test]
    fn leads_are_sums_of_others() {
        for (name, from_i, from_ii) in LeadName::LIMB_FROM_I_II {
            let parts = [("I", f64::from(from_i)), ("II", f64::from(from_ii))];
            check(&name.to_string(), &parts);
        }
        check("CC5", &[("V5", 1.0), ("V5R", -1.0)]);
        check(
            "Fontaine FIII",
            &[("Fontaine FII", 1.0), ("Fontaine FI", -1.0)],
        );
        check("Nehb J", &[("Nehb A", 1.0), ("Nehb D", -1.0)]);
        check(
            "S-ICD alternate",
            &[("S-ICD secondary", 1.0), ("S-ICD primary", -1.0)],
        );
    }

    #[test]
    fn wilsons_terminal_is_spelled_out_once() {
        let v1 = montage(&LeadName::V1).unwrap().sites();
        assert_eq!(
            v1.iter().map(|it| it.0).collect::<Vec<_>>(),
            ["V1", "RA", "LA", "LL"]
        );
        // An arm against the terminal keeps two thirds of its weight (Goldberger's lead).
        let arm = Montage {
            name: LeadName::parse("VL"),
            group: "limb",
            terms: vec![(Terminal::Site("LA"), 1.0), (Terminal::Wilson, -1.0)],
            place: "left arm",
        };
        let sites = arm.sites();
        assert_eq!(sites.len(), 3);
        assert!((sites[0].1 - 2.0 / 3.0).abs() < 1e-12, "{sites:?}");
    }

    #[test]
    fn leads_look_from_where_they_are() {
        // θ from above, φ from the front towards the patient's left, degrees; textbook directions.
        for (name, theta, phi) in [
            ("I", 90.0, 90.0),
            ("aVF", 180.0, 0.0),
            ("V9", 95.0, 165.0),
            ("V4R", 100.0, -75.0),
            ("X", 90.0, 90.0),
            ("Y", 180.0, 0.0),
            ("Z", 90.0, 180.0),
        ] {
            let expected = ViewAngle::from_degrees(theta, phi).unwrap();
            let found = montage(&LeadName::parse(name)).unwrap().view();
            let apart = found.angle_to(expected).to_degrees();
            assert!(apart < 30.0, "{name} looks from {found}, {apart:.0}° off");
        }
    }
}
