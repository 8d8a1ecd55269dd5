//! The walls of the house: which room (folder under `src/`) may name which other, what is shut out
//! of it and how wide its door is; and that inside a room the files form no circle. The compiler
//! does not guard modules of one package; these tests read every path in the code instead.
#![allow(clippy::unwrap_used)] // A test stops at what it did not expect.

mod circles;
mod doors;
mod source;

use std::path::Path;

use source::{House, Module, SourceFile, absolute, house};

/// A folder under `src/`: the rooms it may name, crates or parts of std that it may not, and how
/// many names others may take from it.
struct Room {
    name: &'static str,
    names: usize,
    doors: &'static [&'static str],
    shut: &'static [&'static str],
}

const FILES: &str = "std::fs";
const THREADS: &str = "std::thread";

#[rustfmt::skip]
const ROOMS: &[Room] = &[
    Room { name: "ecg",      names: 46, doors: &[],                                                          shut: &["burn", "burn_wgpu", "wgpu", "egui", "eframe", FILES, "std::io", THREADS, "std::time", "rand"] },
    Room { name: "formats",  names: 41, doors: &["ecg"],                                                     shut: &["burn", "burn_wgpu", "wgpu", "egui", "eframe", THREADS] },
    Room { name: "signal",   names: 35, doors: &["ecg"],                                                     shut: &["burn", "burn_wgpu", "wgpu", "egui", "eframe", FILES, "std::io", THREADS] },
    Room { name: "field",    names: 25, doors: &["ecg"],                                                     shut: &["burn", "burn_wgpu", "wgpu", "egui", "eframe", FILES, THREADS] },
    Room { name: "phantom",  names: 23, doors: &["ecg", "signal", "field"],                                  shut: &["burn", "burn_wgpu", "wgpu", "egui", "eframe", FILES, THREADS] },
    Room { name: "geovt",    names: 20, doors: &[],                                                          shut: &["wgpu", "egui", "eframe", FILES, THREADS] },
    Room { name: "synth",    names: 47, doors: &["ecg", "signal", "field", "geovt"],                         shut: &["egui", "eframe", FILES, THREADS] },
    Room { name: "reliability", names: 17, doors: &["ecg", "signal", "field", "synth"],                      shut: &["burn", "burn_wgpu", "wgpu", "egui", "eframe", FILES, THREADS] },
    Room { name: "words",    names: 7, doors: &["ecg", "signal", "synth", "reliability"],                    shut: &["burn", "burn_wgpu", "wgpu", "egui", "eframe", FILES, THREADS] },
    Room { name: "archive",  names: 13, doors: &["ecg", "formats", "signal", "reliability"],                 shut: &["burn", "burn_wgpu", "wgpu", "egui", "eframe", THREADS] },
    Room { name: "evaluate", names: 36, doors: &["ecg", "formats", "signal", "field", "phantom", "synth", "reliability"],   shut: &["burn", "burn_wgpu", "wgpu", "egui", "eframe", THREADS] },
    Room { name: "training", names: 19, doors: &["ecg", "formats", "signal", "field", "phantom", "geovt", "synth", "evaluate"], shut: &["wgpu", "egui", "eframe"] },
    Room { name: "draw",     names: 38, doors: &["ecg"],                                                     shut: &["burn", "burn_wgpu", "wgpu", "egui", "eframe", FILES, THREADS] },
    Room { name: "export",   names: 7, doors: &["ecg", "draw"],                                               shut: &["burn", "burn_wgpu", "wgpu", "egui", "eframe", THREADS] },
    Room { name: "session",  names: 47, doors: &["ecg", "formats", "signal", "phantom", "synth", "reliability", "words", "draw", "export"], shut: &["burn", "burn_wgpu", "wgpu", "egui", "eframe", "rfd"] },
    Room { name: "gui",      names: 3, doors: &["ecg", "signal", "reliability", "words", "draw", "session", "export"],     shut: &["burn", "burn_wgpu", FILES, THREADS] },
    Room { name: "cli",      names: 2, doors: &["ecg", "formats", "signal", "field", "phantom", "synth", "reliability", "archive", "evaluate", "training", "draw", "session", "words", "export", "gui"], shut: &["wgpu", "egui", "eframe", "rfd"] },
];

/// What `file` names but its room may not.
fn breaches(house: &House, module: &Module, file: &SourceFile, room: &Room) -> Vec<String> {
    let mut bad: Vec<String> = file
        .paths()
        .iter()
        .filter_map(|path| breach(house, module, room, path))
        .collect();
    bad.sort();
    bad.dedup();
    bad
}

fn breach(house: &House, module: &Module, room: &Room, path: &[String]) -> Option<String> {
    let absolute = absolute(house, module, path).unwrap_or_default();
    let other = absolute.first().map_or("", String::as_str);
    let is_room = ROOMS.iter().any(|room| room.name == other);
    if is_room && other != room.name && !room.doors.contains(&other) {
        return Some(format!("{} names {other}", room.name));
    }
    let written = path.join("::");
    let is_shut = |it: &&&str| written == ***it || written.starts_with(&format!("{it}::"));
    let shut = room.shut.iter().find(is_shut)?;
    Some(format!("{} names {shut}", room.name))
}

#[test]
fn every_room_keeps_to_its_doors() {
    let house = house();
    let mut report = String::new();
    for (module, file) in &house {
        for room in ROOMS.iter().filter(|room| room.name == module[0]) {
            for bad in breaches(&house, module, file, room) {
                report += &format!("src/{}: {bad}\n", file.place.display());
            }
        }
    }
    assert!(
        report.is_empty(),
        "\n{report}A new door is a design change: see ARCHITECTURE.md."
    );
}

#[test]
fn every_folder_is_a_room_and_doors_lead_down() {
    for (module, file) in house() {
        assert!(
            file.place.parent() == Some(Path::new(""))
                || ROOMS.iter().any(|it| it.name == module[0]),
            "src/{} has no row in ROOMS",
            module[0]
        );
    }
    for (idx, room) in ROOMS.iter().enumerate() {
        for door in room.doors {
            assert!(
                ROOMS[..idx].iter().any(|it| it.name == *door),
                "{} opens upward to {door}",
                room.name
            );
        }
    }
}

#[test]
fn each_kind_of_breach_is_seen() {
    let draw = ROOMS.iter().find(|room| room.name == "draw").unwrap();
    let module = vec!["draw".to_owned(), "page".to_owned()];
    let seen = |source: &str| {
        let page = source::parse("draw/page.rs".into(), source);
        let house = [(module.clone(), page)].into();
        breaches(&house, &module, &house[&module], draw)
    };
    for (source, breach) in [
        ("use crate::session::Job;", "draw names session"),
        (
            "use crate::{ecg::Lead, session::{Job, Action}};",
            "draw names session",
        ),
        ("use crate::session as s;", "draw names session"),
        ("use super::super::session::Job;", "draw names session"),
        ("fn f() { crate::gui::open() }", "draw names gui"),
        (
            "fn f<'a>(x: &'a str) -> char { crate::gui::g(); 'x' }",
            "draw names gui",
        ),
        ("use std::{fmt, fs};", "draw names std::fs"),
        ("fn f() { let _ = std::fs::read(p); }", "draw names std::fs"),
        ("fn f(t: burn::Tensor) {}", "draw names burn"),
    ] {
        assert_eq!(seen(source), [breach], "{source}");
    }
    let allowed = "// crate::gui
        let s = \"crate::gui\"; use super::layout; use crate::draw::Page; use crate::ecg::Lead;
        #[cfg(test)] mod tests { use std::fs; }";
    assert!(seen(allowed).is_empty());
}

#[test]
fn no_room_may_name_both_the_network_and_the_screen() {
    for room in ROOMS {
        assert!(
            ["burn", "egui"].iter().any(|it| room.shut.contains(it)),
            "{} may name both",
            room.name
        );
    }
}
