//! The quiz under way, as a bar across the window. Until a card is answered the window holds nothing
//! that tells: the panes are the paper, the hidden lead and the torso.

use eframe::egui::{Frame, Margin, Panel, Ui};

use super::{
    super::{
        panel_context::PanelContext,
        view::Pane,
        widgets::{muted, strong_text},
    },
    choices::Choices,
};
use crate::{
    ecg::site,
    session::{
        Command, PathPurpose,
        quiz::{CardSource, Choice, Quiz, QuizMove},
    },
    words::Label,
};

/// How near a click on the torso must be to a choice, degrees.
const NEAR_DEG: f64 = 40.0;

/// The bar, where a quiz is under way.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let Some(quiz) = &cx.session.quiz else { return };
    hide(cx, quiz);
    ui.horizontal_wrapped(|ui| {
        ui.label(strong_text(cx.tr(Label::QuizTitle)).size(16.0));
        ui.label(muted(cx.tr(Label::Simulated), &cx.look.colours).strong())
            .on_hover_text(cx.tr(Label::QuizHint));
        if quiz.score != [0, 0] {
            let [right, of] = quiz.score.map(|n| n.to_string());
            ui.label(cx.translator.fill(Label::QuizScore, &[&right, &of]));
        }
        if !quiz.is_open() && ui.button(cx.tr(Label::NextCard)).clicked() {
            cx.push(Command::Quiz(QuizMove::Next));
        }
        if ui.button(cx.tr(Label::EndQuiz)).clicked() {
            cx.view.hides_place = false;
            cx.push(Command::Quiz(QuizMove::End));
        }
    });
    let names = quiz.card.choices.iter();
    let card = Choices {
        question: cx.tr(quiz.card.kind.question()),
        names: names.map(|it| it.words(cx.translator)).collect(),
        right: quiz.card.answer,
        chosen: quiz.chosen,
    };
    if let Some(choice) = card.show(ui, cx).or_else(|| clicked_place(cx, quiz)) {
        cx.push(Command::Quiz(QuizMove::Choose(choice)));
    }
}

/// The name and place of the hidden lead are shown once the card is answered.
fn hide(cx: &mut PanelContext<'_>, quiz: &Quiz) {
    cx.view.hides_place = cx.session.is_asked_for_place();
    if quiz.is_open() {
        cx.view.pane = Pane::Torso;
        cx.view.median = false;
    }
}

/// A click on the torso is an answer to where a lead was taken: the choice nearest to it.
fn clicked_place(cx: &mut PanelContext<'_>, quiz: &Quiz) -> Option<usize> {
    let clicked = cx.view.guess.take()?;
    let away_deg = |choice: &Choice| -> Option<f64> {
        let Choice::Place(lead) = choice else {
            return None;
        };
        Some(site(&lead.to_string())?.view.angle_to(clicked).to_degrees())
    };
    let places = quiz.card.choices.iter().enumerate();
    let near = places.filter_map(|(at, it)| Some((at, away_deg(it)?)));
    let nearest = near.min_by(|a, b| a.1.total_cmp(&b.1))?;
    (quiz.is_open() && nearest.1 < NEAR_DEG).then_some(nearest.0)
}

/// Doors to a quiz.
pub fn list(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let has_exam = cx.session.exam.is_some();
    for (source, label) in [
        (CardSource::Simulated, Label::QuizSimulated),
        (CardSource::AtHand, Label::QuizAtHand),
    ] {
        let is_possible = source == CardSource::Simulated || has_exam;
        if is_possible && ui.button(cx.tr(label)).clicked() {
            // Another quiz each time: the moment is its number.
            let seed = ui.input(|it| it.time.to_bits());
            cx.push(Command::Quiz(QuizMove::Begin(source, seed)));
            ui.close();
        }
    }
    if ui
        .button(cx.tr(Label::QuizSheet))
        .on_hover_text(cx.tr(Label::QuizSheetHint))
        .clicked()
    {
        cx.push(Command::AskPath(PathPurpose::QuizSheet));
        ui.close();
    }
}

/// The bar of a lesson or of a quiz, where one is under way.
pub fn bar(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    if cx.session.lesson.is_none() && cx.session.quiz.is_none() {
        cx.view.hides_place = false;
        return;
    }
    let frame = Frame::new()
        .fill(cx.look.colours.card)
        .inner_margin(Margin::symmetric(14, 8));
    Panel::bottom("lesson or quiz").frame(frame).show(ui, |ui| {
        super::lesson::show(ui, cx);
        show(ui, cx);
    });
}
