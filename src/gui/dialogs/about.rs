//! About, with the intended use; and the short guide.

use eframe::egui::{ScrollArea, Ui};

use super::super::{
    panel_context::PanelContext,
    widgets::{muted, strong_text},
};
use crate::{session::weights_sha256, words::Label};

/// Licences of the program and of what is in it.
const LICENCES: &str = "MIT OR Apache-2.0 · Inter (OFL) · torso: MakeHuman base mesh (CC0) · \
    vik: Fabio Crameri (MIT)";

/// About.
pub fn show(ui: &mut Ui, cx: &PanelContext<'_>) {
    ui.heading(format!("ECG Panorama {}", env!("CARGO_PKG_VERSION")));
    ScrollArea::vertical()
        .max_height(0.66 * ui.ctx().content_rect().height())
        .show(ui, |ui| {
            ui.label(strong_text(cx.tr(Label::IntendedUse)));
            ui.label(cx.tr(Label::IntendedUseText));
            ui.add_space(6.0);
            ui.label(strong_text(cx.tr(Label::WhatItCannotKnow)));
            ui.label(cx.tr(Label::CannotKnowText));
            ui.add_space(6.0);
            ui.label(strong_text(cx.tr(Label::Model)));
            if let Some(summary) = cx.session.calibrating.summary() {
                ui.label(format!("{} · {}", summary.by, summary.device));
                ui.label(
                    muted(
                        format!("{} {}", cx.tr(Label::WeightsSha256), weights_sha256()),
                        &cx.look.colours,
                    )
                    .small(),
                );
            }
            ui.label(muted(cx.tr(Label::AboutModel), &cx.look.colours).small());
            ui.add_space(6.0);
            ui.label(strong_text(cx.tr(Label::Privacy)));
            ui.label(cx.tr(Label::NothingLeaves));
            ui.add_space(6.0);
            ui.label(muted(LICENCES, &cx.look.colours).small());
        });
}

/// The guide.
pub fn guide(ui: &mut Ui, cx: &PanelContext<'_>) {
    ui.heading(cx.tr(Label::ShortGuide));
    ScrollArea::vertical()
        .max_height(0.66 * ui.ctx().content_rect().height())
        .show(ui, |ui| {
            for (head, text) in [
                (Label::Guide1, Label::Guide1Text),
                (Label::Guide2, Label::Guide2Text),
                (Label::Guide3, Label::Guide3Text),
                (Label::Guide4, Label::Guide4Text),
                (Label::Guide5, Label::Guide5Text),
            ] {
                ui.label(strong_text(cx.tr(head)).size(15.0));
                ui.label(cx.tr(text));
                ui.add_space(6.0);
            }
        });
}
