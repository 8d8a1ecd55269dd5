//! The exams of a folder or of a file that holds several: a thumbnail and the facts of each, which
//! one is open, what was said of it.

use eframe::egui::{
    Button, Frame, Margin, Panel, ProgressBar, Role, ScrollArea, TextEdit, Ui, WidgetInfo,
};

use super::{
    super::{
        panel_context::PanelContext,
        widgets::{muted, strong_text},
    },
    worklist_row,
};
use crate::{
    session::{Command, Review, Towards},
    words::Label,
};

/// Width of a window that has room for the list beside everything else.
pub const LEAST_WIDTH: f32 = 1100.0;

/// Whether there is a list to be seen.
pub fn is_shown(cx: &PanelContext<'_>) -> bool {
    cx.session.worklist.is_some() && !cx.view.is_list_hidden
}

/// The list at the left edge, if there is one.
pub fn beside(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    if !is_shown(cx) {
        return;
    }
    let frame = Frame::new().inner_margin(Margin {
        left: 12,
        right: 8,
        top: 6,
        bottom: 6,
    });
    let side = Panel::left("exams").frame(frame).resizable(true);
    side.default_size(280.0)
        .size_range(220.0..=420.0)
        .show(ui, |ui| show(ui, cx));
}

/// The list.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let session = cx.session;
    let Some(list) = &session.worklist else {
        return;
    };
    head(ui, cx);
    let has_exam = session.exam_id().is_some();
    if has_exam {
        Panel::bottom("review")
            .frame(Frame::new().inner_margin(Margin::symmetric(0, 6)))
            .resizable(false)
            .show(ui, |ui| review(ui, cx));
    }
    let at = session.listed_at();
    let area = ScrollArea::vertical().auto_shrink(false);
    ui.spacing_mut().item_spacing.y = 4.0;
    area.show_rows(ui, worklist_row::HEIGHT, list.exams.len(), |ui, rows| {
        for number in rows {
            worklist_row::show(ui, cx, (number, &list.exams[number]), at == Some(number));
        }
    });
}

fn head(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let session = cx.session;
    let Some(list) = &session.worklist else {
        return;
    };
    ui.horizontal(|ui| {
        ui.label(strong_text(cx.tr(Label::Exams)).size(15.0));
        let n = list.exams.len().to_string();
        let place = session.listed_at().map(|at| (at + 1).to_string());
        let count = match place {
            Some(place) => cx.translator.fill(Label::NOfM, &[&place, &n]),
            None => n,
        };
        ui.label(muted(count, &cx.look.colours));
        for (step, sign, name) in [
            (Towards::Previous, "↑", Label::PreviousExam),
            (Towards::Next, "↓", Label::NextExam),
        ] {
            let can = session.listed_beside(step).is_some();
            let button = ui.add_enabled(can, Button::new(sign).small());
            let name = cx.tr(name);
            button.widget_info(|| WidgetInfo::labeled(Role::Button, can, name));
            if button.on_hover_text(name).clicked() {
                cx.push(Command::StepList(step));
            }
        }
        let close = ui.small_button("×");
        let name = cx.tr(Label::CloseList);
        close.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
        if close.on_hover_text(name).clicked() {
            cx.push(Command::CloseList);
        }
    });
    progress(ui, cx);
}

/// How far the looking has come, and what it left out.
fn progress(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let Some(list) = &cx.session.worklist else {
        return;
    };
    let progress = list.progress;
    if progress.is_running {
        ui.horizontal(|ui| {
            let fraction = progress.done as f32 / progress.total.max(1) as f32;
            let words = format!("{} / {}", progress.done, progress.total);
            ui.add(ProgressBar::new(fraction).desired_width(150.0).text(words));
            if ui.small_button(cx.tr(Label::Cancel)).clicked() {
                cx.push(Command::StopListing);
            }
        });
    } else if 0 < progress.left_out {
        let n = progress.left_out.to_string();
        let words = cx.translator.fill(Label::FilesLeftOut, &[&n]);
        ui.label(muted(words, &cx.look.colours).small());
    }
}

/// What is said of the exam at hand.
fn review(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let kept = cx.session.review();
    let mut reviewed = kept.reviewed;
    let mark = ui.checkbox(&mut reviewed, cx.tr(Label::Reviewed));
    if mark.on_hover_text(cx.tr(Label::ReviewedHint)).changed() {
        let note = kept.note.clone();
        cx.push(Command::KeepReview(Review { reviewed, note }));
    }
    let Some(id) = cx.session.exam_id() else {
        return;
    };
    let is_other = cx.view.note.as_ref().is_none_or(|note| note.0 != id);
    if is_other {
        cx.view.note = Some((id, kept.note.clone()));
    }
    let hint = cx.tr(Label::Note);
    let Some((_, text)) = &mut cx.view.note else {
        return;
    };
    let field = TextEdit::multiline(text)
        .hint_text(hint)
        .desired_rows(2)
        .desired_width(f32::INFINITY);
    let field = ui.add(field);
    field.widget_info(|| WidgetInfo::labeled(Role::MultilineTextInput, true, hint));
    if field.lost_focus() {
        let note = text.clone();
        let reviewed = kept.reviewed;
        cx.push(Command::KeepReview(Review { reviewed, note }));
    }
}
