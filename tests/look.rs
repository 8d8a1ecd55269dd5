//! Every screen of the window as a picture, to be looked at: `cargo test --release --test look --
//! --ignored` writes them into the folder that `ECG_SCREENS` names. `ECG_SCREENS_ONLY` picks those
//! whose name holds it.
#![allow(clippy::unwrap_used)]
#![cfg(feature = "gui")]

mod drive;

use std::path::PathBuf;

use drive::{Window, until};
use ecg_panorama::{
    ecg::{LeadName, PageLayout, PaperSettings, PlacementError, ViewAngle},
    gui::App,
    session::{
        self, Autosave, Calibrating, Command, Edit, Session,
        lab::{Condition, VirtualHeart},
        lessons::{LessonMove, lessons},
        quiz::{CardKind, CardSource, QuizMove},
        settings::{Appearance, Settings},
    },
    words::Language,
};
use eframe::egui::{self, Key, Modifiers};
use egui_kittest::{Harness, kittest::Queryable};

/// What one picture is of: name, size in points, pixels per point, likes, and what to do before it
/// is taken.
struct Shot {
    name: &'static str,
    size: [f32; 2],
    pixels: f32,
    settings: Settings,
    act: Act,
}

/// What to do before a picture is taken.
type Act = fn(&mut Window);

fn ready(window: &mut Window) {
    until(window, "the screen", |it| {
        matches!(it.calibrating, Calibrating::Ready(_))
    });
    until(window, "the screen", |it| {
        it.results
            .reliability
            .as_ref()
            .is_some_and(|trust| trust.0 == it.document.point_target())
    });
}

fn demo(window: &mut Window, name: &str) {
    window.state_mut().act(Command::OpenDemo(name.to_owned()));
    until(window, "the screen", |it| it.exam.is_some());
    ready(window);
}

fn lead(window: &mut Window, name: &str) {
    window
        .state_mut()
        .act(Edit::UsePreset(LeadName::parse(name)));
    window.state_mut().act(Command::EndGesture);
    ready(window);
}

fn key(window: &mut Window, key: Key) {
    window.key_press(key);
    window.run_steps(4);
}

fn click(window: &mut Window, label: &str) {
    window.get_by_label(label).click();
    window.run_steps(4);
}

fn cursor(window: &mut Window, at_s: f64) {
    window.state_mut().act(Command::SetCursor(Some(at_s)));
    window.run_steps(2);
}

fn keep(window: &mut Window, names: &[&str]) {
    for name in names {
        window
            .state_mut()
            .act(Edit::AddVirtual(name.parse().unwrap()));
    }
    let n = window.state().session().document.virtual_leads.len();
    until(window, "the screen", |it| it.results.listed.len() == n);
}

fn j1(window: &mut Window) {
    demo(window, "normal");
}

fn j3(window: &mut Window) {
    demo(window, "normal");
    lead(window, "V1@2ICS");
    keep(window, &["V7", "V8", "V4R"]);
}

fn j4(window: &mut Window) {
    demo(window, "brugada-1");
    click(window, "Compare with recorded");
    click(window, "V1@2ICS");
    until(window, "the screen", |it| {
        it.results
            .compared
            .contains_key(&LeadName::parse("V1@2ICS"))
    });
    until(window, "the screen", |it| {
        it.results
            .reliability
            .as_ref()
            .is_some_and(|trust| trust.1.truth.is_some())
    });
}

fn held_out(window: &mut Window) {
    demo(window, "lbbb");
    click(window, "Recorded against predicted…");
    until(window, "the screen", |it| !it.results.held_out.is_empty());
}

fn panorama(window: &mut Window) {
    demo(window, "normal");
    key(window, Key::P);
    until(window, "the screen", |it| it.results.panorama.is_some());
}

fn cursor_at_third_peak(window: &mut Window) {
    let exam = window.state().session().exam.as_ref().unwrap();
    let peak_s = exam.beats.rate().seconds_at(exam.beats.peaks()[2]);
    cursor(window, peak_s);
}

fn map(window: &mut Window) {
    demo(window, "brugada-1");
    key(window, Key::B);
    until(window, "the screen", |it| it.results.map.is_some());
    cursor_at_third_peak(window);
}

fn loops(window: &mut Window) {
    demo(window, "normal");
    key(window, Key::L);
    cursor_at_third_peak(window);
}

fn ruler(window: &mut Window) {
    demo(window, "normal");
    click(window, "Paper");
    click(window, "Measure the screen…");
}

fn open_error(window: &mut Window) {
    let path = std::env::temp_dir().join("ecg-look-noise.edf");
    std::fs::write(&path, vec![0x5a; 3000]).unwrap();
    window.state_mut().act(Command::Open(path));
    until(window, "the screen", |it| it.loading().is_none());
}

fn search(window: &mut Window) {
    demo(window, "normal");
    click(window, "Search…");
    window
        .get_by_label("Search leads: name, group or place")
        .type_text("v7");
    window.run_steps(4);
}

fn palette(window: &mut Window) {
    demo(window, "normal");
    window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    window.run_steps(4);
    window
        .get_by_label("Type a command or a lead")
        .type_text("v");
    window.run_steps(4);
}

fn median(window: &mut Window) {
    demo(window, "lbbb");
    click(window, "Median beat");
}

fn twelve(window: &mut Window) {
    demo(window, "normal");
    let page = PaperSettings {
        layout: PageLayout::TwelveByOne,
        ..Default::default()
    };
    window.state_mut().act(Edit::SetPage(page));
    window.run_steps(4);
}

fn behind(window: &mut Window) {
    demo(window, "normal");
    lead(window, "V8");
    key(window, Key::Num3);
}

fn moved(window: &mut Window) {
    demo(window, "mi-posterior");
    window.state_mut().act(Edit::MovePoint(
        ViewAngle::from_degrees(60.0, -60.0).unwrap(),
    ));
    window.state_mut().act(Command::EndGesture);
    ready(window);
    key(window, Key::Num4);
}

fn with(key: char, window: &mut Window) {
    demo(window, "normal");
    match key {
        'e' => window.key_press_modifiers(Modifiers::COMMAND, Key::E),
        '?' => window.key_press(Key::Questionmark),
        _ => {}
    }
    window.run_steps(4);
}

fn more(window: &mut Window, item: &str) {
    demo(window, "normal");
    click(window, "More");
    click(window, item);
}

fn heart(window: &mut Window, condition: Condition) {
    let heart = VirtualHeart {
        person: None,
        ..condition.heart(1)
    };
    window.state_mut().act(Command::OpenHeart(Box::default()));
    until(window, "the screen", |it| it.heart().is_some());
    ready(window);
    let tabs = window.get_all_by_label("Heart");
    tabs.into_iter().for_each(|it| it.click());
    window.run_steps(4);
    click(window, "Compare with now");
    window.state_mut().act(Edit::SetHeart(Box::new(heart)));
    window.state_mut().act(Command::EndGesture);
    until(window, "the screen", |it| !it.is_busy());
    ready(window);
}

fn lab(window: &mut Window) {
    heart(window, Condition::PvcLeft);
    click(window, "Stop comparing");
}

fn misplaced(window: &mut Window, error: PlacementError) {
    demo(window, "normal");
    window.state_mut().act(Command::Misplace(error));
    until(window, "the screen", |it| it.other.is_some());
}

fn lesson(window: &mut Window, lesson: usize, step: usize) {
    let lesson = lessons()[lesson].clone();
    window
        .state_mut()
        .act(Command::Lesson(LessonMove::Begin(lesson)));
    until(window, "the screen", |it| it.lesson.is_some());
    window
        .state_mut()
        .act(Command::Lesson(LessonMove::Go(step)));
    ready(window);
}

/// The first card that asks for that, answered or not.
fn card(window: &mut Window, kind: CardKind, chosen: Option<usize>) {
    let begin = QuizMove::Begin(CardSource::Simulated, 1);
    window.state_mut().act(Command::Quiz(begin));
    let kind_of = |it: &Session| it.quiz.as_ref().map(|it| it.card.kind);
    while kind_of(window.state().session()) != Some(kind) {
        window.state_mut().act(Command::Quiz(QuizMove::Next));
    }
    // Nothing tells of the lead before the answer, not even how far it can be relied on.
    until(window, "the screen", |it| {
        it.heart().is_some() && it.loading().is_none() && it.results.point.is_some()
    });
    if let Some(choice) = chosen {
        window
            .state_mut()
            .act(Command::Quiz(QuizMove::Choose(choice)));
        window.run_steps(4);
    }
}

fn teach(window: &mut Window) {
    demo(window, "rbbb");
    key(window, Key::F5);
    until(window, "the screen", |session| {
        session.results.map.is_some()
    });
    cursor(window, 2.3);
}

/// What a class sees: on a projector of 1280×720, and on a 4K screen at 150 %.
fn class(light: &Settings) -> Vec<Shot> {
    let screens = [("720", [1280.0, 720.0], 1.0), ("4k", [2560.0, 1440.0], 1.5)];
    let acts: [(&str, Act); 11] = [
        ("lab", lab),
        ("lesson-place", |it| lesson(it, 0, 1)),
        ("lesson-brugada", |it| lesson(it, 1, 1)),
        ("lesson-arms", |it| lesson(it, 3, 1)),
        ("lesson-loops", |it| lesson(it, 5, 1)),
        ("quiz", |it| card(it, CardKind::Condition, None)),
        ("quiz-place", |it| card(it, CardKind::Place, None)),
        ("quiz-answered", |it| card(it, CardKind::Place, Some(0))),
        ("misplaced", |it| misplaced(it, PlacementError::Arms)),
        ("misplaced-medians", |it| {
            misplaced(it, PlacementError::Arms);
            click(it, "Median beats");
        }),
        ("spotlight", |it| {
            teach(it);
            click(it, "Spotlight");
            it.hover_at(egui::pos2(400.0, 300.0));
            it.run_steps(3);
        }),
    ];
    let of = |(name, size, pixels): (&str, [f32; 2], f32)| {
        acts.map(|(act_name, act)| Shot {
            name: format!("class-{name}-{act_name}").leak(),
            size,
            pixels,
            settings: light.clone(),
            act,
        })
    };
    screens.into_iter().flat_map(of).collect()
}

fn shots() -> Vec<Shot> {
    const SMALL: [f32; 2] = [1280.0, 800.0];
    const LARGE: [f32; 2] = [1920.0, 1080.0];
    const DOCS: [f32; 2] = [1600.0, 1000.0];
    let base = Settings {
        hints_done: 3,
        appearance: Appearance::Light,
        ..Settings::default()
    };
    let like = |appearance| Settings {
        appearance,
        ..base.clone()
    };
    let light = like(Appearance::Light);
    let dark = like(Appearance::Dark);
    let inked = Settings {
        dark_paper: true,
        ..dark.clone()
    };
    let contrast = like(Appearance::HighContrast);
    let first = Settings {
        hints_done: 0,
        ..light.clone()
    };
    let german = Settings {
        language: Language::German,
        ..light.clone()
    };
    let chinese = Settings {
        language: Language::Chinese,
        ..light.clone()
    };
    let touch = Settings {
        touch: true,
        ..light.clone()
    };
    let shot = |name, size, pixels, settings: &Settings, act| Shot {
        name,
        size,
        pixels,
        settings: settings.clone(),
        act,
    };
    let mut all = class(&light);
    all.extend([
        shot("docs-light", DOCS, 1.0, &light, j3),
        shot("docs-body-map", DOCS, 1.0, &dark, map),
        shot("docs-held-out", DOCS, 1.0, &light, held_out),
        shot("docs-panorama", DOCS, 1.0, &inked, panorama),
        shot("docs-chinese", DOCS, 1.0, &chinese, j1),
        shot("welcome-light", SMALL, 1.0, &first, |_| {}),
        shot("welcome-dark", LARGE, 1.0, &dark, |_| {}),
        shot("open-error", SMALL, 1.0, &light, open_error),
        shot("j1-first", SMALL, 1.0, &first, j1),
        shot("j1-light", SMALL, 1.0, &light, j1),
        shot("j1-dark", SMALL, 1.0, &dark, j1),
        shot("j1-dark-paper", LARGE, 1.0, &inked, j1),
        shot("j1-contrast", SMALL, 1.0, &contrast, j1),
        shot("j1-large", LARGE, 1.0, &light, j1),
        shot("j1-150", [1280.0, 720.0], 1.5, &light, j1),
        shot("j1-150-small", [960.0, 640.0], 1.5, &light, j1),
        shot("j1-german", SMALL, 1.0, &german, j1),
        shot("j1-chinese", SMALL, 1.0, &chinese, j1),
        shot("j1-touch", SMALL, 1.0, &touch, j1),
        shot("j2-import", SMALL, 1.0, &light, |it| {
            demo(it, "normal");
            click(it, "Import report");
        }),
        shot("j3-light", SMALL, 1.0, &light, j3),
        shot("j3-large-dark", LARGE, 1.0, &dark, j3),
        shot("j3-behind", SMALL, 1.0, &light, behind),
        shot("j3-right", SMALL, 1.0, &dark, moved),
        shot("j4-compare", SMALL, 1.0, &light, j4),
        shot("j4-compare-dark", LARGE, 1.0, &dark, j4),
        shot("held-out", SMALL, 1.0, &light, held_out),
        shot("held-out-dark", LARGE, 1.0, &dark, held_out),
        shot("panorama", SMALL, 1.0, &light, panorama),
        shot("panorama-dark", LARGE, 1.0, &inked, panorama),
        shot("map", SMALL, 1.0, &light, map),
        shot("map-dark", LARGE, 1.0, &dark, map),
        shot("loops", SMALL, 1.0, &light, loops),
        shot("loops-dark", LARGE, 1.0, &dark, loops),
        shot("teach", SMALL, 1.0, &light, teach),
        shot("lab", SMALL, 1.0, &light, lab),
        shot("lab-720", [1280.0, 720.0], 1.5, &light, lab),
        shot("lab-large-dark", LARGE, 1.0, &dark, lab),
        shot("lab-compare", SMALL, 1.0, &light, |it| {
            heart(it, Condition::Lbbb);
        }),
        shot("ruler", SMALL, 1.0, &light, ruler),
        shot("search", SMALL, 1.0, &light, search),
        shot("palette", SMALL, 1.0, &light, palette),
        shot("median", SMALL, 1.0, &light, median),
        shot("twelve", SMALL, 1.0, &light, twelve),
        shot("export", SMALL, 1.0, &light, |it| with('e', it)),
        shot("keys", SMALL, 1.0, &light, |it| with('?', it)),
        shot("settings", SMALL, 1.0, &light, |it| more(it, "Settings…")),
        shot("about", SMALL, 1.0, &light, |it| more(it, "About…")),
        shot("guide", SMALL, 1.0, &light, |it| more(it, "Short guide…")),
    ]);
    all
}

#[test]
#[ignore = "writes pictures to look at"]
fn every_screen() {
    let Some(folder) = std::env::var_os("ECG_SCREENS").map(PathBuf::from) else {
        return println!("skipped: ECG_SCREENS names no folder");
    };
    let only = std::env::var("ECG_SCREENS_ONLY").unwrap_or_default();
    std::fs::create_dir_all(&folder).unwrap();
    for shot in shots()
        .into_iter()
        .filter(|it| only.split(',').any(|part| it.name.contains(part)))
    {
        let kept = tempfile::tempdir().unwrap();
        let autosave = Autosave::new(kept.path());
        let builder = Harness::builder()
            .with_size(egui::Vec2::from(shot.size))
            .with_pixels_per_point(shot.pixels)
            .with_max_steps(40);
        let mut window: Window = builder.wgpu().build_eframe(move |cc| {
            App::new(cc, None, autosave, session::engine::network).with_typed_paths()
        });
        window
            .state_mut()
            .act(Command::SetSettings(Box::new(shot.settings)));
        window.run_steps(3);
        (shot.act)(&mut window);
        window.run_steps(3);
        window
            .render()
            .unwrap()
            .save(folder.join(format!("{}.png", shot.name)))
            .unwrap();
        println!("{}", shot.name);
    }
}
