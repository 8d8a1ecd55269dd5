//! Printing through the system: the pages as PDF, handed to what prints here.

use std::{
    io::{self, Write},
    process::{Command, Stdio},
};

/// Why nothing was printed.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// What prints could not be started.
    #[error(
        "{program} could not be started, so nothing was printed: {reason}. Save the PDF and print it from there"
    )]
    Start {
        /// What was to be started.
        program: &'static str,
        /// Why not.
        reason: io::Error,
    },
    /// It took the pages and refused them.
    #[error("{program} did not print: {said}")]
    Refused {
        /// What was started.
        program: &'static str,
        /// What it said.
        said: String,
    },
}

/// Hands a PDF to the printing system (`lp` of CUPS), at its true size. Nothing is left on the disk.
#[cfg(not(windows))]
pub(super) fn print(pdf: &[u8]) -> Result<(), PrintError> {
    const OPTIONS: [&str; 4] = ["-t", "ECG Panorama", "-o", "print-scaling=none"];
    hand_to("lp", &OPTIONS, pdf)
}

/// Hands a PDF to the program that prints PDFs here. The file goes with the program's temporary
/// files: it must outlive this one, which is not told when it has been printed.
#[cfg(windows)]
pub(super) fn print(pdf: &[u8]) -> Result<(), PrintError> {
    const PROGRAM: &str = "powershell";
    let failed = |reason| PrintError::Start {
        program: PROGRAM,
        reason,
    };
    let mut file = tempfile::Builder::new()
        .suffix(".pdf")
        .tempfile()
        .map_err(failed)?;
    file.write_all(pdf).map_err(failed)?;
    let path = file
        .into_temp_path()
        .keep()
        .map_err(|it| failed(it.error))?;
    let quoted = path.display().to_string().replace('\'', "''");
    let words = format!("Start-Process -Verb Print -FilePath '{quoted}'");
    hand_to(PROGRAM, &["-NoProfile", "-Command", &words], &[])
}

/// Runs a program with `bytes` as its input, and waits for it.
fn hand_to(program: &'static str, arguments: &[&str], bytes: &[u8]) -> Result<(), PrintError> {
    let start = |reason| PrintError::Start { program, reason };
    let mut command = Command::new(program);
    command.args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = command.stderr(Stdio::piped()).spawn().map_err(start)?;
    if let Some(mut input) = child.stdin.take() {
        // One that refuses may not read to the end: what it says then tells more than this.
        input.write_all(bytes).ok();
    }
    let output = child.wait_with_output().map_err(start)?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    match output.status.success() {
        true => Ok(()),
        false => Err(PrintError::Refused { program, said }),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_arrive_and_a_refusal_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("printed");
        let words = format!("cat > {}", path.display());
        let bytes = vec![7u8; 300_000];
        hand_to("sh", &["-c", &words], &bytes).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
        let refused = hand_to("sh", &["-c", "echo no printer >&2; exit 1"], &bytes);
        assert_eq!(
            refused.unwrap_err().to_string(),
            "sh did not print: no printer"
        );
        let absent = hand_to("no-such-program-here", &[], &[]);
        assert!(matches!(absent, Err(PrintError::Start { .. })));
    }
}
