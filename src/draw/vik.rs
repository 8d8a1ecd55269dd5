//! Body-map colours: Fabio Crameri's *vik*, diverging, perceptually even, safe for colour-blind
//! readers. Sampled at 33 places (within 2/255 of the original); licence in
//! `assets/LICENSE-vik.txt`.

use super::Colour;

#[rustfmt::skip]
const VIK: [u32; 33] = [
    0x001261, 0x021F69, 0x022B71, 0x023779, 0x034481, 0x045089, 0x0C5E92, 0x1B6D9B, 0x2F7CA6, 0x478DB1, 0x609DBC,
    0x79ADC7, 0x92BDD2, 0xACCCDC, 0xC5DBE5, 0xDCE5E9, 0xECE5E1, 0xEEDACF, 0xE9CBB9, 0xE2BBA4, 0xDCAB8F, 0xD59C7B,
    0xCF8E68, 0xC97F55, 0xC37243, 0xBC6331, 0xB3531F, 0xA5400E, 0x932E06, 0x832106, 0x741506, 0x660A07, 0x590008,
];

/// Colour at `share`: −1 is the deepest blue, 0 the neutral middle, 1 the deepest red; beyond is
/// clamped, `NaN` is the middle.
pub fn vik(share: f64) -> Colour {
    let place = if share.is_nan() {
        0.5
    } else {
        0.5 + 0.5 * share.clamp(-1.0, 1.0)
    } * (VIK.len() - 1) as f64;
    let idx = (place as usize).min(VIK.len() - 2);
    let (low, high) = (Colour::hex(VIK[idx]).rgb, Colour::hex(VIK[idx + 1]).rgb);
    let mix = |k: usize| {
        f64::from(low[k]) + (place - idx as f64) * (f64::from(high[k]) - f64::from(low[k]))
    };
    Colour {
        rgb: [
            mix(0).round() as u8,
            mix(1).round() as u8,
            mix(2).round() as u8,
        ],
        alpha: 255,
    }
}

/// Colour of a potential on a scale that is symmetric about 0 mV.
pub fn vik_at(value_mv: f64, range_mv: f64) -> Colour {
    vik(value_mv / range_mv)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_middle_and_order() {
        assert_eq!(
            (vik(-1.0), vik(1.0)),
            (Colour::hex(0x001261), Colour::hex(0x590008))
        );
        assert_eq!(
            (vik(0.0), vik(f64::NAN)),
            (Colour::hex(0xECE5E1), Colour::hex(0xECE5E1))
        );
        assert_eq!(vik(-9.0), vik(-1.0));
        let light = |it: f64| vik(it).rgb.iter().map(|it| u32::from(*it)).sum::<u32>();
        assert!(
            (1..=100)
                .all(|it| light(f64::from(it) / 100.0) <= light(f64::from(it - 1) / 100.0) + 1)
        );
    }
}
