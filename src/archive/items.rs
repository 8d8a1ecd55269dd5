//! Which exams there are: what a folder, a list or a Parquet file holds, which part of it is ours,
//! and what their outcomes are called.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{ArchiveError, manifest};
use crate::formats::files_of_recording;

/// Where an exam lies.
#[derive(Clone, Debug, PartialEq)]
pub enum ExamPlace {
    /// A recording.
    File(PathBuf),
    /// A row of a Parquet file, from 0.
    Row(Arc<Path>, u64),
}

/// An exam and the name of what is made of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ExamItem {
    /// As the listing names it: the file, relative to the folder or list, with `/`; of a row the
    /// file, `#` and the row.
    pub name: String,
    /// Name without extension of what is made of it, relative to the folder of outcomes.
    pub outcome: PathBuf,
    /// Where it lies.
    pub place: ExamPlace,
}

impl ExamItem {
    /// Where an outcome goes.
    pub fn outcome_path(&self, folder: &Path, extension: &str) -> PathBuf {
        let mut name = self.outcome.clone().into_os_string();
        name.push(".");
        name.push(extension);
        folder.join(name)
    }

    /// The files that it is read from.
    pub fn files(&self) -> Vec<PathBuf> {
        match &self.place {
            ExamPlace::File(file) => files_of_recording(file),
            ExamPlace::Row(file, _) => vec![file.to_path_buf()],
        }
    }
}

/// How to list.
#[derive(Clone, Debug, Default)]
pub struct Listing<'a> {
    /// The column of a list that names the exams; otherwise the first of those that collections
    /// use.
    pub column: Option<&'a str>,
    /// A folder that is not looked into: that of the outcomes.
    pub without: Option<&'a Path>,
}

impl Listing<'_> {
    /// The exams of `input` in the order of their names, those of a list in its own: a folder with
    /// all below it, a list (`RECORDS`, `.txt`, `.csv`) or a Parquet file.
    pub fn items(&self, input: &Path) -> Result<Vec<ExamItem>, ArchiveError> {
        let files = if input.is_dir() {
            let files = recordings(input, self.without)?;
            let relative = |it: PathBuf| (slashed(it.strip_prefix(input).unwrap_or(&it)), it);
            files.into_iter().map(relative).collect()
        } else if is_parquet(input) {
            let name = input.file_name().unwrap_or_default();
            vec![(name.to_string_lossy().into_owned(), input.to_owned())]
        } else if manifest::is_list(input) {
            manifest::entries(input, self.column)?
        } else {
            return Err(ArchiveError::io(input, not_a_collection(input)));
        };
        let mut items = Vec::with_capacity(files.len());
        for item in named(files) {
            match &item.place {
                ExamPlace::File(file) if is_parquet(file) => items.extend(rows(&item, file)?),
                _ => items.push(item),
            }
        }
        Ok(items)
    }
}

fn not_a_collection(input: &Path) -> std::io::Error {
    match fs::metadata(input) {
        Err(error) => error,
        Ok(_) => std::io::Error::other(
            "expected a folder, a Parquet file, or a list of exams (RECORDS, .txt, .csv)",
        ),
    }
}

/// The i-th of n shares, such as `1/4`: every n-th, so that shares are alike.
pub(super) fn share<T>(all: Vec<T>, shard: Option<&str>) -> Result<Vec<T>, ArchiveError> {
    let Some(text) = shard else { return Ok(all) };
    let parsed = text
        .split_once('/')
        .and_then(|(i, n)| Some((i.parse::<usize>().ok()?, n.parse::<usize>().ok()?)));
    match parsed {
        Some((i, n)) if 1 <= i && i <= n => Ok(all.into_iter().skip(i - 1).step_by(n).collect()),
        _ => Err(ArchiveError::Shard { text: text.into() }),
    }
}

impl ExamItem {
    /// The i-th of n shares of `items`, such as `1/4`.
    pub fn share(items: Vec<Self>, shard: Option<&str>) -> Result<Vec<Self>, ArchiveError> {
        share(items, shard)
    }
}

fn is_parquet(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "parquet")
}

#[cfg(feature = "archive")]
fn rows(item: &ExamItem, file: &Path) -> Result<Vec<ExamItem>, ArchiveError> {
    let n_rows = super::signals::SignalRows::open(file)?.len();
    let file: Arc<Path> = file.into();
    let row = |row: u64| {
        let mut outcome = item.outcome.clone().into_os_string();
        outcome.push(format!("-{row:06}"));
        ExamItem {
            name: format!("{}#{row}", item.name),
            outcome: outcome.into(),
            place: ExamPlace::Row(file.clone(), row),
        }
    };
    Ok((0..n_rows).map(row).collect())
}

#[cfg(not(feature = "archive"))]
fn rows(_: &ExamItem, file: &Path) -> Result<Vec<ExamItem>, ArchiveError> {
    let path = file.to_owned();
    Err(ArchiveError::NoParquet { path })
}

fn slashed(path: &Path) -> String {
    let parts = path.components().map(|it| it.as_os_str().to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}

/// All files below `folder` but hidden ones, in the order of their names. Of a WFDB record only the
/// header counts, and of one in segments only the header that lists them.
fn recordings(folder: &Path, without: Option<&Path>) -> Result<Vec<PathBuf>, ArchiveError> {
    let mut all = BTreeSet::new();
    let without = without.and_then(|it| it.canonicalize().ok());
    collect(folder, without.as_deref(), &mut all)?;
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

/// Links to folders are not followed: they may lead in a circle.
fn collect(
    folder: &Path,
    without: Option<&Path>,
    all: &mut BTreeSet<PathBuf>,
) -> Result<(), ArchiveError> {
    let failed = |it| ArchiveError::io(folder, it);
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') {
            continue;
        }
        if !path.is_dir() {
            all.insert(path);
        } else if !path.is_symlink() && path.canonicalize().ok().as_deref() != without {
            collect(&path, without, all)?;
        }
    }
    Ok(())
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

/// The name without the file's extension; all of it where that would be the name of another's
/// outcome.
fn named(files: Vec<(String, PathBuf)>) -> Vec<ExamItem> {
    // Some systems take names that differ in their case for one.
    let key = |name: &Path| name.to_string_lossy().to_lowercase();
    let safe: Vec<PathBuf> = files.iter().map(|(name, file)| below(name, file)).collect();
    let stem = |it: &Path| it.with_extension("");
    let names: BTreeSet<String> = safe.iter().map(|it| key(it)).collect();
    let mut stems: Vec<String> = safe.iter().map(|it| key(&stem(it))).collect();
    stems.sort();
    let is_alone = |stem: &String| {
        let first = stems.partition_point(|it| it < stem);
        stems.get(first + 1) != Some(stem) && !names.contains(stem)
    };
    let item = |((name, file), safe): ((String, PathBuf), PathBuf)| {
        let outcome = if is_alone(&key(&stem(&safe))) {
            stem(&safe)
        } else {
            safe
        };
        let place = ExamPlace::File(file);
        ExamItem {
            name,
            outcome,
            place,
        }
    };
    files.into_iter().zip(safe).map(item).collect()
}

/// A name in a list, with the extension of the file that it stands for, and nothing that would lead
/// out of the folder of outcomes.
fn below(name: &str, file: &Path) -> PathBuf {
    let parts = Path::new(name).components().filter_map(|it| match it {
        std::path::Component::Normal(part) => Some(part),
        _ => None,
    });
    let mut path: PathBuf = parts.collect();
    path.set_file_name(file.file_name().unwrap_or(OsString::new().as_os_str()));
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items_of(names: &[&str]) -> Vec<ExamItem> {
        named(
            names
                .iter()
                .map(|it| ((*it).to_owned(), it.into()))
                .collect(),
        )
    }

    #[test]
    fn shares_are_disjoint_and_whole() {
        let names: Vec<String> = (0..10).map(|it| format!("{it:02}.edf")).collect();
        let files = items_of(&names.iter().map(|it| &**it).collect::<Vec<_>>());
        let mut joined: Vec<ExamItem> = (1..=3)
            .flat_map(|it| share(files.clone(), Some(&format!("{it}/3"))).unwrap())
            .collect();
        joined.sort_by(|a, b| a.name.cmp(&b.name));
        assert_eq!(joined, files);
        for wrong in ["4/3", "0/3", "3", "a/b"] {
            assert!(share(files.clone(), Some(wrong)).is_err(), "{wrong}");
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
            (vec!["x/a.edf", "y/a.edf"], vec!["x/a", "y/a"]),
            (vec!["../../a.edf", "/b.edf"], vec!["a", "b"]),
        ] {
            let items = items_of(&files);
            let outcomes: Vec<&str> = items
                .iter()
                .map(|it| it.outcome.to_str().unwrap())
                .collect();
            assert_eq!(outcomes, expected);
        }
    }

    #[test]
    fn a_record_counts_once_at_every_depth() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for sub in ["p1", "out", ".git"] {
            fs::create_dir(at(sub)).unwrap();
        }
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
            ("p1/deep.hea", "deep 1 500 2\ndeep.dat 16 200\n"),
            ("p1/deep.dat", ""),
            ("out/earlier.csv", ""),
            (".git/config", ""),
        ] {
            fs::write(at(name), text).unwrap();
        }
        let listing = Listing {
            without: Some(&at("out")),
            ..Listing::default()
        };
        let found: Vec<String> = listing
            .items(folder.path())
            .unwrap()
            .into_iter()
            .map(|it| it.name)
            .collect();
        let expected = ["many.hea", "notes", "one.edf", "one.hea", "p1/deep.hea"];
        assert_eq!(found, expected);
    }
}
