//! A recording held against itself with electrodes elsewhere: the choice of what is wrong, and what is
//! said of it.

use eframe::egui::Ui;

use super::super::{
    panel_context::PanelContext,
    theme::colour32,
    widgets::{muted, strong_text},
};
use crate::{
    ecg::PlacementError,
    session::{Command, Misplaced, OtherExam},
    words::Label,
};

/// What is simulated to be wrong with the electrodes.
pub fn menu(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let now = cx.session.other.as_ref().and_then(OtherExam::misplacement);
    let now = now.map(|it| it.error.clone());
    let menu = ui.menu_button(cx.tr(Label::MisplaceElectrodes), |ui| {
        for error in PlacementError::ALL {
            let name = cx.translator.placement_error(&error);
            if ui
                .selectable_label(now.as_ref() == Some(&error), name)
                .clicked()
            {
                cx.push(Command::Misplace(error));
                ui.close();
            }
        }
    });
    menu.response.on_hover_text(cx.tr(Label::MisplaceHint));
}

/// Which is which: what is wrong, how far to believe it, and whether a check would have told.
pub fn names(ui: &mut Ui, cx: &PanelContext<'_>, misplaced: &Misplaced) {
    let [right, wrong] = [cx.look.paper.recorded, cx.look.paper.notice].map(colour32);
    let said = cx.translator.placement_error(&misplaced.error);
    let believed = match cx.session.heart() {
        Some(_) => cx.tr(Label::MisplacedTruly).to_owned(),
        None => cx.translator.expected_errors(&misplaced.expected_uv),
    };
    ui.horizontal_wrapped(|ui| {
        ui.label(strong_text(format!("1  {}", cx.tr(Label::AsRecorded))).color(right));
        ui.add_space(16.0);
        let mark = cx.tr(Label::SimulatedMisplacement);
        ui.label(strong_text(format!("2  {said} · {mark}")).color(wrong));
        ui.label(muted(believed, &cx.look.colours));
    });
    ui.horizontal_wrapped(|ui| {
        ui.label(cx.translator.checks(&misplaced.signs));
        if !matches!(misplaced.error, PlacementError::Moved { .. }) {
            ui.label(muted(cx.tr(Label::MisplacedDrag), &cx.look.colours));
        }
    });
}
