//! What can go wrong between a recording and a synthesised lead.

use crate::ecg::{LeadName, UnknownLead};

use super::unused::{Unused, WhyUnused};

/// Why a lead cannot be synthesised.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SynthError {
    /// Not enough independent leads to know anything about the heart's direction.
    #[error(
        "calibration: {} independent recorded leads ({}), expected at least {expected}; {}",
        found.len(), listed(found), explained(unused)
    )]
    TooFewLeads {
        /// Independent leads that could be used.
        found: Vec<LeadName>,
        /// The least that will do.
        expected: usize,
        /// What happened to the others.
        unused: Vec<Unused>,
    },
    /// A lead that was asked for as an input is not there or cannot be used.
    #[error("calibration: lead {name} was asked for as an input, but {why}")]
    Input {
        /// The lead.
        name: LeadName,
        /// Why it cannot serve.
        why: InputProblem,
    },
    /// A name without a known place on the skin.
    #[error(transparent)]
    UnknownLead(#[from] UnknownLead),
    /// Too short to learn from.
    #[error("calibration: {found_s:.2} s of usable signal, expected at least {expected_s:.1} s")]
    TooShort {
        /// Seconds without a gap.
        found_s: f64,
        /// The least that will do.
        expected_s: f64,
    },
    /// A window lacks a lead that the calibration uses.
    #[error(
        "synthesis: lead {0} was used in calibration but is absent from this part of the recording"
    )]
    MissingInput(LeadName),
    /// Someone asked to stop.
    #[error("calibration was cancelled")]
    Cancelled,
}

/// Why a lead cannot be an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputProblem {
    /// It takes no part.
    #[error(transparent)]
    Unused(#[from] WhyUnused),
    /// It is not in the recording.
    #[error("it is not in the recording")]
    Absent,
    /// Another lead is recorded at the same place.
    #[error("two leads share one place")]
    SharedPlace,
}

fn listed(leads: &[LeadName]) -> String {
    let names: Vec<String> = leads.iter().map(LeadName::to_string).collect();
    names.join(", ")
}

fn explained(unused: &[Unused]) -> String {
    let each = unused.iter().map(|it| format!("{}: {}", it.lead, it.why));
    let each: Vec<String> = each.collect();
    match each.is_empty() {
        true => "no other lead in the recording".into(),
        false => each.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(error: SynthError, english: &str) {
        assert_eq!(error.to_string(), english);
    }

    #[test]
    fn an_error_says_what_was_found_and_what_was_expected() {
        check(
            SynthError::TooFewLeads {
                found: vec![LeadName::I],
                expected: 2,
                unused: vec![Unused {
                    lead: LeadName::II,
                    why: WhyUnused::Flat,
                }],
            },
            "calibration: 1 independent recorded leads (I), expected at least 2; II: flat: electrode off?",
        );
        check(
            SynthError::TooFewLeads {
                found: Vec::new(),
                expected: 2,
                unused: Vec::new(),
            },
            "calibration: 0 independent recorded leads (), expected at least 2; no other lead in the recording",
        );
        check(
            SynthError::Input {
                name: LeadName::V3,
                why: WhyUnused::Gaps.into(),
            },
            "calibration: lead V3 was asked for as an input, but gaps",
        );
    }
}
