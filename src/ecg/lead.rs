//! One lead: its name, where its samples come from, and the samples in millivolts.

use std::sync::Arc;

use super::{LeadName, ViewAngle};

/// Where the samples of a lead come from. Every plot and file keeps it.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// Recorded by a device from electrodes.
    Measured,
    /// Exact algebra on measured leads (Einthoven, Goldberger), which are named.
    Derived {
        /// The measured leads it was computed from.
        from: Vec<LeadName>,
    },
    /// Estimated for a place where no electrode was. Never to be shown as measured.
    Synthesised {
        /// Direction of the place as seen from the heart.
        view: ViewAngle,
        /// What estimated it: method and identity of its weights.
        by: Arc<str>,
    },
}

impl Origin {
    /// Whether the lead was estimated rather than recorded or derived exactly.
    pub fn is_synthesised(&self) -> bool {
        matches!(self, Origin::Synthesised { .. })
    }
}

/// One lead in millivolts. A gap is `NaN`. Cloning shares the samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Lead {
    /// Which lead.
    pub name: LeadName,
    /// Recorded, derived or synthesised.
    pub origin: Origin,
    /// Millivolts; `NaN` where nothing was recorded.
    pub samples_mv: Arc<[f32]>,
}

impl Lead {
    /// A lead as recorded.
    pub fn measured(name: LeadName, samples_mv: impl Into<Arc<[f32]>>) -> Self {
        Self {
            name,
            origin: Origin::Measured,
            samples_mv: samples_mv.into(),
        }
    }

    /// What to write beside the trace.
    pub fn label(&self) -> String {
        if self.origin.is_synthesised() {
            self.name.synthesised_label()
        } else {
            self.name.to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins() -> [Origin; 3] {
        [
            Origin::Measured,
            Origin::Derived {
                from: vec![LeadName::I, LeadName::II],
            },
            Origin::Synthesised {
                view: ViewAngle::ANTERIOR,
                by: "a test".into(),
            },
        ]
    }

    #[test]
    fn only_a_synthesised_lead_carries_the_mark() {
        for name in LeadName::TWELVE.into_iter().chain(LeadName::frank()) {
            let [measured, derived, synthesised] = origins().map(|origin| Lead {
                origin,
                ..Lead::measured(name.clone(), vec![0.0; 3])
            });
            assert_eq!(measured.label(), name.to_string());
            assert_eq!(derived.label(), name.to_string());
            assert_eq!(synthesised.label(), format!("d{name}"));
            // A mark that reads back as the plain lead would be none.
            assert_ne!(LeadName::parse(&synthesised.label()), name);
        }
    }

    #[test]
    fn synthesised_is_the_only_origin_that_is() {
        assert_eq!(
            origins().map(|origin| origin.is_synthesised()),
            [false, false, true]
        );
    }

    #[test]
    fn a_clone_shares_its_samples() {
        let lead = Lead::measured(LeadName::II, vec![0.5; 4]);
        assert!(Arc::ptr_eq(&lead.samples_mv, &lead.clone().samples_mv));
    }
}
