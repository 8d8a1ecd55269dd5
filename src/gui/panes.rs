//! Where the panels stand while a recording is open.

use eframe::egui::{CentralPanel, Frame as PaneFrame, Id, Margin, Panel, Ui};

use super::{
    panel_context::PanelContext,
    panels::{self, leads::StripCaches},
    torso_colouring::TorsoColouring,
    view::Pane,
    widgets::DrawingCache,
};

/// Paper and strips on the left, torso and reliability on the right.
pub fn show(
    ui: &mut Ui,
    cx: &mut PanelContext<'_>,
    paper: &mut DrawingCache,
    strips: &mut StripCaches,
    skin: &mut TorsoColouring,
) {
    let pane = |left, right| {
        PaneFrame::new().inner_margin(Margin {
            left,
            right,
            top: 6,
            bottom: 6,
        })
    };
    let width = ui.available_width();
    let (right_frame, left_frame) = (pane(10, 12), pane(12, 8));
    let right = Panel::right("right")
        .frame(right_frame)
        .resizable(true)
        .default_size(0.385 * width)
        .size_range(300.0..=0.6 * width);
    right.show(ui, |ui| self::right(ui, cx, skin));
    CentralPanel::default()
        .frame(left_frame)
        .show(ui, |ui| left(ui, cx, paper, strips));
}

/// Torso and reliability, or the teacher's pane.
fn right(ui: &mut Ui, cx: &mut PanelContext<'_>, skin: &mut TorsoColouring) {
    if cx.view.teaching.is_some() {
        return panels::teach::show(ui, cx, skin);
    }
    let height = ui.available_height();
    let reliability = Panel::bottom("reliability")
        .frame(PaneFrame::new().inner_margin(Margin {
            top: 8,
            ..Margin::ZERO
        }))
        .resizable(true);
    reliability
        .default_size((0.44 * height).clamp(262.0, 460.0).min(0.5 * height))
        .size_range(80.0..=0.7 * height)
        .show(ui, |ui| panels::reliability::show(ui, cx));
    CentralPanel::default()
        .frame(PaneFrame::new())
        .show(ui, |ui| panels::torso::show(ui, cx, skin));
}

/// The paper, or what stands in its place, above the strips.
fn left(
    ui: &mut Ui,
    cx: &mut PanelContext<'_>,
    paper: &mut DrawingCache,
    strips: &mut StripCaches,
) {
    panels::paper_toolbar::show(ui, cx);
    let (width, height) = (ui.available_width(), ui.available_height());
    let per_mm = panels::paper::points_per_mm(cx, width) / cx.view.paper_zoom;
    let rows = if cx.session.document.page.layout == crate::ecg::PageLayout::TwelveByOne {
        0.74
    } else {
        0.60
    };
    let n_kept = cx.session.document.virtual_leads.len();
    let rows = rows - [0.0, 0.06, 0.10][n_kept.min(2)];
    let mut seconds = crate::session::document::WINDOW_S;
    let strip_frame = PaneFrame::new().inner_margin(Margin {
        top: 8,
        ..Margin::ZERO
    });
    let below = Panel::bottom(Id::unique(("strips", n_kept.min(2))))
        .frame(strip_frame)
        .resizable(true)
        .default_size((1.0 - rows) * height)
        .size_range(90.0..=0.75 * height);
    if let Some(exam) = &cx.session.exam {
        let room_s = (f64::from(width / per_mm) - crate::draw::Chart::PULSE_ZONE_MM - 4.0)
            / cx.session.document.page.speed_mm_s;
        seconds = room_s.min(exam.leads.duration_s());
    }
    below.show(ui, |ui| {
        panels::leads::show(ui, cx, strips, per_mm, seconds)
    });
    CentralPanel::default()
        .frame(PaneFrame::new())
        .show(ui, |ui| {
            if cx.view.pane == Pane::Panorama {
                panels::panorama::show(ui, cx);
            } else if cx.view.median {
                panels::median::show(ui, cx);
            } else {
                panels::paper::show(ui, cx, paper);
            }
        });
}
