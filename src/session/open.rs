//! From a path or a demo's name to a recording, on a job's thread.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::{Document, Exam, SavedSession, SourceRef, WINDOW_S, demos::demos, store};
use crate::{
    ecg::Recording,
    formats::{self, MissingUnit, Opened, ReadOptions, Source, Unit},
};

/// Longer recordings stay in their file, and windows of them are read when they are wanted.
const LONG_S: f64 = 300.0;

/// A long recording in its file.
pub struct LongRecording {
    source: Source,
    path: PathBuf,
    stamp: Option<Stamp>,
}

/// What changes when somebody writes to a file.
type Stamp = (u64, Option<SystemTime>);

fn stamp(path: &Path) -> Option<Stamp> {
    let facts = fs::metadata(path).ok()?;
    Some((facts.len(), facts.modified().ok()))
}

impl LongRecording {
    /// Seconds from the first to the last sample.
    pub fn duration_s(&self) -> f64 {
        self.source.duration_s()
    }

    /// Ten seconds from `start_s` on; an error where the file is gone or is another by now.
    pub fn window(&self, start_s: f64) -> Result<Recording, String> {
        let path = self.path.display();
        let now = stamp(&self.path);
        if now.is_none() {
            return Err(format!(
                "The recording is no longer there: the page stays where it was. Put the file back or open another. ({path})"
            ));
        }
        if now != self.stamp {
            return Err(format!(
                "The recording was changed since it was opened: the page stays where it was. Open it again. ({path})"
            ));
        }
        let opened = self.source.window(start_s, WINDOW_S);
        opened.map(|it| it.recording).map_err(|it| {
            format!("The recording can no longer be read: {it}. The page stays where it was.")
        })
    }
}

/// What opening brings.
pub struct Loaded {
    /// Where it came from.
    pub source: SourceRef,
    /// The recording, its beats already found: that takes longer than a frame may.
    pub exam: Exam,
    /// The saved session that named it, if one did.
    pub session: Option<SavedSession>,
}

/// What to open.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// A recording or a `.panorama` file.
    Path(PathBuf),
    /// A recording whose numbers are in this unit where the file states none.
    WithUnit(PathBuf, Unit),
    /// An embedded recording.
    Demo(String),
    /// A session already read: what a crash left behind.
    Session(Box<SavedSession>),
}

impl Wanted {
    /// What to show while it loads.
    pub fn title(&self) -> String {
        match self {
            Self::Path(path) | Self::WithUnit(path, _) => file_title(path),
            Self::Demo(name) => name.clone(),
            Self::Session(_) => "autosave".into(),
        }
    }
}

/// Opens it. The error is a sentence for the user.
pub fn load(wanted: &Wanted) -> Result<Loaded, String> {
    match wanted {
        Wanted::Path(path)
            if path
                .extension()
                .is_some_and(|it| it.eq_ignore_ascii_case("panorama")) =>
        {
            let session = SavedSession::open(path).map_err(|it| it.to_string())?;
            load_session(session, Some(path))
        }
        Wanted::Path(path) => load_file(path, MissingUnit::Refuse),
        Wanted::WithUnit(path, unit) => load_file(path, MissingUnit::Take(*unit)),
        Wanted::Demo(name) => load_demo(name),
        Wanted::Session(session) => load_session((**session).clone(), None),
    }
}

fn load_file(path: &Path, missing_unit: MissingUnit) -> Result<Loaded, String> {
    let options = ReadOptions {
        missing_unit,
        ..ReadOptions::default()
    };
    let long = formats::open(path, &options).map_err(|it| unreadable(path, it.to_string()))?;
    let (duration_s, is_long) = (long.duration_s(), LONG_S < long.duration_s());
    let opened = long
        .window(0.0, if is_long { WINDOW_S } else { duration_s })
        .map_err(|it| it.to_string())?;
    let long = is_long.then(|| LongRecording {
        source: long,
        path: path.to_owned(),
        stamp: stamp(path),
    });
    let sha256 = store::sha256_of_file(path).map_err(|it| {
        format!(
            "cannot read the file again for its hash: {it} ({})",
            path.display()
        )
    })?;
    let Opened { recording, report } = opened;
    let source = SourceRef::File {
        path: path.to_owned(),
        sha256,
    };
    let mut words = report.words();
    if is_long {
        words.push(format!(
            "{:.1} min recorded; shown and learnt from ten seconds at a time",
            duration_s / 60.0
        ));
    }
    Ok(Loaded {
        source,
        exam: Exam::new(file_title(path), recording, words, long),
        session: None,
    })
}

/// What is no table is tried as one at last: such a reason helps only where a table was meant.
fn unreadable(path: &Path, reason: String) -> String {
    let is_table = path.extension().is_some_and(|it| {
        ["csv", "tsv", "txt"]
            .iter()
            .any(|known| it.eq_ignore_ascii_case(known))
    });
    if is_table || !reason.starts_with("table:") {
        return reason;
    }
    format!(
        "it is no recording that this program reads (EDF, EDF+, BDF, WFDB, CSV). As a table: {reason}"
    )
}

fn load_demo(name: &str) -> Result<Loaded, String> {
    let demo = demos()
        .iter()
        .find(|it| it.name == name)
        .ok_or_else(|| format!("there is no demo called “{name}” in this program"))?;
    let file = format!("{name}.edf");
    let Opened { recording, report } =
        formats::read_bytes(&file, demo.bytes, &ReadOptions::default())
            .map_err(|it| it.to_string())?;
    let source = SourceRef::Demo {
        name: name.to_owned(),
    };
    Ok(Loaded {
        source,
        exam: Exam::new(demo.title.to_owned(), recording, report.words(), None),
        session: None,
    })
}

/// Opens what the session names; a file that moved is looked for beside the session, one that
/// changed is refused.
fn load_session(session: SavedSession, at: Option<&Path>) -> Result<Loaded, String> {
    let source = session.document.source.clone();
    let mut loaded = match source.ok_or("the session names no recording")? {
        SourceRef::Demo { name } => load_demo(&name)?,
        SourceRef::File { path, sha256 } => {
            let beside = || Some(at?.parent()?.join(path.file_name()?));
            let place = if path.exists() {
                Some(path.clone())
            } else {
                beside().filter(|it| it.exists())
            };
            let place = place.ok_or_else(|| {
                format!("the recording of this session is no longer there: put it beside the session ({})", path.display())
            })?;
            let loaded = load_file(&place, MissingUnit::Refuse)?;
            match &loaded.source {
                SourceRef::File { sha256: found, .. } if *found != sha256 => {
                    let reason = "the recording has changed since the session was saved (another SHA-256): open the recording by itself";
                    return Err(format!("{reason} ({})", place.display()));
                }
                _ => loaded,
            }
        }
    };
    loaded.session = Some(session);
    Ok(loaded)
}

fn file_title(path: &Path) -> String {
    path.file_name().map_or_else(
        || path.display().to_string(),
        |it| it.to_string_lossy().into_owned(),
    )
}

/// The document to start with: the saved one, or a fresh one for this source.
pub fn document_of(loaded: &Loaded, before: &Document) -> Document {
    let fresh = || Document {
        page: before.page.clone(),
        deidentified: before.deidentified,
        ..Document::default()
    };
    let saved = loaded.session.as_ref().map(|it| it.document.clone());
    Document {
        source: Some(loaded.source.clone()),
        ..saved.unwrap_or_else(fresh)
    }
}
