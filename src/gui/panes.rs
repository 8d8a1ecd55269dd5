//! Where the panels stand while a recording is open, on screens wide, tall and small.

use eframe::egui::{
    CentralPanel, Frame as PaneFrame, Id, Margin, Panel, Ui, Vec2, ViewportBuilder, ViewportId,
};

use super::{
    dialogs,
    panel_context::PanelContext,
    panels::{self, leads::StripCaches, serial::SerialCaches, sheet::SheetCache},
    torso_colouring::TorsoColouring,
    view::{OnlyPane, Pane},
    widgets::DrawingCache,
};
use crate::{draw::Chart, ecg::PageLayout, session::document::WINDOW_S, words::Label};

/// Least height of a pane that holds paper and strips.
const LEAST_FOR_STRIPS: f32 = 360.0;

/// What panels keep between frames.
#[derive(Default)]
pub struct Caches {
    /// The paper.
    pub paper: DrawingCache,
    /// The sheet in its place.
    pub sheet: SheetCache,
    /// The strips below it.
    pub strips: StripCaches,
    /// Two recordings held against each other.
    pub serial: SerialCaches,
    /// Colours of the skin.
    pub skin: TorsoColouring,
}

/// How the panes share the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arrangement {
    /// Leads on the left, torso and reliability on the right.
    Beside,
    /// Leads above, torso and reliability below: a screen on its side.
    Stacked,
    /// One at a time: what a small screen, or a large type, leaves room for.
    OneAtATime,
}

impl Arrangement {
    /// For room of this size, in points.
    fn of(size: Vec2) -> Self {
        const LEAST: Vec2 = Vec2::new(820.0, 420.0);
        const LEAST_TALL: Vec2 = Vec2::new(640.0, 760.0);
        if size.x < 1.05 * size.y && LEAST_TALL.x <= size.x && LEAST_TALL.y <= size.y {
            Self::Stacked
        } else if size.x < LEAST.x || size.y < LEAST.y {
            Self::OneAtATime
        } else {
            Self::Beside
        }
    }
}

/// The panes.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>, caches: &mut Caches) {
    let size = ui.available_size();
    let needs_list = panels::worklist::is_shown(cx)
        && ui.ctx().content_rect().width() < panels::worklist::LEAST_WIDTH;
    let arrangement = if needs_list {
        Arrangement::OneAtATime
    } else {
        Arrangement::of(size)
    };
    match arrangement {
        Arrangement::Beside => beside(ui, cx, caches),
        Arrangement::Stacked => stacked(ui, cx, caches),
        Arrangement::OneAtATime => one_at_a_time(ui, cx, caches),
    }
}

const fn pane(left: i8, right: i8) -> Margin {
    Margin {
        left,
        right,
        top: 6,
        bottom: 6,
    }
}

fn beside(ui: &mut Ui, cx: &mut PanelContext<'_>, caches: &mut Caches) {
    let width = ui.available_width();
    let right = Panel::right(of_room("right", width))
        .frame(PaneFrame::new().inner_margin(pane(10, 12)))
        .resizable(true)
        .default_size(0.385 * width)
        .size_range(300.0..=0.6 * width);
    right.show(ui, |ui| torso_above_reliability(ui, cx, &mut caches.skin));
    CentralPanel::default()
        .frame(PaneFrame::new().inner_margin(pane(12, 8)))
        .show(ui, |ui| leads(ui, cx, caches));
}

fn stacked(ui: &mut Ui, cx: &mut PanelContext<'_>, caches: &mut Caches) {
    let (width, height) = (ui.available_width(), ui.available_height());
    let below = Panel::bottom(of_room("below", height))
        .frame(PaneFrame::new().inner_margin(pane(12, 12)))
        .resizable(true)
        .default_size(0.42 * height)
        .size_range(320.0..=0.6 * height);
    below.show(ui, |ui| {
        if cx.view.teaching.is_some() {
            return panels::teach::show(ui, cx, &mut caches.skin);
        }
        if cx.session.is_quizzing() {
            return panels::torso::map(ui, cx, &mut caches.skin);
        }
        let beside = Panel::right(of_room("reliability beside", width))
            .frame(PaneFrame::new().inner_margin(Margin::same(8)))
            .resizable(true);
        beside
            .default_size(0.45 * width)
            .size_range(220.0..=0.6 * width)
            .show(ui, |ui| panels::reliability::show(ui, cx));
        CentralPanel::default()
            .frame(PaneFrame::new())
            .show(ui, |ui| panels::torso::show(ui, cx, &mut caches.skin));
    });
    CentralPanel::default()
        .frame(PaneFrame::new().inner_margin(pane(12, 12)))
        .show(ui, |ui| leads(ui, cx, caches));
}

fn one_at_a_time(ui: &mut Ui, cx: &mut PanelContext<'_>, caches: &mut Caches) {
    let frame = PaneFrame::new().inner_margin(pane(12, 12));
    CentralPanel::default().frame(frame).show(ui, |ui| {
        let is_low = ui.available_height() < LEAST_FOR_STRIPS;
        if cx.view.teaching.is_none() {
            ui.horizontal(|ui| {
                for (pane, name) in [
                    (OnlyPane::Leads, Label::LeadsPane),
                    (OnlyPane::Virtual, Label::VirtualLeads),
                    (OnlyPane::Torso, Label::Torso),
                    (OnlyPane::Reliability, Label::Reliability),
                    (OnlyPane::Exams, Label::Exams),
                ] {
                    let is_possible = match pane {
                        OnlyPane::Exams => panels::worklist::is_shown(cx),
                        OnlyPane::Virtual => is_low,
                        _ => true,
                    };
                    if !is_possible {
                        continue;
                    }
                    let name = cx.tr(name);
                    ui.selectable_value(&mut cx.view.only_pane, pane, name);
                }
            });
        }
        match cx.view.only_pane {
            OnlyPane::Leads if is_low && !panels::serial::is_shown(cx) => {
                panels::paper_toolbar::show(ui, cx);
                paper(ui, cx, &mut caches.paper);
            }
            OnlyPane::Virtual if is_low => strips(ui, cx, &mut caches.strips),
            OnlyPane::Leads | OnlyPane::Virtual => leads(ui, cx, caches),
            OnlyPane::Torso if cx.view.teaching.is_some() => {
                panels::teach::show(ui, cx, &mut caches.skin)
            }
            OnlyPane::Torso | OnlyPane::Reliability if cx.session.is_quizzing() => {
                panels::torso::map(ui, cx, &mut caches.skin);
            }
            OnlyPane::Torso => panels::torso::show(ui, cx, &mut caches.skin),
            OnlyPane::Reliability if cx.session.heart().is_some() => panels::lab::show(ui, cx),
            OnlyPane::Reliability => panels::reliability::show(ui, cx),
            OnlyPane::Exams if panels::worklist::is_shown(cx) => panels::worklist::show(ui, cx),
            OnlyPane::Exams => leads(ui, cx, caches),
        }
    });
}

/// Torso and reliability, or the teacher's pane.
fn torso_above_reliability(ui: &mut Ui, cx: &mut PanelContext<'_>, skin: &mut TorsoColouring) {
    if cx.view.teaching.is_some() {
        return panels::teach::show(ui, cx, skin);
    }
    if cx.session.is_quizzing() {
        return panels::torso::map(ui, cx, skin);
    }
    if cx.view.torso_apart {
        torso_apart(ui, cx, skin);
        return match cx.session.heart() {
            Some(_) => panels::lab::show(ui, cx),
            None => panels::reliability::show(ui, cx),
        };
    }
    let height = ui.available_height();
    // The torso keeps two fifths of the pane, whatever stands above and below it.
    let most = (0.6 * height - panels::torso::controls_height(ui, cx)).max(60.0);
    let reliability = Panel::bottom(of_room("reliability", height))
        .frame(PaneFrame::new().inner_margin(Margin {
            top: 8,
            ..Margin::ZERO
        }))
        .resizable(true);
    reliability
        .default_size((0.44 * height).clamp(262.0, 460.0).min(most))
        .size_range(60.0_f32.min(most)..=most)
        .show(ui, |ui| {
            keep_height(ui);
            match cx.session.heart() {
                Some(_) => panels::lab::show(ui, cx),
                None => panels::reliability::show(ui, cx),
            }
        });
    CentralPanel::default()
        .frame(PaneFrame::new())
        .show(ui, |ui| panels::torso::show(ui, cx, skin));
}

/// The torso in a window of its own, for a second screen; closing that brings it back.
fn torso_apart(ui: &Ui, cx: &mut PanelContext<'_>, skin: &mut TorsoColouring) {
    let window = ViewportBuilder::default()
        .with_title(format!("ECG Panorama · {}", cx.tr(Label::Torso)))
        .with_inner_size([760.0, 820.0]);
    let id = ViewportId::from_hash_of("torso");
    ui.ctx().show_viewport_immediate(id, window, |ui, _| {
        if ui.input(|it| it.viewport().close_requested()) {
            cx.view.torso_apart = false;
        }
        dialogs::run_keys(ui.ctx(), cx);
        let frame = PaneFrame::new()
            .fill(cx.look.colours.chrome)
            .inner_margin(pane(12, 12));
        CentralPanel::default()
            .frame(frame)
            .show(ui, |ui| panels::torso::show(ui, cx, skin));
    });
}

/// The paper, or what stands in its place, above the strips.
fn leads(ui: &mut Ui, cx: &mut PanelContext<'_>, caches: &mut Caches) {
    panels::sheet::bar(ui, cx);
    panels::paper_toolbar::show(ui, cx);
    if panels::serial::is_shown(cx) {
        return panels::serial::show(ui, cx, &mut caches.serial);
    }
    if let Some(sheet) = cx.session.document.sheet {
        return panels::sheet::show(ui, cx, sheet, &mut caches.sheet);
    }
    let height = ui.available_height();
    let rows = if cx.session.document.page.layout == PageLayout::TwelveByOne {
        0.74
    } else {
        0.60
    };
    let n_kept = cx.session.document.kept_leads().count();
    let rows = rows - [0.0, 0.06, 0.10][n_kept.min(2)];
    let strip_frame = PaneFrame::new().inner_margin(Margin {
        top: 8,
        ..Margin::ZERO
    });
    let below = Panel::bottom(of_room(("strips", n_kept.min(2)), height))
        .frame(strip_frame)
        .resizable(true)
        .default_size((1.0 - rows) * height)
        .size_range(90.0..=(0.75 * height).max(90.0));
    below.show(ui, |ui| {
        keep_height(ui);
        strips(ui, cx, &mut caches.strips);
    });
    CentralPanel::default()
        .frame(PaneFrame::new())
        .show(ui, |ui| paper(ui, cx, &mut caches.paper));
}

/// The recorded leads, or what stands in their place.
fn paper(ui: &mut Ui, cx: &mut PanelContext<'_>, cache: &mut DrawingCache) {
    if cx.view.pane == Pane::Panorama {
        panels::panorama::show(ui, cx);
    } else if cx.view.median {
        panels::median::show(ui, cx, cache);
    } else {
        panels::paper::show(ui, cx, cache);
    }
}

/// The virtual leads, on the time axis of the paper.
fn strips(ui: &mut Ui, cx: &mut PanelContext<'_>, caches: &mut StripCaches) {
    let width = ui.available_width();
    let per_mm = panels::paper::points_per_mm(cx, width) / cx.view.paper_zoom;
    let room_s = (f64::from(width / per_mm) - Chart::PULSE_ZONE_MM - 4.0)
        / cx.session.document.page.speed_mm_s;
    let exam = cx.session.exam.as_ref();
    let whole_s = exam.map_or(WINDOW_S, |exam| exam.leads.duration_s());
    panels::leads::show(ui, cx, caches, per_mm, room_s.min(whole_s));
}

/// Under which name the size of a panel is kept: in a window of another size it has its usual share again,
/// instead of what was right for a smaller screen.
fn of_room(name: impl std::hash::Hash + std::fmt::Debug, room: f32) -> Id {
    const STEP: f32 = 160.0;
    Id::unique((name, (room / STEP).round() as i32))
}

/// A panel would keep the height of what it showed last, however little that was.
fn keep_height(ui: &mut Ui) {
    ui.set_min_height(ui.available_height());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn screens_and_how_they_are_shared() {
        let check = |width: f32, height: f32, scale: f32, wanted| {
            let bars = Vec2::new(0.0, 76.0);
            let room = Vec2::new(width, height) / scale - bars;
            assert_eq!(Arrangement::of(room), wanted, "{width}×{height} at {scale}");
        };
        check(3840.0, 2160.0, 2.0, Arrangement::Beside);
        check(1920.0, 1080.0, 1.5, Arrangement::Beside);
        check(1440.0, 900.0, 1.5, Arrangement::Beside);
        check(1280.0, 800.0, 1.5, Arrangement::Beside);
        check(1024.0, 700.0, 1.0, Arrangement::Beside);
        check(1080.0, 1920.0, 1.0, Arrangement::Stacked);
        check(1200.0, 1920.0, 1.5, Arrangement::Stacked);
        check(1024.0, 700.0, 1.5, Arrangement::OneAtATime);
        check(1024.0, 700.0, 2.0, Arrangement::OneAtATime);
        check(1080.0, 1920.0, 2.0, Arrangement::OneAtATime);
    }
}
