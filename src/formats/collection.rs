//! Exams in several files: a folder, a zip archive, a DICOMDIR. All are listed; one is opened.

use std::{
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    FormatError, ReadOptions,
    bytes::{Bytes, Folder},
    contents::{Chunk, Container, Contents},
    exam::{self, Exam},
};

/// One file of a collection.
pub(super) struct Part {
    /// How a list calls it.
    pub label: String,
    pub place: Place,
}

/// Where a file lies.
pub(super) enum Place {
    Disk(PathBuf),
    /// Its own name among files that lie beside each other.
    Memory(String, Arc<[(String, Arc<[u8]>)]>),
}

/// Opens one file, given its name, its bytes and what lies beside it.
pub(super) type OpenOne<'a> =
    &'a dyn Fn(&str, Bytes, &Folder, &ReadOptions) -> Result<Box<dyn Container>, FormatError>;

/// Files of a collection that are looked into.
const FILES: usize = 2000;
/// Folders in folders.
const DEPTH: usize = 4;
/// Files that could not be read and are named.
const NAMED: usize = 20;
const STEP: &str = "collection";

impl Part {
    fn open(
        &self,
        options: &ReadOptions,
        open: OpenOne,
    ) -> Result<Box<dyn Container>, FormatError> {
        match &self.place {
            Place::Disk(path) => {
                let folder = Folder::Disk(path.parent().unwrap_or(Path::new("")).to_owned());
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                open(&name, Bytes::open(path)?, &folder, options)
            }
            Place::Memory(name, files) => {
                let folder = Folder::Memory(files.clone());
                open(name, folder.open(name)?, &folder, options)
            }
        }
    }
}

/// An exam of a collection, among the exams of all of its files.
struct Chosen {
    inner: Box<dyn Container>,
    contents: Contents,
}

/// Lists the exams of all parts and opens the one to read.
pub(super) fn open(
    parts: &[Part],
    options: &ReadOptions,
    open_one: OpenOne,
) -> Result<Box<dyn Container>, FormatError> {
    let mut listed: Vec<(usize, usize, Exam)> = Vec::new();
    let mut faults = Vec::new();
    let each = ReadOptions {
        exam: None,
        ..options.clone()
    };
    for (idx, part) in parts.iter().enumerate().take(FILES) {
        match part.open(&each, open_one) {
            Ok(container) => {
                let exams = exams(container.contents());
                listed.extend(exams.into_iter().enumerate().map(|(inner, exam)| {
                    let name = format!("{}: {}", part.label, exam.name);
                    (idx, inner, Exam { name, ..exam })
                }));
            }
            Err(error) => faults.push(format!("{} left out: {error}", part.label)),
        }
    }
    if listed.is_empty() {
        let found = format!("{} files, none of them an ECG", parts.len());
        let error = FormatError::new(STEP, "its files", found, "at least one exam");
        return Err(match faults.into_iter().next() {
            Some(fault) => error.advise(fault),
            None => error,
        });
    }
    let all: Vec<Exam> = listed.iter().map(|it| it.2.clone()).collect();
    let chosen = exam::chosen(&all, options)?;
    let (part, inner, _) = listed[chosen];
    let options = ReadOptions {
        exam: Some(inner),
        ..options.clone()
    };
    let inner = parts[part].open(&options, open_one)?;
    let mut contents = inner.contents().clone();
    contents.exams = all;
    contents.exam = chosen;
    if FILES < parts.len() {
        let warning = format!(
            "only the first {FILES} of {} files were listed",
            parts.len()
        );
        contents.warnings.push(warning);
    }
    let n_faults = faults.len();
    contents.warnings.extend(faults.into_iter().take(NAMED));
    if NAMED < n_faults {
        contents
            .warnings
            .push(format!("{} more files left out", n_faults - NAMED));
    }
    Ok(Box::new(Chosen { inner, contents }))
}

/// The exams of one file; one where its format has no list.
fn exams(contents: &Contents) -> Vec<Exam> {
    if !contents.exams.is_empty() {
        return contents.exams.clone();
    }
    let signals = &contents.signals;
    vec![Exam {
        name: contents.format.clone(),
        kind: contents.kind,
        n_signals: signals.len(),
        rate_hz: signals.first().map_or(0.0, |signal| signal.rate_hz),
        duration_s: signals
            .iter()
            .map(|signal| signal.n_samples as f64 / signal.rate_hz)
            .filter(|seconds| seconds.is_finite())
            .fold(0.0, f64::max),
        start: contents.start,
    }]
}

impl Container for Chosen {
    fn contents(&self) -> &Contents {
        &self.contents
    }

    fn read(&self, signals: &[usize], range: Range<u64>) -> Result<Chunk, FormatError> {
        self.inner.read(signals, range)
    }
}

/// The files below a folder, in the order of their names. Signal files of a record are its header's.
pub(super) fn below(folder: &Path) -> Result<Vec<Part>, FormatError> {
    let mut paths = Vec::new();
    walk(folder, DEPTH, &mut paths).map_err(|error| FormatError::unreadable("open", &error))?;
    paths.sort();
    let is_signal_file = |path: &PathBuf| {
        let header = path.with_extension("hea");
        *path != header && paths.binary_search(&header).is_ok()
    };
    let named = paths
        .iter()
        .filter(|path| !is_signal_file(path))
        .map(|path| Part {
            label: path
                .strip_prefix(folder)
                .unwrap_or(path)
                .display()
                .to_string(),
            place: Place::Disk(path.clone()),
        });
    Ok(named.collect())
}

/// Files below a folder that may each hold an exam, in the order of their names: what a list of its
/// exams looks through, one by one. An index of the others, such as a DICOMDIR, is left out.
pub fn files_below(folder: &Path) -> Result<Vec<PathBuf>, FormatError> {
    let on_disk = |part: Part| match part.place {
        Place::Disk(path) => Some(path),
        Place::Memory(..) => None,
    };
    let is_index = |path: &PathBuf| path.file_name().is_some_and(|name| name == "DICOMDIR");
    let parts = below(folder)?.into_iter().filter_map(on_disk);
    Ok(parts.filter(|path| !is_index(path)).collect())
}

fn walk(folder: &Path, depth: usize, out: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let is_hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        // Links are not followed: they may lead round and round.
        let kind = std::fs::symlink_metadata(&path)?.file_type();
        if kind.is_dir() && 0 < depth && !is_hidden {
            walk(&path, depth - 1, out)?;
        } else if kind.is_file() && !is_hidden && out.len() < 2 * FILES {
            out.push(path);
        }
    }
    Ok(())
}
