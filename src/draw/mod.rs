//! What to draw, as numbers, for screen and file alike. Lengths on paper are millimetres, y grows
//! downwards. No colour of the window's widgets, no pixels, no files.

mod chart;
mod ecg_page;
pub mod font;
mod label;
mod layout;
mod normals;
mod page;
mod palette;
mod torso_page;
mod traces;
mod vik;

pub use chart::{Cell, Chart, Frame};
pub use ecg_page::{PageContent, ecg_page};
pub use layout::Slot;
pub use normals::vertex_normals;
pub use page::{Anchor, Colour, Item, Mark, Page, Role, Stroke, Text, Weight};
pub use palette::Palette;
pub use torso_page::{TorsoContent, torso_page};
pub use vik::{symmetric_range, vik, vik_at};
