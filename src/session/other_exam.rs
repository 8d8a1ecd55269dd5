//! A second recording, held against the one at hand: of the same patient at another time, or with
//! electrodes at another space. It is read and measured, and never changed.

use std::path::{Path, PathBuf};

use super::{
    document::{Privacy, SourceRef},
    exam::Exam,
    lab::VirtualHeart,
    open::{self, OpenError, Wanted},
    read_as::ReadAs,
    simulation::simulate,
};
use crate::{
    ecg::{Lead, LeadName, LeadSet, Patient, PlacementError, Recording, statistics::median},
    formats::{ImportReport, Opened},
    signal::{FilterSettings, LeadMeasurements, LeadTrouble, Measurements, Sign, quality},
    synth::WornLeads,
};

/// What a simulated misplacement is called where it has no better name.
const TITLE: &str = "Simulated misplacement";

/// The other recording.
pub struct OtherExam {
    /// Where it comes from.
    pub from: Other,
    /// The recording.
    pub exam: Exam,
}

/// Where the other recording comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Other {
    /// A file.
    File {
        /// Which.
        path: PathBuf,
        /// What the user said of it.
        read_as: ReadAs,
    },
    /// The one at hand with electrodes elsewhere.
    Misplaced(Misplaced),
}

/// Why a comparison may say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Both are the same recording.
    SameRecording,
    /// Name, number or day of birth differ.
    OtherPatient,
}

/// What is known of a simulated misplacement.
#[derive(Clone, Debug, PartialEq)]
pub struct Misplaced {
    /// What is wrong.
    pub error: PlacementError,
    /// Root mean square of the error to expect, µV, of the leads that were synthesised; none of a
    /// simulated heart, which was recorded so.
    pub expected_uv: Vec<(LeadName, f64)>,
    /// What this program's checks say when they see nothing but these leads.
    pub signs: Vec<Sign>,
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
            from: Other::File {
                path: path.to_owned(),
                read_as,
            },
            exam: loaded.exam,
        })
    }

    /// The recording at hand as a machine would have printed it.
    pub(super) fn misplaced(exam: &Exam, error: PlacementError, worn: WornLeads) -> Self {
        let mut recording = (*exam.recording).clone();
        recording.leads = worn.leads;
        (recording.patient, recording.study) = (Patient::default(), None);
        recording.device = Some(Recording::SIMULATOR.into());
        let notes = error.electrodes().into_iter();
        recording.notes = notes.map(|it| (None, it.to_string())).collect();
        let report = ImportReport {
            file: TITLE.into(),
            format: "simulation".into(),
            ..ImportReport::default()
        };
        let opened = Opened { recording, report };
        let exam = Exam::new(TITLE.into(), opened, None);
        Self::with_checks(exam, error, worn.expected_uv)
    }

    /// The heart of the lab, recorded with electrodes elsewhere.
    pub(super) fn simulated(heart: &VirtualHeart, error: PlacementError) -> Option<Self> {
        let heart = VirtualHeart {
            misplaced: error.electrodes(),
            ..heart.clone()
        };
        Some(Self::with_checks(simulate(&heart)?, error, Vec::new()))
    }

    fn with_checks(exam: Exam, error: PlacementError, expected_uv: Vec<(LeadName, f64)>) -> Self {
        Self {
            from: Other::Misplaced(Misplaced {
                error,
                expected_uv,
                signs: signs_of(&exam.leads),
            }),
            exam,
        }
    }

    /// What is simulated, where it is a misplacement.
    pub fn misplacement(&self) -> Option<&Misplaced> {
        match &self.from {
            Other::Misplaced(misplaced) => Some(misplaced),
            Other::File { .. } => None,
        }
    }

    /// How much later its beats' fiducial points stand than those of `exam`, seconds, where both are
    /// one recording: electrodes elsewhere see the peak of QRS elsewhere, and the heart is the same.
    pub fn fiducial_later_s(&self, exam: &Exam) -> f64 {
        let beats_s = |of: &Exam| -> Vec<f64> {
            let beats = of.median.iter().flat_map(|it| &it.beats);
            beats.map(|at| of.leads.rate().seconds_at(*at)).collect()
        };
        if self.misplacement().is_none() {
            return 0.0;
        }
        let own = beats_s(exam);
        let nearest = |at_s: f64| {
            let offs_s = own.iter().map(|it| at_s - it);
            offs_s.min_by(|a, b| a.abs().total_cmp(&b.abs()))
        };
        let mut offs_s: Vec<f64> = beats_s(&self.exam)
            .into_iter()
            .filter_map(nearest)
            .collect();
        median(&mut offs_s).unwrap_or(0.0)
    }

    /// Looks at it as at the one at hand.
    pub(super) fn look(&mut self, privacy: Privacy, filters: &FilterSettings) {
        self.exam.set_privacy(privacy, filters);
    }

    /// What makes comparing it with `exam` doubtful.
    pub fn doubt(&self, exam: &Exam) -> Option<Doubt> {
        if self.misplacement().is_some() {
            return None;
        }
        if is_same(&self.exam.recording.leads, &exam.recording.leads) {
            return Some(Doubt::SameRecording);
        }
        let [one, other] = [exam, &self.exam].map(|it| &it.recording.patient);
        let differ = |a: Option<String>, b: Option<String>| a.is_some() && b.is_some() && a != b;
        let born = |it: &Patient| it.birth_date.map(|date| date.to_string());
        let is_other = differ(one.id.clone(), other.id.clone())
            || differ(one.name.clone(), other.name.clone())
            || differ(born(one), born(other));
        is_other.then_some(Doubt::OtherPatient)
    }

    /// Recorded leads that `exam` has no record of: what its synthesised leads can be held against.
    pub fn truth_for(&self, exam: &Exam) -> Vec<LeadName> {
        let own = self.exam.truth_leads().into_iter();
        own.filter(|name| exam.leads.get(name).is_none()).collect()
    }
}

/// Whether both hold the same samples under the same names; a gap is like a gap.
fn is_same(a: &LeadSet, b: &LeadSet) -> bool {
    let alike = |a: &Lead, b: &Lead| {
        let mut samples = a.samples_mv.iter().zip(&*b.samples_mv);
        samples.all(|(a, b)| a.to_bits() == b.to_bits())
    };
    let mut pairs = a.leads().iter().zip(b.leads());
    a.leads().len() == b.leads().len()
        && a.rate() == b.rate()
        && pairs.all(|(a, b)| a.name == b.name && alike(a, b))
        && a.n_samples() == b.n_samples()
}

/// What speaks of electrodes in the twelve leads, taken for recorded as the reader of that machine's
/// page would take them.
fn signs_of(leads: &LeadSet) -> Vec<Sign> {
    let twelve = leads.leads().iter().filter(|it| it.name.is_standard());
    let taken = twelve.map(|it| Lead::measured(it.name.clone(), it.samples_mv.clone()));
    let Ok(leads) = LeadSet::new(leads.rate(), taken.collect()) else {
        return Vec::new();
    };
    let is_of_electrodes = |sign: &Sign| {
        matches!(
            sign,
            Sign::Exchanged { .. }
                | Sign::ArmReversal { .. }
                | Sign::RightArmLeftLeg
                | Sign::FlatLimbLead { .. }
                | Sign::NegativePInV2 { .. }
                | Sign::SecondRInV1
                | Sign::Leads {
                    what: LeadTrouble::Flat,
                    ..
                }
        )
    };
    let mut signs = quality(&leads).signs();
    signs.retain(is_of_electrodes);
    signs
}

/// What can be compared in figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // The quantities are what they are called.
pub enum Figure {
    HeartRate,
    Pr,
    Qrs,
    Qt,
    QtcFridericia,
    QrsAxis,
    TAxis,
    Q,
    R,
    S,
    J,
    J60,
    T,
}

impl Figure {
    const OF_EXAM: [Self; 7] = [
        Self::HeartRate,
        Self::Pr,
        Self::Qrs,
        Self::Qt,
        Self::QtcFridericia,
        Self::QrsAxis,
        Self::TAxis,
    ];
    const OF_LEAD: [Self; 6] = [Self::Q, Self::R, Self::S, Self::J, Self::J60, Self::T];

    /// The figure, of that lead where it is one of a lead's.
    pub fn of(self, table: &Measurements, lead: Option<&LeadName>) -> Option<f64> {
        let place = |figures: &[Self]| figures.iter().position(|it| *it == self);
        if let Some(at) = place(&Self::OF_EXAM) {
            return of_exam(table)[at];
        }
        let lead = table.leads.iter().find(|it| Some(&it.lead) == lead)?;
        of_lead(lead)[place(&Self::OF_LEAD)?]
    }
}

fn of_exam(table: &Measurements) -> [Option<f64>; 7] {
    [
        table.heart_rate_bpm,
        table.pr_ms,
        table.qrs_ms,
        table.qt_ms,
        table.qtc_fridericia_ms,
        table.qrs_axis_deg,
        table.t_axis_deg,
    ]
}

fn of_lead(lead: &LeadMeasurements) -> [Option<f64>; 6] {
    [
        lead.q_uv,
        lead.r_uv,
        lead.s_uv,
        lead.st_j_uv,
        lead.st_j60_uv,
        lead.t_uv,
    ]
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
    both(&Figure::OF_EXAM, &of_exam(this), &of_exam(other))
}

/// Amplitudes of the leads that both have recorded, in the order of this one.
pub fn amplitudes(this: &Measurements, other: &Measurements) -> Vec<(LeadName, Vec<Figures>)> {
    let compared = |lead: &LeadMeasurements| {
        let same = other.leads.iter().find(|it| it.lead == lead.lead)?;
        Some((
            lead.lead.clone(),
            both(&Figure::OF_LEAD, &of_lead(lead), &of_lead(same)),
        ))
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
    use crate::signal::MedianBeat;

    /// The chest leads do not know which arm is which: held against each other at the same moment,
    /// they are the same.
    #[test]
    fn exchanged_arms_leave_the_median_chest_leads_where_they_were() {
        let heart = VirtualHeart {
            noise: 0.0,
            ..VirtualHeart::default()
        };
        let exam = simulate(&heart).unwrap();
        let arms = PlacementError::Arms;
        let other = OtherExam::simulated(&heart, arms).unwrap();
        let [this, that] = [&exam, &other.exam].map(|it| it.median.as_ref().unwrap());
        let later = (other.fiducial_later_s(&exam) * that.leads.rate().hz()).round() as isize;
        for name in LeadName::CHEST {
            let at =
                |of: &MedianBeat, k: isize| of.leads.get(&name).unwrap().samples_mv[k as usize];
            let off = |k: isize| {
                let from = [this.r_index as isize, that.r_index as isize - later];
                (at(this, from[0] + k) - at(that, from[1] + k)).abs()
            };
            let most = (-60..60).map(off).fold(0.0, f32::max);
            assert!(most < 0.01, "{name}: {most} mV, {later} samples later");
        }
        assert!(
            other.misplacement().unwrap().signs.len() == 1,
            "{:?}",
            other.from
        );
    }

    #[test]
    fn a_comparison_with_itself_or_another_person_is_doubted() {
        let exam = |name: Option<&str>, seed: u64| {
            let heart = VirtualHeart {
                person: Some(seed),
                ..VirtualHeart::default()
            };
            let mut exam = simulate(&heart).unwrap();
            let mut recording = (*exam.recording).clone();
            recording.patient.name = name.map(str::to_owned);
            exam.recording = recording.into();
            exam
        };
        let check = |this: Exam, other: Exam, expected: Option<Doubt>| {
            let from = Other::File {
                path: PathBuf::new(),
                read_as: ReadAs::default(),
            };
            let other = OtherExam { from, exam: other };
            assert_eq!(other.doubt(&this), expected);
        };
        let gapped = || {
            let mut exam = exam(Some("A"), 1);
            let mut recording = (*exam.recording).clone();
            let mut leads = recording.leads.leads().to_vec();
            leads[0].samples_mv = vec![f32::NAN; recording.leads.n_samples()].into();
            recording.leads = LeadSet::new(recording.leads.rate(), leads).unwrap();
            exam.recording = recording.into();
            exam
        };
        let same = Some(Doubt::SameRecording);
        check(gapped(), gapped(), same);
        check(gapped(), exam(Some("A"), 1), None);
        check(exam(Some("A"), 1), exam(Some("A"), 1), same);
        check(exam(Some("A"), 1), exam(Some("A"), 2), None);
        check(exam(Some("A"), 1), exam(None, 2), None);
        let person = Some(Doubt::OtherPatient);
        check(exam(Some("A"), 1), exam(Some("B"), 2), person);
    }

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
