//! What a reader looks for in one lead, as a value that grows with the sign and the value from which
//! it is there.

use serde::Serialize;

use crate::signal::LeadMeasurements;

/// A sign in one lead. Amplitudes are above the level before QRS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LeadSign {
    /// J at least .2 mV up.
    JAbove200,
    /// J + 60 ms at least .05 mV up.
    StAbove50,
    /// J + 60 ms at least .1 mV up.
    StAbove100,
    /// J + 60 ms at least .2 mV up.
    StAbove200,
    /// J + 60 ms at least .1 mV down.
    StBelow100,
    /// T points downwards by .05 mV or more.
    TNegative,
    /// R above S.
    DominantR,
    /// A second R of .05 mV or more.
    SecondR,
    /// Q of 30 ms and .1 mV or more.
    PathologicalQ,
    /// QRS without R.
    Qs,
    /// R of .3 mV or less.
    SmallR,
    /// Brugada's first type: J at least .2 mV up, falling from there, T pointing downwards.
    BrugadaType1,
}

impl LeadSign {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::JAbove200,
        Self::StAbove50,
        Self::StAbove100,
        Self::StAbove200,
        Self::StBelow100,
        Self::TNegative,
        Self::DominantR,
        Self::SecondR,
        Self::PathologicalQ,
        Self::Qs,
        Self::SmallR,
        Self::BrugadaType1,
    ];

    /// The value from which the sign is there, µV.
    pub fn threshold_uv(self) -> f64 {
        match self {
            Self::JAbove200 | Self::StAbove200 | Self::BrugadaType1 => 200.0,
            Self::StAbove100 | Self::StBelow100 | Self::PathologicalQ => 100.0,
            Self::StAbove50 | Self::TNegative | Self::SecondR => 50.0,
            Self::DominantR | Self::Qs => 0.0,
            Self::SmallR => -300.0,
        }
    }

    /// How much of the sign a lead shows, µV. `None` where it cannot be measured.
    pub fn shown_uv(self, lead: &LeadMeasurements) -> Option<f64> {
        /// No sign at all.
        const NONE: f64 = -1e4;
        match self {
            Self::JAbove200 => lead.st_j_uv,
            Self::StAbove50 | Self::StAbove100 | Self::StAbove200 => lead.st_j60_uv,
            Self::StBelow100 => lead.st_j60_uv.map(|uv| -uv),
            Self::TNegative => lead.t_uv.map(|uv| -uv),
            Self::DominantR => Some(lead.largest_r_uv() - lead.largest_s_uv()),
            Self::SecondR => Some(lead.r_prime_uv.unwrap_or(0.0)),
            Self::PathologicalQ => {
                let is_long = lead.q_ms.is_some_and(|ms| 30.0 <= ms);
                Some(lead.q_uv.filter(|_| is_long).map_or(0.0, |uv| -uv))
            }
            Self::Qs | Self::SmallR => Some(-lead.largest_r_uv()),
            Self::BrugadaType1 => {
                let [j, j60, j80] = [lead.st_j_uv?, lead.st_j60_uv?, lead.st_j80_uv?];
                let is_coved = j80 <= j60 && j60 <= j && lead.t_uv? < 0.0;
                Some(if is_coved { j } else { NONE })
            }
        }
    }
}

/// An amplitude or length whose error is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Amplitude {
    /// ST at J, µV.
    J,
    /// ST 60 ms later, µV.
    J60,
    /// T, µV.
    T,
    /// The larger of R and R′, µV.
    R,
    /// The larger of S and QS, µV.
    S,
    /// Q, µV.
    Q,
    /// Waves of QRS in this lead together, ms.
    QrsMs,
}

impl Amplitude {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::J,
        Self::J60,
        Self::T,
        Self::R,
        Self::S,
        Self::Q,
        Self::QrsMs,
    ];

    /// Its value in a lead.
    pub fn of(self, lead: &LeadMeasurements) -> Option<f64> {
        match self {
            Self::J => lead.st_j_uv,
            Self::J60 => lead.st_j60_uv,
            Self::T => lead.t_uv,
            Self::R => Some(lead.largest_r_uv()),
            Self::S => Some(lead.largest_s_uv()),
            Self::Q => Some(lead.q_uv.unwrap_or(0.0)),
            Self::QrsMs => {
                let waves = [lead.q_ms, lead.r_ms, lead.s_ms, lead.r_prime_ms];
                Some(waves.into_iter().flatten().sum())
            }
        }
    }
}
