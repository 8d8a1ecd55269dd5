//! The window on screens from a small laptop to 4K, on its side, and at every scale: nothing lies
//! outside it, no bar takes a second row, and the torso keeps two fifths of its pane.
//! `ECG_PICTURES=FOLDER` draws each as a picture.
#![allow(clippy::unwrap_used)]
#![cfg(feature = "gui")]

mod drive;
mod stand_in;

use std::path::Path;

use drive::{Window, until};
use ecg_panorama::{
    gui::App,
    session::{Autosave, Calibrating, Command, settings::Settings},
    words::Language,
};
use eframe::egui::{self, Rect, Vec2, accesskit::Role};
use egui_kittest::{
    Harness,
    kittest::{NodeT, Queryable, by},
};
use stand_in::{StandIn, recording};

/// A screen: pixels, and how many of them make a point.
#[derive(Clone, Copy, Debug)]
struct Screen {
    pixels: [f32; 2],
    scale: f32,
}

impl Screen {
    fn points(self) -> Vec2 {
        Vec2::from(self.pixels) / self.scale
    }
}

fn window(folder: &Path, screen: Screen, language: Language) -> Window {
    let path = folder.join("recording.edf");
    if !path.exists() {
        recording(&path);
    }
    let autosave = Autosave::new(folder.join("autosave"));
    let builder = Harness::builder()
        .with_size(screen.points())
        .with_pixels_per_point(screen.scale)
        .with_max_steps(40);
    let app = move |cc: &mut eframe::CreationContext<'_>| {
        App::new(cc, None, autosave, || Box::new(StandIn::default())).with_typed_paths()
    };
    let mut window: Window = match std::env::var_os("ECG_PICTURES") {
        Some(_) => builder.wgpu().build_eframe(app),
        None => builder.build_eframe(app),
    };
    let settings = Settings {
        language,
        ..Settings::default()
    };
    window
        .state_mut()
        .act(Command::SetSettings(Box::new(settings)));
    window.run_steps(2);
    window.state_mut().act(Command::Open(path));
    until(&mut window, "the lead at the point", |it| {
        matches!(it.calibrating, Calibrating::Ready(_)) && it.results.point.is_some()
    });
    window.run_steps(4);
    window
}

fn picture(window: &mut Window, name: &str) {
    if let Some(folder) = std::env::var_os("ECG_PICTURES") {
        let picture = window.render().unwrap();
        picture
            .save(Path::new(&folder).join(format!("{name}.png")))
            .unwrap();
    }
}

/// What can be seen and named, with where it lies.
fn areas(window: &Window) -> Vec<(String, Role, Rect)> {
    let all = window.query_all(by());
    all.filter_map(|node| {
        let node_ref = node.accesskit_node();
        let name = node_ref.label().or_else(|| node_ref.value())?;
        let wanted = [
            Role::Button,
            Role::ComboBox,
            Role::CheckBox,
            Role::Canvas,
            Role::SpinButton,
        ];
        let role = node_ref.role();
        wanted.contains(&role).then(|| (name, role, node.rect()))
    })
    .collect()
}

const SCREENS: [Screen; 10] = [
    Screen {
        pixels: [1024.0, 700.0],
        scale: 1.0,
    },
    Screen {
        pixels: [1280.0, 800.0],
        scale: 1.0,
    },
    Screen {
        pixels: [1280.0, 800.0],
        scale: 1.5,
    },
    Screen {
        pixels: [1440.0, 900.0],
        scale: 1.5,
    },
    Screen {
        pixels: [1920.0, 1080.0],
        scale: 1.0,
    },
    Screen {
        pixels: [1920.0, 1080.0],
        scale: 2.0,
    },
    Screen {
        pixels: [3840.0, 2160.0],
        scale: 1.0,
    },
    Screen {
        pixels: [3840.0, 2160.0],
        scale: 2.0,
    },
    Screen {
        pixels: [1080.0, 1920.0],
        scale: 1.0,
    },
    Screen {
        pixels: [1024.0, 700.0],
        scale: 2.0,
    },
];

#[test]
fn every_screen_holds_the_window() {
    let folder = tempfile::tempdir().unwrap();
    for screen in SCREENS {
        for language in [Language::English, Language::German] {
            let mut window = window(folder.path(), screen, language);
            let [width, height] = screen.pixels;
            let name = format!("{width}x{height}@{}-{language:?}", screen.scale);
            picture(&mut window, &name);
            check(&window, screen, &name);
            // Panes that creep would have moved by now.
            let before = areas(&window);
            window.run_steps(20);
            assert_eq!(areas(&window), before, "{name}");
        }
    }
}

/// Two buttons that share a place cannot both be pressed.
fn check(window: &Window, screen: Screen, name: &str) {
    let whole = Rect::from_min_size(egui::Pos2::ZERO, screen.points()).expand(0.5);
    let areas = areas(window);
    for (label, role, rect) in &areas {
        assert!(
            whole.contains_rect(*rect),
            "{name}: {label} ({role:?}) at {rect}"
        );
    }
    let buttons: Vec<_> = areas.iter().filter(|it| it.1 != Role::Canvas).collect();
    for (idx, (label, _, rect)) in buttons.iter().enumerate() {
        for (other, _, at) in &buttons[..idx] {
            let shared = rect.intersect(*at);
            let is_over = 1.0 < shared.width() && 1.0 < shared.height();
            let is_inside = at.contains_rect(*rect) || rect.contains_rect(*at);
            assert!(!is_over || is_inside, "{name}: {label} over {other}");
        }
    }
    let canvas = |part: &str| {
        let mut found = areas.iter().filter(|it| it.1 == Role::Canvas);
        found.find(|it| it.0.contains(part)).map(|it| it.2)
    };
    if let Some(torso) = canvas("Torso").filter(|it| 0.0 < it.height()) {
        let room = screen.points().y - 44.0 - 32.0;
        let pane = if screen.points().x < 1.05 * room {
            0.42 * room
        } else {
            room
        };
        assert!(
            0.4 * pane - 8.0 <= torso.height(),
            "{name}: the torso is {} of {pane}",
            torso.height()
        );
    }
    let paper = canvas("ECG").or_else(|| canvas("EKG")).unwrap();
    assert!(
        100.0 < paper.height() && 300.0 < paper.width(),
        "{name}: the paper is {}",
        paper.size()
    );
}
