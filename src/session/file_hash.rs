//! What a file is known by: whether a recording is still the one that a session was saved with.

use std::{
    fs,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

/// Longest file of which every byte is looked at: of a longer one the reading would take longer
/// than anyone waits for a page.
const WHOLE_BYTES: u64 = 1 << 30;
/// Pieces of a longer one, from its beginning to its end, and their size.
const PIECES: u64 = 256;
const PIECE_BYTES: usize = 1 << 18;

/// SHA-256 of a file, hexadecimal; of a WFDB header with the files of its record. Of a file over a
/// gigabyte its length and pieces of it are hashed, and the mark `pieces-` says so.
pub fn sha256_of_file(path: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut mark = "";
    for path in files_of_record(path) {
        let mut file = fs::File::open(path)?;
        let length = file.metadata()?.len();
        if length <= WHOLE_BYTES {
            hash_all(&mut file, &mut hasher)?;
        } else {
            mark = "pieces-";
            hasher.update(length.to_le_bytes());
            hash_pieces(&mut file, length, &mut hasher)?;
        }
    }
    let digest = hasher.finalize();
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("{mark}{digits}"))
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

/// A header alone says nothing about the samples: the signal files of the same name belong to it.
fn files_of_record(path: &Path) -> Vec<PathBuf> {
    let mut files = vec![path.to_owned()];
    let is_header = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("hea"));
    if is_header {
        let endings = ["dat", "mat"].iter();
        let signals = endings.map(|ending| path.with_extension(ending));
        files.extend(signals.filter(|file| file.exists()));
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_known_by_its_signals_too() {
        let folder = tempfile::tempdir().unwrap();
        let header = folder.path().join("a.HEA");
        fs::write(&header, "a 1 250").unwrap();
        let alone = sha256_of_file(&header).unwrap();
        fs::write(folder.path().join("a.dat"), [1, 2]).unwrap();
        let with_signals = sha256_of_file(&header).unwrap();
        assert!(alone.len() == 64 && alone != with_signals);
        // `printf 'a 1 250' | sha256sum`
        assert!(alone.starts_with("dec56232b37acf13"), "{alone}");
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
