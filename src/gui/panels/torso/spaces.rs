//! The numbers of the intercostal spaces on the front of the torso.

use std::sync::LazyLock;

use eframe::egui::{Align2, Painter, Rect};

use super::{
    super::super::{panel_context::PanelContext, theme::strong, torso_model::TorsoModel},
    dots::faces,
};
use crate::ecg::ViewAngle;

/// The 4th space at the sternum and from space to space, mm: as the electrodes of V1 and V2 stand.
const FOURTH_Z_MM: f64 = 478.0;
const PITCH_MM: f64 = 30.0;
/// Between the right midclavicular line and the arm, where no lead has its place, mm.
const SIDE_MM: f64 = -118.0;

/// Number, direction from the heart, and place on the skin.
static SPACES: LazyLock<Vec<(usize, ViewAngle, [f64; 3])>> = LazyLock::new(|| {
    let on_skin = |number: usize| {
        let z_mm = FOURTH_Z_MM + PITCH_MM * (4.0 - number as f64);
        let before = [600.0, SIDE_MM, z_mm];
        let place = TorsoModel::shipped().pick(before, [-1.0, 0.0, 0.0])?;
        Some((number, TorsoModel::view_of(place)?, place))
    };
    (2..=5).filter_map(on_skin).collect()
});

/// Writes them where they face the reader.
pub(super) fn draw(painter: &Painter, cx: &PanelContext<'_>, rect: Rect) {
    let camera = cx.view.camera;
    for (number, _, place) in SPACES.iter().filter(|space| faces(camera, space.1)) {
        let (at, _) = camera.screen_from_body(rect, *place);
        let ink = cx.look.colours.text.gamma_multiply(0.6);
        painter.text(
            at,
            Align2::CENTER_CENTER,
            number.to_string(),
            strong(11.0),
            ink,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::site;

    #[test]
    fn the_numbers_stand_at_the_height_of_the_electrodes_of_their_space() {
        let heights: Vec<(usize, f64)> = SPACES.iter().map(|it| (it.0, it.2[2])).collect();
        for (number, name) in [(4, "V1"), (3, "V1@3ICS"), (2, "V1@2ICS")] {
            let (_, z_mm) = heights.iter().find(|it| it.0 == number).unwrap();
            let electrode = site(name).unwrap().position_mm[2];
            assert!((z_mm - electrode).abs() < 6.0, "{name}: {z_mm} {electrode}");
        }
    }
}
