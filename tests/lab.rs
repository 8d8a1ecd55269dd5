//! The lab driven by accessible names: a heart is changed, and what is on the screen follows.
#![allow(clippy::unwrap_used)] // A test stops at what it did not expect.
#![cfg(feature = "gui")]

use std::{
    path::Path,
    time::{Duration, Instant},
};

use ecg_panorama::{
    ecg::{Lead, LeadName, PlacementError},
    gui::App,
    session::{
        Autosave, Calibrating, Command, Edit, ExportForm, HandedOn, OtherExam, PathPurpose,
        Session,
        engine::network,
        lab::{Branch, Condition, HeartRhythm, VirtualHeart},
        settings::Settings,
    },
    signal::{Sign, metrics::rmse_uv},
    words::{Label, Language, Translator},
};
use eframe::egui::{self, accesskit::Role};
use egui_kittest::{Harness, kittest::Queryable};

type Window = Harness<'static, App>;

fn window(folder: &Path) -> Window {
    let autosave = Autosave::new(folder.join("autosave"));
    Harness::builder()
        .with_size(egui::vec2(1280.0, 720.0))
        .with_max_steps(40)
        .build_eframe(move |cc| App::new(cc, None, autosave, network).with_typed_paths())
}

fn until(window: &mut Window, what: &str, done: impl Fn(&Session) -> bool) {
    let start = Instant::now();
    while !done(window.state().session()) {
        window.step();
        let session = window.state().session();
        let said = session.notices.list();
        assert!(
            start.elapsed() < Duration::from_secs(120),
            "waited too long for {what}: {said:?}"
        );
        std::thread::sleep(Duration::from_millis(3));
    }
    window.run_steps(2);
}

fn qrs_ms(session: &Session) -> Option<f64> {
    session.exam.as_ref()?.intervals.as_ref()?.qrs_ms
}

fn is_ready(session: &Session) -> bool {
    matches!(session.calibrating, Calibrating::Ready(_)) && session.results.point.is_some()
}

/// Opens the lab from the welcome page, in that language.
fn lab(folder: &Path, language: Language) -> Window {
    let mut window = window(folder);
    let settings = Settings {
        language,
        ..window.state().session().settings.clone()
    };
    window
        .state_mut()
        .act(Command::SetSettings(Box::new(settings)));
    window.run_steps(3);
    press(&mut window, language, Role::Button, Label::HeartLab);
    until(&mut window, "the heart", |it| {
        it.heart().is_some() && is_ready(it)
    });
    window
}

fn press(window: &mut Window, language: Language, role: Role, label: Label) {
    let name = Translator(language).tr(label);
    window.get_by_role_and_label(role, name).click();
    window.run_steps(3);
}

#[test]
fn cutting_a_bundle_changes_the_page_and_can_be_undone_in_two_languages() {
    for language in [Language::English, Language::German] {
        let folder = tempfile::tempdir().unwrap();
        let mut window = lab(folder.path(), language);
        let said = Translator(language).tr(Label::SimulatedShort);
        assert!(
            window.query_all_by_label_contains(said).next().is_some(),
            "{said}"
        );
        let exam = window.state().session().exam.as_ref().unwrap();
        assert!(exam.recording.is_simulated());
        assert!(qrs_ms(window.state().session()).unwrap() < 115.0);
        press(&mut window, language, Role::CheckBox, Label::CutLeftBundle);
        until(&mut window, "a wide QRS", |it| {
            qrs_ms(it).is_some_and(|ms| 120.0 <= ms)
        });
        press(&mut window, language, Role::Button, Label::Undo);
        until(&mut window, "a narrow QRS", |it| {
            qrs_ms(it).is_some_and(|ms| ms < 115.0)
        });
        assert_eq!(
            window.state().session().heart(),
            Some(&VirtualHeart::default())
        );
    }
}

/// Values that no step of a slider meets stay: whoever opens a heart must not change it.
#[test]
fn a_heart_is_not_changed_by_being_shown() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = lab(folder.path(), Language::English);
    for section in [Label::HeartPlace, Label::ElectrodesAndNoise] {
        let title = Translator(Language::English).tr(section);
        window.get_by_label(title).click();
        window.run_steps(8);
    }
    let odd = VirtualHeart {
        person: Some(1_227),
        moved_mm: [1.234_567, -2.345_678, 3.456_789],
        turned_deg: [12.345_678, -1.234_567, 0.123_456],
        size: 1.023_456,
        rate_bpm: Some(71.234_567),
        potassium: 4.234_567,
        noise: 0.765_432,
        ..VirtualHeart::default()
    };
    let conditions = Condition::ALL.map(|it| it.heart(7));
    for heart in conditions.into_iter().chain([odd]) {
        window
            .state_mut()
            .act(Edit::SetHeart(Box::new(heart.clone())));
        window.run_steps(3);
        assert_eq!(window.state().session().heart(), Some(&heart));
        if heart.person == Some(1_227) || heart.hypertrophy.is_some() {
            for _ in 0..200 {
                window.key_press(egui::Key::Tab);
                window.run_steps(2);
            }
            let now = window.state().session().heart();
            assert_eq!(now, Some(&heart), "after the keyboard passed over it");
        }
    }
}

#[test]
fn a_click_on_the_heart_sets_a_focus_and_the_beat_before_stays_to_compare() {
    let folder = tempfile::tempdir().unwrap();
    let english = Language::English;
    let mut window = lab(folder.path(), english);
    press(&mut window, english, Role::Button, Label::HoldAgainstNow);
    assert!(window.state().session().before.is_some());
    let name = Translator(english).tr(Label::HeartPaneHint);
    let heart = window.get_by_role_and_label(Role::Canvas, name).rect();
    let front = egui::pos2(heart.left() + 0.25 * heart.width(), heart.center().y - 20.0);
    window.hover_at(front);
    window.run_steps(2);
    window.drag_at(front);
    window.drop_at(front);
    until(&mut window, "a focus", |it| {
        it.heart().is_some_and(|heart| heart.focus_mm.is_some())
    });
    let session = window.state().session();
    assert_eq!(
        session.heart().unwrap().rhythm,
        HeartRhythm::VentricularEctopics
    );
    press(
        &mut window,
        english,
        Role::Button,
        Label::HoldAgainstNothing,
    );
    assert!(window.state().session().before.is_none());
}

#[test]
fn a_drag_on_the_heart_paints_an_infarction_that_raises_st_and_is_undone_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let english = Language::English;
    let mut window = lab(folder.path(), english);
    let name = Translator(english).tr(Label::InfarctionHere);
    window.get_by_label(name).click();
    window.run_steps(2);
    let name = Translator(english).tr(Label::HeartPaneHint);
    let heart = window.get_by_role_and_label(Role::Canvas, name).rect();
    let middle = egui::pos2(heart.left() + 0.28 * heart.width(), heart.center().y);
    window.hover_at(middle);
    window.run_steps(2);
    window.drag_at(middle);
    for step in 1..=8 {
        window.hover_at(middle + egui::vec2(5.0 * step as f32, 0.0));
        window.run_steps(1);
    }
    window.drop_at(middle + egui::vec2(40.0, 0.0));
    until(&mut window, "an infarction", |it| {
        is_ready(it) && it.heart().is_some_and(|it| !it.infarctions.is_empty()) && !it.is_busy()
    });
    let heart = window.state().session().heart().unwrap();
    assert_eq!(heart.infarctions.len(), 1);
    let [radius_mm, _, last_mm] = heart.infarctions[0].half_axes_mm;
    assert!(
        radius_mm == last_mm && 6.0 < radius_mm && radius_mm < 45.0,
        "{radius_mm}"
    );
    let table = &window.state().session().exam.as_ref().unwrap().measurements;
    let st_uv = table.leads.iter().filter_map(|it| it.st_j_uv);
    assert!(100.0 < st_uv.fold(0.0, f64::max), "ST is raised somewhere");
    window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Z);
    until(&mut window, "the healthy heart", |it| {
        it.heart().is_some_and(|it| it.infarctions.is_empty())
    });
}

#[test]
fn a_heart_is_saved_and_opened_again_as_simulated() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = lab(folder.path(), Language::English);
    let heart = VirtualHeart {
        potassium: 7.0,
        ..VirtualHeart::default()
    };
    window
        .state_mut()
        .act(Edit::SetHeart(Box::new(heart.clone())));
    window.state_mut().act(Command::EndGesture);
    until(&mut window, "the simulation", |it| {
        !it.is_edited() || (is_ready(it) && !it.awaits_frame())
    });
    let file = folder.path().join("heart.panorama");
    window
        .state_mut()
        .act(Command::UsePath(PathPurpose::Save, file.clone()));
    until(&mut window, "the file", |it| !it.is_edited());
    window.state_mut().act(Command::Close);
    window.run_steps(3);
    assert!(window.state().session().exam.is_none());
    window.state_mut().act(Command::Open(file));
    until(&mut window, "the saved heart", |it| it.heart().is_some());
    let session = window.state().session();
    assert_eq!(session.heart(), Some(&heart));
    assert!(session.exam.as_ref().unwrap().recording.is_simulated());
}

#[test]
fn of_a_drag_only_the_newest_heart_is_shown_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = lab(folder.path(), Language::English);
    let set = |size| {
        let heart = VirtualHeart {
            size,
            noise: 0.0,
            ..VirtualHeart::default()
        };
        Edit::SetHeart(Box::new(heart))
    };
    let of_v3 = |session: &Session| {
        let exam = session.exam.as_ref().unwrap();
        exam.leads.get(&LeadName::V3).unwrap().samples_mv.clone()
    };
    window.state_mut().act(set(1.2));
    window.state_mut().act(Command::EndGesture);
    let start = of_v3(window.state().session());
    until(&mut window, "the one", |it| {
        of_v3(it) != start && !it.is_busy()
    });
    let wanted = of_v3(window.state().session());
    for step in 0..12 {
        window.state_mut().act(set(0.85 + 0.025 * f64::from(step)));
        window.step();
    }
    window.state_mut().act(set(1.2));
    window.state_mut().act(Command::EndGesture);
    until(&mut window, "the last", |it| of_v3(it) == wanted);
    let (undo, _) = window.state().session().can_undo_redo();
    assert!(undo);
    window.state_mut().act(Command::Undo);
    window.state_mut().act(Command::Undo);
    assert_eq!(
        window.state().session().heart(),
        Some(&VirtualHeart::default())
    );
}

#[test]
fn a_misplacement_stands_beside_the_right_page_and_is_handed_on_as_simulated() {
    let folder = tempfile::tempdir().unwrap();
    for (language, error) in [
        (Language::English, PlacementError::Arms),
        (Language::French, PlacementError::SecondSpace),
    ] {
        let translator = Translator(language);
        let own = folder.path().join(format!("{language:?}"));
        let mut window = lab(&own, language);
        window.state_mut().act(Command::OpenDemo("normal".into()));
        until(&mut window, "the demo", |it| {
            it.heart().is_none() && is_ready(it)
        });
        press(&mut window, language, Role::Button, Label::More);
        press(
            &mut window,
            language,
            Role::Button,
            Label::MisplaceElectrodes,
        );
        window
            .get_by_label(&translator.placement_error(&error))
            .click();
        until(&mut window, "the other page", |it| it.other.is_some());
        let mark = translator.tr(Label::SimulatedMisplacement);
        assert!(window.query_all_by_label_contains(mark).next().is_some());
        let misplaced = window.state().session().other.as_ref().unwrap();
        let misplaced = misplaced.misplacement().unwrap();
        assert_eq!(misplaced.error, error);
        // The checks tell of each by its own sign.
        let is_its_own = |sign: &Sign| match error {
            PlacementError::Arms => matches!(sign, Sign::Exchanged { .. }),
            _ => matches!(sign, Sign::NegativePInV2 { .. }),
        };
        let signs = &misplaced.signs;
        assert!(signs.len() == 1 && is_its_own(&signs[0]), "{signs:?}");
        // Handed on, and opened again: simulated, and a synthesised lead is none of the plain name.
        window.state_mut().act(Command::HandOn(HandedOn::Misplaced));
        let file = folder.path().join(format!("misplaced-{language:?}.edf"));
        window
            .state_mut()
            .act(Command::Export(ExportForm::Edf, file.clone()));
        until(&mut window, "the file", |_| file.exists());
        window.state_mut().act(Command::Open(file));
        until(&mut window, "the misplaced page", |it| {
            it.exam
                .as_ref()
                .is_some_and(|exam| exam.title.contains("misplaced"))
        });
        let exam = window.state().session().exam.as_ref().unwrap();
        assert!(exam.recording.is_simulated() && exam.recording.patient.is_anonymous());
        let is_plain = |lead: &Lead| lead.name == LeadName::V1 && !lead.origin.is_synthesised();
        let has_plain_v1 = exam.leads.leads().iter().any(is_plain);
        assert_eq!(has_plain_v1, error == PlacementError::Arms);
    }
}

/// While electrodes are misplaced, one that is dragged over the torso is worn at the nearest place of
/// another lead; the pages follow, of a recording by synthesis, of a heart of the lab truly.
#[test]
fn an_electrode_that_is_dragged_is_worn_there() {
    let folder = tempfile::tempdir().unwrap();
    for of_a_heart in [false, true] {
        let language = Language::English;
        let mut window = lab(&folder.path().join(of_a_heart.to_string()), language);
        if !of_a_heart {
            window.state_mut().act(Command::OpenDemo("normal".into()));
            until(&mut window, "the demo", |it| {
                it.heart().is_none() && is_ready(it)
            });
        }
        window.key_press(egui::Key::Num1);
        window
            .state_mut()
            .act(Command::Misplace(PlacementError::Arms));
        until(&mut window, "exchanged arms", |it| it.other.is_some());
        let torso = Translator(language).tr(Label::Torso);
        if of_a_heart {
            window.get_by_role_and_label(Role::Button, torso).click();
            window.run_steps(3);
        }
        let torso = window.get_by_role_and_label(Role::Canvas, torso).rect();
        let v1 = torso.center() + egui::vec2(-0.035 * torso.width(), 0.0);
        window.hover_at(v1);
        window.run_steps(2);
        window.drag_at(v1);
        for step in 1..=8 {
            window.hover_at(v1 + egui::vec2(0.0, -5.0 * step as f32));
            window.run_steps(1);
        }
        window.drop_at(v1 + egui::vec2(0.0, -40.0));
        let worn_at = LeadName::parse("V1@2ICS");
        let expected = PlacementError::Moved {
            electrode: LeadName::V1,
            worn_at: worn_at.clone(),
        };
        // Places on the way are shown as they come.
        until(&mut window, "V1 elsewhere", |it| {
            let other = it.other.as_ref().and_then(OtherExam::misplacement);
            other.is_some_and(|it| it.error == expected)
        });
        let session = window.state().session();
        let other = session.other.as_ref().unwrap();
        let misplaced = other.misplacement().unwrap();
        let v1 = other.exam.leads.get(&LeadName::V1).unwrap();
        assert_eq!(v1.origin.is_synthesised(), !of_a_heart);
        assert_eq!(misplaced.expected_uv.is_empty(), of_a_heart);
        // What the machine adds is another noise; the lead is the one that belongs there.
        let off_uv = |name: &LeadName| {
            let lead = session.exam.as_ref().unwrap().leads.get(name).unwrap();
            rmse_uv(&v1.samples_mv, &lead.samples_mv)
        };
        let [there, here] = [worn_at, LeadName::V1].map(|it| off_uv(&it));
        assert!(!of_a_heart || 4.0 * there < here, "{there}, {here} µV");
    }
}

#[test]
fn a_misplaced_heart_of_the_lab_is_recorded_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = lab(folder.path(), Language::English);
    let error = PlacementError::Off(LeadName::V4);
    window.state_mut().act(Command::Misplace(error));
    until(&mut window, "the other page", |it| it.other.is_some());
    let other = window.state().session().other.as_ref().unwrap();
    let v4 = other.exam.leads.get(&LeadName::V4).unwrap();
    assert!(v4.samples_mv.iter().all(|mv| *mv == 0.0));
    assert!(other.misplacement().unwrap().expected_uv.is_empty());
    let error = PlacementError::Off(LeadName::V4);
    window.state_mut().act(Edit::ShowSheet(None));
    assert!(window.state().session().other.is_none(), "a sheet instead");
    window.state_mut().act(Command::Misplace(error));
    until(&mut window, "the other page", |it| it.other.is_some());
    press(
        &mut window,
        Language::English,
        Role::Button,
        Label::CloseComparison,
    );
    assert!(window.state().session().other.is_none());
}

/// From a slider's move until every pane shows it, and how long the window thinks about a frame: a
/// drag of sixty steps of a slider that turns the heart, one that changes its muscle, one that changes
/// how it conducts. Printed.
#[test]
#[ignore = "a measurement, not a test"]
fn measure_how_fast_the_panes_follow() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = lab(folder.path(), Language::English);
    for name in ["V7", "V4R"] {
        window
            .state_mut()
            .act(Edit::AddVirtual(name.parse().unwrap()));
    }
    window.key_press(egui::Key::B);
    window.run_steps(2);
    until(&mut window, "the map", |it| {
        it.results.map.is_some() && is_followed(it)
    });
    let sliders: [(&str, SetSlider); 3] = [
        ("turned", |it, step| it.turned_deg[0] = 0.5 * step),
        ("potassium", |it, step| it.potassium = 4.2 + 0.05 * step),
        ("left bundle", |it, step| {
            let network = 0.5 + 0.005 * step;
            it.left_bundle = Branch::Cut { network };
        }),
    ];
    for (slider, set) in sliders {
        measure_slider(&mut window, slider, set);
    }
}

/// Sets a slider of the heart to a step of a drag.
type SetSlider = fn(&mut VirtualHeart, f64);

fn measure_slider(window: &mut Window, slider: &str, set: SetSlider) {
    let (mut pages_ms, mut panes_ms, mut frames_ms) = (Vec::new(), Vec::new(), Vec::new());
    for step in 1..=60 {
        let mut heart = VirtualHeart::default();
        set(&mut heart, f64::from(step));
        let before = window.state().session().exam.as_ref().unwrap().revision;
        let start = Instant::now();
        window.state_mut().act(Edit::SetHeart(Box::new(heart)));
        let since_ms = |start: Instant| 1000.0 * start.elapsed().as_secs_f64();
        let mut page_ms = None;
        loop {
            let frame = Instant::now();
            window.step();
            frames_ms.push(since_ms(frame));
            let session = window.state().session();
            let is_new = session.exam.as_ref().unwrap().revision != before;
            if is_new {
                page_ms.get_or_insert_with(|| since_ms(start));
            }
            if is_new && is_followed(session) {
                break;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        pages_ms.extend(page_ms);
        panes_ms.push(since_ms(start));
    }
    for (what, mut all) in [
        ("page", pages_ms),
        ("all panes", panes_ms),
        ("work of a frame", frames_ms),
    ] {
        all.sort_by(f64::total_cmp);
        let at = |share: f64| all[((all.len() - 1) as f64 * share) as usize];
        let [median, high, most] = [0.5, 0.95, 1.0].map(at);
        println!("{slider}, {what}: median {median:.1} ms, 95 % {high:.1} ms, most {most:.1} ms");
    }
}

/// Nothing is shown of a former heart.
fn is_followed(session: &Session) -> bool {
    matches!(session.calibrating, Calibrating::Ready(_)) && !session.results.are_trailing()
}
