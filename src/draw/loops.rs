//! Vector loops of the heart, as points in the body frame (anterior, left, superior), in
//! millivolts.

use crate::ecg::{KORS, LeadName, LeadSet};

/// A plane that a loop is looked at in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plane {
    /// From the front: patient's left is right, down is down.
    Frontal,
    /// From above: patient's left is right, anterior is down.
    Horizontal,
    /// From the patient's right side: anterior is right, down is down.
    Sagittal,
}

impl Plane {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Frontal, Self::Horizontal, Self::Sagittal];

    /// (right, up) on screen of a point (anterior, left, superior).
    pub fn project(self, [anterior, left, superior]: [f64; 3]) -> [f64; 2] {
        match self {
            Self::Frontal => [left, superior],
            Self::Horizontal => [left, -anterior],
            Self::Sagittal => [anterior, superior],
        }
    }

    /// Name of the plane.
    pub fn name(self) -> &'static str {
        match self {
            Self::Frontal => "frontal",
            Self::Horizontal => "horizontal",
            Self::Sagittal => "right sagittal",
        }
    }
}

/// The heart's vector at each sample (anterior, left, superior), mV: from recorded Frank leads
/// where there are some, else by Kors' regression. `None` if neither is possible. Gaps are `NaN`.
pub fn vcg_loop(leads: &LeadSet) -> Option<Vec<[f64; 3]>> {
    let frank = LeadName::frank().map(|it| leads.get(&it).filter(|it| !it.origin.is_synthesised()));
    if let [Some(x), Some(y), Some(z)] = frank {
        let at = |it: usize| [&x, &y, &z].map(|lead| f64::from(lead.samples_mv[it]));
        return Some(
            (0..leads.n_samples())
                .map(at)
                .map(body_from_frank)
                .collect(),
        );
    }
    let inputs = LeadName::EIGHT
        .iter()
        .map(|it| leads.get(it))
        .collect::<Option<Vec<_>>>()?;
    let mixed = |it: usize| {
        KORS.map(|row| {
            row.iter()
                .zip(&inputs)
                .map(|(weight, lead)| weight * f64::from(lead.samples_mv[it]))
                .sum()
        })
    };
    Some(
        (0..leads.n_samples())
            .map(mixed)
            .map(body_from_frank)
            .collect(),
    )
}

fn body_from_frank([x, y, z]: [f64; 3]) -> [f64; 3] {
    [-z, x, -y]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{Lead, SampleRate};

    fn set(leads: &[(LeadName, f32)]) -> LeadSet {
        let leads = leads
            .iter()
            .map(|(name, mv)| Lead::measured(name.clone(), vec![*mv; 2]))
            .collect();
        LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads).unwrap()
    }

    #[test]
    fn recorded_frank_leads_come_first() {
        let frank = set(&[
            (LeadName::parse("vx"), 1.0),
            (LeadName::parse("vy"), 2.0),
            (LeadName::parse("vz"), 3.0),
        ]);
        assert_eq!(vcg_loop(&frank).unwrap()[0], [-3.0, 1.0, -2.0]);
    }

    #[test]
    fn kors_from_eight_leads() {
        let mut leads: Vec<(LeadName, f32)> =
            LeadName::EIGHT.into_iter().map(|it| (it, 0.0)).collect();
        leads[0].1 = 1.0; // I
        let found = vcg_loop(&set(&leads)).unwrap()[1];
        assert!(
            found
                .iter()
                .zip([-0.11, 0.38, 0.07])
                .all(|(a, b)| (a - b).abs() < 1e-6),
            "{found:?}"
        );
        assert!(vcg_loop(&set(&leads[..5])).is_none());
    }

    #[test]
    fn planes_show_left_on_the_right() {
        assert_eq!(
            Plane::ALL.map(|it| it.project([1.0, 2.0, 3.0])),
            [[2.0, 3.0], [2.0, -1.0], [1.0, 3.0]]
        );
    }
}
