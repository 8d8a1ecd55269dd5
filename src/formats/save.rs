//! Saving: whole or not at all.

use std::{
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use super::{
    FormatError, Source, edf,
    pieces::{Outline, Pieces, Stretch},
    table, wfdb,
};
use crate::ecg::Recording;

/// Formats that are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// EDF+C, 16 bits.
    EdfPlus,
    /// A WFDB header and a signal file in format 16.
    Wfdb,
    /// Text: comments, a header row, `time_s`, millivolts.
    Csv,
}

impl Format {
    /// The format that a file's extension asks for.
    pub fn from_path(path: &Path) -> Option<Self> {
        match path.extension()?.to_string_lossy().to_lowercase().as_str() {
            "edf" => Some(Self::EdfPlus),
            "hea" | "dat" => Some(Self::Wfdb),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }
}

/// The file's bytes, for formats of a single file.
pub fn to_bytes(recording: &Recording, format: Format) -> Result<Vec<u8>, FormatError> {
    let outline = Outline::of(recording, MAX_STEPS);
    match format {
        Format::EdfPlus => {
            let folder = tempfile::tempdir().map_err(io)?;
            let path = folder.path().join("recording.edf");
            edf::write(&path, &outline, recording)?;
            std::fs::read(&path).map_err(io)
        }
        Format::Csv => {
            let mut out = Vec::new();
            table::write(&mut out, &outline, recording)?;
            Ok(out)
        }
        Format::Wfdb => Err(FormatError::new(
            "WFDB writing",
            "the target",
            "a single stream of bytes",
            "a path: a record is a header and a signal file",
        )),
    }
}

/// The files that [`write()`] makes for `path`: one, or a header and a signal file.
pub fn targets(path: &Path, format: Format) -> Vec<PathBuf> {
    match format {
        Format::Wfdb => {
            let (stem, folder) = stem_and_folder(path);
            vec![
                folder.join(format!("{}.dat", wfdb::record_name(&stem))),
                folder.join(format!("{stem}.hea")),
            ]
        }
        _ => vec![path.to_owned()],
    }
}

fn stem_and_folder(path: &Path) -> (String, &Path) {
    (
        path.file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        path.parent().unwrap_or(Path::new("")),
    )
}

/// Writes beside the target and renames: a failure leaves what was there before. WFDB takes the
/// path of the `.hea`.
pub fn write(recording: &Recording, path: &Path, format: Format) -> Result<(), FormatError> {
    save(&Outline::of(recording, MAX_STEPS), recording, path, format)
        .map_err(|it| it.in_file(&path.display().to_string()))
}

/// Writes `seconds` from `start_s` on without ever holding more than a piece of them: a file of a
/// day takes no more memory than one of a minute. The stretch is read twice, first for what a
/// header must say. `about` may change what is said about the recording, but neither its leads'
/// number nor their samples; `progress` is told the share done. Returns what reading had to say.
pub fn convert(
    source: &Source,
    (start_s, seconds): (f64, f64),
    path: &Path,
    format: Format,
    about: &dyn Fn(&Recording) -> Recording,
    progress: &dyn Fn(f64),
) -> Result<Vec<String>, FormatError> {
    let in_all = source.samples_of(start_s, seconds)?;
    let whole = 2.0 * (in_all.end - in_all.start) as f64;
    let share = |shown: u64| progress(shown as f64 / whole);
    let stretch = Stretch::new(source, start_s, seconds, &share)?;
    let mut outline = Outline::of_stretch(&stretch, MAX_STEPS)?;
    outline.about = about(&outline.about);
    save(&outline, &stretch, path, format).map_err(|it| it.in_file(&path.display().to_string()))?;
    Ok(stretch.warnings.into_inner())
}

/// Steps on either side of zero that every format can hold.
const MAX_STEPS: f64 = if edf::DIGITAL < wfdb::DIGITAL {
    edf::DIGITAL
} else {
    wfdb::DIGITAL
};

fn save(
    outline: &Outline,
    pieces: &dyn Pieces,
    path: &Path,
    format: Format,
) -> Result<(), FormatError> {
    match format {
        Format::EdfPlus => whole(path, |it| edf::write(it.path(), outline, pieces)),
        Format::Csv => whole(path, |it| {
            buffered(it, |out| table::write(out, outline, pieces))
        }),
        Format::Wfdb => {
            let (stem, folder) = stem_and_folder(path);
            let name = wfdb::record_name(&stem);
            let data_path = folder.join(format!("{name}.dat"));
            let is_new = !data_path.exists();
            let mut sums = Vec::new();
            whole(&data_path, |it| {
                sums = buffered(it, |out| wfdb::write_data(out, outline, pieces))?;
                Ok(())
            })?;
            let header = wfdb::header(outline, &name, &sums);
            // The header goes last: without it the record is not there.
            whole(&folder.join(format!("{stem}.hea")), |it| {
                it.write_all(header.as_bytes()).map_err(io)
            })
            .inspect_err(|_| {
                if is_new {
                    // Nothing more can be done about a file that will not go.
                    let _ = std::fs::remove_file(&data_path);
                }
            })
        }
    }
}

/// Fills a file beside the target, which takes its place when it is complete.
fn whole(
    path: &Path,
    fill: impl FnOnce(&mut tempfile::NamedTempFile) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    let folder = path
        .parent()
        .filter(|it| !it.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut file = readable().tempfile_in(folder).map_err(io)?;
    fill(&mut file)?;
    file.as_file().sync_all().map_err(io)?;
    file.persist(path).map_err(|it| io(it.error))?;
    Ok(())
}

/// Files that others may read as far as the user's own settings allow, not only their owner as is
/// usual for temporary ones.
fn readable() -> tempfile::Builder<'static, 'static> {
    #[allow(unused_mut)] // Other systems have no such bits.
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}

fn buffered<T>(
    file: &mut tempfile::NamedTempFile,
    fill: impl FnOnce(&mut dyn Write) -> Result<T, FormatError>,
) -> Result<T, FormatError> {
    let mut out = BufWriter::new(file);
    let done = fill(&mut out)?;
    out.flush().map_err(io)?;
    Ok(done)
}

fn io(error: std::io::Error) -> FormatError {
    FormatError::io("save", &error)
}
