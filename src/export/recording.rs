//! Recordings, with synthesised leads if there are any, as EDF+, WFDB or CSV.

use std::path::{Path, PathBuf};

use crate::{
    ecg::{LeadSet, Recording},
    formats::{self, Format, FormatError},
};

/// Why leads were not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveLeadsError {
    /// The ending asks for no format that is written.
    #[error("saving: expected a name ending in .edf, .csv or .hea: {}", .0.display())]
    Extension(PathBuf),
    /// The format's own words.
    #[error(transparent)]
    Format(#[from] FormatError),
}

/// Writes `leads` with what is known about `recording`, in the format that the extension of `path`
/// asks for; whole or not at all. Synthesised leads keep their prefix `d` in the file.
pub fn save_leads(
    recording: &Recording,
    leads: &LeadSet,
    path: &Path,
) -> Result<(), SaveLeadsError> {
    let format =
        Format::from_path(path).ok_or_else(|| SaveLeadsError::Extension(path.to_owned()))?;
    Ok(formats::write(
        &Recording {
            leads: leads.clone(),
            ..recording.clone()
        },
        path,
        format,
    )?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ecg::{Lead, LeadName, Origin, SampleRate, ViewAngle},
        formats::ReadOptions,
    };

    #[test]
    fn a_synthesised_lead_never_goes_out_under_the_plain_name() {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let samples: Vec<f32> = (0..1000u16).map(|it| f32::from(it % 100) / 100.0).collect();
        let view = ViewAngle::from_degrees(96.0, 120.0).unwrap();
        let origin = Origin::Synthesised {
            view,
            by: "test".into(),
        };
        let v7 = Lead {
            name: LeadName::parse("V7"),
            origin,
            samples_mv: samples.clone().into(),
        };
        let leads = LeadSet::new(rate, vec![Lead::measured(LeadName::II, samples), v7]).unwrap();
        let recording = Recording::from_leads(leads.clone());
        let folder = tempfile::tempdir().unwrap();
        for name in ["out.csv", "out.edf", "out.hea"] {
            let path = folder.path().join(name);
            save_leads(&recording, &leads, &path).unwrap();
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            assert!(text.contains("dV7"), "{name} does not say dV7");
            let back = formats::read(&path, &ReadOptions::default())
                .unwrap()
                .recording;
            let lead = back
                .leads
                .leads()
                .iter()
                .find(|it| it.origin.is_synthesised() || it.name.to_string() == "dV7");
            assert!(
                lead.is_some()
                    && back
                        .leads
                        .get(&LeadName::parse("V7"))
                        .is_none_or(|it| it.origin.is_synthesised()),
                "{name}"
            );
        }
        assert!(save_leads(&recording, &leads, &folder.path().join("out.xyz")).is_err());
    }
}
