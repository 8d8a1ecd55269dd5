//! Lists of exams as collections ship them: a path on each line (WFDB's `RECORDS`), or a table with
//! a column of paths (MIMIC-IV-ECG's `record_list.csv`, PTB-XL's `ptbxl_database.csv`).

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::ArchiveError;

/// Columns of paths, the better first.
const COLUMNS: [&str; 6] = [
    "path",
    "filename_hr",
    "file_name",
    "filename",
    "file",
    "record",
];

/// Whether `path` is a list rather than a recording: by its name, since a table of numbers is one.
pub(super) fn is_list(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name == "RECORDS" || name.ends_with(".csv") || name.ends_with(".txt")
}

/// The exams that a list names, relative to its folder, each as it is written there and as the file
/// that it stands for. `column` is the name of the column of paths.
pub(super) fn entries(
    list: &Path,
    column: Option<&str>,
) -> Result<Vec<(String, PathBuf)>, ArchiveError> {
    // Looked at before it is opened: opening a pipe waits for whoever writes into it.
    let about = fs::metadata(list).map_err(|it| ArchiveError::io(list, it))?;
    if !about.is_file() {
        return Err(ArchiveError::io(list, io::Error::other("no plain file")));
    }
    let folder = list.parent().unwrap_or(Path::new(""));
    let names = if list.extension().is_some_and(|it| it == "csv") {
        column_of(list, column)?
    } else {
        let text = fs::read_to_string(list).map_err(|it| ArchiveError::io(list, it))?;
        text.lines().map(|it| it.trim().to_owned()).collect()
    };
    let names = names.into_iter().filter(|it| !it.is_empty());
    Ok(names
        .map(|name| {
            let file = file_of(&folder.join(&name));
            (name, file)
        })
        .collect())
}

fn column_of(list: &Path, column: Option<&str>) -> Result<Vec<String>, ArchiveError> {
    let failed = |it: csv::Error| ArchiveError::io(list, it.into());
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_path(list)
        .map_err(failed)?;
    let head = reader.headers().map_err(failed)?.clone();
    let wanted = column.map_or(COLUMNS.to_vec(), |it| vec![it]);
    let place = wanted
        .iter()
        .find_map(|name| head.iter().position(|it| it.trim() == *name))
        .ok_or_else(|| ArchiveError::NoColumn {
            path: list.to_owned(),
            expected: wanted.join(", "),
        })?;
    let cell = |row: csv::Result<csv::StringRecord>| {
        let row = row.map_err(failed)?;
        Ok(row.get(place).unwrap_or_default().trim().to_owned())
    };
    reader.records().map(cell).collect()
}

/// A name without extension is a WFDB record's.
fn file_of(path: &Path) -> PathBuf {
    let mut header = path.as_os_str().to_owned();
    header.push(".hea");
    let header = PathBuf::from(header);
    if !path.is_file() && header.is_file() {
        header
    } else {
        path.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, text: &str, column: Option<&str>, expected: &[&str]) {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("files/p1")).unwrap();
        for file in ["files/p1/4.hea", "files/p1/5.hea", "a.edf"] {
            fs::write(at(file), "").unwrap();
        }
        fs::write(at(name), text).unwrap();
        assert!(is_list(&at(name)));
        let found = entries(&at(name), column);
        let found: Vec<PathBuf> = found.unwrap().into_iter().map(|it| it.1).collect();
        let expected: Vec<PathBuf> = expected.iter().map(|it| at(it)).collect();
        assert_eq!(found, expected, "{name}");
    }

    #[test]
    fn lists_of_records_and_tables_with_a_column_of_paths() {
        let both = ["files/p1/4.hea", "files/p1/5.hea"];
        check("RECORDS", "files/p1/4\n\nfiles/p1/5\n", None, &both);
        let mimic = "subject_id,study_id,file_name,ecg_time,path\n\
            1,4,4,2180-07-23,files/p1/4\n1,5,5,2180-07-24,files/p1/5\n";
        check("record_list.csv", mimic, None, &both);
        let ptbxl = "ecg_id,report,filename_lr,filename_hr\n1,\"a, b\",files/p1/4,files/p1/5\n";
        check("ptbxl_database.csv", ptbxl, None, &both[1..]);
        check("ptbxl_database.csv", ptbxl, Some("filename_lr"), &both[..1]);
        check(
            "list.txt",
            "a.edf\nmissing.edf",
            None,
            &["a.edf", "missing.edf"],
        );
    }

    #[test]
    fn a_table_without_paths_is_refused_with_what_was_sought() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("list.csv");
        fs::write(&list, "a,b\n1,2\n").unwrap();
        let said = entries(&list, None).unwrap_err().to_string();
        assert!(said.contains("path, filename_hr"), "{said}");
    }
}
