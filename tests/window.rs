//! The window driven by accessible names, as a person with a screen reader would: the journeys of
//! the clinic.
#![cfg(feature = "gui")]

mod drive;

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use drive::{Window, type_path, until};
use ecg_panorama::{
    ecg::{LeadName, LeadSet, Target, montage},
    formats::{self, Format, ReadOptions},
    gui::App,
    session::{self, Autosave, Calibrating, Command, Edit, engine::network, notice::Severity},
    signal::Exchange,
};
use eframe::egui::{self, Key, Modifiers, accesskit::Role};
use egui_kittest::{Harness, kittest::Queryable};

/// A window of the real program on `file`, with folders of its own and typed paths.
fn window(folder: &Path, file: Option<PathBuf>) -> Window {
    let autosave = Autosave::new(folder.join("autosave"));
    Harness::builder()
        .with_size(egui::vec2(1280.0, 800.0))
        .with_max_steps(40)
        .build_eframe(move |cc| App::new(cc, file, autosave, network).with_typed_paths())
}

fn until_ready(window: &mut Window) {
    until(window, "calibration", |it| {
        matches!(it.calibrating, Calibrating::Ready(_))
    });
    until(window, "the virtual lead", |it| {
        it.results
            .point
            .as_ref()
            .is_some_and(|p| p.target == it.document.point_target())
    });
}

fn demo_window(folder: &Path, name: &str) -> Window {
    let mut window = window(folder, None);
    window.state_mut().act(Command::OpenDemo(name.to_owned()));
    until_ready(&mut window);
    window
}

fn says(window: &Window, part: &str) -> bool {
    window
        .state()
        .session()
        .notices
        .list()
        .iter()
        .any(|it| it.message.to_string().contains(part))
}

#[test]
fn j1_from_launch_to_a_moved_virtual_lead_in_two_clicks() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window(folder.path(), None);
    window.run_steps(3);
    window.get_by_label("Normal sinus rhythm").click();
    until_ready(&mut window);
    assert!(
        window
            .query_by_label_contains("synthesised, not recorded")
            .is_some()
    );
    let before = window.state().session().document.point;
    // Second click: on the skin, between the electrodes.
    let skin = window
        .get_by_role_and_label(Role::Canvas, "Torso")
        .rect()
        .center()
        + egui::vec2(-30.0, -60.0);
    window.hover_at(skin);
    window.run_steps(2);
    window.drag_at(skin);
    window.drop_at(skin);
    until(&mut window, "the moved point", |it| {
        it.document.point != before
            && it
                .results
                .point
                .as_ref()
                .is_some_and(|p| p.target == it.document.point_target())
    });
    let session = window.state().session();
    let lead = &session.results.point.as_ref().unwrap().synthesis.lead;
    assert!(lead.origin.is_synthesised() && lead.label().starts_with('d'));
    assert!(session.document.source.is_some());
}

#[test]
fn closing_with_edits_asks_first() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = demo_window(folder.path(), "normal");
    let keep = Edit::AddVirtual("V8".parse().unwrap());
    let ask = |window: &mut Window, answer: &str| {
        window.state_mut().act(Command::Quit);
        window.run_steps(2);
        let question = window.query_by_label("Save the changes first?");
        assert!(question.is_some());
        window.get_by_label(answer).click();
        window.run_steps(3);
        assert!(window.query_by_label("Save the changes first?").is_none());
        window.state().session().may_quit()
    };
    window.state_mut().act(keep);
    assert!(!ask(&mut window, "Cancel") && ask(&mut window, "Discard"));
}

#[test]
fn j2_a_file_opens_with_its_report_and_a_bad_one_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let good = folder.path().join("Müller 1 mV.csv");
    let n = 5000;
    let mut text = String::from("time_s,I,II,V1,V2,V3,V4,V5,V6\n");
    for k in 0..n {
        let beat = |width: f64| (-(((k % 400) as f64 - 200.0) / width).powi(2)).exp();
        let row: Vec<String> = (0..8)
            .map(|lead| {
                format!(
                    "{:.4}",
                    beat(6.0) * (0.3 + 0.1 * f64::from(lead)) - 0.1 * beat(40.0)
                )
            })
            .collect();
        text += &format!("{:.3},{}\n", f64::from(k) / 500.0, row.join(","));
    }
    std::fs::write(&good, text).unwrap();
    let mut window = window(folder.path(), Some(good.clone()));
    until(&mut window, "the question for the unit", |it| {
        it.prompts.unsure.is_some()
    });
    // A question takes a few frames to find its size.
    window.run_steps(6);
    window.get_by_label("mV").click();
    window.run_steps(6);
    window.get_by_label("Open").click();
    until(&mut window, "the answer", |it| it.prompts.unsure.is_none());
    until_ready(&mut window);
    let exam = window.state().session().exam.as_ref().unwrap();
    assert_eq!(
        exam.leads.leads().len(),
        12,
        "III, aVR, aVL, aVF are derived"
    );
    window.get_by_label("Import report").click();
    window.run_steps(2);
    assert!(window.query_by_label_contains("leads: ").is_some());
    window.get_by_label("Close").click();
    window.run_steps(2);
    assert_eq!(
        window.state().session().settings.recent.first(),
        Some(&good)
    );

    for (name, bytes) in [
        ("empty.edf", Vec::new()),
        ("noise.edf", vec![0x5a; 3000]),
        ("note.txt", b"hello".to_vec()),
        ("gone.dat", Vec::new()),
    ] {
        let path = folder.path().join(name);
        if name != "gone.dat" {
            std::fs::write(&path, bytes).unwrap();
        }
        window.state_mut().act(Command::Open(path));
        until(&mut window, "the refusal", |it| it.loading().is_none());
        assert!(
            says(&window, &format!("Could not open {name}")),
            "{name}: {:?}",
            window.state().session().notices.list()
        );
        assert!(
            window.state().session().exam.is_some(),
            "the open recording stays"
        );
    }
}

#[test]
fn j3_a_preset_by_search_angles_by_keys_and_what_to_believe() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = demo_window(folder.path(), "normal");
    window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    window.run_steps(2);
    window
        .get_by_label("Type a command or a lead")
        .type_text("V1@2ICS");
    window.run_steps(2);
    window.key_press(Key::Enter);
    let high = LeadName::parse("V1@2ICS");
    until(&mut window, "the preset", |it| {
        it.document.preset.as_ref() == Some(&high)
    });
    until_ready(&mut window);
    until(&mut window, "the trust report", |it| {
        it.results
            .reliability
            .as_ref()
            .is_some_and(|t| t.0 == Target::lead(&high).unwrap())
    });
    let trust = window
        .state()
        .session()
        .results
        .reliability
        .as_ref()
        .unwrap()
        .1
        .clone();
    assert!(0.0 < trust.expected_rmse_uv && 4 <= trust.held_out.len() && !trust.reasons.is_empty());
    assert!(window.query_by_label_contains("typical error").is_some());
    assert!(
        window
            .query_by_label_contains("2nd intercostal space, right sternal border")
            .is_some()
            || montage(&high).is_some()
    );

    let (theta, phi) = window.state().session().document.point.degrees();
    window.key_press(Key::ArrowDown);
    window.run_steps(3);
    window.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    window.run_steps(3);
    let moved = window.state().session().document.point.degrees();
    assert!(
        (moved.0 - theta - 1.0).abs() < 1e-6 && (moved.1 - phi - 10.0).abs() < 1e-6,
        "{moved:?} from {theta} {phi}"
    );
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run_steps(3);
    assert_ne!(
        window.state().session().document.point.degrees(),
        moved,
        "undo takes the step back"
    );

    window.get_by_label("+ Keep lead").click();
    until(&mut window, "the kept lead", |it| {
        it.document.virtual_leads.len() == 1 && it.results.listed.len() == 1
    });
    window.get_by_label("Pin").click();
    window.run_steps(3);
    assert!(window.state().session().document.virtual_leads[0].pinned);
}

#[test]
fn j4_leads_that_the_file_has_are_kept_out_and_compared() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = demo_window(folder.path(), "brugada-1");
    let truth = window.state().session().truth_leads();
    assert!(truth.contains(&LeadName::parse("V1@2ICS")), "{truth:?}");
    window.get_by_label("Compare with recorded").click();
    window.run_steps(3);
    window.get_by_label("V1@2ICS").click();
    let name = LeadName::parse("V1@2ICS");
    until(&mut window, "the comparison", |it| {
        it.results.compared.contains_key(&name)
    });
    until(&mut window, "its figures", |it| {
        it.results
            .reliability
            .as_ref()
            .is_some_and(|t| t.1.truth.is_some())
    });
    let truth = window
        .state()
        .session()
        .results
        .reliability
        .as_ref()
        .unwrap()
        .1
        .truth
        .clone()
        .unwrap();
    assert!(!truth.table.is_empty() && truth.lead == name);
    let used = &window
        .state()
        .session()
        .results
        .point
        .as_ref()
        .unwrap()
        .synthesis
        .contributions;
    assert!(
        used.iter().all(|it| it.0.is_standard()),
        "truth leads took no part: {used:?}"
    );
    assert!(
        window
            .query_by_label_contains("root mean square of the difference")
            .is_some()
    );
}

#[test]
fn j7_what_is_handed_on_is_marked() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = demo_window(folder.path(), "normal");
    for (button, file) in [
        ("Page as PDF, true scale", "page.pdf"),
        ("Page as SVG", "page.svg"),
        ("Leads as CSV", "leads.csv"),
        ("Leads as EDF+", "leads.edf"),
    ] {
        let path = folder.path().join(file);
        window.get_by_label("Export…").click();
        window.run_steps(3);
        window.get_by_label(button).click();
        window.run_steps(3);
        type_path(&mut window, &path);
        let start = Instant::now();
        while !path.exists() && start.elapsed() < Duration::from_secs(60) {
            window.step();
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(
            path.exists(),
            "{button} wrote nothing: {:?}",
            window.state().session().notices.list()
        );
    }
    let read = |name: &str| {
        String::from_utf8_lossy(&std::fs::read(folder.path().join(name)).unwrap()).into_owned()
    };
    assert!(read("page.pdf").starts_with("%PDF"));
    assert!(read("page.svg").contains("synthesised") && read("page.svg").contains("dV2@3ICS"));
    assert!(
        read("leads.csv").to_lowercase().contains("synthesised"),
        "{}",
        &read("leads.csv")[..400]
    );
    assert!(read("leads.edf").contains("dV2@3ICS"));
}

#[test]
fn a_session_is_saved_and_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("my.panorama");
    let mut window = demo_window(folder.path(), "lbbb");
    window
        .state_mut()
        .act(Edit::UsePreset(LeadName::parse("V9")));
    window
        .state_mut()
        .act(Edit::AddVirtual("V8".parse().unwrap()));
    until_ready(&mut window);
    until(&mut window, "the kept lead", |it| {
        it.results.listed.len() == 1
    });
    window.state_mut().act(Command::SaveSession(path.clone()));
    window.run_steps(2);
    let document = window.state().session().document.clone();
    drop(window);
    let mut again = window_of(folder.path(), &path);
    until(&mut again, "the saved session", |it| {
        matches!(it.calibrating, Calibrating::Saved(_))
    });
    assert_eq!(again.state().session().document, document);
    assert!(
        again
            .query_by_label_contains("As saved, not checked")
            .is_some()
    );
    again.get_by_label("Calibrate again").click();
    until_ready(&mut again);
}

fn window_of(folder: &Path, file: &Path) -> Window {
    window(folder, Some(file.to_owned()))
}

/// A small generator of our own, so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// Random pointers, keys and words over the real window: it neither panics nor loses the document.
#[test]
fn a_thousand_random_sequences_leave_the_document_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = demo_window(folder.path(), "normal");
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let keys = [
        Key::ArrowUp,
        Key::ArrowDown,
        Key::ArrowLeft,
        Key::ArrowRight,
        Key::Escape,
        Key::Enter,
        Key::Tab,
        Key::Space,
        Key::B,
        Key::C,
        Key::F,
        Key::K,
        Key::L,
        Key::M,
        Key::P,
        Key::T,
        Key::Num1,
        Key::Num2,
        Key::Num3,
        Key::Num4,
        Key::Questionmark,
    ];
    for sequence in 0..1000 {
        for _ in 0..1 + dice.roll(4) {
            let at = egui::pos2(dice.roll(1280) as f32, dice.roll(800) as f32);
            match dice.roll(8) {
                0 => window.drag_at(at),
                1 => window.drop_at(at),
                2 | 3 => {
                    window.drag_at(at);
                    window.step();
                    window.drop_at(at);
                }
                4 => window.hover_at(at),
                5 => window.event(egui::Event::Text(
                    ["9", "V", "é", "/"][dice.roll(4) as usize].to_owned(),
                )),
                6 => window.key_press_modifiers(
                    [Modifiers::NONE, Modifiers::SHIFT, Modifiers::COMMAND][dice.roll(3) as usize],
                    keys[dice.roll(keys.len() as u64) as usize],
                ),
                _ => window.key_press(keys[dice.roll(keys.len() as u64) as usize]),
            }
            window.step();
        }
        let session = window.state().session();
        assert!(session.document.check().is_ok(), "sequence {sequence}");
        assert!(
            session
                .notices
                .list()
                .iter()
                .all(|it| !(it.message.severity() == Severity::Error
                    && it.message.to_string().contains("unexpectedly"))),
            "sequence {sequence}"
        );
        if session.exam.is_none() && session.loading().is_none() {
            window.state_mut().act(Command::OpenDemo("normal".into()));
        }
    }
}

#[test]
fn exchanged_electrodes_are_changed_back_on_a_click_and_every_page_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("arms.edf");
    std::fs::write(&file, session::demos()[0].file()).unwrap();
    let mut recording = formats::read(&file, &ReadOptions::default())
        .unwrap()
        .recording;
    let right = recording.leads.clone();
    recording.leads = Exchange::RightArmLeftArm.undo(&right).unwrap();
    formats::write(&recording, &file, Format::EdfPlus).unwrap();
    let mut window = window(folder.path(), Some(file));
    until_ready(&mut window);
    until(&mut window, "reliability", |it| {
        it.results.reliability.is_some()
    });
    let off = |window: &Window| {
        let lead = |leads: &LeadSet| leads.get(&LeadName::I).unwrap().samples_mv.clone();
        let shown = lead(&window.state().session().exam.as_ref().unwrap().leads);
        let pairs = shown
            .iter()
            .zip(&*lead(&right))
            .map(|(a, b)| (a - b).abs())
            .collect::<Vec<_>>();
        pairs.into_iter().fold(0.0, f32::max)
    };
    assert!(0.1 < off(&window), "as recorded first");
    window.get_by_label("Show with these changed back").click();
    window.run_steps(2);
    until_ready(&mut window);
    assert!(off(&window) < 0.002, "{}", off(&window));
    assert!(window.query_by_label_contains("not as recorded").is_some());
    let data = window.state().session().export_data().unwrap();
    assert!(
        data.page()
            .warnings
            .iter()
            .any(|it| it.text.contains("not as recorded"))
    );
    assert!(
        data.recording
            .notes
            .iter()
            .any(|it| it.1.contains("not as recorded"))
    );
    // A session keeps it; what is recorded is one click away, and undone like any edit.
    let saved = folder.path().join("a.panorama");
    window.state_mut().act(Command::SaveSession(saved.clone()));
    window.get_by_label("As recorded").click();
    window.run_steps(2);
    assert!(0.1 < off(&window) && window.query_by_label_contains("not as recorded").is_none());
    window.state_mut().act(Command::Undo);
    window.run_steps(2);
    assert!(off(&window) < 0.002);
    window.state_mut().act(Command::Open(saved));
    until(&mut window, "opening", |it| it.loading().is_none());
    assert!(off(&window) < 0.002 && window.query_by_label_contains("not as recorded").is_some());
}
