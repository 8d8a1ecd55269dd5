//! For the lecture hall: body map and vector loops locked to one cursor, slow play and steps from wave
//! to wave, a spotlight, a bright or a dim room, no identity, and a question: where is this lead?

use eframe::egui::{
    Button, CentralPanel, Color32, Context, Frame, Id, LayerId, Margin, Mesh, Order, Panel, Pos2,
    Shape, Ui, Vec2,
};

use super::{
    super::{
        panel_context::PanelContext,
        torso_colouring::TorsoColouring,
        view::{Pane, Room, Teaching},
        widgets::{muted, strong_text},
    },
    loops, torso,
};
use crate::{
    ecg::{LeadName, Montage, catalogue, montage, site},
    reliability::is_covered,
    session::{Command, Edit, Exam},
    words::Label,
};

/// What stands right of the paper while teaching.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>, skin: &mut TorsoColouring) {
    cx.view.pane = Pane::Map;
    controls(ui, cx);
    let [width, height] = ui.available_size().into();
    // Of another room another height is remembered.
    let below = Panel::bottom(Id::unique(("teaching loops", width as u32, height as u32)))
        .frame(Frame::new().inner_margin(Margin {
            top: 8,
            ..Margin::ZERO
        }))
        .resizable(true);
    below
        .default_size(loops::height_in([width, 0.44 * height].into()))
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
        transport(ui, cx);
        ui.separator();
        room(ui, cx, &mut teaching);
        ui.separator();
        ask(ui, cx, &mut teaching);
        is_over = ui.button(cx.tr(Label::End)).clicked();
    });
    if teaching.is_hidden {
        ui.label(muted(cx.tr(Label::TeachingQuestion), &cx.look.colours).size(15.0));
    }
    cx.view.teaching = (!is_over).then_some(teaching);
}

/// Play, how fast, and steps from wave to wave.
fn transport(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    let label = if cx.view.playing {
        Label::Stop
    } else {
        Label::Play
    };
    let play = ui.button(cx.tr(label));
    if play.on_hover_text(cx.tr(Label::PlayHint)).clicked() {
        cx.view.playing = !cx.view.playing;
    }
    for (speed, name) in [(0.1, "1/10"), (0.25, "1/4"), (1.0, "1×")] {
        ui.selectable_value(&mut cx.view.speed, speed, name)
            .on_hover_text(cx.tr(Label::CursorSpeed));
    }
    for (forward, sign) in [(false, Label::WaveBack), (true, Label::WaveForward)] {
        if ui.button(cx.tr(sign)).clicked() {
            step_wave(cx, forward);
        }
    }
}

/// Spotlight and colours.
fn room(ui: &mut Ui, cx: &PanelContext<'_>, teaching: &mut Teaching) {
    ui.checkbox(&mut teaching.spotlight, cx.tr(Label::Spotlight));
    for (room, name) in [
        (Room::AsSet, Label::RoomAsSet),
        (Room::Bright, Label::RoomBright),
        (Room::Dim, Label::RoomDim),
    ] {
        ui.selectable_value(&mut teaching.room, room, cx.tr(name));
    }
}

/// Where is this lead?
fn ask(ui: &mut Ui, cx: &mut PanelContext<'_>, teaching: &mut Teaching) {
    let asks = ui.button(cx.tr(Label::Question));
    if asks.on_hover_text(cx.tr(Label::QuestionHint)).clicked() {
        teaching.asked += 1;
        teaching.is_hidden = true;
        cx.push(Edit::UsePreset(question(teaching.asked)));
        cx.push(Command::EndGesture);
    }
    let answer = Button::new(cx.tr(Label::Answer));
    if ui.add_enabled(teaching.is_hidden, answer).clicked() {
        teaching.is_hidden = false;
    }
}

/// The cursor goes to the next moment of a wave; the play stops there.
fn step_wave(cx: &mut PanelContext<'_>, forward: bool) {
    let Some(exam) = &cx.session.exam else { return };
    let start_s = cx.session.document.window_start_s;
    let now_s = cx.session.cursor_s.unwrap_or(start_s) - start_s;
    if let Some(to_s) = wave_beside(&wave_moments(exam), now_s, forward) {
        cx.view.playing = false;
        cx.push(Command::SetCursor(Some(start_s + to_s)));
    }
}

/// Peak of P, onset of QRS, R, J point and peak of T of every beat of the window, seconds.
fn wave_moments(exam: &Exam) -> Vec<f64> {
    let (Some(median), Some(waves)) = (&exam.median, &exam.waves) else {
        return Vec::new();
    };
    let of_beat = [
        waves.p.map(|it| it.peak),
        Some(waves.qrs.onset),
        Some(median.r_index),
        Some(waves.qrs.end),
        waves.t.map(|it| it.peak),
    ];
    let rate = exam.leads.rate();
    let off_s = |at: usize| (at as f64 - median.r_index as f64) / median.leads.rate().hz();
    let peaks = exam.beats.peaks().iter().map(|it| rate.seconds_at(*it));
    let all = peaks.flat_map(|r_s| of_beat.into_iter().flatten().map(move |at| r_s + off_s(at)));
    let mut all: Vec<f64> = all.filter(|at_s| 0.0 <= *at_s).collect();
    all.sort_by(f64::total_cmp);
    all
}

/// The moment after or before this one.
fn wave_beside(moments_s: &[f64], now_s: f64, forward: bool) -> Option<f64> {
    const HERE_S: f64 = 0.001;
    if forward {
        moments_s.iter().copied().find(|it| now_s + HERE_S < *it)
    } else {
        moments_s
            .iter()
            .rev()
            .copied()
            .find(|it| *it < now_s - HERE_S)
    }
}

/// Darkness over all but a circle round the pointer.
pub fn spotlight(ctx: &Context, cx: &PanelContext<'_>) {
    let is_on = cx.view.teaching.as_ref().is_some_and(|it| it.spotlight);
    let Some(at) = ctx.pointer_latest_pos().filter(|_| is_on) else {
        return;
    };
    let rect = ctx.content_rect();
    let radius = 0.16 * rect.size().min_elem().max(400.0);
    let layer = LayerId::new(Order::Foreground, Id::unique("spotlight"));
    let darkness = ring(at, radius, rect.size().length());
    ctx.layer_painter(layer).add(Shape::mesh(darkness));
}

/// A dark ring from the edge of the light outwards.
fn ring(at: Pos2, inner: f32, outer: f32) -> Mesh {
    const CORNERS: u32 = 96;
    let mut mesh = Mesh::default();
    for corner in 0..CORNERS {
        let way = Vec2::angled(std::f32::consts::TAU * corner as f32 / CORNERS as f32);
        for radius in [inner, inner + outer] {
            mesh.colored_vertex(at + radius * way, Color32::from_black_alpha(185));
        }
        let [a, b] = [2 * corner, 2 * ((corner + 1) % CORNERS)];
        mesh.add_triangle(a, a + 1, b);
        mesh.add_triangle(a + 1, b + 1, b);
    }
    mesh
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
    fn steps_go_from_wave_to_wave() {
        let moments_s = [0.30, 0.42, 0.46, 0.52, 0.80, 1.30];
        assert_eq!(wave_beside(&moments_s, 0.0, true), Some(0.30));
        assert_eq!(wave_beside(&moments_s, 0.42, true), Some(0.46));
        assert_eq!(wave_beside(&moments_s, 0.42, false), Some(0.30));
        assert_eq!(wave_beside(&moments_s, 1.30, true), None);
        assert_eq!(wave_beside(&[], 0.5, false), None);
    }

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
