//! The files that one recording is made of.

use std::path::{Path, PathBuf};

use super::{
    collection::{self, Place},
    dicom, wfdb,
};

/// The files that are read for the recording at `path`, as far as they are there: itself; of a WFDB
/// record its header, signal files and segments; of a DICOMDIR the waveforms that it names; of a
/// folder the files in it.
pub fn files_of_recording(path: &Path) -> Vec<PathBuf> {
    let mut files = vec![path.to_owned()];
    if path.is_dir() {
        let parts = collection::below(path).unwrap_or_default().into_iter();
        files.extend(parts.filter_map(|part| match part.place {
            Place::Disk(path) => Some(path),
            Place::Memory(..) => None,
        }));
    }
    let of_records: Vec<PathBuf> = files
        .iter()
        .flat_map(|file| wfdb::files_of_record(file))
        .collect();
    files.extend(of_records);
    files.extend(dicom::files_of_medium(path));
    files.retain(|it| it.is_file());
    // However the path is spelled, the same files in the same order: a hash goes over them.
    let real = |it: &PathBuf| it.canonicalize().unwrap_or_else(|_| it.clone());
    files.sort_by_cached_key(real);
    files.dedup_by_key(|it| real(it));
    files
}
