//! The line at the top: what is open, and what can be done with it.

use eframe::egui::{Layout, Ui};

use super::super::{
    cx::Cx,
    dialogs,
    view::Dialog,
    widgets::{muted, strong_text},
};
use crate::session::{Action, Settings};

/// The line.
pub fn show(ui: &mut Ui, cx: &mut Cx<'_>) {
    ui.horizontal_centered(|ui| {
        match &cx.session.exam {
            Some(exam) => {
                let mut title = exam.title.clone();
                if cx.session.document.deidentified && matches!(cx.session.document.source, Some(crate::session::SourceRef::File { .. })) {
                    title = cx.t("Recording").to_owned();
                }
                let edited = if cx.session.is_edited() { " •" } else { "" };
                ui.label(strong_text(format!("{title}{edited}")).size(15.0));
                ui.label(muted(exam.headline(cx.session.document.deidentified), &cx.look.colours));
                if ui.small_button(cx.t("Import report")).on_hover_text(cx.t("What was found in the file, and what was repaired")).clicked()
                {
                    cx.view.dialog = Some(Dialog::Import);
                }
            }
            None => drop(ui.label(strong_text("ECG Panorama").size(15.0))),
        }
        ui.with_layout(Layout::right_to_left(eframe::egui::Align::Center), |ui| buttons(ui, cx));
    });
}

fn buttons(ui: &mut Ui, cx: &mut Cx<'_>) {
    if ui.button("?").on_hover_text(cx.t("Keys (?)")).clicked() {
        cx.view.dialog = Some(Dialog::Keys);
    }
    menu(ui, cx);
    if ui.button("⌘ K").on_hover_text(cx.t("All commands (Ctrl+K)")).clicked() {
        cx.view.dialog = Some(Dialog::Palette { query: String::new(), at: 0 });
    }
    if cx.session.exam.is_some() {
        if ui.button(cx.t("Export…")).on_hover_text(cx.t("PDF, SVG, PNG, CSV, EDF+ (Ctrl+E)")).clicked() {
            cx.view.dialog = Some(Dialog::Export);
        }
        if ui.button(cx.t("Save session…")).on_hover_text(cx.t("Layout, virtual leads, calipers (Ctrl+S)")).clicked() {
            dialogs::ask_save(cx);
        }
    }
    if ui.button(cx.t("Open…")).on_hover_text(cx.t("A recording or a saved session (Ctrl+O)")).clicked() {
        dialogs::ask_open(cx);
    }
    if cx.session.exam.is_some() {
        let (undo, redo) = cx.session.can_undo_redo();
        if ui.add_enabled(redo, eframe::egui::Button::new(cx.t("Redo"))).clicked() {
            cx.push(Action::Redo);
        }
        if ui.add_enabled(undo, eframe::egui::Button::new(cx.t("Undo"))).clicked() {
            cx.push(Action::Undo);
        }
    }
}

fn menu(ui: &mut Ui, cx: &mut Cx<'_>) {
    ui.menu_button(cx.t("More"), |ui| {
        let mut hidden = cx.session.document.deidentified;
        if ui.checkbox(&mut hidden, cx.t("De-identified screen and exports")).changed() {
            cx.push(Action::SetDeidentified(hidden));
        }
        let mut touch = cx.session.settings.touch;
        if ui.checkbox(&mut touch, cx.t("Large targets for touch")).changed() {
            cx.push(Action::SetSettings(Box::new(Settings { touch, ..cx.session.settings.clone() })));
        }
        for (name, dialog) in [("Settings…", Dialog::Settings), ("Short guide…", Dialog::Guide), ("About…", Dialog::About)] {
            if ui.button(cx.t(name)).clicked() {
                cx.view.dialog = Some(dialog);
                ui.close();
            }
        }
        if cx.session.exam.is_some() && ui.button(cx.t("Close recording")).clicked() {
            cx.push(Action::Close);
            ui.close();
        }
    });
}
