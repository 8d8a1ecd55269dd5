//! Traces as meshes: tessellated once, drawn every frame.

use std::sync::Arc;

use eframe::egui::{
    Mesh, Pos2, Shape,
    epaint::{TessellationOptions, Tessellator},
    pos2,
};

use crate::draw::thinned;

/// Shapes kept as one mesh until what they show changes.
#[derive(Default)]
pub struct MeshCache {
    key: Option<u64>,
    mesh: Arc<Mesh>,
}

impl MeshCache {
    /// The mesh for `key`; `shapes` is called only if the key is new.
    pub fn mesh(
        &mut self,
        key: u64,
        pixels_per_point: f32,
        shapes: impl FnOnce() -> Vec<Shape>,
    ) -> Shape {
        if self.key != Some(key) {
            let mut tessellator = Tessellator::new(
                pixels_per_point,
                TessellationOptions::default(),
                [1, 1],
                Vec::new(),
            );
            let mut mesh = Mesh::default();
            shapes()
                .into_iter()
                .for_each(|it| tessellator.tessellate_shape(it, &mut mesh));
            (self.key, self.mesh) = (Some(key), Arc::new(mesh));
        }
        Shape::Mesh(self.mesh.clone())
    }
}

/// A trace as unbroken runs of points, `x` and `y` from sample index and millivolts, thinned to
/// what pixels can show.
pub fn trace_points(
    samples: &[f32],
    x: impl Fn(f64) -> f32,
    y: impl Fn(f64) -> f32,
    pixels_per_point: f32,
) -> Vec<Vec<Pos2>> {
    let indexed: Vec<(usize, f32)> = samples.iter().copied().enumerate().collect();
    let runs = indexed.split(|(_, mv)| !mv.is_finite());
    let point = |(idx, mv): &(usize, f32)| [x(*idx as f64), y(f64::from(*mv))].map(f64::from);
    let thin = |run: &[(usize, f32)]| {
        let points: Vec<[f64; 2]> = run.iter().map(point).collect();
        let kept = thinned(&points, 1.0 / f64::from(pixels_per_point));
        kept.into_iter()
            .map(|[x, y]| pos2(x as f32, y as f32))
            .collect()
    };
    runs.filter(|run| 1 < run.len()).map(thin).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_peak_is_lost_and_gaps_stay_gaps() {
        let mut samples = vec![0.0f32; 5000];
        samples[1234] = 2.5;
        samples[3000..3100].fill(f32::NAN);
        let runs = trace_points(&samples, |it| it as f32 * 0.05, |mv| mv as f32, 1.0);
        assert_eq!(runs.len(), 2);
        let highest = runs.iter().flatten().map(|it| it.y).fold(0.0, f32::max);
        assert_eq!(highest, 2.5);
        assert!(runs.iter().flatten().count() < 700);
    }

    #[test]
    fn a_mesh_is_made_once_for_each_key() {
        let mut cache = MeshCache::default();
        let mut calls = 0;
        for key in [7, 7, 8] {
            let _ = cache.mesh(key, 1.0, || {
                calls += 1;
                Vec::new()
            });
        }
        assert_eq!(calls, 2);
    }
}
