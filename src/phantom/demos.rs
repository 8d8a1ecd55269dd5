//! The recordings that come with the program. All of them are simulated.

use super::case::Case;

/// A demo as embedded: EDF+ bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demo {
    /// Short name, also of its file.
    pub name: &'static str,
    /// What it shows.
    pub title: &'static str,
    /// EDF+ file.
    pub bytes: &'static [u8],
}

/// How a demo was made: `ecg-panorama phantom demos FOLDER` makes it again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DemoRecipe {
    /// Short name.
    pub name: &'static str,
    /// The patient's condition.
    pub case: Case,
    /// The patient's seed.
    pub seed: u64,
}

/// Leads of every demo: the twelve, then the ones that a routine exam does not have, as the truth
/// to compare with.
#[rustfmt::skip]
pub const DEMO_LEADS: [&str; 23] = [
    "I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6",
    "V1@2ICS", "V2@2ICS", "V1@3ICS", "V2@3ICS", "V7", "V8", "V9", "V3R", "V4R", "V5R", "V6R",
];

/// Recipes of all demos.
#[rustfmt::skip]
pub const DEMO_RECIPES: [DemoRecipe; 6] = [
    DemoRecipe { name: "normal",       case: Case::Normal,      seed: 12 },
    DemoRecipe { name: "brugada-1",    case: Case::Brugada1,    seed: 7 },
    DemoRecipe { name: "mi-posterior", case: Case::PosteriorMi, seed: 4 },
    DemoRecipe { name: "lbbb",         case: Case::Lbbb,        seed: 5 },
    DemoRecipe { name: "rbbb",         case: Case::Rbbb,        seed: 5 },
    DemoRecipe { name: "pvc-rvot",     case: Case::PvcRvot,     seed: 13 },
];

/// The embedded demos, normal first.
pub fn demos() -> &'static [Demo] {
    const fn demo(name: &'static str, title: &'static str, bytes: &'static [u8]) -> Demo {
        Demo { name, title, bytes }
    }
    #[rustfmt::skip]
    const DEMOS: [Demo; 6] = [
        demo("normal",       "Normal sinus rhythm",                                      include_bytes!("../../assets/demos/normal.edf")),
        demo("brugada-1",    "Brugada type 1, hidden at the 4th intercostal space",      include_bytes!("../../assets/demos/brugada-1.edf")),
        demo("mi-posterior", "Posterior myocardial infarction",                          include_bytes!("../../assets/demos/mi-posterior.edf")),
        demo("lbbb",         "Left bundle branch block",                                 include_bytes!("../../assets/demos/lbbb.edf")),
        demo("rbbb",         "Right bundle branch block",                                include_bytes!("../../assets/demos/rbbb.edf")),
        demo("pvc-rvot",     "Premature ventricular complexes from the right outflow tract", include_bytes!("../../assets/demos/pvc-rvot.edf")),
    ];
    &DEMOS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_recipe_has_its_demo() {
        let names: Vec<&str> = demos().iter().map(|it| it.name).collect();
        assert_eq!(names, DEMO_RECIPES.map(|it| it.name));
        assert!(
            demos().iter().all(|it| it.bytes.starts_with(b"0       ")),
            "each is an EDF file"
        );
    }
}
