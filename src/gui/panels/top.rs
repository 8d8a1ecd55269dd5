//! The line at the top: what is open, and what can be done with it.

use std::cell::RefCell;

use eframe::egui::{self, Sides, Ui};

use super::super::{
    panel_context::PanelContext,
    sentences,
    view::{Dialog, Teaching},
    widgets::{muted, strong_text},
};
use crate::{
    session::{
        Command, Edit, PathPurpose,
        document::{Privacy, SourceRef},
        settings::Settings,
    },
    words::Label,
};

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
    let is_hidden = cx.session.document.deidentified || cx.view.teaching.is_some();
    let own = exam.title.as_str();
    let title = match &cx.session.document.source {
        Some(SourceRef::Demo { name }) => sentences::demo(name).map_or(own, |it| cx.tr(it[0])),
        Some(SourceRef::File { .. }) if is_hidden => cx.tr(Label::Recording),
        _ => own,
    };
    let edited = if cx.session.is_edited() { " •" } else { "" };
    let hint = cx.tr(Label::ImportReportHint);
    let name = egui::Label::new(strong_text(format!("{title}{edited}")).size(15.0)).truncate();
    ui.add(name);
    if 130.0 < ui.available_width()
        && ui
            .small_button(cx.tr(Label::ImportReport))
            .on_hover_text(hint)
            .clicked()
    {
        cx.view.dialog = Some(Dialog::Import);
    }
    if 60.0 < ui.available_width() {
        let privacy = if is_hidden {
            Privacy::Hidden
        } else {
            Privacy::Shown
        };
        let line = sentences::headline(cx.translator, exam, privacy);
        ui.add(egui::Label::new(muted(line, &cx.look.colours)).truncate());
    }
}

fn buttons(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    if ui
        .button("?")
        .on_hover_text(cx.tr(Label::KeysHint))
        .clicked()
    {
        cx.view.dialog = Some(Dialog::Keys);
    }
    menu(ui, cx);
    if ui
        .button("⌘ K")
        .on_hover_text(cx.tr(Label::AllCommandsHint))
        .clicked()
    {
        cx.view.dialog = Some(Dialog::Palette {
            query: String::new(),
            at: 0,
        });
    }
    if cx.session.exam.is_some() {
        if ui
            .button(cx.tr(Label::ExportMenu))
            .on_hover_text(cx.tr(Label::ExportHint))
            .clicked()
        {
            cx.view.dialog = Some(Dialog::Export);
        }
        if ui
            .button(cx.tr(Label::SaveSession))
            .on_hover_text(cx.tr(Label::SaveHint))
            .clicked()
        {
            cx.push(Command::AskPath(PathPurpose::Save));
        }
    }
    if ui
        .button(cx.tr(Label::Open))
        .on_hover_text(cx.tr(Label::OpenHint))
        .clicked()
    {
        cx.push(Command::AskPath(PathPurpose::Open));
    }
    if cx.session.exam.is_some() {
        let (undo, redo) = cx.session.can_undo_redo();
        if ui
            .add_enabled(redo, eframe::egui::Button::new(cx.tr(Label::Redo)))
            .clicked()
        {
            cx.push(Command::Redo);
        }
        if ui
            .add_enabled(undo, eframe::egui::Button::new(cx.tr(Label::Undo)))
            .clicked()
        {
            cx.push(Command::Undo);
        }
    }
}

fn menu(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    ui.menu_button(cx.tr(Label::More), |ui| {
        let mut hidden = cx.session.document.deidentified;
        if ui
            .checkbox(&mut hidden, cx.tr(Label::Deidentified))
            .changed()
        {
            cx.push(Edit::SetDeidentified(hidden));
        }
        if cx.session.exam.is_some()
            && ui
                .button(cx.tr(Label::TeachingMode))
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
            .checkbox(&mut touch, cx.tr(Label::LargeTargets))
            .changed()
        {
            cx.push(Command::SetSettings(Box::new(Settings {
                touch,
                ..cx.session.settings.clone()
            })));
        }
        for (name, dialog) in [
            (Label::SettingsMenu, Dialog::Settings),
            (Label::ShortGuideMenu, Dialog::Guide),
            (Label::AboutMenu, Dialog::About),
        ] {
            if ui.button(cx.tr(name)).clicked() {
                cx.view.dialog = Some(dialog);
                ui.close();
            }
        }
        if cx.session.exam.is_some() && ui.button(cx.tr(Label::CloseRecording)).clicked() {
            cx.push(Command::Close);
            ui.close();
        }
    });
}
