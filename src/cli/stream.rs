//! Long recordings: leads are made and written a piece at a time, so that memory does not grow with
//! length.

use std::path::Path;

use super::{
    CliError,
    made_leads::{beside, expected_error, remarked},
};
use crate::{
    ecg::{Lead, LeadSet, Recording},
    formats::{Conversion, Format, MadeLeads, Output, ReadOptions, open},
    synth::{Mixing, SynthError},
};

/// Writes the leads of `mixings` over all of `file`, read with these options, to `path`, with the
/// recorded ones before them if asked. Returns what reading had to say.
pub(super) fn run(
    file: &Path,
    read: &ReadOptions,
    mixings: &[Mixing],
    with_recorded: bool,
    (path, format, output): (&Path, Format, &Output),
) -> Result<Vec<String>, CliError> {
    let source = open(file, read).map_err(CliError::from_error)?;
    let make = |leads: &LeadSet| {
        let made = mixings.iter().map(|mixing| {
            Ok(Lead {
                name: mixing.name.clone(),
                origin: mixing.origin(),
                samples_mv: mixing.samples_mv(leads)?.into(),
            })
        });
        let made = made.collect::<Result<Vec<Lead>, SynthError>>();
        let made = made.map_err(|it| it.to_string())?;
        beside(leads, made, with_recorded).map_err(|it| it.to_string())
    };
    let errors: Vec<String> = mixings
        .iter()
        .filter(|mixing| mixing.origin().is_synthesised())
        .map(|mixing| expected_error(&mixing.name.synthesised_label(), mixing.expected_rmse_uv()))
        .collect();
    let about = |recording: &Recording| remarked(recording, &errors);
    let conversion = Conversion {
        source: &source,
        start_s: 0.0,
        seconds: source.duration_s(),
        made: Some(MadeLeads {
            reach_s: mixings.iter().map(Mixing::reach_s).fold(0.0, f64::max),
            make: &make,
        }),
        about: &about,
        progress: &|_| {},
    };
    Ok(conversion.save(path, format, output)?)
}
