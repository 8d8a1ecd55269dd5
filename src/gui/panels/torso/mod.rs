//! The torso: electrodes, the point on the skin, body map; and in its place the vector loops and
//! the panorama.

mod controls;
mod dots;
mod electrodes;
mod map;
mod names;
mod spaces;

use eframe::egui::{
    Color32, CursorIcon, EventFilter, FontId, Frame, Painter, Panel, PointerButton, Rect, Response,
    Rgba, Sense, Ui, Vec2, pos2, vec2,
};

use super::super::{
    camera::Camera,
    gpu::{TorsoPicture, scene},
    panel_context::PanelContext,
    theme::strong,
    torso_colouring::TorsoColouring,
    torso_model::TorsoModel,
    view::{Pane, Teaching},
    widgets::name_area,
};
use crate::{
    ecg::{LeadName, Place, ViewAngle, montage},
    reliability::is_covered,
    session::{Command, Edit},
    words::Label,
};
use dots::{faces, skin_of};
use electrodes::picked;

/// Far from every skin.
const NOWHERE_MM: [f64; 3] = [0.0, 0.0, -1e5];

/// Makes what the torso is drawn from: surfaces, coverage, places of the leads. Once; worth doing
/// before the first frame asks for it.
pub fn prepare() {
    drop(TorsoColouring::plain());
    dots::prepare();
}

/// The right-hand pane.
pub fn show(ui: &mut Ui, cx: &mut PanelContext<'_>, skin: &mut TorsoColouring) {
    let pane_height = ui.available_height();
    controls::tabs(ui, cx);
    controls::first_steps(ui, cx, pane_height);
    match cx.view.pane {
        Pane::Heart if cx.session.heart().is_some() => super::lab::picture(ui, cx),
        Pane::Torso | Pane::Heart | Pane::Map | Pane::Panorama => {
            let below = Panel::bottom("torso controls")
                .frame(Frame::new())
                .resizable(false)
                .show_separator_line(false);
            below.show(ui, |ui| {
                controls::angles(ui, cx);
                controls::presets(ui, cx);
            });
            let size = ui.available_size().max(vec2(80.0, 80.0));
            canvas(ui, cx, skin, size);
        }
        Pane::Loops => super::loops::show(ui, cx),
        Pane::Measurements => super::measurements::show(ui, cx),
    }
}

/// Height of what stands around the torso in a pane as high as `ui`.
pub fn controls_height(ui: &Ui, cx: &PanelContext<'_>) -> f32 {
    controls::height(ui, cx)
}

/// The body map alone.
pub fn map(ui: &mut Ui, cx: &mut PanelContext<'_>, skin: &mut TorsoColouring) {
    let size = ui.available_size().max(vec2(80.0, 80.0));
    canvas(ui, cx, skin, size);
}

fn canvas(ui: &mut Ui, cx: &mut PanelContext<'_>, skin: &mut TorsoColouring, size: Vec2) {
    let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    name_area(&response, cx.tr(Label::Torso));
    cx.view.torso_id = Some(response.id);
    if !ui.is_rect_visible(rect) {
        return;
    }
    let painter = ui.painter_at(rect);
    let body = TorsoModel::shipped();
    let camera = cx.view.camera;
    let point = cx.session.document.point;
    // The light round the point would tell where it is.
    let point_mm = if cx.view.is_hidden() {
        Some(NOWHERE_MM)
    } else {
        skin_of(&cx.session.document.point_target())
    };
    let dots = dots::dots(cx);
    let map = map::shown(cx);
    let (vertices, revision) = match map {
        Some(map) => skin.coloured(map, map::sample(cx)),
        None => TorsoColouring::plain(),
    };
    let colours = &cx.look.colours;
    let picture = TorsoPicture {
        scene: scene(
            camera,
            rect,
            colours,
            point_mm.unwrap_or_else(|| body.skin_at(point)),
            map.is_some(),
        ),
        skin: vertices,
        skin_revision: revision,
        markers: dots.iter().map(|it| it.ball).collect(),
        heart: Rgba::from_rgb(0.72, 0.26, 0.27),
    };
    if !cx.view.torso_waits {
        painter.add(picture.into_shape(rect));
    }
    let hot = response.hover_pos();
    let near = |it: &&dots::Dot| {
        it.visible
            && hot
                .is_some_and(|hot| hot.distance(camera.screen_from_body(rect, it.body_mm).0) < 11.0)
    };
    let hovered = dots.iter().find(near).map(|it| it.name.clone());
    let seat = dots.iter().find(|it| it.named && near(it));
    let seat = seat.map(|it| it.name.clone());
    let mut occupied = vec![words(&painter, cx, rect)];
    if map.is_some() {
        occupied.extend(map::describe(&painter, cx, rect, skin));
    } else if cx.view.pane == Pane::Map {
        map::ask(&painter, cx, rect);
    } else {
        occupied.push(legend(&painter, cx, rect));
    }
    spaces::draw(&painter, cx, rect);
    let worn = electrodes::worn(&painter, cx, rect);
    let texts = (&occupied[..], worn);
    dots::draw(&painter, cx, rect, &dots, hovered.as_ref(), texts);
    electrodes::drag(ui, cx, &response, rect, seat);
    if cx.view.electrode.is_none() {
        interact(ui, cx, &response, rect, hovered);
    }
    sides(ui, cx, rect);
}

/// Front, left, back, right, and into a window of its own, at the upper left.
fn sides(ui: &mut Ui, cx: &mut PanelContext<'_>, rect: Rect) {
    let bar = Rect::from_min_max(
        rect.min + vec2(0.0, 6.0),
        pos2(rect.left() + 76.0, rect.top() + 170.0),
    );
    let mut inner = ui.new_child(eframe::egui::UiBuilder::new().max_rect(bar));
    inner.spacing_mut().item_spacing.y = 4.0;
    for (camera, name, key) in [
        (Camera::FRONT, Label::Front, "1"),
        (Camera::LEFT, Label::Left, "2"),
        (Camera::BACK, Label::Back, "3"),
        (Camera::RIGHT, Label::Right, "4"),
    ] {
        let is_on = (cx.view.camera.azimuth - camera.azimuth).abs() < 1e-6
            && cx.view.camera.elevation == 0.0;
        let button = eframe::egui::Button::new(cx.tr(name))
            .small()
            .selected(is_on);
        if inner
            .add(button)
            .on_hover_text(format!("{} ({key})", cx.tr(name)))
            .clicked()
        {
            cx.view.camera = Camera {
                zoom: cx.view.camera.zoom,
                ..camera
            };
        }
    }
    controls::own_window(&mut inner, cx);
}

/// Where the point is, in a clinician's words.
pub fn place_words(cx: &PanelContext<'_>) -> String {
    let document = &cx.session.document;
    if cx.view.is_hidden() {
        return Teaching::HIDDEN.to_owned();
    }
    match document.preset.as_ref().and_then(montage) {
        Some(montage) => cx.translator.lead_place(montage).to_owned(),
        None => cx
            .translator
            .place(Place::of(TorsoModel::shipped().skin_at(document.point))),
    }
}

/// The place in words, at the lower left. Gives where they stand.
fn words(painter: &Painter, cx: &PanelContext<'_>, rect: Rect) -> Rect {
    let colours = &cx.look.colours;
    let write = |bottom: f32, text: String, font: FontId, ink: Color32| {
        let galley = painter.layout(text, font, ink, rect.width() - 150.0);
        let at = pos2(rect.left(), bottom - galley.size().y);
        let place = Rect::from_min_size(at, galley.size());
        let ground = colours.chrome.gamma_multiply(0.8);
        painter.rect_filled(place.expand2(vec2(3.0, 1.0)), 3.0, ground);
        painter.galley(place.min, galley, ink);
        place
    };
    let place = write(
        rect.bottom() - 4.0,
        place_words(cx),
        strong(14.0),
        colours.text,
    );
    if is_covered(cx.session.document.point) || cx.view.is_hidden() {
        return place;
    }
    let caution = cx.tr(Label::NoMeasurementHere).to_owned();
    let font = FontId::proportional(12.0);
    place.union(write(place.top() - 3.0, caution, font, colours.warning))
}

/// What the signs mean, at the lower right, where the body leaves room.
fn legend(painter: &Painter, cx: &PanelContext<'_>, rect: Rect) -> Rect {
    let colours = &cx.look.colours;
    if rect.width() < 360.0 || rect.height() < 200.0 {
        return Rect::from_min_max(rect.right_bottom(), rect.right_bottom()); // The body needs the room.
    }
    let has_truth = !cx.session.truth_leads().is_empty();
    let has_seats = cx
        .session
        .calibrating
        .summary()
        .is_some_and(|it| !it.electrodes.is_empty());
    let all = [
        ("●", Label::Recorded, colours.text, true),
        ("◆", Label::Synthesised, colours.synthesised, true),
        ("●", Label::KeptOut, colours.notice, has_truth),
        ("○", Label::PlaceByCalibration, colours.notice, has_seats),
        ("■", Label::GreyNeverMeasured, colours.muted, true),
        ("2–5", Label::SpacesLegend, colours.muted, true),
    ];
    let mut bottom = rect.bottom() - 4.0;
    let mut bounds = Rect::from_min_max(rect.right_bottom(), rect.right_bottom());
    for (sign, text, ink, _) in all.into_iter().rev().filter(|it| it.3) {
        let galley = painter.layout_no_wrap(
            format!("{} {sign}", cx.tr(text)),
            FontId::proportional(11.0),
            ink,
        );
        let line = Rect::from_min_size(
            pos2(rect.right() - galley.size().x, bottom - galley.size().y),
            galley.size(),
        );
        painter.rect_filled(
            line.expand2(vec2(3.0, 1.0)),
            2.0,
            colours.chrome.gamma_multiply(0.7),
        );
        painter.galley(line.min, galley, ink);
        bounds = bounds.union(line);
        bottom = line.top() - 2.0;
    }
    bounds
}

/// A torso that was clicked gets the arrow keys.
fn take_arrows(ui: &Ui, response: &Response) {
    if response.clicked() || response.drag_started() {
        response.request_focus();
    }
    if response.has_focus() {
        let filter = EventFilter {
            horizontal_arrows: true,
            vertical_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|it| it.set_focus_lock_filter(response.id, filter));
    }
}

fn zoom(ui: &Ui, cx: &mut PanelContext<'_>, response: &Response) {
    if response.hovered() {
        let (pinch, scroll) = ui.input(|it| (it.zoom_delta(), it.smooth_scroll_delta().y));
        let factor = f64::from(pinch) * f64::from(0.004 * scroll).exp();
        if factor != 1.0 {
            cx.view.camera = cx.view.camera.zoomed(factor);
        }
    }
}

/// Turns the body, or drags the point on its skin.
fn interact(
    ui: &Ui,
    cx: &mut PanelContext<'_>,
    response: &Response,
    rect: Rect,
    hovered: Option<LeadName>,
) {
    let camera = cx.view.camera;
    take_arrows(ui, response);
    zoom(ui, cx, response);
    let handle_at =
        skin_of(&cx.session.document.point_target()).map(|it| camera.screen_from_body(rect, it).0);
    let dragging = ui.scope_id().with("point drag");
    if response.drag_started_by(PointerButton::Primary) {
        let origin = ui.input(|it| it.pointer.press_origin());
        let on_handle = origin
            .zip(handle_at)
            .is_some_and(|(a, b)| a.distance(b) < 24.0)
            && faces(camera, cx.session.document.point);
        ui.data_mut(|it| it.insert_temp(dragging, on_handle));
    }
    let is_point = ui.data(|it| it.get_temp::<bool>(dragging)).unwrap_or(false);
    if response.dragged() {
        if is_point && response.dragged_by(PointerButton::Primary) {
            ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
            if let Some(view) = response
                .interact_pointer_pos()
                .and_then(|at| picked(camera, rect, at))
            {
                cx.push(Edit::MovePoint(view));
            }
        } else {
            cx.view.camera = camera.turned(response.drag_delta());
            ui.ctx().set_cursor_icon(CursorIcon::AllScroll);
        }
    }
    if response.drag_stopped() && is_point {
        ui.data_mut(|it| it.insert_temp(dragging, false));
        cx.push(Command::EndGesture);
    }
    if response.clicked() {
        let at = response.interact_pointer_pos();
        click(cx, at.and_then(|at| picked(camera, rect, at)), hovered);
    } else if hovered.is_some() {
        ui.ctx().set_cursor_icon(CursorIcon::PointingHand);
    }
}

/// A click answers a quiz, takes a lead that has a name, or puts the point there.
fn click(cx: &mut PanelContext<'_>, at: Option<ViewAngle>, hovered: Option<LeadName>) {
    if cx.session.is_asked_for_place() {
        cx.view.guess = at;
        return;
    }
    if let Some(name) = hovered {
        cx.push(Edit::UsePreset(name));
    } else if let Some(view) = at {
        cx.push(Edit::MovePoint(view));
        cx.push(Command::EndGesture);
    }
}
