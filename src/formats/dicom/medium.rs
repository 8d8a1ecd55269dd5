//! DICOMDIR: the directory of a medium names the files that lie below it (PS3.3 F).

use std::path::{Path, PathBuf};

use super::transfer::{File, is_dicom};
use crate::formats::{
    FormatError, ReadOptions,
    bytes::{Bytes, Folder},
    collection::{Part, Place},
    paths::folder_of,
};

const STEP: &str = "DICOMDIR";
/// Media storage directory.
const CLASS: &str = "1.2.840.10008.1.3.10";
/// Bytes of a file that are looked at to know it.
const HEAD: usize = 4096;

/// The waveforms that a DICOMDIR names; `None` for any other file.
pub(in crate::formats) fn parts_of_medium(
    head: &[u8],
    bytes: &Bytes,
    folder: &Folder,
    options: &ReadOptions,
) -> Result<Option<Vec<Part>>, FormatError> {
    let names_class = head.windows(CLASS.len()).any(|it| it == CLASS.as_bytes());
    if !is_dicom(head) || !names_class {
        return Ok(None);
    }
    let whole = bytes.whole(options.limits.document_bytes)?.into_owned();
    let file = File::open(Bytes::Memory(whole.into()), options)?;
    let records = file.view().items((0x0004, 0x1220));
    if records.is_empty() {
        return Ok(None);
    }
    let mut out = Vec::new();
    for record in records {
        let is_waveform = record.text((0x0004, 0x1430)).as_deref() == Some("WAVEFORM");
        let Some(names) = record.text((0x0004, 0x1500)).filter(|_| is_waveform) else {
            continue;
        };
        let names: Vec<&str> = names.split('\\').map(str::trim).collect();
        out.push(part(&names, folder)?);
    }
    if out.is_empty() {
        let place = "(0004,1220), the directory";
        let error = FormatError::new(STEP, place, "no waveform", "at least one ECG");
        return Err(error.advise("open one of its files"));
    }
    Ok(Some(out))
}

/// The waveforms that the DICOMDIR at `path` names; none where it is no DICOMDIR.
pub(in crate::formats) fn files_of_medium(path: &Path) -> Vec<PathBuf> {
    let parts = || {
        let bytes = Bytes::open(path).ok()?;
        let head = bytes.head(HEAD).ok()?.into_owned();
        let folder = Folder::Disk(folder_of(path).to_owned());
        parts_of_medium(&head, &bytes, &folder, &ReadOptions::default()).ok()?
    };
    let place = |part: Part| match part.place {
        Place::Disk(path) => Some(path),
        Place::Memory(..) => None,
    };
    parts().into_iter().flatten().filter_map(place).collect()
}

/// A file by its names from the medium's root down; one that would leave it is refused.
fn part(names: &[&str], folder: &Folder) -> Result<Part, FormatError> {
    let is_sound = |name: &&str| {
        !name.is_empty() && *name != "." && *name != ".." && !name.contains(['/', '\\', ':', '\0'])
    };
    let label = names.join("/");
    if !names.iter().all(is_sound) {
        let expected = "names of folders and a file below the directory";
        return Err(FormatError::new(STEP, "(0004,1500)", label, expected));
    }
    let place = match folder {
        Folder::Disk(root) => {
            Place::Disk(names.iter().fold(root.clone(), |at, name| at.join(name)))
        }
        Folder::Memory(files) => Place::Memory(
            names.last().copied().unwrap_or_default().to_owned(),
            files.clone(),
        ),
    };
    Ok(Part { label, place })
}
