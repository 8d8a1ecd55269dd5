//! The line at the top: what is open, and what can be done with it.

use std::cell::RefCell;

use eframe::egui::{self, KeyboardShortcut, Sides, Ui};

use super::{
    super::{
        dialogs::{EXPORT_KEY, OPEN_KEY, PALETTE_KEY, SAVE_KEY, key_words},
        panel_context::PanelContext,
        sentences,
        view::{Dialog, Teaching},
        widgets::{Part, fill_row, muted, strong_text},
    },
    lesson, misplaced, quiz,
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
        Some(SourceRef::Simulated { .. }) => cx.tr(Label::SimulatedHeart),
        Some(SourceRef::File { .. }) if is_hidden => cx.tr(Label::Recording),
        _ => own,
    };
    if exam.recording.is_simulated() {
        let mark = strong_text(cx.tr(Label::Simulated)).color(cx.look.colours.warning);
        ui.label(mark);
    }
    if let Some(exchange) = cx.session.document.exchange_undone {
        let mark = strong_text(cx.tr(Label::NotAsRecorded)).color(cx.look.colours.warning);
        ui.label(mark)
            .on_hover_text(cx.translator.exchange_undone(exchange));
        if ui.small_button(cx.tr(Label::ShowAsRecorded)).clicked() {
            cx.push(Edit::UndoExchange(None));
        }
    }
    let is_asked = cx.session.is_quizzing();
    let title = if is_asked {
        cx.tr(Label::QuizTitle)
    } else {
        title
    };
    let edited = if cx.session.is_edited() { " •" } else { "" };
    let hint = cx.tr(Label::ImportReportHint);
    let name = egui::Label::new(strong_text(format!("{title}{edited}")).size(15.0)).truncate();
    ui.add(name);
    if is_asked {
        return;
    }
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

/// Room that the title keeps.
const TITLE: f32 = 170.0;

fn buttons(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let room = ui.available_width() - TITLE;
    fill_row(ui, cx, ("top", room), &BUTTONS);
}

/// From the right.
const BUTTONS: [Part; 7] = [
    |ui, cx| {
        if door(ui, "?", cx.tr(Label::KeysHint)) {
            cx.view.dialog = Some(Dialog::Keys);
        }
    },
    menu,
    |ui, cx| {
        let key = key_words(ui.ctx(), cx.translator.0, &PALETTE_KEY);
        if door(ui, &key, cx.tr(Label::AllCommandsHint)) {
            cx.view.dialog = Some(Dialog::palette());
        }
    },
    |ui, cx| {
        if key_door(ui, cx, [Label::Open, Label::OpenHint], &OPEN_KEY) {
            cx.push(Command::AskPath(PathPurpose::Open));
        }
    },
    |ui, cx| {
        let is_open = cx.session.exam.is_some();
        let words = [Label::ExportMenu, Label::ExportHint];
        if is_open && key_door(ui, cx, words, &EXPORT_KEY) {
            cx.view.dialog = Some(Dialog::Export);
        }
    },
    |ui, cx| {
        let is_open = cx.session.exam.is_some();
        let words = [Label::SaveSession, Label::SaveHint];
        if is_open && key_door(ui, cx, words, &SAVE_KEY) {
            cx.push(Command::AskPath(PathPurpose::Save));
        }
    },
    |ui, cx| {
        ui.horizontal(|ui| {
            step(ui, cx, Label::Redo, Command::Redo);
            step(ui, cx, Label::Undo, Command::Undo);
        });
    },
];

fn door(ui: &mut Ui, name: &str, hint: &str) -> bool {
    ui.button(name).on_hover_text(hint).clicked()
}

/// The same, with the key that does it in its hint.
fn key_door(
    ui: &mut Ui,
    cx: &PanelContext<'_>,
    [name, hint]: [Label; 2],
    key: &KeyboardShortcut,
) -> bool {
    let key = key_words(ui.ctx(), cx.translator.0, key);
    door(ui, cx.tr(name), &format!("{} ({key})", cx.tr(hint)))
}

fn step(ui: &mut Ui, cx: &mut PanelContext<'_>, name: Label, command: Command) {
    if cx.session.exam.is_none() {
        return;
    }
    let (undo, redo) = cx.session.can_undo_redo();
    let can = if name == Label::Undo { undo } else { redo };
    let button = eframe::egui::Button::new(cx.tr(name));
    if ui.add_enabled(can, button).clicked() {
        cx.push(command);
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
        if cx.session.exam.is_some() {
            misplaced::menu(ui, cx);
        }
        ui.menu_button(cx.tr(Label::Lessons), |ui| lesson::list(ui, cx));
        ui.menu_button(cx.tr(Label::QuizTitle), |ui| quiz::list(ui, cx));
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
