//! Measuring on the real window with a stand-in for the network: where calipers begin, the lens, and
//! what a frame costs.
#![allow(clippy::unwrap_used)]
#![cfg(feature = "gui")]

mod drive;
mod stand_in;

use std::time::Instant;

use drive::{Window, until};
use ecg_panorama::{
    ecg::{Sheet, ViewAngle},
    gui::App,
    session::{
        Autosave, Calibrating, Command, Edit,
        document::{Caliper, CaliperKind},
    },
};
use eframe::egui::{self, Key, Pos2, Rect, vec2};
use egui_kittest::{Harness, kittest::Queryable};
use stand_in::{StandIn, recording};

fn window(pixels: f32) -> (Window, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording.edf");
    recording(&path);
    let autosave = Autosave::new(folder.path().join("autosave"));
    let mut window: Window = Harness::builder()
        .with_size(vec2(1280.0, 800.0))
        .with_pixels_per_point(pixels)
        .with_max_steps(40)
        .build_eframe(move |cc| {
            App::new(cc, None, autosave, || Box::new(StandIn::default())).with_typed_paths()
        });
    window.state_mut().act(Command::Open(path));
    until(&mut window, "the virtual lead", |it| {
        matches!(it.calibrating, Calibrating::Ready(_)) && it.results.point.is_some()
    });
    (window, folder)
}

/// Ten seconds at 25 mm/s, the pulse before them and the margin behind them fill the width.
fn points_per_mm(area: Rect) -> f32 {
    area.width() / 264.0
}

/// Where a time lies on a row that begins with the window.
fn place(area: Rect, time_s: f64) -> f32 {
    area.left() + points_per_mm(area) * (10.0 + 25.0 * time_s as f32)
}

/// Presses, moves on by steps, lets go; gives the caliper.
fn drag(window: &mut Window, from: Pos2, by: f32) -> Caliper {
    window.state_mut().act(Edit::ClearCalipers);
    window.hover_at(from);
    window.run_steps(2);
    window.drag_at(from);
    window.step();
    for k in 1..=8 {
        window.hover_at(from + vec2(by * k as f32 / 8.0, 0.0));
        window.step();
    }
    window.drop_at(from + vec2(by, 0.0));
    window.run_steps(2);
    let calipers = &window.state().session().document.calipers;
    assert_eq!(calipers.len(), 1, "one drag, one caliper");
    calipers[0].clone()
}

/// Each tool on an area whose row at `height` of it (a share) begins with the window.
fn check(window: &mut Window, area: Rect, height: f32) {
    for (key, kind) in [
        (Key::C, CaliperKind::Pair),
        (Key::M, CaliperKind::Marching),
        (Key::A, CaliperKind::AllLeads),
    ] {
        window.key_press(key);
        window.run_steps(2);
        for (share, by) in [(0.21, 40.0), (0.43, 7.0), (0.77, -60.0)] {
            let from = egui::pos2(
                area.left() + share * area.width(),
                area.top() + height * area.height(),
            );
            let caliper = drag(window, from, by);
            assert_eq!(caliper.kind, kind);
            let edges = caliper.times_s.map(|time_s| place(area, time_s));
            assert!(
                (edges[0] - from.x).abs() <= 1.0 && (edges[1] - from.x - by).abs() <= 1.0,
                "{kind:?} pressed at {}, let go {by} further: {edges:?}",
                from.x
            );
        }
        window.key_press(key);
        window.run_steps(2);
    }
}

#[test]
fn a_caliper_begins_where_the_button_went_down_on_every_trace_at_every_scale() {
    for pixels in [1.0, 1.5, 2.0] {
        let (mut window, _folder) = window(pixels);
        let paper = window.get_by_label_contains("ECG paper").rect();
        // The rhythm strip is the lowest row.
        check(&mut window, paper, 0.92);
        let strip = window.get_by_label_contains("Virtual lead d").rect();
        check(&mut window, strip, 0.4);
        window
            .state_mut()
            .act(Edit::ShowSheet(Some(Sheet::Brugada)));
        until(&mut window, "the sheet", |it| it.results.listed.len() == 4);
        let sheet = window.get_by_label_contains("Brugada: V1").rect();
        check(&mut window, sheet, 0.1);
    }
}

#[test]
fn the_lens_changes_nothing_but_what_is_seen() {
    let (mut window, _folder) = window(1.0);
    let paper = window.get_by_label_contains("ECG paper").rect();
    let before = window.state().session().document.clone();
    window.key_press(Key::Z);
    window.hover_at(paper.center());
    window.run_steps(3);
    assert_eq!(window.state().session().document, before);
    check(&mut window, paper, 0.92);
}

fn click(window: &mut Window, at: Pos2, button: egui::PointerButton) {
    window.hover_at(at);
    window.run_steps(2);
    for pressed in [true, false] {
        window.event(egui::Event::PointerButton {
            pos: at,
            button,
            pressed,
            modifiers: egui::Modifiers::NONE,
        });
        window.step();
    }
    window.run_steps(2);
}

#[test]
fn beats_are_left_out_struck_out_and_put_in_and_all_of_it_is_undone() {
    let (mut window, _folder) = window(1.0);
    let paper = window.get_by_label_contains("ECG paper").rect();
    // R peaks of the recording stand 0.30 s into beats of 0.8 s.
    let beat = |k: f64| egui::pos2(place(paper, 0.3 + 0.8 * k), paper.bottom() - 30.0);
    let state = |window: &Window| {
        let exam = window.state().session().exam.as_ref().unwrap();
        let used = exam.median.as_ref().unwrap().used;
        (exam.beats.peaks().len(), used)
    };
    let (all, used) = state(&window);
    window.key_press(Key::E);
    window.run_steps(2);
    let primary = egui::PointerButton::Primary;
    click(&mut window, beat(3.0), primary);
    assert_eq!(state(&window), (all, used - 1), "left out");
    click(&mut window, beat(5.0), egui::PointerButton::Secondary);
    assert_eq!(state(&window), (all - 1, used - 2), "struck out");
    click(&mut window, beat(7.5), primary);
    assert_eq!(state(&window).0, all, "put in");
    let counts = window.state().session().document.beats_by_hand();
    assert_eq!(counts, Some([1, 1, 1]));
    click(&mut window, beat(3.0), primary);
    let counts = window.state().session().document.beats_by_hand();
    assert_eq!(counts, Some([1, 1, 0]), "taken back");
    for _ in 0..4 {
        window.state_mut().act(Command::Undo);
    }
    window.run_steps(2);
    assert_eq!(state(&window), (all, used));
    assert_eq!(window.state().session().document.beats, []);
}

#[test]
fn the_torso_goes_into_a_window_of_its_own_and_comes_back() {
    let (mut window, _folder) = window(1.0);
    let torso = |window: &Window| {
        let found = window.query_by_role_and_label(egui::accesskit::Role::Canvas, "Torso");
        found.map(|node| node.rect())
    };
    let before = torso(&window).unwrap();
    window.key_press(Key::O);
    window.run_steps(4);
    let apart = torso(&window).unwrap();
    assert_ne!(before, apart, "it stands in another window");
    window.key_press(Key::O);
    window.run_steps(4);
    let again = torso(&window).unwrap();
    let grown = again.size() - before.size();
    assert!(grown.length() <= 2.0, "{again} where {before} was");
}

/// Median of what a frame costs while the point is dragged, milliseconds: logic and all drawing of
/// the interface, without the graphics card.
fn frame_ms(window: &mut Window) -> f64 {
    let mut took: Vec<f64> = Vec::new();
    for k in 0..120 {
        let view = ViewAngle::from_degrees(70.0, f64::from(k) / 4.0).unwrap();
        window.state_mut().act(Edit::MovePoint(view));
        let start = Instant::now();
        window.step();
        took.push(1000.0 * start.elapsed().as_secs_f64());
    }
    took.sort_by(f64::total_cmp);
    took[took.len() / 2]
}

#[test]
#[ignore = "a measurement: prints what a frame costs on this machine"]
fn what_a_frame_costs_during_a_drag() {
    let (mut window, _folder) = window(1.0);
    let names = [
        "V7", "V8", "V9", "V3R", "V4R", "V5R", "V6R", "V1@2ICS", "V2@2ICS", "V1@3ICS", "V2@3ICS",
        "X", "Y", "Z", "V3@3ICS", "V1@5ICS", "V2@5ICS", "V7R",
    ];
    println!("1 lead: {:.2} ms", frame_ms(&mut window));
    for n in [8, 18] {
        for name in &names[..n] {
            window
                .state_mut()
                .act(Edit::AddVirtual(name.parse().unwrap()));
        }
        until(&mut window, "the kept leads", |it| {
            it.results.listed.len() == n
        });
        println!("{n} kept leads: {:.2} ms", frame_ms(&mut window));
    }
    window.state_mut().act(Edit::ShowSheet(Some(Sheet::Kept)));
    window.run_steps(3);
    println!(
        "18 kept leads on their sheet: {:.2} ms",
        frame_ms(&mut window)
    );
}
