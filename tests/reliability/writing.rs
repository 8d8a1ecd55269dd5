//! Nothing is lost by writing.

use std::{fs, process::Command};

use super::desk::{Desk, exam, exam_with};

/// Commands that write a file, as `{}`, from `a.edf`.
const WRITERS: [&str; 6] = [
    "synth a.edf --closed-form --lead V7 -o {}.edf",
    "synth a.edf --closed-form --lead V7 -o {}.hea",
    "synth a.edf --closed-form --lead V7 -o {}.svg",
    "panorama a.edf --closed-form -o {}.csv",
    "page a.edf -o {}.pdf",
    "convert a.edf {}.csv",
];

#[test]
fn an_input_is_never_written() {
    let desk = Desk::new();
    desk.save("a.edf", &exam());
    desk.save("r.hea", &exam());
    desk.save("q.svg", &exam());
    desk.write("d.dcm", "%PDF-1.7 under another name");
    fs::hard_link(desk.at("a.edf"), desk.at("hard.edf")).unwrap();
    fs::create_dir(desk.at("sub")).unwrap();
    for args in [
        "synth a.edf --lead V7 -o a.edf",
        "synth r.hea --lead V7 -o r.hea",
        "synth r.dat --lead V7 -o r.hea",
        "synth a.edf --lead V7 -o hard.edf",
        "panorama a.edf -o a.edf",
        "panorama a.edf -o sub/../a.edf",
        "page q.svg -o q.svg",
        "convert a.edf a.edf",
        "convert r.hea r.dat --format edf",
        "batch . --lead V7 --format edf --output .",
        "convert a.edf d.dcm --document d.dcm",
    ] {
        desk.refused(args);
        desk.refused(&format!("{args} --force"));
    }
}

#[cfg(unix)]
#[test]
fn an_input_is_known_through_links() {
    let desk = Desk::new();
    desk.save("a.edf", &exam());
    std::os::unix::fs::symlink("a.edf", desk.at("soft.edf")).unwrap();
    desk.refused("synth soft.edf --lead V7 -o a.edf --force");
    desk.refused("synth a.edf --lead V7 -o soft.edf --force");
    desk.refused("convert a.edf soft.edf --force");
}

#[test]
fn what_is_there_stays_without_force() {
    let desk = Desk::new();
    desk.save("a.edf", &exam());
    for writer in WRITERS.iter().chain(&["phantom --seconds 1 -o {}.edf"]) {
        let args = writer.replace("{}", "out");
        let target = args.rsplit(' ').next().unwrap();
        desk.write(target, "something else");
        let said = desk.refused(&args);
        assert!(said.err.contains("--force"), "{args}: {}", said.err);
        desk.must(&format!("{args} --force"));
        assert_ne!(desk.content()[target], b"something else", "{args}");
    }
}

#[test]
fn signals_of_another_record_are_not_replaced() {
    let desk = Desk::new();
    desk.save("a.edf", &exam());
    desk.save("my file.hea", &exam_with(&[], 2.0));
    desk.refused("convert a.edf my_file.hea --force");
    desk.refused("convert a.edf my_file.dat --format edf --force");
}

/// The header and the signals of a WFDB record would be other files than the one named.
#[test]
fn the_name_of_a_file_says_what_is_in_it() {
    let desk = Desk::new();
    desk.save("a.edf", &exam());
    desk.save("b.hea", &exam());
    for args in [
        "convert a.edf b.edf --format wfdb --force",
        "convert a.edf b --format wfdb --force",
        "convert a.edf c.edf --format csv",
    ] {
        let said = desk.refused(args);
        assert!(said.err.contains("--format"), "{args}: {}", said.err);
    }
}

#[test]
fn what_is_no_plain_file_is_refused() {
    let desk = Desk::new();
    desk.save("a.edf", &exam());
    fs::create_dir(desk.at("folder")).unwrap();
    desk.refused("convert a.edf folder --format edf --force");
    for special in ["pipe", "device"] {
        let made = match special {
            "pipe" => Command::new("mkfifo").arg(desk.at("pipe")).status(),
            _ => Command::new("ln")
                .args(["-s", "/dev/null"])
                .arg(desk.at("device"))
                .status(),
        };
        if !made.is_ok_and(|it| it.success()) {
            println!("skipped: no {special} here");
            continue;
        }
        for args in [
            "convert a.edf {} --format edf --force",
            "info {}",
            "page {} -o page.svg",
            "synth {} --lead V7 -o out.csv",
        ] {
            desk.refused(&args.replace("{}", special));
        }
        assert!(
            !fs::metadata(desk.at(special)).unwrap().is_file(),
            "{special}"
        );
        // Nor where a list or an array is wanted.
        for (name, args) in [
            ("list.csv", "batch list.csv --lead V7 --output out"),
            ("a.npy", "evaluate a.npy --patients 1"),
        ] {
            fs::rename(desk.at(special), desk.at(name)).unwrap();
            assert!(!desk.run(args).is_ok, "{args}");
            fs::rename(desk.at(name), desk.at(special)).unwrap();
        }
        // Nor by way of a header.
        desk.write(
            "r.hea",
            format!("r 1 500 2\n{special} 16 200 16 0 0 0 0 I\n"),
        );
        desk.refused("info r.hea");
        desk.write("s.dat", "");
        let _ = fs::remove_file(desk.at("s.hea"));
        fs::rename(desk.at(special), desk.at("s.hea")).unwrap();
        desk.refused("info s.dat");
        fs::remove_file(desk.at("s.hea")).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn new_files_are_as_private_as_the_user_wants_and_old_ones_as_they_were() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    desk.save("a.edf", &exam());
    let mode = |name: &str| fs::metadata(desk.at(name)).unwrap().permissions().mode() & 0o777;
    for (umask, expected) in [("077", 0o600), ("027", 0o640), ("022", 0o644)] {
        for (at, writer) in WRITERS.iter().enumerate() {
            let args = writer.replace("{}", &format!("out-{umask}-{at}"));
            let target = args.rsplit(' ').next().unwrap();
            let shell = format!("umask {umask}; exec \"$0\" {args}");
            let program = env!("CARGO_BIN_EXE_ecg-panorama");
            let mut command = Command::new("sh");
            command
                .args(["-c", &shell, program])
                .current_dir(desk.at("."));
            assert!(command.status().unwrap().success(), "{args}");
            assert_eq!(mode(target), expected, "{args}");
        }
    }
    let private = fs::Permissions::from_mode(0o600);
    fs::set_permissions(desk.at("out-022-5.csv"), private).unwrap();
    desk.must("convert a.edf out-022-5.csv --force");
    assert_eq!(mode("out-022-5.csv"), 0o600);
}

#[test]
fn a_reader_that_leaves_ends_a_command_quietly() {
    let desk = Desk::new();
    desk.save("a.edf", &exam());
    for args in [
        "phantom --list",
        "devices",
        "info a.edf a.edf a.edf --json",
        "calibrate a.edf --closed-form",
        "reliability a.edf --closed-form --lead V7",
        "convert a.edf - --format csv",
        "page a.edf -o -",
    ] {
        let mut command = desk.command(args);
        let piped = command.stdout(std::process::Stdio::piped());
        let mut child = piped.stderr(std::process::Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        let err = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(ended.status.success(), "{args}: {err}");
        assert!(
            !err.contains("panicked") && !err.contains("roken pipe"),
            "{args}: {err}"
        );
    }
}
