//! Part of a file, read piece by piece as it is needed.

use std::{
    cell::{Cell, RefCell},
    ops::Range,
};

use super::{FormatError, Source, pieces::Pieces};
use crate::ecg::{LeadSet, Recording};

/// Leads that are made of a file's own, piece by piece.
pub struct MadeLeads<'a> {
    /// Seconds on either side that have a say in a sample.
    pub reach_s: f64,
    /// The leads from those of the file over the same samples; or why there are none.
    pub make: &'a dyn Fn(&LeadSet) -> Result<LeadSet, String>,
}

/// A stretch of a file that is read as it is needed.
pub(super) struct Stretch<'a> {
    source: &'a Source,
    samples: Range<u64>,
    per_piece: u64,
    made: Option<&'a MadeLeads<'a>>,
    /// Told, after each piece, the samples shown so far in all passes.
    progress: &'a dyn Fn(u64),
    shown: Cell<u64>,
    /// What reading had to say.
    pub warnings: RefCell<Vec<String>>,
    /// Microvolts per step that the file states.
    pub steps_uv: Vec<f64>,
}

/// Samples of one piece, over all leads.
const PIECE: u64 = 1 << 19;
/// Seconds of which a piece of made leads is a multiple: what makes them may have instants of its
/// own, which then lie alike in every piece.
const MADE_PIECE_S: f64 = 10.0;
/// Warnings that are kept.
const WARNINGS: usize = 1000;

impl<'a> Stretch<'a> {
    pub fn new(
        source: &'a Source,
        (start_s, seconds): (f64, f64),
        made: Option<&'a MadeLeads<'a>>,
        progress: &'a dyn Fn(u64),
    ) -> Result<Self, FormatError> {
        let first = source.window(start_s, 1.0)?;
        let mut per_piece = (PIECE / first.recording.leads.leads().len() as u64).max(1);
        if made.is_some() {
            let unit = (source.rate().samples_in(MADE_PIECE_S) as u64).max(1);
            per_piece = (per_piece / unit).max(1) * unit;
        }
        let leads = first.report.leads.iter();
        Ok(Self {
            source,
            samples: source.samples_of(start_s, seconds)?,
            per_piece,
            made,
            progress,
            shown: Cell::new(0),
            warnings: RefCell::new(Vec::new()),
            steps_uv: leads.filter_map(|it| it.step_uv).collect(),
        })
    }

    fn piece(&self, at: u64, len: u64) -> Result<Recording, FormatError> {
        let rate = self.source.rate();
        let reach_s = self.made.map_or(0.0, |it| it.reach_s.ceil());
        let from = at.saturating_sub(rate.samples_in(reach_s) as u64);
        let before_s = rate.seconds_at((at - from) as usize);
        let len_s = rate.seconds_at(len as usize);
        let opened = self
            .source
            .window(rate.seconds_at(from as usize), before_s + len_s + reach_s)?;
        self.keep_warnings(opened.report.warnings);
        let Some(made) = self.made else {
            return Ok(opened.recording);
        };
        let mut piece = opened.recording;
        let leads = (made.make)(&piece.leads).map(|leads| {
            let skip = (at - from) as usize;
            leads.slice(skip..skip + len as usize)
        });
        piece.leads = leads
            .and_then(|it| it.ok_or_else(|| "no sample".to_owned()))
            .map_err(|it| FormatError::new("writing", "the leads", it, "leads of one length"))?;
        piece.notes.retain_mut(|(onset, _)| {
            *onset = onset.map(|it| it - before_s);
            onset.is_none_or(|it| -1e-9 <= it && it <= len_s)
        });
        Ok(piece)
    }

    fn keep_warnings(&self, new: Vec<String>) {
        let mut all = self.warnings.borrow_mut();
        for it in new {
            if all.len() < WARNINGS && !all.contains(&it) {
                all.push(it);
            }
        }
    }
}

impl Pieces for Stretch<'_> {
    fn each(
        &self,
        see: &mut dyn FnMut(&Recording) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        let mut at = self.samples.start;
        while at < self.samples.end {
            let len = self.per_piece.min(self.samples.end - at);
            see(&self.piece(at, len)?)?;
            at += len;
            self.shown.set(self.shown.get() + len);
            (self.progress)(self.shown.get());
        }
        Ok(())
    }
}
