//! Which files belong to which record of a folder.

use std::{
    ffi::OsStr,
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use crate::formats::paths::{folder_of, is_same_file};

/// Bytes of a header that are looked at.
const HEAD: u64 = 1 << 20;

/// Names at the start of a header's lines: its signal files, and the headers of its segments. Lines
/// that a reader would refuse count as well.
pub(in crate::formats) fn files_named(header: &str) -> Vec<String> {
    let lines = header.lines().map(str::trim);
    let names = lines
        .filter(|it| !it.is_empty() && !it.starts_with('#'))
        .skip(1)
        .filter_map(|it| it.split_whitespace().next());
    names
        .flat_map(|it| [it.to_owned(), format!("{it}.hea")])
        .collect()
}

/// Paths that the header at `path` names; none where there is no header.
pub(in crate::formats) fn files_of(path: &Path) -> Vec<PathBuf> {
    let folder = folder_of(path);
    let is_header = path
        .extension()
        .is_some_and(|it| it.eq_ignore_ascii_case("hea"));
    if !is_header || !path.is_file() {
        return Vec::new();
    }
    let mut head = Vec::new();
    let read = fs::File::open(path).and_then(|it| it.take(HEAD).read_to_end(&mut head));
    let names = files_named(&String::from_utf8_lossy(&head));
    let names = read.map_or_else(|_| Vec::new(), |_| names);
    let is_beside = |it: &String| Path::new(it).file_name() == Some(OsStr::new(it.as_str()));
    names
        .iter()
        .filter(|it| is_beside(it))
        .map(|it| folder.join(it))
        .collect()
}

/// Of a WFDB record that `path` is a file of: its header, signal files and segments.
pub(in crate::formats) fn files_of_record(path: &Path) -> Vec<PathBuf> {
    let header = path.with_extension("hea");
    let mut files = Vec::new();
    if path == header || files_of(&header).iter().any(|it| is_same_file(it, path)) {
        let named = files_of(&header);
        files.extend(named.iter().flat_map(|it| files_of(it)));
        files.extend(named);
        files.push(header);
    }
    files
}

/// A header beside `path`, other than `own`, that names it.
pub(in crate::formats) fn header_that_names(path: &Path, own: Option<&Path>) -> Option<PathBuf> {
    let entries = fs::read_dir(folder_of(path))
        .into_iter()
        .flatten()
        .flatten();
    let mut others = entries
        .map(|it| it.path())
        .filter(|it| own.is_none_or(|own| !is_same_file(it, own)));
    others.find(|header| {
        files_of(header)
            .iter()
            .any(|named| is_same_file(named, path))
    })
}
