//! Leads that share one rate and one length.

use super::{Lead, LeadName, Origin, SampleRate, montage};

/// Why leads cannot form a set.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LeadSetError {
    /// No lead at all.
    #[error("no lead: expected at least one")]
    Empty,
    /// Two leads under one name.
    #[error("lead {0} occurs twice")]
    Repeated(LeadName),
    /// A lead of another length.
    #[error("lead {name} has {found} samples, expected {expected}")]
    Length {
        /// The lead that differs.
        name: LeadName,
        /// Its samples.
        found: usize,
        /// Samples of the first lead.
        expected: usize,
    },
}

/// At least one lead; all of one rate and one length; no name twice.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadSet {
    rate: SampleRate,
    leads: Vec<Lead>,
}

impl LeadSet {
    /// Checks the rules of the type.
    pub fn new(rate: SampleRate, leads: Vec<Lead>) -> Result<Self, LeadSetError> {
        let expected = leads.first().ok_or(LeadSetError::Empty)?.samples_mv.len();
        for (idx, lead) in leads.iter().enumerate() {
            if lead.samples_mv.len() != expected {
                return Err(LeadSetError::Length {
                    name: lead.name.clone(),
                    found: lead.samples_mv.len(),
                    expected,
                });
            }
            if leads[..idx].iter().any(|it| it.name == lead.name) {
                return Err(LeadSetError::Repeated(lead.name.clone()));
            }
        }
        Ok(Self { rate, leads })
    }

    /// Samples per second of every lead.
    pub fn rate(&self) -> SampleRate {
        self.rate
    }

    /// Samples of every lead.
    pub fn n_samples(&self) -> usize {
        self.leads[0].samples_mv.len()
    }

    /// Length in seconds.
    pub fn duration_s(&self) -> f64 {
        self.rate.seconds_at(self.n_samples())
    }

    /// All leads in file order.
    pub fn leads(&self) -> &[Lead] {
        &self.leads
    }

    /// The lead of that name.
    pub fn get(&self, name: &LeadName) -> Option<&Lead> {
        self.leads.iter().find(|it| it.name == *name)
    }

    /// The leads that are not `withheld`; `None` if that leaves none. A withheld lead has no say in
    /// where the beats are, nor in anything else that is measured.
    pub fn without(&self, withheld: &[LeadName]) -> Option<Self> {
        let seen = self.leads.iter().filter(|it| !withheld.contains(&it.name));
        Self::new(self.rate, seen.cloned().collect()).ok()
    }

    /// Samples `range` of every lead, clamped to what there is; `None` if that is empty.
    pub fn slice(&self, range: std::ops::Range<usize>) -> Option<Self> {
        let end = range.end.min(self.n_samples());
        if end <= range.start {
            return None;
        }
        let cut = |it: &Lead| Lead {
            samples_mv: it.samples_mv[range.start..end].into(),
            ..it.clone()
        };
        Some(Self {
            rate: self.rate,
            leads: self.leads.iter().map(cut).collect(),
        })
    }

    /// Leads of the catalogue beside the standard twelve: what is there to compare a synthesised
    /// lead with, and so is kept out of its mix unless the user says otherwise.
    pub fn truth_leads(&self) -> Vec<LeadName> {
        let names = self.leads.iter().map(|lead| &lead.name);
        names
            .filter(|name| !name.is_standard() && montage(name).is_some())
            .cloned()
            .collect()
    }

    /// Adds those of III, aVR, aVL, aVF that are absent, from I and II (Einthoven 1912, Goldberger
    /// 1942), as derived leads. Without both I and II nothing is added.
    pub fn with_derived_limb_leads(mut self) -> Self {
        let (Some(i), Some(ii)) = (
            self.get(&LeadName::I).cloned(),
            self.get(&LeadName::II).cloned(),
        ) else {
            return self;
        };
        for (name, from_i, from_ii) in LeadName::LIMB_FROM_I_II {
            if self.get(&name).is_none() {
                let mixed = i
                    .samples_mv
                    .iter()
                    .zip(ii.samples_mv.iter())
                    .map(|(a, b)| from_i * a + from_ii * b)
                    .collect();
                let origin = Origin::Derived {
                    from: vec![LeadName::I, LeadName::II],
                };
                self.leads.push(Lead {
                    name,
                    origin,
                    samples_mv: mixed,
                });
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(leads: Vec<Lead>) -> Result<LeadSet, LeadSetError> {
        LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads)
    }

    #[test]
    fn rules_of_the_type() {
        assert_eq!(set(vec![]), Err(LeadSetError::Empty));
        let v1 = Lead::measured(LeadName::V1, vec![0.0; 4]);
        assert_eq!(
            set(vec![v1.clone(), v1.clone()]),
            Err(LeadSetError::Repeated(LeadName::V1))
        );
        let short = Lead::measured(LeadName::V2, vec![0.0; 3]);
        assert_eq!(
            set(vec![v1, short]),
            Err(LeadSetError::Length {
                name: LeadName::V2,
                found: 3,
                expected: 4
            })
        );
    }

    #[test]
    fn limb_leads_follow_from_i_and_ii() {
        let both = set(vec![
            Lead::measured(LeadName::I, vec![0.2]),
            Lead::measured(LeadName::II, vec![0.8]),
        ])
        .unwrap();
        let all = both.with_derived_limb_leads();
        for (name, expected) in [
            (LeadName::III, 0.6),
            (LeadName::AVR, -0.5),
            (LeadName::AVL, -0.2),
            (LeadName::AVF, 0.7),
        ] {
            let lead = all.get(&name).unwrap();
            assert!((lead.samples_mv[0] - expected).abs() < 1e-6, "{name}");
            assert_eq!(
                lead.origin,
                Origin::Derived {
                    from: vec![LeadName::I, LeadName::II]
                }
            );
        }
    }

    fn ramp(name: LeadName) -> Lead {
        Lead::measured(name, (0..10).map(|it| it as f32).collect::<Vec<_>>())
    }

    #[test]
    fn a_slice_is_clamped_and_never_empty() {
        let whole = set(vec![ramp(LeadName::V1), ramp(LeadName::V2)]).unwrap();
        assert_eq!((whole.n_samples(), whole.duration_s()), (10, 0.02));
        let end = whole.slice(8..99).unwrap();
        assert_eq!(end.n_samples(), 2);
        assert_eq!(&*end.get(&LeadName::V2).unwrap().samples_mv, [8.0, 9.0]);
        assert_eq!(whole.slice(0..10), Some(whole.clone()));
        for empty in [3..3, 10..12, 12..20] {
            assert_eq!(whole.slice(empty.clone()), None, "{empty:?}");
        }
    }

    #[test]
    fn a_recorded_limb_lead_stays_as_recorded() {
        let own = Lead::measured(LeadName::III, vec![9.0; 10]);
        let leads = set(vec![ramp(LeadName::I), ramp(LeadName::II), own.clone()]).unwrap();
        let all = leads.with_derived_limb_leads();
        assert_eq!(all.leads().len(), 6);
        assert_eq!(all.get(&LeadName::III), Some(&own));
        assert_eq!(all.clone().with_derived_limb_leads(), all);
    }

    #[test]
    fn nothing_is_derived_from_one_lead_alone() {
        for name in [LeadName::I, LeadName::II, LeadName::V1] {
            let leads = set(vec![ramp(name)]).unwrap();
            assert_eq!(leads.clone().with_derived_limb_leads(), leads);
        }
    }

    #[test]
    fn a_gap_in_either_lead_is_a_gap_in_what_is_derived() {
        let leads = set(vec![
            Lead::measured(LeadName::I, vec![1.0, f32::NAN, 1.0]),
            Lead::measured(LeadName::II, vec![1.0, 1.0, f32::NAN]),
        ]);
        let all = leads.unwrap().with_derived_limb_leads();
        for lead in &all.leads()[2..] {
            let gaps: Vec<bool> = lead.samples_mv.iter().map(|mv| mv.is_nan()).collect();
            assert_eq!(gaps, [false, true, true], "{}", lead.name);
        }
    }
}
