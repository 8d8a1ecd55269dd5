//! A folder of recordings: which files are recordings, which part of them is ours, and what their
//! outcomes are called.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use super::CliError;

/// A recording and the name, without extension, of what is made of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Case {
    pub file: PathBuf,
    pub outcome: OsString,
}

impl Case {
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
pub(super) fn cases(folder: &Path, shard: Option<&str>) -> Result<Vec<Case>, CliError> {
    part(named(recordings(folder)?), shard)
}

/// Files in the order of their names. Of a WFDB record only the header counts.
fn recordings(folder: &Path) -> Result<Vec<PathBuf>, CliError> {
    let failed = |it: io::Error| CliError(format!("{it}: {}", folder.display()));
    let mut all = BTreeSet::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_file()
            && !path
                .file_name()
                .is_some_and(|it| it.to_string_lossy().starts_with('.'))
        {
            all.insert(path);
        }
    }
    let headed: BTreeSet<PathBuf> = all
        .iter()
        .filter(|it| it.extension().is_some_and(|it| it == "hea"))
        .map(|it| it.with_extension(""))
        .collect();
    let is_part = |it: &PathBuf| {
        it.extension().is_some_and(|it| it != "hea") && headed.contains(&it.with_extension(""))
    };
    Ok(all.into_iter().filter(|it| !is_part(it)).collect())
}

/// The stem of the file; its whole name where two files share a stem, so that neither outcome
/// buries the other.
fn named(files: Vec<PathBuf>) -> Vec<Case> {
    let mut stems: BTreeMap<OsString, usize> = BTreeMap::new();
    let stem = |it: &Path| it.file_stem().unwrap_or_default().to_os_string();
    files
        .iter()
        .for_each(|it| *stems.entry(stem(it)).or_default() += 1);
    let case = |file: PathBuf| {
        let is_alone = stems.get(&stem(&file)) == Some(&1);
        let outcome = if is_alone {
            stem(&file)
        } else {
            file.file_name().unwrap_or_default().to_os_string()
        };
        Case { file, outcome }
    };
    files.into_iter().map(case).collect()
}

/// The i-th of n parts: every n-th file, so that parts are alike.
fn part(files: Vec<Case>, shard: Option<&str>) -> Result<Vec<Case>, CliError> {
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
        let mut joined: Vec<Case> = (1..=3)
            .flat_map(|it| part(files.clone(), Some(&format!("{it}/3"))).unwrap())
            .collect();
        joined.sort_by(|a, b| a.file.cmp(&b.file));
        assert_eq!(joined, files);
        for wrong in ["4/3", "0/3", "3", "a/b"] {
            assert!(part(files.clone(), Some(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn files_of_one_stem_keep_apart() {
        let cases = named(["a.csv", "a.edf", "b.edf"].map(PathBuf::from).to_vec());
        let outcomes: Vec<PathBuf> = cases
            .iter()
            .map(|it| it.outcome_path(Path::new("out"), "json"))
            .collect();
        assert_eq!(
            outcomes,
            ["out/a.csv.json", "out/a.edf.json", "out/b.json"].map(PathBuf::from)
        );
    }
}
