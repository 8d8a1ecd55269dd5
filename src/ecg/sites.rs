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
}
