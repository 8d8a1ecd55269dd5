//! The heart from the front and from behind, coloured by when the beat reaches it; a click sets an
//! ectopic focus, an infarction or a pathway.

use eframe::egui::{
    Align2, Color32, FontId, Mesh, Painter, Pos2, Rect, Sense, Shape, Stroke, Ui, pos2, vec2,
};

use super::{
    super::super::{
        panel_context::PanelContext, theme::strong, view::HeartTool, widgets::name_area,
    },
    sections::{infarction_at, pathway_at},
};
use crate::{
    ecg::vec3::{Vec3, norm, sub},
    session::{
        Command, Edit,
        lab::{ActivationPoint, HeartRhythm, VirtualHeart},
    },
    words::Label,
};

/// One step of colour, ms: the edges between steps are isochrones.
const STEP_MS: f64 = 10.0;
/// Half the edge of what is painted for a voxel, mm: voxels overlap a little.
const HALF_MM: f64 = 2.1;
/// How near a click must be to a voxel, points.
const NEAR: f32 = 9.0;

/// From where the heart is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Front,
    Back,
}

impl Side {
    /// (right, up, towards the eye) of a point of the body.
    fn project(self, [anterior, left, superior]: Vec3) -> [f64; 3] {
        match self {
            Self::Front => [left, superior, anterior],
            Self::Back => [-left, superior, -anterior],
        }
    }
}

/// The picture with its tools.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>) {
    tools(ui, cx);
    let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::click());
    name_area(&response, cx.tr(Label::HeartPaneHint));
    let Some(exam) = &cx.session.exam else { return };
    let painter = ui.painter_at(rect);
    let activation = exam.activation.clone();
    let half = vec2(0.5 * rect.width(), rect.height() - 40.0);
    let click = response
        .interact_pointer_pos()
        .filter(|_| response.clicked());
    for (side, name, left) in [
        (Side::Front, Label::HeartFromFront, rect.left()),
        (Side::Back, Label::HeartFromBack, rect.left() + half.x),
    ] {
        let area = Rect::from_min_size(pos2(left, rect.top()), half);
        let seen = Seen::new(&activation, side, area.shrink(8.0));
        seen.paint(&painter);
        mark(&painter, cx, &seen);
        painter.text(
            area.left_top() + vec2(6.0, 4.0),
            Align2::LEFT_TOP,
            cx.tr(name),
            strong(12.0),
            cx.look.colours.text,
        );
        if let Some(at) = click
            .filter(|it| area.contains(*it))
            .and_then(|it| seen.pick(it))
        {
            set(cx, at);
        }
    }
    scale(&painter, cx, rect, &activation);
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
            ui.selectable_value(&mut cx.view.heart_tool, tool, words);
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

/// The heart as it is seen from one side: farthest first.
struct Seen<'a> {
    voxels: Vec<(Pos2, f64, &'a ActivationPoint)>,
    half: f32,
}

impl<'a> Seen<'a> {
    fn new(activation: &'a [ActivationPoint], side: Side, area: Rect) -> Self {
        let projected: Vec<[f64; 3]> = activation
            .iter()
            .map(|it| side.project(it.body_mm))
            .collect();
        let bounds = |axis: usize| {
            let all = projected.iter().map(|it| it[axis]);
            let low = all.clone().fold(f64::INFINITY, f64::min);
            (low, all.fold(f64::NEG_INFINITY, f64::max))
        };
        let ((left, right), (low, high)) = (bounds(0), bounds(1));
        let room = [f64::from(area.width()), f64::from(area.height())];
        let per_mm = (room[0] / (right - left + 8.0)).min(room[1] / (high - low + 8.0));
        let place = |it: &[f64; 3]| {
            let (x, y) = (it[0] - 0.5 * (left + right), it[1] - 0.5 * (low + high));
            area.center() + vec2((x * per_mm) as f32, (-y * per_mm) as f32)
        };
        let seen = projected.iter().zip(activation);
        let mut voxels: Vec<_> = seen.map(|(it, point)| (place(it), it[2], point)).collect();
        voxels.sort_by(|a, b| a.1.total_cmp(&b.1));
        Self {
            voxels,
            half: (HALF_MM * per_mm) as f32,
        }
    }

    fn paint(&self, painter: &Painter) {
        let mut mesh = Mesh::default();
        for (at, _, point) in &self.voxels {
            let square = Rect::from_center_size(*at, vec2(2.0 * self.half, 2.0 * self.half));
            mesh.add_colored_rect(square, colour(point.after_ms));
        }
        painter.add(Shape::mesh(mesh));
    }

    /// The place in the heart under the pointer: of those near it the one in front.
    fn pick(&self, at: Pos2) -> Option<Vec3> {
        let near = self.voxels.iter().filter(|it| it.0.distance(at) < NEAR);
        let front = near.max_by(|a, b| a.1.total_cmp(&b.1));
        front.map(|it| it.2.heart_mm)
    }

    /// Where a place in the heart is seen, if it is on this side.
    fn place_of(&self, heart_mm: Vec3) -> Option<Pos2> {
        let away = |it: &ActivationPoint| norm(sub(it.heart_mm, heart_mm));
        let nearest = self
            .voxels
            .iter()
            .min_by(|a, b| away(a.2).total_cmp(&away(b.2)))?;
        let middle = self.voxels.get(self.voxels.len() / 2)?.1;
        (middle <= nearest.1).then_some(nearest.0)
    }
}

/// Where a focus, an infarction and a pathway are.
fn mark(painter: &Painter, cx: &PanelContext<'_>, seen: &Seen<'_>) {
    let Some(heart) = cx.session.heart() else {
        return;
    };
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

/// Early is light, late is dark: the order survives a grey print (after cividis).
fn colour(after_ms: f64) -> Color32 {
    const STOPS: [[f64; 3]; 5] = [
        [253.0, 231.0, 55.0],
        [188.0, 175.0, 111.0],
        [123.0, 123.0, 120.0],
        [62.0, 74.0, 107.0],
        [0.0, 32.0, 76.0],
    ];
    const LAST_MS: f64 = 160.0;
    let step = (after_ms / STEP_MS).floor() * STEP_MS;
    let place = (step / LAST_MS).clamp(0.0, 0.999) * 4.0;
    let (below, share) = (place as usize, place.fract());
    let [r, g, b] = std::array::from_fn(|it| {
        (STOPS[below][it] * (1.0 - share) + STOPS[below + 1][it] * share) as u8
    });
    Color32::from_rgb(r, g, b)
}

/// The colours with their times, and when the last place is reached.
fn scale(painter: &Painter, cx: &PanelContext<'_>, rect: Rect, activation: &[ActivationPoint]) {
    let last_ms = activation.iter().map(|it| it.after_ms).fold(0.0, f64::max);
    let steps = (last_ms / STEP_MS).ceil().max(1.0) as usize;
    let colours = &cx.look.colours;
    let bar = Rect::from_min_max(
        pos2(rect.left() + 8.0, rect.bottom() - 36.0),
        pos2(rect.right() - 8.0, rect.bottom() - 28.0),
    );
    let width = bar.width() / steps as f32;
    for step in 0..steps {
        let left = bar.left() + step as f32 * width;
        let cell = Rect::from_min_max(pos2(left, bar.top()), pos2(left + width, bar.bottom()));
        painter.rect_filled(cell, 0.0, colour(STEP_MS * step as f64));
        if step % 2 == 0 {
            let text = format!("{:.0}", STEP_MS * step as f64);
            let at = pos2(left, bar.bottom() + 1.0);
            painter.text(
                at,
                Align2::LEFT_TOP,
                text,
                FontId::proportional(10.0),
                colours.muted,
            );
        }
    }
    painter.text(
        rect.left_bottom() + vec2(8.0, 0.0),
        Align2::LEFT_BOTTOM,
        format!("{} · {last_ms:.0} ms", cx.tr(Label::IsochronesNote)),
        FontId::proportional(11.0),
        colours.muted,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_is_darker_and_a_step_has_one_colour() {
        let light = |ms: f64| {
            let it = colour(ms);
            0.3 * f64::from(it.r()) + 0.6 * f64::from(it.g()) + 0.1 * f64::from(it.b())
        };
        let shades: Vec<f64> = (0..16).map(|step| light(10.0 * f64::from(step))).collect();
        assert!(shades.windows(2).all(|it| it[1] < it[0]), "{shades:?}");
        assert_eq!(colour(20.0), colour(29.9));
        assert_ne!(colour(29.9), colour(30.1));
    }

    #[test]
    fn a_click_takes_the_voxel_in_front() {
        let point = |anterior: f64, left: f64| ActivationPoint {
            heart_mm: [anterior, 0.0, left],
            body_mm: [anterior, left, 0.0],
            after_ms: 0.0,
        };
        let all = [
            point(10.0, 0.0),
            point(-10.0, 0.0),
            point(0.0, 40.0),
            point(0.0, -40.0),
        ];
        let area = Rect::from_min_size(Pos2::ZERO, vec2(300.0, 200.0));
        let front = Seen::new(&all, Side::Front, area);
        assert_eq!(front.pick(area.center()), Some([10.0, 0.0, 0.0]));
        let back = Seen::new(&all, Side::Back, area);
        assert_eq!(back.pick(area.center()), Some([-10.0, 0.0, 0.0]));
        assert_eq!(front.pick(area.left_top()), None);
        assert!(front.place_of([10.0, 0.0, 0.0]).is_some());
        assert!(front.place_of([-10.0, 0.0, 0.0]).is_none(), "it is behind");
    }
}
