//! Words of a file can be read and do nothing else.

use ecg_panorama::ecg::{Lead, LeadName, LeadSet};

use super::desk::{Desk, beats, exam};

const HOSTILE: &str = "x\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}7V\u{2066}";

fn is_plain(text: &str) -> bool {
    let is_active = |it: char| {
        (it.is_control() && it != '\n')
            || matches!(it, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    !text.contains(is_active)
}

#[test]
fn no_control_character_reaches_a_terminal_a_page_or_a_file() {
    let desk = Desk::new();
    desk.save("plain.edf", &exam());
    let csv = format!(
        "# electrocardiogram; columns in mV, empty cells were not recorded\n# patient name: {HOSTILE}\n# device: {HOSTILE}\n# {HOSTILE}\n# at 0.1 s: {HOSTILE}\n\
         # unit: mV\n# rate_hz: 500\nI,II,{HOSTILE}\n{}",
        "0,0.1,0.2\n".repeat(1000)
    );
    desk.write("a.csv", csv);
    let mut edf = std::fs::read(desk.at("plain.edf")).unwrap();
    edf[8..40].copy_from_slice(b"X X X x\x1b[2J\x07\x9b31m\x1b]0;owned\x07      ");
    edf[256..266].copy_from_slice(b"x\x1b[2J\x07\x9b31m");
    desk.write("a.edf", edf);
    for name in ["a.csv", "a.edf"] {
        for args in ["info {}", "info {} --json", "convert {} b.edf --force"] {
            let said = desk.must(&args.replace("{}", name));
            assert!(
                is_plain(&said.out) && is_plain(&said.err),
                "{args}: {:?}",
                said.out
            );
        }
        for out in ["b.csv", "b.hea", "page.svg"] {
            let command = if out == "page.svg" {
                "page {} -o"
            } else {
                "convert {}"
            };
            desk.must(&format!("{} {out} --force", command.replace("{}", name)));
            assert!(is_plain(&desk.text(out)), "{name} to {out}");
        }
        desk.must(&format!("convert {name} b.edf --force"));
        let opened = desk.open("b.edf");
        assert!(is_plain(&format!("{:?}", opened.recording.notes)), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_name_does_nothing_either() {
    let desk = Desk::new();
    let name = "x\u{1b}[2J\u{202e}y\r.edf";
    desk.save(name, &exam());
    for args in [
        "info {}",
        "convert {} {}.csv",
        "page {} -o {}.svg",
        "info {}.nowhere",
    ] {
        let said = desk.run(&args.replace("{}", name));
        assert!(
            is_plain(&said.out) && is_plain(&said.err),
            "{args}: {:?}",
            said.err
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_said_fails_the_command_or_leaves_its_work_alone() {
    use std::{fs::File, process::Stdio};
    let desk = Desk::new();
    desk.save("a.edf", &exam());
    std::fs::create_dir(desk.at("exams")).unwrap();
    std::fs::copy(desk.at("a.edf"), desk.at("exams/a.edf")).unwrap();
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    for args in [
        "info a.edf",
        "info a.edf --json",
        "reliability a.edf --lead V7 --closed-form",
        "devices",
        "evaluate --schema",
        "batch exams --lead V7 --closed-form --no-reliability --output out",
    ] {
        let done = desk.command(args).stdout(full()).output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(said.contains("standard output"), "{args}: {said}");
        assert_eq!(done.status.code(), Some(1), "{args}");
    }
    for args in [
        "convert a.edf b.csv",
        "synth a.edf --lead V7 --closed-form -o c.csv",
    ] {
        let done = desk.command(args).stderr(full()).status().unwrap();
        assert!(done.success(), "{args}");
        desk.open(args.rsplit(' ').next().unwrap());
    }
    assert_eq!(
        desk.command("info nowhere")
            .stderr(full())
            .status()
            .unwrap()
            .code(),
        Some(1)
    );
}

#[test]
fn a_spreadsheet_finds_no_formula_in_a_table() {
    let desk = Desk::new();
    let mut recording = exam();
    recording.patient.name = Some("x,=cmd|' /C calc'!A0".into());
    recording.notes = vec![(None, "a; @SUM(1)".into()), (Some(1.0), "=2+2,-3".into())];
    let names = ["=1+1", "@SUM(1)", "+some", "-other"];
    let lead = |name: &str| Lead::measured(LeadName::Named(name.into()), beats(1, 5000));
    let leads = [recording.leads.leads(), &names.map(lead)].concat();
    recording.leads = LeadSet::new(recording.leads.rate(), leads).unwrap();
    desk.save("a.edf", &recording);
    desk.must("convert a.edf b.csv");
    let table = desk.text("b.csv");
    for line in table.lines() {
        for cell in line.split([',', ';', '\t']) {
            let cell = cell.trim().trim_matches('"');
            let is_formula = cell.starts_with(['=', '@', '+', '-']) && cell.parse::<f64>().is_err();
            assert!(!is_formula, "{line}");
        }
    }
    let found = desk.open("b.csv").recording;
    assert_eq!(found.patient.name, recording.patient.name);
    assert_eq!(found.notes, recording.notes);
    for name in names {
        assert!(
            found.leads.get(&LeadName::Named(name.into())).is_some(),
            "{name}"
        );
    }
}
