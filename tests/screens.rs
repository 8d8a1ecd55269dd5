//! The essential screens as pictures, drawn by a software adapter and held against stored ones. A
//! stand-in for the network and a recording made here keep them apart from weights and demos.
//! `ECG_UPDATE_PICTURES=1` writes the stored ones anew; differences lie in `target/screens`.
#![allow(clippy::unwrap_used)]
#![cfg(feature = "gui")]

mod drive;
mod stand_in;

use std::path::PathBuf;

use drive::{Window, until};
use ecg_panorama::{
    ecg::{LeadName, Sheet},
    gui::App,
    session::{
        Autosave, Calibrating, Command, Edit, ReadAs,
        document::SourceRef,
        settings::{Appearance, Settings},
    },
};
use eframe::egui::{self, Key, Modifiers, pos2};
use egui_kittest::{Harness, kittest::Queryable};
use resvg::tiny_skia::{IntSize, Pixmap};
use stand_in::{StandIn, recording};

struct Screen {
    name: &'static str,
    size: [f32; 2],
    pixels: f32,
    appearance: Appearance,
    dark_paper: bool,
    act: fn(&mut Window),
}

fn exam(window: &mut Window) {
    until(window, "the virtual lead", |it| {
        matches!(it.calibrating, Calibrating::Ready(_)) && it.results.point.is_some()
    });
    until(window, "the trust problem", |it| {
        it.results.reliability_problem.is_some()
    });
    window.state_mut().act(Command::SetCursor(Some(3.5)));
    window.run_steps(3);
}

fn with_key(window: &mut Window, key: Key) {
    exam(window);
    window.key_press(key);
    window.run_steps(4);
}

fn screens() -> Vec<Screen> {
    let screen = |name, appearance, act: fn(&mut Window)| Screen {
        name,
        size: [1280.0, 800.0],
        pixels: 1.0,
        appearance,
        dark_paper: false,
        act,
    };
    let (light, dark) = (Appearance::Light, Appearance::Dark);
    vec![
        screen("welcome", light, |it| it.state_mut().act(Command::Close)),
        screen("exam", light, exam),
        Screen {
            dark_paper: true,
            ..screen("exam-dark", dark, exam)
        },
        screen("exam-contrast", Appearance::HighContrast, exam),
        Screen {
            size: [1280.0, 720.0],
            pixels: 1.5,
            ..screen("exam-150", light, exam)
        },
        screen("map", dark, |it| {
            with_key(it, Key::B);
            until(it, "the map", |session| session.results.map.is_some());
        }),
        screen("loops", light, |it| with_key(it, Key::L)),
        screen("panorama", light, |it| {
            with_key(it, Key::P);
            until(it, "the views", |session| {
                session.results.panorama.is_some()
            });
        }),
        screen("compare", light, |it| {
            exam(it);
            it.get_by_label("Compare with recorded").click();
            it.run_steps(4);
            it.get_by_label("V7").click();
            until(it, "the comparison", |session| {
                session
                    .results
                    .compared
                    .contains_key(&LeadName::parse("V7"))
            });
        }),
        screen("export", dark, |it| {
            exam(it);
            it.key_press_modifiers(Modifiers::COMMAND, Key::E);
            it.run_steps(4);
        }),
        screen("keys", light, |it| with_key(it, Key::Questionmark)),
        screen("list", light, list),
        Screen {
            size: [1280.0, 720.0],
            pixels: 1.5,
            ..screen("list-150", dark, list)
        },
        screen("two-exams", light, two_exams),
        screen("unsure", light, unsure),
    ]
}

/// The file of the recording at hand.
fn file(window: &Window) -> PathBuf {
    match &window.state().session().document.source {
        Some(SourceRef::File { path, .. }) => path.clone(),
        Some(SourceRef::Demo { .. } | SourceRef::Simulated { .. }) | None => panic!("no file"),
    }
}

fn list(window: &mut Window) {
    exam(window);
    let first = file(window);
    let folder = first.parent().unwrap().to_owned();
    std::fs::copy(&first, folder.join("second.edf")).unwrap();
    window.state_mut().act(Command::Open(folder));
    until(window, "the list", |session| {
        let list = session.worklist.as_ref();
        list.is_some_and(|list| list.exams.len() == 2 && !list.progress.is_running)
    });
    until(window, "the first of it", |session| {
        session.listed_at() == Some(0) && session.loading().is_none()
    });
    exam(window);
}

fn two_exams(window: &mut Window) {
    exam(window);
    let high = |name: &str| {
        let at = LeadName::parse(&format!("{name}@2ICS"));
        (LeadName::parse(name), at)
    };
    let read_as = ReadAs {
        leads: vec![high("V1"), high("V2")],
        ..ReadAs::default()
    };
    let path = file(window);
    window.state_mut().act(Command::CompareWith(path, read_as));
    until(window, "the other", |session| session.other.is_some());
    window.get_by_label("Median beats").click();
    until(window, "the synthesised leads", |session| {
        session.results.compared.len() == 2
    });
}

fn unsure(window: &mut Window) {
    exam(window);
    let path = file(window).with_file_name("export.csv");
    let row = |k: usize| {
        let beat = (-(((k % 200) as f64 - 100.0) / 4.0).powi(2)).exp();
        format!("{:.0},{:.0}\n", 700.0 * beat, 1100.0 * beat)
    };
    let rows: String = (0..2500).map(row).collect();
    std::fs::write(&path, format!("ch1,ch2\n{rows}")).unwrap();
    window.state_mut().act(Command::Open(path));
    until(window, "the questions", |session| {
        session.prompts.unsure.is_some()
    });
}

/// Half as wide and high: what is stored and compared.
fn halved(width: usize, height: usize, rgba: &[u8]) -> Pixmap {
    let (half_width, half_height) = (width / 2, height / 2);
    let mut out = Pixmap::new(half_width as u32, half_height as u32).unwrap();
    for (idx, pixel) in out.data_mut().chunks_exact_mut(4).enumerate() {
        let (x, y) = (2 * (idx % half_width), 2 * (idx / half_width));
        for channel in 0..3 {
            let at =
                |dx: usize, dy: usize| u32::from(rgba[4 * ((y + dy) * width + x + dx) + channel]);
            pixel[channel] = ((at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1) + 2) / 4) as u8;
        }
        pixel[3] = 255;
    }
    out
}

/// Sixteen steps of each colour: a small file that still shows what has moved.
fn coarse(mut picture: Pixmap) -> Pixmap {
    for pixel in picture.data_mut().chunks_exact_mut(4) {
        pixel[..3].iter_mut().for_each(|it| *it &= 0xf0);
    }
    picture
}

/// Mean difference of a channel, and the share of pixels that plainly differ.
fn difference(a: &Pixmap, b: &Pixmap) -> (f64, f64) {
    let (mut sum, mut plain) = (0u64, 0usize);
    for (a, b) in a.data().chunks_exact(4).zip(b.data().chunks_exact(4)) {
        let most = (0..3).map(|it| a[it].abs_diff(b[it])).max().unwrap_or(0);
        sum += u64::from(most);
        plain += usize::from(48 < most);
    }
    let n = a.data().len() / 4;
    (sum as f64 / n as f64, plain as f64 / n as f64)
}

/// A window on the recording, with a folder that goes when the test does.
fn opened(screen: &Screen) -> (Window, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording.edf");
    recording(&path);
    let autosave = Autosave::new(folder.path().join("autosave"));
    let builder = Harness::builder()
        .with_size(egui::Vec2::from(screen.size))
        .with_pixels_per_point(screen.pixels)
        .with_max_steps(40);
    let mut window: Window = builder.wgpu().build_eframe(move |cc| {
        App::new(cc, None, autosave, || Box::new(StandIn::default())).with_typed_paths()
    });
    let settings = Settings {
        appearance: screen.appearance,
        dark_paper: screen.dark_paper,
        hints_done: 3,
        ..Settings::default()
    };
    window
        .state_mut()
        .act(Command::SetSettings(Box::new(settings)));
    window.run_steps(2);
    // Opened when the window is there, so that its panes are laid out in the same order on machines
    // fast and slow.
    window.state_mut().act(Command::Open(path));
    until(&mut window, "the recording", |it| it.exam.is_some());
    (window, folder)
}

fn take(screen: &Screen) -> Result<Pixmap, String> {
    let (mut window, _folder) = opened(screen);
    (screen.act)(&mut window);
    if screen.name == "welcome" {
        window
            .state_mut()
            .act(Command::SetSettings(Box::new(Settings {
                hints_done: 3,
                appearance: screen.appearance,
                ..Settings::default()
            })));
    }
    let whole = picture(&mut window, screen)?;
    Ok(halved(
        whole.width() as usize,
        whole.height() as usize,
        whole.data(),
    ))
}

/// The window as it is. What things took differs from run to run: the line that says it is masked.
fn picture(window: &mut Window, screen: &Screen) -> Result<Pixmap, String> {
    window.run_steps(4);
    if window.state().session().exam.is_some() {
        window.mask(egui::Rect::from_min_max(
            pos2(0.0, screen.size[1] - 31.0),
            pos2(0.55 * screen.size[0], screen.size[1]),
        ));
    }
    let picture = window.render()?;
    let size = IntSize::from_wh(picture.width(), picture.height()).unwrap();
    Ok(Pixmap::from_vec(picture.into_raw(), size).unwrap())
}

fn has_adapter() -> bool {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let mut future = std::pin::pin!(instance.enumerate_adapters(wgpu::Backends::all()));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(found) = future.as_mut().poll(&mut context) {
            return !found.is_empty();
        }
    }
}

/// Holds a picture against the stored one, or stores it. What differs is written beside it.
fn check(name: &str, now: &Pixmap) -> Result<(), String> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("tests/screens").join(format!("{name}.png"));
    if std::env::var_os("ECG_UPDATE_PICTURES").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        now.save_png(&path).unwrap();
        return Ok(());
    }
    let then = Pixmap::load_png(&path).map_err(|problem| format!("{name}: {problem}"))?;
    let size = |it: &Pixmap| (it.width(), it.height());
    assert_eq!(size(now), size(&then), "{name}");
    let (mean, share) = difference(now, &then);
    println!(
        "{name}: mean difference {mean:.2} of 255, {:.2} % of the pixels plainly other",
        100.0 * share
    );
    if mean < 2.0 && share < 0.012 {
        return Ok(());
    }
    let failed = root.join("target/screens").join(format!("{name}.png"));
    std::fs::create_dir_all(failed.parent().unwrap()).unwrap();
    now.save_png(failed).unwrap();
    Err(name.to_owned())
}

#[test]
fn the_essential_screens_look_as_they_did() {
    if !has_adapter() {
        return println!("skipped: no graphics adapter, not even a software one");
    }
    let looks = screens().into_iter();
    let problems: Vec<String> = looks
        .filter_map(|screen| check(screen.name, &take(&screen).unwrap()).err())
        .collect();
    assert!(
        problems.is_empty(),
        "these screens look different (see target/screens): {problems:?}"
    );
}

fn sheet(window: &mut Window, sheet: Sheet) {
    if sheet == Sheet::Kept {
        for name in ["X", "V8"] {
            window
                .state_mut()
                .act(Edit::AddVirtual(name.parse().unwrap()));
        }
    }
    window.state_mut().act(Edit::ShowSheet(Some(sheet)));
    until(window, "the leads of the sheet", |it| {
        it.results.listed.len() == it.document.virtual_leads.len()
    });
}

/// What the palette opens by this name.
fn command(window: &mut Window, name: &str) {
    window.state_mut().act(Edit::ShowSheet(None));
    window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    window.run_steps(3);
    window
        .get_by_label("Type a command or a lead")
        .type_text(name);
    window.run_steps(3);
    window.key_press(Key::Enter);
    window.run_steps(6);
}

type Step = (&'static str, fn(&mut Window));

/// Every sheet, then every dialog that the window opens by itself.
const STEPS: [Step; 20] = [
    ("brugada", |it| sheet(it, Sheet::Brugada)),
    ("posterior", |it| sheet(it, Sheet::Posterior)),
    ("right", |it| sheet(it, Sheet::RightSided)),
    ("15", |it| sheet(it, Sheet::Fifteen)),
    ("18", |it| sheet(it, Sheet::Eighteen)),
    ("kept", |it| sheet(it, Sheet::Kept)),
    ("measurements", |it| command(it, "Measurements")),
    ("keys", |it| command(it, "Keys")),
    ("about", |it| command(it, "About")),
    ("guide", |it| command(it, "Short guide")),
    ("settings", |it| command(it, "Settings")),
    ("import", |it| command(it, "Import report")),
    ("export", |it| command(it, "Export…")),
    ("ruler", |it| command(it, "Measure the screen")),
    ("path", |it| command(it, "Open…")),
    ("palette", |it| {
        it.key_press_modifiers(Modifiers::COMMAND, Key::K);
        it.run_steps(3);
        it.get_by_label("Type a command or a lead").type_text("V4");
        it.run_steps(3);
    }),
    ("held-out", |it| command(it, "Recorded leads left out")),
    ("compare", |it| {
        it.state_mut().act(Edit::ShowSheet(None));
        it.run_steps(3);
        it.get_by_label("Compare with recorded").click();
        it.run_steps(4);
        // The last one: a kept lead may bear the name as well.
        it.get_all_by_label("V7").last().unwrap().click();
        let v7 = LeadName::parse("V7");
        until(it, "the comparison", |it| {
            it.results.compared.contains_key(&v7)
        });
    }),
    ("rename", |it| {
        it.get_all_by_label("Rename").next().unwrap().click();
        it.run_steps(6);
    }),
    ("unsaved", |it| {
        it.state_mut().act(Command::Quit);
        it.run_steps(4);
    }),
];

#[test]
fn sheets_and_dialogs_look_as_they_did() {
    if !has_adapter() {
        return println!("skipped: no graphics adapter, not even a software one");
    }
    let is_update = std::env::var_os("ECG_UPDATE_PICTURES").is_some();
    let whole = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/screens/whole");
    std::fs::create_dir_all(&whole).unwrap();
    let mut problems = Vec::new();
    for look in screens()
        .into_iter()
        .filter(|look| look.name.starts_with("exam"))
    {
        let (mut window, _folder) = opened(&look);
        exam(&mut window);
        for (step, act) in STEPS {
            act(&mut window);
            let name = format!("{}/{step}", look.name);
            let now = picture(&mut window, &look).unwrap();
            if is_update {
                now.save_png(whole.join(name.replace('/', "-") + ".png"))
                    .unwrap();
            }
            let half = halved(now.width() as usize, now.height() as usize, now.data());
            let quarter = halved(half.width() as usize, half.height() as usize, half.data());
            let quarter = coarse(quarter);
            problems.extend(check(&name, &quarter).err());
            window.key_press(Key::Escape);
            window.run_steps(2);
        }
    }
    assert!(
        problems.is_empty(),
        "these look different (see target/screens): {problems:?}"
    );
}
