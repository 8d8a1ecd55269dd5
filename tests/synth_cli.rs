//! The synthesis commands as a user runs them.
#![allow(clippy::unwrap_used)] // A test stops at what it did not expect.

use std::{fs, path::Path, process::Command};

use ecg_panorama::{
    ecg::{Lead, LeadName, LeadSet, Recording, SampleRate},
    formats::{self, Format, ReadOptions},
};

fn run(args: &[&str]) -> (bool, String, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_ecg-panorama")).args(args).output().unwrap();
    (out.status.success(), String::from_utf8_lossy(&out.stdout).into_owned(), String::from_utf8_lossy(&out.stderr).into_owned())
}

/// Eight leads that beat.
fn write_exam(path: &Path, seconds: usize, gain: f32) {
    let lead = |(idx, name): (usize, LeadName)| {
        let value = |at: usize| {
            let phase = (at % 400) as f32 / 400.0;
            let wave = |centre: f32, width: f32| (-0.5 * ((phase - centre) / width).powi(2)).exp();
            let turn = idx as f32 * 0.6;
            (gain * (turn.cos() * wave(0.30, 0.012) - (turn * 0.8).sin() * wave(0.33, 0.014) + 0.25 * wave(0.6, 0.05)) * 1000.0).round()
                / 1000.0
        };
        Lead::measured(name, (0..500 * seconds).map(value).collect::<Vec<_>>())
    };
    let leads = LeadName::EIGHT.into_iter().enumerate().map(lead).collect();
    let leads = LeadSet::new(SampleRate::from_hz(500.0).unwrap(), leads).unwrap();
    formats::write(&Recording::from_leads(leads), path, Format::EdfPlus).unwrap();
}

#[test]
fn one_exam_through_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let exam = folder.path().join("exam.edf");
    write_exam(&exam, 10, 1.0);
    let file = exam.to_str().unwrap();
    let (ok, json, error) = run(&["calibrate", file, "--json", "--device", "cpu"]);
    assert!(ok, "{error}");
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["inputs"].as_array().unwrap().len(), 8);

    let csv = folder.path().join("out.csv");
    let (ok, _, error) = run(&["synth", file, "--lead", "V1@2ICS,V7", "--view", "48,-38", "-o", csv.to_str().unwrap()]);
    assert!(ok && error.contains("dV1@2ICS ="), "{error}");
    let opened = formats::read(&csv, &ReadOptions::default()).unwrap();
    assert_eq!((opened.recording.leads.n_samples(), opened.recording.leads.leads().len()), (5000, 3));
    let text = fs::read_to_string(&csv).unwrap();
    assert!(text.contains("ynthesised"), "the file says what it is");

    let edf = folder.path().join("48.edf");
    let (ok, _, error) = run(&["panorama", file, "-o", edf.to_str().unwrap()]);
    assert!(ok, "{error}");
    let (ok, told, error) = run(&["trust", file, "--lead", "V7,V1@2ICS"]);
    assert!(ok && told.contains("grade") && told.contains("no ground truth"), "{error}");
    let (ok, _, error) = run(&["synth", file, "--lead", "Nonsense", "-o", csv.to_str().unwrap()]);
    assert!(!ok && error.contains("Nonsense"), "{error}");
}

#[test]
fn batch_goes_on_past_bad_files_and_repeats_itself_to_the_byte() {
    let folder = tempfile::tempdir().unwrap();
    let exams = folder.path().join("exams");
    fs::create_dir(&exams).unwrap();
    for (idx, gain) in [0.8f32, 1.0, 1.3].into_iter().enumerate() {
        write_exam(&exams.join(format!("{idx}.edf")), 10, gain);
    }
    fs::write(exams.join("bad.edf"), "this is no recording").unwrap();
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    let batch = |out: &Path, more: &[&str]| {
        let fixed = ["batch", exams.to_str().unwrap(), "--lead", "V7", "--out", out.to_str().unwrap(), "--no-trust"];
        run(&[&fixed[..], more].concat())
    };
    let (ok, lines, error) = batch(&a, &["--jobs", "2"]);
    assert!(!ok && error.contains("1 of 4"), "{error}");
    let status = |lines: &str| {
        let mut all: Vec<String> =
            lines.lines().map(|it| serde_json::from_str::<serde_json::Value>(it).unwrap()["status"].to_string()).collect();
        all.sort();
        all
    };
    assert_eq!(status(&lines), ["\"failed\"", "\"ok\"", "\"ok\"", "\"ok\""]);
    batch(&b, &["--jobs", "1"]);
    for name in ["0.csv", "1.csv", "2.csv"] {
        assert_eq!(fs::read(a.join(name)).unwrap(), fs::read(b.join(name)).unwrap(), "{name}");
    }
    assert!(!a.join("bad.csv").exists(), "whole or not at all");
    let (_, lines, _) = batch(&a, &["--resume"]);
    assert_eq!(status(&lines), ["\"failed\"", "\"skipped\"", "\"skipped\"", "\"skipped\""]);
    let (_, lines, _) = batch(&folder.path().join("c"), &["--shard", "2/2"]);
    assert_eq!(lines.lines().count(), 2);
}

#[test]
fn a_long_recording_streams_to_the_same_samples() {
    let folder = tempfile::tempdir().unwrap();
    let exam = folder.path().join("long.edf");
    write_exam(&exam, 330, 1.0);
    for name in ["long.csv", "long_out.edf"] {
        let out = folder.path().join(name);
        let (ok, _, error) = run(&["synth", exam.to_str().unwrap(), "--lead", "V7", "--closed-form", "-o", out.to_str().unwrap()]);
        assert!(ok, "{error}");
        let opened = formats::read(&out, &ReadOptions::default()).unwrap();
        let leads = &opened.recording.leads;
        assert_eq!((leads.n_samples(), leads.leads().len()), (330 * 500, 1), "{name}");
        let samples = &leads.leads()[0].samples_mv;
        assert!(samples.iter().any(|it| 0.05 < it.abs()), "{name} is no flat line");
        assert!(
            (0..400).all(|it| (samples[it] - samples[it + 400 * 400]).abs() < 2e-3),
            "{name}: the same beat at the end as at the start"
        );
    }
}
