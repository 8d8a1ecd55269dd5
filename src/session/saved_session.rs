//! Sessions on disk: `.panorama` files. JSON, versioned, whole or absent. A session holds how its
//! leads were made: enough to show them again without computing anything.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use super::{
    document::Document, notice::Message, query::CalibrationSummary, soundness::Unsound,
    synthesised_lead::SynthesisedLead,
};
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
/// What says of a file that it is a session stands within this much of it.
const HEAD_BYTES: u64 = 4096;
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
    /// It is no session that this program can open.
    #[error("{problem} ({path})")]
    Refused {
        /// Why.
        problem: SessionProblem,
        /// The file.
        path: PathBuf,
    },
}

/// Why bytes are no session that this program can open.
#[derive(Debug, thiserror::Error)]
pub enum SessionProblem {
    /// A folder, a pipe, a device.
    #[error("this is no plain file")]
    NoFile,
    /// More bytes than any session has.
    #[error("this is not a session of this program: {0} bytes, expected at most {LIMIT_BYTES}")]
    Length(u64),
    /// No JSON, or JSON of another form.
    #[error("this is not a session of this program: {0}")]
    Json(#[from] serde_json::Error),
    /// A file of another kind.
    #[error("this is not a session of this program: kind “{0}”, expected “{KIND}”")]
    Kind(String),
    /// Written by a newer program.
    #[error(
        "the session has form {0}, this program reads up to {VERSION}: open it with a newer version"
    )]
    Newer(u32),
    /// A number, list or text that no session has.
    #[error("this is not a usable session: {0}")]
    Unsound(#[from] Unsound),
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
        let text = serde_json::to_vec_pretty(self).map_err(|problem| StoreError::Refused {
            problem: problem.into(),
            path: path.into(),
        })?;
        Ok(output.write(path, &text)?)
    }

    /// Whether the file at `path` says that it is a session, whatever it is called.
    pub(super) fn is_at(path: &Path) -> bool {
        let mut head = Vec::new();
        let is_plain = fs::metadata(path).is_ok_and(|about| about.is_file());
        let read = |head: &mut Vec<u8>| File::open(path)?.take(HEAD_BYTES).read_to_end(head);
        let is_read = is_plain && read(&mut head).is_ok();
        let text = String::from_utf8_lossy(&head);
        is_read && text.trim_start().starts_with('{') && text.contains(KIND)
    }

    /// Reads and checks one.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let io_error = |source| StoreError::Io {
            step: "open",
            source,
            path: path.into(),
        };
        let about = fs::metadata(path).map_err(io_error)?;
        let refused = |problem| StoreError::Refused {
            problem,
            path: path.into(),
        };
        if !about.is_file() {
            return Err(refused(SessionProblem::NoFile));
        }
        if LIMIT_BYTES < about.len() {
            return Err(refused(SessionProblem::Length(about.len())));
        }
        let bytes = fs::read(path).map_err(io_error)?;
        Self::parse(&bytes).map_err(refused)
    }

    /// Reads and checks one from memory. A calibration of a form that this program does not know is
    /// left out, to be made anew.
    pub fn parse(bytes: &[u8]) -> Result<Self, SessionProblem> {
        let head: Head = serde_json::from_slice(bytes)?;
        if head.kind != KIND {
            return Err(SessionProblem::Kind(head.kind));
        }
        if VERSION < head.version {
            return Err(SessionProblem::Newer(head.version));
        }
        let session = match serde_json::from_slice::<Self>(bytes) {
            Ok(session) => session,
            Err(_) => serde_json::from_slice::<Uncalibrated>(bytes)?.into(),
        };
        session.document.check()?;
        Ok(session)
    }
}

#[derive(serde::Deserialize)]
struct Head {
    kind: String,
    version: u32,
}

/// A session whose calibration is of another form.
#[derive(serde::Deserialize)]
struct Uncalibrated {
    weights_sha256: String,
    document: Document,
}

impl From<Uncalibrated> for SavedSession {
    fn from(read: Uncalibrated) -> Self {
        Self::new(read.document, read.weights_sha256, None)
    }
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

/// Leads of a saved session against the same made anew.
pub(super) struct SavedCheck {
    waiting: Vec<SynthesisedLead>,
    worst_uv: f64,
}

/// Differences below this are those of rounding and of devices, µV.
const ALIKE_UV: f64 = 1.0;

impl SavedCheck {
    /// `leads` as they were saved, each of which will be made anew.
    pub fn new(leads: Vec<SynthesisedLead>) -> Self {
        Self {
            waiting: leads,
            worst_uv: 0.0,
        }
    }

    /// Compares one lead, samples and band. The message once all are there.
    pub fn compare(&mut self, anew: &SynthesisedLead) -> Option<Message> {
        let at = self
            .waiting
            .iter()
            .position(|saved| saved.target == anew.target)?;
        let (saved, anew) = (self.waiting.remove(at).unfiltered, &anew.unfiltered);
        let samples = apart_uv(&saved.lead.samples_mv, &anew.lead.samples_mv);
        let band = apart_uv(&saved.band_mv, &anew.band_mv);
        self.worst_uv = self.worst_uv.max(samples).max(band);
        let is_alike = self.worst_uv <= ALIKE_UV;
        self.waiting.is_empty().then_some(if is_alike {
            Message::SavedAgrees
        } else {
            Message::SavedDiffers {
                worst_uv: self.worst_uv,
            }
        })
    }
}

/// Largest difference, µV; infinite where one has what the other lacks.
fn apart_uv(one: &[f32], other: &[f32]) -> f64 {
    if one.len() != other.len() {
        return f64::INFINITY;
    }
    let apart = |(a, b): (&f32, &f32)| match (a.is_finite(), b.is_finite()) {
        (true, true) => 1000.0 * f64::from((a - b).abs()),
        (false, false) => 0.0,
        _ => f64::INFINITY,
    };
    one.iter().zip(other).map(apart).fold(0.0, f64::max)
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
    use crate::{
        ecg::{LeadName, SampleRate, ViewAngle},
        session::document::VirtualLead,
    };

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
    }

    /// What a document changed so is refused for; empty where it is not.
    fn unsound(change: impl FnOnce(&mut Document)) -> String {
        let mut document = Document::default();
        change(&mut document);
        let text = serde_json::to_vec(&session(document)).unwrap();
        match SavedSession::parse(&text) {
            Ok(_) => String::new(),
            Err(problem) => problem.to_string(),
        }
    }

    #[test]
    fn every_number_and_list_has_its_bounds() {
        let lead = |id: u32| VirtualLead {
            id,
            target: "V7".parse().unwrap(),
            name: None,
            pinned: false,
        };
        assert_eq!(unsound(|_| {}), "");
        for gain in [0.0, -10.0, 1e9, 1e300] {
            let found = unsound(|document| document.page.gain_mm_mv = gain);
            assert!(found.contains("gain, mm/mV"), "{gain}: {found}");
        }
        for (part, found) in [
            ("speed", unsound(|document| document.page.speed_mm_s = 0.0)),
            ("start", unsound(|document| document.window_start_s = -1.0)),
            (
                "filter",
                unsound(|document| document.filters.notch_hz = Some(1e300)),
            ),
            (
                "id",
                unsound(|document| document.virtual_leads = vec![lead(1), lead(1)]),
            ),
            (
                "id",
                unsound(|document| document.virtual_leads = vec![lead(u32::MAX)]),
            ),
            (
                "virtual leads",
                unsound(|document| document.virtual_leads = (0..5000).map(lead).collect()),
            ),
            (
                "name",
                unsound(|document| {
                    let name = Some("a\u{1b}[2J".into());
                    document.virtual_leads = vec![VirtualLead { name, ..lead(1) }];
                }),
            ),
        ] {
            assert!(found.contains(part), "{part}: {found}");
        }
    }

    #[test]
    fn a_session_is_known_by_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let check = |name: &str, bytes: &[u8], expected: bool| {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            assert_eq!(SavedSession::is_at(&path), expected, "{name}");
        };
        let text = serde_json::to_vec_pretty(&session(Document::default())).unwrap();
        check("s0010.session", &text, true);
        check("a", &text[..300], true); // Cut short it says so as a session.
        check("a.panorama", b"0       X X X X", false);
        check("a.json", br#"{"resourceType": "Observation"}"#, false);
        assert!(!SavedSession::is_at(folder.path()));
        assert!(!SavedSession::is_at(&folder.path().join("none")));
    }

    #[test]
    fn a_calibration_of_another_form_is_left_out() {
        let mut value = serde_json::to_value(session(Document::default())).unwrap();
        value["calibration"] = serde_json::json!({"summary": 3});
        let read = SavedSession::parse(value.to_string().as_bytes()).unwrap();
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
