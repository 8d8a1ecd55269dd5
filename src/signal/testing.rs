//! Signals for the tests of this room: a plain ECG of known shape, and noise that is the same on
//! every machine.

fn bump(t: f64, centre: f64, width: f64) -> f64 {
    (-0.5 * ((t - centre) / width).powi(2)).exp()
}

/// P, Q, R, S, T as Gaussian bumps about R at 0.
pub fn beat(t: f64) -> f64 {
    let qrs = bump(t, 0.0, 0.012) - 0.1 * bump(t, -0.025, 0.008) - 0.2 * bump(t, 0.028, 0.01);
    0.12 * bump(t, -0.16, 0.02) + qrs + 0.3 * bump(t, 0.27, 0.045)
}

/// A beat every 0.8 s from 0.5 s on, `gain_mv` high, plus `extra` at each sample.
pub fn ecg(rate_hz: f64, seconds: f64, gain_mv: f64, extra: impl Fn(usize) -> f64) -> Vec<f32> {
    let n_beats = (seconds / 0.8).ceil() as usize;
    let value = |n: usize| {
        let t = n as f64 / rate_hz;
        gain_mv
            * (0..n_beats)
                .map(|k| beat(t - 0.5 - 0.8 * k as f64))
                .sum::<f64>()
            + extra(n)
    };
    (0..(rate_hz * seconds) as usize)
        .map(|n| value(n) as f32)
        .collect()
}

/// 0.4 s of a wide, inverted beat whose peak is at 0.2 s.
pub fn wide_beat(rate_hz: f64) -> Vec<f32> {
    let value = |n: usize| n as f64 / rate_hz - 0.2;
    (0..(0.4 * rate_hz) as usize)
        .map(value)
        .map(|t| (-1.4 * bump(t, 0.0, 0.035) + 0.5 * bump(t, 0.12, 0.04)) as f32)
        .collect()
}

/// Even noise in −1..1.
pub fn noise(n: usize) -> f64 {
    let mut hash = (n as u64).wrapping_add(0x9E37_79B9_7F4A_7C15);
    for _ in 0..2 {
        hash = (hash ^ (hash >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        hash = (hash ^ (hash >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    }
    (hash >> 40) as f64 / f64::from(1 << 23) - 1.0
}
