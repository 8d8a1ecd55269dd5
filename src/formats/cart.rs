//! What the recording device itself measured and did: shown beside our own figures, never as ours.

use serde::Serialize;

use super::exam::ExamKind;
use crate::ecg::Filters;

/// What a device measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Ventricular rate, beats a minute.
    HeartRate,
    /// From R to R, ms.
    RrInterval,
    /// P wave, ms.
    PDuration,
    /// From P to QRS, ms.
    PrInterval,
    /// QRS complex, ms.
    QrsDuration,
    /// From QRS to the end of T, ms.
    QtInterval,
    /// QT corrected for rate by the device's own formula, ms.
    QtcInterval,
    /// Frontal axis of P, degrees.
    PAxis,
    /// Frontal axis of QRS, degrees.
    QrsAxis,
    /// Frontal axis of T, degrees.
    TAxis,
}

impl Quantity {
    /// Unit of its values.
    pub fn unit(self) -> &'static str {
        match self {
            Self::HeartRate => "/min",
            Self::PAxis | Self::QrsAxis | Self::TAxis => "°",
            _ => "ms",
        }
    }

    /// The usual short name.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::HeartRate => "HR",
            Self::RrInterval => "RR",
            Self::PDuration => "P",
            Self::PrInterval => "PR",
            Self::QrsDuration => "QRS",
            Self::QtInterval => "QT",
            Self::QtcInterval => "QTc",
            Self::PAxis => "P axis",
            Self::QrsAxis => "QRS axis",
            Self::TAxis => "T axis",
        }
    }

    /// The quantity that an MDC code (ISO/IEEE 11073-10101, with or without its prefix) names.
    pub(super) fn from_mdc(code: &str) -> Option<Self> {
        Some(match code.strip_prefix("MDC_ECG_").unwrap_or(code) {
            "HEART_RATE" | "HEART_RATE_GLOBAL" => Self::HeartRate,
            "TIME_PD_RR" | "TIME_PD_RR_GLOBAL" => Self::RrInterval,
            "TIME_PD_P" | "TIME_PD_P_GLOBAL" => Self::PDuration,
            "TIME_PD_PR" | "TIME_PD_PR_GLOBAL" | "TIME_PD_PQ" => Self::PrInterval,
            "TIME_PD_QRS" | "TIME_PD_QRS_GLOBAL" => Self::QrsDuration,
            "TIME_PD_QT" | "TIME_PD_QT_GLOBAL" => Self::QtInterval,
            "TIME_PD_QTc" | "TIME_PD_QTC" | "TIME_PD_QTcB" | "TIME_PD_QTC_GLOBAL" => {
                Self::QtcInterval
            }
            "ANGLE_P_FRONT" => Self::PAxis,
            "ANGLE_QRS_FRONT" => Self::QrsAxis,
            "ANGLE_T_FRONT" => Self::TAxis,
            _ => return None,
        })
    }
}

/// One measurement by the device.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Measurement {
    /// What was measured.
    pub quantity: Quantity,
    /// How much, in the quantity's unit.
    pub value: f64,
}

impl Measurement {
    /// A value that can be one: carts write −1, 0 or 29999 for "not measured".
    pub(super) fn sound(quantity: Quantity, value: f64) -> Option<Self> {
        let is_axis = quantity.unit() == "°";
        let is_sound = if is_axis {
            value.abs() <= 360.0
        } else {
            0.0 < value && value < 10_000.0
        };
        is_sound.then_some(Self { quantity, value })
    }
}

/// What lowers the worth of a recording for diagnosis, as far as the file tells.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Caution {
    /// The device's high-pass lies above 0.05 Hz (AHA 2007; 0.67 Hz at most where it is zero-phase):
    /// ST segments may be false.
    HighPass {
        /// Its corner, Hz.
        hz: f64,
    },
    /// The device's low-pass lies below 150 Hz: amplitudes are too small.
    LowPass {
        /// Its corner, Hz.
        hz: f64,
    },
    /// A median beat, not a rhythm.
    MedianOnly,
    /// Under ten seconds.
    Short {
        /// How long it is, s.
        seconds: f64,
    },
    /// Limb electrodes on the trunk (Holter, exercise): not to be compared with a resting ECG.
    LimbsOnTrunk,
}

/// The cautions that follow from what a file states.
pub(super) fn cautions(
    filters: &Filters,
    kind: ExamKind,
    limbs_on_trunk: bool,
    duration_s: f64,
) -> Vec<Caution> {
    let high_pass = filters.high_pass_hz.filter(|hz| 0.0505 < *hz);
    let low_pass = filters.low_pass_hz.filter(|hz| *hz < 149.5);
    let is_median = kind == ExamKind::Median;
    let is_short = !is_median && duration_s < 9.9;
    [
        high_pass.map(|hz| Caution::HighPass { hz }),
        low_pass.map(|hz| Caution::LowPass { hz }),
        is_median.then_some(Caution::MedianOnly),
        is_short.then_some(Caution::Short {
            seconds: duration_s,
        }),
        limbs_on_trunk.then_some(Caution::LimbsOnTrunk),
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl std::fmt::Display for Caution {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::HighPass { hz } => {
                write!(f, "high-pass at {hz} Hz, above 0.05 Hz: ST may be false")
            }
            Self::LowPass { hz } => {
                write!(f, "low-pass at {hz} Hz, below 150 Hz: amplitudes are low")
            }
            Self::MedianOnly => f.write_str("a median beat, not a rhythm"),
            Self::Short { seconds } => write!(f, "{seconds:.2} s, under 10 s"),
            Self::LimbsOnTrunk => f.write_str("limb electrodes on the trunk, as the file says"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cautions_follow_from_what_is_stated() {
        let check = |high: Option<f64>, low: Option<f64>, kind, trunk, seconds, n: usize| {
            let filters = Filters {
                high_pass_hz: high,
                low_pass_hz: low,
                notch_hz: None,
            };
            assert_eq!(cautions(&filters, kind, trunk, seconds).len(), n);
        };
        check(None, None, ExamKind::Rhythm, false, 10.0, 0);
        check(Some(0.05), Some(150.0), ExamKind::Rhythm, false, 10.0, 0);
        check(Some(0.16), Some(40.0), ExamKind::Rhythm, true, 5.0, 4);
        check(None, None, ExamKind::Median, false, 1.2, 1);
    }

    #[test]
    fn values_that_mean_nothing_are_no_measurements() {
        let sound = |quantity, value| Measurement::sound(quantity, value).is_some();
        assert!(sound(Quantity::HeartRate, 72.0) && sound(Quantity::PAxis, -30.0));
        assert!(!sound(Quantity::HeartRate, 0.0) && !sound(Quantity::QtInterval, 29_999.0));
        assert!(!sound(Quantity::TAxis, f64::NAN) && !sound(Quantity::QtInterval, f64::NAN));
    }
}
