//! The lesson under way, as a bar across the window: what is said, what is asked, and the way on.

use eframe::egui::{Button, RichText, Ui};

use super::{
    super::{
        panel_context::PanelContext,
        view::SerialPage,
        widgets::{muted, strong_text},
    },
    choices,
};
use crate::{
    session::{
        Command, PathPurpose,
        lessons::{Ask, LessonMove, OpenLesson, lessons},
    },
    words::Label,
};

/// The bar, where a lesson is under way.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let Some(open) = &cx.session.lesson else {
        return;
    };
    set_view(cx, open);
    let step = open.step();
    head(ui, cx, open);
    let language = cx.translator.0;
    ui.label(RichText::new(step.text.in_language(language)).size(cx.view.text_size()));
    if let Some(ask) = &step.ask {
        question(ui, cx, open, ask);
    }
}

/// What stands right of the paper follows the step, once: then the learner may look elsewhere.
fn set_view(cx: &mut PanelContext<'_>, open: &OpenLesson) {
    let seen = Some((std::sync::Arc::as_ptr(&open.lesson) as usize, open.at));
    if cx.view.lesson_seen == seen {
        return;
    }
    cx.view.lesson_seen = seen;
    cx.view.median = false;
    cx.view.serial = SerialPage::Medians;
    if let Some(pane) = open.step().show {
        cx.view.pane = pane;
    }
}

fn head(ui: &mut Ui, cx: &mut PanelContext<'_>, open: &OpenLesson) {
    let title = open.lesson.title.in_language(cx.translator.0);
    let (at, of) = (open.at + 1, open.lesson.steps.len());
    ui.horizontal_wrapped(|ui| {
        ui.label(strong_text(title).size(16.0));
        ui.label(muted(format!("{at} / {of}"), &cx.look.colours));
        for (forward, label) in [(false, Label::LessonBack), (true, Label::LessonNext)] {
            let step = open.beside(forward);
            let button = Button::new(cx.tr(label));
            if ui.add_enabled(step.is_some(), button).clicked() {
                step.into_iter()
                    .for_each(|it| cx.push(Command::Lesson(LessonMove::Go(it))));
            }
        }
        if ui.button(cx.tr(Label::EndLesson)).clicked() {
            cx.push(Command::Lesson(LessonMove::End));
        }
    });
}

fn question(ui: &mut Ui, cx: &mut PanelContext<'_>, open: &OpenLesson, ask: &Ask) {
    let language = cx.translator.0;
    let names = ask
        .choices
        .iter()
        .map(|it| it.in_language(language).to_owned());
    let question = ask.question.in_language(language);
    let card = choices::Choices {
        question,
        names: names.collect(),
        right: ask.answer - 1,
        chosen: open.chosen,
    };
    if let Some(choice) = card.show(ui, cx) {
        cx.push(Command::Lesson(LessonMove::Choose(choice)));
    }
}

/// Buttons that begin a lesson, and one for a teacher's own.
pub fn list(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let language = cx.translator.0;
    let width = ui.available_width().min(330.0);
    ui.set_max_width(width);
    for lesson in lessons() {
        let name = lesson.title.in_language(language);
        let button = Button::new(name).truncate();
        if ui.add(button.min_size([width, 24.0].into())).clicked() {
            cx.push(Command::Lesson(LessonMove::Begin(lesson.clone())));
            ui.close();
        }
    }
    if ui.button(cx.tr(Label::OpenLesson)).clicked() {
        cx.push(Command::AskPath(PathPurpose::Lesson));
        ui.close();
    }
}
