//! The line at the bottom: how calibration stands, what computes, and what this program is not.

use eframe::egui::{ProgressBar, Ui};

use super::super::{
    panel_context::PanelContext,
    widgets::{muted, strong_text},
};
use crate::{
    session::{Calibrating, Command, query::CalibrationSummary},
    words::Label,
};

/// The line.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    ui.horizontal_centered(|ui| {
        calibration(ui, cx);
        if let Some(exam) = &cx.session.exam {
            let is_roomy = 760.0 < ui.available_width();
            if let Some(intervals) = exam.intervals.as_ref().filter(|_| is_roomy) {
                ui.separator();
                let hint = cx.tr(Label::IntervalsHint);
                ui.label(super::median::interval_words(intervals).join("  "))
                    .on_hover_text(hint);
            }
        }
        if 0.0 < cx.session.results.answer_s && 560.0 < ui.available_width() {
            ui.separator();
            ui.label(
                muted(
                    format!(
                        "{} {:.0} ms",
                        cx.tr(Label::LastAnswer),
                        1000.0 * cx.session.results.answer_s
                    ),
                    &cx.look.colours,
                )
                .small(),
            );
        }
        ui.with_layout(
            eframe::egui::Layout::right_to_left(eframe::egui::Align::Center),
            |ui| {
                let text = cx.tr(Label::NotForDiagnosis);
                ui.label(strong_text(text).color(cx.look.colours.synthesised));
            },
        );
    });
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
