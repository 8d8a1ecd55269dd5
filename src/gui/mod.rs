//! The window. Reads no files and starts no threads: the session does both.

mod app;
mod body;
mod camera;
mod cx;
mod dialogs;
mod finer;
mod gpu;
mod panels;
mod skin;
mod theme;
mod view;
mod widgets;
mod words;

pub use app::{APP_ID, App};

use std::path::PathBuf;

use eframe::egui::ViewportBuilder;

use crate::session::{self, Keep};

/// Opens the window, on `file` if there is one. The error says why no window could be opened: no display, no graphics adapter.
pub fn run(file: Option<PathBuf>) -> Result<(), String> {
    let keep = Keep::new(eframe::storage_dir(APP_ID).unwrap_or_else(|| PathBuf::from(".")));
    keep.report_crashes();
    let viewport = ViewportBuilder::default()
        .with_title("ECG Panorama")
        .with_app_id(APP_ID)
        .with_inner_size([1440.0, 900.0])
        .with_min_inner_size([960.0, 640.0]);
    let options = eframe::NativeOptions { viewport, ..eframe::NativeOptions::default() };
    let app = move |cc: &eframe::CreationContext<'_>| -> Result<Box<dyn eframe::App>, _> {
        let app = App::new(cc, file, keep, session::network);
        // Desktops without file dialogs, and tests, name paths by typing them.
        let is_typed = std::env::var_os("ECG_PANORAMA_TYPED_PATHS").is_some();
        Ok(Box::new(if is_typed { app.with_typed_paths() } else { app }))
    };
    eframe::run_native(APP_ID, options, Box::new(app)).map_err(|it| it.to_string())
}
