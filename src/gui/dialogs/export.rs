//! Handing on: the page and the leads, in several forms, all marked.

use std::path::PathBuf;

use eframe::egui::{ColorImage, Context, Ui, vec2};

use super::{
    super::{
        panel_context::PanelContext,
        view::ExportKind,
        widgets::{muted, strong_text},
    },
    ask,
};
use crate::{
    draw::ecg_page,
    ecg::PaperSettings,
    export::{Picture, page_content, page_to_pdf, page_to_picture, page_to_png, page_to_svg},
    session::{Action, ExportData, Job, JobState, Severity},
    words::Label,
};

/// Resolution of pictures.
const DPI: f64 = 300.0;
/// Resolution on the clipboard: sharp on a slide, and taken by every program.
const CLIPBOARD_DPI: f64 = 150.0;

/// What to write.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>) -> bool {
    ui.heading(cx.tr(Label::Export));
    let note = cx.tr(Label::ExportMarks);
    ui.label(muted(note, &cx.look.colours));
    let mut hidden = cx.session.document.deidentified;
    if ui
        .checkbox(&mut hidden, cx.tr(Label::Deidentified))
        .changed()
    {
        cx.push(Action::SetDeidentified(hidden));
    }
    let mut open = true;
    ui.add_space(4.0);
    for kind in ExportKind::ALL {
        ui.horizontal(|ui| {
            let button = eframe::egui::Button::new(strong_text(cx.tr(kind.label())))
                .min_size(vec2(210.0, 0.0));
            if ui.add(button).clicked() {
                ask::ask_export(cx, kind);
                open = false;
            }
            ui.label(muted(cx.tr(kind.hint()), &cx.look.colours));
        });
    }
    ui.horizontal(|ui| {
        let button = eframe::egui::Button::new(strong_text(cx.tr(Label::CopyPicture)))
            .min_size(vec2(210.0, 0.0));
        if ui.add(button).clicked() {
            copy(cx);
            open = false;
        }
        ui.label(muted(cx.tr(Label::ForSlideOrLetter), &cx.look.colours));
    });
    ui.add_space(8.0);
    open && !ui.button(cx.tr(Label::Close)).clicked()
}

/// Writes it on a job's thread.
pub fn write(cx: &mut PanelContext<'_>, kind: ExportKind, path: PathBuf) {
    let Some(export_data) = ExportData::of(cx.session) else {
        return;
    };
    let settings = cx.session.document.page;
    let wake = cx.view.wake.clone();
    let job = Job::spawn("export", &wake, move |_| {
        save(&export_data, kind, &settings, &path).map(|()| {
            let removed = if export_data.removed.is_empty() {
                String::new()
            } else {
                format!(" · removed: {}", export_data.removed.join(", "))
            };
            format!("Written: {}{removed}", path.display())
        })
    });
    cx.view.writing = Some(job);
}

fn save(
    export_data: &ExportData,
    kind: ExportKind,
    settings: &PaperSettings,
    path: &std::path::Path,
) -> Result<(), String> {
    match kind {
        ExportKind::Csv => return export_data.write_csv(path),
        ExportKind::Edf => return export_data.write_edf(path),
        ExportKind::Pdf | ExportKind::Svg | ExportKind::Png => {}
    }
    let page = ecg_page(&page_content(export_data), settings);
    let bytes = match kind {
        ExportKind::Svg => page_to_svg(&page).into_bytes(),
        ExportKind::Png => page_to_png(&page, DPI).map_err(|it| it.to_string())?,
        _ => page_to_pdf(&page).map_err(|it| it.to_string())?,
    };
    crate::export::save(path, &bytes).map_err(|it| it.to_string())
}

/// Puts the page on the clipboard; drawn on a job's thread.
pub fn copy(cx: &mut PanelContext<'_>) {
    let Some(export_data) = ExportData::of(cx.session) else {
        return;
    };
    let settings = cx.session.document.page;
    let wake = cx.view.wake.clone();
    cx.view.copying = Some(Job::spawn("copy", &wake, move |_| {
        page_to_picture(
            &ecg_page(&page_content(&export_data), &settings),
            CLIPBOARD_DPI,
        )
        .map_err(|it| it.to_string())
    }));
}

/// Hands the drawn picture to the clipboard.
pub fn poll_copying(ctx: &Context, cx: &mut PanelContext<'_>) {
    let Some(job) = &cx.view.copying else { return };
    let said = match job.poll() {
        JobState::Running => return,
        JobState::Done(Ok(Picture {
            width,
            height,
            rgba,
        })) => {
            ctx.copy_image(ColorImage::from_rgba_unmultiplied([width, height], &rgba));
            Action::Say(Severity::Info, cx.tr(Label::PageCopied).to_owned())
        }
        JobState::Done(Err(problem)) => Action::Say(Severity::Error, problem),
        JobState::Died => Action::Say(Severity::Error, cx.tr(Label::PageNotCopied).to_owned()),
    };
    cx.view.copying = None;
    cx.push(said);
}

/// Says how an export went.
pub fn poll_writing(cx: &mut PanelContext<'_>) {
    let Some(job) = &cx.view.writing else { return };
    match job.poll() {
        JobState::Running => return,
        JobState::Done(Ok(text)) => cx.push(Action::Say(Severity::Info, text)),
        JobState::Done(Err(problem)) => cx.push(Action::Say(Severity::Error, problem)),
        JobState::Died => {
            let text = cx.tr(Label::ExportDied).to_owned();
            cx.push(Action::Say(Severity::Error, text));
        }
    }
    cx.view.writing = None;
}
