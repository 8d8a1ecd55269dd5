//! For the lecture hall: body map and vector loops locked to one cursor, slow play, no identity,
//! and a question: where is this lead?

use eframe::egui::{CentralPanel, Frame, Margin, Panel, Ui};

use super::{
    super::{
        panel_context::PanelContext,
        torso_colouring::TorsoColouring,
        view::{Pane, Teaching},
        widgets::{muted, strong_text},
    },
    loops, torso,
};
use crate::{
    ecg::{LeadName, Montage, catalogue, montage, site},
    reliability::is_covered,
    session::{Command, Edit},
    words::Label,
};

/// What stands right of the paper while teaching.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>, skin: &mut TorsoColouring) {
    cx.view.pane = Pane::Map;
    controls(ui, cx);
    let height = ui.available_height();
    let below = Panel::bottom("teaching loops")
        .frame(Frame::new().inner_margin(Margin {
            top: 8,
            ..Margin::ZERO
        }))
        .resizable(true);
    below
        .default_size(0.44 * height)
        .size_range(120.0..=0.7 * height)
        .show(ui, |ui| loops::show(ui, cx));
    CentralPanel::default()
        .frame(Frame::new())
        .show(ui, |ui| torso::map(ui, cx, skin));
}

fn controls(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let Some(mut teaching) = cx.view.teaching.clone() else {
        return;
    };
    let mut is_over = false;
    ui.horizontal_wrapped(|ui| {
        ui.label(strong_text(cx.tr(Label::Teaching)).size(16.0));
        let label = cx.tr(if cx.view.playing {
            Label::Stop
        } else {
            Label::Play
        });
        if ui
            .button(label)
            .on_hover_text(cx.tr(Label::PlayHint))
            .clicked()
        {
            cx.view.playing = !cx.view.playing;
        }
        for (speed, name) in [(0.1, "1/10"), (0.25, "1/4"), (1.0, "1×")] {
            ui.selectable_value(&mut cx.view.speed, speed, name)
                .on_hover_text(cx.tr(Label::CursorSpeed));
        }
        ui.separator();
        if ui
            .button(cx.tr(Label::Question))
            .on_hover_text(cx.tr(Label::QuestionHint))
            .clicked()
        {
            teaching.asked += 1;
            teaching.is_hidden = true;
            cx.push(Edit::UsePreset(question(teaching.asked)));
            cx.push(Command::EndGesture);
        }
        if ui
            .add_enabled(
                teaching.is_hidden,
                eframe::egui::Button::new(cx.tr(Label::Answer)),
            )
            .clicked()
        {
            teaching.is_hidden = false;
        }
        is_over = ui.button(cx.tr(Label::End)).clicked();
    });
    if teaching.is_hidden {
        ui.label(muted(cx.tr(Label::TeachingQuestion), &cx.look.colours).size(15.0));
    }
    cx.view.teaching = (!is_over).then_some(teaching);
}

/// Leads that measurements reach, one after the other in an order that is not that of the chest.
fn question(number: usize) -> LeadName {
    let is_fair = |name: &LeadName| {
        !name.is_standard()
            && montage(name)
                .and_then(Montage::exploring_view)
                .is_some_and(is_covered)
    };
    let all: Vec<&LeadName> = catalogue()
        .iter()
        .filter(|it| it.exploring_site().and_then(site).is_some())
        .map(|it| &it.name)
        .filter(|it| is_fair(it))
        .collect();
    all.get((number * 7) % all.len().max(1))
        .map_or(LeadName::V2, |it| (*it).clone())
}

impl Teaching {
    /// What stands for a hidden name.
    pub const HIDDEN: &'static str = "?";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_differ_and_are_fair() {
        let asked: Vec<LeadName> = (1..8).map(question).collect();
        for (idx, name) in asked.iter().enumerate() {
            assert!(
                !asked[..idx].contains(name) && !name.is_standard(),
                "{asked:?}"
            );
        }
    }
}
