//! The line at the bottom: how calibration stands, what computes, and what this program is not.

use eframe::egui::{ProgressBar, Ui};

use super::super::{
    panel_context::PanelContext,
    widgets::{muted, strong_text},
};
use crate::{
    session::{Action, Calibrating, CalibrationSummary},
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
        if 0.0 < cx.session.answer_s && 560.0 < ui.available_width() {
            ui.separator();
            ui.label(
                muted(
                    format!(
                        "{} {:.0} ms",
                        cx.tr(Label::LastAnswer),
                        1000.0 * cx.session.answer_s
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
        Calibrating::Running(stage) => {
            ui.add(
                ProgressBar::new(stage.fraction as f32)
                    .desired_width(140.0)
                    .text(format!("{:.0} %", 100.0 * stage.fraction)),
            );
            ui.label(cx.translator.step(stage.step));
            if ui.small_button(cx.tr(Label::Cancel)).clicked() {
                cx.push(Action::CancelCalibration);
            }
        }
        Calibrating::Ready(learned) => {
            ui.colored_label(cx.look.colours.notice, "✓");
            let device = learned.device.split(" (").next().unwrap_or_default();
            let text = format!(
                "{} {:.1} s · {device}",
                cx.tr(Label::CalibratedIn),
                learned.took_s
            );
            ui.label(text).on_hover_text(facts(learned));
        }
        Calibrating::Saved(learned) => {
            ui.label(cx.tr(Label::AsSaved))
                .on_hover_text(facts(learned));
            again(ui, cx);
        }
        Calibrating::Failed(problem) => {
            ui.colored_label(
                cx.look.colours.warning,
                format!("⚠ {}", cx.tr(Label::NotCalibrated)),
            )
            .on_hover_text(problem);
            again(ui, cx);
        }
        Calibrating::Cancelled => {
            ui.label(cx.tr(Label::CalibrationStopped));
            again(ui, cx);
        }
    }
}

/// Method, device and what happened on the way.
fn facts(learned: &CalibrationSummary) -> String {
    let device = format!("{}: {}", "device", learned.device);
    let lines = [learned.by.as_str(), device.as_str()]
        .into_iter()
        .chain(learned.notes.iter().map(String::as_str));
    lines.collect::<Vec<_>>().join("\n")
}

fn again(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    if ui.small_button(cx.tr(Label::CalibrateAgain)).clicked() {
        cx.push(Action::Calibrate);
    }
}
