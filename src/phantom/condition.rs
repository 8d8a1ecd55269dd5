//! The conditions that a virtual patient can have, each a setting of a virtual heart.

use rand::Rng;

use super::{
    brugada::{Brugada, BrugadaForm},
    draw::{between, spread},
    person::Person,
    virtual_heart::{
        Branch, Chamber, HeartRhythm, Hypertrophy, Infarction, InfarctionAge, Pathway, VirtualHeart,
    },
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

    /// The heart of a patient who has it, of the person of that number.
    pub fn heart(self, person: u64) -> VirtualHeart {
        VirtualHeart {
            person: Some(person),
            ..self.drawn(&mut Person::of(person).chance)
        }
    }

    /// What the condition sets, with `chance` deciding how much.
    fn drawn(self, chance: &mut impl Rng) -> VirtualHeart {
        let mut heart = VirtualHeart::default();
        match self {
            Self::Normal => {}
            Self::AtrialFibrillation => heart.rhythm = HeartRhythm::Fibrillation,
            Self::PvcRvot => ectopics(&mut heart, [26.0, -32.0, -14.0]),
            Self::PvcLeft => ectopics(&mut heart, [-26.0, 18.0, 20.0]),
            Self::Pac => heart.rhythm = HeartRhythm::AtrialEctopics,
            Self::FirstDegreeBlock => heart.av_delay_ms = between(chance, 70.0, 140.0),
            Self::Lbbb => heart.left_bundle = cut(chance, 0.55),
            Self::Rbbb => heart.right_bundle = cut(chance, 0.55),
            Self::Lafb => {
                let network = between(chance, 0.6, 0.7);
                heart.anterior_fascicle = Branch::Cut { network };
            }
            Self::Lvh => {
                heart.hypertrophy = Some(Hypertrophy {
                    thicker_mm: between(chance, 2.5, 5.0),
                    gain: between(chance, 1.1, 1.3),
                    strain_ms: between(chance, 35.0, 60.0),
                });
            }
            Self::AnteriorStemi | Self::InferiorStemi | Self::PosteriorMi => {
                heart.infarctions.extend(self.infarction(chance));
            }
            Self::InferiorRightStemi => {
                heart
                    .infarctions
                    .extend(Self::InferiorStemi.infarction(chance));
                heart.infarctions.push(Infarction {
                    chamber: Chamber::Right,
                    ..acute(
                        [46.0, 24.0, 22.0],
                        [30.0, 34.0, 40.0],
                        spread(chance, 0.14, 0.02),
                    )
                });
            }
            Self::Brugada1 => heart.brugada = Some(Brugada::drawn(BrugadaForm::Hidden, chance)),
            Self::Brugada1Open => heart.brugada = Some(Brugada::drawn(BrugadaForm::Open, chance)),
            Self::Wpw => {
                // Over the base of the left ventricle, anterior: the front runs to the left and
                // downwards from there.
                heart.pathway = Some(Pathway {
                    at_mm: [0.0, -24.0, -6.0],
                    early_ms: between(chance, 42.0, 52.0),
                });
            }
        }
        heart
    }

    /// The left ventricle's infarction that the condition is.
    fn infarction(self, chance: &mut impl Rng) -> Option<Infarction> {
        let (at_mm, half_axes_mm, injury) = match self {
            Self::AnteriorStemi => ([25.0, -9.0, 42.0], [22.0, 28.0, 36.0], 0.58),
            Self::InferiorStemi => ([2.0, 28.0, 24.0], [29.0, 22.0, 41.0], 0.68),
            Self::PosteriorMi => ([-28.0, 8.0, 16.0], [19.0, 32.0, 36.0], 0.62),
            _ => return None,
        };
        let fresh = acute(at_mm, half_axes_mm, spread(chance, injury, 0.03));
        Some(match self {
            Self::PosteriorMi => Infarction {
                age: InfarctionAge::Recent,
                ..fresh
            },
            _ => fresh,
        })
    }
}

fn ectopics(heart: &mut VirtualHeart, focus_mm: [f64; 3]) {
    heart.rhythm = HeartRhythm::VentricularEctopics;
    heart.focus_mm = Some(focus_mm);
}

fn cut(chance: &mut impl Rng, least: f64) -> Branch {
    Branch::Cut {
        network: between(chance, least, least + 0.15),
    }
}

fn acute(at_mm: [f64; 3], half_axes_mm: [f64; 3], injury: f64) -> Infarction {
    Infarction {
        at_mm,
        half_axes_mm,
        chamber: Chamber::Both,
        transmurality: 1.0,
        injury,
        age: InfarctionAge::Acute,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for condition in Condition::ALL {
            assert_eq!(Condition::parse(condition.name()), Some(condition));
        }
        assert_eq!(Condition::parse("healthy"), None);
    }

    #[test]
    fn every_condition_is_a_sound_heart_of_its_person_and_unlike_the_healthy_one() {
        let healthy = Condition::Normal.heart(5);
        assert_eq!(healthy.person, Some(5));
        for condition in Condition::ALL {
            let heart = condition.heart(5);
            assert!(heart.is_sound(), "{condition:?}: {heart:?}");
            assert_eq!(heart == healthy, condition == Condition::Normal);
            assert_eq!(
                heart,
                condition.heart(5),
                "the same number, the same patient"
            );
        }
    }

    #[test]
    fn conditions_set_what_they_are_called_after() {
        let of = |condition: Condition| condition.heart(2);
        assert!(!of(Condition::Lbbb).left_bundle.is_whole());
        assert!(of(Condition::Lbbb).right_bundle.is_whole());
        assert!(!of(Condition::Rbbb).right_bundle.is_whole());
        assert!((70.0..140.0).contains(&of(Condition::FirstDegreeBlock).av_delay_ms));
        assert_eq!(of(Condition::InferiorRightStemi).infarctions.len(), 2);
        let forms =
            [Condition::Brugada1, Condition::Brugada1Open].map(|it| of(it).brugada.unwrap().form);
        assert_eq!(forms, [BrugadaForm::Hidden, BrugadaForm::Open]);
        for condition in Condition::ALL {
            let is_ectopic = matches!(condition, Condition::PvcRvot | Condition::PvcLeft);
            assert_eq!(
                of(condition).focus_mm.is_some(),
                is_ectopic,
                "{condition:?}"
            );
        }
    }
}
