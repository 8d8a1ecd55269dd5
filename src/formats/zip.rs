//! Zip archives (PKWARE's application note): stored and deflated files.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    FormatError, ReadOptions,
    bytes::Bytes,
    collection::{Part, Place},
    cursor::Cursor,
    text,
};

const STEP: &str = "zip";
const ENTRIES: usize = 10_000;
/// End of the central directory, without and with the longest comment.
const END: usize = 22;
const END_SEARCHED: u64 = 22 + 65_535;

pub(super) fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04")
}

/// One file of the archive.
struct Entry {
    name: String,
    method: u16,
    is_encrypted: bool,
    packed: u32,
    size: u32,
    /// Of its local header.
    at: u32,
}

/// Files beside each other: name and bytes.
type Files = Vec<(String, Arc<[u8]>)>;

/// The files of an archive, unpacked. Together they may be as large as the limit for text.
pub(super) fn parts(bytes: &Bytes, options: &ReadOptions) -> Result<Vec<Part>, FormatError> {
    let mut left = options.limits.text_bytes;
    // Folder → files beside each other.
    let mut folders: BTreeMap<String, Files> = BTreeMap::new();
    for entry in directory(bytes)? {
        let (folder, name) = entry.name.rsplit_once('/').unwrap_or(("", &entry.name));
        let is_extra = folder.starts_with("__MACOSX") || name.starts_with('.');
        if name.is_empty() || is_extra {
            continue;
        }
        let unpacked = entry.unpack(bytes, left)?;
        left -= unpacked.len() as u64;
        let files = folders.entry(folder.to_owned()).or_default();
        files.push((name.to_owned(), unpacked.into()));
    }
    let mut out = Vec::new();
    for (folder, files) in folders {
        let files: Arc<[(String, Arc<[u8]>)]> = files.into();
        for (name, _) in files.iter() {
            let header = format!(
                "{}.hea",
                name.rsplit_once('.').map_or(name.as_str(), |it| it.0)
            );
            if *name != header && files.iter().any(|file| file.0 == header) {
                continue;
            }
            let slash = if folder.is_empty() { "" } else { "/" };
            out.push(Part {
                label: format!("{folder}{slash}{name}"),
                place: Place::Memory(name.clone(), files.clone()),
            });
        }
    }
    out.sort_by(|a, b| a.label.cmp(&b.label));
    Ok(out)
}

/// The central directory, which stands at the end.
fn directory(bytes: &Bytes) -> Result<Vec<Entry>, FormatError> {
    let searched = bytes.len().min(END_SEARCHED);
    let first = bytes.len() - searched;
    let tail = bytes.slice(first, searched as usize)?;
    let end = tail
        .windows(4)
        .rposition(|mark| mark == b"PK\x05\x06")
        .filter(|end| end + END <= tail.len())
        .ok_or_else(|| {
            let place = format!("byte {first} and after");
            FormatError::new(STEP, place, "no end of the directory", "a whole archive")
                .advise("the archive is cut short")
        })?;
    let mut at = Cursor::within(STEP, &tail[end..], first + end as u64);
    at.take(10, "end of the directory")?;
    let count = usize::from(at.u16("number of files")?);
    let size = at.u32("size of the directory")?;
    let start = at.u32("place of the directory")?;
    if ENTRIES < count || start == u32::MAX {
        return Err(at.fault(
            "the directory",
            format!("{count} files"),
            format!("at most {ENTRIES}"),
        ));
    }
    let raw = bytes.slice(u64::from(start), size as usize)?;
    let mut at = Cursor::within(STEP, &raw, u64::from(start));
    (0..count).map(|_| Entry::read(&mut at)).collect()
}

impl Entry {
    fn read(at: &mut Cursor) -> Result<Self, FormatError> {
        if at.take(4, "mark of a file")? != b"PK\x01\x02" {
            return Err(at.fault("mark of a file", "other bytes", "PK 1 2"));
        }
        at.take(4, "versions")?;
        let flags = at.u16("flags")?;
        let method = at.u16("method")?;
        at.take(8, "time and sum")?;
        let (packed, size) = (at.u32("packed size")?, at.u32("size")?);
        let [name, extra, comment] = [at.u16("name")?, at.u16("extra")?, at.u16("comment")?];
        at.take(8, "disk and attributes")?;
        let place = at.u32("place of a file")?;
        let name = at.take(usize::from(name), "name")?;
        let name = text::decode(name).0.replace('\\', "/");
        at.take(usize::from(extra) + usize::from(comment), "extra")?;
        Ok(Self {
            name,
            method,
            is_encrypted: flags & 1 != 0,
            packed,
            size,
            at: place,
        })
    }

    fn unpack(&self, bytes: &Bytes, left: u64) -> Result<Vec<u8>, FormatError> {
        let fault = |found: String, expected: &str| {
            let place = format!("byte {}, {}", self.at, super::error::quoted(&self.name));
            FormatError::new(STEP, place, found, expected)
        };
        if self.is_encrypted {
            return Err(
                fault("an encrypted file".into(), "files without a password")
                    .advise("unpack the archive first"),
            );
        }
        if left < u64::from(self.size) {
            return Err(fault(
                format!("{} bytes", self.size),
                "an archive within the limit",
            )
            .advise("unpack it first and open the exam"));
        }
        // The local header repeats the name, with an extra field of its own length.
        let head = bytes.slice(u64::from(self.at), 30)?;
        if !head.starts_with(b"PK\x03\x04") {
            return Err(fault("other bytes".into(), "PK 3 4"));
        }
        let length = |at: usize| u64::from(u16::from_le_bytes([head[at], head[at + 1]]));
        let start = u64::from(self.at) + 30 + length(26) + length(28);
        let packed = bytes.slice(start, self.packed as usize)?;
        let unpacked = match self.method {
            0 => packed.into_owned(),
            8 => miniz_oxide::inflate::decompress_to_vec_with_limit(&packed, self.size as usize)
                .map_err(|error| fault(format!("{:?}", error.status), "deflated data"))?,
            method => {
                return Err(fault(
                    format!("method {method}"),
                    "stored or deflated files",
                ));
            }
        };
        if unpacked.len() != self.size as usize {
            return Err(fault(
                format!("{} bytes", unpacked.len()),
                &self.size.to_string(),
            ));
        }
        Ok(unpacked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An archive of stored files.
    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let (mut out, mut directory) = (Vec::new(), Vec::new());
        for (name, data) in files {
            let at = out.len() as u32;
            let sizes = [data.len() as u32, data.len() as u32]
                .map(u32::to_le_bytes)
                .concat();
            let name_len = (name.len() as u16).to_le_bytes();
            out.extend(b"PK\x03\x04");
            out.extend([0; 14]);
            out.extend(&sizes);
            out.extend([name_len, [0, 0]].concat());
            out.extend(name.as_bytes());
            out.extend(*data);
            directory.extend(b"PK\x01\x02");
            directory.extend([0; 16]);
            directory.extend(&sizes);
            directory.extend(name_len);
            directory.extend([0; 12]);
            directory.extend(at.to_le_bytes());
            directory.extend(name.as_bytes());
        }
        let at = out.len() as u32;
        out.extend(&directory);
        out.extend(b"PK\x05\x06\0\0\0\0");
        out.extend([(files.len() as u16).to_le_bytes(); 2].concat());
        out.extend((directory.len() as u32).to_le_bytes());
        out.extend(at.to_le_bytes());
        out.extend([0, 0]);
        out
    }

    #[test]
    fn files_lie_beside_each_other() {
        let bytes = archive(&[
            ("a/r.hea", b"head"),
            ("a/r.dat", b"data"),
            ("b.csv", b"t,I"),
            ("a/.x", b""),
        ]);
        let parts = parts(&Bytes::Memory(bytes.into()), &ReadOptions::default()).unwrap();
        let labels: Vec<&str> = parts.iter().map(|part| part.label.as_str()).collect();
        assert_eq!(labels, ["a/r.hea", "b.csv"]);
    }

    #[test]
    fn archives_cut_anywhere_are_errors() {
        let bytes = archive(&[("b.csv", b"time_s,I\n0,1\n")]);
        for len in 0..bytes.len() {
            let cut = Bytes::Memory(bytes[..len].into());
            assert!(parts(&cut, &ReadOptions::default()).is_err(), "{len}");
        }
    }
}
