//! The synthesis commands as a user runs them.
#![allow(clippy::unwrap_used)] // A test stops at what it did not expect.

use std::{fs, path::Path, process::Command};

use ecg_panorama::{
    ecg::{Lead, LeadName, LeadSet, Recording, SampleRate},
    formats::{self, Format, ReadOptions},
};

fn run(args: &[&str]) -> (bool, String, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_ecg-panorama"))
        .args(args)
        .output()
        .unwrap();
    (
        out.status.success(),
        String::from_utf8_lossy(&out.stdout).into_owned(),
        String::from_utf8_lossy(&out.stderr).into_owned(),
    )
}

/// Eight leads that beat.
fn write_exam(path: &Path, seconds: usize, gain: f32) {
    let lead = |(idx, name): (usize, LeadName)| {
        let value = |at: usize| {
            let phase = (at % 400) as f32 / 400.0;
            let wave = |centre: f32, width: f32| (-0.5 * ((phase - centre) / width).powi(2)).exp();
            let turn = idx as f32 * 0.6;
            (gain
                * (turn.cos() * wave(0.30, 0.012) - (turn * 0.8).sin() * wave(0.33, 0.014)
                    + 0.25 * wave(0.6, 0.05))
                * 1000.0)
                .round()
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
    let (ok, _, error) = run(&[
        "synth",
        file,
        "--lead",
        "V1@2ICS,V7",
        "--view",
        "48,-38",
        "-o",
        csv.to_str().unwrap(),
    ]);
    assert!(ok && error.contains("dV1@2ICS ="), "{error}");
    let opened = formats::read(&csv, &ReadOptions::default()).unwrap();
    assert_eq!(
        (
            opened.recording.leads.n_samples(),
            opened.recording.leads.leads().len()
        ),
        (5000, 3)
    );
    let text = fs::read_to_string(&csv).unwrap();
    assert!(text.contains("ynthesised"), "the file says what it is");
    let (_, said, _) = run(&["info", csv.to_str().unwrap()]);
    assert!(
        said.contains("no lead in it was recorded") && !said.contains("QRS"),
        "{said}"
    );
    let page = folder.path().join("out.svg");
    assert!(run(&["page", csv.to_str().unwrap(), "-o", page.to_str().unwrap()]).0);
    let text = fs::read_to_string(&page).unwrap();
    assert!(
        text.contains("3 leads, 3 of them synthesised") && !text.contains("as recorded"),
        "the page says how many were made"
    );

    let edf = folder.path().join("48.edf");
    let (ok, _, error) = run(&["panorama", file, "-o", edf.to_str().unwrap()]);
    assert!(ok, "{error}");
    let map = folder.path().join("map.csv");
    let (ok, _, error) = run(&[
        "panorama",
        file,
        "--map-at",
        "1.25",
        "-o",
        map.to_str().unwrap(),
    ]);
    let text = fs::read_to_string(&map).unwrap_or_default();
    assert!(
        ok && text.lines().count() == 644 && text.contains("not recorded"),
        "{error}"
    );
    assert!(
        !run(&[
            "panorama",
            file,
            "--map-at",
            "10",
            "-o",
            map.to_str().unwrap()
        ])
        .0,
        "beyond the end"
    );
    let (ok, told, error) = run(&["reliability", file, "--lead", "V7,V1@2ICS"]);
    assert!(
        ok && told.contains("grade") && told.contains("no ground truth"),
        "{error}"
    );
    let (ok, _, error) = run(&[
        "synth",
        file,
        "--lead",
        "Nonsense",
        "-o",
        csv.to_str().unwrap(),
    ]);
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
        let fixed = [
            "batch",
            exams.to_str().unwrap(),
            "--lead",
            "V7",
            "--output",
            out.to_str().unwrap(),
            "--no-reliability",
        ];
        run(&[&fixed[..], more].concat())
    };
    let (ok, lines, error) = batch(&a, &["--jobs", "2"]);
    assert!(!ok && error.contains("1 of 4"), "{error}");
    let status = |lines: &str| {
        let mut all: Vec<String> = lines
            .lines()
            .map(|it| serde_json::from_str::<serde_json::Value>(it).unwrap()["status"].to_string())
            .collect();
        all.sort();
        all
    };
    assert_eq!(status(&lines), ["\"failed\"", "\"ok\"", "\"ok\"", "\"ok\""]);
    batch(&b, &["--jobs", "1"]);
    for name in ["0.csv", "1.csv", "2.csv"] {
        assert_eq!(
            fs::read(a.join(name)).unwrap(),
            fs::read(b.join(name)).unwrap(),
            "{name}"
        );
    }
    assert!(!a.join("bad.csv").exists(), "whole or not at all");
    let (_, lines, _) = batch(&a, &["--resume"]);
    assert_eq!(
        status(&lines),
        ["\"failed\"", "\"skipped\"", "\"skipped\"", "\"skipped\""]
    );
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
        let (ok, _, error) = run(&[
            "synth",
            exam.to_str().unwrap(),
            "--lead",
            "V7",
            "--closed-form",
            "-o",
            out.to_str().unwrap(),
        ]);
        assert!(ok, "{error}");
        let opened = formats::read(&out, &ReadOptions::default()).unwrap();
        let leads = &opened.recording.leads;
        assert_eq!(
            (leads.n_samples(), leads.leads().len()),
            (330 * 500, 1),
            "{name}"
        );
        let samples = &leads.leads()[0].samples_mv;
        assert!(
            samples.iter().any(|it| 0.05 < it.abs()),
            "{name} is no flat line"
        );
        assert!(
            (0..400).all(|it| (samples[it] - samples[it + 400 * 400]).abs() < 2e-3),
            "{name}: the same beat at the end as at the start"
        );
    }
}

#[test]
fn views_by_name_devices_and_fallback() {
    let folder = tempfile::tempdir().unwrap();
    let exam = folder.path().join("exam.edf");
    write_exam(&exam, 10, 1.0);
    let (file, csv) = (exam.to_str().unwrap(), folder.path().join("out.csv"));
    let (ok, _, error) = run(&[
        "synth",
        file,
        "--lead",
        "view-12,view-12,V7",
        "-o",
        csv.to_str().unwrap(),
    ]);
    assert!(ok && error.contains("dview-12 ="), "{error}");
    let opened = formats::read(&csv, &ReadOptions::default()).unwrap();
    assert_eq!(
        opened.recording.leads.leads().len(),
        2,
        "asked for twice, written once"
    );

    let (ok, told, error) = run(&["devices"]);
    assert!(
        ok && told.contains("cpu") && told.contains("--device auto takes: "),
        "{error}"
    );
    assert!(
        !error.contains("XDG_RUNTIME_DIR"),
        "a driver speaks to the user: {error}"
    );
    let (ok, json, error) = run(&["calibrate", file, "--json", "--device", "99"]);
    assert!(ok && !error.contains("XDG_RUNTIME_DIR"), "{error}");
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["device"]["name"], "CPU");
    let reason = &report["device"]["reason"];
    assert_eq!(reason["kind"], "no_such_adapter", "{reason}");
    assert_eq!(reason["number"], 99);
    assert_eq!(reason["sentence"], "there is no adapter 99");
    assert_eq!(report["weights_sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn a_withheld_lead_changes_no_byte_of_any_output() {
    let folder = tempfile::tempdir().unwrap();
    let (clean, poisoned) = (
        folder.path().join("a/exam.edf"),
        folder.path().join("b/exam.edf"),
    );
    [&clean, &poisoned]
        .into_iter()
        .for_each(|it| fs::create_dir(it.parent().unwrap()).unwrap());
    let source = folder.path().join("source.edf");
    write_exam(&source, 10, 1.0);
    let opened = formats::read(&source, &ReadOptions::default())
        .unwrap()
        .recording;
    let noise = |at: usize| ((at * 7919 % 1000) as f32 - 500.0) / 100.0;
    // Both through the same writer; the one with its own V2, the other with noise in its place.
    for (path, spoilt) in [(&clean, false), (&poisoned, true)] {
        let one = |it: &Lead| match it.name {
            LeadName::V2 if spoilt => Lead {
                samples_mv: (0..5000).map(noise).collect::<Vec<f32>>().into(),
                ..it.clone()
            },
            _ => it.clone(),
        };
        let leads = LeadSet::new(
            opened.leads.rate(),
            opened.leads.leads().iter().map(one).collect(),
        )
        .unwrap();
        formats::write(
            &Recording {
                leads,
                ..opened.clone()
            },
            path,
            Format::EdfPlus,
        )
        .unwrap();
    }
    let outputs = |exam: &Path| {
        let (file, home) = (exam.to_str().unwrap(), exam.parent().unwrap());
        let at = |name: &str| home.join(name).to_str().unwrap().to_owned();
        let (csv, edf, views) = (at("out.csv"), at("out.edf"), at("views.csv"));
        let asked = ["--lead", "V2,V7,V1@2ICS", "--withhold", "V2"];
        let (ok, _, said) = run(&[&["synth", file, "-o", &csv][..], &asked].concat());
        assert!(ok, "{said}");
        assert!(run(&[&["synth", file, "-o", &edf][..], &asked].concat()).0);
        assert!(run(&["panorama", file, "--withhold", "V2", "-o", &views]).0);
        let told = run(&[
            &["reliability", file][..],
            &["--lead", "V7,V1@2ICS", "--withhold", "V2", "--json"],
        ]
        .concat())
        .1;
        let calibrated = run(&["calibrate", file, "--withhold", "V2", "--json"])
            .1
            .replace(file, "");
        assert!(
            told.contains("grade") && calibrated.contains("withheld"),
            "{told}"
        );
        (
            said,
            told,
            calibrated,
            fs::read(csv).unwrap(),
            fs::read(edf).unwrap(),
            fs::read(views).unwrap(),
        )
    };
    let (a, b) = (outputs(&clean), outputs(&poisoned));
    assert_eq!((&a.0, &a.1, &a.2), (&b.0, &b.1, &b.2));
    assert!(a.3 == b.3 && a.4 == b.4 && a.5 == b.5, "files differ");
}

#[test]
fn resuming_notices_other_settings_and_files_of_one_stem_keep_apart() {
    let folder = tempfile::tempdir().unwrap();
    let exams = folder.path().join("exams");
    fs::create_dir(&exams).unwrap();
    write_exam(&exams.join("a.edf"), 10, 1.0);
    write_exam(&exams.join("b.edf"), 10, 0.7);
    let out = folder.path().join("out");
    let batch = |more: &[&str]| {
        let fixed = [
            "batch",
            exams.to_str().unwrap(),
            "--output",
            out.to_str().unwrap(),
            "--no-reliability",
            "--closed-form",
            "--resume",
        ];
        let (_, lines, _) = run(&[&fixed[..], more].concat());
        let mut all: Vec<String> = lines
            .lines()
            .map(|it| {
                serde_json::from_str::<serde_json::Value>(it).unwrap()["status"]
                    .as_str()
                    .unwrap()
                    .into()
            })
            .collect();
        all.sort();
        all.join(" ")
    };
    assert_eq!(batch(&["--lead", "V7"]), "ok ok");
    assert_eq!(batch(&["--lead", "V7"]), "skipped skipped");
    assert_eq!(
        batch(&["--lead", "V7,V8"]),
        "ok ok",
        "another lead is asked for"
    );
    assert_eq!(
        batch(&["--lead", "V7,V8", "--seconds", "4"]),
        "ok ok",
        "other seconds are learned from"
    );
    assert_eq!(
        batch(&["--lead", "V7,V8", "--seconds", "4", "--format", "edf"]),
        "ok ok",
        "another format"
    );
    write_exam(&exams.join("b.edf"), 11, 0.7);
    assert_eq!(
        batch(&["--lead", "V7,V8", "--seconds", "4", "--format", "edf"]),
        "ok skipped",
        "one recording is another"
    );
    fs::remove_file(out.join("a.edf")).unwrap();
    assert_eq!(
        batch(&["--lead", "V7,V8", "--seconds", "4", "--format", "edf"]),
        "ok skipped",
        "one outcome is gone"
    );
    formats::write(
        &formats::read(&exams.join("a.edf"), &ReadOptions::default())
            .unwrap()
            .recording,
        &exams.join("a.csv"),
        Format::Csv,
    )
    .unwrap();
    assert_eq!(batch(&["--lead", "V7"]), "ok ok ok");
    assert!(out.join("a.csv.json").exists() && out.join("a.edf.json").exists());
}
