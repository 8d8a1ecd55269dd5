//! What a chart is to show, and which seconds of it fit.

use super::{Frame, Medium};
use crate::ecg::{LeadName, LeadSet, PaperSettings};

/// Width left of the traces for the calibration pulse, mm.
pub(super) const PULSE_ZONE_MM: f64 = 10.0;

/// The words of a chart, in the reader's language.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// At the start of every synthesised line.
    pub synthesised: &'a str,
    /// Where the recording lacks a lead.
    pub not_recorded: &'a str,
    /// Before the time at which a row goes on.
    pub from: &'a str,
    /// At a trace that leaves the chart; `None` where the foot of the page says it.
    pub cut: Option<&'a str>,
}

impl Terms<'_> {
    /// What pages say.
    pub const ENGLISH: Terms<'static> = Terms {
        synthesised: "synthesised",
        not_recorded: "not recorded",
        from: "from",
        cut: None,
    };
}

/// What becomes of recorded leads beyond the twelve beside the grid of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Others {
    /// The page names them; a layout with a row for each lead has them.
    #[default]
    Named,
    /// Each has a row: somebody chose them.
    Shown,
}

/// What a chart shows, and on what.
#[derive(Clone, Copy, Debug)]
pub struct ChartPlan<'a> {
    /// The leads, recorded and synthesised.
    pub leads: &'a LeadSet,
    /// Speed, gain, arrangement.
    pub settings: &'a PaperSettings,
    /// Recorded leads beyond the twelve.
    pub others: Others,
    /// What stands beside a lead's name, where it is not what the row would say by itself.
    pub notes: &'a [(LeadName, String)],
    /// The words.
    pub terms: Terms<'a>,
    /// Colours and sizes of words.
    pub medium: Medium,
    /// What is left free at the right of the first line above a synthesised trace, mm.
    pub aside_mm: f64,
    /// The ground that the grid covers.
    pub frame: Frame,
    /// Time at the left edge, seconds after the first sample.
    pub start_s: f64,
    /// Seconds to show at most.
    pub seconds: f64,
}

impl ChartPlan<'_> {
    /// Start and length of what there is to show, seconds.
    pub(super) fn whole_span(&self) -> (f64, f64) {
        let duration_s = self.leads.duration_s();
        let start_s = self.start_s.clamp(0.0, duration_s);
        (start_s, (duration_s - start_s).min(self.seconds).max(0.0))
    }

    /// The same chart for each stretch of time that a row holds, all equally long; a single lead
    /// goes on in further rows instead.
    pub(super) fn stretches(&self) -> Vec<Self> {
        let ((start_s, whole_s), (_, row_s)) = (self.whole_span(), self.row_span());
        let is_single = self.leads.leads().len() == 1;
        let n = match is_single || row_s <= 0.0 {
            true => 1.0,
            false => (whole_s / row_s - 1e-6).ceil().max(1.0),
        };
        let seconds = whole_s / n;
        let stretch = |part: usize| Self {
            start_s: start_s + part as f64 * seconds,
            seconds,
            ..*self
        };
        (0..n as usize).map(stretch).collect()
    }

    /// Start and length of what a row shows, seconds.
    pub(super) fn row_span(&self) -> (f64, f64) {
        let (start_s, whole_s) = self.whole_span();
        let room_mm = (self.frame.width_mm - PULSE_ZONE_MM).max(1.0);
        (start_s, whole_s.min(room_mm / self.settings.speed_mm_s))
    }
}
