//! A bar that stays one row high: what does not fit goes into a menu at its end.

use eframe::egui::{Id, Ui, UiBuilder};

use super::super::panel_context::PanelContext;
use crate::words::Label;

/// A part of a bar.
pub type Part = fn(&mut Ui, &mut PanelContext<'_>);

/// Shows `parts` from the left, as many as fit.
pub fn one_row(ui: &mut Ui, cx: &mut PanelContext<'_>, name: &str, parts: &[Part]) {
    ui.horizontal(|ui| {
        let room = ui.available_width();
        fill_row(ui, cx, (name, room), parts);
    });
}

/// Shows `parts` in the direction of the row at hand, as many as fit into `room`; the others are in
/// the menu, in the same order.
pub fn fill_row(ui: &mut Ui, cx: &mut PanelContext<'_>, (name, room): (&str, f32), parts: &[Part]) {
    let id = Id::unique((
        name,
        cx.tr(Label::More),
        cx.session.settings.touch,
        ui.ctx().pixels_per_point().to_bits(),
    ));
    let known: Option<Vec<f32>> = ui.data(|data| data.get_temp(id));
    let mut widths = known.unwrap_or_else(|| measured(ui, cx, parts));
    let gap = ui.spacing().item_spacing.x;
    let menu = 2.0 * ui.spacing().interact_size.x + gap;
    let n = fitting(&widths, gap, room, menu);
    for (part, width) in parts.iter().zip(&mut widths).take(n) {
        *width = ui.scope(|ui| part(ui, cx)).response.rect.width();
    }
    if n < parts.len() {
        let more = ui.menu_button("…", |ui| {
            parts[n..].iter().for_each(|part| part(ui, cx));
        });
        more.response.on_hover_text(cx.tr(Label::More));
    }
    ui.data_mut(|data| data.insert_temp(id, widths));
}

/// How wide each part is, before it was ever seen.
fn measured(ui: &mut Ui, cx: &mut PanelContext<'_>, parts: &[Part]) -> Vec<f32> {
    let mut unseen = ui.new_child(UiBuilder::new().sizing_pass().invisible());
    let width = |part: &Part| unseen.scope(|ui| part(ui, cx)).response.rect.width();
    parts.iter().map(width).collect()
}

/// How many parts fit into `room`, with the menu's own width where it is needed. Parts that show
/// nothing take nothing.
fn fitting(widths: &[f32], gap: f32, room: f32, menu: f32) -> usize {
    let ends = widths.iter().scan(0.0, |end, width| {
        *end += width + gap;
        Some(*end - gap)
    });
    let ends: Vec<f32> = ends.collect();
    if ends.last().is_none_or(|end| *end <= room) {
        return widths.len();
    }
    ends.iter().take_while(|end| **end + menu <= room).count()
}

#[cfg(test)]
mod tests {
    use super::fitting;

    #[test]
    fn what_does_not_fit_makes_room_for_the_menu() {
        let widths = [100.0, 100.0, 100.0];
        assert_eq!(fitting(&widths, 8.0, 316.0, 60.0), 3, "to the point");
        assert_eq!(fitting(&widths, 8.0, 315.0, 60.0), 2);
        assert_eq!(
            fitting(&widths, 8.0, 267.0, 60.0),
            1,
            "the menu needs its own"
        );
        assert_eq!(fitting(&widths, 8.0, 50.0, 60.0), 0);
        assert_eq!(fitting(&[], 8.0, 0.0, 60.0), 0);
    }
}
