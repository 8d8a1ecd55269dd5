//! Notes and reviewed marks of exams, kept beside the hashes of their files and nowhere near them.
//!
//! A file of JSON lines, to which a line is added for each change; of one exam the last line holds.
//! Why no database: one person adds a line now and then, all of them together are read at the start
//! in a millisecond, a line that a crash cut short costs that line alone, two running programs may
//! both add to it, and anybody can read it.

use std::{
    collections::HashMap,
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Longest note, bytes.
const LONGEST_NOTE: usize = 4000;
/// Largest file that is read, bytes: far more than a life of exams.
const LARGEST: u64 = 64 << 20;

/// What tells an exam apart: the hash of its file, and which of the file it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct ExamId {
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// Which exam of it, from 0.
    #[serde(default)]
    pub exam: usize,
}

/// What the reader of an exam has said of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Review {
    /// Looked at and done with.
    pub reviewed: bool,
    /// Words of the reader's own.
    pub note: String,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Line {
    #[serde(flatten)]
    id: ExamId,
    #[serde(flatten)]
    review: Review,
}

/// All reviews.
#[derive(Debug, Default)]
pub struct ReviewLog {
    path: PathBuf,
    reviews: HashMap<ExamId, Review>,
}

impl ReviewLog {
    /// The log in `folder`, which is made when something is first written. Lines that cannot be
    /// read are left out, and stay where they are.
    pub(super) fn in_folder(folder: &Path) -> Self {
        let path = folder.join("reviews.jsonl");
        let is_small = fs::metadata(&path).is_ok_and(|it| it.is_file() && it.len() <= LARGEST);
        let bytes = if is_small {
            fs::read(&path).unwrap_or_default()
        } else {
            Vec::new()
        };
        let lines = bytes.split(|byte| *byte == b'\n');
        let reviews = lines
            .filter_map(|line| serde_json::from_slice::<Line>(line).ok())
            .map(|line| (line.id, line.review));
        Self {
            reviews: reviews.collect(),
            path,
        }
    }

    /// What was said of an exam; nothing yet where it is unknown.
    pub fn of(&self, id: &ExamId) -> Review {
        self.reviews.get(id).cloned().unwrap_or_default()
    }

    /// Keeps what is said of an exam.
    pub(super) fn keep(&mut self, id: ExamId, mut review: Review) -> io::Result<()> {
        let end = review.note.floor_char_boundary(LONGEST_NOTE);
        review.note.truncate(end);
        if self.of(&id) == review {
            return Ok(());
        }
        let line = Line { id, review };
        let mut text = serde_json::to_vec(&line)?;
        text.push(b'\n');
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        if self.path.exists() && !self.path.is_file() {
            return Err(io::Error::other("no plain file"));
        }
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.path)?;
        // One write: a line of another program comes before it or after it, never within. What a
        // crash cut short ends here.
        if self.ends_midway() {
            text.insert(0, b'\n');
        }
        file.write_all(&text)?;
        self.reviews.insert(line.id, line.review);
        Ok(())
    }

    /// Whether the last line of the file has no end.
    fn ends_midway(&self) -> bool {
        let bytes = fs::read(&self.path).unwrap_or_default();
        bytes.last().is_some_and(|last| *last != b'\n')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(sha256: &str, exam: usize) -> ExamId {
        ExamId {
            sha256: sha256.into(),
            exam,
        }
    }

    fn review(reviewed: bool, note: &str) -> Review {
        Review {
            reviewed,
            note: note.into(),
        }
    }

    #[test]
    fn what_was_said_last_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = ReviewLog::in_folder(&folder.path().join("new"));
        log.keep(id("a", 0), review(false, "PVC?")).unwrap();
        log.keep(id("a", 1), review(true, "")).unwrap();
        log.keep(id("a", 0), review(true, "PVC, «RVOT»\n\"left\""))
            .unwrap();
        let again = ReviewLog::in_folder(&folder.path().join("new"));
        assert_eq!(again.of(&id("a", 0)), review(true, "PVC, «RVOT»\n\"left\""));
        assert_eq!(again.of(&id("a", 1)), review(true, ""));
        assert_eq!(again.of(&id("b", 0)), Review::default());
    }

    #[test]
    fn a_line_cut_short_costs_itself_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reviews.jsonl");
        let whole = r#"{"sha256":"a","exam":0,"reviewed":true,"note":""}"#;
        fs::write(&path, format!("{whole}\nrubbish\n{{\"sha256\":\"b\",\"rev")).unwrap();
        let mut log = ReviewLog::in_folder(folder.path());
        assert!(log.of(&id("a", 0)).reviewed);
        log.keep(id("c", 0), review(true, "")).unwrap();
        let again = ReviewLog::in_folder(folder.path());
        assert!(again.of(&id("a", 0)).reviewed && again.of(&id("c", 0)).reviewed);
        assert!(fs::read_to_string(&path).unwrap().contains("rubbish"));
    }

    #[test]
    fn the_same_said_twice_is_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = ReviewLog::in_folder(folder.path());
        for _ in 0..3 {
            log.keep(id("a", 0), review(true, "ok")).unwrap();
        }
        let text = fs::read_to_string(folder.path().join("reviews.jsonl")).unwrap();
        assert_eq!(text.lines().count(), 1);
    }
}
