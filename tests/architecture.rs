//! The walls of the house: which room (folder under `src/`) may name which other, and what is shut
//! out of it. The compiler does not guard modules of one package; this test reads every path in the
//! code instead.
#![allow(clippy::unwrap_used)] // A test stops at what it did not expect.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A folder under `src/` with its doors: the rooms it may name, and crates or parts of std that it
/// may not.
struct Room {
    name: &'static str,
    doors: &'static [&'static str],
    shut: &'static [&'static str],
}

const FILES: &str = "std::fs";
const THREADS: &str = "std::thread";

#[rustfmt::skip]
const ROOMS: &[Room] = &[
    Room { name: "ecg",      doors: &[],                                                          shut: &["burn", "burn_wgpu", "wgpu", "egui", "eframe", FILES, "std::io", THREADS, "std::time", "rand"] },
    Room { name: "formats",  doors: &["ecg"],                                                     shut: &["burn", "burn_wgpu", "wgpu", "egui", "eframe", THREADS] },
    Room { name: "signal",   doors: &["ecg"],                                                     shut: &["burn", "burn_wgpu", "wgpu", "egui", "eframe", FILES, "std::io", THREADS] },
    Room { name: "field",    doors: &["ecg"],                                                     shut: &["burn", "burn_wgpu", "wgpu", "egui", "eframe", FILES, THREADS] },
    Room { name: "phantom",  doors: &["ecg", "signal", "field"],                                  shut: &["burn", "burn_wgpu", "wgpu", "egui", "eframe", FILES, THREADS] },
    Room { name: "geovt",    doors: &[],                                                          shut: &["wgpu", "egui", "eframe", FILES, THREADS] },
    Room { name: "synth",    doors: &["ecg", "signal", "field", "geovt"],                         shut: &["egui", "eframe", FILES, THREADS] },
    Room { name: "reliability", doors: &["ecg", "signal", "field", "synth"],                      shut: &["burn", "burn_wgpu", "wgpu", "egui", "eframe", FILES, THREADS] },
    Room { name: "evaluate", doors: &["ecg", "formats", "signal", "field", "phantom", "synth"],   shut: &["burn", "burn_wgpu", "wgpu", "egui", "eframe", THREADS] },
    Room { name: "training", doors: &["ecg", "formats", "signal", "field", "phantom", "geovt", "synth", "evaluate"], shut: &["wgpu", "egui", "eframe"] },
    Room { name: "draw",     doors: &["ecg"],                                                     shut: &["burn", "burn_wgpu", "wgpu", "egui", "eframe", FILES, THREADS] },
    Room { name: "session",  doors: &["ecg", "formats", "signal", "phantom", "synth", "reliability"], shut: &["burn", "burn_wgpu", "wgpu", "egui", "eframe", "rfd"] },
    Room { name: "export",   doors: &["ecg", "formats", "draw", "session"],                       shut: &["burn", "burn_wgpu", "wgpu", "egui", "eframe", THREADS] },
    Room { name: "gui",      doors: &["ecg", "signal", "draw", "session", "export"],              shut: &["burn", "burn_wgpu", FILES, THREADS] },
    Room { name: "cli",      doors: &["ecg", "formats", "signal", "field", "phantom", "synth", "reliability", "evaluate", "training", "draw", "session", "export", "gui"], shut: &["wgpu", "egui", "eframe", "rfd"] },
];

/// One token that matters for paths: a name, `::`, or any other character.
#[derive(Clone, Debug, PartialEq)]
enum Token {
    Name(String),
    PathSep,
    Other(char),
}

/// Tokens of `source` without comments, literals and everything inside `mod tests { … }`.
fn tokens(source: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let len = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |it| it + 2),
            '"' => string_len(rest),
            'r' if rest.starts_with("r\"") || rest.starts_with("r#\"") => raw_string_len(rest),
            '\'' => char_len(rest),
            ':' if rest.starts_with("::") => {
                out.push(Token::PathSep);
                2
            }
            c if c.is_alphabetic() || c == '_' => {
                let len = rest
                    .find(|it: char| !it.is_alphanumeric() && it != '_')
                    .unwrap_or(rest.len());
                out.push(Token::Name(rest[..len].to_owned()));
                len
            }
            c if c.is_whitespace() => c.len_utf8(),
            c => {
                out.push(Token::Other(c));
                c.len_utf8()
            }
        };
        rest = &rest[len..];
    }
    without_tests(out)
}

fn string_len(text: &str) -> usize {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, it)| {
        let closes = *it == '"' && !escaped;
        escaped = *it == '\\' && !escaped;
        closes
    });
    end.map_or(text.len(), |it| it.0 + 1)
}

fn raw_string_len(text: &str) -> usize {
    let close = if text.starts_with("r#") { "\"#" } else { "\"" };
    let open = close.len() + 1;
    text[open..]
        .find(close)
        .map_or(text.len(), |it| open + it + close.len())
}

/// A character literal, or just the quote of a lifetime.
fn char_len(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    let (Some((_, first)), Some((second_at, second))) = (chars.next(), chars.next()) else {
        return 1;
    };
    let after = second_at + second.len_utf8();
    match (first, second) {
        ('\\', _) => text[after..]
            .find('\'')
            .map_or(text.len(), |it| after + it + 1),
        (_, '\'') => after,
        _ => 1,
    }
}

fn without_tests(tokens: Vec<Token>) -> Vec<Token> {
    let name = |text: &str| Token::Name(text.to_owned());
    let opening = [name("mod"), name("tests"), Token::Other('{')];
    let Some(start) = tokens.windows(3).position(|it| it == opening) else {
        return tokens;
    };
    let mut depth = 0;
    let after = tokens[start..].iter().position(|it| {
        depth += i32::from(*it == Token::Other('{')) - i32::from(*it == Token::Other('}'));
        *it == Token::Other('}') && depth == 0
    });
    let end = after.map_or(tokens.len(), |it| start + it + 1);
    [&tokens[..start], &tokens[end..]].concat()
}

/// Every path in `tokens`, groups of `use a::{b, c::d}` spread out.
fn paths(tokens: &[Token]) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        at = if matches!(tokens[at], Token::Name(_)) {
            read_path(tokens, at, &[], &mut out)
        } else {
            at + 1
        };
    }
    out
}

/// Reads the path or group that starts at `at` below `prefix`; gives the index after it.
fn read_path(
    tokens: &[Token],
    mut at: usize,
    prefix: &[String],
    out: &mut Vec<Vec<String>>,
) -> usize {
    let mut path = prefix.to_vec();
    while let Some(Token::Name(name)) = tokens.get(at) {
        path.push(name.clone());
        at += 1;
        if tokens.get(at) != Some(&Token::PathSep) {
            break;
        }
        at += 1;
        if tokens.get(at) == Some(&Token::Other('{')) {
            at += 1;
            while at < tokens.len() && tokens[at] != Token::Other('}') {
                at = if matches!(tokens[at], Token::Name(_)) {
                    read_path(tokens, at, &path, out)
                } else {
                    at + 1
                };
            }
            return at + 1;
        }
    }
    if 1 < path.len() {
        out.push(path);
    }
    at
}

/// What `room` names but may not. `depth`: how many modules below the crate root the file is.
fn breaches(room: &Room, depth: usize, source: &str) -> Vec<String> {
    let mut bad: Vec<String> = paths(&tokens(source))
        .iter()
        .filter_map(|it| breach(room, depth, it))
        .collect();
    bad.sort();
    bad.dedup();
    bad
}

fn breach(room: &Room, depth: usize, path: &[String]) -> Option<String> {
    let n_super = path.iter().take_while(|it| *it == "super").count();
    let target = match path[0].as_str() {
        "crate" => path.get(1),
        "super" if depth <= n_super => path.get(n_super),
        _ => None,
    };
    let is_room = |name: &String| ROOMS.iter().any(|it| it.name == name);
    if let Some(other) =
        target.filter(|it| *it != room.name && is_room(it) && !room.doors.contains(&it.as_str()))
    {
        return Some(format!("{} names {other}", room.name));
    }
    let written = path.join("::");
    let is_shut = |it: &&str| written == **it || written.starts_with(&format!("{it}::"));
    room.shut
        .iter()
        .copied()
        .find(is_shut)
        .map(|it| format!("{} names {it}", room.name))
}

fn rust_files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|it| it == "rs") {
            out.push(path);
        }
    }
}

fn source_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

#[test]
fn every_room_keeps_to_its_doors() {
    let mut report = String::new();
    for room in ROOMS {
        let mut files = Vec::new();
        rust_files(&source_folder().join(room.name), &mut files);
        for file in files {
            let within = file.strip_prefix(source_folder()).unwrap();
            let depth = within.components().count() - usize::from(within.ends_with("mod.rs"));
            for bad in breaches(room, depth, &fs::read_to_string(&file).unwrap()) {
                report += &format!("src/{}: {bad}\n", within.display());
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
    for entry in fs::read_dir(source_folder())
        .unwrap()
        .map(Result::unwrap)
        .filter(|it| it.path().is_dir())
    {
        let name = entry.file_name().into_string().unwrap();
        assert!(
            ROOMS.iter().any(|it| it.name == name),
            "src/{name} has no row in ROOMS"
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
    let draw = ROOMS.iter().find(|it| it.name == "draw").unwrap();
    let seen = |source: &str| breaches(draw, 2, source);
    assert_eq!(seen("use crate::session::Job;"), ["draw names session"]);
    assert_eq!(
        seen("use crate::{ecg::Lead, session::{Job, Action}};"),
        ["draw names session"]
    );
    assert_eq!(seen("fn f() { crate::gui::open() }"), ["draw names gui"]);
    assert_eq!(seen("use std::{fmt, fs};"), ["draw names std::fs"]);
    assert_eq!(
        seen("fn f() { let _ = std::fs::read(p); }"),
        ["draw names std::fs"]
    );
    assert_eq!(
        seen("use super::super::session::Job;"),
        ["draw names session"]
    );
    assert_eq!(seen("fn f(t: burn::Tensor) {}"), ["draw names burn"]);
    assert_eq!(
        seen("use crate::ecg::Lead; fn f<'a>(x: &'a str) -> char { crate::gui::g(); 'x' }"),
        ["draw names gui"]
    );
    assert!(
        seen("// crate::gui\nlet s = \"crate::gui\"; use super::page; use crate::draw::Page;")
            .is_empty()
    );
    assert!(seen("#[cfg(test)] mod tests { use std::fs; }").is_empty());
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
