//! Electrodes, the point and their names over the torso. Names never cover one another.

use std::sync::LazyLock;

use eframe::egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Vec2, pos2, vec2};

use super::super::super::{
    camera::Camera, gpu::Marker, panel_context::PanelContext, theme::strong,
    torso_model::TorsoModel, view::Teaching,
};
use crate::{
    ecg::{
        LeadName, Montage, Target, ViewAngle, WILSON, catalogue, montage, site,
        vec3::{dot, norm, sub},
    },
    reliability::Warning,
    words::Label,
};

/// Where a target's exploring electrode lies on the shown skin.
pub(super) fn skin_of(target: &Target) -> Option<[f64; 3]> {
    Some(TorsoModel::shipped().skin_at(target.exploring_view()?))
}

/// Whether a direction looks towards the reader.
pub(super) fn faces(camera: Camera, view: ViewAngle) -> bool {
    0.0 < dot(camera.axes()[2], view.unit())
}

/// A marker with what is known about it.
pub(super) struct Dot {
    pub(super) name: LeadName,
    pub(super) body_mm: [f64; 3],
    pub(super) ball: Marker,
    recorded: bool,
    pub(super) named: bool,
    is_moved: bool,
    pub(super) visible: bool,
}

/// Leads of one exploring electrode and where it lies on the shown skin; looked for once.
static PLACES_ON_SKIN: LazyLock<Vec<(LeadName, ViewAngle, [f64; 3])>> = LazyLock::new(|| {
    let place = |montage: &Montage| {
        let view = site(montage.exploring_site()?)?.view;
        Some((
            montage.name.clone(),
            view,
            TorsoModel::shipped().skin_at(view),
        ))
    };
    catalogue().iter().filter_map(place).collect()
});

/// The lead whose exploring electrode belongs nearest to a direction's place on the shown skin.
pub(super) fn nearest_place(view: ViewAngle) -> Option<LeadName> {
    let at_mm = TorsoModel::shipped().skin_at(view);
    let away_mm = |place_mm: [f64; 3]| norm(sub(place_mm, at_mm));
    let nearest = PLACES_ON_SKIN
        .iter()
        .min_by(|a, b| away_mm(a.2).total_cmp(&away_mm(b.2)));
    nearest.map(|(name, ..)| name.clone())
}

pub(super) fn prepare() {
    LazyLock::force(&PLACES_ON_SKIN);
}

/// A ball for every lead of the catalogue that has one exploring electrode.
pub(super) fn dots(cx: &PanelContext<'_>) -> Vec<Dot> {
    let truth = cx.session.truth_leads();
    let recorded = |name: &LeadName| {
        cx.session
            .exam
            .as_ref()
            .is_some_and(|it| it.leads.get(name).is_some())
    };
    let towards = cx.view.camera.axes()[2];
    let dark = cx.look.colours.is_dark;
    let rgb = |it: Color32| {
        let channel = |it: u8| f32::from(it) / 255.0;
        [channel(it.r()), channel(it.g()), channel(it.b()), 1.0]
    };
    let moved = &cx.session.document.electrodes;
    let dot = |(name, view, body_mm): &(LeadName, ViewAngle, [f64; 3])| {
        let is_recorded = recorded(name);
        let is_truth = truth.contains(name);
        let declared = moved.iter().find(|(lead, _)| lead == name && is_recorded);
        let view = declared.map_or(*view, |(_, view)| *view);
        let body_mm = match declared {
            Some(_) => TorsoModel::shipped().skin_at(view),
            None => *body_mm,
        };
        let outward = view.unit();
        let visible = 0.05 < (0..3).map(|it| outward[it] * towards[it]).sum::<f64>();
        let (radius, colour) = match (is_recorded, is_truth) {
            (true, false) => (
                5.5,
                if dark {
                    Color32::from_rgb(0xF2, 0xF4, 0xF7)
                } else {
                    Color32::from_rgb(0x20, 0x24, 0x2B)
                },
            ),
            (true, true) => (5.0, cx.look.colours.notice),
            _ => (
                3.0,
                cx.look
                    .colours
                    .synthesised
                    .lerp_to_gamma(Color32::GRAY, 0.35),
            ),
        };
        let centre = [
            body_mm[0] as f32,
            body_mm[1] as f32,
            body_mm[2] as f32,
            radius,
        ];
        let ball = Marker {
            centre,
            colour: rgb(colour),
        };
        Dot {
            name: name.clone(),
            body_mm,
            ball,
            recorded: is_recorded,
            named: is_recorded && !is_truth,
            is_moved: declared.is_some(),
            visible,
        }
    };
    PLACES_ON_SKIN.iter().map(dot).collect()
}

/// Names that are placed one after the other, each where it covers nothing that is already there.
pub(super) struct Names<'a> {
    painter: &'a Painter,
    ground: Color32,
    taken: Vec<Rect>,
}

impl<'a> Names<'a> {
    pub(super) fn new(painter: &'a Painter, ground: Color32) -> Self {
        Self {
            painter,
            ground,
            taken: Vec::new(),
        }
    }

    /// Keeps names away from here.
    pub(super) fn keep_free(&mut self, rect: Rect) {
        self.taken.push(rect);
    }

    /// Writes `text` beside `at`; a thin line joins the two where the name had to go farther off.
    pub(super) fn write(&mut self, at: Pos2, text: &str, ink: Color32) {
        let galley = self
            .painter
            .layout_no_wrap(text.to_owned(), strong(11.0), ink);
        let size = galley.size() + vec2(6.0, 2.0);
        let bounds = self.painter.clip_rect();
        let place = |it: &(f32, f32, f32)| {
            let (x, y, away) = *it;
            let centre = at
                + vec2(x, y) * away
                + vec2(
                    0.5 * x.signum() * size.x * f32::from(u8::from(x != 0.0)),
                    0.5 * y * size.y,
                );
            Rect::from_center_size(centre, size)
        };
        let covered = |rect: &Rect| {
            self.taken
                .iter()
                .map(|it| area(it.intersect(*rect)))
                .sum::<f32>()
        };
        let outside = |rect: &Rect| area(*rect) - area(rect.intersect(bounds));
        let cost = |rect: &Rect| covered(rect) + outside(rect) + 0.12 * rect.center().distance(at);
        let Some(best) = PLACES
            .iter()
            .map(place)
            .min_by(|a, b| cost(a).total_cmp(&cost(b)))
        else {
            return;
        };
        let best = best.translate(inwards(best, bounds));
        if 26.0 < nearest(best, at).distance(at) - 4.0 {
            self.painter.add(Shape::line_segment(
                [at, nearest(best, at)],
                Stroke::new(1.0, ink.gamma_multiply(0.6)),
            ));
        }
        self.painter
            .rect_filled(best, 3.0, self.ground.gamma_multiply(0.82));
        self.painter.galley(best.min + vec2(3.0, 1.0), galley, ink);
        self.taken.push(best);
    }
}

/// Where a name may go: direction from its point, and points away.
#[rustfmt::skip]
const PLACES: [(f32, f32, f32); 20] = [
    (0.8, -0.6, 9.0), (0.8, 0.6, 9.0), (-0.8, -0.6, 9.0), (-0.8, 0.6, 9.0), (0.0, -1.0, 9.0), (0.0, 1.0, 9.0), (1.0, 0.0, 10.0), (-1.0, 0.0, 10.0),
    (0.8, -0.6, 20.0), (0.8, 0.6, 20.0), (-0.8, -0.6, 20.0), (-0.8, 0.6, 20.0), (0.0, -1.0, 20.0), (0.0, 1.0, 20.0),
    (0.8, -0.6, 36.0), (0.8, 0.6, 36.0), (-0.8, -0.6, 36.0), (-0.8, 0.6, 36.0), (0.0, -1.0, 36.0), (0.0, 1.0, 36.0),
];

fn area(rect: Rect) -> f32 {
    rect.width().max(0.0) * rect.height().max(0.0)
}

/// The point of `rect` that is nearest to `at`.
fn nearest(rect: Rect, at: Pos2) -> Pos2 {
    pos2(
        at.x.clamp(rect.left(), rect.right()),
        at.y.clamp(rect.top(), rect.bottom()),
    )
}

/// How to move `rect` so that it lies inside `bounds`.
fn inwards(rect: Rect, bounds: Rect) -> Vec2 {
    let axis = |low: f32, high: f32, least: f32, most: f32| {
        if low < least {
            least - low
        } else {
            (most - high).min(0.0)
        }
    };
    vec2(
        axis(rect.left(), rect.right(), bounds.left(), bounds.right()),
        axis(rect.top(), rect.bottom(), bounds.top(), bounds.bottom()),
    )
}

/// The point itself, where calibration puts the recorded electrodes, and the names of all, at last of those
/// that are worn wrongly. Nothing is written where something else stands.
pub(super) fn draw(
    painter: &Painter,
    cx: &PanelContext<'_>,
    rect: Rect,
    dots: &[Dot],
    hovered: Option<&LeadName>,
    (keep_free, worn): (&[Rect], Vec<(Pos2, String)>),
) {
    let colours = &cx.look.colours;
    let on_screen = |body_mm| cx.view.camera.screen_from_body(rect, body_mm).0;
    let alarms = electrode_offsets(painter, cx, rect);
    let handle_at = handle(painter, cx, rect);
    let mut names = Names::new(painter, colours.card);
    keep_free.iter().for_each(|it| names.keep_free(*it));
    for dot in dots.iter().filter(|it| it.visible && it.recorded) {
        names.keep_free(Rect::from_center_size(
            on_screen(dot.body_mm),
            Vec2::splat(9.0),
        ));
    }
    if let Some(at) = handle_at {
        names.keep_free(Rect::from_center_size(at, Vec2::splat(18.0)));
        names.write(at, &point_label(cx), colours.synthesised);
    }
    if let Some(dot) = dots
        .iter()
        .find(|it| it.visible && hovered == Some(&it.name) && !it.named)
    {
        let place = montage(&dot.name).map_or("", |it| cx.translator.lead_place(it));
        let text = if dot.recorded {
            format!("{} · {}", dot.name, place)
        } else {
            format!("d{} · {place}", dot.name)
        };
        names.write(
            on_screen(dot.body_mm),
            &text,
            if dot.recorded {
                colours.notice
            } else {
                colours.synthesised
            },
        );
    }
    for dot in dots.iter().filter(|it| it.visible && it.named) {
        let (text, ink) = if dot.is_moved {
            let words = cx.translator.fill(Label::SatHere, &[&dot.name.to_string()]);
            (words, colours.notice)
        } else {
            (dot.name.to_string(), colours.text)
        };
        names.write(on_screen(dot.body_mm), &text, ink);
    }
    limb_electrodes(painter, cx, rect, &mut names);
    for (at, text) in alarms {
        names.write(at, &text, colours.warning);
    }
    for (at, text) in worn {
        names.write(at, &text, colours.notice);
    }
}

/// The three that every lead is held against, as squares where the model of the body takes their
/// potential: where arms and left leg leave the trunk.
fn limb_electrodes(painter: &Painter, cx: &PanelContext<'_>, rect: Rect, names: &mut Names<'_>) {
    let exam = cx.session.exam.as_ref();
    let limb = [LeadName::I, LeadName::II];
    if !exam.is_some_and(|exam| limb.iter().any(|name| exam.leads.get(name).is_some())) {
        return;
    }
    // They sit at the ends of the trunk, which is seen there from the front and from behind.
    const SEEN: f64 = -0.45;
    let towards = cx.view.camera.axes()[2];
    for electrode in WILSON.into_iter().filter_map(site) {
        if dot(towards, electrode.view.unit()) < SEEN {
            continue;
        }
        let place = TorsoModel::shipped().skin_at(electrode.view);
        let at = cx.view.camera.screen_from_body(rect, place).0;
        if rect.contains(at) {
            let square = Rect::from_center_size(at, Vec2::splat(8.0));
            painter.rect_filled(square, 1.0, cx.look.colours.text);
            painter.rect_stroke(
                square,
                1.0,
                Stroke::new(1.0, cx.look.colours.card),
                StrokeKind::Outside,
            );
            names.write(at, &electrode.name, cx.look.colours.text);
        }
    }
}

/// Where calibration puts the recorded electrodes: a ring, joined to the nominal place; amber where
/// the warnings say that one was elsewhere. Gives the words of those.
fn electrode_offsets(painter: &Painter, cx: &PanelContext<'_>, rect: Rect) -> Vec<(Pos2, String)> {
    let summary = cx.session.calibrating.summary();
    let Some(summary) = summary.filter(|_| !cx.session.is_quizzing()) else {
        return Vec::new();
    };
    let body = TorsoModel::shipped();
    let warnings = cx.session.results.reliability.iter();
    let warnings = warnings.flat_map(|(_, said)| &said.warnings);
    let is_told = |wanted: &LeadName| {
        let is_it =
            |it: &Warning| matches!(it, Warning::ElectrodeMoved { lead, .. } if lead == wanted);
        warnings.clone().any(is_it)
    };
    let mut alarms = Vec::new();
    for offset in &summary.electrodes {
        let Some((nominal, view)) = offset.nominal().zip(offset.view()) else {
            continue;
        };
        if view == nominal || !faces(cx.view.camera, view) {
            continue;
        }
        let on_screen = |view| cx.view.camera.screen_from_body(rect, body.skin_at(view)).0;
        let (from, to) = (on_screen(nominal), on_screen(view));
        let is_told = is_told(&offset.lead);
        let ink = if is_told {
            cx.look.colours.warning
        } else {
            cx.look.colours.notice
        };
        painter.line_segment([from, to], Stroke::new(1.2, ink));
        painter.circle_stroke(to, 4.5, Stroke::new(1.5, ink));
        if is_told {
            alarms.push((
                to,
                format!("{} {}", offset.lead, cx.tr(Label::FarFromItsPlace)),
            ));
        }
    }
    alarms
}

/// The point itself: a diamond that can be grabbed.
fn handle(painter: &Painter, cx: &PanelContext<'_>, rect: Rect) -> Option<Pos2> {
    let point_mm = skin_of(&cx.session.document.point_target()).filter(|_| !cx.view.is_hidden())?;
    let colours = &cx.look.colours;
    let (at, _) = cx.view.camera.screen_from_body(rect, point_mm);
    let facing = faces(cx.view.camera, cx.session.document.point);
    let ink = if facing {
        colours.synthesised
    } else {
        colours.synthesised.gamma_multiply(0.45)
    };
    let corner = |x: f32, y: f32| at + vec2(x, y);
    let diamond = vec![
        corner(0.0, -8.0),
        corner(8.0, 0.0),
        corner(0.0, 8.0),
        corner(-8.0, 0.0),
    ];
    painter.add(Shape::convex_polygon(
        diamond,
        ink,
        Stroke::new(2.0, colours.card),
    ));
    Some(at)
}

/// `dV2@3ICS`, or the direction.
fn point_label(cx: &PanelContext<'_>) -> String {
    if cx.view.is_hidden() {
        return Teaching::HIDDEN.to_owned();
    }
    cx.session.document.preset.as_ref().map_or_else(
        || format!("d {}", cx.session.document.point),
        |it| format!("d{it}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_moved_inside() {
        let bounds = Rect::from_min_size(pos2(0.0, 0.0), vec2(100.0, 50.0));
        let moved = |x: f32, y: f32| {
            let rect = Rect::from_min_size(pos2(x, y), vec2(20.0, 10.0));
            rect.translate(inwards(rect, bounds))
        };
        assert!(bounds.contains_rect(moved(90.0, 45.0)) && bounds.contains_rect(moved(-5.0, -5.0)));
        assert_eq!(moved(10.0, 10.0).min, pos2(10.0, 10.0));
        assert_eq!(
            area(bounds.intersect(Rect::from_min_size(pos2(200.0, 0.0), vec2(5.0, 5.0)))),
            0.0
        );
    }
}
