//! The line at the top: what is open, and what can be done with it.

use std::cell::RefCell;

use eframe::egui::{Label, Sides, Ui};

use super::super::{
    dialogs,
    panel_context::PanelContext,
    view::{Dialog, Teaching},
    widgets::{muted, strong_text},
};
use crate::session::{Action, Exam, Settings};

/// The line.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    // What is opened gives way to what can be done.
    let cx = RefCell::new(cx);
    Sides::new()
        .height(ui.available_height())
        .shrink_left()
        .truncate()
        .show(
            ui,
            |ui| title(ui, &mut cx.borrow_mut()),
            |ui| buttons(ui, &mut cx.borrow_mut()),
        );
}

fn title(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let Some(exam) = &cx.session.exam else {
        ui.label(strong_text("ECG Panorama").size(15.0));
        return;
    };
    let is_demo = matches!(
        cx.session.document.source,
        Some(crate::session::SourceRef::Demo { .. })
    );
    let mut title = if is_demo {
        cx.say(&exam.title)
    } else {
        exam.title.clone()
    };
    let is_hidden = cx.session.document.deidentified || cx.view.teaching.is_some();
    if is_hidden
        && matches!(
            cx.session.document.source,
            Some(crate::session::SourceRef::File { .. })
        )
    {
        title = cx.t("Recording").to_owned();
    }
    let edited = if cx.session.is_edited() { " •" } else { "" };
    let hint = cx.t("Import report: what was found in the file, and what was repaired");
    let name = Label::new(strong_text(format!("{title}{edited}")).size(15.0)).truncate();
    ui.add(name);
    if 130.0 < ui.available_width()
        && ui
            .small_button(cx.t("Import report"))
            .on_hover_text(hint)
            .clicked()
    {
        cx.view.dialog = Some(Dialog::Import);
    }
    if 60.0 < ui.available_width() {
        ui.add(Label::new(muted(headline(cx, exam, is_hidden), &cx.look.colours)).truncate());
    }
}

/// A patient's own name stays as it is.
fn headline(cx: &PanelContext<'_>, exam: &Exam, is_hidden: bool) -> String {
    let line = exam.headline(is_hidden);
    let is_named = !is_hidden
        && (exam.recording.patient.name.is_some() || exam.recording.patient.id.is_some());
    if is_named { line } else { cx.say(&line) }
}

fn buttons(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    if ui.button("?").on_hover_text(cx.t("Keys (?)")).clicked() {
        cx.view.dialog = Some(Dialog::Keys);
    }
    menu(ui, cx);
    if ui
        .button("⌘ K")
        .on_hover_text(cx.t("All commands (Ctrl+K)"))
        .clicked()
    {
        cx.view.dialog = Some(Dialog::Palette {
            query: String::new(),
            at: 0,
        });
    }
    if cx.session.exam.is_some() {
        if ui
            .button(cx.t("Export…"))
            .on_hover_text(cx.t("PDF, SVG, PNG, CSV, EDF+ (Ctrl+E)"))
            .clicked()
        {
            cx.view.dialog = Some(Dialog::Export);
        }
        if ui
            .button(cx.t("Save session…"))
            .on_hover_text(cx.t("Layout, virtual leads, calipers (Ctrl+S)"))
            .clicked()
        {
            dialogs::ask_save(cx);
        }
    }
    if ui
        .button(cx.t("Open…"))
        .on_hover_text(cx.t("A recording or a saved session (Ctrl+O)"))
        .clicked()
    {
        dialogs::ask_open(cx);
    }
    if cx.session.exam.is_some() {
        let (undo, redo) = cx.session.can_undo_redo();
        if ui
            .add_enabled(redo, eframe::egui::Button::new(cx.t("Redo")))
            .clicked()
        {
            cx.push(Action::Redo);
        }
        if ui
            .add_enabled(undo, eframe::egui::Button::new(cx.t("Undo")))
            .clicked()
        {
            cx.push(Action::Undo);
        }
    }
}

fn menu(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    ui.menu_button(cx.t("More"), |ui| {
        let mut hidden = cx.session.document.deidentified;
        if ui
            .checkbox(&mut hidden, cx.t("De-identified screen and exports"))
            .changed()
        {
            cx.push(Action::SetDeidentified(hidden));
        }
        if cx.session.exam.is_some()
            && ui
                .button(cx.t("Teaching mode"))
                .on_hover_text("F5")
                .clicked()
        {
            cx.view.teaching = if cx.view.teaching.is_some() {
                None
            } else {
                Some(Teaching::default())
            };
            ui.close();
        }
        let mut touch = cx.session.settings.touch;
        if ui
            .checkbox(&mut touch, cx.t("Large targets for touch"))
            .changed()
        {
            cx.push(Action::SetSettings(Box::new(Settings {
                touch,
                ..cx.session.settings.clone()
            })));
        }
        for (name, dialog) in [
            ("Settings…", Dialog::Settings),
            ("Short guide…", Dialog::Guide),
            ("About…", Dialog::About),
        ] {
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
