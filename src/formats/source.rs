//! Opening files: whole, from memory, or a window at a time.

use std::{ops::Range, path::Path, sync::Arc};

use super::{
    FormatError, ReadOptions,
    assemble::{self, Opened},
    bytes::{Bytes, Folder},
    contents::Container,
    exam,
    plan::{self, Plan},
    sniff,
};
use crate::ecg::{SampleRate, plain_line};

/// A file that was looked into but not read: any window of it can be had without the rest.
pub struct Source {
    file: String,
    container: Box<dyn Container>,
    plan: Plan,
    options: ReadOptions,
}

impl Source {
    /// Seconds from the first to the last sample.
    pub fn duration_s(&self) -> f64 {
        self.plan.n_samples as f64 / self.plan.rate.hz()
    }

    /// Samples per second of the leads.
    pub fn rate(&self) -> SampleRate {
        self.plan.rate
    }

    /// Samples of a window, clamped to what there is.
    pub(super) fn samples_of(
        &self,
        start_s: f64,
        duration_s: f64,
    ) -> Result<Range<u64>, FormatError> {
        plan::samples_of(&self.plan, start_s, duration_s).map_err(|it| it.in_file(&self.file))
    }

    /// Reads `duration_s` from `start_s` on, and no other part of the file; clamped to what there
    /// is.
    pub fn window(&self, start_s: f64, duration_s: f64) -> Result<Opened, FormatError> {
        let mut opened = assemble::window(
            &*self.container,
            &self.plan,
            start_s,
            duration_s,
            &self.options,
        )
        .map_err(|it| it.in_file(&self.file))?;
        opened.report.file.clone_from(&self.file);
        Ok(opened)
    }

    fn new(
        file: String,
        found: Result<Box<dyn Container>, FormatError>,
        options: &ReadOptions,
    ) -> Result<Self, FormatError> {
        let file = plain_line(&file);
        let named = |it: FormatError| it.in_file(&file);
        let container = found.map_err(named)?;
        // Formats of one exam know of no other.
        let n_exams = container.contents().exams.len().max(1);
        if let Some(wanted) = options.exam.filter(|it| n_exams <= *it) {
            return Err(named(exam::absent(wanted, n_exams)));
        }
        let plan = plan::plan(&container.contents().signals, options).map_err(named)?;
        Ok(Self {
            file,
            container,
            plan,
            options: options.clone(),
        })
    }
}

/// Opens a file for reading windows of it. A WFDB record opens by its `.hea` or by any of its
/// signal files; of a folder, an archive or a DICOMDIR the exam that the options name is opened.
pub fn open(path: &Path, options: &ReadOptions) -> Result<Source, FormatError> {
    let name = path.display().to_string();
    if path.is_dir() {
        return Source::new(name, sniff::open_folder(path, options), options);
    }
    let found = Bytes::open(path).and_then(|bytes| {
        let folder = Folder::Disk(path.parent().unwrap_or(Path::new("")).to_owned());
        let own_name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        sniff::open(&own_name, bytes, &folder, options)
    });
    Source::new(name, found, options)
}

/// Reads a whole file, as far as the limits allow.
pub fn read(path: &Path, options: &ReadOptions) -> Result<Opened, FormatError> {
    let source = open(path, options)?;
    source.window(0.0, source.duration_s())
}

/// Reads a single-file format from memory. `name` is for reports.
pub fn read_bytes(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Opened, FormatError> {
    read_files(&[(name, bytes)], options)
}

/// Opens a single-file format in memory for reading windows of it.
pub fn open_bytes(
    name: &str,
    bytes: impl Into<Arc<[u8]>>,
    options: &ReadOptions,
) -> Result<Source, FormatError> {
    open_files([(name.to_owned(), bytes.into())].into(), options)
}

/// Reads a record of several files from memory: the first is the one to open.
pub fn read_files(files: &[(&str, &[u8])], options: &ReadOptions) -> Result<Opened, FormatError> {
    let owned = |(name, bytes): &(&str, &[u8])| ((*name).to_owned(), Arc::from(*bytes));
    let source = open_files(files.iter().map(owned).collect(), options)?;
    source.window(0.0, source.duration_s())
}

fn open_files(
    files: Arc<[(String, Arc<[u8]>)]>,
    options: &ReadOptions,
) -> Result<Source, FormatError> {
    let Some((name, bytes)) = files.first().cloned() else {
        return Err(FormatError::new(
            "open",
            "the list of files",
            "none",
            "at least one",
        ));
    };
    let folder = Folder::Memory(files);
    let found = sniff::open(&name, Bytes::Memory(bytes), &folder, options);
    Source::new(name, found, options)
}
