//! How true the measurements and warnings are: one table for each kind, on data with a reference.

mod beats;
mod data;
mod exchanges;
mod intervals;
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
    /// Dead and clipped leads, and the time that measuring takes; any.
    Troubles,
}

impl MeasuredTable {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Intervals,
        Self::Beats,
        Self::Rhythm,
        Self::Exchanges,
        Self::Troubles,
    ];

    /// What it is called on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Intervals => "intervals",
            Self::Beats => "beats",
            Self::Rhythm => "rhythm",
            Self::Exchanges => "exchanges",
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
            Self::Troubles => troubles::table(folder),
        }
    }
}
