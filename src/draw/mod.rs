//! What to draw, as numbers, for screen and file alike. Lengths on paper are millimetres, y grows
//! downwards. No colour of the window's widgets, no pixels, no files.

mod beats;
mod cell;
mod chart;
mod chart_items;
mod chart_plan;
mod chart_rows;
mod ecg_page;
mod findings_page;
pub mod font;
mod footer;
mod header;
mod label;
mod layout;
mod medium;
mod normals;
mod page;
mod page_content;
mod palette;
#[cfg(test)]
mod promises;
mod rows;
mod sheet;
mod torso_page;
mod traces;
mod vik;

pub use beats::{BeatCurve, BeatPanel, BeatRow, BeatScale, BeatsContent, beat_items};
pub use cell::{Cell, Frame};
pub use chart::Chart;
pub use chart_items::{ChartContent, chart_items};
pub use chart_plan::{ChartPlan, Others, Terms};
pub use ecg_page::{all_pages, ecg_pages};
pub use findings_page::findings_pages;
pub use medium::Medium;
pub use normals::vertex_normals;
pub use page::{Anchor, Colour, Item, Mark, Page, Role, Stroke, Text, Weight};
pub use page_content::{PageContent, Remark, Section};
pub use palette::Palette;
pub use torso_page::{TorsoContent, torso_page};
pub use traces::thinned;
pub use vik::{vik, vik_at};
