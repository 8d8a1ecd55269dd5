//! A window under test, driven as a person would drive it.
#![allow(clippy::unwrap_used, dead_code)] // Each test file uses its part.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use ecg_panorama::{gui::App, session::Session};
use eframe::egui::{Key, Modifiers};
use egui_kittest::{Harness, kittest::Queryable};

/// A window under test.
pub type Window = Harness<'static, App>;

/// Steps until `done` holds; a window that never gets there fails.
pub fn until(window: &mut Window, what: &str, done: impl Fn(&Session) -> bool) {
    let start = Instant::now();
    loop {
        window.step();
        let session = window.state().session();
        if done(session) {
            break;
        }
        assert!(
            start.elapsed() < Duration::from_secs(120),
            "waited too long for {what}: {:?} {:?}",
            session.calibrating,
            session.notices.list()
        );
        std::thread::sleep(Duration::from_millis(3));
    }
    window.run_steps(4);
}

/// Answers the question for a path.
pub fn type_path(window: &mut Window, path: &Path) {
    window.run_steps(3);
    window.get_by_label("Path").focus();
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.run_steps(1);
    let field = window.get_by_label("Path");
    field.type_text(path.to_str().unwrap());
    window.run_steps(2);
    window.get_by_label("OK").click();
    window.run_steps(2);
}
