//! Sessions on disk: `.panorama` files, the autosave and crash reports. JSON, versioned, whole or
//! absent.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::{Document, SavedCalibration};

/// Version of the form written. Older ones are read, newer ones refused.
pub const VERSION: u32 = 1;
/// Longest session file that is read.
const LIMIT_BYTES: u64 = 64 << 20;

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
    pub fn save(&self, path: &Path) -> Result<(), StoreError> {
        let text = serde_json::to_vec_pretty(self).map_err(|it| StoreError::Form {
            reason: it.to_string(),
            path: path.into(),
        })?;
        write_whole(path, &text).map_err(|source| StoreError::Io {
            step: "save",
            source,
            path: path.into(),
        })
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
        let head: Head = serde_json::from_slice(&bytes).map_err(|it| form(it.to_string()))?;
        if head.kind != KIND {
            return Err(form(format!("kind “{}”, expected “{KIND}”", head.kind)));
        }
        if VERSION < head.version {
            return Err(StoreError::Newer {
                found: head.version,
                path: path.into(),
            });
        }
        let session: Self = serde_json::from_slice(&bytes).map_err(|it| form(it.to_string()))?;
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
    Ok(value.and_then(|it| serde_json::from_value(it).ok()))
}

const KIND: &str = "ecg-panorama session";

/// Temporary file beside it, then rename.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|it| !it.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|it| it.error)?;
    Ok(())
}

/// Longest file of which every byte is looked at: of a longer one the reading would take longer
/// than anyone waits for a page.
const WHOLE_BYTES: u64 = 1 << 30;
/// Pieces of a longer one, from its beginning to its end, and their size.
const PIECES: u64 = 256;
const PIECE_BYTES: usize = 1 << 18;

/// SHA-256 of a file, hexadecimal; of a WFDB header with the files of its record. Of a file over a
/// gigabyte its length and pieces of it are hashed, and the mark `pieces-` says so.
pub fn sha256_of_file(path: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut mark = "";
    for path in files_of_record(path) {
        let mut file = fs::File::open(path)?;
        let length = file.metadata()?.len();
        if length <= WHOLE_BYTES {
            io::copy(&mut file, &mut Hashed(&mut hasher))?;
        } else {
            mark = "pieces-";
            hasher.update(length.to_le_bytes());
            hash_pieces(&mut file, length, &mut hasher)?;
        }
    }
    let digest: String = hasher
        .finalize()
        .iter()
        .map(|it| format!("{it:02x}"))
        .collect();
    Ok(format!("{mark}{digest}"))
}

fn hash_pieces(file: &mut fs::File, length: u64, hasher: &mut Sha256) -> io::Result<()> {
    let mut piece = vec![0; PIECE_BYTES];
    let last = length - PIECE_BYTES as u64;
    for number in 0..PIECES {
        io::Seek::seek(file, io::SeekFrom::Start(last / (PIECES - 1) * number))?;
        io::Read::read_exact(file, &mut piece)?;
        hasher.update(&piece);
    }
    Ok(())
}

/// Writing into it is hashing.
struct Hashed<'a>(&'a mut Sha256);

impl Write for Hashed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A header alone says nothing about the samples: the signal files of the same name belong to it.
fn files_of_record(path: &Path) -> Vec<PathBuf> {
    let mut files = vec![path.to_owned()];
    if path
        .extension()
        .is_some_and(|it| it.eq_ignore_ascii_case("hea"))
    {
        let endings = ["dat", "mat"].iter().map(|it| path.with_extension(it));
        files.extend(endings.filter(|it| it.exists()));
    }
    files
}

/// Where the program keeps its autosave and crash reports.
#[derive(Clone, Debug)]
pub struct Autosave {
    folder: PathBuf,
}

impl Autosave {
    /// Uses `folder`, which is made when something is first written.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// Writes the autosave.
    pub fn write(&self, session: &SavedSession) -> Result<(), StoreError> {
        let path = self.autosave_path();
        fs::create_dir_all(&self.folder).map_err(|source| StoreError::Io {
            step: "autosave",
            source,
            path: path.clone(),
        })?;
        session.save(&path)
    }

    /// The autosave that a crash left behind.
    pub fn left_behind(&self) -> Option<SavedSession> {
        SavedSession::open(&self.autosave_path()).ok()
    }

    /// Removes the autosave: the program ended as it should, or the user does not want it.
    pub fn forget(&self) {
        fs::remove_file(self.autosave_path()).ok();
    }

    /// Makes every later panic leave a readable report beside the autosave.
    pub fn report_crashes(&self) {
        let (folder, earlier) = (self.folder.clone(), std::panic::take_hook());
        std::panic::set_hook(Box::new(move |info| {
            let place = info
                .location()
                .map_or("an unknown place".into(), ToString::to_string);
            let text = info.payload_as_str().unwrap_or("no reason given");
            let thread = std::thread::current();
            let report = format!(
                "ECG Panorama {} stopped unexpectedly.\n\nReason: {text}\nPlace: {place}\nThread: {}\nSystem: {} {}\n\n\
                 Your work was saved just before: start the program again and choose “Recover”.\n",
                env!("CARGO_PKG_VERSION"),
                thread.name().unwrap_or("unnamed"),
                std::env::consts::OS,
                std::env::consts::ARCH,
            );
            fs::create_dir_all(&folder).ok();
            fs::write(folder.join("crash-report.txt"), &report).ok();
            earlier(info);
        }));
    }

    fn autosave_path(&self) -> PathBuf {
        self.folder.join("autosave.panorama")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_survive_and_others_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Müller, 12 Lead.panorama");
        // JSON may cost an angle its last bit: straight up has none to lose.
        let point = crate::ecg::ViewAngle::from_vector([0.0, 0.0, 1.0]).unwrap();
        let session = SavedSession::new(
            Document {
                point,
                ..Document::default()
            },
            "abc".into(),
            None,
        );
        session.save(&path).unwrap();
        assert_eq!(SavedSession::open(&path).unwrap(), session);

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
            fs::write(&path, text).unwrap();
            let found = SavedSession::open(&path).unwrap_err().to_string();
            assert!(found.contains(expected), "{text:?} gave {found:?}");
        }
        assert!(
            SavedSession::open(&folder.path().join("none"))
                .unwrap_err()
                .to_string()
                .contains("cannot open")
        );
    }

    #[test]
    fn a_long_file_is_known_by_its_length_and_pieces_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long.edf");
        std::fs::write(&path, b"0       ").unwrap();
        let whole = sha256_of_file(&path).unwrap();
        assert_eq!(whole.len(), 64);
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        if file.set_len(WHOLE_BYTES + 5).is_err() {
            return println!("skipped: no sparse files here");
        }
        let first = sha256_of_file(&path).unwrap();
        file.set_len(WHOLE_BYTES + 6).unwrap();
        let longer = sha256_of_file(&path).unwrap();
        io::Write::write_all(&mut &file, b"1").unwrap();
        let other = sha256_of_file(&path).unwrap();
        assert!(
            first.starts_with("pieces-") && first != longer && longer != other && other != whole
        );
    }

    #[test]
    fn a_broken_number_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.panorama");
        let mut document = Document::default();
        document.page.speed_mm_s = 0.0;
        SavedSession::new(document, String::new(), None)
            .save(&path)
            .unwrap();
        assert!(SavedSession::open(&path).is_err());
    }

    #[test]
    fn an_autosave_is_found_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let autosave = Autosave::new(folder.path().join("deep/er"));
        assert!(autosave.left_behind().is_none());
        autosave
            .write(&SavedSession::new(Document::default(), String::new(), None))
            .unwrap();
        assert!(autosave.left_behind().is_some());
        autosave.forget();
        assert!(autosave.left_behind().is_none());
    }
}
