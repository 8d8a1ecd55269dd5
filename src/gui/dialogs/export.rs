//! Handing on: the page and the leads, in several forms, all marked.

use eframe::egui::{Button, Role, TextEdit, Ui, WidgetInfo, vec2};

use super::super::{
    panel_context::PanelContext,
    widgets::{muted, strong_text},
};
use crate::{
    session::{Command, Edit, ExportForm, HandedOn, OtherExam, PathPurpose},
    words::Label,
};

/// What to write. Whether the dialog stays open.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>) -> bool {
    ui.heading(cx.tr(Label::Export));
    ui.label(muted(cx.tr(Label::ExportMarks), &cx.look.colours));
    let mut hidden = cx.session.document.deidentified;
    if ui
        .checkbox(&mut hidden, cx.tr(Label::Deidentified))
        .changed()
    {
        cx.push(Edit::SetDeidentified(hidden));
    }
    handed_on(ui, cx);
    ui.label(strong_text(cx.tr(Label::Report)));
    let mut report = cx.session.document.report.clone();
    let field = TextEdit::multiline(&mut report)
        .desired_rows(4)
        .desired_width(f32::INFINITY)
        .hint_text(cx.tr(Label::ReportHint));
    let field = ui.add(field);
    let name = cx.tr(Label::Report);
    field.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, name));
    if field.changed() {
        cx.push(Edit::SetReport(report));
    }
    if field.lost_focus() {
        cx.push(Command::EndGesture);
    }
    ui.add_space(4.0);
    let forms = ExportForm::ALL.map(|form| {
        let command = Command::AskPath(PathPurpose::Export(form));
        (labels(form), command)
    });
    let copy = [Label::CopyPicture, Label::ForSlideOrLetter];
    let mut open = true;
    let print = [Label::Print, Label::PrintHint];
    let others = [(copy, Command::CopyPage), (print, Command::Print)];
    for ([label, hint], command) in forms.into_iter().chain(others) {
        ui.horizontal(|ui| {
            let button = Button::new(strong_text(cx.tr(label))).min_size(vec2(210.0, 0.0));
            if ui.add(button).clicked() {
                cx.push(command);
                open = false;
            }
            ui.label(muted(cx.tr(hint), &cx.look.colours));
        });
    }
    ui.add_space(8.0);
    open && !ui.button(cx.tr(Label::Close)).clicked()
}

/// Which of the two, where the recording is held against itself with electrodes elsewhere.
fn handed_on(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let other = cx.session.other.as_ref();
    let Some(misplaced) = other.and_then(OtherExam::misplacement) else {
        return;
    };
    let mark = cx.tr(Label::SimulatedMisplacement);
    let said = cx.translator.placement_error(&misplaced.error);
    for (what, name) in [
        (HandedOn::AtHand, cx.tr(Label::AsRecorded).to_owned()),
        (HandedOn::Misplaced, format!("{said} · {mark}")),
    ] {
        if ui.radio(cx.session.handed_on == what, name).clicked() {
            cx.push(Command::HandOn(what));
        }
    }
}

/// What menus call it, and what it is good for.
fn labels(form: ExportForm) -> [Label; 2] {
    match form {
        ExportForm::Pdf => [Label::PagePdf, Label::PdfHint],
        ExportForm::Svg => [Label::PageSvg, Label::ForDrawingPrograms],
        ExportForm::Png => [Label::PagePng, Label::ForSlides],
        ExportForm::Csv => [Label::LeadsCsv, Label::CsvHint],
        ExportForm::Edf => [Label::LeadsEdf, Label::ForEcgPrograms],
    }
}
