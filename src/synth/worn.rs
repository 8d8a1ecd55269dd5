//! The twelve leads as a machine would have printed them with electrodes elsewhere: exact where the
//! electrodes only changed places, synthesised where one sits at a place that nothing recorded.

use crate::ecg::{
    Lead, LeadName, LeadSet, LeadSetError, Misplacement, Origin, Target, ViewAngle, WILSON,
    montage, site,
};

use super::Synthesizer;

/// Leads with electrodes elsewhere, and the errors to expect of those that are synthesised.
#[derive(Clone, Debug, PartialEq)]
pub struct WornLeads {
    /// The standard leads that can be made.
    pub leads: LeadSet,
    /// Root mean square of the error to expect, µV, of the synthesised ones.
    pub expected_uv: Vec<(LeadName, f64)>,
}

/// The potential of one electrode against Wilson's terminal where that belongs.
struct Potential {
    samples_mv: Vec<f64>,
    /// Mean square of the error to expect, mV²; zero where it is recorded.
    error_mv2: f64,
    /// What estimated it, and from where.
    by: Option<(ViewAngle, std::sync::Arc<str>)>,
}

impl Synthesizer {
    /// The standard leads of `leads`, the recording that this was calibrated to, with electrodes
    /// elsewhere. Leads that no misplaced electrode enters stay as they are.
    pub fn worn(
        &self,
        leads: &LeadSet,
        misplaced: &[Misplacement],
    ) -> Result<WornLeads, LeadSetError> {
        let wearing = Wearing {
            synthesizer: self,
            leads,
            misplaced,
        };
        let made: Vec<(Lead, f64)> = LeadName::TWELVE
            .iter()
            .filter_map(|name| wearing.lead(name))
            .collect();
        let expected = made.iter().filter(|it| it.0.origin.is_synthesised());
        let expected_uv = expected.map(|(lead, mv2)| (lead.name.clone(), 1000.0 * mv2.sqrt()));
        Ok(WornLeads {
            expected_uv: expected_uv.collect(),
            leads: LeadSet::new(leads.rate(), made.into_iter().map(|it| it.0).collect())?,
        })
    }
}

struct Wearing<'a> {
    synthesizer: &'a Synthesizer,
    leads: &'a LeadSet,
    misplaced: &'a [Misplacement],
}

impl Wearing<'_> {
    /// A standard lead, and the mean square of its error to expect, mV². `None` where it cannot be
    /// had from the recorded ones.
    fn lead(&self, name: &LeadName) -> Option<(Lead, f64)> {
        let electrodes = montage(name)?.sites();
        let moved = |it: &&Misplacement| electrodes.iter().any(|(site, _)| *site == it.electrode);
        let moved: Vec<&Misplacement> = self.misplaced.iter().filter(moved).collect();
        if moved.is_empty() {
            return Some((self.leads.get(name)?.clone(), 0.0));
        }
        let mut samples_mv = vec![0.0; self.leads.n_samples()];
        let (mut error_mv2, mut by) = (0.0, None);
        if moved.iter().all(|it| it.worn_at.is_some()) {
            for (site, weight) in electrodes {
                let it = self.potential(self.worn_at(site))?;
                let each = samples_mv.iter_mut().zip(&it.samples_mv);
                each.for_each(|(to, mv)| *to += weight * mv);
                error_mv2 += weight * weight * it.error_mv2;
                by = by.or(it.by);
            }
        }
        let origin = match by {
            Some((view, by)) => Origin::Synthesised { view, by },
            None => Origin::Derived {
                from: self
                    .leads
                    .leads()
                    .iter()
                    .map(|it| it.name.clone())
                    .collect(),
            },
        };
        let samples_mv = samples_mv.into_iter().map(|mv| mv as f32).collect();
        let lead = Lead {
            name: name.clone(),
            origin,
            samples_mv,
        };
        Some((lead, error_mv2))
    }

    fn worn_at<'a>(&'a self, electrode: &'a str) -> &'a str {
        let found = self.misplaced.iter().find(|it| it.electrode == electrode);
        let worn_at = found.and_then(|it| it.worn_at.as_deref());
        worn_at.unwrap_or(electrode)
    }

    /// Of an electrode at that site: recorded where one of the ten is there.
    fn potential(&self, at: &str) -> Option<Potential> {
        let recorded = |samples_mv| Potential {
            samples_mv,
            error_mv2: 0.0,
            by: None,
        };
        if let Some(limb) = WILSON.iter().position(|it| *it == at) {
            return Some(recorded(self.limb(limb)?));
        }
        let name = LeadName::parse(at);
        if name.is_chest() {
            let lead = self.leads.get(&name)?;
            return Some(recorded(
                lead.samples_mv.iter().map(|it| f64::from(*it)).collect(),
            ));
        }
        let view = site(at)?.view;
        let made = self.synthesizer.target(&Target::View(view));
        let by = match made.lead.origin {
            Origin::Synthesised { by, .. } => by,
            Origin::Measured | Origin::Derived { .. } => "recorded leads".into(),
        };
        Some(Potential {
            samples_mv: made
                .lead
                .samples_mv
                .iter()
                .map(|it| f64::from(*it))
                .collect(),
            error_mv2: (made.expected_rmse_uv / 1000.0).powi(2),
            by: Some((view, by)),
        })
    }

    /// Of a limb electrode, from I and II (Einthoven, Wilson).
    fn limb(&self, which: usize) -> Option<Vec<f64>> {
        const FROM_I_II: [[f64; 2]; 3] = [[-1.0, -1.0], [2.0, -1.0], [-1.0, 2.0]];
        let [i, ii] = [LeadName::I, LeadName::II].map(|it| self.leads.get(&it));
        let both = i?.samples_mv.iter().zip(ii?.samples_mv.iter());
        let [from_i, from_ii] = FROM_I_II[which];
        let mv = |(i, ii): (&f32, &f32)| (from_i * f64::from(*i) + from_ii * f64::from(*ii)) / 3.0;
        Some(both.map(mv).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ecg::PlacementError,
        synth::{CalibrationOptions, calibrate_quickly, model::tests::dipole_leads},
    };

    fn worn(error: &PlacementError) -> (LeadSet, WornLeads) {
        let leads = dipole_leads().with_derived_limb_leads();
        let calibration = calibrate_quickly(&leads, &CalibrationOptions::closed_form()).unwrap();
        let synthesizer = Synthesizer::new(&leads, calibration).unwrap();
        let worn = synthesizer.worn(&leads, &error.electrodes()).unwrap();
        (leads, worn)
    }

    fn furthest_mv(one: &Lead, other: &Lead, sign: f32) -> f32 {
        let both = one.samples_mv.iter().zip(other.samples_mv.iter());
        both.map(|(a, b)| (a - sign * b).abs()).fold(0.0, f32::max)
    }

    #[test]
    fn exchanged_arms_are_algebra_and_touch_no_chest_lead() {
        use LeadName::{AVF, AVL, AVR, I, II, III};
        let (right, wrong) = worn(&PlacementError::Arms);
        for (now, was, sign) in [
            (I, I, -1.0),
            (II, III, 1.0),
            (III, II, 1.0),
            (AVR, AVL, 1.0),
            (AVL, AVR, 1.0),
            (AVF, AVF, 1.0),
        ] {
            let [now, was] = [wrong.leads.get(&now), right.get(&was)].map(Option::unwrap);
            assert!(
                furthest_mv(now, was, sign) < 1e-6,
                "{} from {}",
                now.name,
                was.name
            );
            assert!(!now.origin.is_synthesised());
        }
        for name in LeadName::CHEST {
            let [now, was] = [wrong.leads.get(&name), right.get(&name)].map(Option::unwrap);
            assert!(furthest_mv(now, was, 1.0) < 1e-6, "{name}");
        }
        assert!(wrong.expected_uv.is_empty());
    }

    #[test]
    fn what_was_not_recorded_says_so_and_how_far_it_may_be_off() {
        let (right, wrong) = worn(&PlacementError::SecondSpace);
        let synthesised: Vec<String> = wrong.leads.leads().iter().map(Lead::label).collect();
        assert_eq!(
            synthesised.join(" "),
            "I II III aVR aVL aVF dV1 dV2 V3 V4 V5 V6"
        );
        let named: Vec<&LeadName> = wrong.expected_uv.iter().map(|it| &it.0).collect();
        assert_eq!(named, [&LeadName::V1, &LeadName::V2]);
        assert!(wrong.expected_uv.iter().all(|it| 0.0 < it.1));
        assert_eq!(wrong.leads.get(&LeadName::V3), right.get(&LeadName::V3));
        let (_, trunk) = worn(&PlacementError::MasonLikar);
        assert_eq!(trunk.expected_uv.len(), 12, "the terminal moves as well");
    }

    #[test]
    fn an_electrode_that_fell_off_prints_a_flat_line() {
        let (right, wrong) = worn(&PlacementError::Off(LeadName::V4));
        let v4 = wrong.leads.get(&LeadName::V4).unwrap();
        assert!(v4.samples_mv.iter().all(|mv| *mv == 0.0));
        assert_eq!(wrong.leads.get(&LeadName::V5), right.get(&LeadName::V5));
    }
}
