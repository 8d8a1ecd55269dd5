//! Small things that several panels use.

mod magnifier;
mod mesh_cache;
mod one_row;
mod page_painter;

pub use magnifier::magnified;
pub use mesh_cache::trace_points;
pub use one_row::{Part, fill_row, one_row};
pub use page_painter::{Drawing, DrawingCache, Scale, grounded, screen};

use eframe::egui::{Response, RichText, Role, WidgetInfo};

use super::theme::{Colours, strong_family};

/// Words of weight.
pub fn strong_text(text: impl Into<String>) -> RichText {
    RichText::new(text).family(strong_family())
}

/// Words of less weight.
pub fn muted(text: impl Into<String>, colours: &Colours) -> RichText {
    RichText::new(text).color(colours.muted)
}

/// Says to screen readers (and tests) what a painted area is.
pub fn name_area(response: &Response, name: impl Into<String>) {
    let name = name.into();
    response.widget_info(move || WidgetInfo::labeled(Role::Canvas, true, name.clone()));
}
