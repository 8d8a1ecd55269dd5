//! What may be asked for: a lead of the catalogue, or a direction from the heart.

use std::{str::FromStr, sync::LazyLock};

use crate::ecg::{LeadName, Montage, Terminal, ViewAngle, montage, site};

use super::SynthError;

/// A place to synthesise.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// One electrode in this direction from the heart, against Wilson's terminal.
    View(ViewAngle),
    /// A lead of the catalogue.
    Lead(&'static Montage),
}

impl Target {
    /// The catalogue's lead of that name, or the view of the panorama: `view-1` to `view-42`.
    pub fn lead(name: &LeadName) -> Result<Self, SynthError> {
        let view = || {
            PANORAMA
                .iter()
                .find(|it| it.name.to_string().eq_ignore_ascii_case(&name.to_string()))
        };
        montage(name)
            .or_else(view)
            .map(Self::Lead)
            .ok_or_else(|| SynthError::UnknownLead(name.to_string()))
    }

    /// What to call the synthesised lead.
    pub fn name(&self) -> LeadName {
        match self {
            Self::View(view) => LeadName::Named(view.to_string().into()),
            Self::Lead(montage) => montage.name.clone(),
        }
    }

    /// Direction from the heart: of the exploring electrode, or of the weighted sum of electrodes
    /// for other leads.
    pub fn view(&self) -> ViewAngle {
        match self {
            Self::View(view) => *view,
            Self::Lead(montage) => montage_view(montage),
        }
    }
}

/// The 42 torso electrodes of the published panorama, each against Wilson's terminal, under their
/// own names.
static PANORAMA: LazyLock<Vec<Montage>> = LazyLock::new(|| {
    let one = |idx: usize| {
        let electrode = site(&format!("view-{idx}"))?;
        let terms = vec![
            (Terminal::Site(&electrode.name), 1.0),
            (Terminal::Wilson, -1.0),
        ];
        Some(Montage {
            name: LeadName::Named(electrode.name.as_str().into()),
            group: "panorama",
            terms,
            place: "view of the panorama",
        })
    };
    (1..=42).filter_map(one).collect()
});

/// Direction that a montage looks from.
pub(crate) fn montage_view(montage: &Montage) -> ViewAngle {
    if let Some(electrode) = montage.exploring_site().and_then(site) {
        return electrode.view;
    }
    let mut sum = [0.0; 3];
    for (name, weight) in super::placed::sites(montage) {
        if let Some(electrode) = site(name) {
            (0..3).for_each(|axis| sum[axis] += weight * electrode.position_mm[axis]);
        }
    }
    #[allow(clippy::expect_used)] // The front is a direction.
    ViewAngle::from_vector(sum)
        .or_else(|| ViewAngle::from_degrees(90.0, 0.0))
        .expect("a direction")
}

/// `θ,φ` in degrees, or a lead's name in any spelling.
impl FromStr for Target {
    type Err = SynthError;

    fn from_str(text: &str) -> Result<Self, SynthError> {
        let numbers: Option<Vec<f64>> = text
            .trim_start_matches('@')
            .split(',')
            .map(|it| it.trim().parse().ok())
            .collect();
        if let Some(&[theta, phi]) = numbers.as_deref() {
            return ViewAngle::from_degrees(theta, phi)
                .map(Self::View)
                .ok_or_else(|| SynthError::UnknownLead(text.into()));
        }
        Self::lead(&LeadName::parse(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers() {
        assert_eq!(
            "v1@2ics".parse::<Target>().unwrap().name().to_string(),
            "V1@2ICS"
        );
        let (theta, phi) = "48, -38".parse::<Target>().unwrap().view().degrees();
        assert!((theta - 48.0).abs() < 1e-9 && (phi + 38.0).abs() < 1e-9);
        assert!(matches!(
            "Resp".parse::<Target>(),
            Err(SynthError::UnknownLead(_))
        ));
        assert!("nan,0".parse::<Target>().is_err());
        let twelfth = "View-12".parse::<Target>().unwrap();
        assert_eq!(
            (twelfth.name().to_string(), twelfth.view()),
            ("view-12".into(), site("view-12").unwrap().view)
        );
        assert!("view-43".parse::<Target>().is_err());
        let (theta, phi) = "I".parse::<Target>().unwrap().view().degrees();
        assert!(
            (theta - 90.0).abs() < 15.0 && (phi - 90.0).abs() < 20.0,
            "lead I looks from the left: {theta} {phi}"
        );
    }
}
