//! The commands `info` and `convert`, run as a user runs them.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test stops at what it did not expect.

mod support;

use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use support::*;

fn run(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ecg-panorama"));
    let mut child = command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input closes it.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn edf() -> Vec<u8> {
    let lists = ["+0\x14\x14\0+0.5\x14SECRET note\x14\0", "+1\x14\x14\0"];
    let mut edf =
        Edf::of(&steps(1000), "uV", ("-163840", "163835"), 500, "1").with_lists("EDF+C", &lists);
    edf.patient = "SECRETID F 10-DEC-1980 SECRET_NAME".into();
    edf.bytes()
}

#[test]
fn info_says_it_in_words_and_in_json() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("my file.edf"), edf()).unwrap();
    let words = run(folder.path(), &["info", "my file.edf"], b"");
    assert_eq!(words.status.code(), Some(0));
    for expected in [
        "EDF+C",
        "500 Hz",
        "derived from I and II: III, aVR, aVL, aVF",
        "high-pass 0.05 Hz",
        "SECRET NAME",
    ] {
        assert!(
            text(&words.stdout).contains(expected),
            "{expected} in {}",
            text(&words.stdout)
        );
    }
    let json = run(
        folder.path(),
        &["info", "--json", "my file.edf", "-"],
        &edf(),
    );
    let lines: Vec<serde_json::Value> = text(&json.stdout)
        .lines()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(
        (lines[0]["format"].as_str(), lines[0]["rate_hz"].as_f64()),
        (Some("EDF+C"), Some(500.0))
    );
    assert_eq!(lines[1]["leads"].as_array().unwrap().len(), 8);
}

#[test]
fn exit_codes_tell_what_happened() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("good.edf"), edf()).unwrap();
    std::fs::write(folder.path().join("bad.edf"), &edf()[..300]).unwrap();
    let mixed = run(folder.path(), &["info", "bad.edf", "good.edf"], b"");
    assert_eq!(mixed.status.code(), Some(1));
    assert!(
        text(&mixed.stdout).contains("good.edf") && text(&mixed.stderr).contains("signal headers")
    );
    assert_eq!(run(folder.path(), &["info"], b"").status.code(), Some(2));
    assert_eq!(
        run(folder.path(), &["info", "none.edf"], b"").status.code(),
        Some(1)
    );
    assert_eq!(
        run(folder.path(), &["convert", "good.edf", "out.xyz"], b"")
            .status
            .code(),
        Some(1)
    );
}

#[test]
fn convert_writes_whole_files_and_replaces_none_unasked() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("in.edf"), edf()).unwrap();
    let csv = run(
        folder.path(),
        &[
            "convert",
            "in.edf",
            "-",
            "--format",
            "csv",
            "--from",
            "1",
            "--seconds",
            "0.5",
        ],
        b"",
    );
    assert_eq!(csv.status.code(), Some(0));
    assert_eq!(
        text(&csv.stdout)
            .lines()
            .filter(|it| !it.starts_with('#'))
            .count(),
        251
    );
    let again = run(folder.path(), &["info", "-"], &csv.stdout);
    assert!(
        text(&again.stdout).contains("0.5 s at 500 Hz"),
        "{}",
        text(&again.stderr)
    );
    assert_eq!(
        run(folder.path(), &["convert", "in.edf", "out.hea"], b"")
            .status
            .code(),
        Some(0)
    );
    assert_eq!(
        run(folder.path(), &["convert", "in.edf", "out.hea"], b"")
            .status
            .code(),
        Some(1)
    );
    assert_eq!(
        run(
            folder.path(),
            &["convert", "in.edf", "out.hea", "--force"],
            b""
        )
        .status
        .code(),
        Some(0)
    );
    assert_eq!(
        run(
            folder.path(),
            &["convert", "in.edf", "in.edf", "--force"],
            b""
        )
        .status
        .code(),
        Some(1)
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
}

#[test]
fn an_exchange_is_undone_where_asked_and_said() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("in.edf"), edf()).unwrap();
    let write = |more: &[&str]| {
        let all = [&["convert", "in.edf", "-", "--format", "csv"], more].concat();
        let out = run(folder.path(), &all, b"");
        assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
        text(&out.stdout).to_owned()
    };
    let column = |table: &str, name: &str| -> Vec<String> {
        let mut rows = table.lines().filter(|line| !line.starts_with('#'));
        let heads = rows.next().unwrap().split(',').position(|it| it == name);
        let at = heads.unwrap_or_else(|| panic!("{name}"));
        rows.map(|row| row.split(',').nth(at).unwrap().to_owned())
            .collect()
    };
    let (plain, undone) = (write(&[]), write(&["--undo-exchange", "V1/V2"]));
    assert!(!plain.contains("not as recorded"));
    assert!(
        undone.contains("not as recorded: electrodes taken as exchanged and changed back (V1, V2)"),
        "{undone:.600}"
    );
    assert_eq!(column(&plain, "V1"), column(&undone, "V2"));
    assert_eq!(column(&plain, "V2"), column(&undone, "V1"));
    assert_eq!(column(&plain, "V3"), column(&undone, "V3"));
    let wrong = run(
        folder.path(),
        &["convert", "in.edf", "a.csv", "--undo-exchange", "V1/V9"],
        b"",
    );
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn a_page_becomes_a_document_of_the_recording() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("in.edf"), edf()).unwrap();
    std::fs::write(folder.path().join("page.pdf"), b"%PDF-1.7 a page").unwrap();
    let code = |arguments: &[&str]| run(folder.path(), arguments, b"").status.code();
    let wrap = ["convert", "in.edf", "page.dcm", "--document", "page.pdf"];
    assert_eq!(code(&wrap), Some(0));
    let bytes = std::fs::read(folder.path().join("page.dcm")).unwrap();
    let holds = |text: &[u8]| bytes.windows(text.len()).any(|it| it == text);
    assert!(holds(b"%PDF-1.7 a page") && holds(b"SECRETID"));
    assert_eq!(code(&wrap), Some(1), "the document is there already");
    for wrong in [
        ["convert", "in.edf", "other.dcm", "--document", "in.edf"],
        ["convert", "in.edf", "other.dcm", "--document", "."],
        ["convert", "in.edf", "other.edf", "--document", "page.pdf"],
    ] {
        assert_eq!(code(&wrong), Some(1), "{wrong:?}");
    }
}

#[test]
fn de_identification_is_told_and_done() {
    let folder = tempfile::tempdir().unwrap();
    let out = run(
        folder.path(),
        &["convert", "-", "-", "--format", "edf", "--deidentify"],
        &edf(),
    );
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    assert!(
        !out.stdout.windows(6).any(|it| it == b"SECRET")
            && !out.stdout.windows(4).any(|it| it == b"1980")
    );
    let told = text(&out.stderr);
    for expected in [
        "removed:",
        "patient name",
        "1 annotations",
        "could not be checked:",
    ] {
        assert!(told.contains(expected), "{expected} in {told}");
    }
}
