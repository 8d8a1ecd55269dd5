//! The window. Reads no files and starts no threads: the session does both.

mod app;
mod camera;
mod dialogs;
mod file_dialog;
mod gpu;
mod icon;
mod notices;
mod paging;
mod panel_context;
mod panels;
mod panes;
mod screen_size;
mod sentences;
mod subdivision;
mod theme;
mod torso_colouring;
mod torso_model;
mod view;
mod widgets;

use app::APP_ID;
pub use app::App;
pub use icon::icon_picture;

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use eframe::{
    egui::{Context, ViewportBuilder},
    egui_wgpu::{WgpuSetup, WgpuSetupCreateNew, wgpu::Backends},
};

use crate::session::{Autosave, Command, Session, engine::network, settings::Settings};

/// Opens the window and does `first` there, if anything: opens a recording. The error says why no
/// window could be opened: no display, no graphics adapter.
pub fn run(first: Option<Command>) -> Result<(), String> {
    if !has_display() {
        return Err("there is no display (neither WAYLAND_DISPLAY nor DISPLAY is set)".into());
    }
    let folder = eframe::storage_dir(APP_ID).unwrap_or_else(|| PathBuf::from("."));
    let autosave = || Autosave::new(&folder);
    let settings = Settings::in_folder(&folder);
    autosave().report_crashes();
    // OpenGL is looked for only where nothing else is found: waking its drivers takes as long as a
    // frame.
    let shown = match Backends::from_env() {
        Some(chosen) => attempt(settings, first, autosave(), chosen),
        None => match attempt(
            settings.clone(),
            first.clone(),
            autosave(),
            Backends::PRIMARY,
        ) {
            Err(eframe::Error::Wgpu(_)) => attempt(settings, first, autosave(), Backends::GL),
            done => done,
        },
    };
    shown.map_err(|it| it.to_string())
}

/// Whether there is anything to open a window on; other systems always have it.
fn has_display() -> bool {
    let is_asked = cfg!(all(unix, not(target_os = "macos")));
    let names = ["WAYLAND_DISPLAY", "WAYLAND_SOCKET", "DISPLAY"];
    !is_asked
        || names
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|it| !it.is_empty()))
}

fn attempt(
    settings: Settings,
    first: Option<Command>,
    autosave: Autosave,
    backends: Backends,
) -> eframe::Result {
    // The file is read, and the body made ready, while the display and the adapter are being set
    // up.
    let screen = Arc::<OnceLock<Context>>::default();
    let wake = {
        let screen = screen.clone();
        Arc::new(move || screen.get().into_iter().for_each(Context::request_repaint))
    };
    let mut session = Session::new(settings, autosave, wake, network);
    first.into_iter().for_each(|command| session.apply(command));
    session.apply(Command::Prepare(panels::torso::prepare));
    let app = move |cc: &eframe::CreationContext<'_>| -> Result<Box<dyn eframe::App>, _> {
        screen.set(cc.egui_ctx.clone()).ok();
        let app = App::over(cc, session).with_light_start();
        // Desktops without file dialogs, and tests, name paths by typing them.
        let is_typed = std::env::var_os("ECG_PANORAMA_TYPED_PATHS").is_some();
        Ok(Box::new(if is_typed {
            app.with_typed_paths()
        } else {
            app
        }))
    };
    eframe::run_native(APP_ID, options(backends), Box::new(app))
}

fn options(backends: Backends) -> eframe::NativeOptions {
    let viewport = ViewportBuilder::default()
        .with_title("ECG Panorama")
        .with_app_id(APP_ID)
        .with_icon(icon::icon())
        .with_inner_size([1440.0, 900.0])
        .with_min_inner_size([480.0, 320.0]);
    let mut options = eframe::NativeOptions {
        viewport,
        dithering: false,
        ..eframe::NativeOptions::default()
    };
    let mut setup = WgpuSetupCreateNew::without_display_handle();
    setup.instance_descriptor.backends = backends;
    options.wgpu_options.wgpu_setup = WgpuSetup::CreateNew(setup);
    options
}
