//! About, with the intended use; and the short guide.

use eframe::egui::{ScrollArea, Ui};

use super::super::{
    panel_context::PanelContext,
    widgets::{muted, strong_text},
};
use crate::session::{model_card, weights_sha256};

/// About.
pub fn show(ui: &mut Ui, cx: &PanelContext<'_>) {
    ui.heading(format!("ECG Panorama {}", env!("CARGO_PKG_VERSION")));
    ScrollArea::vertical().max_height(0.66 * ui.ctx().content_rect().height()).show(ui, |ui| {
        ui.label(strong_text(cx.t("Intended use")));
        ui.label(cx.t(
            "Research and teaching. Not a medical device and not for diagnosis: a virtual lead is an estimate of what an electrode would have recorded, never a recording.",
        ));
        ui.add_space(6.0);
        ui.label(strong_text(cx.t("What it cannot know")));
        ui.label(cx.t(
            "Places behind the chest were never measured in the published data. Electrodes that were misplaced mislead it. ST deviations of 50 µV are within its error in many patients.",
        ));
        ui.add_space(6.0);
        ui.label(strong_text(cx.t("Model")));
        if let Some(learned) = cx.session.calibrating.summary() {
            ui.label(format!("{} · {}", learned.by, learned.device));
            ui.label(muted(format!("{} {}", cx.t("Weights (SHA-256):"), weights_sha256()), &cx.look.colours).small());
        }
        ui.label(muted(model_card(), &cx.look.colours).small());
        ui.add_space(6.0);
        ui.label(strong_text(cx.t("Privacy")));
        ui.label(cx.t("Nothing leaves this computer: no network, no telemetry."));
        ui.add_space(6.0);
        ui.label(muted("MIT OR Apache-2.0 · Inter (OFL) · torso: MakeHuman base mesh (CC0) · vik: Fabio Crameri (MIT)", &cx.look.colours).small());
    });
}

/// The guide.
pub fn guide(ui: &mut Ui, cx: &PanelContext<'_>) {
    ui.heading(cx.t("Short guide"));
    ScrollArea::vertical().max_height(0.66 * ui.ctx().content_rect().height()).show(ui, |ui| {
        for (head, text) in [
            ("1  Open", "Open a recording, a demo, or drop a file on the window. Calibration starts by itself and takes seconds."),
            ("2  Drag", "Drag the violet diamond over the skin, click a place, choose a preset, or type θ and φ. The violet dashed trace follows."),
            ("3  Judge", "Read the typical error and its reasons before the trace. Each recorded lead was left out in turn and foretold; look at the worst one."),
            ("4  Compare", "If the file holds leads beyond the twelve, they are kept out of calibration. “Compare with recorded” shows both."),
            ("5  Keep", "“Keep lead” puts it in the list. Save the session to find everything again; export hands it on, always marked as synthesised."),
        ] {
            ui.label(strong_text(cx.t(head)).size(15.0));
            ui.label(cx.t(text));
            ui.add_space(6.0);
        }
    });
}
