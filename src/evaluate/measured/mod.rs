//! How true the measurements and warnings are: one table for each kind, on data with a reference.

mod beats;
mod data;
mod dice;
mod displaced;
mod exchanges;
mod intervals;
mod motion;
mod pacing;
mod rhythm;
mod troubles;

use std::path::Path;

use super::EvaluateError;

/// Which table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeasuredTable {
    /// P, PR, QRS and QT against cardiologists' bounds; LUDB.
    Intervals,
    /// R peaks against cardiologists'; LUDB.
    Beats,
    /// In which recordings a PR and a QRS are given; PTB-XL.
    Rhythm,
    /// Exchanged electrodes; PTB-XL.
    Exchanges,
    /// R peaks while electrodes move; LUDB.
    Motion,
    /// Records in which a pacemaker is told of, and those with spikes; any at 500 Hz.
    Pacing,
    /// Electrodes told to be displaced; PTB-XL at 500 Hz and virtual patients.
    Displaced,
    /// Dead and clipped leads, and the time that measuring takes; any.
    Troubles,
}

impl MeasuredTable {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Intervals,
        Self::Beats,
        Self::Rhythm,
        Self::Exchanges,
        Self::Motion,
        Self::Pacing,
        Self::Displaced,
        Self::Troubles,
    ];

    /// What it is called on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Intervals => "intervals",
            Self::Beats => "beats",
            Self::Rhythm => "rhythm",
            Self::Exchanges => "exchanges",
            Self::Motion => "motion",
            Self::Pacing => "pacing",
            Self::Displaced => "displaced",
            Self::Troubles => "troubles",
        }
    }

    /// Makes the table of the recordings in `folder`; `split` and `stride` choose among them.
    pub fn of(self, folder: &Path, split: &str, stride: usize) -> Result<String, EvaluateError> {
        match self {
            Self::Intervals => intervals::table(folder),
            Self::Beats => beats::table(folder),
            Self::Rhythm => rhythm::table(folder, split),
            Self::Exchanges => exchanges::table(folder, split, stride),
            Self::Motion => motion::table(folder),
            Self::Pacing => pacing::table(folder),
            Self::Displaced => displaced::table(folder, split, stride),
            Self::Troubles => troubles::table(folder),
        }
    }
}
