//! A second recording, held against the one at hand: of the same patient at another time, or with
//! electrodes at another space. It is read and measured, and never changed.

use std::path::{Path, PathBuf};

use super::{
    document::{Privacy, SourceRef},
    exam::Exam,
    open::{self, OpenError, Wanted},
    read_as::ReadAs,
};
use crate::{
    ecg::LeadName,
    signal::{FilterSettings, LeadMeasurements, Measurements},
};

/// The other recording.
pub struct OtherExam {
    /// Its file.
    pub path: PathBuf,
    /// What the user said of it.
    pub read_as: ReadAs,
    /// The recording.
    pub exam: Exam,
}

impl OtherExam {
    /// Reads it.
    pub(super) fn open(path: &Path, read_as: &ReadAs) -> Result<Self, OpenError> {
        let wanted = Wanted::As(path.to_owned(), read_as.clone());
        let loaded = open::load(&wanted)?;
        let read_as = match loaded.source {
            SourceRef::File { read_as, .. } => read_as,
            SourceRef::Demo { .. } | SourceRef::Simulated { .. } => ReadAs::default(),
        };
        Ok(Self {
            path: path.to_owned(),
            read_as,
            exam: loaded.exam,
        })
    }

    /// Looks at it as at the one at hand.
    pub(super) fn look(&mut self, privacy: Privacy, filters: &FilterSettings) {
        self.exam.set_privacy(privacy, filters);
    }

    /// Recorded leads that `exam` has no record of: what its synthesised leads can be held against.
    pub fn truth_for(&self, exam: &Exam) -> Vec<LeadName> {
        let own = self.exam.truth_leads().into_iter();
        own.filter(|name| exam.leads.get(name).is_none()).collect()
    }
}

/// What can be compared in figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // The quantities are what they are called.
pub enum Figure {
    HeartRate,
    Pr,
    Qrs,
    Qt,
    QtcFridericia,
    QrsAxis,
    TAxis,
    R,
    S,
    J,
    J60,
    T,
}

/// A figure of both recordings: per minute, ms, degrees or µV.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// Which.
    pub figure: Figure,
    /// Of the recording at hand.
    pub this: Option<f64>,
    /// Of the other.
    pub other: Option<f64>,
}

impl Figures {
    /// Other less this, where both are known. Angles go the short way round.
    pub fn difference(&self) -> Option<f64> {
        let difference = self.other? - self.this?;
        Some(match self.figure {
            Figure::QrsAxis | Figure::TAxis => (difference + 180.0).rem_euclid(360.0) - 180.0,
            _ => difference,
        })
    }
}

/// Rate, intervals and axes of both.
pub fn intervals(this: &Measurements, other: &Measurements) -> Vec<Figures> {
    let of = |table: &Measurements| {
        [
            table.heart_rate_bpm,
            table.pr_ms,
            table.qrs_ms,
            table.qt_ms,
            table.qtc_fridericia_ms,
            table.qrs_axis_deg,
            table.t_axis_deg,
        ]
    };
    const FIGURES: [Figure; 7] = [
        Figure::HeartRate,
        Figure::Pr,
        Figure::Qrs,
        Figure::Qt,
        Figure::QtcFridericia,
        Figure::QrsAxis,
        Figure::TAxis,
    ];
    both(&FIGURES, &of(this), &of(other))
}

/// Amplitudes of the leads that both have recorded, in the order of this one.
pub fn amplitudes(this: &Measurements, other: &Measurements) -> Vec<(LeadName, Vec<Figures>)> {
    const FIGURES: [Figure; 5] = [Figure::R, Figure::S, Figure::J, Figure::J60, Figure::T];
    let of = |lead: &LeadMeasurements| {
        [
            lead.r_uv,
            lead.s_uv,
            lead.st_j_uv,
            lead.st_j60_uv,
            lead.t_uv,
        ]
    };
    let compared = |lead: &LeadMeasurements| {
        let same = other.leads.iter().find(|it| it.lead == lead.lead)?;
        Some((lead.lead.clone(), both(&FIGURES, &of(lead), &of(same))))
    };
    this.leads.iter().filter_map(compared).collect()
}

fn both(figures: &[Figure], this: &[Option<f64>], other: &[Option<f64>]) -> Vec<Figures> {
    let pairs = this.iter().zip(other);
    let figures = figures.iter().zip(pairs);
    figures
        .map(|(figure, (this, other))| Figures {
            figure: *figure,
            this: *this,
            other: *other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_turns_the_short_way() {
        let turn = |this, other| {
            let figures = Figures {
                figure: Figure::QrsAxis,
                this: Some(this),
                other: Some(other),
            };
            figures.difference()
        };
        assert_eq!(turn(170.0, -170.0), Some(20.0));
        assert_eq!(turn(-60.0, 30.0), Some(90.0));
        assert_eq!(turn(10.0, -20.0), Some(-30.0));
    }

    #[test]
    fn what_one_lacks_has_no_difference() {
        let difference = |this, other| {
            let figures = Figures {
                figure: Figure::Qrs,
                this,
                other,
            };
            figures.difference()
        };
        assert_eq!(difference(Some(98.0), Some(120.0)), Some(22.0));
        assert_eq!(difference(None, Some(120.0)), None);
        assert_eq!(difference(Some(98.0), None), None);
    }
}
