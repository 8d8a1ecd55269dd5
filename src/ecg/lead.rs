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

    /// What to write beside the trace: synthesised leads carry the prefix `d`, as GE 12RL and the
    /// MDC codes do.
    pub fn label(&self) -> String {
        if self.origin.is_synthesised() {
            format!("d{}", self.name)
        } else {
            self.name.to_string()
        }
    }
}
