//! A thousand seeded sequences over the window with a list of exams, a second exam, sheets, notes and
//! the report: nothing panics, nothing is lost, nothing is written into the folder.
#![allow(clippy::unwrap_used)]
#![cfg(feature = "gui")]

mod drive;
mod stand_in;

use std::{collections::BTreeMap, path::Path};

use drive::{Window, until};
use ecg_panorama::{
    ecg::Sheet,
    gui::App,
    session::{Action, Autosave, Command, Edit, ReadAs, Review, Towards},
};
use eframe::egui::{self, Key, Modifiers};
use egui_kittest::Harness;
use stand_in::{StandIn, recording};

/// A small generator of our own, so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    fn one_of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.roll(values.len())]
    }
}

const KEYS: [Key; 25] = [
    Key::N,
    Key::R,
    Key::W,
    Key::Z,
    Key::E,
    Key::A,
    Key::C,
    Key::M,
    Key::K,
    Key::F,
    Key::B,
    Key::L,
    Key::T,
    Key::Escape,
    Key::Enter,
    Key::Tab,
    Key::Space,
    Key::Num0,
    Key::Num1,
    Key::Num3,
    Key::Num6,
    Key::PageDown,
    Key::PageUp,
    Key::ArrowUp,
    Key::ArrowRight,
];
const MODIFIERS: [Modifiers; 4] = [
    Modifiers::NONE,
    Modifiers::NONE,
    Modifiers::SHIFT,
    Modifiers::ALT,
];

/// What a panel would push, about lists, notes, sheets and comparing.
fn action(dice: &mut Dice, folder: &Path) -> Action {
    let sheets = Sheet::ALL.map(Some);
    let said = |dice: &mut Dice| ["seen", "", "ST?", "r′ · β 62°"][dice.roll(4)].to_owned();
    match dice.roll(12) {
        0 => Command::StepList(Towards::Next).into(),
        1 => Command::StepList(Towards::Previous).into(),
        2 => Command::OpenListed(dice.roll(4)).into(),
        3 => Command::KeepReview(Review {
            reviewed: dice.roll(2) == 0,
            note: said(dice),
        })
        .into(),
        4 => Command::CompareWith(folder.join("second.edf"), ReadAs::default()).into(),
        5 => Command::CloseComparison.into(),
        6 | 7 => Edit::ShowSheet(dice.one_of(&sheets)).into(),
        8 => Edit::ShowSheet(None).into(),
        9 => Edit::SetReport(said(dice)).into(),
        10 => Command::Undo.into(),
        _ => Command::Redo.into(),
    }
}

/// One thing that a hand does.
fn deed(window: &mut Window, dice: &mut Dice, folder: &Path) {
    let at = egui::pos2(dice.roll(1280) as f32, dice.roll(800) as f32);
    match dice.roll(8) {
        0 => {
            window.drag_at(at);
            window.step();
            window.drop_at(at);
        }
        1 => window.drag_at(at),
        2 => window.drop_at(at),
        3 => window.hover_at(at),
        4 => {
            let text = dice.one_of(&["9", "V", "é", "/"]);
            window.event(egui::Event::Text(text.to_owned()));
        }
        5 => window.key_press_modifiers(dice.one_of(&MODIFIERS), dice.one_of(&KEYS)),
        _ => {
            let action = action(dice, folder);
            window.state_mut().act(action);
        }
    }
    window.step();
}

/// The bytes of all files of a folder.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    let file = |entry: std::fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap();
        (name, std::fs::read(entry.path()).unwrap())
    };
    entries.map(file).collect()
}

fn opened(folder: &Path, exams: &Path) -> Window {
    let autosave = Autosave::new(folder.join("autosave"));
    let mut window: Window = Harness::builder()
        .with_size(egui::vec2(1280.0, 800.0))
        .with_max_steps(40)
        .build_eframe(move |cc| {
            App::new(cc, None, autosave, || Box::new(StandIn::default())).with_typed_paths()
        });
    list(&mut window, exams);
    window
}

/// Opens the list, and the first exam of it.
fn list(window: &mut Window, exams: &Path) {
    window.state_mut().act(Command::Open(exams.to_owned()));
    until(window, "the list", |session| {
        let list = session.worklist.as_ref();
        list.is_some_and(|list| list.exams.len() == 3 && !list.progress.is_running)
    });
}

#[test]
fn a_thousand_sequences_over_lists_sheets_notes_and_two_exams_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let exams = folder.path().join("exams");
    std::fs::create_dir(&exams).unwrap();
    for name in ["first.edf", "second.edf", "third.edf"] {
        recording(&exams.join(name));
    }
    let before = files(&exams);
    let mut window = opened(folder.path(), &exams);
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    for sequence in 0..1000 {
        for _ in 0..1 + dice.roll(4) {
            deed(&mut window, &mut dice, &exams);
        }
        let session = window.state().session();
        let checked = session.document.check();
        assert!(checked.is_ok(), "sequence {sequence}: {checked:?}");
        if session.prompts.unsaved.is_some() {
            window.state_mut().act(Command::DiscardAndLeave);
        }
        if window.state().session().worklist.is_none() {
            list(&mut window, &exams);
        }
    }
    assert_eq!(files(&exams), before, "the folder is as it was");
    what_was_said_is_found_again(window, folder.path(), &exams);
}

/// Notes stand in a new run of the program, and a session holds all that was decided.
fn what_was_said_is_found_again(mut window: Window, folder: &Path, exams: &Path) {
    window.state_mut().act(Command::SetSettings(Box::default()));
    window.state_mut().act(Command::StepList(Towards::Next));
    window.state_mut().act(Command::DiscardAndLeave);
    window.state_mut().act(Command::OpenListed(1));
    until(&mut window, "an exam", |session| {
        session.loading().is_none() && session.exam.is_some()
    });
    let review = Review {
        reviewed: true,
        note: "the last word".into(),
    };
    window.state_mut().act(Command::KeepReview(review.clone()));
    window
        .state_mut()
        .act(Edit::ShowSheet(Some(Sheet::Posterior)));
    window.state_mut().act(Edit::SetReport("normal".into()));
    let path = folder.join("kept.panorama");
    window.state_mut().act(Command::SaveSession(path.clone()));
    until(&mut window, "the saved session", |_| path.exists());
    let kept = window.state().session().document.clone();
    drop(window);

    let mut again = opened(folder, exams);
    again.state_mut().act(Command::Open(path));
    until(&mut again, "the session", |session| {
        session.document.report == "normal"
    });
    assert_eq!(again.state().session().document, kept);
    assert_eq!(again.state().session().review(), review);
}
