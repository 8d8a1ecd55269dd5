//! An archive: the tables of a part are the same bytes however they came about, and every exam has
//! its row once.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use ecg_panorama::{
    archive::Table,
    ecg::{LeadName, Recording},
};
use parquet::file::reader::{FileReader, SerializedFileReader};

use super::{
    desk::{Desk, exam_with},
    gates::poisoned,
};

const BATCH: &str =
    "batch exams --lead V7,V1 --withhold V1 --closed-form --format parquet --part-size 3";

/// Seven exams at two depths, one of which cannot be read.
fn desk() -> Desk {
    let desk = Desk::new();
    fs::create_dir_all(desk.at("exams/p1")).unwrap();
    for (number, name) in [
        "a.edf", "b.hea", "c.csv", "p1/a.edf", "p1/d.edf", "p1/e.csv",
    ]
    .iter()
    .enumerate()
    {
        desk.save(
            &format!("exams/{name}"),
            &exam_with(&[], 6.0 + number as f64),
        );
    }
    desk.write("exams/notes.txt", "no recording at all");
    desk
}

/// Every file below a folder.
fn tables(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for table in Table::ALL {
        for entry in fs::read_dir(folder.join(table.name())).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            all.insert(name, fs::read(path).unwrap());
        }
    }
    all
}

/// The rows of a table as the library prints them.
fn rows(folder: &Path, table: Table) -> Vec<String> {
    let mut files: Vec<_> = fs::read_dir(folder.join(table.name()))
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    files.sort();
    let of = |path| {
        let reader = SerializedFileReader::new(fs::File::open(path).unwrap()).unwrap();
        let rows: Vec<_> = reader.get_row_iter(None).unwrap().collect();
        rows.into_iter().map(|it| it.unwrap().to_string())
    };
    files.into_iter().flat_map(of).collect()
}

#[test]
fn a_part_is_the_same_bytes_however_it_came_about() {
    let desk = desk();
    let run = |options: &str| {
        let said = desk.run(&format!("{BATCH} {options}"));
        assert!(
            !said.is_ok && said.err.contains("1 of 7") || !options.contains("one"),
            "{}",
            said.err
        );
        said
    };
    run("--output one");
    let expected = tables(&desk.at("one"));
    assert_eq!(expected.len(), 18, "three parts of six tables");
    run("--output many --jobs 3 --shard 2/2");
    run("--output many --jobs 2 --shard 1/2");
    assert_eq!(tables(&desk.at("many")), expected);
    assert_eq!(
        desk.must(&format!("{BATCH} --output x --count-parts")).out,
        "3\n"
    );
    for part in ["2", "0", "1"] {
        run(&format!("--output single --part {part}"));
    }
    assert_eq!(tables(&desk.at("single")), expected);
    // Without asking, nothing that is there is replaced.
    let said = run("--output single");
    assert!(said.err.contains("--force"), "{}", said.err);
}

#[test]
fn resuming_makes_what_is_missing_cut_or_of_other_exams() {
    let desk = desk();
    let made = || {
        let said = desk.run(&format!("{BATCH} --output out --resume"));
        said.out
            .lines()
            .filter(|it| !it.contains("\"skipped\""))
            .count()
    };
    assert_eq!(made(), 7);
    assert_eq!(made(), 0);
    let expected = tables(&desk.at("out"));
    let leads = desk.at("out/leads/part-000001.parquet");
    let bytes = fs::read(&leads).unwrap();
    fs::write(&leads, &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(made(), 3, "one table is cut");
    fs::remove_file(desk.at("out/exams/part-000002.parquet")).unwrap();
    assert_eq!(made(), 1, "the exams, which are written last, are missing");
    assert_eq!(tables(&desk.at("out")), expected);
    desk.save("exams/a.edf", &exam_with(&[], 20.0));
    assert_eq!(made(), 3, "another exam under the name");
    assert_ne!(tables(&desk.at("out")), expected);
}

#[test]
fn every_exam_has_its_row_and_no_synthesised_lead_a_plain_name() {
    let desk = desk();
    desk.run(&format!("{BATCH} --output out"));
    let out = desk.at("out");
    let exams = rows(&out, Table::Exams);
    let names = [
        "a.edf",
        "b.hea",
        "c.csv",
        "notes.txt",
        "p1/a.edf",
        "p1/d.edf",
        "p1/e.csv",
    ];
    assert_eq!(exams.len(), names.len());
    for (exam, name) in exams.iter().zip(names) {
        assert!(
            exam.starts_with(&format!("{{record: \"{name}\", ")),
            "{exam}"
        );
        assert_eq!(exam.contains("status: \"failed\""), name == "notes.txt");
    }
    let leads = rows(&out, Table::Leads);
    assert_eq!(leads.len(), 12);
    for lead in &leads {
        assert!(
            lead.contains("lead: \"dV7\"") || lead.contains("lead: \"dV1\""),
            "{lead}"
        );
        assert!(lead.contains("origin: \"synthesised\""));
    }
    assert_eq!(rows(&out, Table::Grades).len(), 12);
    // V1 was withheld throughout: it is no lead of the patient's own errors.
    assert_eq!(rows(&out, Table::Errors).len(), 6 * 5);
    assert_eq!(rows(&out, Table::Measurements).len(), 6);
    let measured = rows(&out, Table::LeadMeasurements);
    let synthesised = measured
        .iter()
        .filter(|it| it.contains("synthesised: true"));
    assert!(synthesised.clone().count() == 12);
    assert!(synthesised.into_iter().all(|it| it.contains("lead: \"dV")));
}

#[test]
fn a_withheld_lead_has_no_say_in_any_table() {
    let made = |recording: &Recording| {
        let desk = Desk::new();
        fs::create_dir(desk.at("exams")).unwrap();
        desk.save("exams/a.edf", recording);
        desk.must(&format!("{BATCH} --output out"));
        [
            Table::Leads,
            Table::Errors,
            Table::Measurements,
            Table::LeadMeasurements,
        ]
        .map(|it| rows(&desk.at("out"), it))
    };
    let as_recorded = made(&exam_with(&["V7"], 10.0));
    assert_eq!(as_recorded, made(&poisoned(&LeadName::V1)));
}

/// The network looks 1.3 s to either side: pieces of a long recording must join without a seam.
#[test]
fn a_long_recording_comes_in_pieces_that_join() {
    let desk = Desk::new();
    fs::create_dir(desk.at("exams")).unwrap();
    desk.save("exams/long.edf", &exam_with(&[], 301.0));
    let long = "--lead V2 --withhold V2 --no-reliability --output";
    desk.must(&format!("batch exams {long} out --format parquet"));
    desk.must(&format!("batch exams {long} files --format csv"));
    let leads = rows(&desk.at("out"), Table::Leads);
    assert_eq!(leads.len(), 6);
    let samples = leads.iter().flat_map(|it| {
        let list = it.split("samples_mv: [").nth(1).unwrap();
        let list = list.trim_end_matches(['}', ']']).split(", ");
        list.map(|it| it.parse::<f32>().unwrap())
            .collect::<Vec<_>>()
    });
    let samples: Vec<f32> = samples.collect();
    let streamed = desk.open("files/long.csv").recording.leads;
    let streamed = &streamed.leads()[0].samples_mv;
    assert_eq!(samples.len(), streamed.len());
    let apart = samples
        .iter()
        .zip(streamed.iter())
        .map(|(a, b)| (a - b).abs());
    assert!(
        apart.fold(0.0, f32::max) < 2e-4,
        "as the file streamed at once"
    );
}

/// The schema that the documentation prints is that of the tables.
#[test]
fn the_schema_is_as_documented() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/archives.md");
    let page = fs::read_to_string(page).unwrap();
    for table in Table::ALL {
        let expected = format!(
            "### `{}`\n\n| column | type | |\n|---|---|---|\n{}",
            table.name(),
            table.schema()
        );
        assert!(
            page.contains(&expected),
            "docs/archives.md lacks:\n{expected}"
        );
    }
}

/// The recipe of `docs/recipes` on two workers, one of which is killed in the middle.
#[test]
fn dask_with_a_killed_worker_makes_the_same_bytes() {
    let python = std::env::var("ECG_PYTHON").unwrap_or("python3".into());
    let has_dask = Command::new(&python)
        .args(["-c", "import dask.distributed"])
        .output();
    if !has_dask.is_ok_and(|it| it.status.success()) {
        return println!("skipped: no dask.distributed for {python}");
    }
    let desk = desk();
    desk.run(&format!("{BATCH} --output one"));
    let recipe = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/recipes/dask_batch.py");
    let options = "exams many --lead V7,V1 --withhold V1 --closed-form --part-size 3 --lose-worker";
    let run = Command::new(python)
        .arg(recipe)
        .args(options.split(' '))
        .current_dir(desk.at("."))
        .env("ECG_PANORAMA", env!("CARGO_BIN_EXE_ecg-panorama"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(
        run.status.success() && said.contains("killed worker"),
        "{said}"
    );
    assert_eq!(tables(&desk.at("many")), tables(&desk.at("one")));
}
