//! Traces as meshes: tessellated once, drawn every frame.

use std::sync::Arc;

use eframe::egui::{
    Mesh, Pos2, Shape, Stroke,
    epaint::{TessellationOptions, Tessellator},
    pos2,
};

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

/// A trace as unbroken runs of points, `x` and `y` from sample index and millivolts. Where samples
/// are denser than pixels, each column keeps its least and its greatest value, so that no peak is
/// lost.
pub fn trace_points(
    samples: &[f32],
    x: impl Fn(f64) -> f32,
    y: impl Fn(f64) -> f32,
    pixels_per_point: f32,
) -> Vec<Vec<Pos2>> {
    let n = samples.len();
    let width_px = if n < 2 {
        0.0
    } else {
        (x((n - 1) as f64) - x(0.0)).abs() * pixels_per_point
    };
    let per_column = (n as f32 / width_px.max(1.0)).max(1.0);
    let mut runs: Vec<Vec<Pos2>> = vec![Vec::new()];
    let mut push = |point: Option<Pos2>| match point {
        Some(point) => {
            if let Some(run) = runs.last_mut() {
                run.push(point);
            }
        }
        None if runs.last().is_some_and(|it| !it.is_empty()) => runs.push(Vec::new()),
        None => {}
    };
    if per_column < 1.5 {
        for (idx, mv) in samples.iter().enumerate() {
            push(
                mv.is_finite()
                    .then(|| pos2(x(idx as f64), y(f64::from(*mv)))),
            );
        }
        return runs;
    }
    let columns = (n as f32 / per_column).ceil() as usize;
    for column in 0..columns {
        let first = column * n / columns;
        let last = ((column + 1) * n / columns).max(first + 1).min(n);
        let part = &samples[first..last];
        let finite = || part.iter().enumerate().filter(|it| it.1.is_finite());
        let low = finite().min_by(|a, b| a.1.total_cmp(b.1));
        let high = finite().max_by(|a, b| a.1.total_cmp(b.1));
        let (Some(low), Some(high)) = (low, high) else {
            push(None);
            continue;
        };
        let at = |(idx, mv): (usize, &f32)| Some(pos2(x((first + idx) as f64), y(f64::from(*mv))));
        let (earlier, later) = if low.0 <= high.0 {
            (low, high)
        } else {
            (high, low)
        };
        push(at(earlier));
        if earlier.0 != later.0 {
            push(at(later));
        }
    }
    runs
}

/// Dashes along a run of points, as lines of their own.
pub fn dashes(points: &[Pos2], on: f32, off: f32, stroke: Stroke) -> Vec<Shape> {
    let mut shapes = Vec::new();
    let Some(first) = points.first() else {
        return shapes;
    };
    let (mut dash, mut left, mut is_on) = (vec![*first], on, true);
    for pair in points.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        loop {
            let length = from.distance(to);
            if length <= left {
                left -= length;
                if is_on {
                    dash.push(to);
                }
                break;
            }
            from = from + (to - from) * (left / length);
            if is_on {
                dash.push(from);
                shapes.push(Shape::line(std::mem::take(&mut dash), stroke));
            } else {
                dash = vec![from];
            }
            is_on = !is_on;
            left = if is_on { on } else { off };
        }
    }
    if is_on && 1 < dash.len() {
        shapes.push(Shape::line(dash, stroke));
    }
    shapes
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::Color32;

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
    fn dashes_leave_gaps_and_keep_corners() {
        let points = [pos2(0.0, 0.0), pos2(10.0, 0.0), pos2(10.0, 10.0)];
        let shapes = dashes(&points, 4.0, 2.0, Stroke::new(1.0, Color32::BLACK));
        assert_eq!(shapes.len(), 4); // 0–4, 6–10, 12–16, 18–20
    }
}
