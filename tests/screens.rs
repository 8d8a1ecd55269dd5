//! The essential screens as pictures, drawn by a software adapter and held against stored ones. A
//! stand-in for the network and a recording made here keep them apart from weights and demos.
//! `ECG_UPDATE_PICTURES=1` writes the stored ones anew; differences lie in `target/screens`.
#![allow(clippy::unwrap_used)]
#![cfg(feature = "gui")]

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use ecg_panorama::{
    ecg::{Lead, LeadName, LeadSet, Recording, SampleRate, Target, ViewAngle},
    formats::{self, Format},
    gui::App,
    session::{
        Autosave, BodyMap, Calibrating, Command, Query, Session, SynthesisedLead,
        engine::{Engine, Watch, Work},
        query::{CalibrationSummary, Found, QueryError},
        settings::{Appearance, Settings},
    },
    synth::Mixing,
};
use eframe::egui::{self, Key, Modifiers, pos2};
use egui_kittest::{Harness, kittest::Queryable};
use resvg::tiny_skia::Pixmap;

type Window = Harness<'static, App>;

/// Mixes leads by how near their electrodes are: no physics, but the same on every machine.
#[derive(Default)]
struct StandIn {
    leads: Option<Arc<LeadSet>>,
}

const CHEST: [LeadName; 6] = [
    LeadName::V1,
    LeadName::V2,
    LeadName::V3,
    LeadName::V4,
    LeadName::V5,
    LeadName::V6,
];

impl StandIn {
    fn mixing(target: &Target) -> Mixing {
        let view = target.exploring_view().unwrap_or(ViewAngle::ANTERIOR);
        let near =
            |name: &LeadName| (4.0 * Target::lead(name).unwrap().view().angle_to(view).cos()).exp();
        let sum: f64 = CHEST.iter().map(near).sum();
        let weights: Vec<f64> = CHEST.iter().map(|it| near(it) / sum).collect();
        let quadratic: Vec<f64> = (0..36)
            .map(|it| if it % 7 == 0 { 0.004 } else { 0.0 })
            .collect();
        serde_json::from_value(serde_json::json!({
            "name": target.name(), "view": view, "inputs": CHEST, "weights": weights, "exact": false, "by": "stand-in",
            "error": {"quadratic": quadratic, "constant": 0.0004, "baseline_mv": [0.0, 0.0, 0.0, 0.0, 0.0, 0.0], "mean": 0.0016, "half_width": 1.64, "rmse": 1.0},
        }))
        .unwrap()
    }

    fn lead(&self, target: &Target) -> Result<SynthesisedLead, QueryError> {
        let mixing = Self::mixing(target);
        let leads = self.leads.as_ref().ok_or(QueryError::NotCalibrated)?;
        let synthesis = mixing.apply(leads)?;
        Ok(SynthesisedLead::new(target.clone(), synthesis, mixing))
    }

    fn named(&self, name: &LeadName) -> Result<SynthesisedLead, QueryError> {
        self.lead(&Target::lead(name)?)
    }

    fn body_map(&self, places: &[ViewAngle]) -> BodyMap {
        let n = self.leads.as_ref().map_or(0, |leads| leads.n_samples());
        let potential = |place: &ViewAngle| {
            let unit = place.unit();
            (unit[1] * 0.8 - unit[2] * 0.5) as f32
        };
        let one: Vec<f32> = places.iter().map(potential).collect();
        BodyMap {
            directions: places.to_vec(),
            range: 0..n,
            values_mv: (0..n).flat_map(|_| one.clone()).collect(),
        }
    }
}

impl Engine for StandIn {
    fn answer(&mut self, query: &Query, _: Watch<'_>) -> Result<Work, QueryError> {
        let found = match query {
            Query::Calibrate(request) => {
                self.leads = Some(request.leads.clone());
                Found::Calibrated(CalibrationSummary {
                    by: "stand-in".into(),
                    device: "CPU".into(),
                    ..CalibrationSummary::default()
                })
            }
            Query::Draft(..) | Query::Examine | Query::Reliability(..) => {
                return Err(QueryError::Unsupported("a stand-in has no figures"));
            }
            Query::Point(target) => Found::Point(self.lead(target)?),
            Query::Listed(id, target) => Found::Listed(*id, self.lead(target)?),
            Query::Compare(name) => Found::Compared(name.clone(), self.named(name)?),
            Query::HeldOut(name) => Found::HeldOut(name.clone(), self.named(name)?.synthesis),
            Query::BodyMap(places) => Found::BodyMap(self.body_map(places)),
            Query::Panorama => {
                let targets = Target::panorama().into_iter().map(|view| view.1);
                let leads = targets.map(|target| Ok(self.lead(&target)?.synthesis));
                Found::Panorama(leads.collect::<Result<_, QueryError>>()?)
            }
        };
        Ok(Work::Done(found))
    }
}

/// Ten seconds of a made-up heart at 75 a minute, with a lead at V7 to compare with.
fn recording(path: &Path) {
    let rate = SampleRate::from_hz(500.0).unwrap();
    let bump = |t: f64, at: f64, width: f64| (-((t - at) / width).powi(2)).exp();
    let shape = |r: f64, s: f64, t_wave: f64| -> Vec<f32> {
        let sample = |k: usize| {
            let t = (k as f64 / 500.0) % 0.8;
            0.12 * r.signum() * bump(t, 0.12, 0.03) + r * bump(t, 0.30, 0.012)
                - s * bump(t, 0.335, 0.014)
                + t_wave * bump(t, 0.58, 0.055)
        };
        (0..5000).map(|k| sample(k) as f32).collect()
    };
    let shapes = [
        (LeadName::I, 0.7, 0.1, 0.20),
        (LeadName::II, 1.1, 0.2, 0.30),
        (LeadName::V1, 0.2, 0.9, -0.05),
        (LeadName::V2, 0.4, 1.6, 0.40),
        (LeadName::V3, 0.8, 1.1, 0.50),
        (LeadName::V4, 1.4, 0.6, 0.45),
        (LeadName::V5, 1.3, 0.3, 0.35),
        (LeadName::V6, 1.0, 0.1, 0.28),
        (LeadName::parse("V7"), 0.7, 0.1, 0.20),
    ];
    let leads = shapes
        .into_iter()
        .map(|(name, r, s, t)| Lead::measured(name, shape(r, s, t)))
        .collect();
    let recording = Recording::from_leads(LeadSet::new(rate, leads).unwrap());
    formats::write(&recording, path, Format::EdfPlus).unwrap();
}

fn until(window: &mut Window, what: &str, done: impl Fn(&Session) -> bool) {
    let start = Instant::now();
    while !done(window.state().session()) {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "waited too long for {what}: {:?}",
            window.state().session().notices.list()
        );
        window.step();
        std::thread::sleep(Duration::from_millis(3));
    }
    window.run_steps(4);
}

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
    ]
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

fn take(screen: &Screen) -> Result<Pixmap, String> {
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
    window.run_steps(4);
    // What it took differs from run to run.
    if window.state().session().exam.is_some() {
        window.mask(egui::Rect::from_min_max(
            pos2(0.0, screen.size[1] - 31.0),
            pos2(0.55 * screen.size[0], screen.size[1]),
        ));
    }
    let picture = window.render()?;
    Ok(halved(
        picture.width() as usize,
        picture.height() as usize,
        picture.as_raw(),
    ))
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

#[test]
fn the_essential_screens_look_as_they_did() {
    if !has_adapter() {
        return println!("skipped: no graphics adapter, not even a software one");
    }
    let stored = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/screens");
    let failed = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/screens");
    let is_update = std::env::var_os("ECG_UPDATE_PICTURES").is_some();
    let mut problems = Vec::new();
    for screen in screens() {
        let now = take(&screen).unwrap();
        let path = stored.join(format!("{}.png", screen.name));
        if is_update {
            std::fs::create_dir_all(&stored).unwrap();
            now.save_png(&path).unwrap();
            continue;
        }
        let then = Pixmap::load_png(&path).unwrap();
        assert_eq!(
            (now.width(), now.height()),
            (then.width(), then.height()),
            "{}",
            screen.name
        );
        let (mean, share) = difference(&now, &then);
        println!(
            "{}: mean difference {mean:.2} of 255, {:.2} % of the pixels plainly other",
            screen.name,
            100.0 * share
        );
        if !(mean < 2.0 && share < 0.012) {
            std::fs::create_dir_all(&failed).unwrap();
            now.save_png(failed.join(format!("{}.png", screen.name)))
                .unwrap();
            problems.push(screen.name);
        }
    }
    assert!(
        problems.is_empty(),
        "these screens look different (see target/screens): {problems:?}"
    );
}
