//! Potentials and coverage on the skin's vertices: what the torso renderer is given.

use std::sync::{Arc, LazyLock};

use super::{
    gpu::{SkinVertex, skin_vertices},
    theme::colour32,
    torso_model::TorsoModel,
};
use crate::{draw::vik_at, ecg::ViewAngle, reliability::degrees_beyond, session::BodyMap};

/// The skin without a map: made once, on the thread that first asks.
static PLAIN: LazyLock<Arc<Vec<SkinVertex>>> =
    LazyLock::new(|| Arc::new(skin_vertices(TorsoModel::shipped(), coverage)));

/// The skin as it is coloured now.
pub struct TorsoColouring {
    coloured: Arc<Vec<SkinVertex>>,
    shown: Option<(Arc<BodyMap>, usize)>,
    revision: u64,
    /// Largest potential of the map, mV: the ends of its colour scale.
    pub range_mv: f32,
}

impl Default for TorsoColouring {
    fn default() -> Self {
        Self {
            coloured: Arc::default(),
            shown: None,
            revision: 0,
            range_mv: 1.0,
        }
    }
}

impl TorsoColouring {
    /// Skin without a map, and its revision.
    pub fn plain() -> (Arc<Vec<SkinVertex>>, u64) {
        (PLAIN.clone(), 0)
    }

    /// Skin coloured by `map` at sample `at`, and its revision.
    pub fn coloured(&mut self, map: &Arc<BodyMap>, at: usize) -> (Arc<Vec<SkinVertex>>, u64) {
        let is_shown = |it: &(Arc<BodyMap>, usize)| Arc::ptr_eq(&it.0, map) && it.1 == at;
        if !self.shown.as_ref().is_some_and(is_shown) {
            self.shown = Some((map.clone(), at));
            self.range_mv = range_mv(map.largest_mv);
            self.revision += 1;
            self.coloured = Arc::new(self.paint(&map.at(at)));
        }
        (self.coloured.clone(), self.revision)
    }

    /// There is a value for every corner of the coarse skin; whichever lacks one stays white.
    fn paint(&self, values_mv: &[f32]) -> Vec<SkinVertex> {
        let value = |idx: usize| {
            [values_mv
                .get(idx)
                .copied()
                .filter(|it| it.is_finite())
                .unwrap_or(0.0)]
        };
        let finer = TorsoModel::shipped().finer.spread(value);
        let vertex = |(plain, [mv]): (&SkinVertex, [f32; 1])| {
            let colour = colour32(vik_at(f64::from(mv), f64::from(self.range_mv)));
            SkinVertex {
                state: [plain.state[0], mv],
                colour: colour.to_normalized_gamma_f32(),
                ..*plain
            }
        };
        PLAIN.iter().zip(finer).map(vertex).collect()
    }
}

/// How far measurements count here: all of it where they reach, none some degrees beyond, and no step
/// between, so that the edge of what is known is one soft line.
fn coverage(view: ViewAngle) -> f32 {
    const FADE_DEG: f64 = 14.0;
    let away = (degrees_beyond(view) / FADE_DEG).min(1.0);
    (1.0 - away * away * (3.0 - 2.0 * away)) as f32
}

/// A round number that nearly all potentials stay within.
fn range_mv(largest_mv: f32) -> f32 {
    [0.2, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0]
        .into_iter()
        .find(|it| 0.9 * largest_mv <= *it)
        .unwrap_or(10.0)
}
