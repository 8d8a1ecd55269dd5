//! Every command that README and `docs` show is run as it is shown, in a folder with the files that
//! they name; and the reference of commands is that of the program.

use std::{fs, path::Path, process::Command};

use super::desk::{Desk, exam};

/// Pages whose commands are run.
const PAGES: [&str; 7] = [
    "README.md",
    "docs/guide.md",
    "docs/safety.md",
    "docs/install.md",
    "docs/archives.md",
    "docs/formats.md",
    "docs/measurements.md",
];

fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(path).unwrap_or_else(|it| panic!("{name}: {it}"))
}

/// Commands of this program in blocks of shell.
fn commands(page: &str) -> Vec<String> {
    let blocks = page.split("```sh\n").skip(1);
    let lines = blocks.flat_map(|block| block.split("```").next().unwrap_or_default().lines());
    lines
        .filter(|line| line.starts_with("ecg-panorama "))
        .map(str::to_owned)
        .collect()
}

/// A folder with what the commands name.
fn desk() -> Desk {
    let desk = Desk::new();
    for folder in ["exams", "mimic-iv-ecg/files/p1", "ptb-xl/records500"] {
        fs::create_dir_all(desk.at(folder)).unwrap();
    }
    for name in [
        "exam.edf",
        "exams/a.edf",
        "mimic-iv-ecg/files/p1/4.hea",
        "ptb-xl/records500/1_hr.hea",
    ] {
        desk.save(name, &exam());
    }
    desk.write(
        "mimic-iv-ecg/record_list.csv",
        "study_id,path\n4,files/p1/4\n",
    );
    desk.write(
        "ptb-xl/ptbxl_database.csv",
        "ecg_id,filename_hr\n1,records500/1_hr\n",
    );
    #[cfg(feature = "archive")]
    signals(&desk.at("signals.parquet"));
    desk
}

/// The exam as a row of Parquet.
#[cfg(feature = "archive")]
fn signals(path: &Path) {
    use std::sync::Arc;

    use parquet::{
        data_type::{ByteArray, ByteArrayType, DoubleType},
        file::writer::SerializedFileWriter,
        schema::parser::parse_message_type,
    };
    let recording = exam();
    let mut message =
        "message schema { required double rate_hz; required binary unit (UTF8);".to_owned();
    for lead in recording.leads.leads() {
        let name = &lead.name;
        message += &format!(
            " required group {name} (LIST) {{ repeated group list {{ required double element; }} }}"
        );
    }
    let schema = Arc::new(parse_message_type(&(message + "}")).unwrap());
    let file = fs::File::create(path).unwrap();
    let mut writer = SerializedFileWriter::new(file, schema, Arc::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column
        .typed::<DoubleType>()
        .write_batch(&[500.0], None, None)
        .unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let unit = [ByteArray::from("mV")];
    column
        .typed::<ByteArrayType>()
        .write_batch(&unit, None, None)
        .unwrap();
    column.close().unwrap();
    for lead in recording.leads.leads() {
        let values: Vec<f64> = lead.samples_mv.iter().map(|mv| f64::from(*mv)).collect();
        let goes_on: Vec<i16> = (0..values.len()).map(|at| i16::from(at != 0)).collect();
        let present = vec![1; values.len()];
        let mut column = group.next_column().unwrap().unwrap();
        let column_of = column.typed::<DoubleType>();
        column_of
            .write_batch(&values, Some(&present), Some(&goes_on))
            .unwrap();
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
}

#[cfg(unix)]
#[test]
fn every_command_that_is_shown_works() {
    let mut n_run = 0;
    for name in PAGES {
        let desk = desk();
        for shown in commands(&page(name)) {
            if !cfg!(feature = "archive") && shown.contains("parquet") {
                println!("skipped, built without archives: {shown}");
                continue;
            }
            // No reader of the page has outputs of the line above in the way.
            for out in ["out", "panorama.pdf"] {
                let _ = fs::remove_dir_all(desk.at(out)).or_else(|_| fs::remove_file(desk.at(out)));
            }
            let program = Path::new(env!("CARGO_BIN_EXE_ecg-panorama"))
                .parent()
                .unwrap();
            let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
            let done = Command::new("bash")
                .args(["-c", &shown])
                .current_dir(desk.at("."))
                .env("HOME", desk.at("."))
                .env("PATH", path)
                .env_remove("DISPLAY")
                .env_remove("WAYLAND_DISPLAY")
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&done.stderr);
            assert!(done.status.success(), "{name}: {shown}\n{said}");
            n_run += 1;
        }
    }
    assert!(7 <= n_run, "only {n_run} commands are shown");
}

/// `docs/commands.md` is what `integrate --reference` prints.
#[test]
fn the_reference_of_commands_is_that_of_the_program() {
    if !cfg!(all(
        feature = "archive",
        feature = "gui",
        not(feature = "train")
    )) {
        return println!("skipped: the reference is that of the shipped features");
    }
    let printed = Desk::new().must("integrate --reference").out;
    assert_eq!(printed, page("docs/commands.md"));
}

#[test]
fn every_link_in_the_documentation_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in PAGES
        .into_iter()
        .chain(["docs/accuracy.md", "docs/speed.md", "docs/method.md"])
    {
        let folder = root.join(name).parent().unwrap().to_owned();
        for link in page(name).split("](").skip(1) {
            let link = link.split([')', '#']).next().unwrap_or_default();
            let is_ours = !link.is_empty() && !link.contains(':');
            assert!(!is_ours || folder.join(link).exists(), "{name}: {link}");
        }
    }
}

/// Manual pages, completions and a menu entry, each in its place and complete.
#[test]
fn the_desktop_is_told_what_it_wants_to_know() {
    let desk = Desk::new();
    desk.must("integrate home");
    let entry = desk.text("home/share/applications/ecg-panorama.desktop");
    let types = desk.text("home/share/mime/packages/ecg-panorama.xml");
    let named = entry
        .lines()
        .find_map(|it| it.strip_prefix("MimeType="))
        .unwrap();
    for name in named.split_terminator(';') {
        let is_known = name == "application/dicom" || types.contains(&format!("type=\"{name}\""));
        assert!(is_known, "{name}");
    }
    assert!(
        desk.text("home/share/man/man1/ecg-panorama-synth.1")
            .contains("withhold")
    );
    let bash = desk.text("home/share/bash-completion/completions/ecg-panorama");
    assert!(bash.contains("--no-reliability"));
    desk.refused("integrate home");
    desk.must("integrate home --force");
}
