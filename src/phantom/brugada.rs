//! The Brugada substrate: the epicardium of the right ventricular outflow tract loses its plateau
//! early, regains it late, and conducts slowly.

use rand::Rng;
use serde::{Deserialize, Serialize};

use super::{
    draw::between,
    physiology::{Lesion, Physiology},
};

/// How far down the right ventricle the substrate reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BrugadaForm {
    /// Over the outflow tract alone: type 1 at the 2nd and 3rd intercostal space, hidden at the 4th.
    Hidden,
    /// Down the free wall: type 1 at the 4th intercostal space too.
    Open,
}

/// The substrate of one heart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Brugada {
    /// How far it reaches.
    pub form: BrugadaForm,
    /// 0 for none, 1 for a severe one.
    pub severity: f64,
}

impl Brugada {
    /// As patients with a type 1 have it.
    pub(super) fn drawn(form: BrugadaForm, chance: &mut impl Rng) -> Self {
        Self {
            form,
            severity: between(chance, 0.8, 1.0),
        }
    }

    /// Gives a heart the substrate.
    pub(super) fn apply(self, heart: &mut Physiology) {
        let stronger = match self.form {
            BrugadaForm::Hidden => 0.45,
            BrugadaForm::Open => 0.2,
        };
        heart.strength.right *= 1.0 + stronger * self.severity;
        heart.lesions.push(self.lesion());
    }

    /// The region. Only the epicardium loses its plateau: the wall is thin, so a loss through and
    /// through would hardly be seen from outside.
    fn lesion(self) -> Lesion {
        let (centre_mm, half_axes_mm, notch) = match self.form {
            BrugadaForm::Hidden => ([26.0, -40.0, -16.0], [46.0, 28.0, 25.0], 0.78),
            BrugadaForm::Open => ([26.0, -14.0, -2.0], [40.0, 38.0, 32.0], 0.4),
        };
        Lesion {
            layer: [0.5, 1.0],
            notch: notch * self.severity,
            notch_ms: 120.0,
            duration_ms: 133.0 * self.severity,
            speed: 1.0 - 0.44 * self.severity,
            right_only: true,
            ..Lesion::at(centre_mm, half_axes_mm)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severity_zero_changes_nothing_and_more_is_more() {
        let with = |form, severity| {
            let mut heart = Physiology::median();
            Brugada { form, severity }.apply(&mut heart);
            heart
        };
        for form in [BrugadaForm::Hidden, BrugadaForm::Open] {
            let none = with(form, 0.0);
            assert_eq!(none.strength, Physiology::median().strength);
            let lesion = &none.lesions[0];
            assert_eq!(
                (lesion.notch, lesion.duration_ms, lesion.speed),
                (0.0, 0.0, 1.0)
            );
            let [some, all] = [0.5, 1.0].map(|it| with(form, it).lesions.remove(0));
            assert!(some.notch < all.notch && all.speed < some.speed);
            assert!(some.right_only && some.duration_ms < all.duration_ms);
        }
    }
}
