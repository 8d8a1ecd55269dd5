//! Electrodes, the point and their names over the torso.

use std::sync::LazyLock;

use eframe::egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Vec2, vec2};

use super::{
    super::super::{
        camera::Camera, gpu::Marker, panel_context::PanelContext, torso_model::TorsoModel,
        view::Teaching,
    },
    names::Names,
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
        let (radius, colour) = size_and_colour(cx, is_recorded, is_truth);
        let [x, y, z] = body_mm.map(|mm| mm as f32);
        let ball = Marker {
            centre: [x, y, z, radius],
            colour: colour.to_normalized_gamma_f32(),
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

/// Of a recorded electrode, of one that was kept out to compare with, of any other place.
fn size_and_colour(cx: &PanelContext<'_>, is_recorded: bool, is_truth: bool) -> (f32, Color32) {
    let colours = &cx.look.colours;
    match (is_recorded, is_truth) {
        (true, false) if colours.is_dark => (5.5, Color32::from_rgb(0xF2, 0xF4, 0xF7)),
        (true, false) => (5.5, Color32::from_rgb(0x20, 0x24, 0x2B)),
        (true, true) => (5.0, colours.notice),
        (false, _) => (3.0, colours.synthesised.lerp_to_gamma(Color32::GRAY, 0.35)),
    }
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
    let is_hovered = |dot: &&Dot| dot.visible && hovered == Some(&dot.name) && !dot.named;
    if let Some(dot) = dots.iter().find(is_hovered) {
        let place = montage(&dot.name).map_or("", |it| cx.translator.lead_place(it));
        let (label, ink) = if dot.recorded {
            (dot.name.to_string(), colours.notice)
        } else {
            (dot.name.synthesised_label(), colours.synthesised)
        };
        names.write(on_screen(dot.body_mm), &format!("{label} · {place}"), ink);
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
        LeadName::synthesised_label,
    )
}
