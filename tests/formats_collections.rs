//! Several exams: groups of one file, a folder, a zip archive, a DICOMDIR; listed, and one chosen.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test stops at what it did not expect.

mod support;

use std::path::Path;

use ecg_panorama::formats::{self, Opened, ReadOptions};
use support::*;

fn read(path: &Path, exam: Option<usize>) -> Opened {
    let options = ReadOptions {
        exam,
        ..ReadOptions::default()
    };
    formats::read(path, &options).unwrap_or_else(|error| panic!("{error}"))
}

fn names(opened: &Opened) -> Vec<&str> {
    opened
        .report
        .exams
        .iter()
        .map(|exam| exam.name.as_str())
        .collect()
}

/// A folder with a DICOM file of two groups, a record of two files, and something else.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let named = |name: &str| folder.path().join(name);
    let channels = [
        channel("2:1", ["1", "1", "0", "0"]),
        channel("2:2", ["1", "1", "0", "0"]),
    ];
    let group = |label: &str| {
        group(
            label,
            &channels,
            2,
            (16, "SS"),
            &[],
            &[1, 0, 2, 0, 3, 0, 4, 0],
        )
    };
    let two = dicom(
        "1.2.840.10008.1.2.1",
        &dataset(&[group("MEDIAN"), group("RHYTHM")]),
    );
    std::fs::create_dir(named("below")).unwrap();
    std::fs::write(named("below/two.dcm"), two).unwrap();
    let columns = steps(60);
    std::fs::write(
        named("r.hea"),
        hea("r", "r.dat", "16", "200(3)/mV", "500", &columns),
    )
    .unwrap();
    std::fs::write(named("r.dat"), dat_16(&columns)).unwrap();
    std::fs::write(named("letter.pdf"), b"%PDF-1.4").unwrap();
    folder
}

const LISTED: [&str; 3] = [
    "below/two.dcm: MEDIAN",
    "below/two.dcm: RHYTHM",
    "r.hea: WFDB 16",
];

#[test]
fn a_folder() {
    let folder = folder();
    let opened = read(folder.path(), None);
    assert_eq!(names(&opened), LISTED);
    assert_eq!(
        (opened.report.exam, opened.recording.leads.n_samples()),
        (1, 2)
    );
    assert!(
        opened
            .report
            .warnings
            .iter()
            .any(|it| it.contains("letter.pdf left out"))
    );
    let opened = read(folder.path(), Some(2));
    assert_eq!(opened.recording.leads.n_samples(), 60);
    assert!(
        opened
            .report
            .words()
            .join("\n")
            .contains("exam 3: r.hea: WFDB 16, 8 signals")
    );
    let options = ReadOptions {
        exam: Some(3),
        ..ReadOptions::default()
    };
    let error = formats::read(folder.path(), &options).unwrap_err();
    assert!(error.to_string().contains("1 to 3"), "{error}");
}

#[test]
fn an_empty_folder_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let error = formats::read(folder.path(), &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("none of them an ECG"), "{error}");
}

/// Stored files in an archive, one after the other.
fn zip(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, data) in files {
        let at = out.len() as u32;
        let sizes = [(data.len() as u32).to_le_bytes(); 2].concat();
        let rest = [&(name.len() as u16).to_le_bytes()[..], &[0, 0]].concat();
        out.extend(
            [
                b"PK\x03\x04",
                &[0; 14][..],
                &sizes,
                &rest,
                name.as_bytes(),
                data,
            ]
            .concat(),
        );
        let tail = [&[0; 8][..], &at.to_le_bytes(), name.as_bytes()].concat();
        directory.extend([b"PK\x01\x02", &[0; 16][..], &sizes, &rest, &[0; 2], &tail].concat());
    }
    let at = out.len() as u32;
    out.extend(&directory);
    let count = (files.len() as u16).to_le_bytes();
    out.extend([b"PK\x05\x06\0\0\0\0", &count[..], &count].concat());
    out.extend([(directory.len() as u32).to_le_bytes(), at.to_le_bytes()].concat());
    out.extend([0, 0]);
    out
}

#[test]
fn a_zip_archive() {
    let folder = folder();
    let files: Vec<(&str, Vec<u8>)> = ["below/two.dcm", "r.hea", "r.dat"]
        .into_iter()
        .map(|name| (name, std::fs::read(folder.path().join(name)).unwrap()))
        .collect();
    let path = folder.path().join("exams.zip");
    std::fs::write(&path, zip(&files)).unwrap();
    let opened = read(&path, None);
    let mut sorted = names(&opened);
    sorted.sort_unstable();
    assert_eq!(sorted, LISTED);
    assert_eq!(opened.recording.leads.n_samples(), 2);
}

#[test]
fn a_dicomdir() {
    let folder = folder();
    let record = |kind: &str, file: &str| {
        [
            element((0x0004, 0x1430), b"CS", kind.as_bytes()),
            element((0x0004, 0x1500), b"CS", file.as_bytes()),
        ]
        .concat()
    };
    let directory = |files: &[(&str, &str)]| {
        let records: Vec<Vec<u8>> = files.iter().map(|it| record(it.0, it.1)).collect();
        let class = element((0x0002, 0x0002), b"UI", b"1.2.840.10008.1.3.10");
        let syntax = element((0x0002, 0x0010), b"UI", b"1.2.840.10008.1.2.1");
        let records = sequence((0x0004, 0x1220), &records, true);
        [&[0; 128], &b"DICM"[..], &class, &syntax, &records].concat()
    };
    let path = folder.path().join("DICOMDIR");
    std::fs::write(
        &path,
        directory(&[("PATIENT", "x"), ("WAVEFORM", "below\\two.dcm")]),
    )
    .unwrap();
    let opened = read(&path, Some(0));
    assert_eq!(names(&opened), LISTED[..2]);
    let named = [path.clone(), folder.path().join("below").join("two.dcm")];
    assert_eq!(formats::files_of_recording(&path), named);
    let in_folder = formats::files_of_recording(folder.path());
    assert!(
        named.iter().all(|it| in_folder.contains(it)),
        "{in_folder:?}"
    );
    for stray in ["..\\two.dcm", "/etc\\passwd", "below\\..\\..\\x"] {
        std::fs::write(&path, directory(&[("WAVEFORM", stray)])).unwrap();
        let error = formats::read(&path, &ReadOptions::default()).unwrap_err();
        assert!(
            error.to_string().contains("below the directory"),
            "{stray}: {error}"
        );
    }
}
