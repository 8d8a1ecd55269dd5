//! Sessions on disk: `.panorama` files. JSON, versioned, whole or absent. A session holds how its
//! leads were made: enough to show them again without computing anything.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{document::Document, query::CalibrationSummary, synthesised_lead::SynthesisedLead};
use crate::{
    ecg::{Lead, LeadSet, Target},
    formats::{Output, OutputError},
    reliability::{Grade, Reason, Reliability, Warning},
    synth::Mixing,
};

/// Version of the form written. Older ones are read, newer ones refused.
pub const VERSION: u32 = 1;
/// Longest session file that is read.
const LIMIT_BYTES: u64 = 64 << 20;
const KIND: &str = "ecg-panorama session";

/// Why a session could not be kept or opened.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system refused.
    #[error("cannot {step} the session: {source} ({path})")]
    Io {
        /// What was being done.
        step: &'static str,
        /// The system's reason.
        source: io::Error,
        /// The file.
        path: PathBuf,
    },
    /// The session could not be written.
    #[error("cannot save the session: {0}")]
    Output(#[from] OutputError),
    /// Not a session.
    #[error("this is not a session of this program: {reason} ({path})")]
    Form {
        /// What was found.
        reason: String,
        /// The file.
        path: PathBuf,
    },
    /// Written by a newer program.
    #[error(
        "the session has form {found}, this program reads up to {VERSION}: open it with a newer version ({path})"
    )]
    Newer {
        /// Version found.
        found: u32,
        /// The file.
        path: PathBuf,
    },
}

/// What is written.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SavedSession {
    /// Always `ecg-panorama session`.
    pub kind: String,
    /// Version of the form.
    pub version: u32,
    /// Version of the program that wrote it.
    pub program: String,
    /// Identity of the weights that its virtual leads were seen with.
    pub weights_sha256: String,
    /// Everything the user decided.
    pub document: Document,
    /// How the leads on screen were made: shown again instead of computed anew.
    #[serde(deserialize_with = "if_readable")]
    pub calibration: Option<SavedCalibration>,
}

impl SavedSession {
    /// A session of this version.
    pub fn new(
        document: Document,
        weights_sha256: String,
        calibration: Option<SavedCalibration>,
    ) -> Self {
        let program = env!("CARGO_PKG_VERSION").into();
        Self {
            kind: KIND.into(),
            version: VERSION,
            program,
            weights_sha256,
            document,
            calibration,
        }
    }

    /// Writes it: whole or not at all.
    pub fn save(&self, path: &Path, output: &Output) -> Result<(), StoreError> {
        let text = serde_json::to_vec_pretty(self).map_err(|problem| StoreError::Form {
            reason: problem.to_string(),
            path: path.into(),
        })?;
        Ok(output.write(path, &text)?)
    }

    /// Reads and checks one.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let io_error = |source| StoreError::Io {
            step: "open",
            source,
            path: path.into(),
        };
        let form = |reason: String| StoreError::Form {
            reason,
            path: path.into(),
        };
        let length = fs::metadata(path).map_err(io_error)?.len();
        if LIMIT_BYTES < length {
            return Err(form(format!(
                "{length} bytes, expected at most {LIMIT_BYTES}"
            )));
        }
        let bytes = fs::read(path).map_err(io_error)?;
        #[derive(serde::Deserialize)]
        struct Head {
            kind: String,
            version: u32,
        }
        let json = |problem: serde_json::Error| form(problem.to_string());
        let head: Head = serde_json::from_slice(&bytes).map_err(json)?;
        if head.kind != KIND {
            return Err(form(format!("kind “{}”, expected “{KIND}”", head.kind)));
        }
        if VERSION < head.version {
            return Err(StoreError::Newer {
                found: head.version,
                path: path.into(),
            });
        }
        let session: Self = serde_json::from_slice(&bytes).map_err(json)?;
        if session.document.is_sound() {
            Ok(session)
        } else {
            Err(form("a setting is not a usable number".into()))
        }
    }
}

/// A calibration of a form that this program does not know is made anew instead of refusing the
/// session.
fn if_readable<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SavedCalibration>, D::Error> {
    let value = <Option<serde_json::Value> as serde::Deserialize>::deserialize(deserializer)?;
    Ok(value.and_then(|value| serde_json::from_value(value).ok()))
}

/// What calibration found, and the leads that were on screen.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SavedCalibration {
    /// Method, device, places of the electrodes.
    #[serde(alias = "learned")]
    pub summary: CalibrationSummary,
    /// The lead at the point and those of the list.
    pub leads: Vec<SavedLead>,
    /// What was said of the lead at the point.
    #[serde(alias = "trust")]
    pub reliability: Option<SavedReliability>,
}

/// What the reliability report said.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SavedReliability {
    /// Of which lead.
    pub target: Target,
    /// Its grade.
    pub grade: Grade,
    /// Typical error, µV.
    pub expected_rmse_uv: f64,
    /// Why.
    pub reasons: Vec<Reason>,
    /// What called for caution.
    pub warnings: Vec<Warning>,
}

impl SavedReliability {
    /// What `report` says of `target`.
    pub fn new(target: &Target, report: &Reliability) -> Self {
        Self {
            target: target.clone(),
            grade: report.grade,
            expected_rmse_uv: report.expected_rmse_uv,
            reasons: report.reasons.clone(),
            warnings: report.warnings.clone(),
        }
    }
}

/// One lead and how it was mixed from the recorded ones.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SavedLead {
    /// What it is.
    pub target: Target,
    /// Weights and error.
    #[serde(alias = "recipe")]
    pub mixing: Mixing,
    /// What the network added to the mix, sample by sample, nV; empty where it added nothing.
    pub added_nv: Vec<i32>,
}

/// Nanovolts in a millivolt.
const NV: f32 = 1e6;

impl SavedLead {
    /// How `lead` was made from `recorded`.
    pub fn new(lead: &SynthesisedLead, recorded: &LeadSet) -> Self {
        // The mixing as it will be read: the network is not in the file.
        let read = serde_json::to_value(&lead.mixing)
            .ok()
            .and_then(|value| serde_json::from_value::<Mixing>(value).ok());
        let plain = read
            .and_then(|mixing| mixing.samples_mv(recorded).ok())
            .unwrap_or_default();
        let nanovolts = |(shown, plain): (&f32, &f32)| match NV * (shown - plain) {
            added if added.is_finite() => added.round() as i32,
            _ => 0,
        };
        let shown = lead.unfiltered.lead.samples_mv.iter();
        let mut added_nv: Vec<i32> = shown.zip(&plain).map(nanovolts).collect();
        if added_nv.iter().all(|nv| nv.abs() < 2) {
            added_nv.clear();
        }
        Self {
            target: lead.target.clone(),
            mixing: lead.mixing.clone(),
            added_nv,
        }
    }

    /// The lead as it was seen; `None` where `recorded` lacks one of its parts.
    pub fn synthesised(&self, recorded: &LeadSet) -> Option<SynthesisedLead> {
        let mut synthesis = self.mixing.apply(recorded).ok()?;
        if !self.added_nv.is_empty() {
            let plain = synthesis.lead.samples_mv.iter();
            let samples_mv = plain
                .zip(&self.added_nv)
                .map(|(mv, nv)| mv + *nv as f32 / NV)
                .collect();
            synthesis.lead = Lead {
                samples_mv,
                ..synthesis.lead
            };
        }
        Some(SynthesisedLead::new(
            self.target.clone(),
            synthesis,
            self.mixing.clone(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::{LeadName, SampleRate, ViewAngle};

    fn session(document: Document) -> SavedSession {
        SavedSession::new(document, "abc".into(), None)
    }

    /// What opening a file of this text says.
    fn refusal(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.panorama");
        fs::write(&path, text).unwrap();
        SavedSession::open(&path).unwrap_err().to_string()
    }

    #[test]
    fn a_session_survives_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Müller, 12 Lead.panorama");
        // JSON may cost an angle its last bit: straight up has none to lose.
        let point = ViewAngle::from_vector([0.0, 0.0, 1.0]).unwrap();
        let session = session(Document {
            point,
            ..Document::default()
        });
        session.save(&path, &Output::default()).unwrap();
        assert_eq!(SavedSession::open(&path).unwrap(), session);
    }

    #[test]
    fn what_is_no_session_is_refused() {
        for (text, expected) in [
            ("", "not a session"),
            ("{}", "not a session"),
            (
                r#"{"kind":"x","version":1}"#,
                "expected “ecg-panorama session”",
            ),
            (
                r#"{"kind":"ecg-panorama session","version":99}"#,
                "newer version",
            ),
        ] {
            let found = refusal(text);
            assert!(found.contains(expected), "{text:?} gave {found:?}");
        }
        let none = SavedSession::open(Path::new("/nowhere/a.panorama")).unwrap_err();
        assert!(matches!(none, StoreError::Io { step: "open", .. }));
        let mut document = Document::default();
        document.page.speed_mm_s = 0.0;
        let text = serde_json::to_string(&session(document)).unwrap();
        assert!(refusal(&text).contains("usable number"));
    }

    #[test]
    fn a_calibration_of_another_form_is_left_out() {
        let mut value = serde_json::to_value(session(Document::default())).unwrap();
        value["calibration"] = serde_json::json!({"summary": 3});
        let read: SavedSession = serde_json::from_value(value).unwrap();
        assert_eq!(read.calibration, None);
    }

    #[test]
    fn a_lead_comes_back_with_what_the_network_added() {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let samples: Vec<f32> = (0..50).map(|k| 0.01 * k as f32).collect();
        let recorded = LeadSet::new(rate, vec![Lead::measured(LeadName::V2, samples)]).unwrap();
        let mixing: Mixing = serde_json::from_value(serde_json::json!({
            "name": "V7", "view": ViewAngle::ANTERIOR, "inputs": ["V2"], "weights": [0.5],
            "exact": false, "by": "test",
            "error": {"quadratic": [0.004], "constant": 0.0004, "baseline_mv": [0.0],
                "mean": 0.0016, "half_width": 1.64, "rmse": 1.0},
        }))
        .unwrap();
        let target: Target = "V7".parse().unwrap();
        let plain = mixing.apply(&recorded).unwrap();
        let seen = |added_mv: f32| {
            let mut synthesis = plain.clone();
            let samples = synthesis.lead.samples_mv.iter();
            synthesis.lead.samples_mv = samples.map(|mv| mv + added_mv).collect();
            SynthesisedLead::new(target.clone(), synthesis, mixing.clone())
        };
        let mixed = SavedLead::new(&seen(0.0), &recorded);
        assert!(mixed.added_nv.is_empty());
        assert_eq!(mixed.synthesised(&recorded), Some(seen(0.0)));
        let corrected = SavedLead::new(&seen(0.125), &recorded);
        assert_eq!(corrected.added_nv, [125_000; 50]);
        let back = corrected.synthesised(&recorded).unwrap();
        let apart = back.synthesis.lead.samples_mv.iter();
        let apart = apart.zip(seen(0.125).synthesis.lead.samples_mv.to_vec());
        assert!(apart.fold(0.0, |worst, (a, b)| (a - b).abs().max(worst)) < 1e-6);
    }
}
