//! Bytes that can be read anywhere: a file on disk, or memory; and the folder that the files of one
//! record share.

use std::{
    borrow::Cow,
    fs::{self, File},
    io::{Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{FormatError, error::quoted};

/// Random access to one file.
#[derive(Debug)]
pub(super) enum Bytes {
    /// All of it at hand.
    Memory(Arc<[u8]>),
    /// Read where asked, never whole.
    Disk { file: File, len: u64 },
}

impl Bytes {
    pub fn open(path: &Path) -> Result<Self, FormatError> {
        // Looked at before it is opened: opening a pipe waits for whoever writes into it.
        let meta = fs::metadata(path).map_err(|it| FormatError::unreadable("open", &it))?;
        if !meta.is_file() {
            let found = if meta.is_dir() {
                "a folder"
            } else {
                "a pipe or a device"
            };
            return Err(FormatError::new("open", "the path", found, "a file"));
        }
        let file = File::open(path).map_err(|it| FormatError::unreadable("open", &it))?;
        Ok(Self::Disk {
            file,
            len: meta.len(),
        })
    }

    pub fn len(&self) -> u64 {
        match self {
            Self::Memory(all) => all.len() as u64,
            Self::Disk { len, .. } => *len,
        }
    }

    /// `len` bytes from `start`: exactly those, or an error that names the place.
    pub fn slice(&self, start: u64, len: usize) -> Result<Cow<'_, [u8]>, FormatError> {
        let inside = start
            .checked_add(len as u64)
            .is_some_and(|end| end <= self.len());
        if !inside {
            return Err(FormatError::new(
                "read",
                format!("byte {start}"),
                format!("the end at {}", self.len()),
                format!("{len} bytes"),
            ));
        }
        match self {
            Self::Memory(all) => Ok(Cow::Borrowed(&all[start as usize..start as usize + len])),
            Self::Disk { file, .. } => {
                let mut out = vec![0; len];
                let mut file = file;
                file.seek(SeekFrom::Start(start))
                    .and_then(|_| file.read_exact(&mut out))
                    .map_err(|it| FormatError::unreadable("read", &it))?;
                Ok(Cow::Owned(out))
            }
        }
    }

    /// The first `len` bytes, or fewer where the file is shorter.
    pub fn head(&self, len: usize) -> Result<Cow<'_, [u8]>, FormatError> {
        self.slice(0, self.len().min(len as u64) as usize)
    }

    /// Everything, if that is no more than `limit`.
    pub fn whole(&self, limit: u64) -> Result<Cow<'_, [u8]>, FormatError> {
        if limit < self.len() {
            return Err(FormatError::new(
                "read",
                "the file's size",
                format!("{} bytes", self.len()),
                format!("at most {limit}"),
            )
            .advise(
                "take a shorter file, or one with its samples as binary numbers, such as EDF",
            ));
        }
        self.slice(0, self.len() as usize)
    }
}

/// Where the files of one record lie. Names that would leave it are refused.
#[derive(Clone, Debug)]
pub(super) enum Folder {
    /// A folder on disk.
    Disk(PathBuf),
    /// Files in memory by name.
    Memory(Arc<[(String, Arc<[u8]>)]>),
}

impl Folder {
    pub fn open(&self, name: &str) -> Result<Bytes, FormatError> {
        let strays =
            name.is_empty() || name == "." || name == ".." || name.contains(['/', '\\', ':', '\0']);
        if strays {
            return Err(FormatError::new(
                "record",
                "file name",
                quoted(name),
                "the name of a file in the same folder",
            ));
        }
        match self {
            Self::Disk(folder) => Bytes::open(&folder.join(name)).map_err(|it| {
                it.advise(format!("the header names {name}: keep both in one folder"))
                    .in_file(&folder.join(name).display().to_string())
            }),
            Self::Memory(files) => files
                .iter()
                .find(|it| it.0 == name)
                .map(|it| Bytes::Memory(it.1.clone()))
                .ok_or_else(|| {
                    FormatError::new("record", "its files", "no such file", name)
                        .advise(format!("the header names {name}: keep both in one folder"))
                }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_are_exact_or_errors() {
        let bytes = Bytes::Memory(vec![1, 2, 3].into());
        assert_eq!(&*bytes.slice(1, 2).unwrap(), &[2, 3]);
        assert!(bytes.slice(2, 2).is_err() && bytes.slice(u64::MAX, 2).is_err());
        assert!(bytes.whole(2).is_err() && bytes.whole(3).is_ok());
    }

    #[test]
    fn names_stay_in_the_folder() {
        let folder = Folder::Disk(std::env::temp_dir());
        for name in ["../x", "/etc/hostname", "a\\b", "", "..", "C:x"] {
            assert_eq!(folder.open(name).unwrap_err().step, "record", "{name}");
        }
    }
}
