//! However the program ends, there is the old file or the new one, and nothing else.
#![cfg(unix)]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use ecg_panorama::session::{
    Autosave, Command as Do, Edit, ExportForm, Review, Session, engine::network, settings::Settings,
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
        .current_dir(desk.at(""))
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

/// Calls that change a file or a folder, or see to it that a change lasts. Not every system has all.
const CHANGING: &str = "?write,?pwrite64,?writev,?ftruncate,?fsync,?fdatasync,?rename,?renameat,?renameat2,\
     ?link,?linkat,?symlink,?symlinkat,?fchmod,?unlink,?unlinkat,?mkdir,?mkdirat";

/// What is done to one such call: it fails, or the program is killed at it.
const FAULTS: [&str; 2] = ["error=ENOSPC", "signal=KILL"];

/// Names and bytes of all files, those of folders below included.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let (folders, plain): (Vec<_>, Vec<_>) = entries.partition(|it| it.is_dir());
    let own = plain.into_iter().map(|path| {
        let bytes = fs::read(&path).unwrap();
        (path, bytes)
    });
    own.chain(folders.iter().flat_map(|it| files(it))).collect()
}

fn put(files: &BTreeMap<PathBuf, Vec<u8>>, desk: &Desk) {
    fs::remove_dir_all(desk.at("")).ok();
    for (path, bytes) in files {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// Runs `command` once for each of its calls that change a file, with a fault at that call, and
/// looks at what is there then. `false` where commands cannot be traced.
fn at_every_change(
    desk: &Desk,
    command: &Command,
    mut look: impl FnMut(&str, BTreeMap<PathBuf, Vec<u8>>),
) -> bool {
    let before = files(&desk.at(""));
    let log = tempfile::NamedTempFile::new().unwrap();
    for fault in FAULTS {
        for nth in 1.. {
            put(&before, desk);
            let mut traced = Command::new("strace");
            traced.args(["-f", "-o", &log.path().to_string_lossy(), "-e"]);
            traced.arg(format!("inject={CHANGING}:{fault}:when={nth}"));
            traced.arg(command.get_program()).args(command.get_args());
            let own = command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?)));
            traced.envs(own).current_dir(desk.at(""));
            if traced.output().is_err() {
                println!("skipped: no strace here");
                return false;
            }
            let said = fs::read_to_string(log.path()).unwrap();
            if nth == 1 && !said.contains("exited with") && !said.contains("killed by") {
                println!("skipped: strace cannot trace here");
                return false;
            }
            if !said.contains("(INJECTED)") && !said.contains("killed by SIGKILL") {
                assert!(2 < nth, "{command:?} changed no file");
                break;
            }
            look(
                &format!("{command:?}, {fault} at {nth}"),
                files(&desk.at("")),
            );
        }
    }
    put(&before, desk);
    true
}

/// Whatever happens to `command`, each file is the one before or the one after.
fn there_is_no_third_state(desk: &Desk, command: &Command) {
    let before = files(&desk.at(""));
    let mut clean = Command::new(command.get_program());
    let own = command
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)));
    clean
        .args(command.get_args())
        .envs(own)
        .current_dir(desk.at(""));
    let done = clean.output().unwrap();
    let words = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{command:?}: {words}");
    let after = files(&desk.at(""));
    assert!(before != after, "{command:?} wrote nothing");
    put(&before, desk);
    at_every_change(desk, command, |place, found| {
        for (path, bytes) in &found {
            let is_hidden = path
                .file_name()
                .is_some_and(|it| it.to_string_lossy().starts_with('.'));
            let is_known = [before.get(path), after.get(path)].contains(&Some(bytes));
            assert!(is_hidden || is_known, "{place}: {}", path.display());
        }
        let lost = before.keys().find(|path| !found.contains_key(*path));
        assert!(lost.is_none(), "{place}: {lost:?} is gone");
    });
}

/// A record is two files that belong together.
#[test]
fn a_fault_at_any_call_leaves_the_old_record_or_the_new_one() {
    let desk = Desk::new();
    desk.save("new.edf", &exam());
    desk.save("r.hea", &exam_with(&["V7"], 10.0));
    let command = desk.command("convert new.edf r.hea --force");
    at_every_change(&desk, &command, |place, _| {
        let opened = desk.open("r.hea");
        assert_eq!(opened.report.warnings, Vec::<String>::new(), "{place}");
        assert!([9, 12].contains(&opened.report.leads.len()), "{place}");
    });
}

/// Every writer of the command line, replacing files that are there.
#[test]
fn a_fault_at_any_call_of_a_command_leaves_the_old_file_or_the_new_one() {
    let made = "synth exam.edf --closed-form --lead V7 --force";
    let batch = "batch exams --closed-form --no-reliability --lead V7 --force -o made";
    for (args, replaced) in [
        ("convert exam.edf o.csv --force", "o.csv"),
        ("convert exam.edf o.edf --force", "o.edf"),
        ("convert exam.edf o.dcm --force", "o.dcm"),
        (&format!("{made} -o o.csv --sidecar"), "o.csv"),
        (&format!("{made} -o o.pdf"), "o.pdf"),
        (
            "panorama exam.edf --closed-form --map-at 1 --force -o o.csv",
            "o.csv",
        ),
        ("page exam.edf --force -o o.pdf", "o.pdf"),
        ("page exam.edf --force -o o.svg", "o.svg"),
        ("page exam.edf --force -o o.png", "o.png"),
        ("phantom --seconds 3 --force -o o.edf", "o.edf"),
        (&format!("{batch} --format csv"), "made/exam.csv"),
        (&format!("{batch} --format edf"), "made/exam.edf"),
        (
            "integrate o --force",
            "o/share/applications/ecg-panorama.desktop",
        ),
    ] {
        let desk = Desk::new();
        desk.save("exam.edf", &exam());
        for (name, bytes) in [
            ("exams/exam.edf", desk.content()["exam.edf"].clone()),
            (replaced, b"as it was".to_vec()),
        ] {
            fs::create_dir_all(desk.at(name).parent().unwrap()).unwrap();
            fs::write(desk.at(name), bytes).unwrap();
        }
        there_is_no_third_state(&desk, &desk.command(args));
    }
}

/// Every writer of the window, in a program of its own.
#[test]
fn a_fault_at_any_call_of_the_window_leaves_the_old_file_or_the_new_one() {
    for writer in WINDOW_WRITERS {
        let desk = Desk::new();
        desk.save("exam.edf", &exam());
        let mut command = Command::new(std::env::current_exe().unwrap());
        let test = "interruption::what_a_writer_of_the_window_does";
        command.args(["--exact", test, "--ignored"]);
        command
            .env("ECG_WINDOW_WRITER", writer)
            .current_dir(desk.at(""));
        // What it is to replace.
        assert!(command.output().unwrap().status.success(), "{writer}");
        command.env("ECG_WINDOW_WRITER_NOTE", "another");
        there_is_no_third_state(&desk, &command);
    }
}

const WINDOW_WRITERS: [&str; 9] = [
    "session", "autosave", "settings", "reviews", "pdf", "svg", "png", "csv", "edf",
];

#[test]
#[ignore = "started by the test above"]
fn what_a_writer_of_the_window_does() {
    let writer = std::env::var("ECG_WINDOW_WRITER").unwrap();
    let note = std::env::var("ECG_WINDOW_WRITER_NOTE").unwrap_or_default();
    let autosave = Autosave::new("keep");
    let mut session = Session::new(Settings::default(), autosave, Arc::new(|| {}), network);
    let wait = |session: &mut Session, is_done: fn(&Session) -> bool| {
        while !is_done(session) {
            std::thread::sleep(Duration::from_millis(2));
            session.drain();
        }
    };
    session.apply(Do::Open("exam.edf".into()));
    wait(&mut session, |it| it.exam.is_some());
    let lead = if note.is_empty() { "V8" } else { "V9" };
    session.apply(Edit::AddVirtual(lead.parse().unwrap()));
    let export = ExportForm::ALL
        .into_iter()
        .find(|it| it.extension() == writer);
    match (&*writer, export) {
        (_, Some(form)) => {
            session.apply(Edit::SetDeidentified(!note.is_empty()));
            session.apply(Do::Export(form, format!("o.{writer}").into()));
            wait(&mut session, |it| !it.notices.list().is_empty());
        }
        ("session", _) => session.apply(Do::SaveSession("o.panorama".into())),
        ("autosave", _) => session.finish(),
        ("settings", _) => {
            let ui_scale = if note.is_empty() { 1.2 } else { 1.4 };
            session.apply(Do::SetSettings(Box::new(Settings {
                ui_scale,
                ..Settings::default()
            })));
            session.keep_settings();
        }
        ("reviews", _) => session.apply(Do::KeepReview(Review {
            reviewed: true,
            note,
        })),
        (other, _) => panic!("no writer is called {other}"),
    }
}
