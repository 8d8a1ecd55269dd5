//! Journeys through several recordings, by accessible names: a folder gone through exam by exam, a
//! text that does not say what its numbers are, two files held against each other, teaching, and a
//! session that finds its recording again, a folder that the command line has worked through. A
//! stand-in answers for the network in the window. (What one recording and the network itself make of
//! it is in `tests/window.rs`, more of the command line in `tests/reliability`.)
#![allow(clippy::unwrap_used)]
#![cfg(feature = "gui")]

mod drive;
mod stand_in;

use std::path::{Path, PathBuf};

use drive::{Window, type_path, until};
use ecg_panorama::{
    ecg::{LeadName, Target},
    gui::App,
    session::{Autosave, Calibrating, Command, Edit, Session},
};
use eframe::egui::{self, Key, Modifiers, accesskit::Role};
use egui_kittest::{
    Harness,
    kittest::{NodeT, Queryable, by},
};
use stand_in::{StandIn, recording};

const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

fn window(own: &Path, file: Option<PathBuf>) -> Window {
    let autosave = Autosave::new(own.join("own"));
    Harness::builder()
        .with_size(egui::vec2(1440.0, 900.0))
        .with_max_steps(40)
        .build_eframe(move |cc| {
            App::new(cc, file, autosave, || Box::new(StandIn::default())).with_typed_paths()
        })
}

fn is_ready(session: &Session) -> bool {
    matches!(session.calibrating, Calibrating::Ready(_)) && session.results.point.is_some()
}

/// Whether anything to be seen says so.
fn says(window: &Window, part: &str) -> bool {
    window.query_all_by_label_contains(part).next().is_some()
}

fn leads(session: &Session) -> Vec<String> {
    let exam = session.exam.as_ref().unwrap();
    let leads = exam.recording.leads.leads().iter();
    leads.map(|lead| lead.name.to_string()).collect()
}

#[test]
fn a_folder_is_gone_through_by_key_and_nothing_is_written_into_it() {
    let (folder, own) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (number, name) in ["a.edf", "b.edf", "c.edf"].into_iter().enumerate() {
        let path = folder.path().join(name);
        recording(&path);
        // Exams are told apart by their bytes.
        let mut bytes = std::fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= number as u8;
        std::fs::write(&path, bytes).unwrap();
    }
    std::fs::write(folder.path().join("letter.txt"), "Dear colleague").unwrap();
    let mut window = window(own.path(), None);
    window.run_steps(2);
    window.key_press_modifiers(CTRL_SHIFT, Key::O);
    type_path(&mut window, folder.path());
    until(&mut window, "the list", |session| {
        let list = session.worklist.as_ref();
        list.is_some_and(|list| list.exams.len() == 3 && !list.progress.is_running)
    });
    until(&mut window, "the first exam", is_ready);
    assert_eq!(window.state().session().listed_at(), Some(0));
    assert!(says(&window, "1 of 3"));
    // A lead kept, another layout: both go along, and nobody is asked to save them.
    let posterior = Edit::AddVirtual("V8".parse().unwrap());
    window.state_mut().act(posterior);
    window.run_steps(2);
    window.key_press(Key::R);
    window.run_steps(2);
    window.key_press(Key::N);
    until(&mut window, "the second exam", |session| {
        session.listed_at() == Some(1) && is_ready(session)
    });
    let session = window.state().session();
    assert!(session.prompts.unsaved.is_none());
    assert_eq!(session.document.virtual_leads.len(), 1);
    assert!(!session.review().reviewed, "of the first alone");
    window.get_by_label("Reviewed").click();
    window.run_steps(3);
    assert!(window.state().session().review().reviewed);
    window.key_press_modifiers(Modifiers::SHIFT, Key::N);
    until(&mut window, "the first again", |session| {
        session.listed_at() == Some(0) && is_ready(session)
    });
    assert!(
        window.state().session().review().reviewed,
        "and it stays so"
    );
    // A caliper is work on this exam: it is not left without asking.
    let caliper = serde_json::json!({
        "kind": "pair", "lead": "II", "times_s": [1.0, 1.8], "levels_mv": [0.0, 0.5],
    });
    let caliper = Edit::AddCaliper(serde_json::from_value(caliper).unwrap());
    window.state_mut().act(caliper);
    window.run_steps(2);
    window.key_press(Key::N);
    until(&mut window, "the question", |session| {
        session.prompts.unsaved.is_some()
    });
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 4, "nothing is written into the folder");
}

#[test]
fn a_text_that_does_not_say_what_its_numbers_are_is_never_guessed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.csv");
    let row = |k: usize| {
        let beat = (-(((k % 200) as f64 - 100.0) / 4.0).powi(2)).exp();
        format!("{:.0},{:.0}\n", 700.0 * beat, 1100.0 * beat)
    };
    let rows: String = (0..2500).map(row).collect();
    std::fs::write(&path, format!("ch1,ch2\n{rows}")).unwrap();
    let mut window = window(folder.path(), Some(path));
    until(&mut window, "the questions", |session| {
        session.prompts.unsure.is_some()
    });
    let is_open = |window: &mut Window| {
        window.get_by_label("Open").click();
        window.run_steps(4);
        window.state().session().prompts.unsure.is_none()
    };
    assert!(!is_open(&mut window), "neither unit nor rate is known");
    window.get_by_label("µV").click();
    window.run_steps(2);
    assert!(!is_open(&mut window), "the rate is not known");
    window.get_by_label("250").click();
    window.run_steps(2);
    window.get_by_role_and_label(Role::ComboBox, "ch2").click();
    window.run_steps(3);
    window.get_by_label("II").click();
    window.run_steps(3);
    window.get_by_label("Open").click();
    until(&mut window, "the recording", |session| {
        session.exam.is_some()
    });
    let session = window.state().session();
    assert_eq!(leads(session), ["ch1", "II"]);
    let exam = session.exam.as_ref().unwrap();
    let ii = exam.leads.get(&LeadName::II).unwrap();
    let most = ii.samples_mv.iter().copied().fold(0.0, f32::max);
    assert!((most - 1.1).abs() < 0.01 && exam.leads.rate().hz() == 250.0);
}

#[test]
fn j4_two_files_of_which_one_was_recorded_higher() {
    let folder = tempfile::tempdir().unwrap();
    let [usual, high] = ["usual.edf", "high.edf"].map(|name| folder.path().join(name));
    recording(&usual);
    recording(&high);
    let mut window = window(folder.path(), Some(usual));
    until(&mut window, "the lead at the point", is_ready);
    window.key_press_modifiers(CTRL_SHIFT, Key::E);
    type_path(&mut window, &high);
    until(&mut window, "the other", |session| session.other.is_some());
    let papers = |window: &Window| {
        ["Recording 1", "Recording 2"].map(|name| {
            let sheet = window.get_by_role_and_label(Role::Canvas, name);
            sheet.rect()
        })
    };
    let [first, second] = papers(&window);
    assert!(first.bottom() <= second.top(), "one below the other");
    window.get_by_label("Side by side").click();
    window.run_steps(3);
    let [first, second] = papers(&window);
    assert!(first.right() <= second.left());
    window.get_by_label("V1, V2 of 2 at…").click();
    window.run_steps(3);
    window.get_by_label("2nd intercostal space").click();
    let high = LeadName::parse("V1@2ICS");
    until(&mut window, "the declaration", |session| {
        let other = session.other.as_ref();
        other.is_some_and(|other| other.exam.leads.get(&LeadName::parse("V1@2ICS")).is_some())
    });
    window.get_by_label("Median beats").click();
    until(&mut window, "this patient's own high leads", |session| {
        session
            .results
            .compared
            .contains_key(&LeadName::parse("V1@2ICS"))
    });
    window.run_steps(3);
    assert!(says(&window, "V1@2ICS"));
    let made = &window.state().session().results.compared[&high];
    assert!(made.synthesis.lead.origin.is_synthesised());
    assert_eq!(made.target, Target::lead(&high).unwrap());
    window.get_by_label("Differences").click();
    window.run_steps(3);
    assert!(says(&window, "QTcF ms"));
    window.get_by_label("End the comparison").click();
    window.run_steps(3);
    assert!(window.state().session().other.is_none());
}

#[test]
fn j5_teaching_shows_no_name_and_asks_where_the_lead_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Jane Roe.edf");
    recording(&path);
    let mut window = window(folder.path(), Some(path));
    until(&mut window, "the lead at the point", is_ready);
    assert!(says(&window, "Jane Roe"));
    window.key_press(Key::F5);
    window.run_steps(4);
    assert!(!says(&window, "Jane Roe"));
    assert!(says(&window, "Teaching"));
    window.key_press(Key::F5);
    window.run_steps(4);
    assert!(says(&window, "Jane Roe"));
}

#[test]
fn j6_a_session_finds_its_recording_again_and_refuses_another() {
    let folder = tempfile::tempdir().unwrap();
    let (path, saved) = (
        folder.path().join("a.edf"),
        folder.path().join("a.panorama"),
    );
    recording(&path);
    let mut first = window(folder.path(), Some(path.clone()));
    until(&mut first, "the lead at the point", is_ready);
    let keep = Edit::AddVirtual("V8".parse().unwrap());
    first.state_mut().act(keep);
    until(&mut first, "the kept lead", |it| {
        it.results.listed.len() == 1
    });
    first.key_press_modifiers(Modifiers::COMMAND, Key::S);
    type_path(&mut first, &saved);
    until(&mut first, "the file", |session| !session.is_edited());
    drop(first);
    // Session and recording move to another folder together.
    let other = tempfile::tempdir().unwrap();
    let [moved, session] = ["a.edf", "a.panorama"].map(|name| other.path().join(name));
    std::fs::rename(&path, &moved).unwrap();
    std::fs::rename(&saved, &session).unwrap();
    let mut again = window(folder.path(), Some(session.clone()));
    until(&mut again, "the session as saved", |session| {
        matches!(session.calibrating, Calibrating::Saved(_))
    });
    assert_eq!(again.state().session().document.virtual_leads.len(), 1);
    drop(again);
    let mut bytes = std::fs::read(&moved).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&moved, bytes).unwrap();
    let mut refused = window(folder.path(), Some(session));
    until(&mut refused, "the refusal", |session| {
        let mut notices = session.notices.list().iter();
        notices.any(|notice| notice.message.to_string().contains("another SHA-256"))
    });
    assert!(refused.state().session().exam.is_none());
}

/// A folder is worked through by the command line, past a file that is none and with an exit code that
/// says so; what it made is then gone through in the window, where it is what it is: synthesised.
#[test]
fn j8_what_a_batch_made_is_looked_at_in_the_window() {
    let folder = tempfile::tempdir().unwrap();
    let [exams, out] = ["exams", "out"].map(|name| folder.path().join(name));
    std::fs::create_dir(&exams).unwrap();
    for name in ["a.edf", "b.edf"] {
        recording(&exams.join(name));
    }
    std::fs::write(exams.join("letter.txt"), "Dear colleague").unwrap();
    let batch = || {
        let made = std::process::Command::new(env!("CARGO_BIN_EXE_ecg-panorama"))
            .args([
                "batch",
                "--lead",
                "V8,V4R",
                "--closed-form",
                "--no-reliability",
            ])
            .args(["--jobs", "2", "--resume", "--output"])
            .args([&out, &exams])
            .output()
            .unwrap();
        let lines = String::from_utf8(made.stdout).unwrap();
        let status = |line: &str| -> String {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            line["status"].as_str().unwrap().to_owned()
        };
        let mut found: Vec<String> = lines.lines().map(status).collect();
        found.sort();
        (made.status.success(), found)
    };
    assert_eq!(
        batch(),
        (false, ["failed", "ok", "ok"].map(String::from).into())
    );
    let resumed = ["failed", "skipped", "skipped"].map(String::from);
    assert_eq!(batch(), (false, resumed.into()));
    let mut window = window(&folder.path().join("own"), None);
    window.run_steps(2);
    window.key_press_modifiers(CTRL_SHIFT, Key::O);
    type_path(&mut window, &out);
    until(&mut window, "the list", |session| {
        let list = session.worklist.as_ref();
        list.is_some_and(|list| list.exams.len() == 2 && !list.progress.is_running)
    });
    until(&mut window, "what was made", |session| {
        session.exam.is_some()
    });
    window.run_steps(3);
    assert!(says(&window, "1 of 2") && says(&window, "a.csv"));
    let exam = window.state().session().exam.as_ref().unwrap();
    let labels = exam.leads.leads().iter().map(|lead| lead.label());
    assert_eq!(labels.collect::<Vec<_>>(), ["dV8", "dV4R"]);
    window.key_press(Key::N);
    until(&mut window, "the other one", |session| {
        session.listed_at() == Some(1)
    });
}

#[test]
fn from_launch_to_a_brugada_sheet_of_a_file_in_three_steps() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.edf");
    recording(&path);
    let is_shown = |window: &mut Window| {
        until(window, "the sheet", |session| {
            session.results.listed.len() == 4
        });
        window.run_steps(2);
        let leads = "Brugada: V1, dV1@3ICS, dV1@2ICS, V2, dV2@3ICS, dV2@2ICS";
        window.get_by_role_and_label(Role::Canvas, leads);
    };
    // Open…, the file in the dialog (here typed), the sheet.
    let mut first = window(folder.path(), None);
    first.run_steps(2);
    first.get_all_by_label("Open…").next().unwrap().click();
    type_path(&mut first, &path);
    until(&mut first, "the file", |session| session.exam.is_some());
    first.get_by_label("Brugada").click();
    is_shown(&mut first);
    // The file among the recent ones, the sheet.
    first.state_mut().act(Command::Close);
    first.run_steps(3);
    first.get_by_label("Discard").click();
    first.run_steps(3);
    first.get_by_label("a.edf").click();
    until(&mut first, "the file", |session| session.exam.is_some());
    first.get_by_label("Brugada").click();
    is_shown(&mut first);
    // Started with the file: the sheet alone.
    let mut second = window(folder.path(), Some(path));
    until(&mut second, "the file", |session| session.exam.is_some());
    second.get_by_label("Brugada").click();
    is_shown(&mut second);
}

#[test]
fn what_a_crash_left_says_of_which_recording_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Jane Roe.edf");
    recording(&path);
    let mut crashed = window(folder.path(), Some(path));
    until(&mut crashed, "the lead at the point", is_ready);
    let keep = Edit::AddVirtual("V8".parse().unwrap());
    crashed.state_mut().act(keep);
    let is_kept = || {
        let files = std::fs::read_dir(folder.path().join("own"));
        let mut paths = files.into_iter().flatten().flatten().map(|it| it.path());
        paths.any(|path| path.extension().is_some_and(|it| it == "panorama"))
    };
    until(&mut crashed, "the autosave", |_| is_kept());
    drop(crashed);
    let mut again = window(folder.path(), None);
    again.run_steps(3);
    assert!(says(&again, "ended unexpectedly") && says(&again, "Jane Roe.edf"));
    again.state_mut().act(Edit::SetDeidentified(true));
    again.run_steps(3);
    assert!(says(&again, "de-identified") && !says(&again, "Jane Roe"));
}

#[test]
fn pages_of_ten_seconds_turn_at_double_speed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.edf");
    recording(&path);
    let mut window = window(folder.path(), Some(path));
    until(&mut window, "the lead at the point", is_ready);
    assert!(window.query_by_label("Later page").is_none(), "all is seen");
    window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    window.run_steps(3);
    window.event(egui::Event::Text("50 mm/s".to_owned()));
    window.run_steps(3);
    window.key_press(Key::Enter);
    window.run_steps(4);
    assert_eq!(window.state().session().document.page.speed_mm_s, 50.0);
    window.get_by_label("Later page").click();
    window.run_steps(4);
    // The pages of one window of time: nothing is calibrated anew.
    let session = window.state().session();
    assert_eq!(session.document.window_start_s, 0.0);
    assert!(is_ready(session));
    let paper =
        window.get_by_role_and_label(Role::Canvas, "ECG paper, 13 leads, 50 mm/s · 10 mm/mV");
    let right = paper.rect().right_center() - egui::vec2(30.0, 0.0);
    window.hover_at(right);
    window.run_steps(3);
    let cursor_s = window.state().session().cursor_s.unwrap();
    assert!(9.0 < cursor_s && cursor_s <= 10.0, "{cursor_s}");
    window.state_mut().act(Command::Close);
}

/// Whatever can be pressed, chosen or typed into has a name that a screen reader can say.
#[test]
fn every_control_has_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.edf");
    recording(&path);
    let mut window = window(folder.path(), Some(path.clone()));
    until(&mut window, "the lead at the point", is_ready);
    let keys = [Key::T, Key::B, Key::L, Key::P, Key::Questionmark];
    for key in keys {
        window.key_press(key);
        window.run_steps(4);
        check_names(&window, &format!("{key:?}"));
        window.key_press(Key::Escape);
        window.run_steps(2);
    }
    window.key_press_modifiers(Modifiers::COMMAND, Key::E);
    window.run_steps(4);
    check_names(&window, "export");
    window.key_press(Key::Escape);
    window
        .state_mut()
        .act(Command::Open(folder.path().to_owned()));
    until(&mut window, "the list", |session| {
        let list = session.worklist.as_ref();
        list.is_some_and(|list| !list.progress.is_running)
    });
    check_names(&window, "list");
    window
        .state_mut()
        .act(Command::AskLeads(path, Default::default()));
    until(&mut window, "the questions", |session| {
        session.prompts.unsure.is_some()
    });
    check_names(&window, "what the leads are");
}

fn check_names(window: &Window, place: &str) {
    const CONTROLS: [Role; 8] = [
        Role::Button,
        Role::CheckBox,
        Role::ComboBox,
        Role::RadioButton,
        Role::Slider,
        Role::SpinButton,
        Role::TextInput,
        Role::MultilineTextInput,
    ];
    for node in window.query_all(by()) {
        let node = node.accesskit_node();
        if CONTROLS.contains(&node.role()) {
            let name = node.label().filter(|name| !name.trim().is_empty());
            let named = name.is_some() || node.labelled_by().next().is_some();
            let value = node.value().unwrap_or_default();
            assert!(
                named,
                "{place}: a {:?} without a name: {value}",
                node.role()
            );
        }
    }
}
