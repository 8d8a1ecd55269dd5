//! What stands in front of everything else, one at a time.

mod about;
mod agreement;
mod ask;
mod commands;
mod export;
mod overlay;
mod settings;

pub use ask::{Asking, ask_open, ask_save, poll};
pub use commands::run_keys;
pub use export::{poll_copying, poll_writing};

use eframe::egui::{Align2, Frame, Id, Key, Margin, Modal, ScrollArea, TextEdit, Ui};

use super::{
    panel_context::PanelContext,
    view::{Dialog, Purpose},
    widgets::{muted, strong_text},
};
use crate::{
    session::{Action, Unit},
    words::Label,
};

/// Shows the open dialog, if there is one.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let Some(mut dialog) = cx.view.dialog.take() else {
        return;
    };
    let width = match dialog {
        Dialog::HeldOut { .. } | Dialog::Compare { .. } => 0.86 * ui.ctx().content_rect().width(),
        Dialog::Palette { .. } => 520.0,
        Dialog::Keys | Dialog::Guide | Dialog::About => 640.0,
        _ => 460.0,
    };
    let width = width.min(ui.ctx().content_rect().width() - 64.0);
    let frame = Frame::popup(ui.style()).inner_margin(Margin::symmetric(20, 16));
    let response = Modal::new(Id::unique("dialog"))
        .frame(frame)
        .show(ui.ctx(), |ui| {
            ui.set_width(width);
            body(ui, cx, &mut dialog)
        });
    let keep = response.inner && !response.should_close();
    // A dialog that opened another one gives way to it.
    if keep && cx.view.dialog.is_none() {
        cx.view.dialog = Some(dialog);
    }
}

/// A file whose numbers have no unit: better asked than guessed wrong by a factor of a thousand.
pub fn unit(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let Some(path) = cx.session.unit_wanted.clone() else {
        return;
    };
    let frame = Frame::popup(ui.style()).inner_margin(Margin::symmetric(20, 16));
    let response = Modal::new(Id::unique("unit"))
        .frame(frame)
        .show(ui.ctx(), |ui| {
            ui.set_width(440.0);
            ui.heading(cx.tr(Label::WhichUnit));
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            ui.label(format!("{name}: {}", cx.tr(Label::NoUnitStated)));
            ui.horizontal(|ui| {
                for (unit, name) in [
                    (Unit::Millivolt, "mV"),
                    (Unit::Microvolt, "µV"),
                    (Unit::Volt, "V"),
                ] {
                    if ui.button(strong_text(name)).clicked() {
                        cx.push(Action::OpenWithUnit(path.clone(), unit));
                    }
                }
                if ui.button(cx.tr(Label::Cancel)).clicked() {
                    cx.push(Action::ForgetUnit);
                }
            });
        });
    if response.should_close() {
        cx.push(Action::ForgetUnit);
    }
}

/// Whether it stays open.
fn body(ui: &mut Ui, cx: &mut PanelContext<'_>, dialog: &mut Dialog) -> bool {
    match dialog {
        Dialog::Palette { query, at } => return commands::palette(ui, cx, query, at),
        Dialog::Rename { id, text } => return rename(ui, cx, *id, text),
        Dialog::Path { text, purpose } => return path(ui, cx, text, *purpose),
        Dialog::Export => return export::show(ui, cx),
        Dialog::Ruler { card_points } => return settings::ruler(ui, cx, card_points),
        Dialog::Settings => settings::show(ui, cx),
        Dialog::Keys => commands::keys(ui, cx),
        Dialog::About => about::show(ui, cx),
        Dialog::Guide => about::guide(ui, cx),
        Dialog::Import => import(ui, cx),
        Dialog::HeldOut { lead, page } => overlay::held_out(ui, cx, lead, page),
        Dialog::Compare { lead, page } => overlay::compare(ui, cx, lead, page),
    }
    ui.add_space(8.0);
    !ui.button(cx.tr(Label::Close)).clicked()
}

fn import(ui: &mut Ui, cx: &PanelContext<'_>) {
    ui.heading(cx.tr(Label::ImportReport));
    let Some(exam) = &cx.session.exam else { return };
    ScrollArea::vertical()
        .max_height(0.6 * ui.ctx().content_rect().height())
        .show(ui, |ui| {
            for (idx, line) in exam.import_words.iter().enumerate() {
                let hidden = cx.session.document.deidentified && idx == 0;
                ui.label(if hidden { "…" } else { line.as_str() });
            }
        });
}

fn rename(ui: &mut Ui, cx: &mut PanelContext<'_>, id: u32, text: &mut String) -> bool {
    ui.heading(cx.tr(Label::Rename));
    ui.label(muted(cx.tr(Label::RenameNote), &cx.look.colours));
    let tag = ui.label(cx.tr(Label::Name));
    let field = ui
        .add(
            TextEdit::singleline(text)
                .desired_width(f32::INFINITY)
                .align(Align2::LEFT_CENTER),
        )
        .labelled_by(tag.id);
    field.request_focus();
    let enter = ui.input(|it| it.key_pressed(Key::Enter));
    let mut open = true;
    ui.horizontal(|ui| {
        if ui.button(strong_text(cx.tr(Label::Keep))).clicked() || enter {
            cx.push(Action::RenameVirtual(id, text.clone()));
            cx.push(Action::EndGesture);
            open = false;
        }
        if ui.button(cx.tr(Label::Cancel)).clicked() {
            open = false;
        }
    });
    open
}

fn path(ui: &mut Ui, cx: &mut PanelContext<'_>, text: &mut String, purpose: Purpose) -> bool {
    ui.heading(match purpose {
        Purpose::Open => cx.tr(Label::OpenByPath),
        Purpose::Save | Purpose::Export(_) => cx.tr(Label::WriteToPath),
    });
    ui.label(muted(cx.tr(Label::NoFileDialog), &cx.look.colours));
    let tag = ui.label(cx.tr(Label::Path));
    let field = ui
        .add(
            TextEdit::singleline(text)
                .desired_width(f32::INFINITY)
                .align(Align2::LEFT_CENTER),
        )
        .labelled_by(tag.id);
    if !field.has_focus() && !field.lost_focus() {
        field.request_focus();
    }
    let enter = ui.input(|it| it.key_pressed(Key::Enter));
    let mut open = true;
    ui.horizontal(|ui| {
        let ready = !text.trim().is_empty();
        let go = ui
            .add_enabled(
                ready,
                eframe::egui::Button::new(strong_text(cx.tr(Label::Ok))),
            )
            .clicked()
            || (enter && ready);
        if go {
            ask::chosen(cx, purpose, std::path::PathBuf::from(text.trim()));
            open = false;
        }
        if ui.button(cx.tr(Label::Cancel)).clicked() {
            open = false;
        }
    });
    open
}
