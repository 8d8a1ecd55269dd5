//! The program is killed in the middle of its work, at many moments: a file holds what it held
//! before, or all of the new.
#![allow(clippy::unwrap_used)] // A test stops at what it did not expect.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use ecg_panorama::{
    ecg::{Lead, LeadName, LeadSet, Recording, SampleRate},
    formats::{self, Format},
};

const SECONDS: usize = 600;
const OLD: &str = "what was here before";

fn write_exam(path: &Path, seconds: usize) {
    let lead = |(idx, name): (usize, LeadName)| {
        let turn = 0.6 * idx as f32;
        let value = |at: usize| {
            ((at % 400) as f32 / 400.0 * 6.3 + turn).sin() * 0.5
                + turn.cos() * f32::from(u8::from(at % 400 < 20))
        };
        Lead::measured(name, (0..500 * seconds).map(value).collect::<Vec<_>>())
    };
    let leads = LeadName::EIGHT.into_iter().enumerate().map(lead).collect();
    let leads = LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads).unwrap();
    formats::write(&Recording::from_leads(leads), path, Format::EdfPlus).unwrap();
}

/// Starts the program, kills it after `delay_ms`; whether it had ended by itself.
fn killed(args: &[&str], delay_ms: u64) -> bool {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ecg-panorama"))
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(delay_ms));
    let ended = child.try_wait().unwrap().is_some();
    let _ = child.kill();
    child.wait().unwrap();
    ended
}

#[test]
fn a_long_lead_is_the_old_file_or_the_whole_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let (exam, out) = (
        folder.path().join("long.edf"),
        folder.path().join("out.csv"),
    );
    write_exam(&exam, SECONDS);
    let args = [
        "synth",
        exam.to_str().unwrap(),
        "--lead",
        "V7",
        "--closed-form",
        "-o",
        out.to_str().unwrap(),
    ];
    let (mut old, mut new) = (0, 0);
    for round in 0..14i32 {
        fs::write(&out, OLD).unwrap();
        let ended = killed(&args, (10.0 * 1.6f64.powi(round)) as u64);
        let found = fs::read_to_string(&out).unwrap();
        if found == OLD {
            old += 1;
        } else {
            assert!(
                found
                    .lines()
                    .filter(|it| it.starts_with(|it: char| it.is_ascii_digit()))
                    .count()
                    == SECONDS * 500,
                "half a file"
            );
            new += 1;
        }
        if ended {
            break;
        }
    }
    println!(
        "killed at {} moments: the old file {old} times, the new one {new} times",
        old + new
    );
    assert!(0 < old, "never killed early enough");
}

#[test]
fn a_batch_leaves_whole_outcomes_or_none_and_can_be_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let (exams, out) = (folder.path().join("exams"), folder.path().join("out"));
    fs::create_dir(&exams).unwrap();
    write_exam(&exams.join("0.edf"), 10);
    for it in 1..8 {
        fs::copy(exams.join("0.edf"), exams.join(format!("{it}.edf"))).unwrap();
    }
    let fixed = [
        "batch",
        exams.to_str().unwrap(),
        "--lead",
        "V7",
        "--closed-form",
        "--no-reliability",
        "--output",
        out.to_str().unwrap(),
    ];
    for delay_ms in [30, 80, 150, 250, 400] {
        killed(&fixed, delay_ms);
        for entry in fs::read_dir(&out).into_iter().flatten().map(Result::unwrap) {
            let (name, text) = (
                entry.file_name().into_string().unwrap(),
                fs::read_to_string(entry.path()).unwrap(),
            );
            if name.starts_with('.') {
                continue; // Under a hidden name until whole.
            }
            match name.ends_with(".json") {
                true => assert_eq!(
                    serde_json::from_str::<serde_json::Value>(&text).unwrap()["status"],
                    "ok",
                    "{name}"
                ),
                false => assert!(
                    text.lines()
                        .filter(|it| it.starts_with(|it: char| it.is_ascii_digit()))
                        .count()
                        == 5000,
                    "{name}"
                ),
            }
        }
    }
    let resumed = Command::new(env!("CARGO_BIN_EXE_ecg-panorama"))
        .args(fixed)
        .arg("--resume")
        .output()
        .unwrap();
    assert!(resumed.status.success());
    assert!((0..8).all(
        |it| out.join(format!("{it}.csv")).exists() && out.join(format!("{it}.json")).exists()
    ));
}
