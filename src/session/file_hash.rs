//! What a file is known by: whether a recording is still the one that a session was saved with.

use std::{
    fs,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use crate::{ecg::hex, formats::files_of_recording};

/// Longest file of which every byte is looked at: of a longer one the reading would take longer
/// than anyone waits for a page.
const WHOLE_BYTES: u64 = 1 << 30;
/// Pieces of a longer one, from its beginning to its end, and their size.
const PIECES: u64 = 256;
const PIECE_BYTES: usize = 1 << 18;

/// SHA-256 of a file, hexadecimal; of a record of several files that of all of them, with their
/// names and lengths. Of a file over a gigabyte its length and pieces of it are hashed, and the mark
/// `pieces-` says so.
pub fn sha256_of_file(path: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut mark = "";
    let files = files_of_record(path);
    for path in &files {
        let mut file = fs::File::open(path)?;
        let length = file.metadata()?.len();
        if 1 < files.len() {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            hasher.update(name.as_bytes());
            hasher.update([0]);
            hasher.update(length.to_le_bytes());
        }
        if length <= WHOLE_BYTES {
            hash_all(&mut file, &mut hasher)?;
        } else {
            mark = "pieces-";
            hasher.update(length.to_le_bytes());
            hash_pieces(&mut file, length, &mut hasher)?;
        }
    }
    Ok(format!("{mark}{}", hex(&hasher.finalize())))
}

fn hash_all(file: &mut fs::File, hasher: &mut Sha256) -> io::Result<()> {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(()),
            length => hasher.update(&piece[..length]),
        }
    }
}

fn hash_pieces(file: &mut fs::File, length: u64, hasher: &mut Sha256) -> io::Result<()> {
    let mut piece = vec![0; PIECE_BYTES];
    let last = length - PIECE_BYTES as u64;
    for number in 0..PIECES {
        file.seek(SeekFrom::Start(last / (PIECES - 1) * number))?;
        file.read_exact(&mut piece)?;
        hasher.update(&piece);
    }
    Ok(())
}

/// Every file that is read for the recording: a header alone says nothing about the samples.
fn files_of_record(path: &Path) -> Vec<PathBuf> {
    match files_of_recording(path) {
        files if files.is_empty() => vec![path.to_owned()], // Opening it says why.
        files => files,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_alone_has_the_hash_of_its_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.edf");
        fs::write(&path, "a 1 250").unwrap();
        // `printf 'a 1 250' | sha256sum`
        let found = sha256_of_file(&path).unwrap();
        assert!(found.len() == 64 && found.starts_with("dec56232b37acf13"));
    }

    /// Whether the record at `a.hea` is another one once `name` holds `bytes`.
    fn changes(name: &str, bytes: &[u8]) -> bool {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("a.hea", "a/2 1 250 8\ns1 4\ns2 4\n"),
            ("s1.hea", "s1 1 250 4\nsamples.xyz 16 200 16 0 0 0 0 I\n"),
            ("s2.hea", "s2 1 250 4\ns2.dat 16 200 16 0 0 0 0 I\n"),
            ("samples.xyz", "abcdefgh"),
            ("s2.dat", "ijklmnop"),
            ("other.dat", "of no record"),
        ] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let hash = || sha256_of_file(&folder.path().join("a.hea")).unwrap();
        let before = hash();
        fs::write(folder.path().join(name), bytes).unwrap();
        before != hash()
    }

    #[test]
    fn a_record_is_known_by_every_file_that_is_read() {
        assert!(changes("samples.xyz", b"abcdefgH"), "of any name");
        assert!(changes("s2.dat", b"ijklmnoP"), "of any segment");
        assert!(changes(
            "s1.hea",
            b"s1 1 250 4\nsamples.xyz 16 400 16 0 0 0 0 I\n"
        ));
        assert!(!changes("other.dat", b"another"));
        assert!(!changes("s2.dat", b"ijklmnop"));
    }

    #[test]
    fn a_record_is_the_same_however_its_path_is_spelled() {
        let folder = tempfile::tempdir_in(".").unwrap();
        for (name, text) in [
            ("b.hea", "b 1 250 4\na.dat 16 200 16 0 0 0 0 I\n"),
            ("a.dat", "abcdefgh"),
        ] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let short = Path::new(folder.path().file_name().unwrap());
        let hash = |folder: &Path| sha256_of_file(&folder.join("b.hea")).unwrap();
        let expected = hash(&folder.path().canonicalize().unwrap());
        for spelled in [
            short.to_owned(),
            Path::new(".").join(short),
            short.join("../").join(short),
        ] {
            assert_eq!(hash(&spelled), expected, "{}", spelled.display());
        }
    }

    #[test]
    fn a_long_file_is_known_by_its_length_and_pieces_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long.edf");
        fs::write(&path, b"0       ").unwrap();
        let whole = sha256_of_file(&path).unwrap();
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        if file.set_len(WHOLE_BYTES + 5).is_err() {
            return println!("skipped: no sparse files here");
        }
        let first = sha256_of_file(&path).unwrap();
        file.set_len(WHOLE_BYTES + 6).unwrap();
        let longer = sha256_of_file(&path).unwrap();
        io::Write::write_all(&mut &file, b"1").unwrap();
        let other = sha256_of_file(&path).unwrap();
        assert!(
            first.starts_with("pieces-") && first != longer && longer != other && other != whole
        );
    }
}
