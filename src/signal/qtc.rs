//! The QT interval corrected for heart rate: what it would be at 60 beats a minute.

use super::Intervals;

/// Bazett 1920: QT over the square root of the RR interval in seconds.
pub(super) fn qtc_bazett_ms(qt_ms: f64, rr_ms: f64) -> f64 {
    qt_ms / (rr_ms / 1000.0).sqrt()
}

/// Fridericia 1920: QT over the cube root of the RR interval in seconds.
pub(super) fn qtc_fridericia_ms(qt_ms: f64, rr_ms: f64) -> f64 {
    qt_ms / (rr_ms / 1000.0).cbrt()
}

/// Framingham (Sagie 1992): linear in the RR interval.
pub(super) fn qtc_framingham_ms(qt_ms: f64, rr_ms: f64) -> f64 {
    qt_ms + 0.154 * (1000.0 - rr_ms)
}

/// Hodges 1983: linear in the rate.
pub(super) fn qtc_hodges_ms(qt_ms: f64, rr_ms: f64) -> f64 {
    qt_ms + 1.75 * (60_000.0 / rr_ms - 60.0)
}

impl Intervals {
    /// By Fridericia, where QT and RR were measured.
    pub fn qtc_fridericia_ms(&self) -> Option<f64> {
        Some(qtc_fridericia_ms(self.qt_ms?, self.rr_ms?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(qt_ms: f64, rr_ms: f64, expected: [f64; 4]) {
        let formulas = [
            qtc_bazett_ms,
            qtc_fridericia_ms,
            qtc_framingham_ms,
            qtc_hodges_ms,
        ];
        for (formula, expected) in formulas.into_iter().zip(expected) {
            let found = formula(qt_ms, rr_ms);
            assert!((found - expected).abs() < 0.05, "{found} not {expected}");
        }
    }

    /// By hand from the formulas: at 60 a minute nothing changes, at 100 a minute √0.6 = 0.7746 and
    /// ∛0.6 = 0.8434.
    #[test]
    fn four_formulas() {
        check(400.0, 1000.0, [400.0; 4]);
        check(340.0, 600.0, [438.9, 403.1, 401.6, 410.0]);
    }

    #[test]
    fn nothing_measured_is_nothing_corrected() {
        let qt_alone = Intervals {
            qt_ms: Some(400.0),
            ..Intervals::default()
        };
        assert_eq!(qt_alone.qtc_fridericia_ms(), None);
        let both = Intervals {
            rr_ms: Some(1000.0),
            ..qt_alone
        };
        assert_eq!(both.qtc_fridericia_ms(), Some(400.0));
    }
}
