//! Why a lead has its grade, as values: the worst reason decides.

use serde::{Deserialize, Serialize};

use super::{grade::Grade, region::Nearest, warning::Warning};
use crate::{
    ecg::LeadName,
    synth::{FittedConstants, WaveErrors},
};

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
        /// The same in QRS, ST, T and between the beats.
        #[serde(flatten)]
        by_wave: WaveErrors,
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
    /// The nearest recorded lead, withheld, comes back worse than four in five of other people's.
    NeighbourFails {
        /// Which.
        lead: LeadName,
        /// Its error, µV.
        rmse_uv: f64,
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

/// An error above this share of the lead itself leaves no shape to speak of.
const HOPELESS: f64 = 0.9;
/// An error above this share leaves the amplitudes open.
const LARGE: f64 = 0.5;
/// Farther than this from every recorded electrode is extrapolation, degrees.
const FAR_DEG: f64 = 40.0;

impl Reason {
    /// What the size of the expected error says, against the lead's own root mean square.
    pub(super) fn of_error(rmse_uv: f64, by_wave: WaveErrors, rms_uv: f64) -> Vec<Self> {
        let share = rmse_uv / rms_uv;
        let beside = match () {
            () if HOPELESS * rms_uv < rmse_uv => Some(Self::AsMuchAsItself { rms_uv }),
            () if LARGE * rms_uv < rmse_uv => Some(Self::ShareOfItself { share, rms_uv }),
            () => None,
        };
        [Self::ExpectedError { rmse_uv, by_wave }]
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
            Self::ExpectedError { by_wave, .. } => Grade::of_errors(by_wave),
            Self::Exact | Self::Near(_) | Self::OwnErrors { .. } => Grade::A,
            Self::Far(_)
            | Self::OnTheBack
            | Self::OutsideMeasurements
            | Self::NeighbourFails { .. } => Grade::B,
            Self::ShareOfItself { .. } | Self::NoChestElectrode | Self::VeryFewLeads { .. } => {
                Grade::C
            }
            Self::AsMuchAsItself { .. } => Grade::NotSupported,
            Self::Warning(warning) => warning.best_grade(),
        }
    }
}

impl Grade {
    /// By the worst of QRS, ST and T: A where each error that is stated is among the smallest two in
    /// five of those stated of other people's leads, B where among the smallest four.
    pub fn of_errors(errors: &WaveErrors) -> Self {
        let limits = &FittedConstants::shipped().errors.quantiles_uv;
        let within = |limits: &[f64; 3]| errors.each().iter().zip(limits).all(|(a, b)| a <= b);
        match () {
            () if within(&limits[0]) => Self::A,
            () if within(&limits[1]) => Self::B,
            () => Self::C,
        }
    }

    /// The worst that the reasons leave.
    pub fn of(reasons: &[Reason]) -> Self {
        let grades = reasons.iter().map(Reason::best_grade);
        grades.max().unwrap_or(Self::NotSupported)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearest(degrees: f64) -> Nearest {
        Nearest {
            lead: LeadName::V2,
            degrees,
            cm: 4.0,
        }
    }

    /// Errors that are this multiple of the limit of A, or of B, in every wave.
    fn errors(limit: usize, times: f64) -> WaveErrors {
        let [qrs, st, t] = FittedConstants::shipped().errors.quantiles_uv[limit];
        WaveErrors::of([times * qrs, times * st, times * t, 0.0])
    }

    fn check(by_wave: WaveErrors, others: &[Reason], expected: Grade) {
        let mut reasons = Reason::of_error(40.0, by_wave, 300.0);
        reasons.extend_from_slice(others);
        assert_eq!(Grade::of(&reasons), expected, "{reasons:?}");
    }

    #[test]
    fn worst_reason_decides() {
        let (small, usual) = (errors(0, 1.0), errors(1, 1.0));
        check(small, &[], Grade::A);
        check(errors(0, 1.01), &[], Grade::B);
        check(usual, &[], Grade::B);
        check(errors(1, 1.01), &[], Grade::C);
        let one_wave = WaveErrors {
            st_uv: 1.01 * usual.st_uv,
            ..small
        };
        check(one_wave, &[], Grade::C);
        check(small, &[Reason::OnTheBack], Grade::B);
        check(small, &[Reason::Far(nearest(60.0))], Grade::B);
        let (lead, rmse_uv) = (LeadName::V2, 300.0);
        check(small, &[Reason::NeighbourFails { lead, rmse_uv }], Grade::B);
        let wide = Reason::Warning(Warning::WideComplexes { qrs_ms: 140.0 });
        check(small, &[Reason::Near(nearest(9.0)), wide], Grade::B);
        assert_eq!(Grade::of(&[Reason::Exact]), Grade::A);
        assert_eq!(Grade::of(&[]), Grade::NotSupported);
    }

    #[test]
    fn an_error_is_held_against_the_lead_itself() {
        let of = |rms_uv: f64| Grade::of(&Reason::of_error(40.0, errors(0, 1.0), rms_uv));
        assert_eq!(of(90.0), Grade::A);
        assert_eq!(of(70.0), Grade::C);
        assert_eq!(of(44.0), Grade::NotSupported);
        assert_eq!(
            Reason::of_error(60.0, WaveErrors::default(), 100.0)[1],
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
        let by_wave = WaveErrors::of([80.0, 20.0, 30.0, 10.0]);
        let rmse_uv = 45.0;
        let error = Reason::ExpectedError { rmse_uv, by_wave };
        let json = serde_json::to_string(&error).unwrap();
        assert!(json.contains(r#""rmse_uv":45.0,"qrs_uv":80.0"#), "{json}");
        assert_eq!(serde_json::from_str::<Reason>(&json).unwrap(), error);
    }
}
