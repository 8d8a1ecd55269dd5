//! Made leads beside those of the recording they are made of.

use super::CliError;
use crate::{
    ecg::{Lead, LeadName, LeadSet, LeadSetError, Recording},
    synth::Synthesis,
};

/// The made leads, with the recorded ones before them if asked.
pub(super) fn beside(
    recorded: &LeadSet,
    made: Vec<Lead>,
    with_recorded: bool,
) -> Result<LeadSet, LeadSetError> {
    let before = if with_recorded { recorded.leads() } else { &[] };
    let fresh = |lead: Lead| {
        let is_taken = before.iter().any(|other| other.name == lead.name);
        let name = if is_taken {
            LeadName::Named(format!("{}*", lead.name).into())
        } else {
            lead.name.clone()
        };
        Lead { name, ..lead }
    };
    let made = made.into_iter().map(fresh);
    LeadSet::new(
        recorded.rate(),
        before.iter().cloned().chain(made).collect(),
    )
}

/// The same for a recording at hand, which then says so.
pub(super) fn recording_beside(
    recording: &Recording,
    made: Vec<Synthesis>,
    with_recorded: bool,
) -> Result<Recording, CliError> {
    let errors: Vec<String> = made
        .iter()
        .filter(|it| it.lead.origin.is_synthesised())
        .map(|it| expected_error(&it.lead.label(), it.expected_rmse_uv))
        .collect();
    let made = made.into_iter().map(|it| it.lead).collect();
    let leads = beside(&recording.leads, made, with_recorded).map_err(CliError::from_error)?;
    Ok(Recording {
        leads,
        ..remarked(recording, &errors)
    })
}

/// The error to expect of a made lead, as a remark.
pub(super) fn expected_error(label: &str, rmse_uv: f64) -> String {
    format!("{label}: error to expect {rmse_uv:.0} uV root mean square")
}

/// With a remark that leads are synthesised, and how far each may be wrong.
pub(super) fn remarked(recording: &Recording, errors: &[String]) -> Recording {
    let mut out = recording.clone();
    let words = "Synthesised leads: estimated, not recorded, not for diagnosis";
    out.notes.push((None, words.into()));
    out.notes.extend(errors.iter().map(|it| (None, it.clone())));
    out
}
