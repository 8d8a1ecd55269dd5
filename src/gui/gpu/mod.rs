//! What the window draws with its own pipelines.

mod geometry;
mod paper;
mod pipelines;
mod scene;
mod torso;

pub use paper::Paper;
pub use pipelines::EguiFormat;
pub use scene::{Marker, SkinVertex, scene, skin_vertices};
pub use torso::TorsoPicture;
