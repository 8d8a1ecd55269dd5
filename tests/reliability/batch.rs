//! A batch: an outcome and a line for every input, whole recordings, nothing done for another.

use std::{collections::BTreeMap, fs};

use serde_json::Value;

use super::desk::{Desk, exam, exam_with};

const BATCH: &str = "batch exams --lead V7 --closed-form --no-reliability --output out";

fn desk() -> Desk {
    let desk = Desk::new();
    fs::create_dir(desk.at("exams")).unwrap();
    desk
}

/// The lines of a batch, by file.
fn lines(out: &str) -> BTreeMap<String, Value> {
    out.lines()
        .map(|it| {
            let line: Value = serde_json::from_str(it).unwrap();
            (line["file"].as_str().unwrap().replace("exams/", ""), line)
        })
        .collect()
}

fn status(out: &str) -> Vec<(String, String)> {
    let lines = lines(out).into_iter();
    lines
        .map(|(file, line)| (file, line["status"].as_str().unwrap().to_owned()))
        .collect()
}

fn expected(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|it| (it.0.into(), it.1.into())).collect()
}

#[test]
fn every_input_has_a_line_and_an_outcome_of_its_own() {
    let desk = desk();
    desk.save("exams/a.csv", &exam_with(&[], 7.0));
    desk.save("exams/a.edf", &exam_with(&[], 8.0));
    desk.save("exams/other.edf", &exam_with(&[], 9.0));
    fs::rename(desk.at("exams/other.edf"), desk.at("exams/a.csv.edf")).unwrap();
    desk.save("exams/r.hea", &exam());
    desk.save("exams/q.hea", &exam());
    fs::rename(desk.at("exams/q.dat"), desk.at("exams/q.signals")).unwrap();
    let header = desk.text("exams/q.hea").replace("q.dat", "q.signals");
    desk.write("exams/q.hea", header);
    desk.write("exams/notes.txt", "no recording at all");
    let said = desk.run(&format!("{BATCH} --jobs 4"));
    assert!(!said.is_ok, "one cannot be read");
    let all = [
        ("a.csv", "ok"),
        ("a.csv.edf", "ok"),
        ("a.edf", "ok"),
        ("notes.txt", "failed"),
        ("q.hea", "ok"),
        ("r.hea", "ok"),
    ];
    assert_eq!(status(&said.out), expected(&all));
    let mut durations: Vec<f64> = fs::read_dir(desk.at("out"))
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .filter(|it| it.ends_with(".csv"))
        .map(|it| desk.open(&format!("out/{it}")).recording.leads.duration_s())
        .collect();
    durations.sort_by(f64::total_cmp);
    assert_eq!(durations, [7.0, 8.0, 9.0, 10.0, 10.0]);
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_folder_hangs_nothing() {
    let desk = desk();
    desk.save("exams/a.edf", &exam());
    desk.write("exams/p.hea", "p 1 500 2\npipe 16 200 16 0 0 0 0 I\n");
    let made = std::process::Command::new("mkfifo")
        .arg(desk.at("exams/pipe"))
        .status();
    if !made.is_ok_and(|it| it.success()) {
        return println!("skipped: no pipes here");
    }
    let said = desk.run(BATCH);
    let found = status(&said.out);
    assert!(found.contains(&("a.edf".into(), "ok".into())), "{found:?}");
    assert!(
        found.contains(&("p.hea".into(), "failed".into())),
        "{found:?}"
    );
}

#[test]
fn resuming_goes_by_content_and_whole_outcomes() {
    let desk = desk();
    desk.save("exams/a.edf", &exam());
    desk.save("exams/b.hea", &exam());
    let resumed = || status(&desk.must(&format!("{BATCH} --resume")).out);
    let check = |a: &str, b: &str| assert_eq!(resumed(), expected(&[("a.edf", a), ("b.hea", b)]));
    check("ok", "ok");
    check("skipped", "skipped");
    // Another person's, of the same length; of the record the signals alone.
    let turned = |name: &str, at: usize| {
        let mut bytes = fs::read(desk.at(name)).unwrap();
        let last = bytes.len() - at;
        bytes[last] ^= 1;
        fs::write(desk.at(name), bytes).unwrap();
    };
    turned("exams/a.edf", 2000);
    check("ok", "skipped");
    turned("exams/b.dat", 40);
    check("skipped", "ok");
    // An outcome that is not what it was.
    let table = desk.text("out/a.csv");
    fs::write(desk.at("out/a.csv"), &table[..table.len() / 2]).unwrap();
    check("ok", "skipped");
    fs::remove_file(desk.at("out/b.json")).unwrap();
    check("skipped", "ok");
    // Without asking, nothing that is there is replaced.
    let again = desk.run(BATCH);
    assert!(
        !again.is_ok && again.out.contains("--force"),
        "{}",
        again.out
    );
    desk.must(&format!("{BATCH} --force"));
}

#[test]
fn what_the_reader_warned_of_is_in_the_line() {
    let desk = desk();
    desk.save("exams/a.edf", &exam());
    let bytes = fs::read(desk.at("exams/a.edf")).unwrap();
    fs::write(desk.at("exams/a.edf"), &bytes[..bytes.len() * 3 / 4]).unwrap();
    let said = desk.must(BATCH);
    let warnings = lines(&said.out)["a.edf"]["warnings"].to_string();
    assert!(warnings.contains("cut short"), "{}", said.out);
}
