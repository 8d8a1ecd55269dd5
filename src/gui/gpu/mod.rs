//! What the window draws with its own pipelines.

mod pipelines;
mod scene;
mod torso;

pub use scene::{Marker, SkinVertex, scene, skin_vertices};
pub use torso::{TorsoPicture, TorsoRenderer};
