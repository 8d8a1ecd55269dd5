//! However the program ends, there is the old file or the new one, and nothing else.
#![cfg(unix)]

use std::{
    collections::BTreeMap,
    process::{Command, Stdio},
    time::Duration,
};

use super::desk::{Desk, exam, exam_with};

/// Starts a command and sends it a signal after a while; what lies in the folder then.
fn interrupted(desk: &Desk, args: &str, signal: &str, after_ms: u64) -> BTreeMap<String, Vec<u8>> {
    // Whoever runs the tests may ignore signals, and that is inherited.
    let mut command = Command::new("env");
    if signal != "-KILL" {
        command.arg("--default-signal=TERM,HUP,INT");
    }
    command
        .arg(env!("CARGO_BIN_EXE_ecg-panorama"))
        .args(args.split(' '));
    command
        .current_dir(desk.at("."))
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    std::thread::sleep(Duration::from_millis(after_ms));
    let pid = child.id().to_string();
    let _ = Command::new("kill").args([signal, &pid]).status();
    child.wait().unwrap();
    desk.content()
}

#[test]
fn told_to_end_it_leaves_nothing_behind() {
    let desk = Desk::new();
    let env = Command::new("env")
        .args(["--default-signal=TERM", "true"])
        .status();
    if !env.is_ok_and(|it| it.success()) {
        return println!("skipped: env has no --default-signal here");
    }
    desk.save("long.edf", &exam_with(&[], 900.0));
    for args in [
        "convert long.edf out.csv",
        "convert long.edf out.hea",
        "convert long.edf out.edf",
        "synth long.edf --closed-form --lead V7 -o out.csv",
    ] {
        for signal in ["-TERM", "-HUP", "-INT"] {
            let mut ends = 0;
            for after_ms in [60, 150, 400] {
                let content = interrupted(&desk, args, signal, after_ms);
                let names: Vec<&String> = content.keys().collect();
                let is_done = names.len() > 1;
                assert!(
                    names.iter().all(|it| !it.starts_with('.')),
                    "{args}: {names:?}"
                );
                ends += usize::from(!is_done);
                for name in names.iter().filter(|it| it.starts_with("out")) {
                    let _ = std::fs::remove_file(desk.at(name));
                }
            }
            assert!(0 < ends, "{args}: never ended early enough");
        }
    }
}

#[test]
fn what_a_kill_leaves_goes_at_the_next_write() {
    let desk = Desk::new();
    desk.save("long.edf", &exam_with(&[], 900.0));
    let mut left = 0;
    for after_ms in [50, 100, 200, 400, 800, 1600, 3200] {
        let content = interrupted(&desk, "convert long.edf out.csv", "-KILL", after_ms);
        left += content.keys().filter(|it| it.starts_with('.')).count();
    }
    assert!(0 < left, "never killed while writing");
    desk.must("convert long.edf other.edf --seconds 1");
    assert!(desk.content().keys().all(|it| !it.starts_with('.')));
}

#[test]
fn a_replaced_record_is_the_old_one_or_the_new_one() {
    let desk = Desk::new();
    desk.save("r.hea", &exam_with(&["V7"], 10.0));
    desk.save("new.edf", &exam());
    for after_ms in 1..40 {
        interrupted(&desk, "convert new.edf r.hea --force", "-KILL", after_ms);
        let opened = desk.open("r.hea");
        assert_eq!(
            opened.report.warnings,
            Vec::<String>::new(),
            "after {after_ms} ms"
        );
        let n_leads = opened.report.leads.len();
        if n_leads == 12 {
            // The derived leads are written too.
            desk.save("r.hea", &exam_with(&["V7"], 10.0));
        } else {
            assert_eq!(n_leads, 9, "after {after_ms} ms");
        }
    }
    desk.must("convert new.edf r.hea --force");
    let names: Vec<String> = desk.content().into_keys().collect();
    assert_eq!(names, ["new.edf", "r.dat", "r.hea"]);
}

/// Every system call that changes a file fails once: each time the old record or the new one is
/// there.
#[test]
fn a_failing_system_leaves_the_old_file_or_the_new_one() {
    let desk = Desk::new();
    if Command::new("strace").arg("-V").output().is_err() {
        return println!("skipped: no strace here");
    }
    desk.save("new.edf", &exam());
    for target in ["r.hea", "r.csv", "r.edf"] {
        for call in [
            "write",
            "fsync",
            "rename,renameat,renameat2",
            "link,linkat",
            "fchmod",
            "unlink,unlinkat",
        ] {
            for nth in 1..=6 {
                desk.save(target, &exam_with(&["V7"], 10.0));
                let inject = format!("inject={call}:error=EIO:when={nth}");
                let mut command = Command::new("strace");
                command.args(["-f", "-o", "/dev/null", "-e", &inject]);
                command.arg(env!("CARGO_BIN_EXE_ecg-panorama"));
                command
                    .args(["convert", "new.edf", target, "--force"])
                    .current_dir(desk.at("."));
                if command.output().is_err() {
                    return println!("skipped: strace cannot trace here");
                }
                let opened = desk.open(target);
                let place = format!("{target}, {call} {nth}");
                assert_eq!(opened.report.warnings, Vec::<String>::new(), "{place}");
                assert!([9, 12].contains(&opened.report.leads.len()), "{place}");
            }
        }
    }
}

/// Calls that change a file.
const CHANGING: [&str; 6] = [
    "write",
    "fsync",
    "rename,renameat,renameat2",
    "link,linkat",
    "fchmod",
    "unlink,unlinkat",
];

/// Every writer of the command line, each replacing a file that is there: with a fault at each
/// system call that changes a file there are the old bytes or the new ones.
#[test]
fn no_writer_knows_a_third_state() {
    let desk = Desk::new();
    if Command::new("strace").arg("-V").output().is_err() {
        return println!("skipped: no strace here");
    }
    desk.save("exam.edf", &exam());
    for (args, target) in [
        ("convert exam.edf out.dcm --force", "out.dcm"),
        (
            "synth exam.edf --closed-form --lead V7 --force -o out.csv",
            "out.csv",
        ),
        (
            "synth exam.edf --closed-form --lead V7 --force -o out.pdf",
            "out.pdf",
        ),
        (
            "panorama exam.edf --closed-form --map-at 1 --force -o map.csv",
            "map.csv",
        ),
        ("page exam.edf --force -o page.pdf", "page.pdf"),
        ("page exam.edf --force -o page.svg", "page.svg"),
        ("phantom --seconds 3 --force -o phantom.edf", "phantom.edf"),
    ] {
        desk.must(args);
        let new = std::fs::read(desk.at(target)).unwrap();
        let old = b"as it was before".to_vec();
        for call in CHANGING {
            for nth in 1..=2 {
                desk.write(target, &old);
                let inject = format!("inject={call}:error=ENOSPC:when={nth}");
                let mut command = Command::new("strace");
                command.args(["-f", "-o", "/dev/null", "-e", &inject]);
                command.arg(env!("CARGO_BIN_EXE_ecg-panorama"));
                command.args(args.split(' ')).current_dir(desk.at("."));
                if command.output().is_err() {
                    return println!("skipped: strace cannot trace here");
                }
                let found = std::fs::read(desk.at(target)).unwrap();
                let n = found.len();
                assert!(
                    found == old || found == new,
                    "{target}, {call} {nth}: {n} bytes"
                );
            }
        }
    }
}
