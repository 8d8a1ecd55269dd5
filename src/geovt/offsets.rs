//! Angular offsets (dθ, dφ) per recorded lead: electrodes are never exactly where the table says.
//!
//! The paper lets them run to ±57°; anatomy does not (its own standard deviation is 10.6°). Here a
//! hyperbolic tangent bounds them to [`MAX_OFFSET_DEG`].

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor},
};

/// Largest offset, degrees: two standard deviations of what anatomy and placement do together.
pub const MAX_OFFSET_DEG: f32 = 20.0;

/// Learnable offsets of one exam's leads.
#[derive(Module, Debug)]
pub struct AngularOffsets {
    raw: Param<Tensor<2>>,
}

impl AngularOffsets {
    /// No offset yet, for so many leads.
    pub fn new(leads: usize, device: &Device) -> Self {
        Self {
            raw: Param::from_tensor(Tensor::zeros([leads, 2], device)),
        }
    }

    /// Angles with the offsets added.
    ///
    /// # Shapes
    /// - angles: `[batch, leads, 2]`, theta and phi in radians
    /// - output: the same
    pub fn forward(&self, angles: Tensor<3>) -> Tensor<3> {
        angles + self.radians().unsqueeze::<3>()
    }

    /// The offsets in radians, `[leads, 2]`.
    pub fn radians(&self) -> Tensor<2> {
        self.raw.val().tanh() * MAX_OFFSET_DEG.to_radians()
    }
}
