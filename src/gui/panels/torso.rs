//! The torso: electrodes, the point on the skin, body map; and in its place the vector loops and the panorama.

use eframe::egui::{
    Align2, Color32, CursorIcon, DragValue, EventFilter, FontId, PointerButton, Rect, Response, Rgba, Sense, Stroke, Ui, Vec2, pos2, vec2,
};

use super::super::{
    body::Body,
    camera::Camera,
    cx::Cx,
    gpu::{Marker, TorsoPicture, scene},
    skin::Skin,
    theme::{colour32, strong},
    view::Pane,
    widgets::{muted, name_area, strong_text},
};
use crate::{
    draw::vik,
    ecg::{LeadName, Montage, Place, ViewAngle, catalogue, montage, site},
    session::{Action, Calibrating, Target, is_covered},
};

/// Groups of the presets offered beside the torso, with what they are for.
const GROUPS: [(&str, &str, &str); 7] = [
    ("high", "High", "2nd and 3rd intercostal space: where a Brugada pattern is looked for"),
    ("posterior", "Posterior", "V7–V9: nothing behind the chest was ever measured; judge with care"),
    ("right", "Right", "V3R–V7R: right ventricle"),
    ("low", "Low", "5th intercostal space"),
    ("frank", "Frank", "Frank X, Y, Z"),
    ("bipolar", "Bipolar", "Lewis, Fontaine, CM5 and others"),
    ("device", "Device", "Sites of implanted devices"),
];

/// The right-hand pane.
pub fn show(ui: &mut Ui, cx: &mut Cx<'_>, skin: &mut Skin) {
    tabs(ui, cx);
    match cx.view.pane {
        Pane::Torso | Pane::Map => {
            let below = if ui.available_width() < 520.0 { 98.0 } else { 64.0 };
            let size = vec2(ui.available_width(), (ui.available_height() - below).max(120.0));
            canvas(ui, cx, skin, size);
            angles(ui, cx);
            presets(ui, cx);
        }
        Pane::Loops => super::loops::show(ui, cx),
        Pane::Panorama => super::panorama::show(ui, cx),
    }
}

fn tabs(ui: &mut Ui, cx: &mut Cx<'_>) {
    ui.horizontal_wrapped(|ui| {
        for (pane, name, hint) in [
            (Pane::Torso, "Torso", "Recorded electrodes and the point on the skin"),
            (Pane::Map, "Body map", "Potential over the skin at the time cursor (synthesised)"),
            (Pane::Loops, "Vector loops", "The heart's vector in three planes"),
            (Pane::Panorama, "48 views", "Forty-eight synthesised views, laid out as on the chest"),
        ] {
            if ui.selectable_label(cx.view.pane == pane, cx.t(name)).on_hover_text(cx.t(hint)).clicked() {
                cx.view.pane = pane;
            }
        }
        if cx.view.pane == Pane::Map {
            let label = cx.t(if cx.view.playing { "Stop" } else { "Play" });
            if ui.small_button(label).on_hover_text(cx.t("Play the cursor through the beats (space)")).clicked() {
                cx.view.playing = !cx.view.playing;
            }
        }
    });
}

fn canvas(ui: &mut Ui, cx: &mut Cx<'_>, skin: &mut Skin, size: Vec2) {
    let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    name_area(&response, cx.t("Torso"));
    cx.view.torso_id = Some(response.id);
    if !ui.is_rect_visible(rect) {
        return;
    }
    let painter = ui.painter_at(rect);
    let body = Body::shipped();
    let camera = cx.view.camera;
    let point = cx.session.document.point;
    let point_mm = skin_of(&cx.session.document.point_target());
    let markers = markers(cx, body);
    let map = if cx.view.pane == Pane::Map { cx.session.map.as_ref() } else { None };
    let at = map_sample(cx);
    let (vertices, revision) = match map {
        Some(map) => skin.coloured(map, at),
        None => skin.plain(),
    };
    let colours = &cx.look.colours;
    let picture = TorsoPicture {
        scene: scene(camera, rect, colours, point_mm.unwrap_or_else(|| body.skin_at(point)), map.is_some()),
        skin: vertices,
        skin_revision: revision,
        markers: markers.iter().map(|it| it.ball).collect(),
        heart: Rgba::from_rgb(0.72, 0.26, 0.27),
    };
    painter.add(picture.into_shape(rect));
    let hot = response.hover_pos();
    let near = |it: &&Dot| it.visible && hot.is_some_and(|hot| hot.distance(camera.screen_from_body(rect, it.body_mm).0) < 11.0);
    let hovered = markers.iter().find(near).map(|it| it.name.clone());
    names(&painter, cx, rect, &markers, hovered.as_ref());
    seats(&painter, cx, rect);
    handle(&painter, cx, rect);
    words(&painter, cx, rect);
    if map.is_some() {
        scale_bar(&painter, cx, rect, skin.range_mv);
    } else if cx.view.pane == Pane::Map {
        if matches!(cx.session.calibrating, Calibrating::Ready(_)) {
            cx.actions.push(Action::AskMap);
        }
        painter.text(rect.center(), Align2::CENTER_CENTER, cx.t("Computing the body map…"), FontId::proportional(13.0), colours.muted);
    }
    interact(ui, cx, &response, rect, hovered);
    sides(ui, cx, rect);
}

/// Front, left, back, right, over the lower right corner.
fn sides(ui: &mut Ui, cx: &mut Cx<'_>, rect: Rect) {
    let bar = Rect::from_min_max(pos2(rect.left() + 6.0, rect.top() + 26.0), pos2(rect.left() + 76.0, rect.top() + 160.0));
    let mut inner = ui.new_child(eframe::egui::UiBuilder::new().max_rect(bar));
    inner.spacing_mut().item_spacing.y = 4.0;
    for (camera, name, key) in
        [(Camera::FRONT, "Front", "1"), (Camera::LEFT, "Left", "2"), (Camera::BACK, "Back", "3"), (Camera::RIGHT, "Right", "4")]
    {
        let is_on = (cx.view.camera.azimuth - camera.azimuth).abs() < 1e-6 && cx.view.camera.elevation == 0.0;
        if inner.add(eframe::egui::Button::selectable(is_on, cx.t(name)).small()).on_hover_text(format!("{} ({key})", cx.t(name))).clicked()
        {
            cx.view.camera = Camera { zoom: cx.view.camera.zoom, ..camera };
        }
    }
}

/// Where a target's exploring electrode lies on the shown skin.
fn skin_of(target: &Target) -> Option<[f64; 3]> {
    Some(Body::shipped().skin_at(target.view()?))
}

/// The sample under the time cursor.
fn map_sample(cx: &Cx<'_>) -> usize {
    let Some(exam) = &cx.session.exam else { return 0 };
    let rate = exam.leads.rate();
    let time_s = cx.session.cursor_s.map(|it| it - cx.session.document.window_start_s);
    let first_peak = exam.beats.peaks().get(1).or(exam.beats.peaks().first()).copied().unwrap_or(0);
    time_s.map_or(first_peak, |it| rate.samples_in(it.max(0.0))).min(exam.leads.n_samples().saturating_sub(1))
}

/// A marker with what is known about it.
struct Dot {
    name: LeadName,
    body_mm: [f64; 3],
    ball: Marker,
    recorded: bool,
    named: bool,
    visible: bool,
}

fn markers(cx: &Cx<'_>, body: &Body) -> Vec<Dot> {
    let truth = cx.session.truth_leads();
    let recorded = |name: &LeadName| cx.session.exam.as_ref().is_some_and(|it| it.leads.get(name).is_some());
    let towards = cx.view.camera.axes()[2];
    let dark = cx.look.colours.is_dark;
    let rgb = |it: Color32| {
        let channel = |it: u8| f32::from(it) / 255.0;
        [channel(it.r()), channel(it.g()), channel(it.b()), 1.0]
    };
    let chest = |it: &&Montage| it.exploring_site().is_some();
    catalogue()
        .iter()
        .filter(chest)
        .filter_map(|montage| {
            let electrode = site(montage.exploring_site()?)?;
            let is_recorded = recorded(&montage.name);
            let is_truth = truth.contains(&montage.name);
            let body_mm = body.skin_at(electrode.view);
            let outward = electrode.view.unit();
            let visible = 0.05 < (0..3).map(|it| outward[it] * towards[it]).sum::<f64>();
            let (radius, colour) = match (is_recorded, is_truth) {
                (true, false) => (6.0, if dark { Color32::from_rgb(0xF2, 0xF4, 0xF7) } else { Color32::from_rgb(0x20, 0x24, 0x2B) }),
                (true, true) => (6.0, cx.look.colours.notice),
                _ => (3.2, cx.look.colours.synthesised.lerp_to_gamma(Color32::GRAY, 0.35)),
            };
            let centre = [body_mm[0] as f32, body_mm[1] as f32, body_mm[2] as f32, radius];
            Some(Dot {
                name: montage.name.clone(),
                body_mm,
                ball: Marker { centre, colour: rgb(colour) },
                recorded: is_recorded,
                named: is_recorded && !is_truth,
                visible,
            })
        })
        .collect()
}

fn names(painter: &eframe::egui::Painter, cx: &Cx<'_>, rect: Rect, dots: &[Dot], hovered: Option<&LeadName>) {
    let colours = &cx.look.colours;
    for dot in dots.iter().filter(|it| it.visible) {
        let is_hovered = hovered == Some(&dot.name);
        if !(dot.named || is_hovered) {
            continue;
        }
        let (at, _) = cx.view.camera.screen_from_body(rect, dot.body_mm);
        let at = at + vec2(8.0, -8.0);
        let text =
            if dot.recorded { dot.name.to_string() } else { format!("d{} · {}", dot.name, montage(&dot.name).map_or("", |it| it.place)) };
        let ink = if dot.recorded { colours.text } else { colours.synthesised };
        label(painter, at, &text, ink, colours.card);
    }
}

fn label(painter: &eframe::egui::Painter, at: eframe::egui::Pos2, text: &str, ink: Color32, ground: Color32) {
    let galley = painter.layout_no_wrap(text.to_owned(), strong(11.0), ink);
    let bounds = painter.clip_rect();
    let at = pos2(at.x.min(bounds.right() - galley.size().x - 4.0), at.y - 0.5 * galley.size().y);
    painter.rect_filled(Rect::from_min_size(at, galley.size()).expand2(vec2(3.0, 1.0)), 3.0, ground.gamma_multiply(0.78));
    painter.galley(at, galley, ink);
}

/// Where calibration puts the recorded electrodes: a ring, joined to the nominal place; amber where it is farther off than electrodes scatter.
fn seats(painter: &eframe::egui::Painter, cx: &Cx<'_>, rect: Rect) {
    let Calibrating::Ready(learned) = &cx.session.calibrating else { return };
    let body = Body::shipped();
    for seat in learned.electrodes.iter().filter(|it| faces(cx.view.camera, it.view) && it.view != it.nominal) {
        let on_screen = |view| cx.view.camera.screen_from_body(rect, body.skin_at(view)).0;
        let (from, to) = (on_screen(seat.nominal), on_screen(seat.view));
        let ink = if seat.alarm { cx.look.colours.warning } else { cx.look.colours.notice };
        painter.line_segment([from, to], Stroke::new(1.2, ink));
        painter.circle_stroke(to, 4.5, Stroke::new(1.5, ink));
        if seat.alarm {
            label(painter, to + vec2(8.0, 8.0), &format!("{}?", seat.lead), ink, cx.look.colours.card);
        }
    }
}

/// The point itself: a diamond that can be grabbed, with its name.
fn handle(painter: &eframe::egui::Painter, cx: &Cx<'_>, rect: Rect) {
    let target = cx.session.document.point_target();
    let Some(point_mm) = skin_of(&target) else { return };
    let colours = &cx.look.colours;
    let (at, _) = cx.view.camera.screen_from_body(rect, point_mm);
    let facing = faces(cx.view.camera, cx.session.document.point);
    let ink = if facing { colours.synthesised } else { colours.synthesised.gamma_multiply(0.45) };
    let corner = |x: f32, y: f32| at + vec2(x, y);
    let diamond = vec![corner(0.0, -8.0), corner(8.0, 0.0), corner(0.0, 8.0), corner(-8.0, 0.0)];
    painter.add(eframe::egui::Shape::convex_polygon(diamond, ink, Stroke::new(2.0, colours.card)));
    label(painter, at + vec2(13.0, 0.0), &point_label(cx), ink, colours.card);
}

/// `dV2@3ICS`, or the direction.
fn point_label(cx: &Cx<'_>) -> String {
    cx.session.document.preset.as_ref().map_or_else(|| format!("d {}", cx.session.document.point), |it| format!("d{it}"))
}

fn faces(camera: Camera, view: ViewAngle) -> bool {
    0.0 < camera.axes()[2].iter().zip(view.unit()).map(|(a, b)| a * b).sum::<f64>()
}

/// Where the point is, in a clinician's words.
pub fn place_words(cx: &Cx<'_>) -> String {
    let document = &cx.session.document;
    match document.preset.as_ref().and_then(montage) {
        Some(montage) => montage.place.to_owned(),
        None => Place::of(Body::shipped().skin_at(document.point)).to_string(),
    }
}

fn words(painter: &eframe::egui::Painter, cx: &Cx<'_>, rect: Rect) {
    let colours = &cx.look.colours;
    let at = rect.left_bottom() + vec2(10.0, -8.0);
    let covered = is_covered(cx.session.document.point);
    if !covered {
        let text = cx.t("⚠ No published measurement reaches this place");
        painter.text(at - vec2(0.0, 20.0), Align2::LEFT_BOTTOM, text, FontId::proportional(12.0), colours.warning);
    }
    painter.text(at, Align2::LEFT_BOTTOM, place_words(cx), strong(14.0), colours.text);
    if cx.session.settings.hints_done == 0 {
        let hint = cx.t("Drag the violet diamond over the skin");
        painter.text(rect.left_top() + vec2(10.0, 8.0), Align2::LEFT_TOP, hint, FontId::proportional(12.0), colours.notice);
    }
    let legend = [
        ("●", cx.t("recorded"), colours.text),
        ("◆", cx.t("synthesised"), colours.synthesised),
        ("●", cx.t("in the file, kept out to compare"), colours.notice),
        ("○", cx.t("where calibration puts them"), colours.notice),
        ("■", cx.t("grey: never measured"), colours.muted),
    ];
    let mut at = rect.right_top() + vec2(-10.0, 8.0);
    let has_truth = !cx.session.truth_leads().is_empty();
    for (sign, text, ink) in legend.into_iter().filter(|it| has_truth || it.0 != "●" || it.2 != colours.notice) {
        let galley = painter.layout_no_wrap(format!("{sign} {text}"), FontId::proportional(11.0), ink);
        let size = galley.size();
        painter.galley(at - vec2(size.x, 0.0), galley, ink);
        at.y += size.y + 2.0;
    }
}

fn scale_bar(painter: &eframe::egui::Painter, cx: &Cx<'_>, rect: Rect, range_mv: f32) {
    let bar = Rect::from_min_size(rect.right_bottom() - vec2(34.0, 150.0), vec2(12.0, 120.0));
    for k in 0..60 {
        let share = k as f32 / 59.0;
        let y = bar.bottom() - share * bar.height();
        painter.rect_filled(
            Rect::from_min_max(pos2(bar.left(), y - 2.1), pos2(bar.right(), y)),
            0.0,
            colour32(vik(f64::from(2.0 * share - 1.0))),
        );
    }
    let ink = cx.look.colours.text;
    for (share, text) in [(0.0, format!("−{range_mv}")), (0.5, "0".into()), (1.0, format!("+{range_mv} mV"))] {
        let at = pos2(bar.left() - 4.0, bar.bottom() - share * bar.height());
        painter.text(at, Align2::RIGHT_CENTER, text, FontId::proportional(11.0), ink);
    }
    painter.text(
        bar.center_bottom() + vec2(10.0, 6.0),
        Align2::RIGHT_TOP,
        cx.t("isolines 0.1 mV"),
        FontId::proportional(11.0),
        cx.look.colours.muted,
    );
}

fn interact(ui: &Ui, cx: &mut Cx<'_>, response: &Response, rect: Rect, hovered: Option<LeadName>) {
    let camera = cx.view.camera;
    if response.clicked() || response.drag_started() {
        response.request_focus();
    }
    if response.has_focus() {
        let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|it| it.set_focus_lock_filter(response.id, filter));
    }
    if response.hovered() {
        let (pinch, scroll) = ui.input(|it| (it.zoom_delta(), it.smooth_scroll_delta().y));
        let factor = f64::from(pinch) * f64::from(0.004 * scroll).exp();
        if factor != 1.0 {
            cx.view.camera = camera.zoomed(factor);
        }
    }
    let handle_at = skin_of(&cx.session.document.point_target()).map(|it| camera.screen_from_body(rect, it).0);
    let dragging = ui.scope_id().with("point drag");
    if response.drag_started_by(PointerButton::Primary) {
        let origin = ui.input(|it| it.pointer.press_origin());
        let on_handle = origin.zip(handle_at).is_some_and(|(a, b)| a.distance(b) < 24.0) && faces(camera, cx.session.document.point);
        ui.data_mut(|it| it.insert_temp(dragging, on_handle));
    }
    let is_point = ui.data(|it| it.get_temp::<bool>(dragging)).unwrap_or(false);
    if response.dragged() {
        if is_point && response.dragged_by(PointerButton::Primary) {
            ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
            if let Some(view) = response.interact_pointer_pos().and_then(|at| picked(camera, rect, at)) {
                cx.push(Action::MovePoint(view));
            }
        } else {
            cx.view.camera = camera.turned(response.drag_delta());
            ui.ctx().set_cursor_icon(CursorIcon::AllScroll);
        }
    }
    if response.drag_stopped() && is_point {
        ui.data_mut(|it| it.insert_temp(dragging, false));
        cx.push(Action::Settle);
    }
    if response.clicked() {
        if let Some(name) = hovered {
            cx.push(Action::UsePreset(name));
        } else if let Some(view) = response.interact_pointer_pos().and_then(|at| picked(camera, rect, at)) {
            cx.push(Action::MovePoint(view));
            cx.push(Action::Settle);
        }
    } else if hovered.is_some() {
        ui.ctx().set_cursor_icon(CursorIcon::PointingHand);
    }
}

/// Direction of the skin under the pointer.
fn picked(camera: Camera, rect: Rect, at: eframe::egui::Pos2) -> Option<ViewAngle> {
    let (origin, direction) = camera.ray(rect, at);
    Body::view_of(Body::shipped().pick(origin, direction)?)
}

fn angles(ui: &mut Ui, cx: &mut Cx<'_>) {
    ui.horizontal(|ui| {
        let (theta, phi) = cx.session.document.point.degrees();
        let mut typed = [theta, phi];
        for (value, name, range, hint) in [
            (0, "θ", 0.0..=180.0, "Angle from the head: 0° superior, 90° level with the heart, 180° inferior"),
            (1, "φ", -180.0..=180.0, "Angle around the body: 0° front, +90° patient's left, −90° right, ±180° back"),
        ] {
            let tag = ui.label(name);
            let field = DragValue::new(&mut typed[value]).range(range).speed(0.5).suffix("°").fixed_decimals(0);
            let response = ui.add(field).labelled_by(tag.id).on_hover_text(cx.t(hint));
            if response.changed()
                && let Some(view) = ViewAngle::from_degrees(typed[0], typed[1])
            {
                cx.push(Action::MovePoint(view));
            }
            if response.drag_stopped() || response.lost_focus() {
                cx.push(Action::Settle);
            }
        }
        ui.label(muted(cx.t("arrows 1°, with shift 10°"), &cx.look.colours).small());
        let target = cx.session.document.point_target();
        let kept = cx.session.document.virtual_leads.iter().any(|it| it.target == target);
        let keep = ui.add_enabled(!kept, eframe::egui::Button::new(strong_text(cx.t("+ Keep lead"))));
        if keep.on_hover_text(cx.t("Keep this lead in the list below the paper (K)")).clicked() {
            cx.push(Action::AddVirtual(target));
        }
    });
}

fn presets(ui: &mut Ui, cx: &mut Cx<'_>) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for (group, name, hint) in GROUPS {
            ui.menu_button(cx.t(name), |ui| preset_list(ui, cx, group)).response.on_hover_text(cx.t(hint));
        }
        ui.menu_button(cx.t("Search…"), |ui| search(ui, cx)).response.on_hover_text(cx.t("Search all leads"));
    });
}

fn preset_list(ui: &mut Ui, cx: &mut Cx<'_>, group: &str) {
    for lead in catalogue().iter().filter(|it| it.group == group) {
        preset_row(ui, cx, lead);
    }
}

fn preset_row(ui: &mut Ui, cx: &mut Cx<'_>, lead: &Montage) {
    let is_at = cx.session.document.preset.as_ref() == Some(&lead.name);
    ui.horizontal(|ui| {
        if ui.selectable_label(is_at, format!("d{}", lead.name)).clicked() {
            cx.push(Action::UsePreset(lead.name.clone()));
            ui.close();
        }
        ui.label(muted(lead.place, &cx.look.colours));
    });
}

/// All leads whose name, group or place holds what was typed.
pub fn search(ui: &mut Ui, cx: &mut Cx<'_>) {
    ui.set_min_width(360.0);
    let hint = cx.t("Search leads: name, group or place");
    let field = ui.add(eframe::egui::TextEdit::singleline(&mut cx.view.preset_query).hint_text(hint).desired_width(f32::INFINITY));
    field.widget_info(|| eframe::egui::WidgetInfo::labeled(eframe::egui::Role::TextInput, true, hint));
    if !field.has_focus() && cx.view.preset_query.is_empty() {
        field.request_focus();
    }
    let query = cx.view.preset_query.to_lowercase();
    let fits = |it: &&Montage| [it.name.to_string().as_str(), it.group, it.place].iter().any(|text| text.to_lowercase().contains(&query));
    eframe::egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
        for lead in catalogue().iter().filter(fits) {
            preset_row(ui, cx, lead);
        }
    });
}
