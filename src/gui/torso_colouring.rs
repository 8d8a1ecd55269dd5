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
    ranged: Option<usize>,
    key: Option<(usize, usize)>,
    revision: u64,
    /// Largest potential of the map, mV: the ends of its colour scale.
    pub range_mv: f32,
}

impl Default for TorsoColouring {
    fn default() -> Self {
        Self {
            coloured: Arc::default(),
            ranged: None,
            key: None,
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
    pub fn coloured(&mut self, map: &BodyMap, at: usize) -> (Arc<Vec<SkinVertex>>, u64) {
        let identity = map.values_mv.as_ptr() as usize;
        if self.ranged != Some(identity) {
            self.ranged = Some(identity);
            self.range_mv = range_mv(&map.values_mv);
        }
        if self.key != Some((identity, at)) {
            self.key = Some((identity, at));
            self.revision += 1;
            self.coloured = Arc::new(self.paint(map, at));
        }
        (self.coloured.clone(), self.revision)
    }

    /// The map has a value for every corner of the coarse skin; whichever it lacks stays white.
    fn paint(&self, map: &BodyMap, at: usize) -> Vec<SkinVertex> {
        let values = map.at(at);
        let value = |idx: usize| {
            [values
                .get(idx)
                .copied()
                .filter(|it| it.is_finite())
                .unwrap_or(0.0)]
        };
        let finer = TorsoModel::shipped().finer.spread(value);
        let vertex = |(plain, [mv]): (&SkinVertex, [f32; 1])| {
            let colour = colour32(vik_at(f64::from(mv), f64::from(self.range_mv)));
            let channel = |it: u8| f32::from(it) / 255.0;
            let colour = [
                channel(colour.r()),
                channel(colour.g()),
                channel(colour.b()),
                1.0,
            ];
            SkinVertex {
                state: [plain.state[0], mv],
                colour,
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
fn range_mv(values: &[f32]) -> f32 {
    let most = values
        .iter()
        .copied()
        .filter(|it| it.is_finite())
        .fold(0.1f32, |most, it| most.max(it.abs()));
    [0.2, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0]
        .into_iter()
        .find(|it| 0.9 * most <= *it)
        .unwrap_or(10.0)
}
