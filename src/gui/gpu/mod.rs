//! What the window draws with its own pipelines.

mod torso;

pub use torso::{Marker, SkinVertex, TorsoPicture, TorsoRenderer, scene, skin_vertices};
