//! What to draw, as numbers, for screen and file alike. Lengths on paper are millimetres, y grows
//! downwards. No colour of the window's widgets, no pixels, no files.

mod chart;
mod ecg_page;
mod envelope;
pub mod font;
mod label;
mod layout;
mod loops;
mod page;
mod palette;
mod scene;
mod ticks;
mod torso_page;
mod traces;
mod vik;

pub use chart::{Cell, Chart, Frame};
pub use ecg_page::{PageContent, ecg_page};
pub use envelope::{envelope, envelope_between};
pub use layout::Slot;
pub use loops::{Plane, vcg_loop};
pub use page::{Anchor, Colour, Item, Mark, Page, Role, Stroke, Text, Weight};
pub use palette::Palette;
pub use scene::{isolines, vertex_normals};
pub use ticks::nice_ticks;
pub use torso_page::{TorsoContent, torso_page};
pub use vik::{symmetric_range, vik, vik_at};
