//! What stands in front of everything else, one at a time.

mod about;
mod agreement;
mod commands;
mod entries;
mod export;
mod overlay;
mod palette;
mod settings;
mod unsure;

pub use commands::run_keys;
pub use entries::{EXPORT_KEY, OPEN_KEY, PALETTE_KEY, SAVE_KEY, key_words};
pub use unsure::show as unsure;

use eframe::egui::{Align2, Button, Frame, Id, Key, Margin, Modal, ScrollArea, TextEdit, Ui};

use super::{
    panel_context::PanelContext,
    view::Dialog,
    widgets::{muted, strong_text},
};
use crate::{
    ecg::plain_line,
    session::{Command, Edit, PathPurpose, document::SourceRef},
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

/// Edits that would be lost.
pub fn unsaved(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    if cx.session.prompts.unsaved.is_none() {
        return;
    }
    let answers = [
        (Command::SaveAndLeave, Label::SaveSession),
        (Command::DiscardAndLeave, Label::Discard),
        (Command::Stay, Label::Cancel),
    ];
    let note = cx.tr(Label::UnsavedNote);
    question(ui, cx, Label::UnsavedHeading, note, answers);
}

/// Asks whether a file may go that is where a typed path leads.
pub fn replace(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let Some((_, path)) = &cx.session.prompts.replace else {
        return;
    };
    let name = path.file_name().unwrap_or(path.as_os_str());
    let note = plain_line(&name.to_string_lossy());
    let answers = [
        (Command::ReplaceFile, Label::Replace),
        (Command::LeaveFile, Label::Cancel),
    ];
    question(ui, cx, Label::ReplaceHeading, &note, answers);
}

/// A question with its answers, of which the last is that nothing be done.
fn question<const N: usize>(
    ui: &mut Ui,
    cx: &mut PanelContext<'_>,
    heading: Label,
    note: &str,
    answers: [(Command, Label); N],
) {
    let frame = Frame::popup(ui.style()).inner_margin(Margin::symmetric(20, 16));
    let response = Modal::new(Id::unique(heading))
        .frame(frame)
        .show(ui.ctx(), |ui| {
            ui.set_width(440.0);
            ui.heading(cx.tr(heading));
            ui.label(note);
            ui.horizontal(|ui| {
                for (answer, name) in &answers {
                    if ui.button(strong_text(cx.tr(*name))).clicked() {
                        cx.push(answer.clone());
                    }
                }
            });
        });
    if response.should_close()
        && let Some((nothing, _)) = answers.into_iter().next_back()
    {
        cx.push(nothing);
    }
}

/// Whether it stays open.
fn body(ui: &mut Ui, cx: &mut PanelContext<'_>, dialog: &mut Dialog) -> bool {
    match dialog {
        Dialog::Palette { query, at } => return palette::show(ui, cx, query, at),
        Dialog::Rename { id, text } => return rename(ui, cx, *id, text),
        Dialog::Path { text, purpose } => return path(ui, cx, text, *purpose),
        Dialog::Export => return export::show(ui, cx),
        Dialog::Ruler { card_points } => return settings::ruler(ui, cx, card_points),
        Dialog::Settings => settings::show(ui, cx),
        Dialog::Keys => palette::keys(ui, cx),
        Dialog::About => about::show(ui, cx),
        Dialog::Guide => about::guide(ui, cx),
        Dialog::Import => import(ui, cx),
        Dialog::HeldOut { lead, page } => overlay::held_out(ui, cx, lead, page),
        Dialog::Compare { lead, page } => overlay::compare(ui, cx, lead, page),
    }
    ui.add_space(8.0);
    !ui.button(cx.tr(Label::Close)).clicked()
}

fn import(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    ui.heading(cx.tr(Label::ImportReport));
    let Some(exam) = &cx.session.exam else { return };
    ScrollArea::vertical()
        .max_height(0.6 * ui.ctx().content_rect().height())
        .show(ui, |ui| {
            for line in exam.import_words(cx.session.document.privacy()) {
                ui.label(line);
            }
        });
    if let Some(SourceRef::File { path, read_as, .. }) = &cx.session.document.source {
        let other = ui.button(cx.tr(Label::OtherLeads));
        if other.on_hover_text(cx.tr(Label::OtherLeadsHint)).clicked() {
            cx.push(Command::AskLeads(path.clone(), read_as.clone()));
        }
    }
}

fn rename(ui: &mut Ui, cx: &mut PanelContext<'_>, id: u32, text: &mut String) -> bool {
    ui.heading(cx.tr(Label::Rename));
    ui.label(muted(cx.tr(Label::RenameNote), &cx.look.colours));
    let answer = ask_text(ui, cx, [Label::Name, Label::Keep], text, |_| true);
    if answer == Some(true) {
        cx.push(Edit::RenameVirtual(id, text.clone()));
        cx.push(Command::EndGesture);
    }
    answer.is_none()
}

fn path(ui: &mut Ui, cx: &mut PanelContext<'_>, text: &mut String, purpose: PathPurpose) -> bool {
    ui.heading(match purpose {
        PathPurpose::Open
        | PathPurpose::OpenFolder
        | PathPurpose::Compare
        | PathPurpose::Lesson => cx.tr(Label::OpenByPath),
        PathPurpose::Save | PathPurpose::QuizSheet | PathPurpose::Export(_) => {
            cx.tr(Label::WriteToPath)
        }
    });
    ui.label(muted(cx.tr(Label::NoFileDialog), &cx.look.colours));
    let answer = ask_text(ui, cx, [Label::Path, Label::Ok], text, |path| {
        !path.is_empty()
    });
    if answer == Some(true) {
        cx.push(Command::UsePath(purpose, text.trim().into()));
    }
    answer.is_none()
}

/// A field with its name and the word that takes what was typed. Whether it was taken, or the user
/// thought better of it; `None` as long as neither.
fn ask_text(
    ui: &mut Ui,
    cx: &PanelContext<'_>,
    [name, take]: [Label; 2],
    text: &mut String,
    is_ready: fn(&str) -> bool,
) -> Option<bool> {
    let tag = ui.label(cx.tr(name));
    let field = TextEdit::singleline(text)
        .desired_width(f32::INFINITY)
        .align(Align2::LEFT_CENTER);
    let field = ui.add(field).labelled_by(tag.id);
    if !field.has_focus() && !field.lost_focus() {
        field.request_focus();
    }
    let enter = ui.input(|it| it.key_pressed(Key::Enter));
    let row = ui.horizontal(|ui| {
        let is_ready = is_ready(text.trim());
        let button = ui.add_enabled(is_ready, Button::new(strong_text(cx.tr(take))));
        let is_taken = button.clicked() || (enter && is_ready);
        let is_left = ui.button(cx.tr(Label::Cancel)).clicked();
        (is_taken || is_left).then_some(is_taken)
    });
    row.inner
}
