//! Saving: whole or not at all.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use super::{FormatError, edf, table, wfdb};
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
    match format {
        Format::EdfPlus => edf::to_bytes(recording),
        Format::Csv => table::to_bytes(recording),
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
            vec![folder.join(format!("{}.dat", wfdb::record_name(&stem))), folder.join(format!("{stem}.hea"))]
        }
        _ => vec![path.to_owned()],
    }
}

fn stem_and_folder(path: &Path) -> (String, &Path) {
    (path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), path.parent().unwrap_or(Path::new("")))
}

/// Writes beside the target and renames: a failure leaves what was there before. WFDB takes the path of the `.hea`.
pub fn write(recording: &Recording, path: &Path, format: Format) -> Result<(), FormatError> {
    let name = path.display().to_string();
    let saved = match format {
        Format::Wfdb => {
            let (stem, folder) = stem_and_folder(path);
            let [data, header] = wfdb::to_files(recording, &stem);
            let data_path = folder.join(&data.0);
            let is_new = !data_path.exists();
            save(&data_path, &data.1).and_then(|()| {
                // The header goes last: without it the record is not there.
                save(&folder.join(&header.0), &header.1).inspect_err(|_| {
                    if is_new {
                        // Nothing more can be done about a file that will not go.
                        let _ = std::fs::remove_file(&data_path);
                    }
                })
            })
        }
        _ => to_bytes(recording, format).and_then(|bytes| save(path, &bytes)),
    };
    saved.map_err(|it| it.in_file(&name))
}

fn save(path: &Path, bytes: &[u8]) -> Result<(), FormatError> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let io = |it: std::io::Error| FormatError::io("save", &it);
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(io)?;
    file.write_all(bytes).map_err(io)?;
    file.as_file().sync_all().map_err(io)?;
    file.persist(path).map_err(|it| io(it.error))?;
    Ok(())
}
