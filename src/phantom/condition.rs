//! The conditions that a virtual patient can have, as changes of mechanism: sites, speeds,
//! membranes, rhythm. No waveform is drawn.

use rand::Rng;

use super::{
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
    /// Inferior infarction with ST elevation.
    InferiorStemi,
    /// Posterior infarction.
    PosteriorMi,
    /// Brugada type 1, high: seen at the 2nd and 3rd intercostal space, hidden at the 4th.
    Brugada1,
    /// Pre-excitation over an accessory pathway (Wolff, Parkinson and White).
    Wpw,
}

impl Condition {
    /// Every condition, normal first.
    pub const ALL: [Self; 15] = [
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
            Self::PosteriorMi => "mi-posterior",
            Self::Brugada1 => "brugada-1",
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
            Self::PosteriorMi => "posterior myocardial infarction",
            Self::Brugada1 => "Brugada type 1, hidden at the 4th intercostal space",
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
            Self::Lafb => {
                // The anterior fascicle is silent: the superior and lateral wall is reached late,
                // over a sparse network.
                conduction
                    .left_sites
                    .retain(|it| 0.0 <= it.at_mm[1] && 0.0 <= it.at_mm[0]);
                let beyond = Lesion::at([-12.0, -22.0, 30.0], [34.0, 22.0, 52.0]);
                heart.lesions.push(Lesion {
                    speed: between(chance, 0.6, 0.7),
                    layer: [0.0, 0.4],
                    ..beyond
                });
            }
            Self::FirstDegreeBlock => conduction.pr_ms += between(chance, 70.0, 140.0),
            Self::Wpw => {
                // The pathway conducts faster than the node: the ventricles begin early, the
                // bundles join later.
                let early_ms = between(chance, 42.0, 52.0);
                conduction.pr_ms -= early_ms;
                conduction
                    .left_sites
                    .iter_mut()
                    .chain(&mut conduction.right_sites)
                    .for_each(|it| it.time_ms += early_ms);
                // From muscle the network is entered late and slowly: the slur of the delta wave.
                heart.lesions.push(Lesion {
                    speed: 0.6,
                    ..Lesion::at(WPW_MM, [36.0; 3])
                });
            }
            Self::Lvh => hypertrophy(heart, chance),
            Self::AnteriorStemi => heart.lesions.push(infarct(
                [25.0, -9.0, 42.0],
                [22.0, 28.0, 36.0],
                spread(chance, 0.58, 0.03),
            )),
            Self::InferiorStemi => heart.lesions.push(infarct(
                [2.0, 28.0, 24.0],
                [29.0, 22.0, 41.0],
                spread(chance, 0.68, 0.03),
            )),
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
            Self::Brugada1 => {
                heart.strength.right *= 1.2;
                heart.lesions.extend(outflow(chance));
            }
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

fn hypertrophy(heart: &mut Physiology, chance: &mut impl Rng) {
    let thicker = between(chance, 2.5, 5.0);
    heart.shape.left_outer_mm += 0.7 * thicker;
    heart.shape.left_inner_mm -= 0.3 * thicker;
    heart.strength.gain *= between(chance, 1.25, 1.55);
    heart.repolarisation.transmural_ms -= between(chance, 35.0, 60.0);
    heart.conduction.left_network *= 0.85;
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

/// The outflow tract of the right ventricle with an early loss of its plateau, a late dome and slow
/// conduction; the rest of the free wall has a trace of it.
fn outflow(chance: &mut impl Rng) -> [Lesion; 2] {
    let tract = Lesion {
        notch: between(chance, 0.9, 1.0),
        notch_ms: between(chance, 80.0, 100.0),
        duration_ms: between(chance, 50.0, 70.0),
        speed: 0.55,
        right_only: true,
        ..Lesion::at([26.0, -26.0, -12.0], [44.0, 30.0, 24.0])
    };
    let wall = Lesion {
        notch: 0.33,
        notch_ms: 90.0,
        duration_ms: 12.0,
        right_only: true,
        ..Lesion::at([45.0, 0.0, 25.0], [34.0, 44.0, 50.0])
    };
    [tract, wall]
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
}
