//! Before a recording is open: demos, recent files, Open….

use std::path::Path;

use eframe::egui::{
    Align, Button, FontId, Layout, Role, ScrollArea, Ui, WidgetInfo,
    text::{LayoutJob, TextFormat},
    vec2,
};

use super::{
    super::{
        panel_context::PanelContext,
        sentences,
        theme::strong,
        view::Pane,
        widgets::{muted, strong_text},
    },
    lesson, quiz,
};
use crate::{
    session::{
        self, Command, PathPurpose,
        document::{Document, Privacy, SourceRef},
    },
    words::Label,
};

/// The page.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let width = ui.available_width().min(860.0);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.vertical_centered(|ui| {
            ui.set_max_width(width);
            ui.add_space(0.06 * ui.ctx().content_rect().height());
            ui.spacing_mut().item_spacing.x = 24.0;
            ui.label(strong_text(cx.tr(Label::WelcomeTitle)).size(28.0));
            let line = cx.tr(Label::WelcomeLine);
            ui.label(muted(line, &cx.look.colours).size(15.0));
            ui.add_space(20.0);
            recovery(ui, cx);
            if let Some(title) = cx.session.loading() {
                ui.spinner();
                ui.label(format!("{} {}", cx.tr(Label::Opening), title));
            }
            ui.columns(2, |columns| {
                let left = Layout::top_down(Align::LEFT);
                columns[0].with_layout(left, |ui| demos(ui, cx));
                columns[1].with_layout(left, |ui| {
                    files(ui, cx);
                    lab(ui, cx);
                });
            });
            ui.add_space(24.0);
            let note = cx.tr(Label::NotForDiagnosis);
            ui.label(strong_text(note).color(cx.look.colours.synthesised));
            ui.label(muted(cx.tr(Label::NothingLeaves), &cx.look.colours));
        });
    });
}

/// What a crash left behind, until the user decides what becomes of it.
pub fn recovery(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let Some(left) = cx.session.prompts.recovery.first() else {
        return;
    };
    let leads = left.session.document.virtual_leads.len();
    let whose = whose(cx, &left.session.document);
    ui.horizontal_wrapped(|ui| {
        ui.label(cx.tr(Label::WorkWasKept));
        ui.label(strong_text(whose));
        ui.label(format!("({leads} {})", cx.tr(Label::VirtualLeadsCounted)));
        if ui.button(strong_text(cx.tr(Label::Recover))).clicked() {
            cx.push(Command::Recover);
        }
        if ui.button(cx.tr(Label::ForgetIt)).clicked() {
            cx.push(Command::ForgetRecovery);
        }
    });
    ui.add_space(12.0);
}

/// Of which recording it is; nothing that says who, where identity is hidden.
fn whose(cx: &PanelContext<'_>, document: &Document) -> String {
    let hides = |document: &Document| document.privacy() == Privacy::Hidden;
    match &document.source {
        Some(SourceRef::Demo { name }) => {
            let words = sentences::demo(name);
            words.map_or(name.clone(), |it| cx.tr(it[0]).to_owned())
        }
        Some(SourceRef::Simulated { .. }) => cx.tr(Label::SimulatedHeart).to_owned(),
        Some(SourceRef::File { .. }) if hides(document) || hides(&cx.session.document) => {
            cx.tr(Label::DeidentifiedShort).to_owned()
        }
        Some(SourceRef::File { path, .. }) => file_name(path),
        None => String::new(),
    }
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

fn demos(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    ui.label(strong_text(cx.tr(Label::DemoRecordings)).size(16.0));
    ui.label(muted(cx.tr(Label::DemosNote), &cx.look.colours));
    for demo in session::demos() {
        let mut text = LayoutJob::default();
        let part = |ink, font_id| TextFormat {
            color: ink,
            font_id,
            ..TextFormat::default()
        };
        let words = sentences::demo(demo.name);
        let title = words.map_or(demo.title, |it| cx.tr(it[0]));
        text.append(title, 0.0, part(cx.look.colours.text, strong(13.0)));
        if let Some([_, hint]) = words {
            let format = part(cx.look.colours.muted, FontId::proportional(12.0));
            text.append(&format!("\n{}", cx.tr(hint)), 0.0, format);
        }
        let button = ui.add(
            Button::new(text)
                .min_size(vec2(ui.available_width(), 44.0))
                .wrap(),
        );
        button.widget_info(|| WidgetInfo::labeled(Role::Button, true, demo.title));
        if button.clicked() {
            cx.push(Command::OpenDemo(demo.name.to_owned()));
        }
    }
}

/// Opens the lab with the heart of the population's middle.
fn lab(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    ui.add_space(16.0);
    ui.label(strong_text(cx.tr(Label::HeartLab)).size(16.0));
    ui.label(muted(cx.tr(Label::HeartLabHint), &cx.look.colours));
    let button = Button::new(strong_text(cx.tr(Label::HeartLab)));
    let size = vec2(ui.available_width(), 44.0);
    if ui.add(button.min_size(size)).clicked() {
        cx.view.pane = Pane::Heart;
        cx.push(Command::OpenHeart(Box::default()));
    }
    let half = vec2(0.5 * ui.available_width() - 4.0, 32.0);
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size = half;
        ui.menu_button(cx.tr(Label::Lessons), |ui| lesson::list(ui, cx));
        ui.menu_button(cx.tr(Label::QuizTitle), |ui| quiz::list(ui, cx));
    });
}

fn files(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    ui.label(strong_text(cx.tr(Label::YourRecordings)).size(16.0));
    ui.label(muted(cx.tr(Label::FormatsOrDrop), &cx.look.colours));
    if ui
        .add(
            Button::new(strong_text(cx.tr(Label::Open))).min_size(vec2(ui.available_width(), 44.0)),
        )
        .clicked()
    {
        cx.push(Command::AskPath(PathPurpose::Open));
    }
    let folder = Button::new(cx.tr(Label::OpenFolder));
    let folder = ui.add(folder.min_size(vec2(ui.available_width(), 32.0)));
    if folder.on_hover_text(cx.tr(Label::OpenFolderHint)).clicked() {
        cx.push(Command::AskPath(PathPurpose::OpenFolder));
    }
    if cx.session.document.privacy() == Privacy::Shown {
        recent(ui, cx);
    }
}

/// The recordings that were opened last, by their names.
fn recent(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    for path in &cx.session.settings.recent {
        let button = Button::new(file_name(path)).min_size(vec2(ui.available_width(), 26.0));
        let button = ui.add(button).on_hover_text(path.display().to_string());
        if button.clicked() {
            cx.push(Command::Open(path.clone()));
        }
    }
}
