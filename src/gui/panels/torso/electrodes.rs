//! Recorded electrodes that are moved by hand: with shift to where one sat, and while electrodes are
//! misplaced on purpose to where one is worn wrongly.

use eframe::egui::{CursorIcon, Painter, PointerButton, Pos2, Rect, Response, Stroke, Ui};

use super::{
    super::super::{camera::Camera, panel_context::PanelContext, torso_model::TorsoModel},
    dots::{faces, nearest_place},
};
use crate::{
    ecg::{LeadName, Misplacement, PlacementError, ViewAngle, WILSON, site},
    session::{Command, Edit, OtherExam},
    words::Label,
};

/// A drag takes a recorded electrode to where it sat, with shift; where misplaced electrodes are
/// looked at, it takes a chest electrode to the nearest place of another lead.
pub(super) fn drag(
    ui: &Ui,
    cx: &mut PanelContext<'_>,
    response: &Response,
    rect: Rect,
    seat: Option<LeadName>,
) {
    let misplaces = misplaced(cx).is_some();
    let is_meant = ui.input(|it| it.modifiers.shift)
        || misplaces && seat.as_ref().is_some_and(LeadName::is_chest);
    if response.drag_started_by(PointerButton::Primary) && is_meant {
        cx.view.electrode = seat;
    }
    let Some(name) = cx.view.electrode.clone() else {
        return;
    };
    ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
    let pointer = response.interact_pointer_pos();
    let place = pointer.and_then(|at| picked(cx.view.camera, rect, at));
    match place.filter(|_| response.dragged()) {
        Some(view) if misplaces && name.is_chest() => wear(cx, name, view),
        Some(view) => cx.push(Edit::MoveElectrode(name, view)),
        None => {}
    }
    if response.drag_stopped() || !response.dragged() {
        cx.view.electrode = None;
        cx.push(Command::EndGesture);
    }
}

/// What is wrong on purpose.
fn misplaced(cx: &PanelContext<'_>) -> Option<PlacementError> {
    let other = cx.session.other.as_ref();
    let misplaced = other.and_then(OtherExam::misplacement)?;
    Some(misplaced.error.clone())
}

/// The electrode is worn at the place that is nearest; at its own nothing would be wrong.
fn wear(cx: &mut PanelContext<'_>, electrode: LeadName, view: ViewAngle) {
    let worn_at = nearest_place(view).filter(|it| *it != electrode);
    if let Some(worn_at) = worn_at {
        cx.push(Command::Misplace(PlacementError::Moved {
            electrode,
            worn_at,
        }));
    }
}

/// Where electrodes are worn that are misplaced on purpose: a ring, joined to the right place.
/// Gives what is to be written there.
pub(super) fn worn(painter: &Painter, cx: &PanelContext<'_>, rect: Rect) -> Vec<(Pos2, String)> {
    let wrong = misplaced(cx).map(|it| it.electrodes()).unwrap_or_default();
    let ink = cx.look.colours.notice;
    let mark = |it: &Misplacement| {
        let (own, worn) = (site(&it.electrode)?.view, site(it.worn_at.as_ref()?)?.view);
        let on_screen = |view| {
            let skin_mm = TorsoModel::shipped().skin_at(view);
            cx.view.camera.screen_from_body(rect, skin_mm).0
        };
        let (from, to) = (on_screen(own), on_screen(worn));
        let is_limb = WILSON.contains(&it.electrode.as_str());
        if !is_limb && !faces(cx.view.camera, worn) {
            return None;
        }
        painter.line_segment([from, to], Stroke::new(1.2, ink));
        painter.circle_stroke(to, 5.5, Stroke::new(1.5, ink));
        Some((to, cx.translator.fill(Label::WornHere, &[&it.electrode])))
    };
    wrong.iter().filter_map(mark).collect()
}

/// Direction of the skin under the pointer.
pub(super) fn picked(camera: Camera, rect: Rect, at: Pos2) -> Option<ViewAngle> {
    let (origin, direction) = camera.ray(rect, at);
    TorsoModel::view_of(TorsoModel::shipped().pick(origin, direction)?)
}
