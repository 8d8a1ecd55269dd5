//! One beat after the other is added to a recording, each in time of its own.

use super::{
    beating::LENGTHS_MS,
    rhythm::Event,
    source::{LEAD_IN_MS, STEP_MS},
};

/// Adds one beat; after the activation is over, time runs by the beat's stretch.
pub(super) fn add_beat(
    samples: &mut [f64],
    rate_hz: f64,
    event: &Event,
    activated_ms: f64,
    value: impl Fn(f64) -> f64,
) {
    let fixed_ms = activated_ms + 30.0;
    let first = ((event.at_s - LEAD_IN_MS / 1000.0) * rate_hz)
        .ceil()
        .max(0.0) as usize;
    for (idx, slot) in samples.iter_mut().enumerate().skip(first) {
        let ms = 1000.0 * (idx as f64 / rate_hz - event.at_s);
        let own_ms = if ms <= fixed_ms {
            ms
        } else {
            fixed_ms + (ms - fixed_ms) / event.stretch
        };
        if LENGTHS_MS[0] < own_ms {
            break;
        }
        *slot += value((own_ms + LEAD_IN_MS) / STEP_MS);
    }
}

/// A wave between its samples (Catmull–Rom); zero outside.
pub(super) fn sample(wave: &[f32], at: f64) -> f64 {
    let below = at.floor();
    let (k, u) = (below as i64, at - below);
    let get = |it: i64| {
        usize::try_from(it)
            .ok()
            .and_then(|it| wave.get(it))
            .map_or(0.0, |it| f64::from(*it))
    };
    let (a, b, c, d) = (get(k - 1), get(k), get(k + 1), get(k + 2));
    b + 0.5 * u * (c - a + u * (2.0 * a - 5.0 * b + 4.0 * c - d + u * (3.0 * (b - c) + d - a)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_samples_a_wave_is_smooth_and_beyond_them_it_is_nothing() {
        let wave: Vec<f32> = (0..40).map(|it| (0.2 * it as f32).sin()).collect();
        for at in [3.0, 7.25, 20.5, 31.75] {
            assert!(
                (sample(&wave, at) - (0.2 * at).sin()).abs() < 1e-3,
                "at {at}"
            );
        }
        assert_eq!((sample(&wave, -5.0), sample(&wave, 60.0)), (0.0, 0.0));
    }
}
