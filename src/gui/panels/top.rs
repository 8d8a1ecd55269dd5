//! The line at the top: what is open, and what can be done with it.

use std::cell::RefCell;

use eframe::egui::{self, Sides, Ui};

use super::super::{
    panel_context::PanelContext,
    view::{Dialog, Teaching},
    widgets::{muted, strong_text},
};
use crate::{
    session::{Command, Edit, Exam, PathPurpose, document::Privacy, settings::Settings},
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
    let is_demo = matches!(
        cx.session.document.source,
        Some(crate::session::document::SourceRef::Demo { .. })
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
            Some(crate::session::document::SourceRef::File { .. })
        )
    {
        title = cx.tr(Label::Recording).to_owned();
    }
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
        ui.add(egui::Label::new(muted(headline(cx, exam, is_hidden), &cx.look.colours)).truncate());
    }
}

/// A patient's own name stays as it is.
fn headline(cx: &PanelContext<'_>, exam: &Exam, is_hidden: bool) -> String {
    let line = exam.headline(if is_hidden {
        Privacy::Hidden
    } else {
        Privacy::Shown
    });
    let is_named = !is_hidden
        && (exam.recording.patient.name.is_some() || exam.recording.patient.id.is_some());
    if is_named { line } else { cx.say(&line) }
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
