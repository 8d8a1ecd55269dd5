//! The line at the bottom: how calibration stands, what computes, and what this program is not.

use std::cell::RefCell;

use eframe::egui::{ProgressBar, Sides, Ui};

use super::super::{
    panel_context::PanelContext,
    widgets::{muted, strong_text},
};
use crate::{
    session::{Calibrating, Command, query::CalibrationSummary},
    words::Label,
};

/// The line. What this program is not is always there to be read; the rest gives way.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let cx = RefCell::new(cx);
    let sides = Sides::new().height(ui.available_height()).shrink_left();
    sides.truncate().show(
        ui,
        |ui| facts_at_hand(ui, &mut cx.borrow_mut()),
        |ui| {
            let cx = cx.borrow();
            let text = strong_text(cx.tr(Label::NotForDiagnosis));
            ui.label(text.color(cx.look.colours.synthesised));
        },
    );
}

fn facts_at_hand(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    calibration(ui, cx);
    let exam = cx.session.exam.as_ref();
    let exam = exam.filter(|_| !cx.session.is_quizzing());
    if let Some(intervals) = exam.and_then(|exam| exam.intervals.as_ref()) {
        ui.separator();
        let words = super::median::interval_words(intervals).join("  ");
        ui.label(words).on_hover_text(cx.tr(Label::IntervalsHint));
        let cart = exam.map(|exam| cx.translator.cart_differs(&exam.measurements, &exam.cart()));
        cart.flatten()
            .map(|said| ui.colored_label(cx.look.colours.warning, said));
    }
    let answer_s = cx.session.results.answer_s;
    if 0.0 < answer_s && 160.0 < ui.available_width() {
        ui.separator();
        let text = format!("{} {:.0} ms", cx.tr(Label::LastAnswer), 1000.0 * answer_s);
        ui.label(muted(text, &cx.look.colours).small());
    }
}

fn calibration(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    match &cx.session.calibrating {
        Calibrating::Idle => {}
        Calibrating::Running(progress) => {
            ui.add(
                ProgressBar::new(progress.fraction as f32)
                    .desired_width(140.0)
                    .text(format!("{:.0} %", 100.0 * progress.fraction)),
            );
            ui.label(cx.translator.step(progress.step));
            if ui.small_button(cx.tr(Label::Cancel)).clicked() {
                cx.push(Command::CancelCalibration);
            }
        }
        Calibrating::Ready(summary) => {
            ui.colored_label(cx.look.colours.notice, "✓");
            let text = format!(
                "{} {} s · {}",
                cx.tr(Label::CalibratedIn),
                cx.translator.number(summary.took_s, 1),
                summary.device
            );
            ui.label(text).on_hover_text(facts(cx, summary));
        }
        Calibrating::Saved(summary) => {
            ui.label(cx.tr(Label::AsSavedUnchecked))
                .on_hover_text(facts(cx, summary));
            again(ui, cx);
        }
        Calibrating::Failed(problem) => {
            ui.colored_label(
                cx.look.colours.warning,
                format!("⚠ {}", cx.tr(Label::NotCalibrated)),
            )
            .on_hover_text(problem.to_string());
            again(ui, cx);
        }
        Calibrating::Cancelled => {
            ui.label(cx.tr(Label::CalibrationStopped));
            again(ui, cx);
        }
    }
}

/// Method, device and what happened on the way.
fn facts(cx: &PanelContext<'_>, summary: &CalibrationSummary) -> String {
    let translator = cx.translator;
    let device = translator.fill(Label::DeviceLine, &[&summary.device]);
    let notes = summary.notes.iter().map(|note| translator.note(note));
    let lines = [summary.by.clone(), device].into_iter().chain(notes);
    lines.collect::<Vec<_>>().join("\n")
}

fn again(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    if ui.small_button(cx.tr(Label::CalibrateAgain)).clicked() {
        cx.push(Command::Calibrate);
    }
}
