//! What lies over the panes for a while: notices, recovered work, the hint where files are dropped.

use eframe::egui::{self, Frame as PaneFrame, Ui};

use super::{panel_context::PanelContext, panels, sentences, theme};
use crate::{
    session::{Command, notice::Severity},
    words::Label,
};

/// What a crash left behind, where a recording was opened at the start.
pub fn recovery(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    if cx.session.exam.is_none() || cx.session.prompts.recovery.is_empty() {
        return;
    }
    egui::Area::new(egui::Id::unique("recovery"))
        .anchor(egui::Align2::CENTER_TOP, [0.0, 56.0])
        .order(egui::Order::Foreground)
        .show(ui.ctx(), |ui| {
            PaneFrame::popup(ui.style()).show(ui, |ui| {
                ui.set_max_width(860.0);
                panels::welcome::recovery(ui, cx);
            });
        });
}

/// What the session has to say, at the lower right until it is dismissed.
pub fn notices(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let list = cx.session.notices.list();
    if list.is_empty() {
        return;
    }
    egui::Area::new(egui::Id::unique("notices"))
        .anchor(egui::Align2::RIGHT_BOTTOM, [-16.0, -44.0])
        .order(egui::Order::Foreground)
        .show(ui.ctx(), |ui| {
            for notice in list {
                let (sign, ink) = match notice.message.severity() {
                    Severity::Info => ("●", cx.look.colours.notice),
                    Severity::Warning => ("⚠", cx.look.colours.warning),
                    Severity::Error => ("×", cx.look.colours.error),
                };
                PaneFrame::popup(ui.style())
                    .stroke(egui::Stroke::new(1.0, ink))
                    .show(ui, |ui| {
                        ui.set_max_width(460.0);
                        ui.horizontal(|ui| {
                            ui.colored_label(ink, sign);
                            let words = sentences::message(cx.translator, &notice.message);
                            ui.add(egui::Label::new(words).wrap());
                            if ui.small_button(cx.tr(Label::Dismiss)).clicked() {
                                cx.push(Command::DismissNotice(notice.id));
                            }
                        });
                    });
            }
        });
}

/// That a file can be let go here.
pub fn drop_hint(ui: &Ui, cx: &PanelContext<'_>) {
    if ui.input(|it| it.raw.hovered_files.is_empty()) {
        return;
    }
    let painter = ui.ctx().layer_painter(egui::LayerId::new(
        egui::Order::Foreground,
        egui::Id::unique("drop"),
    ));
    let rect = ui.ctx().content_rect();
    painter.rect_filled(rect, 0.0, cx.look.colours.chrome.gamma_multiply(0.85));
    painter.text(
        rect.center(),
        egui::Align2::CENTER_CENTER,
        cx.tr(Label::DropToOpen),
        theme::strong(28.0),
        cx.look.colours.text,
    );
}
