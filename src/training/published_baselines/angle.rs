//! Angle embedding: real spherical harmonics of a direction, then a learned projection.
//!
//! Harmonics of low order are smooth over the whole sphere and have no seam at ±180°, unlike sines
//! of the raw angles.

use burn::{
    config::Config,
    module::Module,
    nn::{Linear, LinearConfig},
    tensor::{Device, Tensor, activation::gelu},
};

use crate::geovt::harmonics::N_HARMONICS;

/// [`crate::geovt::harmonics::harmonics`] on tensors, so that gradients reach the angles.
///
/// # Shapes
/// - input: `[batch, leads, 3]` unit vectors
/// - output: `[batch, leads, N_HARMONICS]`
pub fn harmonics_of(unit: Tensor<3>) -> Tensor<3> {
    let axis = |it: usize| unit.clone().narrow(2, it, 1);
    let (x, y, z) = (axis(0), axis(1), axis(2));
    let (xx, yy, zz) = (x.clone().square(), y.clone().square(), z.clone().square());
    let times = |a: &Tensor<3>, b: Tensor<3>| a.clone().mul(b);
    Tensor::cat(
        vec![
            x.clone(),
            y.clone(),
            z.clone(),
            times(&x, y.clone()),
            times(&y, z.clone()),
            times(&x, z.clone()),
            xx.clone() - yy.clone(),
            zz.clone() * 3.0 - 1.0,
            times(&x, xx.clone() - yy.clone() * 3.0),
            times(&y, xx.clone() * 3.0 - yy.clone()),
            times(&z, xx - yy),
            times(&x, times(&y, z.clone())),
            times(&x, zz.clone() * 5.0 - 1.0),
            times(&y, zz.clone() * 5.0 - 1.0),
            times(&z, zz * 5.0 - 3.0),
        ],
        2,
    )
}

/// Unit vectors of angles (theta, phi) in radians.
///
/// # Shapes
/// - input: `[batch, leads, 2]`
/// - output: `[batch, leads, 3]`
pub fn unit_of(angles: Tensor<3>) -> Tensor<3> {
    let (theta, phi) = (angles.clone().narrow(2, 0, 1), angles.narrow(2, 1, 1));
    let sin = theta.clone().sin();
    Tensor::cat(
        vec![
            sin.clone() * phi.clone().cos(),
            sin * phi.sin(),
            theta.cos(),
        ],
        2,
    )
}

/// Configuration of [`AngleEmbedding`].
#[derive(Config, Debug)]
pub struct AngleEmbeddingConfig {
    /// Width of the embedding.
    pub width: usize,
}

/// Directions to vectors.
#[derive(Module, Debug)]
pub struct AngleEmbedding {
    lift: Linear,
    project: Linear,
}

impl AngleEmbeddingConfig {
    /// A fresh embedding.
    pub fn init(&self, device: &Device) -> AngleEmbedding {
        AngleEmbedding {
            lift: LinearConfig::new(N_HARMONICS, self.width).init(device),
            project: LinearConfig::new(self.width, self.width).init(device),
        }
    }
}

impl AngleEmbedding {
    /// # Shapes
    /// - input: `[batch, leads, 2]`, theta and phi in radians
    /// - output: `[batch, leads, width]`
    pub fn forward(&self, angles: Tensor<3>) -> Tensor<3> {
        let raised = self.lift.forward(harmonics_of(unit_of(angles)));
        self.project.forward(gelu(raised))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geovt::harmonics::harmonics;

    #[test]
    fn tensors_and_scalars_agree_and_the_seam_is_smooth() {
        let device = Device::flex();
        let (theta, phi) = (1.1f64, -2.3f64);
        let unit = [
            theta.sin() * phi.cos(),
            theta.sin() * phi.sin(),
            theta.cos(),
        ];
        let angles = Tensor::<3>::from_floats([[[theta as f32, phi as f32]]], &device);
        let found: Vec<f32> = harmonics_of(unit_of(angles))
            .into_data()
            .try_to_vec()
            .unwrap();
        let expected = harmonics(unit);
        assert!(
            found
                .iter()
                .zip(expected)
                .all(|(x, y)| (f64::from(*x) - y).abs() < 1e-5),
            "{found:?} {expected:?}"
        );

        let net = AngleEmbeddingConfig::new(8).init(&device);
        let at = |phi: f32| -> Vec<f32> {
            net.forward(Tensor::from_floats([[[1.5, phi]]], &device))
                .into_data()
                .try_to_vec()
                .unwrap()
        };
        let pi = std::f32::consts::PI;
        assert!(
            at(pi - 1e-4)
                .iter()
                .zip(at(1e-4 - pi))
                .all(|(x, y)| (x - y).abs() < 1e-3)
        );
    }
}
