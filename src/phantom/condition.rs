//! The conditions that a virtual patient can have, as changes of mechanism: sites, speeds,
//! membranes, rhythm. No waveform is drawn.

use rand::Rng;

use super::{
    brugada::{Brugada, BrugadaForm},
    draw::{between, spread},
    physiology::{Lesion, Physiology, Site, Wall},
};

/// A condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Condition {
    /// Sinus rhythm, healthy.
    Normal,
    /// Atrial fibrillation.
    AtrialFibrillation,
    /// Ventricular ectopics from the right ventricular outflow tract.
    PvcRvot,
    /// Ventricular ectopics from the left ventricle's posterior wall.
    PvcLeft,
    /// Atrial ectopics.
    Pac,
    /// First-degree atrioventricular block.
    FirstDegreeBlock,
    /// Left bundle branch block.
    Lbbb,
    /// Right bundle branch block.
    Rbbb,
    /// Left anterior fascicular block.
    Lafb,
    /// Left ventricular hypertrophy.
    Lvh,
    /// Anterior infarction with ST elevation.
    AnteriorStemi,
    /// Inferior infarction with ST elevation; the right ventricle is spared.
    InferiorStemi,
    /// The same with the right ventricle.
    InferiorRightStemi,
    /// Posterior infarction.
    PosteriorMi,
    /// Brugada type 1, high: seen at the 2nd and 3rd intercostal space, hidden at the 4th.
    Brugada1,
    /// Brugada type 1, open: seen at the 4th intercostal space too.
    Brugada1Open,
    /// Pre-excitation over an accessory pathway (Wolff, Parkinson and White).
    Wpw,
}

impl Condition {
    /// Every condition, normal first.
    pub const ALL: [Self; 17] = [
        Self::Normal,
        Self::AtrialFibrillation,
        Self::PvcRvot,
        Self::PvcLeft,
        Self::Pac,
        Self::FirstDegreeBlock,
        Self::Lbbb,
        Self::Rbbb,
        Self::Lafb,
        Self::Lvh,
        Self::AnteriorStemi,
        Self::InferiorStemi,
        Self::PosteriorMi,
        Self::Brugada1,
        Self::Wpw,
        // Last, so that numbers that pick a condition pick as before.
        Self::InferiorRightStemi,
        Self::Brugada1Open,
    ];

    /// The name that commands take.
    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::AtrialFibrillation => "af",
            Self::PvcRvot => "pvc-rvot",
            Self::PvcLeft => "pvc-lv",
            Self::Pac => "pac",
            Self::FirstDegreeBlock => "av-block-1",
            Self::Lbbb => "lbbb",
            Self::Rbbb => "rbbb",
            Self::Lafb => "lafb",
            Self::Lvh => "lvh",
            Self::AnteriorStemi => "stemi-anterior",
            Self::InferiorStemi => "stemi-inferior",
            Self::InferiorRightStemi => "stemi-inferior-rv",
            Self::PosteriorMi => "mi-posterior",
            Self::Brugada1 => "brugada-1",
            Self::Brugada1Open => "brugada-1-open",
            Self::Wpw => "wpw",
        }
    }

    /// What it is, in words.
    pub fn title(self) -> &'static str {
        match self {
            Self::Normal => "normal sinus rhythm",
            Self::AtrialFibrillation => "atrial fibrillation",
            Self::PvcRvot => {
                "premature ventricular complexes from the right ventricular outflow tract"
            }
            Self::PvcLeft => "premature ventricular complexes from the left ventricle",
            Self::Pac => "premature atrial complexes",
            Self::FirstDegreeBlock => "first-degree atrioventricular block",
            Self::Lbbb => "left bundle branch block",
            Self::Rbbb => "right bundle branch block",
            Self::Lafb => "left anterior fascicular block",
            Self::Lvh => "left ventricular hypertrophy",
            Self::AnteriorStemi => "anterior myocardial infarction with ST elevation",
            Self::InferiorStemi => "inferior myocardial infarction with ST elevation",
            Self::InferiorRightStemi => {
                "inferior myocardial infarction with ST elevation, right ventricle included"
            }
            Self::PosteriorMi => "posterior myocardial infarction",
            Self::Brugada1 => "Brugada type 1, hidden at the 4th intercostal space",
            Self::Brugada1Open => "Brugada type 1, seen at the 4th intercostal space too",
            Self::Wpw => "ventricular pre-excitation (WPW)",
        }
    }

    /// The condition of that name. `None` if there is none.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// Gives a healthy heart the condition.
    pub(super) fn apply(self, heart: &mut Physiology, chance: &mut impl Rng) {
        let conduction = &mut heart.conduction;
        match self {
            Self::Lbbb => {
                conduction.left_sites.clear();
                conduction.left_network *= between(chance, 0.55, 0.7);
                conduction.base *= 0.8;
            }
            Self::Rbbb => {
                conduction.right_sites.clear();
                conduction.right_network *= between(chance, 0.55, 0.7);
            }
            Self::Lafb => silence_anterior_fascicle(heart, chance),
            Self::FirstDegreeBlock => conduction.pr_ms += between(chance, 70.0, 140.0),
            Self::Wpw => excite_early(heart, chance),
            Self::Lvh => hypertrophy(heart, chance),
            Self::AnteriorStemi => heart.lesions.push(infarct(
                [25.0, -9.0, 42.0],
                [22.0, 28.0, 36.0],
                spread(chance, 0.58, 0.03),
            )),
            Self::InferiorStemi => heart.lesions.push(inferior(chance)),
            Self::InferiorRightStemi => {
                heart.lesions.push(inferior(chance));
                heart.lesions.push(Lesion {
                    right_only: true,
                    layer: [0.5, 1.0],
                    ..infarct(
                        [46.0, 24.0, 22.0],
                        [30.0, 34.0, 40.0],
                        spread(chance, 0.14, 0.02),
                    )
                });
            }
            Self::PosteriorMi => {
                let fresh = infarct(
                    [-28.0, 8.0, 16.0],
                    [19.0, 32.0, 36.0],
                    spread(chance, 0.62, 0.03),
                );
                heart.lesions.push(Lesion {
                    scar: 0.85,
                    duration_ms: -40.0,
                    bend: 0.1,
                    ..fresh
                });
            }
            Self::Brugada1 => Brugada::drawn(BrugadaForm::Hidden, chance).apply(heart),
            Self::Brugada1Open => Brugada::drawn(BrugadaForm::Open, chance).apply(heart),
            _ => {}
        }
    }

    /// Where an abnormal beat starts, with times against the normal start: an ectopic focus, or an
    /// accessory pathway.
    pub(super) fn extra_sites(self) -> Vec<Site> {
        let site = |at_mm, time_ms| {
            vec![Site {
                at_mm,
                wall: Wall::Muscle,
                time_ms,
            }]
        };
        match self {
            Self::PvcRvot => site([26.0, -32.0, -14.0], 0.0),
            Self::PvcLeft => site([-26.0, 18.0, 20.0], 0.0),
            // Over the base of the left ventricle, anterior: the front runs to the left and
            // downwards from there.
            Self::Wpw => vec![Site {
                at_mm: WPW_MM,
                wall: Wall::LeftEndocardium,
                time_ms: 0.0,
            }],
            _ => Vec::new(),
        }
    }
}

/// Where the accessory pathway enters the ventricles.
const WPW_MM: [f64; 3] = [0.0, -24.0, -6.0];

/// The superior and lateral wall is reached late, over a sparse network.
fn silence_anterior_fascicle(heart: &mut Physiology, chance: &mut impl Rng) {
    heart
        .conduction
        .left_sites
        .retain(|site| 0.0 <= site.at_mm[1] && 0.0 <= site.at_mm[0]);
    heart.lesions.push(Lesion {
        speed: between(chance, 0.6, 0.7),
        layer: [0.0, 0.4],
        ..Lesion::at([-12.0, -22.0, 30.0], [34.0, 22.0, 52.0])
    });
}

/// The pathway conducts faster than the node: the ventricles begin early, the bundles join later.
fn excite_early(heart: &mut Physiology, chance: &mut impl Rng) {
    let early_ms = between(chance, 42.0, 52.0);
    let conduction = &mut heart.conduction;
    conduction.pr_ms -= early_ms;
    let sites = conduction.left_sites.iter_mut();
    sites
        .chain(&mut conduction.right_sites)
        .for_each(|site| site.time_ms += early_ms);
    // From muscle the network is entered late and slowly: the slur of the delta wave.
    heart.lesions.push(Lesion {
        speed: 0.6,
        ..Lesion::at(WPW_MM, [36.0; 3])
    });
}

fn hypertrophy(heart: &mut Physiology, chance: &mut impl Rng) {
    let thicker = between(chance, 2.5, 5.0);
    heart.shape.left_outer_mm += 0.7 * thicker;
    heart.shape.left_inner_mm -= 0.3 * thicker;
    heart.strength.gain *= between(chance, 1.1, 1.3);
    heart.repolarisation.transmural_ms -= between(chance, 35.0, 60.0);
    heart.conduction.left_network *= 0.85;
}

/// The left ventricle's inferior wall.
fn inferior(chance: &mut impl Rng) -> Lesion {
    infarct(
        [2.0, 28.0, 24.0],
        [29.0, 22.0, 41.0],
        spread(chance, 0.68, 0.03),
    )
}

fn infarct(centre_mm: [f64; 3], half_axes_mm: [f64; 3], injury: f64) -> Lesion {
    Lesion {
        injury,
        duration_ms: -20.0,
        bend: 0.7,
        speed: 0.75,
        ..Lesion::at(centre_mm, half_axes_mm)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn names_are_read_back() {
        for condition in Condition::ALL {
            assert_eq!(Condition::parse(condition.name()), Some(condition));
        }
        assert_eq!(Condition::parse("healthy"), None);
    }

    /// The median heart before and after.
    fn changed(condition: Condition) -> (Physiology, Physiology) {
        let before = Physiology::median();
        let mut after = before.clone();
        condition.apply(&mut after, &mut ChaCha8Rng::seed_from_u64(2));
        (before, after)
    }

    #[test]
    fn rhythms_leave_the_heart_as_it_is() {
        use Condition::{AtrialFibrillation, Normal, Pac, PvcLeft, PvcRvot};
        for condition in [Normal, AtrialFibrillation, Pac, PvcLeft, PvcRvot] {
            let (before, after) = changed(condition);
            assert_eq!(before, after, "{condition:?}");
        }
    }

    #[test]
    fn a_block_silences_its_bundle_alone() {
        let (before, left) = changed(Condition::Lbbb);
        assert!(left.conduction.left_sites.is_empty());
        assert_eq!(left.conduction.right_sites, before.conduction.right_sites);
        assert!(left.conduction.left_network < before.conduction.left_network);
        let (before, right) = changed(Condition::Rbbb);
        assert!(right.conduction.right_sites.is_empty());
        assert_eq!(right.conduction.left_sites, before.conduction.left_sites);
        let (before, fascicle) = changed(Condition::Lafb);
        let (all, kept) = (before.conduction.left_sites, fascicle.conduction.left_sites);
        assert!(!kept.is_empty() && kept.len() < all.len());
        assert!(
            kept.iter()
                .all(|site| all.contains(site) && 0.0 <= site.at_mm[1])
        );
    }

    #[test]
    fn the_times_of_conduction_change_where_they_should() {
        let pr_ms = |condition| {
            let (before, after) = changed(condition);
            after.conduction.pr_ms - before.conduction.pr_ms
        };
        assert!((70.0..140.0).contains(&pr_ms(Condition::FirstDegreeBlock)));
        // The ventricles begin early by as much as the bundles then come late.
        let early_ms = -pr_ms(Condition::Wpw);
        let (before, after) = changed(Condition::Wpw);
        for (before, after) in before
            .conduction
            .left_sites
            .iter()
            .zip(&after.conduction.left_sites)
        {
            assert!((after.time_ms - before.time_ms - early_ms).abs() < 1e-9);
        }
    }

    #[test]
    fn injury_and_scar_are_where_the_condition_says() {
        for (condition, injured, scarred) in [
            (Condition::AnteriorStemi, true, false),
            (Condition::InferiorStemi, true, false),
            (Condition::InferiorRightStemi, true, false),
            (Condition::PosteriorMi, true, true),
            (Condition::Brugada1, false, false),
            (Condition::Lvh, false, false),
        ] {
            let (_, after) = changed(condition);
            let any = |of: fn(&Lesion) -> f64| after.lesions.iter().any(|it| 0.0 < of(it));
            assert_eq!(any(|it| it.injury), injured, "{condition:?}");
            assert_eq!(any(|it| it.scar), scarred, "{condition:?}");
        }
        let (before, thick) = changed(Condition::Lvh);
        assert!(before.shape.left_outer_mm < thick.shape.left_outer_mm);
        assert!(thick.shape.left_inner_mm < before.shape.left_inner_mm);
        let (_, brugada) = changed(Condition::Brugada1);
        assert!(
            brugada
                .lesions
                .iter()
                .all(|it| it.right_only && 0.0 < it.notch)
        );
    }

    #[test]
    fn only_foci_and_pathways_have_sites_of_their_own() {
        for condition in Condition::ALL {
            let has = matches!(
                condition,
                Condition::PvcRvot | Condition::PvcLeft | Condition::Wpw
            );
            assert_eq!(!condition.extra_sites().is_empty(), has, "{condition:?}");
        }
    }
}
