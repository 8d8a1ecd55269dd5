//! From a path or a demo's name to a recording, on a job's thread.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{
    demos::demos,
    document::{Document, SourceRef},
    exam::Exam,
    file_hash::sha256_of_file,
    lab::VirtualHeart,
    long_recording::LongRecording,
    read_as::ReadAs,
    reading::{LONG_S, read},
    saved_session::{SavedSession, StoreError},
    simulation::simulate,
    unsure::Unsure,
};
use crate::{
    ecg::{LeadName, LeadSetError},
    formats::FormatError,
};

/// Leads of which one is shown where there is room for one: the rhythm is seen best in the first.
pub(super) const LEADS_TO_SHOW: [LeadName; 3] = [LeadName::II, LeadName::I, LeadName::V1];

/// Files of a folder that are looked through for a recording without a name.
const MOST_FILES: usize = 10_000;

/// Why a recording or a session was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The reader says why.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// What is no table is tried as one at last: such a reason helps only where a table was meant.
    #[error(
        "it is no recording in a format that this program reads (docs/formats.md). As a table: {0}"
    )]
    NoRecording(FormatError),
    /// A folder is listed, not opened.
    #[error("it is a folder: open one of the recordings in it ({})", .0.display())]
    Folder(PathBuf),
    /// A folder without exams.
    #[error("there is no recording in it that this program reads ({})", .0.display())]
    NoExams(PathBuf),
    /// It would open if the user said what its numbers are.
    #[error("the file does not say {} ({})", .0.lacks(), .0.path.display())]
    Unsure(Box<Unsure>),
    /// Names that the user gave its leads.
    #[error("two of its leads would go by one name: {0}")]
    Names(#[from] LeadSetError),
    /// It was read once, and not a second time.
    #[error("cannot read the file again for its hash: {reason} ({})", .path.display())]
    Hash {
        /// The system's reason.
        reason: io::Error,
        /// The file.
        path: PathBuf,
    },
    /// There is no such recording inside the program.
    #[error("there is no demo called “{0}” in this program")]
    NoDemo(String),
    /// No recording can be simulated from such a heart.
    #[error("no heart can be like that: one of its numbers is out of bounds")]
    NoHeart,
    /// The session itself cannot be read.
    #[error(transparent)]
    Session(#[from] StoreError),
    /// The session was saved without a recording.
    #[error("the session names no recording")]
    NoSource,
    /// The recording of the session is gone.
    #[error(
        "the recording of this session is no longer there: put it beside the session ({})",
        .0.display()
    )]
    Gone(PathBuf),
    /// The recording of the session is another by now.
    #[error(
        "the recording has changed since the session was saved (another SHA-256): open the \
         recording by itself ({})",
        .0.display()
    )]
    Changed(PathBuf),
    /// Reading it panicked.
    #[error("reading it failed in an unforeseen way. Please report this file's format.")]
    Unforeseen,
}

/// What opening brings.
pub struct Loaded {
    /// Where it came from.
    pub source: SourceRef,
    /// The recording, its beats already found: that takes longer than a frame may.
    pub exam: Exam,
    /// The saved session that named it, if one did.
    pub session: Option<SavedSession>,
    /// Whether that is what a crash left behind.
    pub is_recovered: bool,
    /// Whether the leads looked at so far are looked at in this one too.
    pub carries: bool,
}

/// What to open.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// A recording or a `.panorama` file.
    Path(PathBuf),
    /// A recording, taken for what the user says it is.
    As(PathBuf, ReadAs),
    /// None: what its leads are is to be asked.
    Ask(PathBuf, ReadAs),
    /// An exam of the list: the leads looked at so far are looked at in it too.
    Listed(PathBuf, ReadAs),
    /// An embedded recording.
    Demo(String),
    /// A recording simulated from this heart.
    Simulated(Box<VirtualHeart>),
    /// What a crash left behind.
    Recovered(Box<SavedSession>),
}

impl Wanted {
    /// What to show while it loads.
    pub fn title(&self) -> String {
        match self {
            Self::Path(path) | Self::As(path, _) | Self::Ask(path, _) | Self::Listed(path, _) => {
                file_title(path)
            }
            Self::Demo(name) => name.clone(),
            Self::Simulated(_) => "…".into(),
            Self::Recovered(_) => "autosave".into(),
        }
    }
}

/// Opens it.
pub fn load(wanted: &Wanted) -> Result<Loaded, OpenError> {
    match wanted {
        Wanted::Path(path) if SavedSession::is_at(path) => {
            load_session(SavedSession::open(path)?, Some(path))
        }
        Wanted::Path(path) => load_file(path, &ReadAs::default()).map_err(|problem| {
            // What was meant as a session is refused as one.
            let as_session = has_ending(path, &["panorama"]).then(|| SavedSession::open(path));
            as_session
                .and_then(Result::err)
                .map_or(problem, OpenError::Session)
        }),
        Wanted::As(path, read_as) => load_file(path, read_as),
        Wanted::Ask(path, read_as) => {
            let unsure = Unsure::of_readable(path, read_as)?;
            Err(OpenError::Unsure(Box::new(unsure)))
        }
        Wanted::Listed(path, read_as) => Ok(Loaded {
            carries: true,
            ..load_file(path, read_as)?
        }),
        Wanted::Demo(name) => load_demo(name),
        Wanted::Simulated(heart) => load_heart(heart),
        Wanted::Recovered(session) => Ok(Loaded {
            is_recovered: true,
            ..load_session((**session).clone(), None)?
        }),
    }
}

fn load_file(path: &Path, read_as: &ReadAs) -> Result<Loaded, OpenError> {
    if path.is_dir() {
        return Err(OpenError::Folder(path.to_owned()));
    }
    let (source, mut opened) =
        read(path, read_as).map_err(|problem| refusal(path, read_as, problem))?;
    read_as.rename_opened(&mut opened)?;
    let mut read_as = read_as.clone();
    if 1 < opened.report.exams.len() {
        read_as.exam = Some(opened.report.exam);
    }
    let is_long = LONG_S < source.duration_s();
    let long = is_long.then(|| LongRecording::new(source, path, read_as.clone()));
    let sha256 = sha256_of_file(path).map_err(|reason| OpenError::Hash {
        reason,
        path: path.to_owned(),
    })?;
    Ok(Loaded {
        source: SourceRef::File {
            path: path.to_owned(),
            sha256,
            read_as,
        },
        exam: Exam::new(file_title(path), opened, long),
        session: None,
        is_recovered: false,
        carries: false,
    })
}

/// What the user can do about a file that cannot be read.
fn refusal(path: &Path, read_as: &ReadAs, problem: FormatError) -> OpenError {
    if let Some(unsure) = Unsure::of(path, read_as) {
        OpenError::Unsure(Box::new(unsure))
    } else if problem.is_of_table() && !has_ending(path, &["csv", "tsv", "txt"]) {
        OpenError::NoRecording(problem)
    } else {
        OpenError::Format(problem)
    }
}

fn load_demo(name: &str) -> Result<Loaded, OpenError> {
    let demo = demos().iter().find(|demo| demo.name == name);
    let demo = demo.ok_or_else(|| OpenError::NoDemo(name.to_owned()))?;
    Ok(Loaded {
        source: SourceRef::Demo {
            name: name.to_owned(),
        },
        exam: Exam::new(demo.title.to_owned(), demo.open()?, None),
        session: None,
        is_recovered: false,
        carries: false,
    })
}

fn load_heart(heart: &VirtualHeart) -> Result<Loaded, OpenError> {
    let exam = heart.is_sound().then(|| simulate(heart)).flatten();
    Ok(Loaded {
        source: SourceRef::Simulated {
            heart: Box::new(heart.clone()),
        },
        exam: exam.ok_or(OpenError::NoHeart)?,
        session: None,
        is_recovered: false,
        carries: false,
    })
}

/// Opens what the session names, as long as its bytes are those that the session was saved with. A
/// file that moved is looked for beside the session.
fn load_session(session: SavedSession, at: Option<&Path>) -> Result<Loaded, OpenError> {
    let source = session.document.source.clone();
    let loaded = match source.ok_or(OpenError::NoSource)? {
        SourceRef::Demo { name } => load_demo(&name)?,
        SourceRef::Simulated { heart } => load_heart(&heart)?,
        SourceRef::File {
            path,
            sha256,
            read_as,
        } => {
            let place = find(&path, &sha256, at.and_then(Path::parent))?;
            let loaded = load_file(&place, &read_as)?;
            match &loaded.source {
                SourceRef::File { sha256: found, .. } if *found != sha256 => {
                    return Err(OpenError::Changed(place));
                }
                _ => loaded,
            }
        }
    };
    Ok(Loaded {
        session: Some(session),
        ..loaded
    })
}

/// Where the recording at `path` lies by now. A session without identity names no file: that is
/// looked for by its content, in the folder that it names and in its own.
fn find(path: &Path, sha256: &str, own: Option<&Path>) -> Result<PathBuf, OpenError> {
    let beside = own.zip(path.file_name());
    let beside = beside.map(|(folder, name)| folder.join(name));
    let named = [Some(path.to_owned()), beside].into_iter().flatten();
    if let Some(place) = named.into_iter().find(|place| place.is_file()) {
        return Ok(place);
    }
    let folders = [path.is_dir().then_some(path), own];
    let mut files: Vec<PathBuf> = folders
        .into_iter()
        .flatten()
        .filter_map(|folder| folder.read_dir().ok())
        .flat_map(|entries| entries.flatten().take(MOST_FILES))
        .map(|entry| entry.path())
        .filter(|file| file.is_file())
        .collect();
    // A record of several files is opened by its header.
    files.sort_by_key(|file| !has_ending(file, &["hea"]));
    let is_it = |file: &PathBuf| sha256_of_file(file).is_ok_and(|found| found == sha256);
    let is_named = path.file_name().is_some() && !path.is_dir();
    let found = files.into_iter().filter(|_| !is_named).find(is_it);
    found.ok_or_else(|| OpenError::Gone(path.to_owned()))
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    path.extension().is_some_and(|own| {
        endings
            .iter()
            .any(|ending| own.eq_ignore_ascii_case(ending))
    })
}

pub(super) fn file_title(path: &Path) -> String {
    path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// The document to start with: the saved one, or a fresh one for this source.
pub fn document_of(loaded: &Loaded, before: &Document) -> Document {
    let saved = loaded.session.as_ref();
    let fresh = || {
        if loaded.carries {
            before.carried()
        } else {
            before.emptied()
        }
    };
    let document = saved.map_or_else(fresh, |session| session.document.clone());
    Document {
        source: Some(loaded.source.clone()),
        ..document.fitted_to(loaded.exam.duration_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What opening a file of this name and text says; its lead names where it opens.
    fn check(name: &str, text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        match load(&Wanted::Path(path)) {
            Ok(loaded) => format!("{} leads", loaded.exam.recording.leads.leads().len()),
            Err(OpenError::Unsure(unsure)) => format!("missing {}", unsure.lacks()),
            Err(OpenError::NoRecording(_)) => "no recording".into(),
            Err(OpenError::Format(_)) => "format".into(),
            Err(OpenError::Session(_)) => "session".into(),
            Err(other) => other.to_string(),
        }
    }

    fn table(head: &str) -> String {
        let row = |k: usize| format!("{},{},{}\n", k as f64 / 500.0, k % 7, k % 5);
        let rows: String = (0..1500).map(row).collect();
        format!("{head}\n{rows}")
    }

    #[test]
    fn each_kind_of_refusal_is_told_apart() {
        assert_eq!(check("a.csv", &table("time_s,I (mV),II (mV)")), "6 leads");
        assert_eq!(
            check("a.csv", &table("time_s,I,II")),
            "missing the unit of its numbers"
        );
        let no_rate = table("I,II,V1");
        assert!(check("a.csv", &no_rate).starts_with("missing the unit of its numbers, "));
        assert_eq!(check("a.csv", "nothing"), "format");
        assert_eq!(check("a.jpg", "nothing"), "no recording");
        assert_eq!(check("a.panorama", "{}"), "session");
        let other = r#"{"kind":"ecg-panorama session","version":99}"#;
        assert_eq!(check("a.edf", other), "session", "whatever it is called");
        let recording = table("time_s,I (mV),II (mV)");
        assert_eq!(check("a.panorama", &recording), "6 leads");
        let demo = load(&Wanted::Demo("none".into())).err();
        assert!(matches!(demo, Some(OpenError::NoDemo(name)) if name == "none"));
    }

    #[test]
    fn a_session_needs_its_recording() {
        let session = SavedSession::new(Document::default(), String::new(), None);
        let refused = |session: &SavedSession| load(&Wanted::Recovered(Box::new(session.clone())));
        assert!(matches!(refused(&session).err(), Some(OpenError::NoSource)));
        let gone = SavedSession {
            document: Document {
                source: Some(SourceRef::File {
                    path: "/nowhere/a.edf".into(),
                    sha256: String::new(),
                    read_as: ReadAs::default(),
                }),
                ..Document::default()
            },
            ..session
        };
        assert!(matches!(refused(&gone).err(), Some(OpenError::Gone(_))));
    }
}
