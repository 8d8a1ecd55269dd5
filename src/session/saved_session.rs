//! Sessions on disk: `.panorama` files. JSON, versioned, whole or absent, checked when read.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use super::{document::Document, saved_calibration::SavedCalibration, soundness::Unsound};
use crate::formats::{Output, OutputError};

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
        if !is_read || !text.trim_start().starts_with('{') {
            return false;
        }
        // Whoever wrote the fields in another order is believed too.
        let says_so = |bytes: Vec<u8>| {
            serde_json::from_slice::<Head>(&bytes).is_ok_and(|head| head.kind == KIND)
        };
        let is_short = fs::metadata(path).is_ok_and(|about| about.len() <= LIMIT_BYTES);
        text.contains(KIND) || (is_short && fs::read(path).is_ok_and(says_so))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ecg::ViewAngle,
        session::document::{Kept, VirtualLead},
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
        // An angle of many digits, of which JSON may cost none.
        let point = ViewAngle::from_vector([0.31, -0.72, 0.41]).unwrap();
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
            kept: Kept::ByHand,
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
        let long = "x".repeat(5000);
        let late = format!(r#"{{"before": "{long}", "kind": "{KIND}", "version": 1}}"#);
        check("b", late.as_bytes(), true);
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
}
