//! Files that are damaged, empty, huge, of the wrong kind, deleted while open, or without enough
//! leads, in the window: it says what is the matter where a screen reader finds it, and lives on.
#![cfg(feature = "gui")]
#![allow(clippy::unwrap_used)]

mod drive;
mod support;

use std::{
    fs::{File, OpenOptions},
    path::{Path, PathBuf},
};

use drive::{Window, until};
use ecg_panorama::{
    ecg::{Lead, LeadName, LeadSet, Recording, SampleRate},
    formats::{self, Format},
    gui::App,
    session::{Autosave, Calibrating, Command, Edit, engine::network},
};
use eframe::egui;
use egui_kittest::{Harness, kittest::Queryable};
use support::{Edf, steps};

fn window(folder: &Path, file: PathBuf) -> Window {
    let autosave = Autosave::new(folder.join("autosave"));
    Harness::builder()
        .with_size(egui::vec2(1280.0, 800.0))
        .with_max_steps(40)
        .build_eframe(move |cc| App::new(cc, Some(file), autosave, network).with_typed_paths())
}

fn says(window: &Window, part: &str) -> bool {
    window.query_all_by_label_contains(part).next().is_some()
}

fn words(window: &Window) -> Vec<String> {
    window
        .state()
        .session()
        .notices
        .list()
        .iter()
        .map(|it| it.message.to_string())
        .collect()
}

fn sound(n_samples: usize) -> Edf {
    Edf::of(&steps(n_samples), "uV", ("-163840", "163835"), 500, "1")
}

fn bytes_with(change: impl FnOnce(&mut Edf)) -> Vec<u8> {
    let mut edf = sound(10_000);
    change(&mut edf);
    edf.bytes()
}

#[test]
fn a_file_that_cannot_be_read_is_explained_and_the_next_one_opens() {
    let folder = tempfile::tempdir().unwrap();
    let good = folder.path().join("good.edf");
    std::fs::write(&good, bytes_with(|_| {})).unwrap();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty.edf", Vec::new()),
        ("noise.edf", vec![0x5a; 3000]),
        ("cut-in-its-header.edf", bytes_with(|_| {})[..700].to_vec()),
        ("without-data.edf", bytes_with(|_| {})[..256 * 9].to_vec()),
        ("ten-thousand-signals.edf", {
            let mut bytes = bytes_with(|_| {});
            bytes[252..256].copy_from_slice(b"9999");
            bytes
        }),
        (
            "records-of-a-gigabyte.edf",
            bytes_with(|it| it.signals[3].per_record = 99_999_999),
        ),
        (
            "numbers-that-are-none.edf",
            bytes_with(|it| it.record_s = "NaN".into()),
        ),
        ("picture.png", b"\x89PNG\r\n\x1a\n0000".repeat(40)),
        ("letter.pdf", b"%PDF-1.7\n%".repeat(40)),
        (
            "note.txt",
            b"Dear colleague,\nplease find the ECG attached.\n".to_vec(),
        ),
        (
            "half.hea",
            b"half 12 500 5000\nhalf.dat 16 1000 16 0 0 0 0 I\n".to_vec(),
        ),
        (
            "other.panorama",
            br#"{"kind":"something else","version":1}"#.to_vec(),
        ),
    ];
    let mut window = window(folder.path(), folder.path().join("never-there.edf"));
    until(&mut window, "the refusal", |it| it.loading().is_none());
    assert!(
        says(&window, "Could not open never-there.edf"),
        "{:?}",
        words(&window)
    );
    for (name, bytes) in cases {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        window.state_mut().act(Command::Open(path));
        until(&mut window, "the refusal", |it| it.loading().is_none());
        assert!(
            says(&window, &format!("Could not open {name}: ")),
            "{name}: {:?}",
            words(&window)
        );
        assert!(
            window.state().session().exam.is_none() && says(&window, "Open…"),
            "{name}: the welcome page stays"
        );
    }
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    window.state_mut().act(Command::Open(empty));
    until(&mut window, "the refusal", |it| it.worklist.is_none());
    assert!(
        says(&window, "Could not open empty: there is no recording in it"),
        "{:?}",
        words(&window)
    );
    window.state_mut().act(Command::Open(good));
    until(&mut window, "the good file", |it| it.exam.is_some());
    assert!(says(&window, "ECG paper"));
}

#[test]
fn of_a_folder_with_a_damaged_file_what_can_be_read_opens() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("damaged.edf"), vec![0x5a; 3000]).unwrap();
    std::fs::write(folder.path().join("good.edf"), bytes_with(|_| {})).unwrap();
    let mut window = window(folder.path(), folder.path().to_owned());
    until(&mut window, "the good file", |it| it.exam.is_some());
    assert_eq!(
        window.state().session().exam.as_ref().unwrap().title,
        "good.edf"
    );
    assert!(says(&window, "ECG paper"), "{:?}", words(&window));
}

/// Bytes of this process in memory; `None` where the system does not say.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|it| it.starts_with("VmRSS:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}

#[test]
fn a_file_of_forty_gigabytes_is_shown_ten_seconds_at_a_time() {
    const RECORDS: i64 = 5_000_000;
    const GIGA: u64 = 1_000_000_000;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weeks.edf");
    let mut edf = sound(10_000);
    edf.n_records = RECORDS;
    std::fs::write(&path, edf.bytes()).unwrap();
    // Sparse: the disk holds only what was written.
    let file: File = OpenOptions::new().write(true).open(&path).unwrap();
    if let Err(why) = file.set_len(256 * 9 + RECORDS as u64 * 8000) {
        return println!("skipped: this disk has no sparse files of that size ({why})");
    }
    assert!(40 * GIGA < path.metadata().unwrap().len());
    let before = resident();
    let mut window = window(folder.path(), path.clone());
    until(&mut window, "the recording", |it| it.exam.is_some());
    let exam = window.state().session().exam.as_ref().unwrap();
    assert!(
        (exam.duration_s - RECORDS as f64).abs() < 1.0 && exam.recording.leads.duration_s() < 11.0,
        "{}",
        exam.duration_s
    );
    assert!(
        exam.leads
            .get(&LeadName::V2)
            .unwrap()
            .samples_mv
            .iter()
            .any(|it| 0.5 < *it),
        "the first page is seen"
    );
    assert!(says(&window, "ECG paper"));
    // The far end, where the file holds nothing but zeros: a page and a word about it, no stop.
    window
        .state_mut()
        .act(Edit::SetWindow(RECORDS as f64 - 20.0));
    window.run_steps(3);
    assert_eq!(
        window.state().session().document.window_start_s,
        RECORDS as f64 - 20.0,
        "{:?}",
        words(&window)
    );
    until(&mut window, "calibration to end", |it| {
        matches!(
            it.calibrating,
            Calibrating::Failed(_) | Calibrating::Ready(_)
        )
    });
    assert!(
        says(&window, "ECG paper") && says(&window, "No virtual leads for this recording"),
        "{:?}",
        words(&window)
    );
    if let (Some(before), Some(after)) = (before, resident()) {
        let grown = after.saturating_sub(before);
        println!("a file of 40 GB: {} MB more in memory", grown / 1_000_000);
        assert!(grown < 600_000_000, "{grown} bytes more in memory");
    }
    // It goes away while it is open.
    std::fs::remove_file(&path).unwrap();
    window.state_mut().act(Edit::SetWindow(0.0));
    window.run_steps(3);
    assert!(says(&window, "no longer there"), "{:?}", words(&window));
    assert!(window.state().session().exam.is_some() && says(&window, "ECG paper"));
}

#[test]
fn a_header_that_claims_more_than_there_is_gives_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("liar.edf");
    std::fs::write(&path, bytes_with(|it| it.n_records = 99_999_999)).unwrap();
    let mut window = window(folder.path(), path);
    until(&mut window, "the recording", |it| it.exam.is_some());
    assert!((window.state().session().exam.as_ref().unwrap().duration_s - 20.0).abs() < 0.1);
    window.get_by_label("Import report").click();
    window.run_steps(3);
    assert!(says(
        &window,
        "cut short: 20 of 99999999 data records are there"
    ));
}

#[test]
fn one_lead_is_paper_and_the_reason_why_there_is_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.edf");
    let wave: Vec<f32> = (0..5000).map(|k| ((k % 400) as f32 / 40.0).sin()).collect();
    let leads = LeadSet::new(
        SampleRate::from_hz(500.0).unwrap(),
        vec![Lead::measured(LeadName::II, wave)],
    )
    .unwrap();
    formats::write(&Recording::from_leads(leads), &path, Format::EdfPlus).unwrap();
    let mut window = window(folder.path(), path);
    until(&mut window, "the refusal", |it| {
        matches!(it.calibrating, Calibrating::Failed(_))
    });
    assert!(says(&window, "No virtual leads for this recording") && says(&window, "ECG paper"));
    assert!(
        says(&window, "expected at least"),
        "it says how many leads it takes"
    );
}
