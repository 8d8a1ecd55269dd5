//! A folder of recordings: which files are recordings, which part of them is ours, and what their
//! outcomes are called.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use super::CliError;
use crate::formats::files_of_recording;

/// A recording and the name, without extension, of what is made of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BatchItem {
    pub file: PathBuf,
    pub outcome: OsString,
}

impl BatchItem {
    /// Where an outcome goes.
    pub(super) fn outcome_path(&self, folder: &Path, extension: &str) -> PathBuf {
        let mut name = self.outcome.clone();
        name.push(".");
        name.push(extension);
        folder.join(name)
    }
}

/// The recordings of `folder` in the order of their names; `shard` asks for the i-th of n parts,
/// such as 1/4.
pub(super) fn items(folder: &Path, shard: Option<&str>) -> Result<Vec<BatchItem>, CliError> {
    part(named(recordings(folder)?), shard)
}

/// All but folders and hidden files, in the order of their names. Of a WFDB record only the header
/// counts, and of one in segments only the header that lists them.
fn recordings(folder: &Path) -> Result<Vec<PathBuf>, CliError> {
    let failed = |it: io::Error| CliError(format!("{it}: {}", folder.display()));
    let mut all = BTreeSet::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !path.is_dir() && !name.starts_with('.') {
            all.insert(path);
        }
    }
    let mut parts = BTreeSet::new();
    for header in all.iter().filter(|it| is_header(it)) {
        if !parts.contains(header) {
            let files = files_of_recording(header).into_iter();
            parts.extend(files.filter(|it| it != header));
        }
    }
    let is_part = |it: &PathBuf| parts.contains(it) || is_beside_header(it, &all);
    Ok(all.iter().filter(|it| !is_part(it)).cloned().collect())
}

fn is_header(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "hea")
}

/// Signals and annotations that go by the name of a header.
fn is_beside_header(path: &Path, all: &BTreeSet<PathBuf>) -> bool {
    const ENDINGS: [&str; 5] = ["dat", "mat", "atr", "qrs", "xws"];
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    ENDINGS.contains(&&*ending) && all.contains(&path.with_extension("hea"))
}

/// The stem of the file; its whole name where that would be the name of another's outcome.
fn named(files: Vec<PathBuf>) -> Vec<BatchItem> {
    // Some systems take names that differ in their case for one.
    let key = |name: &std::ffi::OsStr| name.to_string_lossy().to_lowercase();
    let stem = |it: &Path| it.file_stem().unwrap_or_default().to_os_string();
    let name = |it: &Path| it.file_name().unwrap_or_default().to_os_string();
    let names: BTreeSet<String> = files.iter().map(|it| key(&name(it))).collect();
    let mut stems: Vec<String> = files.iter().map(|it| key(&stem(it))).collect();
    stems.sort();
    let is_alone = |stem: &String| {
        let first = stems.partition_point(|it| it < stem);
        stems.get(first + 1) != Some(stem) && !names.contains(stem)
    };
    let item = |file: PathBuf| {
        let outcome = if is_alone(&key(&stem(&file))) {
            stem(&file)
        } else {
            name(&file)
        };
        BatchItem { file, outcome }
    };
    files.into_iter().map(item).collect()
}

/// The i-th of n parts: every n-th file, so that parts are alike.
fn part(files: Vec<BatchItem>, shard: Option<&str>) -> Result<Vec<BatchItem>, CliError> {
    let Some(text) = shard else { return Ok(files) };
    let parsed = text
        .split_once('/')
        .and_then(|(i, n)| Some((i.parse::<usize>().ok()?, n.parse::<usize>().ok()?)));
    match parsed {
        Some((i, n)) if 1 <= i && i <= n => Ok(files.into_iter().skip(i - 1).step_by(n).collect()),
        _ => Err(CliError(format!(
            "--shard {text}: expected i/n with 1 ≤ i ≤ n, such as 1/4"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_disjoint_and_whole() {
        let files = named(
            (0..10)
                .map(|it| PathBuf::from(format!("{it:02}.edf")))
                .collect(),
        );
        let mut joined: Vec<BatchItem> = (1..=3)
            .flat_map(|it| part(files.clone(), Some(&format!("{it}/3"))).unwrap())
            .collect();
        joined.sort_by(|a, b| a.file.cmp(&b.file));
        assert_eq!(joined, files);
        for wrong in ["4/3", "0/3", "3", "a/b"] {
            assert!(part(files.clone(), Some(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn no_two_outcomes_share_a_name() {
        for (files, expected) in [
            (vec!["a.edf", "b.edf"], vec!["a", "b"]),
            (vec!["a.csv", "a.edf", "b.edf"], vec!["a.csv", "a.edf", "b"]),
            (vec!["a.csv", "a.csv.edf"], vec!["a", "a.csv.edf"]),
            (
                vec!["a.csv", "a.csv.edf", "a.edf"],
                vec!["a.csv", "a.csv.edf", "a.edf"],
            ),
            (vec!["A.csv", "a.edf"], vec!["A.csv", "a.edf"]),
            (vec!["a", "a.edf"], vec!["a", "a.edf"]),
        ] {
            let items = named(files.into_iter().map(PathBuf::from).collect());
            let outcomes: Vec<&str> = items
                .iter()
                .map(|it| it.outcome.to_str().unwrap())
                .collect();
            assert_eq!(outcomes, expected);
        }
    }

    #[test]
    fn a_record_counts_once() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for (name, text) in [
            ("one.hea", "one 1 500 2\none.signals 16 200 16 0 0 0 0 I\n"),
            ("one.signals", ""),
            ("one.atr", ""),
            ("one.edf", ""),
            ("many.hea", "many/2 1 500 4\nmany_1 2\nmany_2 2\n"),
            ("many_1.hea", "many_1 1 500 2\nmany_1.dat 16 200\n"),
            ("many_2.hea", "many_2 1 500 2\nmany_2.dat 16 200\n"),
            ("many_1.dat", ""),
            ("many_2.dat", ""),
            (".hidden", ""),
            ("notes", ""),
        ] {
            fs::write(at(name), text).unwrap();
        }
        fs::create_dir(at("folder")).unwrap();
        let found = recordings(folder.path()).unwrap();
        let expected = ["many.hea", "notes", "one.edf", "one.hea"].map(at);
        assert_eq!(found, expected);
    }
}
