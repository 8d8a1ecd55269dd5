//! Why a lead has its grade, as values: the worst reason decides.

use serde::{Deserialize, Serialize};

use super::{grade::Grade, region::Nearest, warning::Warning};

/// Why a lead has its grade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reason {
    /// Follows from recorded leads by electrode algebra: nothing is estimated.
    Exact,
    /// How large an error is to be expected.
    ExpectedError {
        /// Its root mean square, µV.
        rmse_uv: f64,
    },
    /// That error is as large as the lead itself.
    AsMuchAsItself {
        /// The lead's root mean square, µV.
        rms_uv: f64,
    },
    /// That error is a large part of the lead itself.
    ShareOfItself {
        /// As a share.
        share: f64,
        /// The lead's root mean square, µV.
        rms_uv: f64,
    },
    /// A recorded electrode is near.
    Near(Nearest),
    /// The nearest recorded electrode is far.
    Far(Nearest),
    /// No chest electrode was recorded.
    NoChestElectrode,
    /// On the back: no published measurement to hold it against.
    OnTheBack,
    /// Outside what any published measurement covers.
    OutsideMeasurements,
    /// Very few independent leads were recorded.
    VeryFewLeads {
        /// How many.
        recorded: usize,
    },
    /// How well this patient's own chest leads come back when withheld.
    OwnErrors {
        /// Median of their root mean square errors, µV.
        median_uv: f64,
    },
    /// Something that calls for caution.
    #[serde(untagged)]
    Warning(Warning),
}

/// Error that a reader would not see: half a small square of 0.1 mV, µV.
const UNSEEN_UV: f64 = 50.0;
/// One small square, µV.
const SQUARE_UV: f64 = 100.0;
/// An error above this share of the lead itself leaves no shape to speak of.
const HOPELESS: f64 = 0.9;
/// An error above this share leaves the amplitudes open.
const LARGE: f64 = 0.5;
/// Farther than this from every recorded electrode is extrapolation, degrees.
const FAR_DEG: f64 = 40.0;

impl Reason {
    /// What the size of the expected error says, against the lead's own root mean square.
    pub(super) fn of_error(rmse_uv: f64, rms_uv: f64) -> Vec<Self> {
        let share = rmse_uv / rms_uv;
        let beside = match () {
            () if HOPELESS * rms_uv < rmse_uv => Some(Self::AsMuchAsItself { rms_uv }),
            () if LARGE * rms_uv < rmse_uv => Some(Self::ShareOfItself { share, rms_uv }),
            () => None,
        };
        [Self::ExpectedError { rmse_uv }]
            .into_iter()
            .chain(beside)
            .collect()
    }

    /// What the distance from the nearest recorded electrode says.
    pub(super) fn of_distance(nearest: Option<&Nearest>) -> Self {
        match nearest {
            None => Self::NoChestElectrode,
            Some(nearest) if FAR_DEG < nearest.degrees => Self::Far(nearest.clone()),
            Some(nearest) => Self::Near(nearest.clone()),
        }
    }

    /// The best grade that a lead can have for this reason; the worst of all is its grade.
    pub fn best_grade(&self) -> Grade {
        match self {
            Self::ExpectedError { rmse_uv } if *rmse_uv <= UNSEEN_UV => Grade::A,
            Self::ExpectedError { rmse_uv } if *rmse_uv <= SQUARE_UV => Grade::B,
            Self::Exact | Self::Near(_) | Self::OwnErrors { .. } => Grade::A,
            Self::Far(_) => Grade::B,
            Self::ExpectedError { .. }
            | Self::ShareOfItself { .. }
            | Self::NoChestElectrode
            | Self::OnTheBack
            | Self::OutsideMeasurements
            | Self::VeryFewLeads { .. } => Grade::C,
            Self::AsMuchAsItself { .. } => Grade::NotSupported,
            Self::Warning(warning) => warning.best_grade(),
        }
    }
}

impl Grade {
    /// The worst that the reasons leave.
    pub fn of(reasons: &[Reason]) -> Self {
        let grades = reasons.iter().map(Reason::best_grade);
        grades.max().unwrap_or(Self::NotSupported)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecg::LeadName;

    fn nearest(degrees: f64) -> Nearest {
        Nearest {
            lead: LeadName::V2,
            degrees,
            cm: 4.0,
        }
    }

    fn check(rmse_uv: f64, rms_uv: f64, others: &[Reason], expected: Grade) {
        let mut reasons = Reason::of_error(rmse_uv, rms_uv);
        reasons.extend_from_slice(others);
        assert_eq!(Grade::of(&reasons), expected, "{reasons:?}");
    }

    #[test]
    fn worst_reason_decides() {
        check(50.0, 300.0, &[], Grade::A);
        check(51.0, 300.0, &[], Grade::B);
        check(100.0, 300.0, &[], Grade::B);
        check(101.0, 300.0, &[], Grade::C);
        check(40.0, 300.0, &[Reason::OnTheBack], Grade::C);
        check(40.0, 300.0, &[Reason::Far(nearest(60.0))], Grade::B);
        let wide = Reason::Warning(Warning::WideComplexes { qrs_ms: 140.0 });
        check(40.0, 300.0, &[Reason::Near(nearest(9.0)), wide], Grade::B);
        assert_eq!(Grade::of(&[Reason::Exact]), Grade::A);
        assert_eq!(Grade::of(&[]), Grade::NotSupported);
    }

    #[test]
    fn an_error_is_held_against_the_lead_itself() {
        check(40.0, 90.0, &[], Grade::A);
        check(40.0, 70.0, &[], Grade::C);
        check(40.0, 44.0, &[], Grade::NotSupported);
        assert_eq!(
            Reason::of_error(60.0, 100.0)[1],
            Reason::ShareOfItself {
                share: 0.6,
                rms_uv: 100.0
            }
        );
    }

    #[test]
    fn distance_from_the_recorded_electrodes() {
        assert_eq!(Reason::of_distance(None), Reason::NoChestElectrode);
        let at = |degrees: f64| Reason::of_distance(Some(&nearest(degrees)));
        assert_eq!(at(40.0), Reason::Near(nearest(40.0)));
        assert_eq!(at(41.0), Reason::Far(nearest(41.0)));
    }

    #[test]
    fn a_reason_is_a_code_with_fields() {
        let json = serde_json::to_string(&Reason::Near(nearest(20.0))).unwrap();
        assert_eq!(
            json,
            r#"{"kind":"near","lead":"V2","degrees":20.0,"cm":4.0}"#
        );
        let back: Reason = serde_json::from_str(&json).unwrap();
        assert_eq!(back, Reason::Near(nearest(20.0)));
        let paced = Reason::Warning(Warning::Sign(crate::signal::Sign::Paced {
            beats: 9,
            of: 10,
        }));
        let json = serde_json::to_string(&paced).unwrap();
        assert_eq!(json, r#"{"kind":"paced","beats":9,"of":10}"#);
        assert_eq!(serde_json::from_str::<Reason>(&json).unwrap(), paced);
    }
}
