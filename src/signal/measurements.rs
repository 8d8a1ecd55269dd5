//! The table of measurements of a recording: what an electrocardiograph prints. Every number has
//! its unit in its name, so that the table can be read by programs.

use serde::Serialize;

use super::{
    analysis::Analysis,
    delineation::Delineation,
    lead_measurements::LeadMeasurements,
    median::MedianBeat,
    qtc::{qtc_bazett_ms, qtc_framingham_ms, qtc_fridericia_ms, qtc_hodges_ms},
    rhythm::Rhythm,
    tangent::qt_tangent_ms,
};
use crate::ecg::{LeadName, statistics};

/// Version of the table: grows when a field changes its meaning or goes.
const SCHEMA: u32 = 1;

/// How the end of T is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TEnd {
    /// Where T's slope has fallen to a fifth of its steepest: as LUDB's readers mark it.
    #[default]
    Threshold,
    /// Where the tangent of its steepest descent meets the level before QRS.
    Tangent,
}

/// All that was measured. What could not be is `None`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measurements {
    /// Version of this table.
    pub schema: u32,
    /// QRS complexes found.
    pub beats: usize,
    /// Those of the dominant shape, on whose median the rest was measured.
    pub beats_used: usize,
    /// What the rhythm looks like.
    pub rhythm: Option<Rhythm>,
    /// Beats per minute, from the median interval.
    pub heart_rate_bpm: Option<f64>,
    /// Median interval between beats.
    pub rr_ms: Option<f64>,
    /// Shortest interval.
    pub rr_min_ms: Option<f64>,
    /// Longest interval.
    pub rr_max_ms: Option<f64>,
    /// Standard deviation of the intervals.
    pub rr_sd_ms: Option<f64>,
    /// Length of P.
    pub p_ms: Option<f64>,
    /// Onset of P to onset of QRS.
    pub pr_ms: Option<f64>,
    /// Length of QRS.
    pub qrs_ms: Option<f64>,
    /// Onset of QRS to end of T, by the threshold.
    pub qt_ms: Option<f64>,
    /// Onset of QRS to the end of T by the tangent.
    pub qt_tangent_ms: Option<f64>,
    /// Which of the two QTs is corrected.
    pub qtc_of: TEnd,
    /// QT corrected by Bazett.
    pub qtc_bazett_ms: Option<f64>,
    /// QT corrected by Fridericia.
    pub qtc_fridericia_ms: Option<f64>,
    /// QT corrected by the Framingham study.
    pub qtc_framingham_ms: Option<f64>,
    /// QT corrected by Hodges.
    pub qtc_hodges_ms: Option<f64>,
    /// Axis of P in the frontal plane: 0° to the patient's left, positive downward.
    pub p_axis_deg: Option<f64>,
    /// Axis of QRS.
    pub qrs_axis_deg: Option<f64>,
    /// Axis of T.
    pub t_axis_deg: Option<f64>,
    /// Sokolow and Lyon's sum: S in V1 and the larger R of V5 and V6.
    pub sokolow_lyon_uv: Option<f64>,
    /// Cornell's sum: R in aVL and S in V3.
    pub cornell_uv: Option<f64>,
    /// First of V1 to V6 whose R is at least as large as its S.
    pub transition: Option<LeadName>,
    /// Lead by lead.
    pub leads: Vec<LeadMeasurements>,
}

impl Measurements {
    /// Of what was found in a recording, QT by the threshold.
    pub fn of(found: &Analysis) -> Self {
        Self::by(found, TEnd::default())
    }

    /// The same, with the QT that `t_end` gives corrected for rate.
    pub fn by(found: &Analysis, t_end: TEnd) -> Self {
        let intervals = &found.intervals;
        let rr_ms: Vec<f64> = found.beats.rr_s().iter().map(|rr| 1000.0 * rr).collect();
        let median = found.median.as_ref();
        let shaped = median.zip(found.waves.as_ref());
        let qt_tangent_ms = shaped.and_then(|(beat, waves)| qt_tangent_ms(beat, waves));
        let qt_ms = match t_end {
            TEnd::Threshold => intervals.qt_ms,
            TEnd::Tangent => qt_tangent_ms,
        };
        let corrected = |formula: fn(f64, f64) -> f64| Some(formula(qt_ms?, intervals.rr_ms?));
        let axis = |wave: Axis| shaped.and_then(|(beat, waves)| wave.degrees(beat, waves));
        let mut table = Self {
            schema: SCHEMA,
            beats: found.beats.peaks().len(),
            beats_used: median.map_or(0, |beat| beat.used),
            rhythm: found.rhythm,
            heart_rate_bpm: intervals.heart_rate_bpm,
            rr_ms: intervals.rr_ms,
            rr_min_ms: rr_ms.iter().copied().reduce(f64::min),
            rr_max_ms: rr_ms.iter().copied().reduce(f64::max),
            rr_sd_ms: statistics::standard_deviation(&rr_ms),
            p_ms: intervals.p_ms,
            pr_ms: intervals.pr_ms,
            qrs_ms: intervals.qrs_ms,
            qt_ms: intervals.qt_ms,
            qt_tangent_ms,
            qtc_of: t_end,
            qtc_bazett_ms: corrected(qtc_bazett_ms),
            qtc_fridericia_ms: corrected(qtc_fridericia_ms),
            qtc_framingham_ms: corrected(qtc_framingham_ms),
            qtc_hodges_ms: corrected(qtc_hodges_ms),
            p_axis_deg: axis(Axis::P),
            qrs_axis_deg: axis(Axis::Qrs),
            t_axis_deg: axis(Axis::T),
            sokolow_lyon_uv: None,
            cornell_uv: None,
            transition: None,
            leads: shaped.map_or_else(Vec::new, |(beat, waves)| {
                LeadMeasurements::of_all(beat, waves)
            }),
        };
        table.sokolow_lyon_uv = table.sokolow_lyon();
        table.cornell_uv = table.cornell();
        table.transition = table.first_with_r_over_s();
        table
    }

    /// The row of a lead.
    pub fn lead(&self, name: &LeadName) -> Option<&LeadMeasurements> {
        self.leads.iter().find(|lead| lead.lead == *name)
    }

    /// Puts the error of its synthesis beside the values of each synthesised lead.
    pub fn with_errors(mut self, error_uv: impl Fn(&LeadName) -> Option<f64>) -> Self {
        for lead in self.leads.iter_mut().filter(|lead| lead.synthesised) {
            lead.error_uv = error_uv(&lead.lead);
        }
        self
    }

    fn sokolow_lyon(&self) -> Option<f64> {
        let r = |name| Some(self.lead(name)?.largest_r_uv());
        let r = r(&LeadName::V5).into_iter().chain(r(&LeadName::V6));
        Some(self.lead(&LeadName::V1)?.largest_s_uv() + r.reduce(f64::max)?)
    }

    fn cornell(&self) -> Option<f64> {
        Some(self.lead(&LeadName::AVL)?.largest_r_uv() + self.lead(&LeadName::V3)?.largest_s_uv())
    }

    fn first_with_r_over_s(&self) -> Option<LeadName> {
        let turned = |name: &&LeadName| {
            self.lead(name)
                .is_some_and(|lead| lead.largest_s_uv() <= lead.largest_r_uv())
        };
        LeadName::CHEST.iter().find(turned).cloned()
    }
}

/// Which wave's axis.
#[derive(Clone, Copy)]
enum Axis {
    P,
    Qrs,
    T,
}

impl Axis {
    /// Direction of the net area in the frontal plane, from I and II.
    fn degrees(self, beat: &MedianBeat, waves: &Delineation) -> Option<f64> {
        let range = match self {
            Self::P => waves.p?.range(),
            Self::Qrs => waves.qrs.range(),
            Self::T => waves.t?.range(),
        };
        let area = |name: &LeadName| {
            let samples = &beat.leads.get(name)?.samples_mv;
            let level = beat.level_before(samples, waves.qrs.onset)?;
            let part = samples.get(range.clone())?;
            Some(part.iter().map(|mv| f64::from(*mv) - level).sum::<f64>())
        };
        let (i, ii) = (area(&LeadName::I)?, area(&LeadName::II)?);
        let down = (2.0 * ii - i) / 3.0f64.sqrt();
        (0.0 < i.hypot(down)).then(|| down.atan2(i).to_degrees())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ecg::{Lead, LeadSet, Origin, SampleRate, ViewAngle},
        signal::{analyse, testing},
    };

    /// Leads whose beats are the test beat times a gain; V9 is synthesised.
    fn table() -> Measurements {
        let gains = [
            (LeadName::I, 0.5),
            (LeadName::II, 1.0),
            (LeadName::V1, -0.8),
            (LeadName::V3, 0.4),
            (LeadName::V5, 1.4),
        ];
        let samples = |gain: f64| testing::ecg(500.0, 10.0, gain, |_| 0.0);
        let synthesised = Lead {
            name: LeadName::parse("V9"),
            origin: Origin::Synthesised {
                view: ViewAngle::from_degrees(90.0, 150.0).unwrap(),
                by: "test".into(),
            },
            samples_mv: samples(0.3).into(),
        };
        let recorded = gains.map(|(name, gain)| Lead::measured(name, samples(gain)));
        let leads = recorded.into_iter().chain([synthesised]).collect();
        let rate = SampleRate::from_hz(500.0).unwrap();
        let leads = LeadSet::new(rate, leads).unwrap().with_derived_limb_leads();
        Measurements::of(&analyse(&leads)).with_errors(|_| Some(40.0))
    }

    fn check(found: Option<f64>, expected: f64, slack: f64) {
        assert!(
            found.is_some_and(|it| (it - expected).abs() <= slack),
            "{found:?}, expected {expected}"
        );
    }

    /// With II twice I the vector lies at 60°: I is cos 60°, II 1. The test beat's R is 1 mV, its S
    /// 0.2 mV less what R still adds there.
    #[test]
    fn axes_sums_and_transition() {
        let table = table();
        check(table.heart_rate_bpm, 75.0, 0.5);
        check(table.rr_sd_ms, 0.0, 1.0);
        check(table.qrs_axis_deg, 60.0, 1.0);
        check(table.t_axis_deg, 60.0, 1.0);
        check(table.p_axis_deg, 60.0, 1.0);
        check(table.sokolow_lyon_uv, 800.0 + 1400.0, 60.0);
        check(table.cornell_uv, 0.2 * 400.0 * 0.7, 60.0);
        assert_eq!(table.transition, Some(LeadName::V3));
        assert_eq!(table.schema, 1);
    }

    #[test]
    fn errors_stand_beside_synthesised_leads_alone() {
        let table = table();
        assert_eq!(
            table.lead(&LeadName::parse("V9")).unwrap().error_uv,
            Some(40.0)
        );
        assert_eq!(table.lead(&LeadName::V5).unwrap().error_uv, None);
    }

    /// A lead measured afterwards gets the row that it would have got at once.
    #[test]
    fn a_lead_measured_beside_is_measured_alike() {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let lead = |name: LeadName, gain: f64| {
            Lead::measured(name, testing::ecg(500.0, 10.0, gain, |_| 0.0))
        };
        let both = vec![lead(LeadName::II, 1.0), lead(LeadName::V1, -0.8)];
        let found = analyse(&LeadSet::new(rate, both.clone()).unwrap());
        let (beat, waves) = (
            found.median.as_ref().unwrap(),
            found.waves.as_ref().unwrap(),
        );
        let beside = LeadMeasurements::beside(beat, waves, &both[1], rate).unwrap();
        assert_eq!(Some(&beside), Measurements::of(&found).lead(&LeadName::V1));
    }

    #[test]
    fn silence_gives_an_empty_table() {
        let rate = SampleRate::from_hz(500.0).unwrap();
        let flat = Lead::measured(LeadName::II, vec![0.0; 5000]);
        let table = Measurements::of(&analyse(&LeadSet::new(rate, vec![flat]).unwrap()));
        assert_eq!((table.beats, table.leads.len(), table.qrs_ms), (0, 0, None));
    }
}
