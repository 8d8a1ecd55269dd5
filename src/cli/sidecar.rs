//! What a file of synthesised leads cannot say in its own format, as JSON beside it.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::CliError;
use crate::{
    ecg::{Origin, plain_line},
    synth::{Mixing, weights_sha256},
};

/// Version of the file: grows when a field changes its meaning or goes.
const SCHEMA: u32 = 1;

/// How the leads of a file were made.
#[derive(Serialize)]
struct Sidecar<'a> {
    schema: u32,
    software: &'static str,
    /// Identity of the network's weights.
    weights_sha256: &'static str,
    /// The recording that the leads were made of.
    recording: String,
    leads: Vec<MadeLead>,
    /// What reading had to say.
    warnings: &'a [String],
}

/// One lead.
#[derive(Serialize)]
struct MadeLead {
    /// Its label in the file.
    label: String,
    /// Whether it was estimated; otherwise electrode algebra makes it exact.
    synthesised: bool,
    /// Degrees from superior, and from anterior towards the patient's left.
    view_deg: Option<[f64; 2]>,
    /// Root mean square error to expect.
    expected_rmse_uv: f64,
    /// Recorded leads and their weights.
    made_of: Vec<(String, f64)>,
}

impl MadeLead {
    fn of(mixing: &Mixing) -> Self {
        let (synthesised, view_deg) = match mixing.origin() {
            Origin::Synthesised { view, .. } => {
                let (theta, phi) = view.degrees();
                (true, Some([theta, phi]))
            }
            _ => (false, None),
        };
        let made_of = mixing.contributions().into_iter();
        Self {
            label: format!("{}{}", if synthesised { "d" } else { "" }, mixing.name),
            synthesised,
            view_deg,
            expected_rmse_uv: mixing.expected_rmse_uv(),
            made_of: made_of
                .map(|(name, weight)| (name.to_string(), weight))
                .collect(),
        }
    }
}

/// Where it lies beside `file`.
pub(super) fn path_beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".json");
    name.into()
}

/// The JSON for leads of `mixings`, made of the recording at `recording`.
pub(super) fn text(
    recording: &Path,
    mixings: &[Mixing],
    warnings: &[String],
) -> Result<String, CliError> {
    let sidecar = Sidecar {
        schema: SCHEMA,
        software: concat!("ecg-panorama ", env!("CARGO_PKG_VERSION")),
        weights_sha256: weights_sha256(),
        recording: plain_line(&recording.display().to_string()),
        leads: mixings.iter().map(MadeLead::of).collect(),
        warnings,
    };
    let text = serde_json::to_string_pretty(&sidecar).map_err(CliError::from_error)?;
    Ok(text + "\n")
}
