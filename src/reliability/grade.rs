//! A grade with its reasons in words. It says how near the synthesised trace is likely to be, and
//! nothing about the patient.

use serde::Serialize;

use super::{HeldOut, Nearest, Region, Warning, WarningKind};

/// How far a synthesised lead can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Grade {
    /// Likely within half a small square, near recorded electrodes.
    A,
    /// Likely within one small square.
    B,
    /// Shape only: amplitudes may be wrong by more than a small square.
    C,
    /// Nothing supports it.
    #[serde(rename = "not supported")]
    NotSupported,
}

impl std::fmt::Display for Grade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::NotSupported => "not supported",
        })
    }
}

/// What a grade is made from.
pub(super) struct Facts<'a> {
    pub exact: bool,
    pub expected_rmse_uv: f64,
    pub rms_uv: f64,
    pub nearest: Option<&'a Nearest>,
    pub region: &'a Region,
    pub warnings: &'a [Warning],
    pub n_known: usize,
    pub held_out: &'a [HeldOut],
}

/// Error that a reader would not see: half a small square of 0.1 mV, µV.
const UNSEEN_UV: f64 = 50.0;
/// One small square, µV.
const SQUARE_UV: f64 = 100.0;
/// An error above this share of the lead itself leaves no shape to speak of.
const HOPELESS: f64 = 0.9;
/// Farther than this from every recorded electrode is extrapolation, degrees.
const FAR_DEG: f64 = 40.0;

pub(super) fn grade(facts: &Facts) -> (Grade, Vec<String>) {
    if facts.exact {
        return (
            Grade::A,
            vec!["follows from recorded leads by electrode algebra: nothing is estimated".into()],
        );
    }
    let mut grade = Grade::A;
    let mut reasons = Vec::new();
    let mut at_best = |limit: Grade, why: String| {
        grade = grade.max(limit);
        reasons.push(why);
    };
    let error = facts.expected_rmse_uv;
    let by_error = if error <= UNSEEN_UV {
        Grade::A
    } else if error <= SQUARE_UV {
        Grade::B
    } else {
        Grade::C
    };
    at_best(
        by_error,
        format!(
            "an error of {error:.0} µV ({:.1} mm) is to be expected",
            error / 100.0
        ),
    );
    if HOPELESS * facts.rms_uv < error {
        at_best(
            Grade::NotSupported,
            format!(
                "that is as much as the lead itself ({:.0} µV)",
                facts.rms_uv
            ),
        );
    } else if 0.5 * facts.rms_uv < error {
        at_best(
            Grade::C,
            format!(
                "that is {:.0} % of the lead itself ({:.0} µV)",
                100.0 * error / facts.rms_uv,
                facts.rms_uv
            ),
        );
    }
    match facts.nearest {
        Some(it) if FAR_DEG < it.degrees => at_best(
            Grade::B,
            format!(
                "{:.0}° ({:.0} cm) from the nearest recorded electrode, {}",
                it.degrees, it.cm, it.lead
            ),
        ),
        Some(it) => at_best(
            Grade::A,
            format!(
                "{:.0}° ({:.0} cm) from the recorded {}",
                it.degrees, it.cm, it.lead
            ),
        ),
        None => at_best(Grade::C, "no chest electrode was recorded".into()),
    }
    match facts.region {
        Region::Posterior => at_best(
            Grade::C,
            "on the back: no published measurement to hold it against".into(),
        ),
        Region::Outside => at_best(
            Grade::C,
            "outside what any published measurement covers".into(),
        ),
        Region::Recorded | Region::Measured => {}
    }
    if facts.n_known < 5 {
        at_best(
            Grade::C,
            format!("only {} independent leads recorded", facts.n_known),
        );
    }
    if let Some(median) = median(facts.held_out.iter().map(|it| it.rmse_uv).collect()) {
        at_best(
            Grade::A,
            format!(
                "this patient's own chest leads come back with {median:.0} µV when withheld (median)"
            ),
        );
    }
    for warning in facts.warnings {
        let limit = match warning.kind {
            WarningKind::LimbReversal | WarningKind::V1V2High | WarningKind::NoBeats => Grade::C,
            WarningKind::Noise
            | WarningKind::RhythmDiffers
            | WarningKind::WideQrs
            | WarningKind::ElectrodeMoved
            | WarningKind::Paced => Grade::B,
            WarningKind::ShortRecording
            | WarningKind::LowAmplitude
            | WarningKind::Bandwidth
            | WarningKind::Age => Grade::B,
            _ => Grade::A,
        };
        if Grade::A < limit {
            at_best(limit, warning.words.clone());
        }
    }
    (grade, reasons)
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected_rmse_uv: f64, region: Region, warnings: &[Warning], expected: Grade) {
        let near = Nearest {
            lead: crate::ecg::LeadName::V2,
            degrees: 20.0,
            cm: 4.0,
        };
        let facts = Facts {
            exact: false,
            expected_rmse_uv,
            rms_uv: 300.0,
            nearest: Some(&near),
            region: &region,
            warnings,
            n_known: 8,
            held_out: &[],
        };
        let (found, reasons) = grade(&facts);
        assert_eq!(found, expected, "{reasons:?}");
        assert!(!reasons.is_empty());
    }

    #[test]
    fn worst_reason_decides() {
        check(40.0, Region::Measured, &[], Grade::A);
        check(80.0, Region::Measured, &[], Grade::B);
        check(140.0, Region::Measured, &[], Grade::C);
        check(290.0, Region::Measured, &[], Grade::NotSupported);
        check(40.0, Region::Posterior, &[], Grade::C);
        check(
            40.0,
            Region::Measured,
            &[Warning::new(WarningKind::WideQrs, "wide")],
            Grade::B,
        );
    }
}
