//! A synthesised lead of the page, and what it takes to make it again.

use super::Exam;
use crate::{
    ecg::{Lead, LeadSet, SampleRate, Target},
    signal::{FilterSettings, LeadMeasurements},
    synth::{Mixing, Synthesis},
};

/// A synthesised lead and what it stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct SynthesisedLead {
    /// What was asked.
    pub target: Target,
    /// The lead through the display filters.
    pub synthesis: Synthesis,
    /// The lead as it was mixed.
    pub(super) unfiltered: Synthesis,
    /// Weights and error: the same lead of any other part of the recording.
    pub(super) mixing: Mixing,
}

impl SynthesisedLead {
    /// `synthesis` is what `mixing` makes of the recorded leads.
    pub fn new(target: Target, synthesis: Synthesis, mixing: Mixing) -> Self {
        Self {
            target,
            synthesis: synthesis.clone(),
            unfiltered: synthesis,
            mixing,
        }
    }

    /// Its row in the table of measurements of `exam`, with its error beside the values.
    pub fn measurements(&self, exam: &Exam) -> Option<LeadMeasurements> {
        let (beat, waves) = (exam.median.as_ref()?, exam.waves.as_ref()?);
        let lead = &self.unfiltered.lead;
        let row = LeadMeasurements::beside(beat, waves, lead, exam.leads.rate())?;
        Some(LeadMeasurements {
            error_uv: Some(self.unfiltered.expected_rmse_uv),
            ..row
        })
    }

    /// Its median beat over the beats of `exam`, as it was mixed.
    pub fn median(&self, exam: &Exam) -> Option<Lead> {
        exam.median
            .as_ref()?
            .of_other(&self.unfiltered.lead, exam.leads.rate())
    }

    /// The same through other display filters; the band keeps its width, which filters narrow at
    /// most.
    pub(super) fn filtered(&self, filters: &FilterSettings, rate: SampleRate) -> Self {
        let mut synthesis = self.unfiltered.clone();
        if !filters.is_off() {
            synthesis.lead = through(filters, rate, synthesis.lead);
        }
        Self {
            synthesis,
            ..self.clone()
        }
    }
}

fn through(filters: &FilterSettings, rate: SampleRate, lead: Lead) -> Lead {
    let alone = LeadSet::new(rate, vec![lead.clone()]).map(|alone| filters.apply(&alone));
    let first = alone.ok().and_then(|alone| alone.leads().first().cloned());
    first.unwrap_or(lead)
}
