//! The lab: a simulated heart that is set by sliders and by clicks on it. Every change is an edit of
//! the document; the recording is simulated again, and all panes follow.

mod activation_map;
mod conditions;
mod controls;
mod picture;
mod sections;

use eframe::egui::{ScrollArea, Ui};

use super::{
    super::{
        panel_context::PanelContext,
        view::LabPage,
        widgets::{muted, strong_text},
    },
    reliability,
};
use crate::{
    session::{
        Command, Edit,
        lab::{Comparand, VirtualHeart},
    },
    words::Label,
};
use controls::Controls;

pub use picture::show as picture;

/// The heart with its sliders, or what is shown of any recording in their place.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    ui.horizontal(|ui| {
        for (page, label) in [
            (LabPage::Heart, Label::HeartPane),
            (LabPage::Reliability, Label::Reliability),
        ] {
            let name = cx.tr(label);
            ui.selectable_value(&mut cx.view.lab_page, page, name);
        }
    });
    match cx.view.lab_page {
        LabPage::Heart => sliders(ui, cx),
        LabPage::Reliability => reliability::show(ui, cx),
    }
}

/// The sliders. What they change is pushed as one edit, which a drag continues until it ends.
fn sliders(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let Some(set) = cx.session.heart().cloned() else {
        return;
    };
    let mut heart = set.clone();
    let mut controls = Controls::new(cx.translator);
    head(ui, cx, &mut controls, &mut heart);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        sections::show(ui, &mut controls, &mut heart);
    });
    let is_over = controls.is_over;
    if heart != set {
        cx.push(Edit::SetHeart(Box::new(heart)));
    }
    if is_over {
        cx.push(Command::EndGesture);
    }
}

/// What it is, where it started, and what it is held against.
fn head(ui: &mut Ui, cx: &mut PanelContext<'_>, controls: &mut Controls, heart: &mut VirtualHeart) {
    ui.horizontal_wrapped(|ui| {
        ui.label(strong_text(cx.tr(Label::SimulatedHeart)).size(15.0));
        ui.label(muted(cx.tr(Label::SimulatedShort), &cx.look.colours));
    });
    ui.horizontal_wrapped(|ui| {
        controls.is_over |= conditions::menu(ui, cx, heart);
        if ui.button(cx.tr(Label::HeartReset)).clicked() {
            let person = heart.person;
            *heart = VirtualHeart {
                person,
                ..VirtualHeart::default()
            };
            controls.is_over = true;
        }
        let (label, comparand) = if cx.session.before.is_some() {
            (Label::HoldAgainstNothing, Comparand::Nothing)
        } else {
            (Label::HoldAgainstNow, Comparand::Now)
        };
        let button = ui.button(cx.tr(label));
        if button
            .on_hover_text(cx.tr(Label::HoldAgainstHint))
            .clicked()
        {
            cx.view.median = comparand == Comparand::Now;
            cx.push(Command::HoldAgainst(comparand));
        }
    });
}
