//! The heart from the front and from behind, coloured by when the beat reaches it; a click sets an
//! ectopic focus, an infarction or a pathway, a drag the region of an infarction.

use std::sync::Arc;

use eframe::egui::{
    Align2, Color32, FontId, Id, Painter, Pos2, Rect, Sense, Shape, Stroke, TextureHandle,
    TextureId, Ui, pos2, vec2,
};

use super::{
    super::super::{
        panel_context::{PanelContext, key},
        theme::strong,
        view::HeartTool,
        widgets::name_area,
    },
    activation_map::{STEP_MS, Seen, Side, TimeScale},
    sections::{infarction_at, pathway_at},
};
use crate::{
    ecg::vec3::{Vec3, norm, sub},
    session::{
        Command, Edit,
        lab::{Activation, HeartRhythm, VirtualHeart},
    },
    words::Label,
};

/// Height of the scale of times with its figures and words, points.
const SCALE: f32 = 56.0;

/// The picture with its tools.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    tools(ui, cx);
    let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::click_and_drag());
    name_area(&response, cx.tr(Label::HeartPaneHint));
    let Some(exam) = &cx.session.exam else { return };
    let Some(activation) = &exam.activation else {
        return;
    };
    let painter = ui.painter_at(rect);
    let scale = TimeScale::of(activation.last_ms());
    let texture = texture(ui, scale);
    let half = vec2(0.5 * rect.width(), rect.height() - SCALE);
    let click = response
        .interact_pointer_pos()
        .filter(|_| response.clicked());
    for (side, name, left) in [
        (Side::Front, Label::HeartFromFront, rect.left()),
        (Side::Back, Label::HeartFromBack, rect.left() + half.x),
    ] {
        let area = Rect::from_min_size(pos2(left, rect.top()), half);
        let seen = seen(ui, (exam.revision, activation), side, area);
        let mut mesh = seen.mesh.clone();
        mesh.texture_id = texture;
        painter.add(Shape::mesh(mesh));
        mark(&painter, cx, &seen);
        painter.text(
            area.left_top() + vec2(6.0, 4.0),
            Align2::LEFT_TOP,
            cx.tr(name),
            strong(12.0),
            cx.look.colours.text,
        );
        let on_heart = |it: Option<Pos2>| {
            it.filter(|it| area.contains(*it))
                .and_then(|it| seen.pick(it))
        };
        if let Some(at_mm) = on_heart(click) {
            set(cx, at_mm);
        }
        if response.dragged() && cx.view.heart_tool == HeartTool::Infarction {
            let pressed = ui.input(|it| it.pointer.press_origin());
            let places = on_heart(pressed).zip(on_heart(response.interact_pointer_pos()));
            places
                .into_iter()
                .for_each(|(from, to)| paint_region(cx, from, to));
        }
    }
    if response.drag_stopped() {
        cx.push(Command::EndGesture);
    }
    let bar = Rect::from_min_max(pos2(rect.left(), rect.bottom() - SCALE), rect.max);
    time_scale(&painter, cx, bar.shrink2(vec2(10.0, 0.0)), activation);
}

/// The colours of the scale on the graphics card, made anew where it changes.
fn texture(ui: &Ui, scale: TimeScale) -> TextureId {
    let id = Id::unique("colours of activation");
    let known: Option<(u64, TextureHandle)> = ui.data(|data| data.get_temp(id));
    let wanted = scale.end_ms.to_bits();
    if let Some((_, texture)) = known.filter(|it| it.0 == wanted) {
        return texture.id();
    }
    let picture = scale.picture();
    let texture = ui
        .ctx()
        .load_texture("activation", picture, TimeScale::OPTIONS);
    let made = texture.id();
    ui.data_mut(|data| data.insert_temp(id, (wanted, texture)));
    made
}

/// The heart from that side, made anew where it or its room changes.
fn seen(ui: &Ui, (revision, activation): (u64, &Activation), side: Side, area: Rect) -> Arc<Seen> {
    let id = Id::unique(("heart seen", side));
    let known: Option<(u64, Arc<Seen>)> = ui.data(|data| data.get_temp(id));
    let corners = [area.min.x, area.min.y, area.max.x, area.max.y];
    let wanted = key((revision, corners.map(f32::to_bits)));
    if let Some((_, seen)) = known.filter(|it| it.0 == wanted) {
        return seen;
    }
    let seen = Arc::new(Seen::new(activation, side, area.shrink(14.0)));
    ui.data_mut(|data| data.insert_temp(id, (wanted, seen.clone())));
    seen
}

/// What a click sets.
fn tools(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    ui.horizontal_wrapped(|ui| {
        ui.label(cx.tr(Label::ClickSets));
        for (tool, label) in [
            (HeartTool::Focus, Label::EctopicFocus),
            (HeartTool::Infarction, Label::InfarctionHere),
            (HeartTool::Pathway, Label::AccessoryPathway),
        ] {
            let words = cx.tr(label);
            let choice = ui.selectable_value(&mut cx.view.heart_tool, tool, words);
            if tool == HeartTool::Infarction {
                choice.on_hover_text(cx.tr(Label::InfarctionDrag));
            }
        }
    });
}

fn set(cx: &mut PanelContext<'_>, at_mm: Vec3) {
    let Some(mut heart) = cx.session.heart().cloned() else {
        return;
    };
    match cx.view.heart_tool {
        HeartTool::Focus => {
            heart.rhythm = HeartRhythm::VentricularEctopics;
            heart.focus_mm = Some(at_mm);
        }
        HeartTool::Infarction => match heart.infarctions.first_mut() {
            Some(first) => first.at_mm = at_mm,
            None => heart.infarctions.push(infarction_at(at_mm)),
        },
        HeartTool::Pathway => heart.pathway = Some(pathway_at(at_mm)),
    }
    cx.push(Edit::SetHeart(Box::new(heart)));
    cx.push(Command::EndGesture);
}

/// The infarction reaches from one place, its middle, to the other.
fn paint_region(cx: &mut PanelContext<'_>, middle_mm: Vec3, edge_mm: Vec3) {
    const RADII_MM: [f64; 2] = [6.0, 45.0];
    let Some(mut heart) = cx.session.heart().cloned() else {
        return;
    };
    let radius_mm = norm(sub(edge_mm, middle_mm)).clamp(RADII_MM[0], RADII_MM[1]);
    let mut painted = infarction_at(middle_mm);
    if let Some(before) = heart.infarctions.first() {
        painted = *before;
    }
    painted.at_mm = middle_mm;
    painted.half_axes_mm = [radius_mm; 3];
    heart.infarctions = vec![painted];
    cx.push(Edit::SetHeart(Box::new(heart)));
}

/// The edge of each infarcted region.
fn outline(painter: &Painter, heart: &VirtualHeart, seen: &Seen) {
    for infarction in &heart.infarctions {
        let radius = |at_mm: Vec3| {
            let away = sub(at_mm, infarction.at_mm);
            let share = |axis: usize| (away[axis] / infarction.half_axes_mm[axis]).powi(2);
            (0..3).map(share).sum::<f64>().sqrt()
        };
        let edge = seen.level_line(|at_mm| radius(at_mm) - 1.0);
        for stroke in [
            Stroke::new(4.0, Color32::from_white_alpha(230)),
            Stroke::new(1.8, Color32::BLACK),
        ] {
            edge.iter().for_each(|line| {
                painter.line_segment(*line, stroke);
            });
        }
    }
}

/// Where a focus, an infarction and a pathway are.
fn mark(painter: &Painter, cx: &PanelContext<'_>, seen: &Seen) {
    let Some(heart) = cx.session.heart() else {
        return;
    };
    outline(painter, heart, seen);
    for (sign, at_mm) in marks(heart) {
        let Some(at) = seen.place_of(at_mm) else {
            continue;
        };
        painter.circle(
            at,
            9.0,
            Color32::from_white_alpha(230),
            Stroke::new(1.5, Color32::BLACK),
        );
        painter.text(
            at,
            Align2::CENTER_CENTER,
            sign,
            strong(12.0),
            Color32::BLACK,
        );
    }
}

fn marks(heart: &VirtualHeart) -> Vec<(&'static str, Vec3)> {
    let is_ectopic = heart.rhythm == HeartRhythm::VentricularEctopics;
    let focus = heart.focus_mm.filter(|_| is_ectopic).map(|it| ("F", it));
    let pathway = heart.pathway.map(|it| ("P", it.at_mm));
    let infarctions = heart.infarctions.iter().map(|it| ("I", it.at_mm));
    infarctions.chain(focus).chain(pathway).collect()
}

/// The colours with their times, and when the last place is reached.
fn time_scale(painter: &Painter, cx: &PanelContext<'_>, rect: Rect, activation: &Activation) {
    const BAR: f32 = 14.0;
    let last_ms = activation.last_ms();
    let scale = TimeScale::of(last_ms);
    let steps = (scale.end_ms / STEP_MS) as usize;
    let colours = &cx.look.colours;
    let width = (rect.width() - 30.0) / steps as f32;
    let edge = |step: usize| rect.left() + step as f32 * width;
    for step in 0..=steps {
        let ms = STEP_MS * step as f64;
        if step < steps {
            let top = pos2(edge(step), rect.top());
            let cell = Rect::from_min_max(top, pos2(edge(step + 1), rect.top() + BAR));
            painter.rect_filled(cell, 0.0, scale.colour(ms));
        }
        if step % 2 == 0 {
            let unit = if step == steps { " ms" } else { "" };
            let at = pos2(edge(step), rect.top() + BAR);
            painter.vline(
                edge(step),
                at.y..=at.y + 3.0,
                Stroke::new(1.0, colours.text),
            );
            painter.text(
                at + vec2(0.0, 3.0),
                if step == 0 {
                    Align2::LEFT_TOP
                } else {
                    Align2::CENTER_TOP
                },
                format!("{ms:.0}{unit}"),
                FontId::proportional(11.0),
                colours.text,
            );
        }
    }
    painter.text(
        rect.left_bottom() - vec2(0.0, 4.0),
        Align2::LEFT_BOTTOM,
        format!("{} · {last_ms:.0} ms", cx.tr(Label::IsochronesNote)),
        FontId::proportional(11.0),
        colours.muted,
    );
}
